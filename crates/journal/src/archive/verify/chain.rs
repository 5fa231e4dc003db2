//! Joins the spans of many objects, and many exports, into journals.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::object::Overlap;
use super::{Break, Examined, Level, Span, Work, rules};
use crate::{Frontier, Hash};

/// The blocks of one strand in an archive.
#[derive(Debug, Clone)]
pub struct JournalSpan {
    /// The strand.
    pub strand_id: String,
    /// The first block.
    pub first: u64,
    /// The last block.
    pub last: u64,
    /// The number of different blocks.
    pub blocks: u64,
    /// The hash of the previous block, as stated in the first one.
    pub first_previous: Option<Hash>,
    /// The last block's hash.
    pub tip_hash: Hash,
    /// When the first block was committed.
    pub first_time: DateTime<Utc>,
    /// When the last block was committed.
    pub last_time: DateTime<Utc>,
    /// The digest of the whole journal, if it begins at block 0 and has no gap.
    pub digest: Option<Hash>,
    /// The digest at the requested tip, if the journal begins at block 0 and has no gap.
    pub digest_at_tip: Option<Hash>,
    /// The root of RFC 6962's tree over the hashes of the blocks, under the same conditions and if it was requested.
    #[doc(hidden)]
    pub log_root: Option<Hash>,
    /// The journal's hashes up to each block for which something was saved elsewhere.
    #[doc(hidden)]
    pub roots: Vec<RootsAt>,
}

/// The hashes of a journal, from block 0 up to some block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RootsAt {
    /// The last block.
    pub tip: u64,
    /// The journal's own digest.
    pub digest: Hash,
    /// The root of RFC 6962's tree, if it was asked for.
    pub log_root: Option<Hash>,
}

impl RootsAt {
    /// `None` if the blocks are not consecutive from 0.
    fn of(tip: u64, frontier: &Frontier) -> Option<Self> {
        Some(Self { tip, digest: frontier.root()?, log_root: frontier.log_root() })
    }
}

impl JournalSpan {
    /// Its hashes up to a block.
    pub(super) fn roots_at(&self, tip: u64) -> Option<&RootsAt> {
        self.roots.iter().find(|roots| roots.tip == tip)
    }
}

/// What is computed for the journals that are joined.
#[derive(Clone, Copy)]
pub(super) struct Sought<'a> {
    /// The blocks for which something was saved elsewhere.
    pub(super) tips: &'a [u64],
    /// The tip of the digest among them.
    pub(super) digest_tip: Option<u64>,
    /// Whether the tree of RFC 6962 is folded as well.
    pub(super) has_log: bool,
}

