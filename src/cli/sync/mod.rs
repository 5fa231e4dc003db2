//! `sync`: export every window of time that is not exported yet, for cron.
//!
//! Nothing is kept but a lock: what is done is read from the service's list of
//! exports, and from the manifests where the objects can be read.

mod archived;
mod lock;
#[cfg(test)]
mod month_tests;
mod place;
mod show;

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;

use self::archived::Archived;
use self::place::Place;
use self::show::{Show, shown};
use super::context::{Context, Phase};
use super::destination::DestinationArgs;
use super::error::CliError;
use super::events;
use super::follow::{Waiting, WaitingArgs};
use super::local::LocalTime;
use super::object_store;
use super::start::default_encryption;
use super::text;
use crate::archive::verify::{Report, Status};
use crate::client::sync::{self, Observer, SyncError};
use crate::client::wait::{Limits, Time};
use crate::client::{Begun, Client, ClientError, ExportDescription, ExportStatus, Pace};
use crate::request::{ExportDraft, ExportRequest, Fault, Faults, Field, TimeRange, Windows, time};
use crate::store::{ProcessLock, Taken};

const ARCHIVE: Field = Field::Flag("--archive");

/// What to keep in step with the journal.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Args)]
pub(crate) struct SyncArgs {
    /// Ledger to export
    #[arg(long, alias = "name", value_name = "NAME")]
    ledger: Option<String>,
    #[command(flatten)]
    destination: DestinationArgs,
    /// Length of the range that each export covers, counted from 1970 in UTC: 1d is from midnight to midnight
    #[arg(long, value_name = "DURATION", default_value = "1d")]
    window: String,
    /// How long to leave a window alone after its end
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    lag: String,
    /// Where to begin if there is no export at this bucket and prefix; the ledger's creation if not given
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<String>,
    /// Folder or place in S3 (s3://BUCKET/PREFIX) that holds the bucket's objects, to read from its manifests what is
    /// exported
    ///
    /// The service lists exports for 7 days after their end, the manifests stay. With --local it is known. S3 is read
    /// with the caller's own credentials, which must allow s3:ListBucket and s3:GetObject there.
    #[arg(long, value_name = "PATH")]
    archive: Option<PathBuf>,
    /// Prove that each new export continues the one before, by hash
    ///
    /// Where the objects can be read: with --local or --archive.
    #[arg(long)]
    verify: bool,
    #[command(flatten)]
    waiting: WaitingArgs,
}

/// What was asked for, checked.
#[derive(Debug)]
struct Job {
    /// The range is that of no export.
    request: ExportRequest,
    windows: Windows,
    lag: TimeDelta,
    from: Option<DateTime<Utc>>,
    archive: Option<PathBuf>,
    verify: bool,
}

impl SyncArgs {
    /// What is read and not written to.
    pub(crate) fn archives(&self) -> &[PathBuf] {
        self.archive.as_slice()
    }

    fn check(&self, context: &Context, now: DateTime<Utc>) -> Result<(Job, Waiting), Faults> {
        let mut faults = context.global.faults();
        let waiting = self.waiting.check(&mut faults);
        let windows = faults.note(Windows::parse(Field::Flag("--window"), &self.window));
        let lag = faults.note(lag(&self.lag));
        let from = self.from.as_ref().and_then(|text| faults.note(time::parse(Field::Start, text, now)));
        self.check_archive(context, &mut faults);
        let request = self.draft(context, from, now).check(now, faults)?;
        let Some((windows, lag)) = windows.zip(lag) else { return Err(Faults::none()) };
        let job = Job { request, windows, lag, from, archive: self.archive.clone(), verify: self.verify };
        Ok((job, waiting))
    }

