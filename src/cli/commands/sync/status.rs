//! `sync --status`: how far the exports are, for people and for monitoring.
//!
//! Reads the record, the service's list and the manifests; opens no object, takes no lock and
//! writes nothing.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::archived::{ArchivedExports, Extent};
use super::destination::Destination;
use super::endings::{arrived, explained, first, judge, still_there};
use super::job::{SyncJob, blocking, not_again};
use super::record::{Record, Standing};
use super::show::{shown, warn_of_early, warn_of_future, warn_of_lost};
use super::{SyncArgs, place};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::global::defaults::Defaults;
use crate::cli::output::summary::Fields;
use crate::cli::output::text;
use crate::client::iso_8601;
use crate::client::sync::{Exported, Known, Stretch, exported_until, stretches};
use qldb_endpoint::engine::Engine;
use qldb_journal::archive::verify::Status;
use qldb_journal::request::{TimeRange, UniqueId, time};

/// How many stretches or exports are shown to people.
const SHOWN: usize = 5;

/// How far the exports are.
struct State<'a> {
    job: &'a SyncJob,
    /// Where the first window begins.
    start: DateTime<Utc>,
    /// Up to when everything since is exported; `None` if the first window is not.
    until: Option<DateTime<Utc>>,
    /// Windows that are not exported, as unbroken stretches, with the number of windows in each.
    missing: Vec<Stretch>,
    running: Vec<(TimeRange, UniqueId)>,
    archive: Option<Extent>,
    standing: Standing,
    /// The window that a run exports next, and the time from which it does.
    next: (TimeRange, DateTime<Utc>),
}

/// What the archive and the record say.
struct Looked {
    exported: Option<Vec<Exported>>,
    extent: Option<Extent>,
    standing: Standing,
    /// Exports that are complete but not in the archive.
    awaited: BTreeSet<String>,
}

/// Reports how far the exports are.
pub(super) async fn run(context: &Context, args: &SyncArgs) -> Result<(), CliError> {
    let now = time::now();
    let defaults = Defaults::load(context.global.profile.as_deref()).await;
    let (job, waiting) = args.check(context, &args.values(context, &defaults), now)?;
    let data_dir = context.data_dir()?;
    let record = Record::read(&data_dir, &job.request)?;
    context.set_subject(&job.request);
    warn_of_future(context, &record, now);
    if context.global.local {
        refuse_empty(&data_dir)?;
    }
    let client = context.connect().await?;
    let place = place(context, &job).await?;
    let looked = look(&job, place.clone(), record.clone()).await?;
    let noted = record.noted();
    let plan = job.plan(now, looked.exported.as_deref(), &noted);
    let known = Known::ask(&client, &plan).await.map_err(|error| explained(error, waiting))?;
    let start = known.start(&client, &plan).await.map_err(|error| explained(error, waiting))?;
    known.early.iter().for_each(|export| warn_of_early(context, export, now));
    warn_of_lost(context, &known.lost, start);
    let lost: Vec<Stretch> = not_again(&known.lost, start).filter(|_| job.verify).collect();
    let missing = stretches(known.missing(start, &plan));
    let state = State {
        job: &job,
        start,
        until: exported_until(job.windows, &known.exported, start),
        running: known.running,
        archive: looked.extent,
        standing: looked.standing,
        next: next(&job, plan.until, missing.first().map(|(stretch, _)| stretch)),
        missing,
    };
    let printed = if context.printer.is_json() {
        context.printer.json(&state.json())
    } else {
        context.printer.fields(&state.fields())
    };
    let awaited = if job.verify { arrived(looked.awaited, place.as_ref()) } else { Ok(()) };
    let lost = still_there(&lost, &record);
    first(context, [judge(&record), state.exported(), lost, state.proved(), awaited, printed.map_err(CliError::from)])
}

/// Opening an empty data directory would fill it with the sample ledger.
fn refuse_empty(data_dir: &Path) -> Result<(), CliError> {
    if Engine::is_kept_in(data_dir) {
        return Ok(());
    }
    Err(CliError::NotInArchive(format!("{} holds no ledger yet, so that nothing is exported", data_dir.display())))
}

async fn look(job: &SyncJob, place: Option<Destination>, record: Record) -> Result<Looked, CliError> {
    let request = job.request.clone();
    blocking(move || {
        let archived = place.as_ref().map(|place| ArchivedExports::read(place, &request)).transpose()?;
        let there: BTreeSet<&str> = archived.iter().flat_map(ArchivedExports::ids).collect();
        let awaited = record.content.awaited.iter().filter(|id| !there.contains(id.as_str())).cloned().collect();
        Ok(Looked {
            exported: archived.as_ref().map(ArchivedExports::exported),
            extent: archived.as_ref().map(ArchivedExports::extent),
            standing: record.standing(archived.as_ref()),
            awaited,
        })
    })
    .await
}

/// The first missing window, or else the one that ends next after `until`; and the time from which it is exported.
fn next(job: &SyncJob, until: DateTime<Utc>, missing: Option<&TimeRange>) -> (TimeRange, DateTime<Utc>) {
    let start = missing.map_or(job.windows.floor(until), TimeRange::start);
    let boundary = job.windows.next_boundary(start);
    let end = missing.map_or(boundary, |stretch| stretch.end().min(boundary));
    (TimeRange::accepted(start, end), end.checked_add_signed(job.lag).unwrap_or(end))
}

