//! How a sync or a status check ends: each failure is reported with its window and its remedy, and
//! the first one determines the exit code.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::destination::Destination;
use super::record::Record;
use super::show::shown;
use crate::cli::commands::follow::Waiting;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::error::flags::{self, WithRemedy as _};
use crate::cli::output::text;
use crate::client::sync::{Stretch, SyncError};
use qldb_journal::archive::verify::Status;
use qldb_journal::request::{Fault, Faults, Field, TimeRange, time};

/// The first failure ends the command; the others are also printed.
pub(super) fn first<const N: usize>(context: &Context, outcomes: [Result<(), CliError>; N]) -> Result<(), CliError> {
    let mut failures = outcomes.into_iter().filter_map(Result::err);
    let ending = failures.next();
    failures.for_each(|failure| context.printer.warn(&failure.explained()));
    ending.map_or(Ok(()), Err)
}

/// An archive that did not verify fails each run until it does.
pub(super) fn judge(record: &Record) -> Result<(), CliError> {
    let failed = record.content.failed.as_ref();
    failed.map_or(Ok(()), |failed| {
        Err(CliError::NotProvedSince {
            verdict: failed.verdict(),
            since: time::display(failed.since),
            archive: text::shell_word(&text::one_line(&failed.archive)).into_owned(),
        })
    })
}

/// Exports that can't be found can't be proved.
pub(super) fn arrived(awaited: BTreeSet<String>, place: Option<&Destination>) -> Result<(), CliError> {
    if awaited.is_empty() {
        return Ok(());
    }
    let ids = awaited.into_iter().map(|id| text::one_line(&id).into_owned()).collect::<Vec<_>>().join(", ");
    let archive = place.map(Destination::name).unwrap_or_default();
    let reason = format!("these exports are complete, and {archive} does not hold their manifests: {ids}");
    Err(CliError::NotProvedFor(Status::Unproved, reason))
}

/// Exports that were there once and are gone leave the archive incomplete, unless somebody moved them away.
pub(super) fn still_there(lost: &[Stretch], record: &Record) -> Result<(), CliError> {
    let Some((first, _)) = lost.first() else { return Ok(()) };
    let windows: usize = lost.iter().map(|(_, windows)| windows).sum();
    let from = time::display(first.start());
    Err(CliError::NotProvedFor(
        Status::Incomplete,
        format!(
            "incomplete: the archive has lost {} that earlier runs exported, the first from {from} on: --from {from} \
             exports what is missing since then. If the exports were moved away on purpose, remove {}",
            text::count(windows as u64, "window"),
            record.path().display()
        ),
    ))
}

/// What a failed run reports.
pub(super) fn explained(error: SyncError, waiting: Waiting) -> CliError {
    let of = |window: TimeRange, cause: CliError| CliError::Window { window: shown(&window), cause: Box::new(cause) };
    match error {
        SyncError::Plan(cause) => cause.into(),
        SyncError::Unknown { noted } => {
            Faults::from(Fault::missing(Field::Named(flags::of(Field::Start)), where_to_begin(noted))).into()
        }
        SyncError::Failed { window, cause } => of(window, cause.into()),
        SyncError::Cancelled { window, description } => {
            let reason = description.progress.and_then(|progress| progress.reason);
            of(window, CliError::Cancelled { id: description.id, reason })
        }
        SyncError::TimedOut { window } => {
            let limit = text::length(waiting.timeout.unwrap_or_default());
            let first = shown(&window);
            CliError::TimedOut(format!(
                "timed out after {limit}: {first} is the first window that is not exported yet. Running exports continue, \
                 and the next sync finds them"
            ))
        }
    }
}

/// What to do if nothing shows what is missing.
fn where_to_begin(noted: Option<DateTime<Utc>>) -> String {
    match noted {
        None => {
            "no earlier export at this bucket and prefix is known, and the service forgets them 7 days after their \
                 end, so it is unknown where the last one ended: give --archive with the folder or the address \
                 (s3://BUCKET/PREFIX) of the bucket's objects, or the time from which to export"
                .to_owned()
        }
        Some(end) => format!(
            "earlier runs exported what was committed up to {}, and the archive holds no export of this ledger and \
             prefix: is it the right place, and mounted? To export everything again, say from which time",
            time::display(end)
        ),
    }
}