    fn draft(&self, context: &Context, from: Option<DateTime<Utc>>, now: DateTime<Utc>) -> ExportDraft<'_> {
        let DestinationArgs { bucket, prefix, encryption, kms_key_arn, role_arn, format } = &self.destination;
        ExportDraft {
            ledger: self.ledger.as_deref(),
            start: Some(from.unwrap_or(now - TimeDelta::days(1))),
            end: Some(now),
            bucket: bucket.as_deref(),
            prefix: prefix.as_deref(),
            encryption: encryption.as_deref().or(Some(default_encryption(context))),
            kms_key_arn: kms_key_arn.as_deref(),
            role_arn: role_arn.as_deref(),
            format: format.as_deref(),
        }
    }

    fn check_archive(&self, context: &Context, faults: &mut Faults) {
        if let Some(folder) = &self.archive {
            let shown = folder.display().to_string();
            if context.global.local {
                faults.push(Fault::malformed(ARCHIVE, &shown, "does not go with --local", "leave it out: it is known"));
            } else if let Some(url) = object_store::address(folder) {
                faults.note(object_store::check_address(ARCHIVE, url));
            } else if !folder.is_dir() {
                let remedy = "name the folder that holds the bucket's objects, or s3://BUCKET/PREFIX";
                faults.push(Fault::malformed(ARCHIVE, &shown, "is no folder", remedy));
            }
        } else if self.verify && !context.global.local {
            faults.push(Fault::missing(ARCHIVE, "--verify reads the objects: say where they lie, or use --local"));
        }
    }
}

fn lag(text: &str) -> Result<TimeDelta, Fault> {
    const LONGEST: Duration = Duration::from_hours(24 * 366);
    const LAG: Field = Field::Flag("--lag");
    let length = time::parse_length(LAG, text)?;
    let lag = TimeDelta::from_std(length).ok().filter(|_| length <= LONGEST);
    lag.ok_or_else(|| Fault::malformed(LAG, text, "must not be longer than 366 days", "give a length such as 5m"))
}

/// Exports what is missing.
pub(crate) async fn run(context: &Context, args: &SyncArgs) -> Result<(), CliError> {
    let now = Utc::now();
    let (job, waiting) = args.check(context, now)?;
    let Some(_lock) = alone(context, &job.request)? else { return Ok(()) };
    context.set_subject(&job.request);
    let clock = LocalTime::start();
    let client = context.connect().await?;
    let place = job.place(context).await?;
    context.enter(Phase::Syncing(job.request.ledger.clone()));
    let mut show = Show::new(context, &job.request.ledger, &clock);
    let wait = Wait { limits: waiting.limits(true), pace: || waiting.pace(context), time: &clock };
    let run = job.run(&client, place.as_ref(), now, wait, &mut show);
    let outcome = tokio::select! {
        outcome = run => outcome,
        never = show::beat(context) => never,
    };
    context.enter(Phase::Idle);
    let told = show.finish();
    let Outcome { exported, proof } = outcome?;
    told?;
    let judged = judge(context, proof);
    if let (Err(_), Err(doubt)) = (&exported, &judged) {
        context.printer.warn(&doubt.explained());
    }
    exported.map_err(|error| explained(error, waiting)).and(judged)
}

/// The lock of this ledger and destination; none, and a note, while another run holds it.
fn alone(context: &Context, request: &ExportRequest) -> Result<Option<ProcessLock>, CliError> {
    match lock::take(&context.data_dir()?, request)? {
        Taken::Free(lock) => Ok(Some(lock)),
        Taken::Held(holder) => {
            let holder = holder.map(|process| format!(" (process {process})")).unwrap_or_default();
            let ExportRequest { ledger, bucket, prefix, .. } = request;
            let destination = format!("ledger {ledger} to s3://{bucket}/{prefix}");
            context.printer.note(&format!("another sync of {destination} is running{holder}; nothing to do here"));
            Ok(None)
        }
    }
}

/// Tells what was proved, or what was not.
fn judge(context: &Context, proof: Option<Report>) -> Result<(), CliError> {
    let Some(report) = proof else { return Ok(()) };
    events::of_report(&report).into_iter().for_each(|(event, members)| context.emit(event, members));
    context.printer.note(&archived::summary(&report));
    if report.verdict == Status::Proved {
        return Ok(());
    }
    archived::doubts(&report).iter().for_each(|doubt| context.printer.warn(doubt));
    Err(CliError::NotProved(report.verdict))
}

