//! What the catalog stores about a segment: known from the verification that read it, or read
//! again.

use std::io::{self, BufReader, Read};
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};

use super::ImportError;
use super::stage::Checked;
use crate::engine::places::SegmentAt;
use crate::engine::segment::{HashedReader, Segment};
use qldb_journal::archive::verify::Ends;
use qldb_journal::request::UniqueId;
use qldb_journal::{BlockReader, Encoding, Hash};

/// An input that fails as soon as the import is to end.
pub(super) struct Heeding<'a, R> {
    pub(super) input: R,
    /// When set from outside, ends the import early.
    pub(super) stop: &'a AtomicBool,
}

impl<R: Read> Read for Heeding<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            // Not `Interrupted`, after which the read would be retried.
            return Err(io::Error::other(ImportError::Interrupted));
        }
        self.input.read(buffer)
    }
}

/// What the catalog stores about a segment, except the hashes of its blocks and its location.
pub(super) struct Index {
    pub(super) first: u64,
    pub(super) last: u64,
    first_time: DateTime<Utc>,
    last_time: DateTime<Utc>,
    pub(super) first_previous: Option<Hash>,
    pub(super) last_hash: Hash,
    encoding: Encoding,
    bytes: u64,
    pub(super) sha256: Hash,
}

impl Index {
    /// The result of verifying a whole object, for bytes with this size and hash.
    pub(super) fn of(ends: &Ends, checked: &Checked, (bytes, sha256): (u64, Hash)) -> Self {
        let Checked { encoding, times: (first_time, last_time), .. } = *checked;
        let Ends { first, last, first_previous, last_hash } = *ends;
        Self { first, last, first_time, last_time, first_previous, last_hash, encoding, bytes, sha256 }
    }

    /// Reads the heads of the blocks, and returns the hash of each. `None` if there is no block, or anything else.
    pub(super) fn read(input: Box<dyn Read + Send>, stop: &AtomicBool) -> io::Result<Option<(Self, Vec<Hash>)>> {
        let mut input = BufReader::new(HashedReader::new(input));
        let mut index: Option<Self> = None;
        let mut block_hashes = Vec::new();
        for block in BlockReader::new(Heeding { input: Read::by_ref(&mut input), stop }, Encoding::IonText) {
            let block = match block {
                Ok(block) => block,
                Err(error) => return error.io.map_or(Ok(None), Err),
            };
            let (time, hash) = (block.header.timestamp, block.links.block_hash);
            let index = index.get_or_insert(Self {
                first: block.header.sequence_no,
                last: block.header.sequence_no,
                first_time: time,
                last_time: time,
                first_previous: block.links.previous_block_hash,
                last_hash: hash,
                encoding: block.encoding,
                bytes: 0,
                sha256: hash,
            });
            (index.last, index.last_hash) = (block.header.sequence_no, hash);
            index.first_time = index.first_time.min(time);
            index.last_time = index.last_time.max(time);
            block_hashes.push(hash);
        }
        let (bytes, sha256) = input.into_inner().finish()?;
        Ok(index.map(|index| (Self { bytes, sha256, ..index }, block_hashes)))
    }

    pub(super) fn into_segment(self, strand_id: UniqueId, place: SegmentAt) -> Segment {
        Segment {
            strand_id,
            first: self.first,
            last: self.last,
            first_time: self.first_time,
            last_time: self.last_time,
            first_previous_hash: self.first_previous,
            last_block_hash: self.last_hash,
            bytes: self.bytes,
            sha256: self.sha256,
            place,
            encoding: self.encoding,
        }
    }
}
