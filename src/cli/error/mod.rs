//! Every error that ends a command, and its exit code.

mod advised;
pub(crate) mod configuration;
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
use qldb_endpoint::engine::{
    ImportError, LEDGER, LedgerError, OpenError, RecoverError, Refusal, RefusedJournal, ServiceError,
};
use qldb_endpoint::store::StoreError;
use qldb_journal::archive::prove::ProveError;
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

    /// The exit code.
    pub(crate) fn exit(&self) -> Exit {
        if let Some(exit) = s3::exit(self) {
            return exit;
        }
        match self {
            Self::Faults(_) => Exit::Usage,
            Self::Client(error) => of_client(error),
            Self::NoSuchExport(_) | Self::NotInArchive(_) | Self::Recover(_) => Exit::NotFound,
            Self::Cancelled { .. } => Exit::Cancelled,
            Self::Window { cause, .. } => cause.exit(),
            Self::NotExported(_) => Exit::Incomplete,
            Self::TimedOut(_) => Exit::TimedOut,
            Self::Stopped(Signal::Interrupt) => Exit::Interrupted,
            Self::Stopped(Signal::Terminate) => Exit::Terminated,
            Self::Open(error) => of_open(error),
            Self::Credentials(CredentialsError::Unavailable(_)) => Exit::Denied,
            Self::Endpoint(_) | Self::Credentials(_) | Self::Unheard(_) => Exit::Unreachable,
            Self::Service(error) => of_service(error),
            Self::Ledger(error) => of_ledger(error),
            Self::Verify(error) => of_verify(error),
            Self::Resume(error) => of_resume(error),
            Self::NotProvedFor(status, _) | Self::NotProvedSince { verdict: status, .. } => of_status(*status),
            Self::Table(error) => of_table(error),
            Self::Import(error) => of_import(error),
            Self::Served { exit, .. } => *exit,
            Self::Unrecovered(refused) => of_refused(refused),
            Self::Archived { .. } => Exit::Refused,
            Self::Stdout(_) | Self::File { .. } | Self::System(_) | Self::Store(_) => Exit::Unexpected,
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

fn of_client(error: &ClientError) -> Exit {
    match error {
        ClientError::NoRegion => Exit::Usage,
        ClientError::Configuration(error) => configuration::exit(error),
        ClientError::Credentials(failure) => configuration::exit_without_credentials(failure),
        ClientError::Denied(_) => Exit::Denied,
        ClientError::Refused(answer) if s3::is_without_credentials(answer) => Exit::Denied,
        ClientError::NotFound(_) => Exit::NotFound,
        ClientError::Refused(_) => Exit::Refused,
        ClientError::LimitExceeded(_) => Exit::LimitExceeded,
        ClientError::Unreachable { .. }
        | ClientError::ServiceEnded { .. }
        | ClientError::ProxyAnswered { .. }
        | ClientError::AnswerLost { .. } => Exit::Unreachable,
        ClientError::Throttled(_) | ClientError::ServiceFault(_) | ClientError::Unexpected(_) => Exit::Unexpected,
    }
}

fn of_open(error: &OpenError) -> Exit {
    match error {
        OpenError::Locked { .. } | OpenError::Io { .. } => Exit::Unreachable,
        // A catalog that can't be read, is outdated or too new, or an export that can't be resumed.
        _ => Exit::Unexpected,
    }
}

fn of_verify(error: &VerifyError) -> Exit {
    match error {
        VerifyError::Source(error) if error.wrong_question().is_some() => Exit::Usage,
        VerifyError::Source(_) => Exit::Unreachable,
        VerifyError::Resume(error) => of_resume(error),
        VerifyError::Take(cause) => match cause.downcast_ref() {
            Some(ProveError::SeveralJournals(_)) => Exit::Usage,
            _ => cause.downcast_ref().map_or(Exit::Unexpected, of_table),
        },
        VerifyError::Unread { .. } => Exit::Incomplete,
        VerifyError::Interrupted => Exit::Interrupted,
        _ => Exit::Unexpected,
    }
}

fn of_resume(error: &ResumeError) -> Exit {
    match error {
        ResumeError::Other { .. } | ResumeError::NotAState(_) | ResumeError::InUse(_) | ResumeError::OfPart { .. } => {
            Exit::Usage
        }
        _ => Exit::Unexpected,
    }
}

fn of_table(error: &TableError) -> Exit {
    match error {
        TableError::Exists(_)
        | TableError::Foreign { .. }
        | TableError::Busy(_)
        | TableError::SeveralJournals(_)
        | TableError::SeveralNames(_)
        | TableError::NotContinued { .. }
        | TableError::Unproved { .. }
        | TableError::Complete(_)
        | TableError::PartsDiffer { .. }
        | TableError::TooManyTables(_)
        | TableError::NotAPartition(_) => Exit::Usage,
        TableError::NoSuchTable { .. } => Exit::NotFound,
        TableError::PartsMissing { .. } => Exit::Incomplete,
        // The disk, or a file that can't be read.
        _ => Exit::Unexpected,
    }
}

fn of_status(status: Status) -> Exit {
    match status {
        Status::Proved => Exit::Done,
        Status::Damaged => Exit::Damaged,
        Status::Incomplete => Exit::Incomplete,
        Status::Unproved => Exit::Unproved,
    }
}

fn of_import(error: &ImportError) -> Exit {
    match error {
        ImportError::NotProved(status) => of_status(*status),
        ImportError::Json | ImportError::Nothing | ImportError::Tables(_) => Exit::Unproved,
        ImportError::Gap { .. } => Exit::Incomplete,
        ImportError::Interrupted => Exit::Interrupted,
        ImportError::Differs { .. } | ImportError::Changed(_) => Exit::Damaged,
        ImportError::Several(_) | ImportError::NotHere(_) | ImportError::PathNotText(_) => Exit::Usage,
        ImportError::OtherStrand { .. } | ImportError::Known(_) | ImportError::Before { .. } => Exit::Refused,
        ImportError::Ledger(error) => of_ledger(error),
    }
}

/// If there are several, the worst.
fn of_refused(refused: &[RefusedJournal]) -> Exit {
    let exits = refused.iter().map(|one| match one.why {
        Refusal::Damaged(_) => (0, Exit::Damaged),
        Refusal::Incomplete(_) => (1, Exit::Incomplete),
        Refusal::Unreadable(_) => (2, Exit::Unreachable),
        Refusal::Nameless | Refusal::Taken(_) => (3, Exit::Usage),
    });
    exits.min_by_key(|(rank, _)| *rank).map_or(Exit::Unexpected, |(_, exit)| exit)
}

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

fn of_ledger(error: &LedgerError) -> Exit {
    match error {
        LedgerError::Service(error) => of_service(error),
        LedgerError::Document { .. } | LedgerError::Invalid(_) => Exit::Usage,
        // A journal that can't be read, files that can't be written.
        _ => Exit::Unexpected,
    }
}

fn of_service(error: &ServiceError) -> Exit {
    match error {
        ServiceError::ResourceNotFound { .. } => Exit::NotFound,
        ServiceError::InvalidParameter { .. }
        | ServiceError::ResourceAlreadyExists { .. }
        | ServiceError::ResourceInUse { .. }
        | ServiceError::ResourcePreconditionNotMet { .. } => Exit::Refused,
        ServiceError::LimitExceeded { .. } => Exit::LimitExceeded,
        _ => Exit::Unexpected,
    }
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
