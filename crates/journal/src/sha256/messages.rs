//! The messages of a [`super::Batch`], padded where they lie. For the batch, and
//! for [`super::schedule`], which says who hashes which.

use std::cmp::Reverse;

use super::{BLOCK, Block, Digest, scalar};

/// More blocks than this make a message long: it is planned by itself, so
/// that no lane still works on it when the others have nothing left.
const LONG: usize = 8;

/// A message's padding at its longest: the bit that ends it, zeros, and eight
/// bytes for its length.
const PADDING: [u8; BLOCK + 8] = {
    let mut padding = [0; BLOCK + 8];
    padding[0] = 0x80;
    padding
};

/// Room for a message that is written where it lies: two blocks.
pub(crate) const ROOM: usize = 2 * BLOCK;
/// The longest message that leaves room for its own padding there.
const LONGEST_IN_ROOM: usize = ROOM - 9;

/// Padded messages, one behind the other, and at the end the open one.
#[derive(Debug, Default)]
pub(super) struct Messages {
    pub(super) bytes: Vec<u8>,
    /// Where the open one starts.
    open: usize,
    /// How many have ended.
    pub(super) ended: usize,
    /// The short ones by their length: at `i` those of `i + 1` blocks.
    short: [Vec<Short>; LONG],
    /// All others.
    long: Vec<Message>,
}

/// An ended message whose length is known: its index and its first block, in
/// as little memory as the hottest loop is to write.
#[derive(Clone, Copy, Debug)]
pub(super) struct Short {
    index: u32,
    start: u32,
}

/// An ended message: its index, and its blocks from the first to before the last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    pub(super) index: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Messages {
    #[inline]
    pub(super) fn end(&mut self, index: usize) {
        assert!(self.open <= self.bytes.len(), "an ended message's bytes are gone");
        let length = self.bytes.len() - self.open;
        let blocks = (length + 8) / BLOCK + 1;
        // A copy of constant length and a cut are cheaper than to fill a length that varies.
        self.bytes.extend_from_slice(&PADDING);
        self.bytes.truncate(self.open + blocks * BLOCK);
        if let Some(place) = self.bytes.last_chunk_mut() {
            *place = (length as u64 * 8).to_be_bytes();
        }
        self.note(index, blocks);
    }

    /// Takes note of a message that was padded.
    #[inline]
    fn note(&mut self, index: usize, blocks: usize) {
        let start = self.open / BLOCK;
        match (self.short.get_mut(blocks - 1), u32::try_from(index), u32::try_from(start)) {
            (Some(short), Ok(index), Ok(start)) => short.push(Short { index, start }),
            _ => self.long.push(Message { index, start, end: start + blocks }),
        }
        self.open = self.bytes.len();
        self.ended += 1;
    }

    #[inline]
    pub(super) fn write(&mut self, index: usize, write: impl FnOnce(&mut [u8; ROOM]) -> usize) {
        debug_assert_eq!(self.open, self.bytes.len(), "a message is open");
        self.bytes.extend_from_slice(&[0; ROOM]);
        let Some(room) = self.bytes.last_chunk_mut::<ROOM>() else { return };
        let length = write(room).min(LONGEST_IN_ROOM);
        room[length] = 0x80;
        let blocks = (length + 8) / BLOCK + 1;
        // The room is of zeros, and so is the length of so short a message up to its last two bytes.
        let [.., high, low] = (length as u64 * 8).to_be_bytes();
        (room[blocks * BLOCK - 2], room[blocks * BLOCK - 1]) = (high, low);
        self.bytes.truncate(self.open + blocks * BLOCK);
        self.note(index, blocks);
    }

    pub(super) fn clear(&mut self) {
        self.bytes.clear();
        self.open = 0;
        self.ended = 0;
        self.short.iter_mut().for_each(Vec::clear);
        self.long.clear();
    }

    /// Without lanes, each message by itself.
    pub(super) fn hash_one_by_one(&self, out: &mut [Digest]) {
        for message in self.long.iter().copied().chain(self.short()) {
            self.hash_one(message, out);
        }
    }

    /// Without lanes, one message.
    pub(super) fn hash_one(&self, message: Message, out: &mut [Digest]) {
        if let (Some(place), Some(padded)) = (out.get_mut(message.index), self.blocks().get(message.start..message.end))
        {
            *place = scalar::hash(padded);
        }
    }

    /// The blocks of all messages.
    pub(super) fn blocks(&self) -> &[Block] {
        self.bytes.as_chunks().0
    }

    /// The short messages by the count of their blocks, the longest first.
    pub(super) fn classes(&self) -> impl Iterator<Item = (usize, &[Short])> {
        self.short.iter().enumerate().rev().map(|(class, messages)| (class + 1, messages.as_slice()))
    }

    /// The short messages, the longest first.
    pub(super) fn short(&self) -> impl Iterator<Item = Message> {
        self.classes().flat_map(|(blocks, messages)| messages.iter().map(move |short| short.message(blocks)))
    }
}

#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "only lanes are planned"))]
impl Messages {
    /// How many blocks all ended messages take together.
    pub(super) fn total(&self) -> usize {
        self.open / BLOCK
    }

    /// Brings the longest message to the front.
    pub(super) fn sort_long(&mut self) {
        self.long.sort_by_key(|message| Reverse(message.blocks()));
    }

    /// The long messages.
    pub(super) fn long(&self) -> &[Message] {
        &self.long
    }
}

impl Short {
    /// The same with its end, which is so many blocks behind its start.
    pub(super) fn message(self, blocks: usize) -> Message {
        Message { index: self.index(), start: self.start(), end: self.start() + blocks }
    }

    #[inline]
    pub(super) fn index(self) -> usize {
        self.index as usize
    }

    #[inline]
    pub(super) fn start(self) -> usize {
        self.start as usize
    }
}

#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "only lanes are planned"))]
impl Message {
    /// What a lane has that has nothing.
    pub(super) const NONE: Self = Self { index: usize::MAX, start: 0, end: 0 };

    /// How many blocks are left.
    pub(super) fn blocks(self) -> usize {
        self.end - self.start
    }
}
