//! Joins the spans of many objects, and many exports, into journals.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use super::object::Overlap;
use super::work::Work;
use super::{Break, Breaks, Level, Span, rules};
use crate::archive::find::DataObject;
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
pub(super) fn overlaps(work: &Work<'_>) -> Overlaps {
    let name = |index: usize| &work.object(index).name;
    let mut overlaps = Overlaps(HashMap::new());
    let mut furthest: Option<usize> = None;
    for index in journal_order(work) {
        let earlier = furthest.filter(|earlier| name(*earlier).strand_id == name(index).strand_id);
        let end = earlier.map(|earlier| name(earlier).last);
        overlaps.set_new_from(index, work.object(index), end.map_or(0, |end| end.saturating_add(1)));
        if let Some(earlier) = earlier.filter(|earlier| name(index).first <= name(*earlier).last) {
            [earlier, index].into_iter().for_each(|one| overlaps.share(one, work.object(one)));
        }
        if end.is_none_or(|end| name(index).last > end) {
            furthest = Some(index);
        }
    }
    overlaps
}

/// The positions of objects among those of their strand, if they do not simply follow one another.
pub(super) struct Overlaps(HashMap<usize, Overlap>);

impl Overlaps {
    /// The position of an object.
    pub(super) fn of(&self, index: usize, object: &DataObject) -> Overlap {
        self.0.get(&index).copied().unwrap_or_else(|| Overlap::none(object))
    }

    fn set_new_from(&mut self, index: usize, object: &DataObject, new_from: u64) {
        if new_from != object.name.first {
            self.entry(index, object).new_from = new_from;
        }
    }

    fn share(&mut self, index: usize, object: &DataObject) {
        self.entry(index, object).is_shared = true;
    }

    fn entry(&mut self, index: usize, object: &DataObject) -> &mut Overlap {
        match self.0.entry(index) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(Overlap::none(object)),
        }
    }
}

/// The numbers of `work` in the order of the journals, strand by strand.
pub(super) fn journal_order(work: &Work<'_>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..work.len()).collect();
    order.sort_by_key(|index| {
        let name = &work.object(*index).name;
        (&name.strand_id, name.first, std::cmp::Reverse(name.last))
    });
    order
}

/// What is joined: an object, or several consecutive ones.
pub(super) struct Link<'a> {
    /// The number of the object; the first if there are several.
    pub(super) number: usize,
    /// Its key.
    pub(super) key: &'a str,
    pub(super) strand_id: &'a str,
    pub(super) span: &'a Span,
    /// The number of blocks.
    pub(super) blocks: u64,
    /// The hash of every block, if others have some of the same blocks.
    pub(super) hashes: &'a [Hash],
}

/// The mismatches where a run of blocks follows another by number: its link to the last block, and its time.
pub(super) fn seam(key: &str, (last_hash, last_time): (Hash, DateTime<Utc>), next: &Span) -> [Option<Break>; 2] {
    let ends = &next.ends;
    [
        rules::previous_hash(key, ends.first, last_hash, ends.first_previous),
        rules::time(key, ends.first, last_time, next.first_time),
    ]
}

