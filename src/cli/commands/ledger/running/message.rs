//! What a command asks of a running `serve`, and the replies.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cli::context::object_store::S3Access;
use crate::cli::error::Advice;
use crate::cli::error::CliError;
use crate::cli::global::exit::Exit;
use qldb_endpoint::engine::{LedgerError, ServiceError};

/// The first message of a call.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Call {
    /// The caller's version: another version's messages may mean something else.
    pub(super) version: String,
    pub(super) asked: LedgerOperation,
}

/// What can be asked for: each is a call of the engine.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::cli::commands::ledger) enum LedgerOperation {
    /// Every ledger.
    List,
    /// One ledger.
    Ledger { name: String },
    /// What is known about its journal.
    Facts { name: String },
    /// What its journal holds.
    Outline { name: String },
    /// Its digest.
    Digest { name: String },
    /// Create a ledger with sample data.
    Sample { name: String, transactions: u64, days: u32, seed: u64 },
    /// Append the documents that are sent.
    Append { name: String, table: String, batch: usize, committed: bool },
    /// Import an archive.
    Import(Box<Import>),
    /// Turn deletion protection off.
    Unprotect { name: String },
    /// Delete a ledger.
    Delete { name: String },
    /// Join small segments.
    Compact { name: String },
}

impl LedgerOperation {
    /// Whether it changes something.
    pub(super) fn is_change(&self) -> bool {
        !matches!(
            self,
            Self::List | Self::Ledger { .. } | Self::Facts { .. } | Self::Outline { .. } | Self::Digest { .. }
        )
    }
}

/// Which archive, and how to reach it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::cli::commands::ledger) struct Import {
    pub(in crate::cli::commands::ledger) name: String,
    /// Absolute paths, or S3 addresses.
    pub(in crate::cli::commands::ledger) paths: Vec<PathBuf>,
    pub(in crate::cli::commands::ledger) in_place: bool,
    pub(in crate::cli::commands::ledger) ledger: Option<String>,
    /// The caller's own flag, for the advice that it gets.
    pub(in crate::cli::commands::ledger) profile: Option<String>,
    /// How the caller reaches S3, if it named something there.
    pub(in crate::cli::commands::ledger) s3: Option<S3Access>,
}

/// What `serve` replies, until the work is done or has failed.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Reply {
    /// The call was accepted. Before this, nothing was or will be done.
    Heard,
    /// The documents can be sent.
    Send,
    /// Objects done, objects in total, bytes done, bytes in total.
    Progress([u64; 4]),
    /// Something for the file of events.
    Event(String, Value),
    /// The work is done, with this result.
    Done(Value),
    /// It failed.
    Failed(CallError),
}

/// Why it failed.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum CallError {
    /// The service's own error, unchanged.
    Service { kind: ServiceErrorKind, message: String, of: String, name: String },
    /// Any other error: the exit code, what to print before the error, and what to do about it.
    Other { exit: u8, message: String, notes: Vec<String>, advice: Option<Advice> },
}

/// The errors of the service.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) enum ServiceErrorKind {
    InvalidParameter,
    LimitExceeded,
    AlreadyExists,
    InUse,
    NotFound,
    PreconditionNotMet,
}

impl CallError {
    /// An error in the form in which it is sent, with what the caller can do about it.
    pub(super) fn of(error: &CliError, notes: Vec<String>, advice: Option<Advice>) -> Self {
        let service = match error {
            CliError::Service(error) | CliError::Ledger(LedgerError::Service(error)) => of_service(error),
            _ => None,
        };
        service.unwrap_or_else(|| Self::Other { exit: error.exit().code(), message: error.explained(), notes, advice })
    }

    /// The error as the command reports it, and what to print before it.
    pub(super) fn into_error(self) -> (CliError, Vec<String>) {
        match self {
            Self::Service { kind, message, of, name } => {
                (CliError::Service(service(kind, message, of, name)), Vec::new())
            }
            Self::Other { exit, message, notes, advice } => {
                let exit = Exit::ALL.into_iter().find(|one| one.code() == exit).unwrap_or(Exit::Unexpected);
                (CliError::Served { exit, message, advice }, notes)
            }
        }
    }
}

fn of_service(error: &ServiceError) -> Option<CallError> {
    let (kind, of, name) = match error {
        ServiceError::InvalidParameter { parameter, .. } => (ServiceErrorKind::InvalidParameter, parameter, ""),
        ServiceError::LimitExceeded { resource_type, .. } => (ServiceErrorKind::LimitExceeded, resource_type, ""),
        ServiceError::ResourceAlreadyExists { resource_type, resource_name, .. } => {
            (ServiceErrorKind::AlreadyExists, resource_type, resource_name.as_str())
        }
        ServiceError::ResourceInUse { resource_type, resource_name, .. } => {
            (ServiceErrorKind::InUse, resource_type, resource_name.as_str())
        }
        ServiceError::ResourceNotFound { resource_type, resource_name, .. } => {
            (ServiceErrorKind::NotFound, resource_type, resource_name.as_str())
        }
        ServiceError::ResourcePreconditionNotMet { resource_type, resource_name, .. } => {
            (ServiceErrorKind::PreconditionNotMet, resource_type, resource_name.as_str())
        }
        _ => return None,
    };
    Some(CallError::Service { kind, message: error.to_string(), of: of.clone(), name: name.to_owned() })
}

fn service(kind: ServiceErrorKind, message: String, resource_type: String, resource_name: String) -> ServiceError {
    match kind {
        ServiceErrorKind::InvalidParameter => ServiceError::InvalidParameter { message, parameter: resource_type },
        ServiceErrorKind::LimitExceeded => ServiceError::LimitExceeded { message, resource_type },
        ServiceErrorKind::AlreadyExists => {
            ServiceError::ResourceAlreadyExists { message, resource_type, resource_name }
        }
        ServiceErrorKind::InUse => ServiceError::ResourceInUse { message, resource_type, resource_name },
        ServiceErrorKind::NotFound => ServiceError::ResourceNotFound { message, resource_type, resource_name },
        ServiceErrorKind::PreconditionNotMet => {
            ServiceError::ResourcePreconditionNotMet { message, resource_type, resource_name }
        }
    }
}
