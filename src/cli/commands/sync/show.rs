//! What a sync prints: each export with its window on stdout, and how it ended on stderr.

use std::time::Instant;

use chrono::{DateTime, Utc};
use serde_json::{Map, Value, json};

use super::archived::Verification;
use super::record::{FailedVerification, Record};
use crate::cli::commands::start::holders;
use crate::cli::context::Context;
use crate::cli::context::local::LocalTime;
use crate::cli::context::progress;
use crate::cli::error::wording;
use crate::cli::output::breaks;
use crate::cli::output::events;
use crate::cli::output::text;
use crate::client::sync::{Exported, Stretch, SyncObserver};
use crate::client::{Begun, ClientError, ExportDescription, ExportStatus, iso_8601};
use qldb_journal::archive::verify::{Level, Status};
use qldb_journal::request::{ExportRequest, TimeRange, time};

/// Shows one run.
pub(super) struct SyncWatch<'a> {
    context: &'a Context,
    request: &'a ExportRequest,
    clock: &'a LocalTime,
    now: DateTime<Utc>,
    noted: String,
    ids: Vec<String>,
    failed: Option<std::io::Error>,
}

impl<'a> SyncWatch<'a> {
    /// Has shown nothing yet.
    pub(super) fn new(
        context: &'a Context,
        request: &'a ExportRequest,
        clock: &'a LocalTime,
        now: DateTime<Utc>,
    ) -> Self {
        Self { context, request, clock, now, noted: String::new(), ids: Vec::new(), failed: None }
    }

    /// Passes the ids to the next steps, and returns whether everything reached stdout.
    pub(super) fn finish(self) -> std::io::Result<()> {
        if !self.ids.is_empty() {
            self.context.step_output("export-ids", &self.ids.join(" "));
        }
        self.failed.map_or(Ok(()), Err)
    }

    /// Prints a message unless it repeats the last one.
    fn note_once(&mut self, message: String) {
        if self.noted != message {
            self.context.printer.note(&message);
            self.noted = message;
        }
    }

    fn keep(&mut self, printed: std::io::Result<()>) {
        if let Err(error) = printed {
            self.failed.get_or_insert(error);
        }
    }
}

impl SyncObserver for SyncWatch<'_> {
    fn known(&mut self, _: &[TimeRange], _: &[String]) {}

    fn starts(&mut self, _: DateTime<Utc>) {}

    fn lost(&mut self, lost: &[Stretch], from: DateTime<Utc>) {
        warn_of_lost(self.context, lost, from);
    }

    fn early(&mut self, export: &Exported) {
        warn_of_early(self.context, export, self.now);
    }

    fn first_run(&mut self, from: DateTime<Utc>, certain: bool) {
        let from = time::display(from);
        let begins = format!("no earlier export is known at this bucket and prefix; beginning at {from}");
        if certain {
            return self.context.printer.note(&begins);
        }
        self.context.printer.warn(&format!(
            "{begins}, as --from says. It is not known whether there was one before: if so, what was committed between \
             its end and then is missing, and an earlier --from, or --archive, makes up for it"
        ));
    }

    fn begun(&mut self, window: &TimeRange, export: &Begun) {
        let printer = &self.context.printer;
        self.context.emit(events::Event::Export, events::begun(self.request, window, export));
        self.ids.push(export.id().to_string());
        printer.made(&format!("these exports were started: {}", self.ids.join(" ")));
        self.context.with_local(|local| self.clock.wake_when_idle(local));
        if matches!(export, Begun::Found(_)) {
            printer.note(&format!("export {} of {} was started before; following it", export.id(), shown(window)));
        }
        let outcome = if printer.is_json() {
            let (start, end) = (iso_8601(window.start()), iso_8601(window.end()));
            let begun =
                json!({ "ExportId": export.id().as_str(), "InclusiveStartTime": start, "ExclusiveEndTime": end });
            printer.json(&begun)
        } else {
            let (start, end) = (time::display(window.start()), time::display(window.end()));
            printer.result(&format!("{}  {start}  {end}", export.id()))
        };
        self.keep(outcome);
    }

    fn described(&mut self, window: &TimeRange, description: &ExportDescription) {
        self.context.emit(events::Event::State, events::described(description));
        if !description.status.is_final() {
            return;
        }
        let printer = &self.context.printer;
        let outcome = if printer.is_json() {
            printer.json(&json!({ "ExportDescription": description.to_json() }))
        } else {
            Ok(())
        };
        if description.status == ExportStatus::Completed {
            let written = description.progress.as_ref().map(progress::written).unwrap_or_default();
            let written: String = written.iter().flat_map(|part| [", ", part]).collect();
            printer.note(&format!(
                "export {} of {}: COMPLETED{written}",
                text::one_line(&description.id),
                shown(window)
            ));
        }
        self.keep(outcome);
    }

    fn full(&mut self, running: &[ExportDescription]) {
        self.note_once(format!("{}; waiting for a slot", holders(&self.request.ledger, running)));
    }

    fn troubled(&mut self, error: &ClientError) {
        self.note_once(format!("no answer, retrying: {}", wording::of_client(error)));
    }
}