/// Joins the examined objects, strand by strand. Mismatches are noted in `breaks`.
pub(super) fn join(mut links: Vec<Link<'_>>, sought: Sought<'_>, breaks: &mut Breaks) -> Vec<JournalSpan> {
    let in_order = |link: &Link<'_>| (link.span.ends.first, std::cmp::Reverse(link.span.ends.last), link.number);
    links.sort_unstable_by_key(in_order);
    let mut strands: BTreeMap<&str, Vec<Link<'_>>> = BTreeMap::new();
    links.into_iter().for_each(|link| strands.entry(link.strand_id).or_default().push(link));
    let joiner = || Joiner { sought, journal: None, frontier: None, hashes: Vec::new() };
    strands.into_values().filter_map(|links| joiner().join(&links, breaks)).collect()
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
    fn join(mut self, links: &[Link<'a>], breaks: &mut Breaks) -> Option<JournalSpan> {
        for link in links {
            let last = self.journal.as_ref().map(|journal| journal.last);
            self.take(link, breaks);
            self.keep_hashes(last, link);
        }
        let mut journal = self.journal?;
        journal.digest_at_tip = self.sought.digest_tip.and_then(|tip| Some(journal.roots_at(tip)?.digest));
        // Parts have it even if it was not requested.
        journal.log_root = self.frontier.as_ref().filter(|_| self.sought.has_log).and_then(Frontier::log_root);
        journal.digest = self.frontier.and_then(|frontier| frontier.root());
        Some(journal)
    }

    /// Keeps the hashes of the blocks that an object added.
    fn keep_hashes(&mut self, last: Option<u64>, link: &Link<'a>) {
        let first = link.span.ends.first;
        let new_from = last.map_or(first, |last| last.saturating_add(1).max(first));
        let known = usize::try_from(new_from.saturating_sub(first)).unwrap_or(usize::MAX);
        let hashes = link.hashes.get(known..).filter(|hashes| !hashes.is_empty());
        self.hashes.extend(hashes.map(|hashes| (new_from, hashes)));
    }

    /// The hash of an added block, if it is kept.
    fn hash_of(&self, number: u64) -> Option<Hash> {
        let behind = self.hashes.partition_point(|(first, _)| *first <= number);
        let (first, hashes) = self.hashes.get(behind.checked_sub(1)?)?;
        hashes.get(usize::try_from(number.checked_sub(*first)?).ok()?).copied()
    }

    fn take(&mut self, link: &Link<'a>, breaks: &mut Breaks) {
        let (key, ends) = (link.key, &link.span.ends);
        let Some(journal) = self.journal.as_mut() else {
            breaks.extend(rules::first_previous_hash(key, ends.first, ends.first_previous));
            self.journal = Some(begin(link));
            self.frontier = Some(Frontier::new(self.sought.has_log));
            return self.extend(link);
        };
        match journal.last.checked_add(1) {
            Some(next) if ends.first == next => {
                let found = seam(key, (journal.tip_hash, journal.last_time), link.span);
                if let [Some(_), _] = found {
                    self.frontier = None;
                }
                breaks.extend(found.into_iter().flatten());
                self.extend(link);
            }
            Some(next) if ends.first > next => {
                let gap = Break::missing(Level::Chain, key, "blocks are missing before this object", "sequenceNo");
                breaks.push(gap.at(ends.first).between(format!("block {next}"), format!("block {}", ends.first)));
                self.frontier = None;
                self.extend(link);
            }
            _ => self.overlap(link, breaks),
        }
    }

    fn extend(&mut self, link: &Link<'_>) {
        let (span, ends) = (link.span, &link.span.ends);
        let Some(journal) = self.journal.as_mut() else { return };
        for (tip, part) in &span.to_tips {
            let to_tip = self.frontier.clone().and_then(|before| before.join(part));
            journal.roots.extend(to_tip.and_then(|frontier| RootsAt::of(*tip, &frontier)));
        }
        self.frontier = self.frontier.take().and_then(|frontier| frontier.join(&span.frontier));
        let numbers = ends.last.saturating_sub(ends.first).saturating_add(1);
        journal.blocks = journal.blocks.saturating_add(present(link, numbers));
        (journal.last, journal.tip_hash, journal.last_time) = (ends.last, ends.last_hash, span.last_time);
    }

    /// An object with blocks that others have too: they must be the same.
    fn overlap(&mut self, link: &Link<'_>, breaks: &mut Breaks) {
        let Some(journal) = &self.journal else { return };
        let (first, last) = (link.span.ends.first, journal.last.min(link.span.ends.last));
        let mut compared = 0;
        for (number, hash) in (first..).zip(link.hashes) {
            let Some(other) = self.hash_of(number) else { continue };
            if let Some(differing) = rules::same_block(link.key, number, other, *hash) {
                breaks.push(differing);
                self.frontier = None;
                return self.extend_beyond(link);
            }
            compared += u64::from(number <= last);
        }
        if last.checked_sub(first).is_none_or(|more| compared <= more) {
            self.doubt(first);
        }
        self.extend_beyond(link);
    }

    /// An object has blocks from this one on that could not be compared with those of others, because its name, or that
    /// of another, says that it has none of them: nothing about the tree over them is proved.
    fn doubt(&mut self, first: u64) {
        self.frontier = None;
        if let Some(journal) = &mut self.journal {
            journal.roots.retain(|roots| roots.tip < first);
        }
    }

    /// Adds the part of an overlapping object that is new.
    fn extend_beyond(&mut self, link: &Link<'_>) {
        let (span, ends) = (link.span, &link.span.ends);
        let Some(journal) = self.journal.as_mut().filter(|journal| journal.last < ends.last) else { return };
        for (number, hash) in (ends.first..).zip(link.hashes).filter(|(number, _)| *number > journal.last) {
            if let Some(frontier) = &mut self.frontier {
                frontier.push(number, *hash);
                if self.sought.tips.contains(&number) {
                    journal.roots.extend(RootsAt::of(number, frontier));
                }
            }
        }
        journal.blocks = journal.blocks.saturating_add(present(link, ends.last - journal.last));
        (journal.last, journal.tip_hash, journal.last_time) = (ends.last, ends.last_hash, span.last_time);
    }
}

/// How many of a range of numbers have a block: all of them, unless blocks were removed from an object.
fn present(link: &Link<'_>, numbers: u64) -> u64 {
    numbers.min(link.blocks)
}

fn begin(link: &Link<'_>) -> JournalSpan {
    let (span, ends) = (link.span, &link.span.ends);
    JournalSpan {
        strand_id: link.strand_id.to_owned(),
        first: ends.first,
        last: ends.first,
        blocks: 0,
        first_previous: ends.first_previous,
        tip_hash: ends.last_hash,
        first_time: span.first_time,
        last_time: span.last_time,
        digest: None,
        digest_at_tip: None,
        log_root: None,
        roots: Vec::new(),
    }
}
