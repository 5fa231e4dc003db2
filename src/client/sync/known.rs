//! What is known about the exports at a destination before anything is started: what the service
//! lists, what the manifests say, and what was recorded.
//!
//! For a run, and for a status check.

use chrono::{DateTime, Utc};

use super::{Exported, SyncError, SyncPlan};
use crate::client::{Client, ExportDescription, ExportStatus};
use qldb_journal::request::{Missing, TimeRange, UniqueId, Windows};

/// What is known about earlier exports.
pub(crate) struct Known {
    /// What is exported.
    pub(crate) exported: Vec<TimeRange>,
    /// What need not be started: what is exported, and what is being exported.
    covered: Vec<TimeRange>,
    /// Where the earliest of them began, including cancelled ones.
    begins: Option<DateTime<Utc>>,
    /// Exports that end in the future.
    pub(crate) early: Vec<Exported>,
    /// The ids of the complete exports that the service lists.
    pub(crate) complete: Vec<String>,
    /// Exports that are still running, in the order in which they were started.
    pub(crate) running: Vec<(TimeRange, UniqueId)>,
    /// What earlier runs recorded as exported, and neither the manifests nor the service know any more: unbroken
    /// stretches, each with its number of windows.
    pub(crate) lost: Vec<Stretch>,
}

/// Adjacent windows, and how many there are.
pub(crate) type Stretch = (TimeRange, usize);

impl Known {
    /// Asks the service, once.
    pub(crate) async fn ask(client: &Client, plan: &SyncPlan<'_>) -> Result<Self, SyncError> {
        let mut listed = client.list_exports(Some(&plan.request.ledger)).await.map_err(SyncError::Plan)?;
        listed.retain(|export| export.shares_destination(plan.request));
        Ok(Self::of(&listed, plan))
    }

    fn of(listed: &[ExportDescription], plan: &SyncPlan<'_>) -> Self {
        let complete = listed.iter().filter(|export| export.status == ExportStatus::Completed);
        let (complete, running) = (complete.map(|export| export.id.clone()).collect(), still_running(listed));
        let archived = plan.archived.unwrap_or_default();
        let noted: Vec<TimeRange> = if plan.archived.is_none() { plan.noted.until(plan.now) } else { Vec::new() };
        let was_early = |id: &str, range: &TimeRange| range.end() > plan.now || plan.noted.early.contains(id);
        let listed: Vec<(Exported, &ExportStatus)> = listed
            .iter()
            .map(|export| (Exported { id: export.id.clone(), range: range(export) }, &export.status))
            .collect();
        let (late, timely): (Vec<_>, Vec<_>) =
            listed.into_iter().partition(|(export, _)| was_early(&export.id, &export.range));
        let (late_archived, timely_archived): (Vec<_>, Vec<_>) =
            archived.iter().cloned().partition(|export| was_early(&export.id, &export.range));
        let ranges = |status: fn(&ExportStatus) -> bool| {
            let listed = timely.iter().filter(move |(_, found)| status(found)).map(|(export, _)| export.range);
            let ranges = listed.chain(timely_archived.iter().map(|export| export.range)).chain(noted.iter().copied());
            ranges.collect::<Vec<_>>()
        };
        let done = late.into_iter().filter(|(_, status)| **status != ExportStatus::Cancelled).map(|(export, _)| export);
        let mut early: Vec<Exported> =
            done.chain(late_archived).filter(|export| export.range.end() > plan.now).collect();
        early.sort_by(|one, other| one.id.cmp(&other.id));
        early.dedup();
        let covered = ranges(|status| *status != ExportStatus::Cancelled);
        Self {
            exported: ranges(|status| *status == ExportStatus::Completed),
            lost: lost(plan, &covered),
            covered,
            // A window whose export was cancelled is not exported, but its start still shows where to begin.
            begins: ranges(|_| true).iter().map(TimeRange::start).min(),
            early,
            complete,
            running,
        }
    }

    /// Whether no export is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.begins.is_none()
    }

    /// The time since which everything is to be exported.
    pub(crate) async fn start(&self, client: &Client, plan: &SyncPlan<'_>) -> Result<DateTime<Utc>, SyncError> {
        let start = plan.from.into_iter().chain(self.begins).min();
        if let Some(start) = start {
            return Ok(start);
        }
        let noted = plan.noted.until(plan.now).iter().map(TimeRange::end).max();
        if plan.archived.is_none() || !plan.noted.exported.is_empty() {
            return Err(SyncError::Unknown { noted });
        }
        // QLDB treats a start before the ledger's creation as its creation (docs/qldb.md 2.1).
        let created = client.ledger_created(&plan.request.ledger).await.map_err(SyncError::Plan)?;
        Ok(plan.windows.floor(created))
    }

    /// The windows since `start` that nothing exports yet.
    pub(crate) fn missing(&self, start: DateTime<Utc>, plan: &SyncPlan<'_>) -> Missing {
        plan.windows.missing(&self.covered, start, plan.windows.floor(plan.until))
    }
}

/// What was recorded as exported and is not covered. Only manifests show that an export is gone: the service forgets.
fn lost(plan: &SyncPlan<'_>, covered: &[TimeRange]) -> Vec<Stretch> {
    let noted = if plan.archived.is_some() { plan.noted.until(plan.now) } else { Vec::new() };
    let lost = noted.into_iter().flat_map(|range| {
        let holes = stretches(plan.windows.missing(covered, range.start(), range.end())).into_iter();
        // If an export begins in the middle of a window, it may have been asked for from an earlier time, before there
        // was a ledger.
        holes.filter(move |(hole, _)| hole.end() == range.end() || plan.windows.floor(hole.end()) == hole.end())
    });
    lost.collect()
}

/// Joins adjacent windows.
pub(crate) fn stretches(windows: impl Iterator<Item = TimeRange>) -> Vec<Stretch> {
    let mut found: Vec<Stretch> = Vec::new();
    for window in windows {
        match found.last_mut().filter(|(last, _)| last.end() == window.start()) {
            Some((last, count)) => (*last, *count) = (TimeRange::accepted(last.start(), window.end()), *count + 1),
            None => found.push((window, 1)),
        }
    }
    found
}

/// Up to when everything since `start` is exported; `None` if the beginning is not.
pub(crate) fn exported_until(windows: Windows, exported: &[TimeRange], start: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let hole = windows.missing(exported, start, DateTime::<Utc>::MAX_UTC).next();
    hole.map(|hole| hole.start()).filter(|reached| *reached > start)
}

fn range(export: &ExportDescription) -> TimeRange {
    TimeRange::accepted(export.start, export.end)
}

fn still_running(listed: &[ExportDescription]) -> Vec<(TimeRange, UniqueId)> {
    let runs = listed.iter().rev().filter(|export| !export.status.is_final());
    runs.filter_map(|export| Some((range(export), UniqueId::parse(&export.id).ok()?))).collect()
}
