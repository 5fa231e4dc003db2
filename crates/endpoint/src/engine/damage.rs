//! Where a segment differs from what was recorded in the catalog.

use std::io;

use qldb_journal::internal::check;
use qldb_journal::{Hash, JournalError, RawBlock};

use super::error::LedgerError;
use super::places::{PlaceError, Places, SegmentAt};
use super::segment::Segment;

/// The verdict for a segment whose bytes are not the recorded ones.
const DAMAGED: &str = "is damaged";
/// The verdict for a segment that may be intact.
const UNREADABLE: &str = "cannot be read";

/// A segment that could not be read: in S3 it may be intact, and only the store or the connection failed.
pub(super) fn unread(segment: &Segment, source: io::Error) -> LedgerError {
    match segment.place {
        SegmentAt::Object(_) if !PlaceError::is_change(&source) => {
            LedgerError::Io { what: format!("segment {} {UNREADABLE}", segment.place), source }
        }
        _ => LedgerError::Damaged(Damage::unreadable(segment, &source).to_string()),
    }
}

/// A segment that could not be parsed as a journal.
pub(super) fn unfit(segment: &Segment, mut error: JournalError) -> LedgerError {
    match error.io.take() {
        Some(source) => unread(segment, source),
        None => LedgerError::Damaged(Damage::reported(segment, &error).to_string()),
    }
}

/// A place where a segment differs from what was recorded.
#[derive(Debug, thiserror::Error)]
#[error("segment {place} {verdict}{}: {reason}", offset.map_or_else(String::new, |offset| format!(" at offset {offset}")))]
pub(super) struct Damage {
    place: SegmentAt,
    verdict: &'static str,
    offset: Option<u64>,
    reason: String,
}

impl Damage {
    /// Damage that a failed read or transcoding reports.
    pub(super) fn reported(segment: &Segment, error: &JournalError) -> Self {
        match &error.io {
            Some(error) => Self::unreadable(segment, error),
            None => Self::at(segment, error.offset, error.reason.clone()),
        }
    }

    /// A segment that can't be opened or read. S3 may have failed temporarily, which is not damage.
    pub(super) fn unreadable(segment: &Segment, error: &io::Error) -> Self {
        let (verdict, reason) = match segment.place {
            SegmentAt::File(_) => (DAMAGED, format!("it cannot be read: {error}")),
            SegmentAt::Object(_) => (UNREADABLE, error.to_string()),
        };
        Self { place: segment.place.clone(), verdict, offset: None, reason }
    }

    /// Whether the position is known.
    pub(super) fn is_located(&self) -> bool {
        self.offset.is_some()
    }

    fn at(segment: &Segment, offset: u64, reason: String) -> Self {
        Self { place: segment.place.clone(), verdict: DAMAGED, offset: Some(offset), reason }
    }

    /// Finds the first position at which a segment that is known to differ does so. `hashes` are the recorded ones of
    /// its blocks.
    pub(super) fn locate(segment: &Segment, places: &Places, hashes: &[u8]) -> Self {
        let reader = match segment.read(places) {
            Ok(reader) => reader,
            Err(error) => return Self::unreadable(segment, &error),
        };
        let mut expected = hashes.chunks_exact(Hash::LENGTH).zip(segment.first..);
        for block in reader {
            match block {
                Err(error) => return Self::reported(segment, &error),
                Ok(block) => {
                    if let Some(reason) = fault(&block, expected.next()) {
                        return Self::at(segment, block.offset, reason);
                    }
                }
            }
        }
        Self::beyond_blocks(segment, places, expected.next().map(|(_, number)| number))
    }

    /// The damage in a file in which every existing block is correct.
    fn beyond_blocks(segment: &Segment, places: &Places, missing: Option<u64>) -> Self {
        let size = places.size(&segment.place);
        match missing {
            Some(number) => {
                let reason =
                    format!("it ends before block {number}; {} bytes are missing", segment.bytes.saturating_sub(size));
                Self::at(segment, size, reason)
            }
            None => Self {
                place: segment.place.clone(),
                verdict: DAMAGED,
                offset: None,
                reason: format!(
                    "every block agrees with itself and with the chain, but the SHA-256 of the whole file is not the \
                     one recorded, so something that no hash of a block covers was changed ({size} bytes, {} recorded)",
                    segment.bytes
                ),
            },
        }
    }
}

/// What is wrong with a block, given the hash and number that were recorded for its position.
fn fault(block: &RawBlock, expected: Option<(&[u8], u64)>) -> Option<String> {
    let found = block.header.sequence_no;
    match expected {
        None => Some(format!("block {found} follows the last block that belongs here")),
        Some((_, number)) if number != found => Some(format!("block {number} should begin here, not block {found}")),
        Some((hash, _)) if hash != block.links.block_hash.as_bytes() => {
            Some(format!("the hash of block {found} is not the one recorded"))
        }
        Some(_) => inner_fault(block),
    }
}

/// What does not agree inside a block in its right position.
fn inner_fault(block: &RawBlock) -> Option<String> {
    let number = block.header.sequence_no;
    match check(block) {
        Err(error) => Some(format!("block {number} cannot be read at offset {}: {}", error.offset, error.reason)),
        Ok(checked) => {
            let fault = checked.faults.into_iter().next()?;
            let (field, expected, found) = (fault.field, fault.expected, fault.found);
            Some(format!("{field} of block {number}: expected {expected}, found {found}"))
        }
    }
}
