//! The result of a recovery: the ledgers that were entered in the catalog, and the journals that stay out.

use std::path::PathBuf;

use super::error::{OpenError, ServiceError};
use super::record::FILE_NAME;
use super::verified::Unproved;
use qldb_journal::Hash;
use qldb_journal::request::{LedgerName, UniqueId};

/// What a recovery found and did.
#[derive(Debug, Default)]
pub struct Recovery {
    /// The ledgers that were entered.
    pub recovered: Vec<RecoveredLedger>,
    /// The ledgers that the catalog knows as they lie.
    pub known: Vec<LedgerName>,
    /// The journals that stay out.
    pub refused: Vec<RefusedJournal>,
    /// Where a catalog that could not be read is now, with what belongs to it.
    pub put_aside: Vec<PathBuf>,
}

/// A ledger that was entered.
#[derive(Debug)]
pub struct RecoveredLedger {
    /// Its name.
    pub name: LedgerName,
    /// Its strand.
    pub strand_id: UniqueId,
    /// How many segments verified.
    pub segments: u64,
    /// The first and the last block; none without blocks.
    pub blocks: Option<(u64, u64)>,
    /// The hash of the last block.
    pub last_block_hash: Option<Hash>,
    /// Whether the record was missing, so that its settings are those of a new ledger.
    pub without_record: bool,
}

/// A journal that can't be entered.
#[derive(Debug)]
pub struct RefusedJournal {
    /// Its folder.
    pub journal: PathBuf,
    /// The ledger, as far as the folder names it.
    pub name: Option<LedgerName>,
    /// Why.
    pub why: Refusal,
}

/// Why a journal can't be entered.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Something is not what it was.
    #[error("{0}")]
    Damaged(String),
    /// Something is missing.
    #[error("{0}")]
    Incomplete(String),
    /// Something cannot be read, which may pass.
    #[error("{0}")]
    Unreadable(String),
    /// Nothing says whose it is.
    #[error("it has no {FILE_NAME} that says which ledger it is")]
    Nameless,
    /// Another journal has its name.
    #[error("another journal has the name {0} already")]
    Taken(LedgerName),
}

impl From<Unproved> for Refusal {
    fn from(unproved: Unproved) -> Self {
        match unproved {
            Unproved::Damaged(reason) => Self::Damaged(reason),
            Unproved::Incomplete(reason) => Self::Incomplete(reason),
            Unproved::Unreadable(reason) => Self::Unreadable(reason),
        }
    }
}

/// Why nothing could be recovered at all.
#[derive(Debug, thiserror::Error)]
pub enum RecoverError {
    /// The data directory cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// No journal is that ledger's.
    #[error("there is no journal of a ledger {0}")]
    NoJournal(LedgerName),
    /// The catalog cannot be written.
    #[error(transparent)]
    Service(#[from] ServiceError),
}