impl State<'_> {
    fn missing_windows(&self) -> usize {
        self.missing.iter().map(|(_, count)| count).sum()
    }

    /// Whether nothing is missing.
    fn exported(&self) -> Result<(), CliError> {
        let Some((stretch, _)) = self.missing.first() else { return Ok(()) };
        let windows = count(self.missing_windows(), "window");
        let first = time::display(stretch.start());
        Err(CliError::NotExported(format!(
            "{windows} not exported, the first from {first} on: the same command without --status exports them"
        )))
    }

    /// Whether everything is proved that should be.
    fn proved(&self) -> Result<(), CliError> {
        let unproved = self.standing.unproved.filter(|unproved| self.job.verify && *unproved > 0);
        // A failed verification is an error of its own.
        let Some(unproved) = unproved.filter(|_| self.standing.since.is_none()) else { return Ok(()) };
        let exports = count(unproved, "export");
        let reason = format!("no verification has proved {exports}: the same command without --status does");
        Err(CliError::NotProvedFor(Status::Unproved, reason))
    }

    fn fields(&self) -> Fields {
        let request = &self.job.request;
        let since = time::display(self.start);
        let until = self.until.map_or_else(|| format!("nothing yet, since {since}"), time::display);
        vec![
            ("Ledger", request.ledger.to_string()),
            ("Destination", text::s3_address(&request.bucket, &request.prefix)),
            ("Exported up to", until),
            ("Missing", self.missing_in_words()),
            ("In progress", listed(&self.running, |(window, id)| format!("{id}, {}", shown(window)))),
            ("Archive", self.archive.as_ref().map_or_else(|| UNREAD.to_owned(), in_words)),
            ("Last verdict", self.standing.in_words(self.archive.as_ref())),
            ("Next run", self.next_in_words()),
        ]
    }

    fn missing_in_words(&self) -> String {
        listed(&self.missing, |(stretch, windows)| format!("{}, {}", shown(stretch), count(*windows, "window")))
    }

    /// When there is work. Only the machine knows what starts the run, a timer or cron.
    fn next_in_words(&self) -> String {
        let (window, from) = &self.next;
        let lag = text::length(self.job.lag.to_std().unwrap_or_default());
        let (from, end) = (time::display(*from), time::display(window.end()));
        let is_due = if self.missing.is_empty() { "due from" } else { "due since" };
        format!("{is_due} {from}: the window that ends at {end}, and --lag {lag}. What starts it is not checked")
    }

    fn json(&self) -> Value {
        let request = &self.job.request;
        let range = |range: &TimeRange| (iso_8601(range.start()), iso_8601(range.end()));
        let missing = self.missing.iter().map(|(stretch, windows)| {
            let (start, end) = range(stretch);
            json!({ "InclusiveStartTime": start, "ExclusiveEndTime": end, "Windows": windows })
        });
        let running = self.running.iter().map(|(window, id)| {
            let (start, end) = range(window);
            json!({ "ExportId": id.as_str(), "InclusiveStartTime": start, "ExclusiveEndTime": end })
        });
        let (window, from) = &self.next;
        let (start, end) = range(window);
        json!({ "SyncStatus": {
            "LedgerName": request.ledger.as_str(),
            "Bucket": request.bucket.as_str(),
            "Prefix": request.prefix.as_str(),
            "Since": iso_8601(self.start),
            "ExportedUpTo": self.until.map(iso_8601),
            "MissingWindows": self.missing_windows(),
            "Missing": missing.collect::<Vec<_>>(),
            "InProgress": running.collect::<Vec<_>>(),
            "Archive": self.archive.as_ref().map(extent_json),
            "LastVerification": self.standing.json(),
            "NextRun": {
                "DueFrom": iso_8601(*from),
                "InclusiveStartTime": start,
                "ExclusiveEndTime": end,
            },
        } })
    }
}

const UNREAD: &str = "not read: neither --archive nor --local says where it is";

fn in_words(extent: &Extent) -> String {
    let Extent { exports, blocks, bytes, tip } = extent;
    let last = tip.map(|tip| format!(", the last one number {tip},")).unwrap_or_default();
    format!("{}{last} in {}; {}", text::count(*blocks, "block"), count(*exports, "export"), text::exact_size(*bytes))
}

fn extent_json(extent: &Extent) -> Value {
    let Extent { exports, blocks, bytes, tip } = extent;
    json!({ "Exports": exports, "Blocks": blocks, "Bytes": bytes, "LastSequenceNo": tip })
}

impl Standing {
    fn in_words(&self, archive: Option<&Extent>) -> String {
        let Some(verdict) = self.verdict else {
            return "none: no sync with --verify has recorded one on this machine".to_owned();
        };
        let mut words = verdict.as_str().to_owned();
        words.extend(self.since.map(|since| format!(", since {}", time::display(since))));
        words.extend(self.at.map(|at| format!(", found at {}", time::display(at))));
        let unproved = self.unproved.zip(archive).filter(|(unproved, _)| *unproved > 0 && self.since.is_none());
        words.extend(unproved.map(|(unproved, archive)| {
            format!("; {unproved} of the {} there now not proved yet", count(archive.exports, "export"))
        }));
        words
    }

    fn json(&self) -> Value {
        json!({
            "Verdict": self.verdict.map(Status::as_str),
            "Time": self.at.map(iso_8601),
            "FailedSince": self.since.map(iso_8601),
            "UnprovedExports": self.unproved,
        })
    }
}

/// The first ones, and how many more there are.
fn listed<T>(all: &[T], words: impl Fn(&T) -> String) -> String {
    if all.is_empty() {
        return "none".to_owned();
    }
    let mut parts: Vec<String> = all.iter().take(SHOWN).map(words).collect();
    let beside = all.len().saturating_sub(SHOWN);
    parts.extend((beside > 0).then(|| format!("and {beside} more")));
    parts.join("; ")
}

fn count(number: usize, noun: &str) -> String {
    text::count(u64::try_from(number).unwrap_or(u64::MAX), noun)
}
