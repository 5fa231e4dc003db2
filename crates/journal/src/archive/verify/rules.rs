//! The rules for a block's position: in its object, in its export's range and after the previous
//! block. Each rule is a function that returns the break, if there is one. [`crate::check`] has the
//! rules for a block by itself.
//!
//! Used while walking through the blocks of an object, and when objects are joined into journals.

use chrono::{DateTime, Utc};

use crate::archive::find::{DataObject, FoundExport, NO_BLOCK};
use crate::archive::finding::{Break, Level};
use crate::archive::manifest_reader::Started;
use crate::{Hash, shown};

/// What the rules for a block's position look at.
#[derive(Debug, Clone, Copy)]
pub(super) struct BlockFacts {
    pub(super) number: u64,
    pub(super) hash: Hash,
    pub(super) previous: Option<Hash>,
    pub(super) time: DateTime<Utc>,
}

fn key(object: &DataObject) -> &str {
    &object.file.found.key
}

/// A block must be of the strand that the object's name says.
pub(super) fn strand(object: &DataObject, number: u64, strand_id: &str) -> Option<Break> {
    let expected = &*object.name.strand_id;
    (strand_id != expected).then(|| {
        let seen: String = strand_id.chars().take(2 * expected.len()).collect();
        let problem = "the block is of another strand";
        let found = Break::damaged(Level::Objects, key(object), problem, "blockAddress.strandId");
        found.at(number).between(expected, seen)
    })
}

/// The object must begin with the block that its name says.
pub(super) fn beginning(object: &DataObject, first: BlockFacts) -> Option<Break> {
    let expected = object.name.first;
    (first.number != expected).then(|| {
        let problem = "the object does not begin with the block that its name says";
        let found = Break::damaged(Level::Chain, key(object), problem, "blockAddress.sequenceNo");
        found.at(first.number).between(expected.to_string(), first.number.to_string())
    })
}

/// The object must end with the block that its name says. `last` is `None` if there is no block.
pub(super) fn end(object: &DataObject, last: Option<BlockFacts>) -> Option<Break> {
    let (first, end) = (object.name.first, object.name.last);
    let Some(last) = last else {
        // An empty object was found when the files were listed.
        let empty = Break::damaged(Level::Objects, key(object), NO_BLOCK, "object");
        return (object.file.found.size > 0).then(|| empty.between(format!("blocks {first} to {end}"), "none"));
    };
    (last.number != end).then(|| {
        let problem = "the object does not end with the block that its name says";
        let found = Break::damaged(Level::Objects, key(object), problem, "name");
        found.at(last.number).between(end.to_string(), last.number.to_string())
    })
}

/// The object must have the size that was listed: an object that changes while it is read is not proved.
pub(super) fn size(object: &DataObject, read: u64) -> Option<Break> {
    let listed = object.file.found.size;
    (read != listed).then(|| {
        let changed = Break::damaged(Level::Objects, key(object), "the object changed while it was read", "size");
        changed.between(listed.to_string(), read.to_string())
    })
}

/// There may be only white space between blocks.
pub(super) fn between_blocks(object: &DataObject, what: &str, at: u64) -> Break {
    let found = Break::unlike(Level::Blocks, key(object), "between blocks");
    found.between("blocks and nothing else", format!("{what} at byte {at}"))
}

/// A block must have the next number.
pub(super) fn number(key: &str, last: u64, number: u64) -> Option<Break> {
    let expected = last.saturating_add(1);
    let problem = match number {
        number if number == expected => return None,
        number if number == last => "a block is repeated",
        number if number > expected => "blocks are missing before this one",
        _ => "blocks are out of order",
    };
    let found = Break::damaged(Level::Chain, key, problem, "blockAddress.sequenceNo");
    Some(found.at(number).between(expected.to_string(), number.to_string()))
}

/// A block must name the hash of the previous one.
pub(super) fn previous_hash(key: &str, number: u64, expected: Hash, named: Option<Hash>) -> Option<Break> {
    (named != Some(expected)).then(|| {
        let problem = "the block does not name the block before it";
        let found = Break::damaged(Level::Chain, key, problem, "previousBlockHash");
        found.at(number).between(expected.to_base64(), shown(named))
    })
}

/// Only block 0 may name no previous block.
pub(super) fn first_previous_hash(key: &str, number: u64, named: Option<Hash>) -> Option<Break> {
    (number > 0 && named.is_none()).then(|| {
        let found = Break::damaged(Level::Chain, key, "only block 0 has none before it", "previousBlockHash");
        found.at(number).between("a hash", "nothing")
    })
}

/// A block must not be older than the previous one.
pub(super) fn time(key: &str, number: u64, last: DateTime<Utc>, time: DateTime<Utc>) -> Option<Break> {
    (time < last).then(|| {
        let problem = "the block is older than the one before it";
        let found = Break::damaged(Level::Contents, key, problem, "blockTimestamp");
        found.at(number).between(format!("{} or later", last.to_rfc3339()), time.to_rfc3339())
    })
}

/// A block must have been committed in the range of every export that lists its object.
pub(super) fn range(object: &DataObject, exports: &[&FoundExport], block: BlockFacts) -> Option<Break> {
    let time = block.time;
    let outside = |started: &&Started| {
        started.start.is_some_and(|start| time < start) || started.end.is_some_and(|end| time >= end)
    };
    let started = exports.iter().map(|export| &export.started).find(outside)?;
    let range = [started.start, started.end].map(|end| end.map_or_else(|| "…".to_owned(), |end| end.to_rfc3339()));
    let problem = "the block is outside the export's range";
    let found = Break::damaged(Level::Contents, key(object), problem, "blockTimestamp");
    Some(found.at(block.number).between(range.join(" to "), time.to_rfc3339()))
}

/// Two objects must hold the same block under the same number.
pub(super) fn same_block(key: &str, number: u64, earlier: Hash, hash: Hash) -> Option<Break> {
    (earlier != hash).then(|| {
        let problem = "two exports hold different blocks with this number";
        let found = Break::damaged(Level::Chain, key, problem, "blockHash");
        found.at(number).between(earlier.to_base64(), hash.to_base64())
    })
}
