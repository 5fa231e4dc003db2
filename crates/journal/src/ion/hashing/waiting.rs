//! Texts that wait for the hashes of their contents.

use super::Later;
use super::join::{Digest, Insert, Joining};
use crate::sha256::Batch;

/// Appends elements, usually few: copying a constant length is cheaper than a call with a variable length.
#[inline]
fn push_few<T: Copy>(elements: &[T], out: &mut Vec<T>) {
    match elements {
        [one] => out.push(*one),
        [one, two] => out.extend_from_slice(&[*one, *two]),
        [one, two, three] => out.extend_from_slice(&[*one, *two, *three]),
        [one, two, three, four] => out.extend_from_slice(&[*one, *two, *three, *four]),
        _ => out.extend_from_slice(elements),
    }
}

/// Appends the bytes of a text, usually a name and the bytes around the hashes.
#[inline]
fn push_bytes(bytes: &[u8], out: &mut Vec<u8>) {
    let end = out.len() + bytes.len();
    match (bytes.first_chunk::<16>(), bytes.last_chunk::<16>()) {
        (Some(first), Some(last)) if bytes.len() <= 32 => {
            out.extend_from_slice(first);
            out.truncate(end - 16);
            out.extend_from_slice(last);
        }
        _ => push_few(bytes, out),
    }
}

/// Texts of one level that lack hashes of the levels below.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    bytes: Vec<u8>,
    inserts: Vec<Insert>,
    fields: Vec<Later>,
    ends: Vec<Ends>,
}

/// A waiting text: its ends in the three vectors, and its promise.
#[derive(Debug, Clone, Copy)]
struct Ends {
    bytes: usize,
    inserts: usize,
    fields: usize,
    promise: Later,
}

impl Waiting {
    pub(super) fn push(&mut self, bytes: &[u8], inserts: &[Insert], fields: &[Later], promise: Later) {
        push_bytes(bytes, &mut self.bytes);
        push_few(inserts, &mut self.inserts);
        push_few(fields, &mut self.fields);
        let (bytes, inserts, fields) = (self.bytes.len(), self.inserts.len(), self.fields.len());
        self.ends.push(Ends { bytes, inserts, fields, promise });
    }

    /// Assembles the texts, whose hashes are known now, and leaves nothing waiting.
    pub(super) fn join(&mut self, joining: &mut Joining, digests: &[Digest], batch: &mut Batch) {
        let (mut bytes, mut inserts, mut fields) = (0, 0, 0);
        for ends in self.ends.drain(..) {
            joining.push(
                self.bytes.get(bytes..).unwrap_or_default(),
                ends.bytes - bytes,
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
