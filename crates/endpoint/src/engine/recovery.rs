//! The result of a recovery: the ledgers that were added to the catalog, and the journals that were
//! not.

use std::path::PathBuf;

use super::error::{OpenError, ServiceError};
use super::record::FILE_NAME;
use super::verified::Unproved;
use qldb_journal::Hash;
use qldb_journal::request::{LedgerName, UniqueId};

/// What a recovery found and did.
#[derive(Debug, Default)]
pub struct Recovery {
    /// The ledgers that were added.
    pub recovered: Vec<RecoveredLedger>,
    /// The ledgers that the catalog already knows.
    pub known: Vec<LedgerName>,
    /// The journals that were not added.
    pub refused: Vec<RefusedJournal>,
    /// The new paths of an unreadable catalog and its companion files.
    pub put_aside: Vec<PathBuf>,
}

/// A ledger that was added.
#[derive(Debug)]
pub struct RecoveredLedger {
    /// Its name.
    pub name: LedgerName,
    /// Its strand.
    pub strand_id: UniqueId,
    /// The number of segments that verified.
    pub segments: u64,
    /// The first and the last block; `None` without blocks.
    pub blocks: Option<(u64, u64)>,
    /// The hash of the last block.
    pub last_block_hash: Option<Hash>,
    /// Whether the record was missing, so that it has the settings of a new ledger.
    pub without_record: bool,
}

/// A journal that can't be added.
#[derive(Debug)]
pub struct RefusedJournal {
    /// Its folder.
    pub journal: PathBuf,
    /// The ledger, if the folder names it.
    pub name: Option<LedgerName>,
    /// Why.
    pub why: Refusal,
}

/// Why a journal can't be added.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// Something was changed.
    #[error("{0}")]
    Damaged(String),
    /// Something is missing.
    #[error("{0}")]
    Incomplete(String),
    /// Something can't be read, which may be temporary.
    #[error("{0}")]
    Unreadable(String),
    /// Nothing says whose it is.
    #[error("it has no {FILE_NAME} that names its ledger")]
    Nameless,
    /// Another journal has its name.
    #[error("another journal already has the name {0}")]
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
    /// The data directory can't be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// No journal belongs to that ledger.
    #[error("there is no journal of a ledger {0}")]
    NoJournal(LedgerName),
    /// The catalog can't be written.
    #[error(transparent)]
    Service(#[from] ServiceError),
}
