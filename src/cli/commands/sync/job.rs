//! One run: what is already exported, what is missing, and what has to be proved.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};

use super::archived::{ArchivedExports, Extent, Verification};
use super::destination::Destination;
use super::record::{Record, Standing};
use crate::cli::error::CliError;
use crate::client::sync::{self, Exported, Noted, Stretch, SyncError, SyncObserver, SyncPlan};
use crate::client::wait::{Limits, Time};
use crate::client::{Begun, Client, ClientError, ExportDescription, ExportStatus, Pace};
use qldb_journal::archive::verify::Status;
use qldb_journal::request::{ExportRequest, TimeRange, Windows};

/// The arguments, checked.
#[derive(Debug)]
pub(super) struct SyncJob {
    /// Its range is not that of any actual export.
    pub(super) request: ExportRequest,
    pub(super) windows: Windows,
    pub(super) lag: TimeDelta,
    pub(super) from: Option<DateTime<Utc>>,
    pub(super) archive: Option<PathBuf>,
    pub(super) verify: bool,
    /// Whether to measure the archive at the end.
    pub(super) measure: bool,
}

/// How to wait for the service.
pub(super) struct Wait<'a, P, T> {
    pub(super) limits: Limits,
    pub(super) pace: P,
    pub(super) time: &'a T,
}

/// How far a run got.
pub(super) struct Outcome {
    /// Whether every window is exported.
    pub(super) exported: Result<(), SyncError>,
    /// What was proved, if that was asked for and something was not proved yet.
    pub(super) proof: Result<Option<Verification>, CliError>,
    /// Exports that are complete but can't be found where they should be proved.
    pub(super) awaited: BTreeSet<String>,
    /// What earlier runs exported and the archive has lost, if that was asked for and no run exports it again.
    pub(super) lost: Vec<Stretch>,
    /// How far the exports are, as far as it was found out.
    pub(super) reached: SyncState,
}

/// How far the exports are at the end of a run.
#[derive(Debug, Clone, Default)]
pub(super) struct SyncState {
    /// Up to when everything is exported, and how many windows before now are not. `None` if nothing says where the
    /// first window begins.
    pub(super) coverage: Option<(Option<DateTime<Utc>>, usize)>,
    /// How many exports this run saw end complete.
    pub(super) completed: usize,
    /// The size of the archive and the state of its proof, if that was asked for and can be read.
    pub(super) archive: Option<(Extent, Standing)>,
}

impl SyncJob {
    /// Exports what is missing now, and proves what is not proved yet. `place` is where the bucket's objects are, if
    /// they can be read. Whatever later runs must know is recorded, and the record is written.
    pub(super) async fn run(
        &self,
        client: &Client,
        place: Option<&Destination>,
        now: DateTime<Utc>,
        wait: Wait<'_, impl Fn() -> Pace, impl Time>,
        (record, observer): (&mut Record, &mut impl SyncObserver),
    ) -> Result<Outcome, CliError> {
        let (archived, noted) = (self.exported(place).await?, record.noted());
        let plan = self.plan(now, archived.as_deref(), &noted);
        let mut noting = Noting::of(observer);
        let exported = sync::run(client, &plan, wait.limits, wait.pace, wait.time, &mut noting).await;
        let mut reached = self.reached(&plan, &noting);
        record.note(&noting.exported, noting.early);
        let lost = if self.verify { noting.lost } else { Vec::new() };
        let mut proof = Ok(None);
        if let Some(place) = place.filter(|_| self.verify) {
            record.content.awaited.extend(noting.completed);
            // What follows can take long, or be interrupted.
            record.save()?;
            proof = self.prove(place, now, record).await;
        }
        record.save()?;
        if let Some(place) = place.filter(|_| self.measure) {
            // What can't be read now is an error of the next run, not of this one.
            reached.archive = self.look(place, record).await.ok();
        }
        let awaited = if self.verify { record.content.awaited.clone() } else { BTreeSet::new() };
        Ok(Outcome { exported, proof, awaited, lost, reached })
    }

