//! Texts that wait for the hashes of what they hold.

use super::Later;
use super::join::{Digest, Insert, Joining};
use crate::sha256::Batch;

/// Texts of one level that lack hashes of the levels below.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    bytes: Vec<u8>,
    inserts: Vec<Insert>,
    fields: Vec<Later>,
    ends: Vec<Ends>,
}

/// A text that waits: its ends in the three, and what was promised of it.
#[derive(Debug, Clone, Copy)]
struct Ends {
    bytes: usize,
    inserts: usize,
    fields: usize,
    promise: Later,
}

impl Waiting {
    pub(super) fn push(&mut self, bytes: &[u8], inserts: &[Insert], fields: &[Later], promise: Later) {
        self.bytes.extend_from_slice(bytes);
        self.inserts.extend_from_slice(inserts);
        self.fields.extend_from_slice(fields);
        let (bytes, inserts, fields) = (self.bytes.len(), self.inserts.len(), self.fields.len());
        self.ends.push(Ends { bytes, inserts, fields, promise });
    }

    /// Puts the texts together, whose hashes are known by now, and leaves nothing waiting.
    pub(super) fn join(&mut self, joining: &mut Joining, digests: &[Digest], batch: &mut Batch) {
        let (mut bytes, mut inserts, mut fields) = (0, 0, 0);
        for ends in self.ends.drain(..) {
            joining.push(
                self.bytes.get(bytes..ends.bytes).unwrap_or_default(),
                self.inserts.get(inserts..ends.inserts).unwrap_or_default(),
                self.fields.get(fields..ends.fields).unwrap_or_default(),
                digests,
                batch.bytes(),
            );
            batch.end_at(ends.promise.index());
            (bytes, inserts, fields) = (ends.bytes, ends.inserts, ends.fields);
        }
        self.bytes.clear();
        self.inserts.clear();
        self.fields.clear();
    }
}
