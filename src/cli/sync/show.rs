//! What someone sees of a sync: on stdout each export with its window, on
//! stderr how it ended.

use std::time::Instant;

use chrono::{DateTime, Utc};
use serde_json::json;

use crate::cli::context::Context;
use crate::cli::events;
use crate::cli::local::LocalTime;
use crate::cli::progress;
use crate::cli::start::holders;
use crate::cli::text;
use crate::client::sync::Observer;
use crate::client::{Begun, ClientError, ExportDescription, ExportStatus, iso_8601};
use crate::request::{LedgerName, TimeRange, time};

/// Shows one run.
pub(super) struct Show<'a> {
    context: &'a Context,
    ledger: &'a LedgerName,
    clock: &'a LocalTime,
    told: String,
    ids: Vec<String>,
    failed: Option<std::io::Error>,
}

impl<'a> Show<'a> {
    /// Has shown nothing yet.
    pub(super) fn new(context: &'a Context, ledger: &'a LedgerName, clock: &'a LocalTime) -> Self {
        Self { context, ledger, clock, told: String::new(), ids: Vec::new(), failed: None }
    }

    /// Gives the ids to the steps that follow, and tells whether stdout took everything.
    pub(super) fn finish(self) -> std::io::Result<()> {
        if !self.ids.is_empty() {
            self.context.step_output("export-ids", &self.ids.join(" "));
        }
        self.failed.map_or(Ok(()), Err)
    }

    /// Says it unless it was the last thing said.
    fn tell_once(&mut self, message: String) {
        if self.told != message {
            self.context.printer.note(&message);
            self.told = message;
        }
    }

    fn keep(&mut self, printed: std::io::Result<()>) {
        if let Err(error) = printed {
            self.failed.get_or_insert(error);
        }
    }
}

impl Observer for Show<'_> {
    fn first_run(&mut self, from: DateTime<Utc>) {
        let from = time::display(from);
        self.context
            .printer
            .note(&format!("no earlier export is known at this bucket and prefix; beginning at {from}"));
    }

    fn begun(&mut self, window: &TimeRange, export: &Begun) {
        let printer = &self.context.printer;
        self.context.emit(events::Event::Export, events::begun(self.ledger, window, export));
        self.ids.push(export.id().to_string());
        self.context.with_local(|local| self.clock.wake_when_idle(local));
        if matches!(export, Begun::Found(_)) {
            printer.note(&format!("export {} of {} was started before; following it", export.id(), shown(window)));
        }
        let told = if printer.is_json() {
            let (start, end) = (iso_8601(window.start()), iso_8601(window.end()));
            let begun =
                json!({ "ExportId": export.id().as_str(), "InclusiveStartTime": start, "ExclusiveEndTime": end });
            printer.json(&begun)
        } else {
            let (start, end) = (time::display(window.start()), time::display(window.end()));
            printer.result(&format!("{}  {start}  {end}", export.id()))
        };
        self.keep(told);
    }

    fn described(&mut self, window: &TimeRange, description: &ExportDescription) {
        self.context.emit(events::Event::State, events::described(description));
        if !description.status.is_final() {
            return;
        }
        let printer = &self.context.printer;
        let told = if printer.is_json() {
            printer.json(&json!({ "ExportDescription": description.to_json() }))
        } else {
            Ok(())
        };
        if description.status == ExportStatus::Completed {
            let written = description.progress.as_ref().map(progress::written);
            let written = written.map(|written| format!(", {written}")).unwrap_or_default();
            printer.note(&format!(
                "export {} of {}: COMPLETED{written}",
                text::one_line(&description.id),
                shown(window)
            ));
        }
        self.keep(told);
    }

    fn full(&mut self, running: &[ExportDescription]) {
        self.tell_once(format!("{}; waiting for a slot", holders(self.ledger, running)));
    }

    fn troubled(&mut self, error: &ClientError) {
        self.tell_once(format!("no answer for now, asking again: {error}"));
    }
}

/// A window as messages name it.
pub(super) fn shown(window: &TimeRange) -> String {
    format!("{} to {}", time::display(window.start()), time::display(window.end()))
}

/// Says at each heartbeat that the run goes on.
pub(super) async fn beat(context: &Context) -> ! {
    let started = Instant::now();
    loop {
        tokio::time::sleep(context.heartbeat()).await;
        context.printer.progress(&format!("sync goes on, after {}", text::length(started.elapsed())));
    }
}
