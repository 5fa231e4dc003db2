//! One run: what is exported already, what is missing, and what is to be proved.

use std::collections::BTreeSet;
use std::path::PathBuf;

use chrono::{DateTime, TimeDelta, Utc};

use super::archived::{Archived, Proof};
use super::destination::Destination;
use super::record::Record;
use crate::cli::error::CliError;
use crate::client::sync::{self, Exported, SyncError, SyncObserver};
use crate::client::wait::{Limits, Time};
use crate::client::{Begun, Client, ClientError, ExportDescription, ExportStatus, Pace};
use qldb_journal::archive::verify::Status;
use qldb_journal::request::{ExportRequest, TimeRange, Windows};

/// What was asked for, checked.
#[derive(Debug)]
pub(super) struct SyncJob {
    /// The range is that of no export.
    pub(super) request: ExportRequest,
    pub(super) windows: Windows,
    pub(super) lag: TimeDelta,
    pub(super) from: Option<DateTime<Utc>>,
    pub(super) archive: Option<PathBuf>,
    pub(super) verify: bool,
}

/// How to wait for the service.
pub(super) struct Wait<'a, P, T> {
    pub(super) limits: Limits,
    pub(super) pace: P,
    pub(super) time: &'a T,
}

/// How far a run came.
pub(super) struct Outcome {
    /// Whether every window is exported.
    pub(super) exported: Result<(), SyncError>,
    /// What was proved, where that was asked for and something was not proved yet.
    pub(super) proof: Result<Option<Proof>, CliError>,
    /// Exports that are complete and can't be found where they are to be proved.
    pub(super) awaited: BTreeSet<String>,
}

impl SyncJob {
    /// Exports what is missing now, and proves what is not proved yet. `place` is where the bucket's objects lie, if
    /// they can be read. What later runs have to know is noted in the record, and the record is written.
    pub(super) async fn run(
        &self,
        client: &Client,
        place: Option<&Destination>,
        now: DateTime<Utc>,
        wait: Wait<'_, impl Fn() -> Pace, impl Time>,
        (record, observer): (&mut Record, &mut impl SyncObserver),
    ) -> Result<Outcome, CliError> {
        let archived = self.exported(place).await?;
        let plan = sync::SyncPlan {
            request: &self.request,
            windows: self.windows,
            from: self.from,
            now,
            until: now - self.lag,
            archived: archived.as_deref(),
            noted: &record.noted(),
        };
        let mut noting = Noting { observer, exported: Vec::new(), early: BTreeSet::new(), completed: BTreeSet::new() };
        let exported = sync::run(client, &plan, wait.limits, wait.pace, wait.time, &mut noting).await;
        record.note(&noting.exported, noting.early);
        let mut proof = Ok(None);
        if let Some(place) = place.filter(|_| self.verify) {
            record.content.awaited.extend(noting.completed);
            // What follows can take long, or be ended.
            record.save()?;
            proof = self.prove(place, now, record).await;
        }
        record.save()?;
        let awaited = if self.verify { record.content.awaited.clone() } else { BTreeSet::new() };
        Ok(Outcome { exported, proof, awaited })
    }

    /// What the manifests say is exported; none where they can't be read.
    async fn exported(&self, place: Option<&Destination>) -> Result<Option<Vec<Exported>>, CliError> {
        let Some(place) = place.cloned() else { return Ok(None) };
        let request = self.request.clone();
        blocking(move || Ok(Some(Archived::read(&place, &request)?.exported()))).await
    }

    async fn prove(
        &self,
        place: &Destination,
        now: DateTime<Utc>,
        record: &mut Record,
    ) -> Result<Option<Proof>, CliError> {
        let (request, place) = (self.request.clone(), place.clone());
        let mut content = record.clone();
        let (proof, proved) = blocking(move || {
            let archived = Archived::read(&place, &request)?;
            let there: BTreeSet<&str> = archived.ids().into_iter().collect();
            content.content.awaited.retain(|id| !there.contains(id.as_str()));
            let first = content.proved(&archived);
            if first == archived.count() {
                return Ok((None, content));
            }
            let proof = archived.prove_from(first)?;
            match proof.as_ref().map(|proof| proof.verdict).filter(|verdict| *verdict != Status::Proved) {
                Some(verdict) => content.fail(verdict, place.name(), now),
                None => content.prove(&archived),
            }
            Ok((proof, content))
        })
        .await?;
        *record = proved;
        Ok(proof)
    }
}

/// Does what blocks away from the thread that hears signals, as it can take long.
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
}

impl<O: SyncObserver> SyncObserver for Noting<'_, O> {
    fn known(&mut self, exported: &[TimeRange], listed: &[String]) {
        self.exported.extend(exported);
        self.completed.extend(listed.iter().cloned());
        self.observer.known(exported, listed);
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

/// What an export of a window covers: an end that lay up to a second ahead was taken for now, and the next run exports
/// the rest.
fn exported(window: &TimeRange, description: &ExportDescription) -> TimeRange {
    let is_rounded = description.is_rounding_of(window.end());
    TimeRange::accepted(window.start(), if is_rounded { description.end } else { window.end() })
}
