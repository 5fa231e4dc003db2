//! The engine's errors. [`ServiceError`] is what the API returns; its messages are those of the
//! service as far as they are known (docs/qldb.md 2.3).

use std::io;
use std::path::PathBuf;

use qldb_journal::request::{LedgerName, UniqueId};

use super::database::DbError;
use super::document_fault::DocumentFault;
use super::limits;

/// The resource type of ledgers in error shapes.
pub const LEDGER: &str = "Ledger";
/// The resource type of exports in error shapes.
pub const EXPORT: &str = "JournalS3Export";

/// An error shape of the API model, or an internal failure.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServiceError {
    /// HTTP 400.
    #[error("{message}")]
    InvalidParameter {
        /// What is wrong with it.
        message: String,
        /// The member of the API model.
        parameter: String,
    },
    /// HTTP 400.
    #[error("{message}")]
    LimitExceeded {
        /// Which limit was exceeded.
        message: String,
        /// The type of resource.
        resource_type: String,
    },
    /// HTTP 409.
    #[error("{message}")]
    ResourceAlreadyExists {
        /// What already exists.
        message: String,
        /// Its type.
        resource_type: String,
        /// Its name.
        resource_name: String,
    },
    /// HTTP 409.
    #[error("{message}")]
    ResourceInUse {
        /// What is being done with it.
        message: String,
        /// Its type.
        resource_type: String,
        /// Its name.
        resource_name: String,
    },
    /// HTTP 404.
    #[error("{message}")]
    ResourceNotFound {
        /// What is missing.
        message: String,
        /// Its type.
        resource_type: String,
        /// Its name.
        resource_name: String,
    },
    /// HTTP 412.
    #[error("{message}")]
    ResourcePreconditionNotMet {
        /// Which condition is not met.
        message: String,
        /// Its type.
        resource_type: String,
        /// Its name.
        resource_name: String,
    },
    /// HTTP 500.
    #[error("internal failure: {0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ServiceError {
    pub(crate) fn invalid(parameter: &str, message: impl Into<String>) -> Self {
        Self::InvalidParameter { message: message.into(), parameter: parameter.to_owned() }
    }

    pub(crate) fn ledger_not_found(name: &LedgerName) -> Self {
        Self::ResourceNotFound {
            message: format!("The Ledger with name {name} is not found"),
            resource_type: LEDGER.to_owned(),
            resource_name: name.to_string(),
        }
    }

    pub(crate) fn export_not_found(ledger: &LedgerName, id: &UniqueId) -> Self {
        Self::ResourceNotFound {
            message: format!("The JournalS3Export with id {id} of ledger {ledger} is not found"),
            resource_type: EXPORT.to_owned(),
            resource_name: id.to_string(),
        }
    }

    pub(crate) fn ledger_exists(name: &LedgerName) -> Self {
        Self::ResourceAlreadyExists {
            message: format!("The Ledger with name {name} already exists"),
            resource_type: LEDGER.to_owned(),
            resource_name: name.to_string(),
        }
    }

    pub(crate) fn ledger_in_use(name: &LedgerName, state: &str) -> Self {
        Self::ResourceInUse {
            message: format!("The Ledger with name {name} is in state {state}"),
            resource_type: LEDGER.to_owned(),
            resource_name: name.to_string(),
        }
    }

    pub(crate) fn ledger_precondition(name: &LedgerName, what: &str) -> Self {
        Self::ResourcePreconditionNotMet {
            message: format!("The Ledger with name {name} {what}"),
            resource_type: LEDGER.to_owned(),
            resource_name: name.to_string(),
        }
    }

    pub(crate) fn too_many_exports() -> Self {
        Self::LimitExceeded {
            message: format!(
                "Exceeded the limit of {} concurrently running Journal export jobs",
                limits::ACTIVE_EXPORTS_PER_LEDGER
            ),
            resource_type: EXPORT.to_owned(),
        }
    }

    pub(crate) fn too_many_ledgers() -> Self {
        Self::LimitExceeded {
            message: format!("Exceeded the limit of {} ledgers", limits::LEDGERS),
            resource_type: LEDGER.to_owned(),
        }
    }

    pub(crate) fn internal(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Internal(error.into())
    }
}

impl OpenError {
    /// Whether the catalog's file exists but is not a database, or is a damaged one.
    pub fn is_ruined(&self) -> bool {
        matches!(self, Self::Catalog { source, .. } if source.0.is_ruined())
    }

    /// A catalog that can't be read.
    pub(super) fn catalog(path: PathBuf, error: impl Into<DbError>) -> Self {
        Self::Catalog { path, source: CatalogError(error.into()) }
    }
}

/// The error of the catalog's database.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct CatalogError(DbError);

impl From<DbError> for ServiceError {
    fn from(error: DbError) -> Self {
        Self::internal(error)
    }
}

/// Why a data directory could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another process holds it.
    #[error(
        "the data directory {} is in use by {}",
        path.display(),
        holder.map_or_else(|| "another process".to_owned(), |id| format!("process {id}"))
    )]
    Locked {
        /// The data directory.
        path: PathBuf,
        /// The process that holds the lock, if it can be read.
        holder: Option<u32>,
    },
    /// It cannot be read or written.
    #[error("cannot use the data directory: {}: {}", path.display(), crate::store::cause(source))]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Its catalog cannot be read.
    #[error("cannot read the catalog {}: {source}", path.display())]
    Catalog {
        /// The catalog.
        path: PathBuf,
        /// The database's error.
        source: CatalogError,
    },
    /// Its catalog does not know the journals beside it.
    #[error(
        "the catalog {} is missing, empty or older than the journal{} in {}, which would be lost with it; nothing was \
         changed",
        catalog.display(),
        ledger.as_ref().map_or_else(String::new, |name| format!(" of the ledger {name}")),
        journal.display()
    )]
    Behind {
        /// The catalog.
        catalog: PathBuf,
        /// The folder of the journal.
        journal: PathBuf,
        /// The ledger, if the folder names it.
        ledger: Option<LedgerName>,
    },
    /// Its catalog was written by a later version of this program.
    #[error("the catalog {} has schema version {found}, but this program supports only up to {known}", path.display())]
    Newer {
        /// The catalog.
        path: PathBuf,
        /// Its version.
        found: u32,
        /// The version that this program writes.
        known: u32,
    },
    /// Interrupted work could not be resumed.
    #[error("cannot resume what was interrupted: {0}")]
    Resume(#[source] ServiceError),
}

/// Why a ledger could not be created or added to.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LedgerError {
    /// The service's own error.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// Something in the input breaks a rule.
    #[error("{place}: {fault}")]
    Document {
        /// Where it begins: `line 3`, or `value 3` in Ion binary.
        place: String,
        /// The rule that it breaks.
        fault: DocumentFault,
    },
    /// A value of the call is out of bounds.
    #[error("{0}")]
    Invalid(String),
    /// The journal can't be read as it is.
    #[error("{0}")]
    Damaged(String),
    /// A file of the journal, or the input, cannot be read or written.
    #[error("{what}: {}", crate::store::cause(source))]
    Io {
        /// What was being done.
        what: String,
        /// The system's error.
        source: io::Error,
    },
}

impl LedgerError {
    pub(crate) fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }
}

impl From<DbError> for LedgerError {
    fn from(error: DbError) -> Self {
        Self::Service(error.into())
    }
}
