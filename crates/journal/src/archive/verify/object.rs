//! Checks one data object, block by block, in one pass over its bytes. Pieces
//! of a large one are checked side by side, and joined in their order.

use std::io::{self, Read};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, Utc};

use super::finding::Breaks;
use super::take::{CheckedBlocks, TakeError, Taken, Turn};
use super::{BlockTaker, Break, Keeper, Level, Levels, VerifyError};
use crate::archive::find::{DataObject, FoundExport, NO_BLOCK};
use crate::archive::foreign::{TELLING, what_it_is};
use crate::archive::manifest_reader::Started;
use crate::archive::source::{Source, SourceError};
use crate::{
    Checker, Counts, Depth, Encoding, Frontier, Hash, Helpers, JournalError, Judged, Outline, Piece, PieceEnd, Pieces,
    shown,
};

/// What a run of blocks leaves to be joined with its neighbours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The first block's number.
    pub first: u64,
    /// The last block's number.
    pub last: u64,
    /// The hash that the first block names as that of the one before it.
    pub first_previous: Option<Hash>,
    /// The last block's hash.
    pub last_hash: Hash,
    /// When the first block was committed.
    pub first_time: DateTime<Utc>,
    /// When the last block was committed.
    pub last_time: DateTime<Utc>,
    /// The tree over the blocks' hashes.
    pub frontier: Frontier,
    /// The tree up to the tip of the digest, where the tip lies here.
    pub to_tip: Option<Frontier>,
}

/// What checking one object found.
#[derive(Debug, Clone, Default)]
pub struct CheckedObject {
    /// The blocks, if there are any and their numbers run on.
    pub span: Option<Span>,
    /// How many blocks there are.
    pub blocks: u64,
    /// What their contents prove.
    pub counts: Counts,
    /// Blocks over time and revisions by table, of the blocks from [`CheckedObject::outlined_from`] on.
    pub outline: Outline,
    /// The first block that the outline may hold: those before it are outlined with another object, which holds them
    /// too.
    pub outlined_from: u64,
    /// Whether the object is JSON.
    pub json: bool,
    /// What is wrong.
    pub breaks: Breaks,
    /// The SHA-256 of the object's bytes, where it was asked for.
    pub sha256: Option<String>,
    /// The hash of every block, where other exports hold some of the same blocks.
    pub hashes: Vec<Hash>,
}

/// What is asked of an object's check.
#[derive(Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) exports: &'a [&'a FoundExport],
    pub(super) object: &'a DataObject,
    pub(super) levels: Levels,
    pub(super) tip: Option<u64>,
    pub(super) digest_bytes: bool,
    pub(super) place: Place,
    /// Whether somebody asks for the hash of every block.
    pub(super) keeps_hashes: bool,
    pub(super) checkers: &'a Checkers,
    /// Who takes the blocks.
    pub(super) taker: Option<&'a dyn BlockTaker>,
}

/// What happens beside an object's check.
pub(super) struct Beside<'b, 'a> {
    pub(super) keeper: Option<&'b dyn Keeper>,
    /// When it is the object's turn to put its blocks where the taker wants them.
    pub(super) turn: Option<Turn<'b, 'a>>,
    /// Is told how many bytes were read.
    pub(super) progress: &'b (dyn Fn(u64) + Sync),
    pub(super) stop: &'b AtomicBool,
}

/// How an object lies among the others of its strand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Whether others hold some of the same blocks.
    pub(super) overlaps: bool,
    /// The first block that no object before this one holds.
    pub(super) new_from: u64,
}

/// Checkers that are used again, for the memory that they have.
#[derive(Debug)]
pub(super) struct Checkers {
    depth: Depth,
    spare: Mutex<Vec<Checker>>,
}

impl Checkers {
    pub(super) fn new(levels: Levels) -> Self {
        let depth = if levels.reads_content() { Depth::Contents } else { Depth::Heads };
        Self { depth, spare: Mutex::default() }
    }

