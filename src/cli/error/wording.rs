//! Errors of the libraries in the command line's terms: what they say, and what to type.

use std::borrow::Cow;

use qldb_endpoint::endpoint::{CredentialsError, EndpointError};
use qldb_endpoint::engine::{ImportError, LedgerError, OpenError};
use qldb_journal::archive::prove::ProveError;
use qldb_journal::archive::verify::{ResumeError, TakeError, VerifyError};

use super::{CliError, configuration, remedies};
use crate::client::ClientError;
use qldb_tables::TableError;

/// The message of an error, without its causes.
pub(crate) fn of(error: &CliError) -> String {
    let remedy: Option<Cow<'_, str>> = match error {
        CliError::Client(error) => return of_client(error),
        CliError::Open(error) => of_open(error).map(Cow::from),
        CliError::Endpoint(error) => of_endpoint(error).map(Cow::from),
        CliError::Credentials(error) => of_credentials(error).map(Cow::from),
        CliError::Import(ImportError::Ledger(error)) | CliError::Ledger(error) => of_ledger(error).map(Cow::from),
        CliError::Import(error) => of_import(error).map(Cow::from),
        CliError::Table(error) => of_table(error),
        CliError::Verify(VerifyError::Take(cause)) => of_taking(cause),
        CliError::Resume(error) | CliError::Verify(VerifyError::Resume(error)) => of_resume(error).map(Cow::from),
        CliError::Verify(VerifyError::Unread { .. }) => {
            Some("read it with --part and name its file as well, or let `verify` read it now with --complete".into())
        }
        CliError::Verify(VerifyError::Source(error)) => remedies::of_source(error).map(Cow::from),
        _ => None,
    };
    let remedy = remedy.or_else(|| remedies::of_causes(error).map(Cow::from));
    remedy.map_or_else(|| error.to_string(), |remedy| format!("{error}: {remedy}"))
}

/// The message of a failed call.
pub(crate) fn of_client(error: &ClientError) -> String {
    match error {
        ClientError::NoRegion => format!("{error}: give --region, set AWS_REGION, or name one in the profile"),
        ClientError::Configuration(error) => configuration::message(error),
        ClientError::ServiceEnded { .. } => format!(
            "{error}; to use the built-in endpoint, add --local, or run `qldb-export serve` and set \
             AWS_ENDPOINT_URL_QLDB to its address"
        ),
        ClientError::AnswerLost { .. } => {
            format!("{error}; look for it with `qldb-export list` before starting it again")
        }
        ClientError::NotFound(_)
        | ClientError::Refused(_)
        | ClientError::LimitExceeded(_)
        | ClientError::Denied(_)
        | ClientError::Throttled(_)
        | ClientError::ServiceFault(_)
        | ClientError::Credentials(_)
        | ClientError::Unreachable { .. }
        | ClientError::ProxyAnswered { .. }
        | ClientError::Unexpected(_) => error.to_string(),
    }
}

fn of_open(error: &OpenError) -> Option<&'static str> {
    match error {
        OpenError::Locked { .. } => Some("stop it, or give another --data-dir"),
        OpenError::Behind { .. } => Some("put the right catalog back, or recreate it from the journals"),
        OpenError::Newer { .. } => Some("use a newer one"),
        _ => None,
    }
}

fn of_endpoint(error: &EndpointError) -> Option<&'static str> {
    match error {
        EndpointError::Bind { .. } => Some("choose another with --listen, or port 0 for any free one"),
        EndpointError::Clock(_) => Some("set the clock"),
        _ => None,
    }
}

fn of_credentials(error: &CredentialsError) -> Option<&'static str> {
    match error {
        CredentialsError::Open { .. } => {
            Some("chmod 600 it, or, where somebody may have read them, remove it, and new ones are made")
        }
        CredentialsError::Malformed { .. } => Some("remove it, and new ones are made"),
        _ => None,
    }
}

fn of_ledger(error: &LedgerError) -> Option<&'static str> {
    match error {
        LedgerError::Document { fault, .. } => remedies::of_document(fault),
        LedgerError::Damaged(_) => Some("put back what was recorded, or delete the ledger and import it again"),
        _ => None,
    }
}