/// Warns about exports that are gone. A run exports what lies after `from`.
pub(super) fn warn_of_lost(context: &Context, lost: &[Stretch], from: DateTime<Utc>) {
    for (stretch, _) in lost {
        let again = if stretch.start() < from { "" } else { "; it counts as missing" };
        context.printer.warn(&format!(
            "an earlier run recorded {} as exported, and the archive does not have it any more{again}",
            shown(stretch)
        ));
    }
}

/// Warns about an export that contradicts the clock.
pub(super) fn warn_of_early(context: &Context, Exported { id, range }: &Exported, now: DateTime<Utc>) {
    let (id, range, now) = (text::one_line(id), shown(range), time::display(now));
    context.printer.warn(&format!(
        "export {id} of {range} ends in the future by this machine's clock, {now}: it does not count as done"
    ));
}

/// Warns about ranges in the record that contradict the clock.
pub(super) fn warn_of_future(context: &Context, record: &Record, now: DateTime<Utc>) {
    for range in record.noted().exported.iter().filter(|range| range.end() > now) {
        let (range, now) = (shown(range), time::display(now));
        context.printer.warn(&format!(
            "the record of earlier runs says that {range} is exported, which ends in the future of this machine's \
             clock, {now}: it does not count as done"
        ));
    }
}

/// The result of a proof in one line.
pub(super) fn summary(Verification { report, verdict, left_out, .. }: &Verification) -> String {
    let journals = report.journals.iter().map(|journal| format!("blocks {} to {}", journal.first, journal.last));
    let span = journals.collect::<Vec<_>>().join(", ");
    let is_left_out = |level| left_out.iter().any(|(left_out, _)| *left_out == level);
    let levels = report.levels.iter().filter(|level| level.status.is_some() && !is_left_out(level.level));
    let levels = levels.map(|level| level.level.as_str()).collect::<Vec<_>>().join(", ");
    let left_out = left_out.iter().map(|(level, reason)| format!("; {} left out: {reason}", level.as_str()));
    format!("verified: {span}: {} ({levels}){}", verdict.as_str(), left_out.collect::<String>())
}

/// Why levels are unproved, apart from those that were left out.
pub(super) fn reasons(Verification { report, left_out, .. }: &Verification) -> Vec<String> {
    let asked = report.levels.iter().filter(|level| !left_out.iter().any(|(left_out, _)| *left_out == level.level));
    let unproved = asked.filter(|level| level.status == Some(Status::Unproved));
    unproved.filter_map(|level| Some(format!("{}: {}", level.level.as_str(), level.reason.as_ref()?))).collect()
}

/// The result of a proof, for programs.
pub(super) fn proof_json(proof: &Verification, failed: Option<&FailedVerification>) -> Value {
    let Verification { report, verdict, left_out, beside } = proof;
    let level = |level: Level, value: Value| (level.as_str().to_owned(), value);
    let levels = report.levels.iter().map(|one| level(one.level, json!(one.status.map(Status::as_str))));
    let left_out = left_out.iter().map(|(left_out, reason)| level(*left_out, json!(reason)));
    json!({ "Verification": {
        "Verdict": verdict.as_str(),
        "Levels": levels.collect::<Map<_, _>>(),
        "LeftOut": left_out.collect::<Map<_, _>>(),
        "FilesLeftOut": beside.iter().map(breaks::json).collect::<Vec<_>>(),
        "Reasons": reasons(proof),
        "Breaks": report.breaks.iter().map(breaks::json).collect::<Vec<_>>(),
        "OmittedBreaks": report.breaks.omitted(),
        "Blocks": report.blocks,
        "FirstSequenceNo": report.only_journal().map(|journal| journal.first),
        "LastSequenceNo": report.only_journal().map(|journal| journal.last),
        "FailedSince": failed.map(|failed| iso_8601(failed.since)),
    } })
}

/// A window as messages show it.
pub(super) fn shown(window: &TimeRange) -> String {
    format!("{} to {}", time::display(window.start()), time::display(window.end()))
}

/// Prints at each heartbeat that the run is still going.
pub(super) async fn beat(context: &Context) -> ! {
    let started = Instant::now();
    loop {
        tokio::time::sleep(context.global.heartbeat).await;
        context.printer.progress(&format!("sync is still running, after {}", text::length(started.elapsed())));
    }
}
