//! The exit code of every error. A new error needs a decision here: the matches are exhaustive,
//! except over enums that are `#[non_exhaustive]` in their crate.
//!
//! For the command line, through [`CliError::exit`].

use super::{CliError, configuration, s3};
use crate::cli::global::exit::Exit;
use crate::cli::global::signal::Signal;
use crate::client::ClientError;
use qldb_endpoint::endpoint::CredentialsError;
use qldb_endpoint::engine::{ImportError, LedgerError, OpenError, Refusal, RefusedJournal, ServiceError};
use qldb_journal::archive::prove::ProveError;
use qldb_journal::archive::verify::{ResumeError, Status, VerifyError};
use qldb_tables::TableError;

impl CliError {
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
