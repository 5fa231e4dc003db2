//! `sync`: exports every window of time that is not exported yet, for cron.
//!
//! What is already exported comes from the service's list of exports, and from the manifests if the
//! objects can be read. What neither shows is kept in a record beside the lock: what was exported,
//! how much is proved, what did not verify.

mod archived;
mod destination;
mod endings;
mod job;
mod lock;
mod metrics;
#[cfg(test)]
mod month_tests;
mod record;
mod show;
mod status;

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;

use self::archived::Verification;
use self::destination::Destination;
use self::endings::{arrived, explained, first, judge, still_there};
use self::job::{Outcome, SyncJob, Wait, blocking};
use self::metrics::Metrics;
use self::record::Record;
use self::show::SyncWatch;
use crate::cli::commands::destination::{DestinationArgs, fill_in};
use crate::cli::commands::follow::{Waiting, WaitingArgs};
use crate::cli::commands::remark;
use crate::cli::commands::values::Values;
use crate::cli::context::local::LocalTime;
use crate::cli::context::object_store;
use crate::cli::context::{Context, Phase};
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::global::defaults::Defaults;
use crate::cli::output::breaks;
use crate::cli::output::events;
use crate::cli::output::text;
use qldb_endpoint::store::{ProcessLock, Taken};
use qldb_journal::archive::verify::Status;
use qldb_journal::request::{ExportRequest, Fault, Faults, Field, Windows, time};

const ARCHIVE: Field = Field::Named("--archive");

/// What to keep up to date with the journal.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Args)]
pub(crate) struct SyncArgs {
    /// Ledger to export
    #[arg(long, alias = "name", value_name = "NAME")]
    ledger: Option<String>,
    #[command(flatten)]
    destination: DestinationArgs,
    /// Length of the range of each export, aligned to 1970 in UTC: 1d is from midnight to midnight
    #[arg(long, value_name = "DURATION", default_value = "1d")]
    window: String,
    /// How long to wait after a window's end before exporting it
    #[arg(long, value_name = "DURATION", default_value = "5m")]
    lag: String,
    /// Where to begin, unless an earlier export at this bucket and prefix is known
    ///
    /// Everything missing since then is exported, or since the first known export if that is earlier. Without --from,
    /// exports begin at the ledger's creation if --local or --archive shows that there is no export yet. Otherwise one
    /// of these flags must be given.
    #[arg(long, value_name = "TIME", allow_hyphen_values = true)]
    from: Option<String>,
    /// Folder or S3 location (s3://BUCKET/PREFIX) of the bucket's objects, whose manifests show what is exported
    ///
    /// The service lists exports for 7 days after they end, but the manifests stay. A folder that does not exist yet is
    /// an empty archive. With --local, the location is known. S3 is read with the caller's own credentials, which must
    /// allow s3:ListBucket and s3:GetObject there.
    #[arg(long, value_name = "PATH")]
    archive: Option<PathBuf>,
    /// Prove what is not proved yet, as verify does, and that each export continues the one before
    ///
    /// Objects, blocks, contents and chain. It needs --local or --archive, which say where the objects are. For JSON,
    /// contents are left out, and the report says so. If the archive does not verify, this run exits with the code of
    /// verify, and so does every later run, with or without this flag, until the archive verifies.
    #[arg(long)]
    verify: bool,
    /// Report how far the exports are instead of exporting
    ///
    /// It reports up to when everything is exported, which windows are missing or in progress, what the last
    /// verification found, and when the next run will have work. Give it the same flags as the sync. It reads the
    /// service's list of exports and, with --local or --archive, the manifests; it reads no data object, and writes
    /// nothing. The exit code is 0 if no window is missing, else 11; if the archive did not verify, that of verify; and
    /// 12 if there are exports that a sync with --verify has not proved yet. Use a --lag that is longer than the
    /// nightly run takes, to leave that run enough time.
    #[arg(long)]
    status: bool,
    /// Write a file of metrics for Prometheus when the run ends
    ///
    /// For the textfile collector of its node exporter: how the run ended, when the last run succeeded, up to when
    /// everything is exported, and the verdict, blocks, bytes and last block of the archive. Each ledger and
    /// destination needs its own file, whose name ends in .prom. It is replaced as a whole, even if the run fails or is
    /// interrupted; values that such a run did not find out stay as they were. --status leaves the file alone.
    #[arg(long, value_name = "FILE")]
    metrics: Option<PathBuf>,
    #[command(flatten)]
    waiting: WaitingArgs,
}

