//! Messages that wait to be hashed together.

use super::{BLOCK, Block, Digest, Engine, scalar};

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

/// Messages that are written one after another and hashed together.
///
/// ```
/// use qldb_journal::sha256::{Batch, Engine};
///
/// let mut batch = Batch::new(Engine::best());
/// batch.bytes().extend_from_slice(b"abc");
/// let index = batch.end();
/// let mut digests = Vec::new();
/// batch.hash(&mut digests);
/// assert_eq!(digests[index][..4], [0xba, 0x78, 0x16, 0xbf]);
/// ```
#[derive(Debug)]
pub struct Batch {
    engine: Engine,
    pub(super) messages: Messages,
}

/// Padded messages, one behind the other, and at the end the open one.
#[derive(Debug, Default)]
pub(super) struct Messages {
    bytes: Vec<u8>,
    /// Where each ended message ends, in blocks.
    ends: Vec<usize>,
    /// The indexes of the long ones.
    long: Vec<usize>,
}

/// An ended message: its index, and its blocks from the first to before the last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Message {
    pub(super) index: usize,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Batch {
    /// An empty batch. An engine that this CPU can't run hashes as
    /// [`Engine::Scalar`] does.
    pub fn new(engine: Engine) -> Self {
        Self { engine, messages: Messages::default() }
    }

    /// Where the open message's bytes are appended. What is there already,
    /// the earlier messages, must stay as it is.
    #[inline]
    pub fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.messages.bytes
    }

    /// Ends the open message and opens the next; gives the ended one's index,
    /// which is also the place of its digest.
    ///
    /// # Panics
    ///
    /// If the bytes of earlier messages were taken away.
    #[inline]
    pub fn end(&mut self) -> usize {
        self.messages.end()
    }

    /// How many messages have ended.
    #[inline]
    pub fn len(&self) -> usize {
        self.messages.ends.len()
    }

    /// Whether no message has ended.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.messages.ends.is_empty()
    }

    /// How many bytes the messages take, with their padding.
    #[inline]
    pub fn byte_len(&self) -> usize {
        self.messages.bytes.len()
    }

    /// Hashes the ended messages, appends their digests in order, and leaves
    /// the batch empty, with its memory kept. What was written of an open
    /// message is dropped.
    pub fn hash(&mut self, out: &mut Vec<Digest>) {
        let first = out.len();
        out.resize(first + self.len(), [0; 32]);
        if let Some(out) = out.get_mut(first..).filter(|out| !out.is_empty()) {
            self.messages.hash(self.engine, out);
        }
        self.messages.clear();
    }
}

impl Messages {
    #[inline]
    fn end(&mut self) -> usize {
        let index = self.ends.len();
        let start = self.ends.last().map_or(0, |end| end * BLOCK);
        assert!(start <= self.bytes.len(), "an ended message's bytes are gone");
        let length = self.bytes.len() - start;
        let blocks = (length + 8) / BLOCK + 1;
        // A copy of constant length and a cut are cheaper than to fill a length that varies.
        self.bytes.extend_from_slice(&PADDING);
        self.bytes.truncate(start + blocks * BLOCK);
        if let Some(place) = self.bytes.last_chunk_mut() {
            *place = (length as u64 * 8).to_be_bytes();
        }
        self.ends.push(start / BLOCK + blocks);
        if blocks > LONG {
            self.long.push(index);
        }
        index
    }

    fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
        self.long.clear();
    }

    #[cfg(target_arch = "x86_64")]
    fn hash(&mut self, engine: Engine, out: &mut [Digest]) {
        use super::{schedule, simd};
        match engine {
            Engine::Avx512 => simd::Avx512::detect().map(|cpu| schedule::hash(cpu.kernel(), self, out)),
            Engine::Avx2 => simd::Avx2::detect().map(|cpu| schedule::hash(cpu.kernel(), self, out)),
            Engine::ShaNi => simd::ShaNi::detect().map(|cpu| schedule::hash(cpu.kernel(), self, out)),
            Engine::Scalar => None,
        }
        .unwrap_or_else(|| self.hash_one_by_one(out));
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn hash(&mut self, _: Engine, out: &mut [Digest]) {
        self.hash_one_by_one(out);
    }

    /// Without lanes, each message by itself.
    pub(super) fn hash_one_by_one(&self, out: &mut [Digest]) {
        let mut start = 0;
        for (&end, out) in self.ends.iter().zip(out) {
            *out = scalar::hash(self.blocks().get(start..end).unwrap_or_default());
            start = end;
        }
    }
}

#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "only lanes are planned"))]
impl Messages {
    /// The blocks of all messages.
    pub(super) fn blocks(&self) -> &[Block] {
        self.bytes.as_chunks().0
    }

    /// How many blocks all ended messages take together.
    pub(super) fn total(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    /// The long messages, the longest first.
    pub(super) fn sort_long(&mut self) {
        let mut long = std::mem::take(&mut self.long);
        long.sort_by_key(|&index| std::cmp::Reverse(self.get(index).map_or(0, Message::blocks)));
        self.long = long;
    }

    pub(super) fn long(&self) -> &[usize] {
        &self.long
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Where the message ends, in blocks.
    pub(super) fn end_of(&self, index: usize) -> Option<usize> {
        self.ends.get(index).copied()
    }

    pub(super) fn get(&self, index: usize) -> Option<Message> {
        let start = index.checked_sub(1).map_or(Some(0), |before| self.end_of(before))?;
        Some(Message { index, start, end: self.end_of(index)? })
    }
}

#[cfg_attr(not(target_arch = "x86_64"), allow(dead_code, reason = "only lanes are planned"))]
impl Message {
    pub(super) fn blocks(self) -> usize {
        self.end - self.start
    }

    pub(super) fn is_long(self) -> bool {
        self.blocks() > LONG
    }
}
