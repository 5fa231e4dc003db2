//! A running export job: what all of its objects have in common, how a segment is opened, and how
//! an object is begun. The basis of the modules that plan, write and complete an export; it uses
//! none of them.

use std::collections::HashSet;
use std::io::{BufReader, Write};
use std::sync::{Arc, OnceLock};

use super::Core;
use super::catalog::segments;
use super::counted::Counted;
use super::damage::Damage;
use super::export::Job;
use super::jobs::{Control, Stop};
use super::object::{Object, ObjectAt};
use super::segment::{BUFFER, HashedReader, Segment};
use crate::store::{ObjectKey, ObjectOptions, ObjectStore, StoreError};
use qldb_journal::archive::manifest::{self, Manifest};
use qldb_journal::archive::{ExportKeys, content_type};
use qldb_journal::internal::{Spare, TranscodedBytes};
use qldb_journal::{Encoding, JournalError};

/// What every object of a job has in common.
pub(super) struct ExportRun<'a> {
    pub(super) core: &'a Core,
    pub(super) job: &'a Job,
    pub(super) control: &'a Control,
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) keys: ExportKeys,
    pub(super) encoding: Encoding,
    /// The keys of data objects that already have the same content; unset if this can't be determined.
    pub(super) present: OnceLock<HashSet<String>>,
    pub(super) counted: Counted,
    /// The memory of transcoded objects, for the threads that write the next ones.
    outputs: Spare<TranscodedBytes>,
}

impl<'a> ExportRun<'a> {
    pub(super) fn new(core: &'a Core, job: &'a Job, control: &'a Control, store: Arc<dyn ObjectStore>) -> Self {
        Self {
            core,
            job,
            control,
            store,
            keys: job.keys(),
            encoding: job.encoding(),
            present: OnceLock::new(),
            counted: Counted::default(),
            outputs: Spare::default(),
        }
    }

    /// Lends memory for the bytes of an object that is transcoded.
    pub(super) fn with_output<T>(&self, work: impl FnOnce(&mut TranscodedBytes) -> T) -> T {
        self.outputs.with(|| TranscodedBytes::new(self.encoding), work)
    }

    pub(super) fn open(&self, segment: &Segment) -> Result<BufReader<HashedReader>, Stop> {
        let source = segment.open(&self.core.places).map_err(|error| Damage::unreadable(segment, &error))?;
        Ok(BufReader::with_capacity(BUFFER, source))
    }

    /// Makes sure that a segment that was read is the recorded one.
    pub(super) fn check_whole(&self, segment: &Segment, source: BufReader<HashedReader>) -> Result<(), Stop> {
        let read = source.into_inner().finish();
        let (bytes, sha256) = read.map_err(|error| Damage::unreadable(segment, &error))?;
        if segment.agrees(bytes, sha256) { Ok(()) } else { Err(self.damage(segment, None)) }
    }

    /// Finds out where a segment differs from what was recorded. `reported` is what its reader reported, which may be
    /// after the first difference.
    pub(super) fn damage(&self, segment: &Segment, reported: Option<&JournalError>) -> Stop {
        // A read failure says nothing about the blocks.
        if let Some(error) = reported.and_then(|reported| reported.io.as_ref()) {
            return Damage::unreadable(segment, error).into();
        }
        let hashes = match self.core.catalog.read(|catalog| segments::block_hashes(catalog, segment)) {
            Ok(hashes) => hashes,
            Err(error) => return error.into(),
        };
        let found = Damage::locate(segment, &self.core.places, &hashes);
        match reported {
            Some(error) if !found.is_located() => Damage::reported(segment, error).into(),
            _ => found.into(),
        }
    }

    /// The location of an object of this job.
    pub(super) fn place(&self, key: String) -> Result<ObjectAt, Stop> {
        // The job's longest key was checked when the job was accepted.
        let key = ObjectKey::parse(key).map_err(|rule| Stop::Cancel(rule.to_owned()))?;
        Ok(ObjectAt { bucket: self.job.export.request.bucket.clone(), key })
    }

    pub(super) fn options(&self) -> ObjectOptions<'_> {
        ObjectOptions { content_type: content_type(self.encoding), encryption: &self.job.export.request.encryption }
    }

    pub(super) fn create(&self, place: &ObjectAt) -> Result<Object, StoreError> {
        let writer = self.store.create(&place.bucket, &place.key, self.options())?;
        Ok(Object::new(writer, place.clone()))
    }

    pub(super) fn create_new(&self, place: &ObjectAt) -> Result<Object, StoreError> {
        let writer = self.store.create_new(&place.bucket, &place.key, self.options())?;
        Ok(Object::new(writer, place.clone()))
    }

    pub(super) fn encode(&self, manifest: &Manifest) -> Vec<u8> {
        manifest::encode(manifest, self.encoding)
    }

    pub(super) fn write_manifest(&self, place: &ObjectAt, bytes: &[u8]) -> Result<(), StoreError> {
        let mut object = self.create(place)?;
        object.write_all(bytes).map_err(|error| object.failed(error))?;
        object.commit()
    }
}
