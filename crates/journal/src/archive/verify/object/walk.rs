//! Walks through blocks in order: checks each against the rules, and adds it to the result.

use super::ObjectCheck;
use crate::archive::finding::Break;
use crate::archive::verify::rules::{self, BlockFacts};
use crate::archive::verify::{CheckedObject, Ends, Span};
use crate::merkle::Leaves;
use crate::{Frontier, Judged};

/// The state between two blocks.
pub(super) struct Walk<'a> {
    pub(super) check: ObjectCheck<'a>,
    pub(super) checked: CheckedObject,
    first: Option<BlockFacts>,
    pub(super) last: Option<BlockFacts>,
    /// The hashes of blocks that are not yet in the tree.
    leaves: Leaves,
}

impl<'a> Walk<'a> {
    pub(super) fn of(check: ObjectCheck<'a>) -> Self {
        let checked = CheckedObject { outlined_from: check.overlap.new_from, ..CheckedObject::default() };
        Self { check, checked, first: None, last: None, leaves: Leaves::default() }
    }

    fn key(&self) -> &'a str {
        &self.check.object.file.found.key
    }

    pub(super) fn note(&mut self, found: impl IntoIterator<Item = Break>) {
        found.into_iter().for_each(|one| self.checked.breaks.push(one));
    }

    /// Takes the next block.
    pub(super) fn take(&mut self, block: Judged<'_>) {
        let facts = BlockFacts {
            number: block.sequence_no,
            hash: block.links.block_hash,
            previous: block.links.previous_block_hash,
            time: block.timestamp,
        };
        self.count(&block);
        self.note(rules::strand(self.check.object, facts.number, block.strand_id));
        self.note(rules::range(self.check.object, &self.check.listers.exports, facts));
        match self.last {
            Some(last) => self.judge_order(last, facts),
            None => self.first = Some(facts),
        }
        let (key, levels) = (self.key(), self.check.levels);
        let asked = block.faults.into_iter().filter(|fault| levels.has(fault.level.into()));
        self.note(asked.map(|fault| Break::of_block(key, facts.number, fault)));
        self.add_to_span(facts);
        self.last = Some(facts);
    }

    fn count(&mut self, block: &Judged<'_>) {
        self.checked.blocks += 1;
        let seen = self.checked.seen.get_or_insert_default();
        let mut counts = block.counts;
        if block.sequence_no >= self.check.overlap.new_from {
            seen.outline.add_judged(block);
            block.add_to_notable(&mut seen.notable);
        } else {
            // Otherwise a redaction that is read once would be compared with two readings of what was redacted.
            (counts.redacted_once, counts.redactions) = (0, 0);
        }
        seen.counts += counts;
    }

    /// A block must follow the one before it, by number, hash and time.
    fn judge_order(&mut self, last: BlockFacts, block: BlockFacts) {
        let key = self.key();
        let link = || rules::previous_hash(key, block.number, last.hash, block.previous);
        self.note(rules::number(key, last.number, block.number).or_else(link));
        self.note(rules::time(key, block.number, last.time, block.time));
    }

    /// Ends the walk, so that it can be joined.
    pub(super) fn end(&mut self) {
        if let Some(span) = &mut self.checked.span {
            self.leaves.add_to(&mut span.frontier);
        }
    }

    /// Appends the result of the next walk.
    pub(super) fn join(&mut self, next: Self) {
        if let Some(first) = next.first {
            if let Some(last) = self.last {
                self.judge_order(last, first);
            } else {
                self.note(rules::beginning(self.check.object, first));
                self.first = Some(first);
            }
        }
        self.last = next.last.or(self.last);
        let (mine, theirs) = (&mut self.checked, next.checked);
        mine.json |= theirs.json;
        mine.blocks += theirs.blocks;
        match (&mut mine.seen, theirs.seen) {
            (Some(seen), Some(next)) => seen.merge(*next),
            (seen @ None, next) => *seen = next,
            (Some(_), None) => {}
        }
        mine.breaks.append(theirs.breaks);
        mine.hashes.extend(theirs.hashes);
        match (&mut mine.span, theirs.span) {
            (Some(span), Some(next)) => span.extend(next),
            (span @ None, next) => *span = next,
            (Some(_), None) => {}
        }
    }

    fn add_to_span(&mut self, block: BlockFacts) {
        if self.check.keeps_hashes {
            self.checked.hashes.push(block.hash);
        }
        let span = self.checked.span.get_or_insert_with(|| Span {
            ends: Ends {
                first: block.number,
                last: block.number,
                first_previous: block.previous,
                last_hash: block.hash,
            },
            first_time: block.time,
            last_time: block.time,
            frontier: Frontier::new(self.check.has_log),
            to_tips: Vec::new(),
        });
        self.leaves.push(block.number, block.hash, &mut span.frontier);
        (span.ends.last, span.ends.last_hash, span.last_time) = (block.number, block.hash, block.time);
        if self.check.tips.contains(&block.number) {
            self.leaves.add_to(&mut span.frontier);
            span.to_tips.push((block.number, span.frontier.clone()));
        }
    }
}
