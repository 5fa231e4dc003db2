//! What someone sees while waiting: a spinner on a terminal; elsewhere a line at each change of
//! status, and a heartbeat.

use std::cell::RefCell;
use std::time::Instant;

use indicatif::ProgressBar;

use crate::cli::context::Context;
use crate::cli::error::wording;
use crate::cli::global::secret;
use crate::cli::output::events;
use crate::cli::output::printer::beside_elapsed;
use crate::cli::output::text;
use crate::client::wait::WaitObserver;
use crate::client::{ClientError, ExportDescription};
use qldb_journal::request::Progress;

/// The status before the first response.
const UNASKED: &str = "no answer yet";

/// Shows the progress of one export.
pub(crate) struct Watch<'a> {
    context: &'a Context,
    spinner: Option<ProgressBar>,
    started: Instant,
    id: String,
    shown: RefCell<Shown>,
}

struct Shown {
    state: String,
    /// Details, the most important first.
    detail: Vec<String>,
}

impl<'a> Watch<'a> {
    /// Starts showing progress.
    pub(crate) fn new(context: &'a Context, id: &str) -> Self {
        let spinner = context.printer.spin();
        let shown = Shown { state: UNASKED.to_owned(), detail: Vec::new() };
        let watch = Self { context, spinner, started: Instant::now(), id: id.to_owned(), shown: shown.into() };
        if let Some(spinner) = &watch.spinner {
            spinner.set_message(format!("export {id}"));
        }
        watch
    }

    fn show(&self, state: String, detail: Vec<String>) {
        let mut shown = self.shown.borrow_mut();
        let changed = shown.state != state;
        *shown = Shown { state, detail };
        match &self.spinner {
            Some(spinner) => {
                let begin = [format!("export {}: {}", self.id, shown.state)];
                let parts = begin.iter().chain(&shown.detail);
                let parts: Vec<String> = parts.map(|part| text::one_line(&secret::masked(part)).into_owned()).collect();
                spinner.set_message(beside_elapsed(&parts));
            }
            None if changed => self.context.printer.progress(&format!("export {}: {}", self.id, shown.state)),
            None => {}
        }
    }

    /// Prints at each heartbeat that the wait continues, if there is no spinner.
    pub(crate) async fn beat(&self) -> ! {
        loop {
            tokio::time::sleep(self.context.global.heartbeat).await;
            if self.spinner.is_none() {
                let waited = text::length(self.started.elapsed());
                self.context.printer.progress(&format!(
                    "export {}: {}, after {waited}",
                    self.id,
                    self.shown.borrow().line()
                ));
            }
        }
    }
}

impl Shown {
    fn line(&self) -> String {
        let parts: Vec<&str> = std::iter::once(&self.state).chain(&self.detail).map(String::as_str).collect();
        parts.join(", ")
    }
}

impl WaitObserver for &Watch<'_> {
    fn described(&mut self, description: &ExportDescription) {
        self.context.emit(events::Event::State, events::described(description));
        let detail = description.progress.as_ref().map(written).unwrap_or_default();
        self.show(description.status.as_str().to_owned(), detail);
    }

    fn troubled(&mut self, error: &ClientError) {
        self.show(format!("no answer, retrying: {}", wording::of_client(error)), Vec::new());
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if self.spinner.is_some() {
            self.context.printer.stop_spinning();
        }
    }
}

/// What a job has written: `2 objects`, `1000 blocks`, `1.4 MiB`.
pub(crate) fn written(progress: &Progress) -> Vec<String> {
    let Progress { objects, blocks, bytes, .. } = progress;
    vec![text::count(*objects, "object"), text::count(*blocks, "block"), text::size(*bytes)]
}
