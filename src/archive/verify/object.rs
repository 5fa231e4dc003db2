//! Checks one data object, block by block, in one pass over its bytes.

use std::io::{self, Read};

use aws_lc_rs::digest::{Context, SHA256};
use chrono::{DateTime, Utc};

use super::{Break, Level, Levels};
use crate::archive::find::{DataObject, FoundExport, NO_BLOCK};
use crate::archive::manifest_reader::Started;
use crate::archive::source::{Source, SourceError};
use crate::journal::{
    BlockReader, CheckedBlock, Counts, Encoding, Frontier, Hash, JournalError, Outline, RawBlock, check, shown,
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
    pub breaks: Vec<Break>,
    /// The SHA-256 of the object's bytes, where it was asked for.
    pub sha256: Option<String>,
    /// The hash of every block, where other exports hold some of the same blocks.
    pub hashes: Vec<Hash>,
}

/// What is asked of an object's check.
#[derive(Debug, Clone, Copy)]
pub(super) struct Task<'a> {
    pub(super) exports: &'a [&'a FoundExport],
    pub(super) object: &'a DataObject,
    pub(super) levels: Levels,
    pub(super) tip: Option<u64>,
    pub(super) digest_bytes: bool,
    pub(super) place: Place,
}

/// How an object lies among the others of its strand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// Whether others hold some of the same blocks.
    pub(super) overlaps: bool,
    /// The first block that no object before this one holds.
    pub(super) new_from: u64,
}