    fn with<T>(&self, use_it: impl FnOnce(&mut Checker) -> T) -> T {
        let spare = || self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let mut checker = spare().pop().unwrap_or_else(|| Checker::new(self.depth));
        let result = use_it(&mut checker);
        spare().push(checker);
        result
    }
}

impl<'a> Task<'a> {
    /// Reads the object and checks it.
    pub(super) fn run<'env>(
        mut self,
        source: &dyn Source,
        beside: Beside<'_, 'a>,
        helpers: &Helpers<'env>,
    ) -> Result<CheckedObject, VerifyError>
    where
        'a: 'env,
    {
        let key = &self.object.file.found.key;
        let failed = |cause: io::Error| SourceError { name: format!("{}/{key}", source.name()), cause };
        let (opened, kept) = match beside.keeper {
            Some(keeper) => keeper.open(source, self.object)?,
            None => (source.open(key)?, None),
        };
        self.keeps_hashes |= kept.is_some();
        let mut input = Input::new(opened, self.digest_bytes, beside.progress);
        let mut joined = Joined::of(self, &beside);
        let work = move |piece: Result<Piece, JournalError>| piece.map(|piece| self.check(piece));
        helpers.each_in_order(Pieces::new(&mut input), work, |checked| joined.take(checked));
        if let Some(not_taken) = joined.not_taken.take() {
            return Err(not_taken);
        }
        if let Some(mut error) = joined.failure.take() {
            if let Some(other) =
                what_it_is(&input.beginning).filter(|_| joined.walk.last.is_none() && error.io.is_none())
            {
                other.clone_into(&mut error.reason);
            }
            joined.walk.unreadable(error).map_err(failed)?;
        } else {
            joined.walk.end();
        }
        io::copy(&mut input, &mut io::sink()).map_err(failed)?;
        joined.walk.judge_size(input.read);
        let encoding = joined.encoding();
        let Joined { walk, .. } = joined;
        beside.turn.map_or(Ok(()), Turn::end)?;
        let mut checked = CheckedObject { sha256: input.finish(), ..walk.checked };
        if let Some(kept) = kept {
            kept.end(&checked, encoding).map_err(|cause| VerifyError::Keep { key: key.clone(), cause })?;
        }
        if !self.place.overlaps {
            checked.hashes = Vec::new();
        }
        Ok(checked)
    }

    /// Checks the blocks of a piece, as far as they can be read.
    fn check(self, piece: Piece) -> CheckedPiece<'a> {
        let mut walk = Walk::of(self);
        let is_json = self.object.name.encoding == Encoding::Json;
        walk.checked.json = is_json && !piece.is_binary && !piece.bytes.is_empty();
        let end = self.checkers.with(|checker| piece.read(checker, is_json, &mut |block| walk.take(block)));
        let blocks = || CheckedBlocks::of(&piece, &end, is_json, self.place.new_from);
        let taken = self.taker.map(|taker| taker.read(blocks()));
        CheckedPiece { piece, end, walk, taken }
    }
}

/// A piece with what was found in it.
struct CheckedPiece<'a> {
    piece: Piece,
    end: PieceEnd,
    walk: Walk<'a>,
    taken: Option<Result<Taken<'a>, TakeError>>,
}

/// What was joined of an object's pieces so far.
struct Joined<'b, 'a> {
    walk: Walk<'a>,
    beside: &'b Beside<'b, 'a>,
    /// The last piece and how far it was read, for the next one to follow.
    last: Option<(Piece, PieceEnd)>,
    /// What waits to be read together with more.
    rest: Option<Piece>,
    failure: Option<JournalError>,
    /// Why its blocks could not be taken.
    not_taken: Option<VerifyError>,
}

