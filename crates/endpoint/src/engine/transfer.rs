//! The work of an export job: from segments to objects.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use super::catalog::exports as rows;
use super::completion::Completion;
use super::damage::Damage;
use super::export::Job;
use super::export_run::ExportRun;
use super::jobs::{Control, Stop};
use super::object::{Object, ObjectAt};
use super::plan::ObjectPlan;
use super::segment::{BUFFER, Segment};
use super::{Core, limits};
use crate::store::{StoreError, StoreKind};
use qldb_journal::archive::manifest::{Manifest, StartedManifest};
use qldb_journal::archive::verify::default_jobs;
use qldb_journal::internal::{Transcoder, run_tasks};
use qldb_journal::{BlockReader, BlockWriter, JournalError};

impl Core {
    /// Writes everything that an export consists of, in this order: started manifest, data objects, completed manifest.
    /// A job that was interrupted begins again and writes the same.
    pub(super) fn run(&self, job: &Job, control: &Control) -> Result<(), Stop> {
        let store = self.store_for(job);
        let run = ExportRun::new(self, job, control, store);
        let _claim = self.claims.claim(run.place_of_claim(), run.encoding);
        run.to_end()
    }
}

impl ExportRun<'_> {
    fn to_end(&self) -> Result<(), Stop> {
        let mut completion = Completion::of(self.job);
        let written = self.write_everything(&mut completion);
        written.map_err(|stop| completion.withdraw(self, stop))
    }

    fn write_everything(&self, completion: &mut Completion) -> Result<(), Stop> {
        let export = &self.job.export;
        self.core.catalog.change(|catalog| rows::begin(catalog, &export.id))?;
        let plans = self.plan();
        // Before anything is written: an export that is begun and never ended would leave the ledger's own archive
        // incomplete.
        if let Ok(plans) = &plans {
            self.refuse_own(plans)?;
            self.refuse_others(plans)?;
        }
        let started = StartedManifest { export_id: export.id.clone(), request: export.request.clone() };
        let started = self.encode(&Manifest::Started(started));
        self.write_manifest(&self.place(self.keys.started_manifest())?, &started)?;
        let plans = plans?;
        let keys: Vec<String> = plans.iter().map(|plan| self.keys.data_object(plan.first, plan.last)).collect();
        if self.job.resumed {
            self.sweep(&keys);
        }
        self.write_objects(&plans)?;
        completion.write(self, &self.encode(&Manifest::Completed { keys }))
    }

    /// The common prefix of the data objects' keys of all jobs that can have the same keys.
    fn place_of_claim(&self) -> String {
        format!("{}/{}", self.job.export.request.bucket, self.keys.data_object(0, 0))
    }

    /// Writes the data objects on all cores. Of several failures, the first in journal order is reported.
    fn write_objects(&self, plans: &[ObjectPlan]) -> Result<(), Stop> {
        let groups = self.groups(plans);
        let jobs = self.jobs(plans).min(groups.len());
        let failed = AtomicBool::new(false);
        let written = run_tasks(
            jobs,
            &groups,
            || failed.load(Ordering::Relaxed),
            |_, group, _| self.write_group(group).inspect_err(|_| failed.store(true, Ordering::Relaxed)),
        );
        let entered = self.counted.enter(&self.core.catalog, &self.job.export.id);
        written.into_iter().flatten().collect::<Result<(), Stop>>()?;
        Ok(entered?)
    }

    /// The number of threads that write objects. Threads wait while files are made durable, so there are more of them
    /// than cores: the less there is to compute, the more threads.
    fn jobs(&self, plans: &[ObjectPlan]) -> usize {
        let cores = default_jobs();
        let jobs = match self.store.kind() {
            StoreKind::S3 => cores,
            StoreKind::Directory if plans.iter().all(|plan| self.is_as_it_is(plan)) => 2 * cores,
            StoreKind::Directory => cores + cores.div_ceil(2),
        };
        jobs.min(limits::WORKERS)
    }

    /// Writes one data object and counts it. It is committed only if the whole segment was read and is the recorded
    /// one.
    pub(super) fn write_object(&self, plan: &ObjectPlan) -> Result<(), Stop> {
        self.control.cancelled()?;
        if self.control.stopping() {
            return Err(Stop::Leave);
        }
        let place = self.place(self.keys.data_object(plan.first, plan.last))?;
        let bytes = match self.copy_there(plan, &place)? {
            Some(bytes) => bytes,
            None => self.send(plan, &place)?,
        };
        self.count(plan, &place, bytes)
    }

    pub(super) fn count(&self, plan: &ObjectPlan, place: &ObjectAt, bytes: u64) -> Result<(), Stop> {
        let id = &self.job.export.id;
        self.counted.count(&self.core.catalog, id, (plan.first, plan.last), bytes)?;
        tracing::debug!(ledger = %self.job.export.request.ledger, export = %id, key = %place.key, bytes, "object written");
        Ok(())
    }

    /// Reads the blocks of one object, and writes it.
    fn send(&self, plan: &ObjectPlan, place: &ObjectAt) -> Result<u64, Stop> {
        let mut object = self.begin(plan, place)?;
        self.transfer(plan, &mut object)?;
        self.end(plan, object)
    }

    /// Begins one object.
    pub(super) fn begin(&self, plan: &ObjectPlan, place: &ObjectAt) -> Result<Object, StoreError> {
        // A copy whose correctness is in doubt is this job's own, and is overwritten.
        let is_new = self.is_new(place) && self.copied(plan).is_none();
        if is_new { self.create_new(place) } else { self.create(place) }
    }

    /// Completes one object, and returns its size.
    pub(super) fn end(&self, plan: &ObjectPlan, object: Object) -> Result<u64, Stop> {
        let (place, bytes) = (object.place.clone(), object.bytes());
        match object.commit() {
            // Another job was faster, perhaps with the same content.
            Err(StoreError::Exists { .. }) => self.refuse_other(plan, &place, bytes)?,
            committed => committed?,
        }
        Ok(bytes)
    }

    /// Whether an object gets the unchanged bytes of its segment.
    pub(super) fn is_as_it_is(&self, plan: &ObjectPlan) -> bool {
        plan.whole() && plan.segment.encoding == self.encoding
    }

    /// Sends the blocks of one object, and makes sure that the segment they come from is intact.
    pub(super) fn transfer(&self, plan: &ObjectPlan, object: &mut Object) -> Result<(), Stop> {
        let segment = &plan.segment;
        let mut source = self.open(segment)?;
        if self.is_as_it_is(plan) {
            self.copy(segment, &mut source, object)?;
        } else if plan.whole() && segment.encoding != self.encoding {
            self.transcode(segment, &mut source, object)?;
        } else {
            self.select(plan, &mut source, object)?;
        }
        self.check_whole(segment, source)
    }

    fn copy(&self, segment: &Segment, source: &mut impl Read, object: &mut Object) -> Result<(), Stop> {
        let mut buffer = vec![0; BUFFER];
        loop {
            self.control.cancelled()?;
            let count = source.read(&mut buffer).map_err(|error| Damage::unreadable(segment, &error))?;
            if count == 0 {
                return Ok(());
            }
            object.write_all(&buffer[..count]).map_err(|error| object.failed(error))?;
        }
    }

    /// Writes all blocks in another encoding.
    fn transcode(&self, segment: &Segment, source: &mut impl Read, object: &mut Object) -> Result<(), Stop> {
        self.with_output(|output| {
            let mut transcoder = Transcoder::new(source, segment.encoding, output);
            while let Some(part) = transcoder.read_part().map_err(|error| self.damage(segment, Some(&error)))? {
                self.control.cancelled()?;
                object.write_all(part).map_err(|error| object.failed(error))?;
            }
            Ok(())
        })
    }

    /// Writes the selected blocks.
    fn select(&self, plan: &ObjectPlan, source: &mut impl Read, object: &mut Object) -> Result<(), Stop> {
        let segment = &plan.segment;
        let place = object.place.clone();
        let mut blocks = BlockWriter::new(object, self.encoding);
        for block in BlockReader::new(source, segment.encoding) {
            self.control.cancelled()?;
            let block = block.map_err(|error| self.damage(segment, Some(&error)))?;
            if block.header.sequence_no > plan.last {
                break;
            }
            if block.header.sequence_no >= plan.first {
                blocks.write(&block).map_err(|error| self.stop(segment, &place, error))?;
            }
        }
        blocks.finish().map(|_| ()).map_err(|error| self.stop(segment, &place, error))
    }

    /// Why writing a block failed: because of the object, or because of the block.
    fn stop(&self, segment: &Segment, place: &ObjectAt, error: JournalError) -> Stop {
        match error.io {
            Some(error) => place.failed(error).into(),
            None => self.damage(segment, Some(&error)),
        }
    }
}
