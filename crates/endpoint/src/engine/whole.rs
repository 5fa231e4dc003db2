//! Exports whole segments unchanged: they are copied by the kernel, many at a time, and each copy
//! is proved to be the recorded one before it becomes visible. On a file system that shares blocks,
//! only the proof reads them.

use std::fs::File;

use super::export_run::ExportRun;
use super::jobs::Stop;
use super::object::Object;
use super::places::SegmentAt;
use super::plan::ObjectPlan;
use crate::store::StoreKind;
use qldb_journal::archive::verify::default_jobs;
use qldb_journal::internal::sha256;

/// How many segments are proved together at most.
const TOGETHER: usize = 16;
/// The maximum size of segments that are proved together. It limits what is in progress when a job is to stop.
const TOGETHER_BYTES: u64 = 64 << 20;

impl ExportRun<'_> {
    /// The planned objects in journal order, in groups that are written together, at least one for each core.
    pub(super) fn groups<'p>(&self, plans: &'p [ObjectPlan]) -> Vec<&'p [ObjectPlan]> {
        let most = plans.len().div_ceil(default_jobs()).min(TOGETHER);
        let mut groups = Vec::new();
        let mut rest = plans;
        while !rest.is_empty() {
            let mut bytes = 0;
            let is_in = |plan: &&ObjectPlan| {
                bytes += plan.segment.bytes;
                bytes <= TOGETHER_BYTES && self.can_be_copied(plan)
            };
            let count = rest.iter().take(most).take_while(is_in).count().max(1);
            let (group, later) = rest.split_at(count);
            groups.push(group);
            rest = later;
        }
        groups
    }

    fn can_be_copied(&self, plan: &ObjectPlan) -> bool {
        self.is_as_it_is(plan)
            && matches!(plan.segment.place, SegmentAt::File(_))
            && self.store.kind() == StoreKind::Directory
    }

    /// Writes a group. What the kernel could not copy, or copied differently from what was recorded, is read and
    /// written normally: that shows what is wrong, if anything is.
    pub(super) fn write_group(&self, group: &[ObjectPlan]) -> Result<(), Stop> {
        self.control.cancelled()?;
        if self.control.stopping() {
            return Err(Stop::Leave);
        }
        let copies: Vec<Option<(Object, File)>> = group.iter().map(|plan| self.copied_whole(plan)).collect();
        let mut found = sha256::of_files(copies.iter().flatten().map(|(_, file)| file)).into_iter();
        for (plan, copy) in group.iter().zip(copies) {
            let proved = copy.filter(|(object, _)| {
                let found = found.next().and_then(Result::ok);
                found.is_some_and(|(bytes, sha256)| bytes == object.bytes() && plan.segment.agrees(bytes, sha256))
            });
            match proved {
                Some((object, _)) => self.end_whole(plan, object)?,
                None => self.write_object(plan)?,
            }
        }
        Ok(())
    }

    /// A hidden copy of a segment, if the kernel can make one.
    fn copied_whole(&self, plan: &ObjectPlan) -> Option<(Object, File)> {
        if !self.can_be_copied(plan) || self.control.cancelled().is_err() {
            return None;
        }
        let from = self.core.places.file(&plan.segment.place)?.ok()?;
        let place = self.place(self.keys.data_object(plan.first, plan.last)).ok()?;
        let mut object = self.begin(plan, &place).ok()?;
        let copy = object.copy_of(&from, || self.control.cancelled().is_ok()).ok()??;
        Some((object, copy))
    }

    fn end_whole(&self, plan: &ObjectPlan, object: Object) -> Result<(), Stop> {
        self.control.cancelled()?;
        let place = object.place.clone();
        let bytes = self.end(plan, object)?;
        self.count(plan, &place, bytes)
    }
}