impl<'b, 'a> Joined<'b, 'a> {
    fn of(task: Task<'a>, beside: &'b Beside<'b, 'a>) -> Self {
        Self { walk: Walk::of(task), beside, last: None, rest: None, failure: None, not_taken: None }
    }

    /// How the blocks are written.
    fn encoding(&self) -> Encoding {
        match &self.last {
            Some((piece, _)) if piece.is_binary => Encoding::IonBinary,
            _ if self.walk.checked.json => Encoding::Json,
            _ => Encoding::IonText,
        }
    }

    /// Takes the next piece; false where nothing more can be read.
    fn take(&mut self, checked: Result<CheckedPiece<'a>, JournalError>) -> bool {
        match checked {
            Ok(checked) => self.join(checked),
            Err(error) => self.failure = Some(error),
        }
        self.failure.is_none() && self.not_taken.is_none()
    }

    fn join(&mut self, checked: CheckedPiece<'a>) {
        let rest = match (self.rest.take(), self.last.take()) {
            (Some(rest), _) => rest.with(&checked.piece),
            // The guess where a block begins was wrong: what is left is read together with the next piece.
            (None, Some((last, end))) if !last.is_followed_by(&end, &checked.piece) => {
                last.rest_before(end, &checked.piece)
            }
            _ => return self.accept(checked),
        };
        if rest.waits_for_more() {
            self.rest = Some(rest);
        } else {
            self.accept(self.walk.task.check(rest));
        }
    }

    fn accept(&mut self, mut checked: CheckedPiece<'a>) {
        self.walk.join(checked.walk);
        if let Some((what, at)) = checked.end.stranger {
            self.walk.judge_stranger(what, at);
        }
        self.failure = checked.end.failure.take();
        if let (Some(taken), Some(turn)) = (checked.taken, &self.beside.turn) {
            let taken = taken.map_err(VerifyError::Take);
            self.not_taken = taken.and_then(|taken| turn.offer(taken, self.beside.stop)).err();
        }
        self.last = Some((checked.piece, checked.end));
    }
}

/// What the next block is compared with.
#[derive(Debug, Clone, Copy)]
struct Facts {
    number: u64,
    hash: Hash,
    previous: Option<Hash>,
    time: DateTime<Utc>,
}

/// The state between two blocks.
struct Walk<'a> {
    task: Task<'a>,
    checked: CheckedObject,
    first: Option<Facts>,
    last: Option<Facts>,
}

impl<'a> Walk<'a> {
    fn of(task: Task<'a>) -> Self {
        let checked = CheckedObject { outlined_from: task.place.new_from, ..CheckedObject::default() };
        Self { task, checked, first: None, last: None }
    }

