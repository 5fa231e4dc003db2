//! The completed manifest says that an export is complete, so it must exist if the export is
//! COMPLETED, and must not exist if it is CANCELLED. If the network, or the end of a process, hides
//! which of the two happened, this finds out.

use std::collections::HashSet;

use super::export::Job;
use super::export_run::ExportRun;
use super::jobs::Stop;
use super::object::ObjectAt;
use crate::store::StoreError;

/// What is known about an export's completed manifest.
pub(super) struct Completion {
    /// Whether it may exist.
    may_lie: bool,
}

impl Completion {
    /// For a job that is about to run. An earlier process may have written its manifest without recording the job as
    /// completed.
    pub(super) fn of(job: &Job) -> Self {
        Self { may_lie: job.resumed }
    }

    /// Writes the manifest. If the write fails but the manifest exists anyway, that is a success.
    pub(super) fn write(&mut self, run: &ExportRun<'_>, bytes: &[u8]) -> Result<(), Stop> {
        let place = run.place(run.keys.completed_manifest())?;
        let Err(error) = run.write_manifest(&place, bytes) else { return Ok(()) };
        if error.wrote_nothing() {
            return Err(error.into());
        }
        self.may_lie = true;
        match run.store.holds(&place.bucket, &place.key, bytes, run.options()) {
            Ok(true) => {
                tracing::warn!(%error, key = %place.key, "the completed manifest was written, though its write failed");
                Ok(())
            }
            Ok(false) | Err(_) => Err(error.into()),
        }
    }

    /// Removes the manifest if the export ends without it. If that fails, the reason says so.
    pub(super) fn withdraw(&self, run: &ExportRun<'_>, stop: Stop) -> Stop {
        let Stop::Cancel(reason) = stop else { return stop };
        if !self.may_lie {
            return Stop::Cancel(reason);
        }
        let Ok(place) = run.place(run.keys.completed_manifest()) else { return Stop::Cancel(reason) };
        match remove(run, &place) {
            Ok(()) => Stop::Cancel(reason),
            Err(error) => Stop::Cancel(format!(
                "{reason}. The completed manifest {} may be in bucket {} nevertheless ({error}), although the export \
                 is not whole",
                place.key, place.bucket
            )),
        }
    }
}

/// Removes the manifest, or makes sure that there is none.
fn remove(run: &ExportRun<'_>, place: &ObjectAt) -> Result<(), StoreError> {
    let Err(error) = run.store.remove(&place.bucket, &place.key) else { return Ok(()) };
    match run.store.size(&place.bucket, &place.key) {
        Ok(None) => Ok(()),
        Ok(Some(_)) | Err(_) => Err(error),
    }
}

impl ExportRun<'_> {
    /// Removes what an earlier process left of this job's objects.
    pub(super) fn sweep(&self, keys: &[String]) {
        let bucket = &self.job.export.request.bucket;
        let own: HashSet<String> = keys.iter().cloned().chain([self.keys.completed_manifest()]).collect();
        for prefix in [self.keys.data_objects(), self.keys.manifests()] {
            match self.store.sweep(bucket, &prefix, &|key| own.contains(key)) {
                Ok(0) => {}
                Ok(count) => {
                    tracing::info!(%bucket, prefix, count, "unfinished uploads of an interrupted export removed");
                }
                Err(error) => tracing::warn!(
                    %error,
                    "unfinished uploads of an interrupted export may stay; a lifecycle rule of the bucket removes them"
                ),
            }
        }
    }
}