fn of_resume(error: &ResumeError) -> Option<&'static str> {
    match error {
        ResumeError::OfPart { .. } => Some(
            "give --part as it was given then, name an existing folder, in which each part has its own file, or join \
             it with the other parts, without --part",
        ),
        ResumeError::Other { .. } => Some("ask for the same, name another file, or remove it to start over"),
        ResumeError::InUse(_) => Some("wait for it to end, or name another file"),
        ResumeError::NotAState(_) => Some("name what `verify --resume` wrote, and keep nothing else beside it"),
        _ => None,
    }
}

fn of_taking(cause: &TakeError) -> Option<Cow<'static, str>> {
    match cause.downcast_ref() {
        Some(ProveError::SeveralJournals(_)) => Some(ONE_JOURNAL.into()),
        _ => cause.downcast_ref().and_then(of_table),
    }
}

/// What to do about an archive with several journals, if only one is wanted.
const ONE_JOURNAL: &str = "choose a ledger with --ledger, or give the folders with the exports of one";

fn of_table(error: &TableError) -> Option<Cow<'static, str>> {
    let remedy = match error {
        TableError::NoSuchTable { named, .. } => return Some(of_no_table(named).into()),
        TableError::Exists(_) => {
            Some("add --force to replace what an earlier conversion wrote, or --append to extend it")
        }
        TableError::Foreign { .. } => Some("name another destination, or remove it first"),
        TableError::Busy(_) => Some("wait for it to end, or name another destination"),
        TableError::SeveralJournals(_) | TableError::SeveralNames(_) => Some(ONE_JOURNAL),
        TableError::NotContinued { .. } => Some("convert into another destination, or add --force instead of --append"),
        TableError::Unproved { .. } => Some(
            "convert anew what proves it, with --force instead of --append, or add --unverified: the tables then say that \
             they are not proved",
        ),
        TableError::Complete(_) => Some("name another folder, or remove it first"),
        TableError::PartsDiffer { .. } => {
            Some("ask the same of every part, in a folder that holds nothing else, and run again the part that differs")
        }
        TableError::PartsMissing { .. } => Some("run them again with `convert --part K/N`, then join again"),
        TableError::TooManyTables(_) => Some("choose some with --table"),
        TableError::NotAPartition(_) => Some("use another form than parquet, or choose other tables with --table"),
        _ => None,
    };
    remedy.map(Cow::from)
}

fn of_no_table(named: &[String]) -> String {
    format!("{}; nothing was written", other_tables(named))
}

/// The existing tables, if the requested one is not among them.
pub(crate) fn other_tables(named: &[String]) -> String {
    const MOST: usize = 10;
    let listed: Vec<&str> = named.iter().take(MOST).map(String::as_str).collect();
    let more = if named.len() > MOST { ", …" } else { "" };
    if listed.is_empty() {
        return "nor is one of any other".to_owned();
    }
    format!("the tables are {}{more} (case counts)", listed.join(", "))
}

fn of_import(error: &ImportError) -> Option<&'static str> {
    match error {
        ImportError::Json => Some("import an export in ION_TEXT or ION_BINARY"),
        ImportError::Several(_) => Some("choose one with --ledger, or give a path with the exports of one"),
        ImportError::OtherStrand { .. } => Some("import it under another name"),
        ImportError::Known(_) => Some("import it under that name, or delete that ledger first"),
        ImportError::Gap { .. } => Some("import the exports between them first"),
        ImportError::Before { .. } => Some("delete the ledger and import both together"),
        ImportError::NotHere(_) => Some("leave out --in-place to copy it"),
        ImportError::PathNotText(_) => Some("leave out --in-place to copy it, or rename it"),
        ImportError::NotProved(_)
        | ImportError::Nothing
        | ImportError::Tables(_)
        | ImportError::Differs { .. }
        | ImportError::Changed(_)
        | ImportError::Interrupted
        | ImportError::Ledger(_) => None,
    }
}