impl Task<'_> {
    /// Reads the object and checks it. `progress` is told how many bytes were read.
    pub(super) fn run(
        &self,
        source: &dyn Source,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<CheckedObject, SourceError> {
        let key = &self.object.file.found.key;
        let failed = |cause: io::Error| SourceError { name: format!("{}/{key}", source.name()), cause };
        let mut input = Input::new(source.open(key)?, self.digest_bytes, progress);
        let checked = CheckedObject { outlined_from: self.place.new_from, ..CheckedObject::default() };
        let mut walk = Walk { task: *self, checked, last: None };
        let mut failure = None;
        for block in BlockReader::new(&mut input, self.object.name.encoding) {
            match block.and_then(|block| walk.take(&block)) {
                Ok(()) => {}
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        if let Some(error) = failure {
            walk.unreadable(error).map_err(failed)?;
        } else {
            walk.end();
        }
        io::copy(&mut input, &mut io::sink()).map_err(failed)?;
        walk.judge_size(input.read);
        Ok(CheckedObject { sha256: input.finish(), ..walk.checked })
    }
}

/// The state between two blocks.
struct Walk<'a> {
    task: Task<'a>,
    checked: CheckedObject,
    last: Option<(u64, Hash, DateTime<Utc>)>,
}

impl Walk<'_> {
    fn key(&self) -> &str {
        &self.task.object.file.found.key
    }

    fn note(
        &mut self,
        sequence_no: u64,
        level: Level,
        problem: &str,
        field: &str,
        expected: &dyn ToString,
        found: &dyn ToString,
    ) {
        let found = Break::damaged(level, self.key(), problem, field)
            .at(sequence_no)
            .between(expected.to_string(), found.to_string());
        self.checked.breaks.push(found);
    }

    fn take(&mut self, block: &RawBlock) -> Result<(), JournalError> {
        self.checked.blocks += 1;
        self.checked.json |= block.encoding == Encoding::Json;
        let contents = if self.task.levels.reads_content() { Some(check(block)?) } else { None };
        if block.header.sequence_no >= self.task.place.new_from {
            self.checked.outline.add(block, contents.as_ref());
        }
        if let Some(contents) = contents {
            self.take_contents(block.header.sequence_no, contents);
        }
        self.judge_place(block);
        self.add_to_span(block);
        self.last = Some((block.header.sequence_no, block.links.block_hash, block.header.timestamp));
        Ok(())
    }

    fn take_contents(&mut self, number: u64, contents: CheckedBlock) {
        self.checked.counts += contents.counts;
        let wanted = contents.faults.into_iter().filter(|fault| self.task.levels.has(fault.level.into()));
        let breaks: Vec<Break> = wanted.map(|fault| Break::of_block(self.key(), number, fault)).collect();
        self.checked.breaks.extend(breaks);
    }

    /// Number, link, strand and time against what stands before and what the export says.
    fn judge_place(&mut self, block: &RawBlock) {
        let (number, time) = (block.header.sequence_no, block.header.timestamp);
        if block.header.strand_id != self.task.object.name.strand_id {
            let expected = self.task.object.name.strand_id.clone();
            self.note(
                number,
                Level::Objects,
                "the block is of another strand",
                "blockAddress.strandId",
                &expected,
                &block.header.strand_id,
            );
        }
        let expected = self.last.map_or(self.task.object.name.first, |(last, ..)| last.saturating_add(1));
        if number != expected {
            self.note(
                number,
                Level::Chain,
                self.order_problem(number, expected),
                "blockAddress.sequenceNo",
                &expected,
                &number,
            );
        } else if let Some((_, last_hash, _)) =
            self.last.filter(|(_, hash, _)| Some(*hash) != block.links.previous_block_hash)
        {
            let found = shown(block.links.previous_block_hash);
            self.note(
                number,
                Level::Chain,
                "the block does not name the block before it",
                "previousBlockHash",
                &last_hash.to_base64(),
                &found,
            );
        }
        if let Some((.., earlier)) = self.last.filter(|(.., earlier)| *earlier > time) {
            let expected = format!("{} or later", earlier.to_rfc3339());
            self.note(
                number,
                Level::Contents,
                "the block is older than the one before it",
                "blockTimestamp",
                &expected,
                &time.to_rfc3339(),
            );
        }
        let outside = |started: &&Started| {
            started.start.is_some_and(|start| time < start) || started.end.is_some_and(|end| time >= end)
        };
        if let Some(started) = self.task.exports.iter().map(|export| &export.started).find(outside) {
            let range =
                [started.start, started.end].map(|end| end.map_or_else(|| "…".to_owned(), |end| end.to_rfc3339()));
            self.note(
                number,
                Level::Contents,
                "the block lies outside the export's range",
                "blockTimestamp",
                &range.join(" to "),
                &time.to_rfc3339(),
            );
        }
    }

    fn order_problem(&self, number: u64, expected: u64) -> &'static str {
        match self.last {
            None => "the object does not begin with the block that its name says",
            Some((last, ..)) if number == last => "a block is doubled",
            Some(_) if number > expected => "blocks are missing before this one",
            Some(_) => "blocks are out of order",
        }
    }

    fn add_to_span(&mut self, block: &RawBlock) {
        let (number, hash, time) = (block.header.sequence_no, block.links.block_hash, block.header.timestamp);
        if self.task.place.overlaps {
            self.checked.hashes.push(hash);
        }
        let span = self.checked.span.get_or_insert_with(|| Span {
            first: number,
            last: number,
            first_previous: block.links.previous_block_hash,
            last_hash: hash,
            first_time: time,
            last_time: time,
            frontier: Frontier::default(),
            to_tip: None,
        });
        span.frontier.push(number, hash);
        (span.last, span.last_hash, span.last_time) = (number, hash, time);
        if self.task.tip == Some(number) {
            span.to_tip = Some(span.frontier.clone());
        }
    }

    /// The object is at its end: is it where its name says?
    fn end(&mut self) {
        let name = &self.task.object.name;
        let (first, end) = (name.first, name.last);
        match self.last {
            Some((last, ..)) if last == end => {}
            Some((last, ..)) => self.note(
                last,
                Level::Objects,
                "the object does not end with the block that its name says",
                "name",
                &end,
                &last,
            ),
            None if self.task.object.file.found.size == 0 => {}
            None => {
                let empty = Break::damaged(Level::Objects, self.key(), NO_BLOCK, "object");
                self.checked.breaks.push(empty.between(format!("blocks {first} to {end}"), "none"));
            }
        }
    }

    /// A place that is no block; a source that fails is no damage.
    fn unreadable(&mut self, error: JournalError) -> io::Result<()> {
        if let Some(cause) = error.io {
            return Err(cause);
        }
        let after = self.last.map_or_else(|| "the beginning".to_owned(), |(last, ..)| format!("block {last}"));
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

/// Counts what is read, and hashes it where that is asked for.
struct Input<'a> {
    source: Box<dyn Read + Send>,
    read: u64,
    hash: Option<Context>,
    progress: &'a (dyn Fn(u64) + Sync),
}

impl<'a> Input<'a> {
    fn new(source: Box<dyn Read + Send>, hash: bool, progress: &'a (dyn Fn(u64) + Sync)) -> Self {
        Self { source, read: 0, hash: hash.then(|| Context::new(&SHA256)), progress }
    }

    fn finish(self) -> Option<String> {
        Hash::from_slice(self.hash?.finish().as_ref()).map(Hash::to_hex)
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.read += count as u64;
        if let Some(hash) = &mut self.hash {
            hash.update(&buffer[..count]);
        }
        (self.progress)(count as u64);
        Ok(count)
    }
}
