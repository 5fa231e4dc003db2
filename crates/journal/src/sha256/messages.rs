//! The messages of a [`super::Batch`], padded in place. For the batch, and for [`super::schedule`],
//! which assigns them to lanes.

use std::cmp::Reverse;

use super::{BLOCK, Block, Digest, scalar};

/// A message with more blocks than this is long, and is planned individually, so that no lane is still working on it
/// when the others are done.
const LONG: usize = 8;

/// The longest padding of a message: the bit that ends it, zeros, and eight bytes for its length.
const PADDING: [u8; BLOCK + 8] = {
    let mut padding = [0; BLOCK + 8];
    padding[0] = 0x80;
    padding
};

/// The buffer size for a message that is written in place: two blocks.
pub(crate) const ROOM: usize = 2 * BLOCK;
/// The longest message that leaves space for its own padding there.
const LONGEST_IN_ROOM: usize = ROOM - 9;

/// Padded messages, one after the other, followed by the open one.
#[derive(Debug, Default)]
pub(super) struct Messages {
    pub(super) bytes: Vec<u8>,
    /// The start of the open message.
    open: usize,
    /// The number of ended messages.
    pub(super) ended: usize,
    /// The short messages by length: at `i` those of `i + 1` blocks.
    short: [Vec<Short>; LONG],
    /// All others.
    long: Vec<Message>,
}

/// An ended message whose length is known: its index and its first block, in as little memory as possible, because the
/// hottest loop writes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Short {
    index: u32,
    start: u32,
}

/// An ended message: its index, and the range of its blocks.
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
        // Copying a constant length and truncating is cheaper than filling a varying length.
        self.bytes.extend_from_slice(&PADDING);
        self.bytes.truncate(self.open + blocks * BLOCK);
        if let Some(place) = self.bytes.last_chunk_mut() {
            *place = (length as u64 * 8).to_be_bytes();
        }
        self.note(index, blocks);
    }

    /// Records a message that was padded.
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
        // The buffer is zeroed, and so is the length of such a short message except its last two bytes.
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

    /// Hashes each message separately, without lanes.
    pub(super) fn hash_one_by_one(&self, out: &mut [Digest]) {
        for message in self.long.iter().copied().chain(self.short()) {
            self.hash_one(message, out);
        }
    }

    /// Hashes one message, without lanes.
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

    /// The short messages by number of blocks, the longest first.
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
    /// The total number of blocks in all ended messages.
    pub(super) fn total(&self) -> usize {
        self.open / BLOCK
    }

    /// Moves the longest message to the front.
    pub(super) fn sort_long(&mut self) {
        self.long.sort_by_key(|message| Reverse(message.blocks()));
    }

    /// The long messages.
    pub(super) fn long(&self) -> &[Message] {
        &self.long
    }
}

impl Short {
    /// The same with its end, this many blocks after its start.
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
    /// The message of an idle lane.
    pub(super) const NONE: Self = Self { index: usize::MAX, start: 0, end: 0 };

    /// The number of remaining blocks.
    pub(super) fn blocks(self) -> usize {
        self.end - self.start
    }
}
