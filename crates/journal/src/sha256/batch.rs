//! Messages that are queued to be hashed together.

use super::messages::{Messages, ROOM};
use super::{Backend, Digest};

/// Messages that are written one after another and hashed together.
///
/// ```
/// use qldb_journal::internal::sha256::{Batch, Backend};
///
/// let mut batch = Batch::new(Backend::best());
/// batch.bytes().extend_from_slice(b"abc");
/// let index = batch.end();
/// let mut digests = Vec::new();
/// batch.hash(&mut digests);
/// assert_eq!(digests[index][..4], [0xba, 0x78, 0x16, 0xbf]);
/// ```
#[derive(Debug)]
pub struct Batch {
    backend: Backend,
    pub(super) messages: Messages,
}

impl Batch {
    /// An empty batch. A backend that this CPU can't run is replaced by [`Backend::Scalar`].
    pub fn new(backend: Backend) -> Self {
        Self { backend, messages: Messages::default() }
    }

    /// The buffer to which the open message's bytes are appended. The earlier messages in it must not be changed.
    #[inline]
    pub fn bytes(&mut self) -> &mut Vec<u8> {
        &mut self.messages.bytes
    }

    /// Ends the open message and opens the next; returns the index of the ended one, which is also the index of its
    /// digest.
    ///
    /// # Panics
    ///
    /// If bytes of earlier messages were removed.
    #[inline]
    pub fn end(&mut self) -> usize {
        let index = self.messages.ended;
        self.messages.end(index);
        index
    }

    /// The same, with another index for the digest: all messages must have different ones.
    #[inline]
    pub(crate) fn end_at(&mut self, index: usize) {
        self.messages.end(index);
    }

    /// Adds a whole message, while none is open: `write` gets a zeroed buffer and returns the length, which is cheaper
    /// than appending in pieces.
    #[inline]
    pub(crate) fn write_at(&mut self, index: usize, write: impl FnOnce(&mut [u8; ROOM]) -> usize) {
        self.messages.write(index, write);
    }

    /// The number of ended messages.
    #[inline]
    pub fn len(&self) -> usize {
        self.messages.ended
    }

    /// Whether no message has ended.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.messages.ended == 0
    }

    /// The number of bytes that the messages take, with their padding.
    #[inline]
    pub fn byte_len(&self) -> usize {
        self.messages.bytes.len()
    }

    /// Hashes the ended messages, appends their digests in order, and empties the batch, keeping its memory. An open
    /// message is dropped.
    pub fn hash(&mut self, out: &mut Vec<Digest>) {
        let first = out.len();
        out.resize(first + self.len(), [0; 32]);
        self.hash_to(out.get_mut(first..).unwrap_or_default());
    }

    /// The same, for messages with indexes of their own for their digests.
    pub(crate) fn hash_to(&mut self, out: &mut [Digest]) {
        if !self.is_empty() {
            self.run(out);
        }
        self.messages.clear();
    }

    #[cfg(target_arch = "x86_64")]
    fn run(&mut self, out: &mut [Digest]) {
        use super::{schedule, simd};
        let messages = &mut self.messages;
        match self.backend {
            Backend::Avx512 => simd::Avx512::detect().map(|cpu| schedule::hash(cpu.kernel(), messages, out)),
            Backend::Avx2 => simd::Avx2::detect().map(|cpu| schedule::hash(cpu.kernel(), messages, out)),
            Backend::ShaNi => simd::ShaNi::detect().map(|cpu| schedule::hash(cpu.kernel(), messages, out)),
            Backend::Scalar => None,
        }
        .unwrap_or_else(|| self.messages.hash_one_by_one(out));
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn run(&mut self, out: &mut [Digest]) {
        self.messages.hash_one_by_one(out);
    }
}