impl SyncArgs {
    /// What is only read.
    pub(crate) fn archives(&self) -> &[PathBuf] {
        self.archive.as_slice()
    }

    fn check(&self, context: &Context, values: &Values, now: DateTime<Utc>) -> Result<(SyncJob, Waiting), Faults> {
        let mut faults = context.global.faults();
        let waiting = self.waiting.check(&mut faults);
        let windows = faults.note(Windows::parse(Field::Named("--window"), &self.window));
        let lag = faults.note(lag(&self.lag));
        let from = self.from.as_ref().and_then(|text| faults.note(time::parse(Field::Start, text, now)));
        self.check_archive(context, &mut faults);
        // The range only says that there is one.
        let start = from.unwrap_or(now - TimeDelta::days(1));
        let checked = values.draft(Some(start), Some(now)).check(now, faults);
        let request = checked.map_err(|faults| faults.called(|fault| values.name_of(fault)))?;
        let Some((windows, lag)) = windows.zip(lag) else { return Err(Faults::none()) };
        let job = SyncJob {
            request,
            windows,
            lag,
            from,
            archive: self.archive.clone(),
            verify: self.verify,
            measure: self.metrics.is_some(),
        };
        Ok((job, waiting))
    }

    /// The values of the request: from flags, the environment and the profile.
    fn values(&self, context: &Context, defaults: &Defaults) -> Values {
        let mut values = Values::default();
        values.type_in([(Field::Ledger, self.ledger.as_deref())].into_iter().chain(self.destination.typed()));
        values.take_defaults(defaults, &[Field::Ledger, Field::RoleArn]);
        fill_in(&mut values, defaults, context);
        values
    }

    fn check_archive(&self, context: &Context, faults: &mut Faults) {
        if let Some(folder) = &self.archive {
            let shown = folder.display().to_string();
            if context.global.local {
                faults.push(Fault::malformed(
                    ARCHIVE,
                    &shown,
                    "can't be used with --local",
                    "leave it out: the location is known",
                ));
            } else if let Some(url) = object_store::address(folder) {
                faults.note(object_store::check_address(ARCHIVE, url));
            } else if folder.exists() && !folder.is_dir() {
                let remedy = "name the folder that holds the bucket's objects, or s3://BUCKET/PREFIX";
                faults.push(Fault::malformed(ARCHIVE, &shown, "is not a folder", remedy));
            }
        } else if self.verify && !context.global.local {
            faults.push(Fault::missing(ARCHIVE, "--verify reads the objects: give their location, or use --local"));
        }
    }
}

fn lag(text: &str) -> Result<TimeDelta, Fault> {
    const LONGEST: Duration = Duration::from_hours(24 * 366);
    const LAG: Field = Field::Named("--lag");
    let length = time::parse_length(LAG, text)?;
    let lag = TimeDelta::from_std(length).ok().filter(|_| length <= LONGEST);
    lag.ok_or_else(|| Fault::malformed(LAG, text, "must not be longer than 366 days", "give a length such as 5m"))
}

/// Exports what is missing, or reports it.
pub(crate) fn run(context: &Context, args: &SyncArgs) -> Result<(), CliError> {
    if args.status {
        return context.run(status::run(context, args));
    }
    let Some(path) = &args.metrics else { return context.run(export(context, args, None)) };
    let data_dir = context.data_dir()?;
    let metrics = Metrics::check(path, &[args.archives(), &metrics::kept_from(&data_dir)].concat())?;
    let outcome = context.run(export(context, args, Some(&metrics)));
    metrics.write(context, outcome)
}

