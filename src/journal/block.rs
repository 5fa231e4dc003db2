//! Blocks as bytes.

use std::io::{Read, Write};
use std::marker::PhantomData;

use chrono::{DateTime, Utc};

use super::Hash;

/// How blocks are written down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// One Ion text struct a block.
    IonText,
    /// Ion 1.0 binary.
    IonBinary,
    /// One JSON object a line, down-converted from Ion.
    Json,
}

/// What selection needs to know of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockHeader {
    /// The strand.
    pub strand_id: String,
    /// The block's number.
    pub sequence_no: u64,
    /// When the transaction was committed.
    pub timestamp: DateTime<Utc>,
}

/// How a block hangs in the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Links {
    /// The block's own hash.
    pub block_hash: Hash,
    /// The hash of the block before; none for the first block of a journal.
    pub previous_block_hash: Option<Hash>,
}

/// One block as it stands in an object.
#[derive(Debug, Clone)]
pub struct RawBlock {
    /// Strand, number and time.
    pub header: BlockHeader,
    /// Its place in the chain.
    pub links: Links,
    /// The offset of its first byte in the object.
    pub offset: u64,
}

/// A place in an object that can't be read as a block.
#[derive(Debug, thiserror::Error)]
#[error("offset {offset}: {reason}")]
pub struct JournalError {
    /// The offset in the object, in bytes.
    pub offset: u64,
    /// What is wrong there.
    pub reason: String,
    /// The failure of the reader or writer below, if that is what it was.
    #[source]
    pub io: Option<std::io::Error>,
}

/// Reads the blocks of one object, one at a time.
pub struct BlockReader<R>(PhantomData<R>);

impl<R: Read> BlockReader<R> {
    /// Reads blocks from the beginning of an object.
    pub fn new(_source: R, _encoding: Encoding) -> Self {
        Self(PhantomData)
    }
}

impl<R: Read> Iterator for BlockReader<R> {
    type Item = Result<RawBlock, JournalError>;

    fn next(&mut self) -> Option<Self::Item> {
        None
    }
}

/// Writes blocks to one object in an encoding of choice.
pub struct BlockWriter<W>(W);

impl<W: Write> BlockWriter<W> {
    /// Begins an object.
    pub fn new(out: W, _encoding: Encoding) -> Self {
        Self(out)
    }

    /// Writes one block: copied where the encodings agree, transcoded otherwise.
    pub fn write(&mut self, _block: &RawBlock) -> Result<(), JournalError> {
        Ok(())
    }

    /// Ends the object and gives the output back.
    pub fn finish(self) -> std::io::Result<W> {
        Ok(self.0)
    }
}