/// The position of each object among those of its strand, by the numbers in their names: which have some of the same
/// blocks, and which blocks are new in each, so that every block is new in exactly one object.
#[allow(clippy::indexing_slicing, reason = "the numbers of `work` itself")]
pub(super) fn overlaps(work: &[Work<'_>]) -> Vec<Overlap> {
    let name = |index: usize| &work[index].object.name;
    let order = journal_order(work);
    let mut overlaps = vec![Overlap { is_shared: false, new_from: 0 }; work.len()];
    let mut furthest: Option<usize> = None;
    for index in order {
        if let Some(earlier) = furthest.filter(|earlier| name(*earlier).strand_id == name(index).strand_id) {
            let end = name(earlier).last;
            overlaps[index].new_from = end.saturating_add(1);
            if name(index).first <= end {
                overlaps[index].is_shared = true;
                overlaps[earlier].is_shared = true;
            }
            if name(index).last <= end {
                continue;
            }
        }
        furthest = Some(index);
    }
    overlaps
}

/// The numbers of `work` in the order of the journals, strand by strand.
#[allow(clippy::indexing_slicing, reason = "the numbers of `work` itself")]
pub(super) fn journal_order(work: &[Work<'_>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..work.len()).collect();
    order.sort_by_key(|index| {
        let name = &work[*index].object.name;
        (&name.strand_id, name.first, std::cmp::Reverse(name.last))
    });
    order
}

/// Joins the examined objects, strand by strand. Mismatches are noted in `breaks`.
pub(super) fn join(examined: &[Examined], sought: Sought<'_>, breaks: &mut Vec<Break>) -> Vec<JournalSpan> {
    let mut strands: BTreeMap<&str, Vec<(&Examined, &Span)>> = BTreeMap::new();
    for one in examined {
        if let Some(span) = &one.checked.span {
            strands.entry(&one.object.name.strand_id).or_default().push((one, span));
        }
    }
    let joiner = || Joiner { sought, journal: None, frontier: None, hashes: Vec::new() };
    strands.into_iter().filter_map(|(strand_id, spans)| joiner().join(strand_id, spans, breaks)).collect()
}

/// The state between two objects of a strand.
struct Joiner<'a> {
    sought: Sought<'a>,
    journal: Option<JournalSpan>,
    frontier: Option<Frontier>,
    /// Hashes of blocks that are in several objects, each from the object that added it: first number, hashes, in order.
    hashes: Vec<(u64, &'a [Hash])>,
}

impl<'a> Joiner<'a> {
    fn join(
        mut self,
        strand_id: &str,
        mut spans: Vec<(&'a Examined, &'a Span)>,
        breaks: &mut Vec<Break>,
    ) -> Option<JournalSpan> {
        spans.sort_by_key(|(_, span)| (span.first, std::cmp::Reverse(span.last)));
        for (examined, span) in spans {
            let last = self.journal.as_ref().map(|journal| journal.last);
            self.take(strand_id, examined, span, breaks);
            self.keep_hashes(last, examined, span);
        }
        let mut journal = self.journal?;
        journal.digest_at_tip = self.sought.digest_tip.and_then(|tip| Some(journal.roots_at(tip)?.digest));
        // Parts have it even if it was not requested.
        journal.log_root = self.frontier.as_ref().filter(|_| self.sought.has_log).and_then(Frontier::log_root);
        journal.digest = self.frontier.and_then(|frontier| frontier.root());
        Some(journal)
    }

    /// Keeps the hashes of the blocks that an object added.
    fn keep_hashes(&mut self, last: Option<u64>, examined: &'a Examined, span: &Span) {
        let new_from = last.map_or(span.first, |last| last.saturating_add(1).max(span.first));
        let known = usize::try_from(new_from.saturating_sub(span.first)).unwrap_or(usize::MAX);
        let hashes = examined.checked.hashes.get(known..).filter(|hashes| !hashes.is_empty());
        self.hashes.extend(hashes.map(|hashes| (new_from, hashes)));
    }

    /// The hash of an added block, if it is kept.
    fn hash_of(&self, number: u64) -> Option<Hash> {
        let behind = self.hashes.partition_point(|(first, _)| *first <= number);
        let (first, hashes) = self.hashes.get(behind.checked_sub(1)?)?;
        hashes.get(usize::try_from(number.checked_sub(*first)?).ok()?).copied()
    }

    fn take(&mut self, strand_id: &str, examined: &Examined, span: &Span, breaks: &mut Vec<Break>) {
        let key = &examined.object.file.found.key;
        let Some(journal) = self.journal.as_mut() else {
            breaks.extend(rules::first_previous_hash(key, span.first, span.first_previous));
            self.journal = Some(begin(strand_id, span));
            self.frontier = Some(Frontier::new(self.sought.has_log));
            return self.extend(examined, span);
        };
        match journal.last.checked_add(1) {
            Some(next) if span.first == next => {
                let broken = rules::previous_hash(key, span.first, journal.tip_hash, span.first_previous);
                if broken.is_some() {
                    self.frontier = None;
                }
                breaks.extend(broken);
                breaks.extend(rules::time(key, span.first, journal.last_time, span.first_time));
                self.extend(examined, span);
            }
            Some(next) if span.first > next => {
                let gap = Break::missing(Level::Chain, key, "blocks are missing before this object", "sequenceNo");
                breaks.push(gap.at(span.first).between(format!("block {next}"), format!("block {}", span.first)));
                self.frontier = None;
                self.extend(examined, span);
            }
            _ => self.overlap(examined, span, breaks),
        }
    }

    fn extend(&mut self, examined: &Examined, span: &Span) {
        let Some(journal) = self.journal.as_mut() else { return };
        for (tip, part) in &span.to_tips {
            let to_tip = self.frontier.clone().and_then(|before| before.join(part));
            journal.roots.extend(to_tip.and_then(|frontier| RootsAt::of(*tip, &frontier)));
        }
        self.frontier = self.frontier.take().and_then(|frontier| frontier.join(&span.frontier));
        let numbers = span.last.saturating_sub(span.first).saturating_add(1);
        journal.blocks = journal.blocks.saturating_add(present(examined, numbers));
        (journal.last, journal.tip_hash, journal.last_time) = (span.last, span.last_hash, span.last_time);
    }

    /// An object with blocks that others have too: they must be the same.
    fn overlap(&mut self, examined: &Examined, span: &Span, breaks: &mut Vec<Break>) {
        for (number, hash) in (span.first..).zip(&examined.checked.hashes) {
            let other = self.hash_of(number);
            let key = &examined.object.file.found.key;
            if let Some(differing) = other.and_then(|other| rules::same_block(key, number, other, *hash)) {
                breaks.push(differing);
                self.frontier = None;
                break;
            }
        }
        self.extend_beyond(examined, span);
    }

    /// Adds the part of an overlapping object that is new.
    fn extend_beyond(&mut self, examined: &Examined, span: &Span) {
        let Some(journal) = self.journal.as_mut().filter(|journal| journal.last < span.last) else { return };
        for (number, hash) in (span.first..).zip(&examined.checked.hashes).filter(|(number, _)| *number > journal.last)
        {
            if let Some(frontier) = &mut self.frontier {
                frontier.push(number, *hash);
                if self.sought.tips.contains(&number) {
                    journal.roots.extend(RootsAt::of(number, frontier));
                }
            }
        }
        journal.blocks = journal.blocks.saturating_add(present(examined, span.last - journal.last));
        (journal.last, journal.tip_hash, journal.last_time) = (span.last, span.last_hash, span.last_time);
    }
}

/// How many of a range of numbers have a block in an object: all of them, unless blocks were removed from it.
fn present(examined: &Examined, numbers: u64) -> u64 {
    numbers.min(examined.checked.blocks)
}

fn begin(strand_id: &str, span: &Span) -> JournalSpan {
    JournalSpan {
        strand_id: strand_id.to_owned(),
        first: span.first,
        last: span.first,
        blocks: 0,
        first_previous: span.first_previous,
        tip_hash: span.last_hash,
        first_time: span.first_time,
        last_time: span.last_time,
        digest: None,
        digest_at_tip: None,
        log_root: None,
        roots: Vec::new(),
    }
}