async fn export(context: &Context, args: &SyncArgs, metrics: Option<&Metrics>) -> Result<(), CliError> {
    let now = time::now();
    let defaults = Defaults::load(context.global.profile.as_deref()).await;
    let values = args.values(context, &defaults);
    let (job, waiting) = args.check(context, &values, now)?;
    let data_dir = context.data_dir()?;
    // Any failure from here on is a failed run, and the file says so.
    if let Some(metrics) = metrics {
        metrics.is_about(&job.request)?;
    }
    let Some(_lock) = alone(context, &data_dir, &job.request)? else {
        metrics.into_iter().for_each(Metrics::leave_to_another);
        return Ok(());
    };
    let mut record = Record::load(&data_dir, &job.request)?;
    // The user who chose the prefix should read this once, not every night.
    if record.is_new() {
        remark::on_prefix(context, &values);
    }
    context.set_subject(&job.request);
    show::warn_of_future(context, &record, now);
    let clock = LocalTime::start();
    let client = context.connect().await?;
    let place = place(context, &job).await?;
    context.enter(Phase::Syncing(job.request.ledger.clone()));
    let mut show = SyncWatch::new(context, &job.request, &clock, now);
    let wait = Wait { limits: waiting.limits(true), pace: || waiting.pace(context), time: &clock };
    let run = job.run(&client, place.as_ref(), now, wait, (&mut record, &mut show));
    let outcome = tokio::select! {
        outcome = run => outcome,
        never = show::beat(context) => never,
    };
    context.enter(Phase::Idle);
    let shown = show.finish().map_err(CliError::from);
    let outcome = outcome?;
    let shown = shown.and(show_proof(context, &record, outcome.proof.as_ref().ok().and_then(Option::as_ref)));
    let Outcome { exported, proof, awaited, lost, reached } = outcome;
    if let Some(metrics) = metrics {
        metrics.learn(reached);
    }
    let exported = exported.map_err(|error| explained(error, waiting));
    let proved = proof.and_then(|_| judge(&record));
    first(context, [exported, proved, arrived(awaited, place.as_ref()), still_there(&lost, &record), shown])
}

/// Where earlier exports can be read, if they can: at the given archive, or where the built-in endpoint writes to.
async fn place(context: &Context, job: &SyncJob) -> Result<Option<Destination>, CliError> {
    let local = || context.with_local(|local| local.place_of_exports(&job.request));
    let Some(path) = job.archive.clone().or_else(local) else { return Ok(None) };
    let global = context.global.clone();
    blocking(move || Destination::open(&global, &path, ARCHIVE)).await.map(Some)
}

/// The lock of this ledger and destination; `None`, with a note, while another run holds it.
fn alone(context: &Context, data_dir: &Path, request: &ExportRequest) -> Result<Option<ProcessLock>, CliError> {
    match lock::take(data_dir, request)? {
        Taken::Free(lock) => Ok(Some(lock)),
        Taken::Held(holder) => {
            let holder = holder.map(|process| format!(" (process {process})")).unwrap_or_default();
            let ExportRequest { ledger, bucket, prefix, .. } = request;
            let destination = format!("ledger {ledger} to {}", text::s3_address(bucket, prefix));
            context.printer.note(&format!("another sync of {destination} is running{holder}; nothing to do here"));
            Ok(None)
        }
    }
}

/// Prints what was proved, and what is wrong.
fn show_proof(context: &Context, record: &Record, proof: Option<&Verification>) -> Result<(), CliError> {
    let Some(proof) = proof else { return Ok(()) };
    events::of_proof(&proof.report, proof.verdict, &proof.left_out)
        .into_iter()
        .for_each(|(event, members)| context.emit(event, members));
    context.printer.note(&show::summary(proof));
    proof
        .beside
        .iter()
        .for_each(|one| context.printer.caution(&format!("not part of any export: {}", breaks::line(one))));
    if proof.verdict != Status::Proved {
        proof.report.breaks.iter().for_each(|one| context.printer.warn(&breaks::line(one)));
        show::reasons(proof).iter().for_each(|reason| context.printer.warn(reason));
    }
    if context.printer.is_json() {
        context.printer.json(&show::proof_json(proof, record.content.failed.as_ref()))?;
    }
    Ok(())
}
