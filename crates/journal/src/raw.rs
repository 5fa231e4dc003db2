//! A block as bytes, with the little that selection and the chain need. For the checker, which makes
//! it, and for the reader and the writer of blocks.

use chrono::{DateTime, Utc};

use super::ion::{IonError, RawValue, Reader};
use super::{Hash, JournalError};

/// The encoding of blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// One Ion text struct a block.
    IonText,
    /// Ion 1.0 binary.
    IonBinary,
    /// One JSON object a line, down-converted from Ion.
    Json,
}

/// What selection needs to know about a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockHeader {
    /// The strand.
    pub strand_id: String,
    /// The block's number.
    pub sequence_no: u64,
    /// When the transaction was committed.
    pub timestamp: DateTime<Utc>,
}

/// A block's links in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Links {
    /// The block's own hash.
    pub block_hash: Hash,
    /// The hash of the previous block; `None` if it is empty, as in the first block of a journal.
    pub previous_block_hash: Option<Hash>,
}

/// One block, as it is stored in an object. Only its head was parsed.
#[derive(Debug, Clone)]
pub struct RawBlock {
    /// Strand, number and time.
    pub header: BlockHeader,
    /// Its links in the chain, as stated in the block.
    pub links: Links,
    /// The offset of its first byte in the object.
    pub offset: u64,
    /// Its encoding.
    pub encoding: Encoding,
    pub(super) value: RawValue,
}

impl RawBlock {
    /// A block that a reader has just read to its end.
    pub(crate) fn taken(header: BlockHeader, links: Links, is_json: bool, value: RawValue) -> Self {
        let encoding = match (value.binary, is_json) {
            (true, _) => Encoding::IonBinary,
            (false, true) => Encoding::Json,
            (false, false) => Encoding::IonText,
        };
        Self { header, links, offset: value.offset, encoding, value }
    }

    /// The bytes, as they are in the object.
    pub fn bytes(&self) -> &[u8] {
        &self.value.bytes
    }

    /// Reads the block item by item.
    pub fn reader(&self) -> Reader<'_> {
        self.value.reader()
    }

    pub(super) fn error(&self, error: IonError) -> JournalError {
        JournalError::within(self.offset, error)
    }
}