fn explained(error: SyncError, waiting: Waiting) -> CliError {
    let of = |window: TimeRange, cause: CliError| CliError::Window { window: shown(&window), cause: Box::new(cause) };
    match error {
        SyncError::Plan(cause) => cause.into(),
        SyncError::Failed { window, cause } => of(window, cause.into()),
        SyncError::Cancelled { window, description } => {
            let reason = description.progress.and_then(|progress| progress.reason);
            of(window, CliError::Cancelled { id: description.id, reason })
        }
        SyncError::TimedOut { window } => {
            let limit = text::length(waiting.timeout.unwrap_or_default());
            let first = shown(&window);
            CliError::TimedOut(format!(
                "not everything is exported after {limit}: {first} is the first window that is not. Exports that run go \
                 on, and the next sync finds them"
            ))
        }
    }
}

/// How to wait for the service.
struct Wait<'a, P, T> {
    limits: Limits,
    pace: P,
    time: &'a T,
}

/// How far a run came.
struct Outcome {
    /// Whether every window is exported.
    exported: Result<(), SyncError>,
    /// What the new exports prove, where that was asked for and there are any with blocks.
    proof: Option<Report>,
}

impl Job {
    /// Where earlier exports can be read, if they can: at the archive that was named, or where the built-in endpoint
    /// writes to.
    async fn place(&self, context: &Context) -> Result<Option<Place>, CliError> {
        let local = || context.with_local(|local| local.place_of_exports(&self.request));
        let Some(path) = self.archive.clone().or_else(local) else { return Ok(None) };
        let global = context.global.clone();
        blocking(move || Place::open(&global, &path, ARCHIVE)).await.map(Some)
    }

    /// The ranges that the manifests say are exported.
    async fn archived_ranges(&self, place: Option<&Place>) -> Result<Vec<TimeRange>, CliError> {
        let Some(place) = place.cloned() else { return Ok(Vec::new()) };
        let request = self.request.clone();
        blocking(move || Ok(Archived::read(&place, &request)?.ranges())).await
    }

    /// Exports what is missing now. `place` is where the bucket's objects lie, if they can be read.
    async fn run(
        &self,
        client: &Client,
        place: Option<&Place>,
        now: DateTime<Utc>,
        wait: Wait<'_, impl Fn() -> Pace, impl Time>,
        observer: &mut impl Observer,
    ) -> Result<Outcome, CliError> {
        let ranges = self.archived_ranges(place).await?;
        let task = sync::Task {
            request: &self.request,
            windows: self.windows,
            from: self.from,
            until: now - self.lag,
            archived: &ranges,
        };
        let mut noting = Noting { observer, completed: BTreeSet::new() };
        let exported = sync::run(client, &task, wait.limits, wait.pace, wait.time, &mut noting).await;
        let new = noting.completed;
        let proof = match place.filter(|_| self.verify && !new.is_empty()) {
            Some(place) => self.prove(place.clone(), new).await?,
            None => None,
        };
        Ok(Outcome { exported, proof })
    }

    async fn prove(&self, place: Place, new: BTreeSet<String>) -> Result<Option<Report>, CliError> {
        let request = self.request.clone();
        blocking(move || {
            let archived = Archived::read(&place, &request)?;
            archived.position(&new).map_or(Ok(None), |first| archived.prove_from(first))
        })
        .await
    }
}

/// Does what blocks away from the thread that hears signals, as it can take long.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CliError> + Send + 'static,
) -> Result<T, CliError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| CliError::System(error.to_string()))?
}

/// Passes on what it is told, and notes which exports were completed.
struct Noting<'a, O> {
    observer: &'a mut O,
    completed: BTreeSet<String>,
}

impl<O: Observer> Observer for Noting<'_, O> {
    fn first_run(&mut self, from: DateTime<Utc>) {
        self.observer.first_run(from);
    }

    fn begun(&mut self, window: &TimeRange, export: &Begun) {
        self.observer.begun(window, export);
    }

    fn described(&mut self, window: &TimeRange, description: &ExportDescription) {
        if description.status == ExportStatus::Completed {
            self.completed.insert(description.id.clone());
        }
        self.observer.described(window, description);
    }

    fn full(&mut self, running: &[ExportDescription]) {
        self.observer.full(running);
    }

    fn troubled(&mut self, error: &ClientError) {
        self.observer.troubled(error);
    }
}
