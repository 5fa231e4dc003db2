//! Why an archive can't become a ledger.

use crate::engine::database::DbError;
use crate::engine::error::{LedgerError, ServiceError};
use qldb_journal::archive::verify::Status;
use qldb_journal::request::{LedgerName, UniqueId};

/// Why an archive can't be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is not proved to be complete and unaltered.
    #[error("the archive is {}: only a proved one can become a ledger", .0.as_str())]
    NotProved(Status),
    /// It is JSON.
    #[error("an archive in JSON can't become a ledger, because JSON has lost Ion's types")]
    Json,
    /// It holds no block.
    #[error("the archive holds no block")]
    Nothing,
    /// It has more tables than are counted individually.
    #[error("the archive has more than {0} tables, which no QLDB ledger has: it can't become a ledger")]
    Tables(usize),
    /// It holds several journals.
    #[error("the archive holds several journals ({0})")]
    Several(String),
    /// It is from another journal than the ledger's.
    #[error("the archive is of strand {archive}, but the ledger {ledger} has strand {strand}")]
    OtherStrand {
        /// The ledger.
        ledger: LedgerName,
        /// Its strand.
        strand: UniqueId,
        /// The archive's.
        archive: String,
    },
    /// Another ledger here has this journal.
    #[error("the archive holds the journal of the ledger {0}")]
    Known(LedgerName),
    /// Blocks between the ledger and the archive are missing.
    #[error("the archive begins at block {first}, but the ledger ends at block {last}")]
    Gap {
        /// The archive's first block.
        first: u64,
        /// The ledger's last block.
        last: u64,
    },
    /// The archive begins earlier than the ledger.
    #[error("the archive begins at block {first}, before the ledger's first block {ledger_first}")]
    Before {
        /// The archive's first block.
        first: u64,
        /// The ledger's first block.
        ledger_first: u64,
    },
    /// The archive has a different block than the ledger.
    #[error("{key}: block {sequence_no} is not the ledger's: expected {expected}, found {found}")]
    Differs {
        /// The object.
        key: String,
        /// The block.
        sequence_no: u64,
        /// The hash in the ledger.
        expected: String,
        /// The hash in the archive.
        found: String,
    },
    /// An object is no longer the one that was just verified.
    #[error("{0} changed after it was verified")]
    Changed(String),
    /// Nothing in the object's location will show whether it is still the same later.
    #[error("{0} can't be used in place, because its store gives no ETag that would show a change")]
    NotHere(String),
    /// The object's path can't be stored, because it is not UTF-8.
    #[error("{0} can't be used in place, because its path is not UTF-8")]
    PathNotText(String),
    /// It was asked to stop, and removed what it had copied.
    #[error("the import was interrupted, and nothing was imported")]
    Interrupted,
    /// The ledger can't be made or changed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<ServiceError> for ImportError {
    fn from(error: ServiceError) -> Self {
        Self::Ledger(error.into())
    }
}

impl From<DbError> for ImportError {
    fn from(error: DbError) -> Self {
        Self::Ledger(error.into())
    }
}
