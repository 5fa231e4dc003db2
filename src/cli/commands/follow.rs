//! Following an export until it ends, for `start --wait` and `wait`.

use std::time::Duration;

use serde_json::json;

use crate::cli::context::local::LocalTime;
use crate::cli::context::progress::Watch;
use crate::cli::context::{Context, Phase};
use crate::cli::error::CliError;
use crate::cli::output::screen::Screen;
use crate::cli::output::{summary, text};
use crate::client::wait::{self, Limits, Waited};
use crate::client::{Client, ExportDescription, ExportStatus, Pace};
use qldb_journal::request::{Faults, Field, LedgerName, UniqueId, time};

/// The first pause between two polls of a service.
const REMOTE_PAUSE: Duration = Duration::from_secs(5);
/// The first pause between two polls of an endpoint in this process.
const LOCAL_PAUSE: Duration = Duration::from_secs(1);

/// Flags of all commands that wait.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct WaitingArgs {
    /// Stop waiting after this time (30m, 12h); what was started keeps running
    #[arg(long, value_name = "DURATION")]
    pub(crate) timeout: Option<String>,
    /// First pause between two polls; pauses grow to a minute, with jitter
    #[arg(long, value_name = "DURATION")]
    pub(crate) poll_interval: Option<String>,
}

/// How to wait.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Waiting {
    /// When to stop; `None` means never.
    pub(crate) timeout: Option<Duration>,
    poll_interval: Option<Duration>,
}

impl WaitingArgs {
    /// Reads the two durations.
    pub(crate) fn check(&self, faults: &mut Faults) -> Waiting {
        let mut length = |flag, typed: &Option<String>| {
            typed.as_ref().and_then(|text| faults.note(time::parse_length(Field::Named(flag), text)))
        };
        let timeout = length("--timeout", &self.timeout);
        let poll_interval = length("--poll-interval", &self.poll_interval);
        Waiting { timeout, poll_interval }
    }
}

impl Waiting {
    /// The pauses between polls.
    pub(crate) fn pace(&self, context: &Context) -> Pace {
        let usual = if context.global.local { LOCAL_PAUSE } else { REMOTE_PAUSE };
        Pace::new(self.poll_interval.unwrap_or(usual))
    }

    /// The limits of the wait.
    pub(crate) fn limits(&self, contacted: bool) -> Limits {
        Limits { timeout: self.timeout, contacted }
    }
}

/// The export to follow.
pub(crate) struct Followed<'a> {
    /// Its ledger.
    pub(crate) ledger: &'a LedgerName,
    /// Its id.
    pub(crate) id: &'a UniqueId,
    /// Whether the service has answered before.
    pub(crate) contacted: bool,
}

/// Follows an export and prints its outcome.
pub(crate) async fn follow(
    context: &Context,
    client: &Client,
    followed: Followed<'_>,
    waiting: Waiting,
    time: &LocalTime,
) -> Result<(), CliError> {
    let Followed { ledger, id, contacted } = followed;
    context.enter(Phase::Running(ledger.clone(), id.clone()));
    let watch = Watch::new(context, id.as_str());
    let describe = async || client.describe_export(ledger, id).await;
    let mut observer = &watch;
    let waited = tokio::select! {
        waited = wait::until_ended(describe, waiting.limits(contacted), waiting.pace(context), time, &mut observer) => waited?,
        never = watch.beat() => never,
    };
    drop(watch);
    match waited {
        Waited::Ended(description) => ended(context, &description),
        Waited::TimedOut => {
            let limit = text::length(waiting.timeout.unwrap_or_default());
            let message = format!("timed out after {limit}; {}", context.running_on(ledger, id));
            Err(CliError::TimedOut(message))
        }
    }
}

fn ended(context: &Context, description: &ExportDescription) -> Result<(), CliError> {
    context.enter(Phase::Idle);
    show_summary(context, description);
    if context.printer.is_json() {
        context.printer.json(&json!({ "ExportDescription": description.to_json() }))?;
    } else {
        context.printer.result(description.status.as_str())?;
    }
    if description.status == ExportStatus::Completed {
        show_place(context, description);
        return Ok(());
    }
    let reason = description.progress.as_ref().and_then(|progress| progress.reason.clone());
    Err(CliError::Cancelled { id: description.id.clone(), reason })
}

/// Prints what was written, as a note; the results on stdout are still only the id and the outcome.
pub(crate) fn show_summary(context: &Context, description: &ExportDescription) {
    let nowhere = Screen { width: None, ..context.printer.screen() };
    context.printer.note(&text::fields(&summary::of(description), nowhere));
}

/// Prints where the objects are, if the built-in endpoint wrote them.
pub(crate) fn show_place(context: &Context, description: &ExportDescription) {
    if let Some(Some(place)) = context.with_local(|local| local.place_of(description)) {
        context.printer.note(&format!("the objects are in {place}"));
    }
}
