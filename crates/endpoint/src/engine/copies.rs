//! Exports of a journal in the same S3 that they are written to: its objects are copied within S3.

use std::collections::HashSet;

use super::export_run::ExportRun;
use super::jobs::Stop;
use super::object::ObjectAt;
use super::places::SegmentAt;
use super::plan::ObjectPlan;
use super::segment::Segment;
use crate::store::{Copied, S3Object};

impl ExportRun<'_> {
    /// Objects of the journal itself are not overwritten: a new version would no longer be the ledger's. Names include
    /// the hour, so this can only happen for an export right after the import's own.
    pub(super) fn refuse_own(&self, plans: &[ObjectPlan]) -> Result<(), Stop> {
        let bucket = &self.job.export.request.bucket;
        let here = plans.iter().filter_map(|plan| self.object_here(&plan.segment));
        let own: HashSet<&str> = here.filter(|own| own.bucket == *bucket).map(|own| own.key.as_str()).collect();
        for key in plans.iter().map(|plan| self.keys.data_object(plan.first, plan.last)) {
            if own.contains(key.as_str()) {
                return Err(Stop::Cancel(format!(
                    "object {key} in bucket {bucket} is part of the ledger, which was imported in place"
                )));
            }
        }
        Ok(())
    }

    /// Copies an object of the journal within S3, if the export contains it unchanged. Its SHA-256 was proved for its
    /// `ETag` when it was imported, and the store copies nothing with another `ETag`.
    pub(super) fn copy_there(&self, plan: &ObjectPlan, place: &ObjectAt) -> Result<Option<u64>, Stop> {
        let Some(object) = self.copied(plan) else { return Ok(None) };
        match self.store.copy(object, &place.bucket, &place.key, self.options())? {
            Copied::Done => Ok(Some(object.size)),
            Copied::ReadInstead(reason) => {
                tracing::warn!(%object, key = %place.key, reason, "not copied inside S3: it is read and written");
                Ok(None)
            }
        }
    }

    /// The object to copy within S3, if there is one. A copy replaces whatever has its key, so there is
    /// none if the existing object can't be inspected.
    pub(super) fn copied<'p>(&self, plan: &'p ObjectPlan) -> Option<&'p S3Object> {
        let object = self.object_here(&plan.segment).filter(|_| self.is_as_it_is(plan));
        object.filter(|_| self.job.resumed || self.present.get().is_some())
    }

    /// The object of a segment, if it is in the store that is written to.
    fn object_here<'s>(&self, segment: &'s Segment) -> Option<&'s S3Object> {
        match &segment.place {
            SegmentAt::Object(object) if self.store.endpoint() == Some(object.endpoint.as_str()) => Some(object),
            _ => None,
        }
    }
}
