//! Every error that ends a command, with its message. For every command.

mod advised;
pub(crate) mod configuration;
mod exits;
pub(crate) mod files;
pub(crate) use crate::cli::global::flags;
pub(crate) mod remedies;
pub(crate) mod s3;
pub(crate) mod wording;

pub(crate) use advised::Advice;

use std::io;
use std::path::PathBuf;

use crate::cli::global::exit::Exit;
use crate::cli::global::signal::Signal;
use crate::cli::global::typed::Typed;
use crate::client::ClientError;
use qldb_aws::with_causes;
use qldb_endpoint::endpoint::{CredentialsError, EndpointError};
use qldb_endpoint::engine::{ImportError, LEDGER, LedgerError, OpenError, RecoverError, RefusedJournal, ServiceError};
use qldb_endpoint::store::StoreError;
use qldb_journal::archive::verify::{ResumeError, Status, VerifyError};
use qldb_journal::request::{Faults, UniqueId};
use qldb_tables::TableError;

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    /// The request breaks rules.
    #[error("{}", listed(.0))]
    Faults(Faults),
    /// A call failed.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The list of all exports has no export with this id.
    #[error("there is no export {0}: look it up with `list`; ended ones are forgotten after 7 days")]
    NoSuchExport(UniqueId),
    /// The export will never be complete.
    #[error("export {id} ended CANCELLED{}", .reason.as_ref().map(|reason| format!(": {}", remedies::reason(reason))).unwrap_or_default())]
    Cancelled {
        /// The export.
        id: String,
        /// The service's explanation.
        reason: Option<String>,
    },
    /// The export of a window could not be made.
    #[error("{window}: {cause}")]
    Window {
        /// Which window, as messages show it.
        window: String,
        /// What happened.
        #[source]
        cause: Box<CliError>,
    },
    /// Windows of time have ended, and nothing exports them.
    #[error("{0}")]
    NotExported(String),
    /// The time to wait is over.
    #[error("{0}")]
    TimedOut(String),
    /// A signal arrived.
    #[error("{0}")]
    Stopped(Signal),
    /// The data directory can't be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The engine refused what a `ledger` command asked for.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// Documents or samples could not be written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The built-in endpoint can't serve.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// The built-in endpoint has no key pair.
    #[error(transparent)]
    Credentials(#[from] CredentialsError),
    /// A verification could not be completed.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The state of an interrupted verification can't be used.
    #[error(transparent)]
    Resume(#[from] ResumeError),
    /// A store failed.
    #[error("{0}")]
    #[cfg_attr(not(feature = "s3"), expect(dead_code, reason = "nothing else is asked of a store from here"))]
    Store(#[source] StoreError),
    /// An archive can't be read until its objects are restored.
    #[error("{message}")]
    Archived {
        /// Which objects, and that nothing was read.
        message: String,
        /// How to restore them.
        advice: Advice,
    },
    /// An archive is not proved, and why.
    #[error("not proved: {1}")]
    NotProvedFor(Status, String),
    /// An archive did not verify when a sync last checked, and has not verified since.
    #[error(
        "not proved: {}, since {since}: `qldb-export verify {archive}` shows what is wrong. Each sync fails until one \
         with --verify finds the archive mended", .verdict.as_str()
    )]
    NotProvedSince {
        /// The verdict.
        verdict: Status,
        /// When this was first found.
        since: String,
        /// Its location, quoted for a shell.
        archive: String,
    },
    /// An archive has nothing that matches the question.
    #[error("{0}")]
    NotInArchive(String),
    /// Tables can't be written.
    #[error(transparent)]
    Table(#[from] TableError),
    /// An archive can't become a ledger.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// There is no such journal.
    #[error(transparent)]
    Recover(RecoverError),
    /// Some journals could not be added to the rebuilt catalog.
    #[error("{}", unrecovered(.0))]
    Unrecovered(Vec<RefusedJournal>),
    /// The `serve` that holds the data directory could not do what it was asked.
    #[error("{message}")]
    Served {
        /// The exit code.
        exit: Exit,
        /// The message.
        message: String,
        /// The advice.
        advice: Option<Advice>,
    },
    /// The `serve` that held the data directory did not accept the call, and will not.
    #[error("the `serve` that held the data directory does not answer any more, and nothing was done{}", reason(.0.as_ref()))]
    Unheard(Option<io::Error>),
    /// Stdout accepts no more output.
    #[error("{}", unprinted(.0))]
    Stdout(#[from] io::Error),
    /// A file can't be read or written.
    #[error("{}: {source}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The system provides no threads or signals.
    #[error("{0}")]
    System(String),
}

// As in other commands when the data directory itself is at fault.
impl From<RecoverError> for CliError {
    fn from(error: RecoverError) -> Self {
        match error {
            RecoverError::Open(error) => Self::Open(error),
            RecoverError::Service(error) => Self::Service(error),
            RecoverError::NoJournal(_) => Self::Recover(error),
        }
    }
}

// Not `#[from]`: that would make the faults the error's cause too, and print them twice.
impl From<Faults> for CliError {
    fn from(faults: Faults) -> Self {
        Self::Faults(faults)
    }
}

impl CliError {
    /// The error with those of its causes that it does not mention itself.
    pub(crate) fn explained(&self) -> String {
        if let Self::Window { window, cause } = self {
            return format!("{window}: {}", cause.explained());
        }
        with_causes(wording::of(self), self)
    }

    /// The error with the names that were typed.
    pub(crate) fn with_names(self, typed: &Typed) -> Self {
        match self {
            Self::Faults(faults) => Self::Faults(flags::as_typed(faults, typed)),
            other => other,
        }
    }

    /// Whether it says that there is no such ledger.
    pub(crate) fn is_of_missing_ledger(&self) -> bool {
        match self {
            Self::Client(ClientError::NotFound(answer)) => {
                // A missing export is reported with its ledger.
                !answer.message.as_deref().is_some_and(|message| message.contains("JournalS3Export"))
            }
            Self::Service(error) | Self::Ledger(LedgerError::Service(error)) => {
                matches!(error, ServiceError::ResourceNotFound { resource_type, .. } if resource_type == LEDGER)
            }
            Self::Window { cause, .. } => cause.is_of_missing_ledger(),
            _ => false,
        }
    }
}

/// A result that can't be printed in the requested form is not a failure of stdout.
fn unprinted(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::InvalidInput => error.to_string(),
        _ => format!("the result could not be written to stdout: {error}"),
    }
}

/// Why there is no connection, if the system says so.
fn reason(error: Option<&io::Error>) -> String {
    error.map(|error| format!(": {error}")).unwrap_or_default()
}

/// Each journal that could not be recovered and why, and what to do.
fn unrecovered(refused: &[RefusedJournal]) -> String {
    let line = |one: &RefusedJournal| {
        let name = one.name.as_ref().map_or_else(String::new, |name| format!(" of the ledger {name}"));
        format!(
            "the journal{name} in {} stays out of the catalog: {}",
            one.journal.display(),
            remedies::refusal(&one.why)
        )
    };
    let remedy = "put the right files back and recover again, or move the folder out of the data directory and import \
                  the ledger from an archive";
    let lines: Vec<String> = refused.iter().map(line).collect();
    format!("{}\n{remedy}", lines.join("\n"))
}

fn listed(faults: &Faults) -> String {
    let lines: Vec<String> = faults.iter().map(flags::message).collect();
    match lines.as_slice() {
        [only] if only.ends_with('?') => format!("{only} Nothing was sent"),
        [only] => format!("{only}; nothing was sent"),
        many => {
            format!("{} problems in the request, and nothing was sent:\n  {}", many.len(), many.join("\n  "))
        }
    }
}