    fn key(&self) -> &'a str {
        &self.task.object.file.found.key
    }

    fn note(&mut self, sequence_no: u64, found: Break, expected: &dyn ToString, seen: &dyn ToString) {
        self.checked.breaks.push(found.at(sequence_no).between(expected.to_string(), seen.to_string()));
    }

    fn take(&mut self, block: Judged<'_>) {
        let facts = Facts {
            number: block.sequence_no,
            hash: block.links.block_hash,
            previous: block.links.previous_block_hash,
            time: block.timestamp,
        };
        self.checked.blocks += 1;
        let is_new = facts.number >= self.task.place.new_from;
        let mut counts = block.counts;
        if is_new {
            self.checked.outline.add_judged(&block);
        } else {
            // Otherwise a redaction that is read once would stand against two readings of what was redacted.
            (counts.redacted_once, counts.redactions) = (0, 0);
        }
        self.checked.counts += counts;
        self.judge_strand(&block);
        self.judge_range(facts);
        match self.last {
            Some(last) => self.judge_order(last, facts),
            None => self.first = Some(facts),
        }
        for fault in block.faults.into_iter().filter(|fault| self.task.levels.has(fault.level.into())) {
            self.checked.breaks.push(Break::of_block(self.key(), facts.number, fault));
        }
        self.add_to_span(facts);
        self.last = Some(facts);
    }

    /// Adds what was found behind.
    fn join(&mut self, next: Self) {
        if let Some(first) = next.first {
            if let Some(last) = self.last {
                self.judge_order(last, first);
            } else {
                self.judge_first(first);
                self.first = Some(first);
            }
        }
        self.last = next.last.or(self.last);
        let (mine, theirs) = (&mut self.checked, next.checked);
        mine.json |= theirs.json;
        mine.blocks += theirs.blocks;
        mine.counts += theirs.counts;
        mine.outline.merge(&theirs.outline);
        mine.breaks.append(theirs.breaks);
        mine.hashes.extend(theirs.hashes);
        match (&mut mine.span, theirs.span) {
            (Some(span), Some(next)) => span.extend(next),
            (span @ None, next) => *span = next,
            (Some(_), None) => {}
        }
    }

    /// Nothing but white space stands behind the last block.
    fn judge_stranger(&mut self, what: &str, at: u64) {
        let found = Break::unlike(Level::Blocks, self.key(), "between blocks");
        self.checked.breaks.push(found.between("blocks and nothing else", format!("{what} at byte {at}")));
    }

    fn judge_strand(&mut self, block: &Judged<'_>) {
        let expected = &self.task.object.name.strand_id;
        if block.strand_id != expected {
            let seen: String = block.strand_id.chars().take(2 * expected.len()).collect();
            let problem = "the block is of another strand";
            let found = Break::damaged(Level::Objects, self.key(), problem, "blockAddress.strandId");
            self.note(block.sequence_no, found, expected, &seen);
        }
    }

    /// The object begins with the block that its name says.
    fn judge_first(&mut self, first: Facts) {
        let expected = self.task.object.name.first;
        if first.number != expected {
            let problem = "the object does not begin with the block that its name says";
            let found = Break::damaged(Level::Chain, self.key(), problem, "blockAddress.sequenceNo");
            self.note(first.number, found, &expected, &first.number);
        }
    }

    /// A block follows the one before it, by number, hash and time.
    fn judge_order(&mut self, last: Facts, block: Facts) {
        let expected = last.number.saturating_add(1);
        if block.number != expected {
            let problem = order_problem(last.number, block.number, expected);
            let found = Break::damaged(Level::Chain, self.key(), problem, "blockAddress.sequenceNo");
            self.note(block.number, found, &expected, &block.number);
        } else if block.previous != Some(last.hash) {
            let problem = "the block does not name the block before it";
            let found = Break::damaged(Level::Chain, self.key(), problem, "previousBlockHash");
            self.note(block.number, found, &last.hash.to_base64(), &shown(block.previous));
        }
        if last.time > block.time {
            let expected = format!("{} or later", last.time.to_rfc3339());
            let problem = "the block is older than the one before it";
            let found = Break::damaged(Level::Contents, self.key(), problem, "blockTimestamp");
            self.note(block.number, found, &expected, &block.time.to_rfc3339());
        }
    }

    fn judge_range(&mut self, block: Facts) {
        let time = block.time;
        let outside = |started: &&Started| {
            started.start.is_some_and(|start| time < start) || started.end.is_some_and(|end| time >= end)
        };
        if let Some(started) = self.task.exports.iter().map(|export| &export.started).find(outside) {
            let range =
                [started.start, started.end].map(|end| end.map_or_else(|| "…".to_owned(), |end| end.to_rfc3339()));
            let problem = "the block lies outside the export's range";
            let found = Break::damaged(Level::Contents, self.key(), problem, "blockTimestamp");
            self.note(block.number, found, &range.join(" to "), &time.to_rfc3339());
        }
    }

    fn add_to_span(&mut self, block: Facts) {
        if self.task.keeps_hashes {
            self.checked.hashes.push(block.hash);
        }
        let span = self.checked.span.get_or_insert_with(|| Span {
            first: block.number,
            last: block.number,
            first_previous: block.previous,
            last_hash: block.hash,
            first_time: block.time,
            last_time: block.time,
            frontier: Frontier::default(),
            to_tip: None,
        });
        span.frontier.push(block.number, block.hash);
        (span.last, span.last_hash, span.last_time) = (block.number, block.hash, block.time);
        if self.task.tip == Some(block.number) {
            span.to_tip = Some(span.frontier.clone());
        }
    }

    /// The object is at its end: is it where its name says?
    fn end(&mut self) {
        let name = &self.task.object.name;
        let (first, end) = (name.first, name.last);
        match self.last {
            Some(last) if last.number == end => {}
            Some(last) => {
                let problem = "the object does not end with the block that its name says";
                let found = Break::damaged(Level::Objects, self.key(), problem, "name");
                self.note(last.number, found, &end, &last.number);
            }
            None if self.task.object.file.found.size == 0 => {}
            None => {
                let empty = Break::damaged(Level::Objects, self.key(), NO_BLOCK, "object");
                self.checked.breaks.push(empty.between(format!("blocks {first} to {end}"), "none"));
            }
        }
    }

    /// A place that is not a block; a source that fails is no damage.
    fn unreadable(&mut self, error: JournalError) -> io::Result<()> {
        if let Some(cause) = error.io {
            return Err(cause);
        }
        let after = self.last.map_or_else(|| "the beginning".to_owned(), |last| format!("block {}", last.number));
        let problem = format!("unreadable from offset {}, after {after}", error.offset);
        let level = self.task.levels.first_of_content();
        let found = Break::damaged(level, self.key(), &problem, "object").between("a block", error.reason);
        self.checked.breaks.push(found);
        Ok(())
    }

    /// A file that changes while it is read would be anything but proved.
    fn judge_size(&mut self, read: u64) {
        let listed = self.task.object.file.found.size;
        if read != listed {
            let changed = Break::damaged(Level::Objects, self.key(), "the object changed while it was read", "size");
            self.checked.breaks.push(changed.between(listed.to_string(), read.to_string()));
        }
    }
}

