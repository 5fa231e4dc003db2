//! Messages that wait to be hashed together.

use super::messages::{Messages, ROOM};
use super::{Digest, Engine};

/// Messages that are written one after another and hashed together.
///
/// ```
/// use qldb_journal::internal::sha256::{Batch, Engine};
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
        let index = self.messages.ended;
        self.messages.end(index);
        index
    }

    /// The same, with another place for the digest: all messages must have been given different ones.
    #[inline]
    pub(crate) fn end_at(&mut self, index: usize) {
        self.messages.end(index);
    }

    /// A whole message, while none is open: it is written into zeros by who knows how long it is, which saves what it
    /// costs to append it in pieces.
    #[inline]
    pub(crate) fn write_at(&mut self, index: usize, write: impl FnOnce(&mut [u8; ROOM]) -> usize) {
        self.messages.write(index, write);
    }

    /// How many messages have ended.
    #[inline]
    pub fn len(&self) -> usize {
        self.messages.ended
    }

    /// Whether no message has ended.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.messages.ended == 0
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
        self.hash_to(out.get_mut(first..).unwrap_or_default());
    }

    /// The same, where each message has a place for its digest.
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
        match self.engine {
            Engine::Avx512 => simd::Avx512::detect().map(|cpu| schedule::hash(cpu.kernel(), messages, out)),
            Engine::Avx2 => simd::Avx2::detect().map(|cpu| schedule::hash(cpu.kernel(), messages, out)),
            Engine::ShaNi => simd::ShaNi::detect().map(|cpu| schedule::hash(cpu.kernel(), messages, out)),
            Engine::Scalar => None,
        }
        .unwrap_or_else(|| self.messages.hash_one_by_one(out));
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn run(&mut self, out: &mut [Digest]) {
        self.messages.hash_one_by_one(out);
    }
}