    /// What has to be exported by now.
    pub(super) fn plan<'a>(
        &'a self,
        now: DateTime<Utc>,
        archived: Option<&'a [Exported]>,
        noted: &'a Noted,
    ) -> SyncPlan<'a> {
        let (request, windows, from, until) = (&self.request, self.windows, self.from, now - self.lag);
        SyncPlan { request, windows, from, now, until, archived, noted }
    }

    fn reached<O>(&self, plan: &SyncPlan<'_>, noting: &Noting<'_, O>) -> SyncState {
        let coverage = noting.start.map(|start| {
            let missing = self.windows.missing(&noting.exported, start, self.windows.floor(plan.until));
            (sync::exported_until(self.windows, &noting.exported, start), missing.count())
        });
        SyncState { coverage, completed: noting.described, archive: None }
    }

    /// What is at the destination, and what is known about its proof.
    pub(super) async fn look(&self, place: &Destination, record: &Record) -> Result<(Extent, Standing), CliError> {
        let (request, place, record) = (self.request.clone(), place.clone(), record.clone());
        blocking(move || {
            let archived = ArchivedExports::read(&place, &request)?;
            Ok((archived.extent(), record.standing(Some(&archived))))
        })
        .await
    }

    /// What the manifests say is exported; `None` if they can't be read.
    async fn exported(&self, place: Option<&Destination>) -> Result<Option<Vec<Exported>>, CliError> {
        let Some(place) = place.cloned() else { return Ok(None) };
        let request = self.request.clone();
        blocking(move || Ok(Some(ArchivedExports::read(&place, &request)?.exported()))).await
    }

    async fn prove(
        &self,
        place: &Destination,
        now: DateTime<Utc>,
        record: &mut Record,
    ) -> Result<Option<Verification>, CliError> {
        let (request, place) = (self.request.clone(), place.clone());
        let mut content = record.clone();
        let (proof, proved) = blocking(move || {
            let archived = ArchivedExports::read(&place, &request)?;
            let there: BTreeSet<&str> = archived.ids().into_iter().collect();
            content.content.awaited.retain(|id| !there.contains(id.as_str()));
            let first = content.proved(&archived);
            if first == archived.count() {
                return Ok((None, content));
            }
            let proof = archived.prove_from(first)?;
            let verdict = proof.as_ref().map(|proof| proof.verdict);
            match verdict.filter(|verdict| *verdict != Status::Proved) {
                Some(verdict) => content.fail(verdict, place.name(), now),
                None => content.prove(&archived),
            }
            if verdict.is_some() {
                content.verify(now);
            }
            Ok((proof, content))
        })
        .await?;
        *record = proved;
        Ok(proof)
    }
}

/// Runs blocking work on another thread than the one that handles signals, because it can take long.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CliError> + Send + 'static,
) -> Result<T, CliError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| CliError::System(error.to_string()))?
}

/// Passes on what is reported, and records what later runs need.
struct Noting<'a, O> {
    observer: &'a mut O,
    exported: Vec<TimeRange>,
    early: BTreeSet<String>,
    completed: BTreeSet<String>,
    /// Where the first window begins.
    start: Option<DateTime<Utc>>,
    /// How many exports ended complete.
    described: usize,
    /// What earlier runs exported and is gone, and is not exported again, because it lies before the first window.
    lost: Vec<Stretch>,
}

impl<'a, O> Noting<'a, O> {
    fn of(observer: &'a mut O) -> Self {
        let (early, completed) = (BTreeSet::new(), BTreeSet::new());
        Self { observer, exported: Vec::new(), early, completed, start: None, described: 0, lost: Vec::new() }
    }
}

impl<O: SyncObserver> SyncObserver for Noting<'_, O> {
    fn known(&mut self, exported: &[TimeRange], listed: &[String]) {
        self.exported.extend(exported);
        self.completed.extend(listed.iter().cloned());
        self.observer.known(exported, listed);
    }

    fn starts(&mut self, from: DateTime<Utc>) {
        self.start = Some(from);
        self.observer.starts(from);
    }

    fn lost(&mut self, lost: &[Stretch], from: DateTime<Utc>) {
        self.lost.extend(not_again(lost, from));
        self.observer.lost(lost, from);
    }

    fn early(&mut self, export: &Exported) {
        self.early.insert(export.id.clone());
        self.observer.early(export);
    }

    fn first_run(&mut self, from: DateTime<Utc>, certain: bool) {
        self.observer.first_run(from, certain);
    }

    fn begun(&mut self, window: &TimeRange, export: &Begun) {
        self.observer.begun(window, export);
    }

    fn described(&mut self, window: &TimeRange, description: &ExportDescription) {
        if description.status == ExportStatus::Completed {
            self.described += 1;
            self.completed.insert(description.id.clone());
            self.exported.push(exported(window, description));
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

/// The stretches that no run exports again, because they lie before the first window.
pub(super) fn not_again(lost: &[Stretch], from: DateTime<Utc>) -> impl Iterator<Item = Stretch> + '_ {
    lost.iter().copied().filter(move |(stretch, _)| stretch.start() < from)
}

/// What an export of a window covers: an end up to a second in the future was treated as now, and the next run exports
/// the rest.
fn exported(window: &TimeRange, description: &ExportDescription) -> TimeRange {
    let is_rounded = description.is_rounding_of(window.end());
    TimeRange::accepted(window.start(), if is_rounded { description.end } else { window.end() })
}