fn order_problem(last: u64, number: u64, expected: u64) -> &'static str {
    if number == last {
        "a block is doubled"
    } else if number > expected {
        "blocks are missing before this one"
    } else {
        "blocks are out of order"
    }
}

impl Span {
    /// Adds the blocks that follow.
    fn extend(&mut self, next: Self) {
        if let Some(part) = next.to_tip {
            let mut to_tip = self.frontier.clone();
            to_tip.extend(&part);
            self.to_tip = Some(to_tip);
        }
        self.frontier.extend(&next.frontier);
        (self.last, self.last_hash, self.last_time) = (next.last, next.last_hash, next.last_time);
    }
}

/// Counts what is read, and hashes it where that is asked for.
struct Input<'a> {
    source: Box<dyn Read + Send>,
    read: u64,
    hash: Option<Context>,
    /// The first bytes, which tell what it is if it is not what it should be.
    beginning: Vec<u8>,
    progress: &'a (dyn Fn(u64) + Sync),
}

impl<'a> Input<'a> {
    fn new(source: Box<dyn Read + Send>, hash: bool, progress: &'a (dyn Fn(u64) + Sync)) -> Self {
        Self { source, read: 0, hash: hash.then(|| Context::new(&SHA256)), beginning: Vec::new(), progress }
    }

    fn finish(self) -> Option<String> {
        Hash::from_slice(self.hash?.finish().as_ref()).map(Hash::to_hex)
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.read += count as u64;
        let room = TELLING.saturating_sub(self.beginning.len());
        self.beginning.extend(buffer.iter().take(count.min(room)));
        if let Some(hash) = &mut self.hash {
            hash.update(buffer.get(..count).unwrap_or_default());
        }
        (self.progress)(count as u64);
        Ok(count)
    }
}
