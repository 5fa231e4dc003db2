//! The work of one export job: from segments to objects.

use std::collections::HashSet;
use std::io::{self, BufReader, Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;

use super::catalog::{exports as rows, segments};
use super::completion::Completion;
use super::damage::Damage;
use super::export::Job;
use super::jobs::{Control, Stop};
use super::segment::{Segment, Source};
use super::{Core, limits};
use crate::archive::manifest::{self, Manifest, StartedManifest};
use crate::archive::{ExportKeys, content_type};
use crate::journal::{BlockReader, BlockWriter, Encoding, JournalError};
use crate::request::{BucketName, TimeRange};
use crate::store::{ObjectKey, ObjectOptions, ObjectStore, ObjectWriter, StoreError};

const BUFFER: usize = 256 * 1024;

/// The blocks of one segment that an export selects: one data object.
pub(super) struct Piece {
    pub(super) segment: Segment,
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Piece {
    fn whole(&self) -> bool {
        self.first == self.segment.first && self.last == self.segment.last
    }
}

/// What every object of a job has in common.
pub(super) struct Task<'a> {
    core: &'a Core,
    pub(super) job: &'a Job,
    pub(super) control: &'a Control,
    pub(super) store: Arc<dyn ObjectStore>,
    pub(super) keys: ExportKeys,
    encoding: Encoding,
    /// The keys of data objects that have the same content already; none where that cannot be seen.
    pub(super) present: OnceLock<HashSet<String>>,
}

impl Core {
    /// Writes everything that an export consists of, in this order: started
    /// manifest, data objects, completed manifest. A job that was interrupted
    /// begins again and writes the same.
    pub(super) fn run(&self, job: &Job, control: &Control) -> Result<(), Stop> {
        let store = self.store_for(job);
        let present = OnceLock::new();
        let task = Task { core: self, job, control, store, keys: job.keys(), encoding: job.encoding(), present };
        let _claim = self.claims.claim(task.place_of_claim(), task.encoding);
        task.run()
    }
}

impl Task<'_> {
    fn run(&self) -> Result<(), Stop> {
        let mut completion = Completion::of(self.job);
        let run = self.write_everything(&mut completion);
        run.map_err(|stop| completion.withdraw(self, stop))
    }

    fn write_everything(&self, completion: &mut Completion) -> Result<(), Stop> {
        let export = &self.job.export;
        self.core.catalog.change(|catalog| rows::begin(catalog, &export.id))?;
        let pieces = self.plan();
        // Before anything is written: what is begun and never ended would leave the ledger's own archive incomplete.
        if let Ok(pieces) = &pieces {
            self.refuse_own(pieces)?;
            self.refuse_others(pieces)?;
        }
        let started = StartedManifest { export_id: export.id.clone(), request: export.request.clone() };
        let started = self.encode(&Manifest::Started(started));
        self.write_manifest(&self.place(self.keys.started_manifest())?, &started)?;
        let pieces = pieces?;
        let keys: Vec<String> = pieces.iter().map(|piece| self.keys.data_object(piece.first, piece.last)).collect();
        if self.job.resumed {
            self.sweep(&keys);
        }
        self.write_objects(&pieces)?;
        completion.write(self, &self.encode(&Manifest::Completed { keys }))
    }

    /// What the keys of the data objects of jobs have in common that can have the same.
    fn place_of_claim(&self) -> String {
        format!("{}/{}", self.job.export.request.bucket, self.keys.data_object(0, 0))
    }

    /// What is to be written, in journal order. Only segments that lie across
    /// an end of the range are read for it.
    fn plan(&self) -> Result<Vec<Piece>, Stop> {
        let Some(tip) = self.job.tip else { return Ok(Vec::new()) };
        let range = self.job.export.request.range;
        let found = self.core.catalog.read(|catalog| segments::select(catalog, &self.job.strand_id, &range, tip))?;
        let mut pieces = Vec::with_capacity(found.len());
        for segment in found {
            self.control.cancelled()?;
            if range.contains(segment.first_time) && range.contains(segment.last_time) {
                pieces.push(Piece { first: segment.first, last: segment.last, segment });
            } else if let Some((first, last)) = self.selected(&segment, &range)? {
                pieces.push(Piece { segment, first, last });
            }
        }
        Ok(pieces)
    }

    /// The first and the last block of a segment that lie in a range of time.
    /// A damaged segment could hide some, so all of it is checked.
    fn selected(&self, segment: &Segment, range: &TimeRange) -> Result<Option<(u64, u64)>, Stop> {
        let mut source = self.open(segment)?;
        let mut ends = None;
        for block in BlockReader::new(&mut source, segment.encoding) {
            self.control.cancelled()?;
            let header = block.map_err(|error| self.damage(segment, Some(&error)))?.header;
            if range.contains(header.timestamp) {
                let (first, _) = ends.unwrap_or((header.sequence_no, 0));
                ends = Some((first, header.sequence_no));
            }
        }
        self.check_whole(segment, source)?;
        Ok(ends)
    }

    fn open(&self, segment: &Segment) -> Result<BufReader<Source>, Stop> {
        let source = segment.open(&self.core.places).map_err(|error| Damage::unreadable(segment, &error))?;
        Ok(BufReader::with_capacity(BUFFER, source))
    }

    /// Makes sure that a segment of which something was read is the one that was recorded.
    fn check_whole(&self, segment: &Segment, source: BufReader<Source>) -> Result<(), Stop> {
        let read = source.into_inner().finish();
        let (bytes, sha256) = read.map_err(|error| Damage::unreadable(segment, &error))?;
        if segment.agrees(bytes, sha256) { Ok(()) } else { Err(self.damage(segment, None)) }
    }

    /// Writes the data objects on all cores. Of several failures the first in journal order is told.
    fn write_objects(&self, pieces: &[Piece]) -> Result<(), Stop> {
        let next = AtomicUsize::new(0);
        let failure: Mutex<Option<(usize, Stop)>> = Mutex::new(None);
        let locked = || failure.lock().unwrap_or_else(PoisonError::into_inner);
        let work = || {
            while locked().is_none() {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(piece) = pieces.get(index) else { return };
                let Err(stop) = self.write_object(piece) else { continue };
                let mut first = locked();
                if first.as_ref().is_none_or(|(earlier, _)| index < *earlier) {
                    *first = Some((index, stop));
                }
            }
        };
        let workers = thread::available_parallelism().map_or(1, Into::into).min(limits::WORKERS).min(pieces.len());
        thread::scope(|scope| {
            for _ in 1..workers {
                scope.spawn(work);
            }
            work();
        });
        failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), |(_, stop)| Err(stop))
    }

    /// Writes one data object and counts it. It is committed only when the
    /// whole segment has been read and is the one that was recorded.
    fn write_object(&self, piece: &Piece) -> Result<(), Stop> {
        self.control.cancelled()?;
        if self.control.stopping() {
            return Err(Stop::Leave);
        }
        let place = self.place(self.keys.data_object(piece.first, piece.last))?;
        let bytes = match self.copy_there(piece, &place)? {
            Some(bytes) => bytes,
            None => self.send(piece, &place)?,
        };
        let id = &self.job.export.id;
        self.core.catalog.change(|catalog| rows::count_object(catalog, id, (piece.first, piece.last), bytes))?;
        tracing::debug!(ledger = %self.job.export.request.ledger, export = %id, key = %place.key, bytes, "object written");
        Ok(())
    }

    /// Reads a piece, and writes it.
    fn send(&self, piece: &Piece, place: &Place) -> Result<u64, Stop> {
        // A copy that is not beyond doubt is this job's own, and is written over.
        let is_new = self.is_new(place) && self.copied(piece).is_none();
        let mut object = if is_new { self.create_new(place)? } else { self.create(place)? };
        self.transfer(piece, &mut object)?;
        let Object { writer, bytes, .. } = object;
        match writer.commit() {
            // Somebody else was faster, perhaps with the same.
            Err(StoreError::Exists { .. }) => self.refuse_other(piece, place, bytes)?,
            committed => committed?,
        }
        Ok(bytes)
    }

    /// Whether the bytes of a piece are those of its segment.
    pub(super) fn is_as_it_is(&self, piece: &Piece) -> bool {
        piece.whole() && piece.segment.encoding == self.encoding
    }

    /// Sends the blocks of a piece, and makes sure that the segment they came from is whole.
    pub(super) fn transfer(&self, piece: &Piece, object: &mut Object) -> Result<(), Stop> {
        let segment = &piece.segment;
        let mut source = self.open(segment)?;
        if self.is_as_it_is(piece) {
            self.copy(segment, &mut source, object)?;
        } else {
            self.transcode(piece, &mut source, object)?;
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

    fn transcode(&self, piece: &Piece, source: &mut impl Read, object: &mut Object) -> Result<(), Stop> {
        let segment = &piece.segment;
        let place = object.place.clone();
        let mut blocks = BlockWriter::new(object, self.encoding);
        for block in BlockReader::new(source, segment.encoding) {
            self.control.cancelled()?;
            let block = block.map_err(|error| self.damage(segment, Some(&error)))?;
            if block.header.sequence_no > piece.last {
                break;
            }
            if block.header.sequence_no >= piece.first {
                blocks.write(&block).map_err(|error| self.stop(segment, &place, error))?;
            }
        }
        blocks.finish().map(|_| ()).map_err(|error| self.stop(segment, &place, error))
    }

    /// Why writing a block failed: the object's fault, or the block's.
    fn stop(&self, segment: &Segment, place: &Place, error: JournalError) -> Stop {
        match error.io {
            Some(error) => place.failed(error).into(),
            None => self.damage(segment, Some(&error)),
        }
    }

    /// Finds out where a segment differs from what was recorded. `told` is what
    /// its reader stumbled upon, which may lie behind the first difference.
    fn damage(&self, segment: &Segment, told: Option<&JournalError>) -> Stop {
        // What could not be read tells nothing of the blocks.
        if let Some(error) = told.and_then(|told| told.io.as_ref()) {
            return Damage::unreadable(segment, error).into();
        }
        let hashes = match self.core.catalog.read(|catalog| segments::block_hashes(catalog, segment)) {
            Ok(hashes) => hashes,
            Err(error) => return error.into(),
        };
        let found = Damage::locate(segment, &self.core.places, &hashes);
        match told {
            Some(error) if !found.is_located() => Damage::told(segment, error).into(),
            _ => found.into(),
        }
    }

    /// Where an object of this job lies.
    pub(super) fn place(&self, key: String) -> Result<Place, Stop> {
        // The longest key of the job was checked when it was accepted.
        let key = ObjectKey::parse(key).map_err(|rule| Stop::Cancel(rule.to_owned()))?;
        Ok(Place { bucket: self.job.export.request.bucket.clone(), key })
    }

    pub(super) fn options(&self) -> ObjectOptions<'_> {
        ObjectOptions { content_type: content_type(self.encoding), encryption: &self.job.export.request.encryption }
    }

    fn create(&self, place: &Place) -> Result<Object, StoreError> {
        let writer = self.store.create(&place.bucket, &place.key, self.options())?;
        Ok(Object::new(writer, place.clone()))
    }

    fn create_new(&self, place: &Place) -> Result<Object, StoreError> {
        let writer = self.store.create_new(&place.bucket, &place.key, self.options())?;
        Ok(Object::new(writer, place.clone()))
    }

    fn encode(&self, manifest: &Manifest) -> Vec<u8> {
        manifest::encode(manifest, self.encoding)
    }

    pub(super) fn write_manifest(&self, place: &Place, bytes: &[u8]) -> Result<(), StoreError> {
        let mut object = self.create(place)?;
        object.write_all(bytes).map_err(|error| object.failed(error))?;
        object.writer.commit()
    }
}

/// Where an object is to lie.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) bucket: BucketName,
    pub(super) key: ObjectKey,
}

impl Place {
    fn failed(&self, error: io::Error) -> StoreError {
        StoreError::failed("write", &self.bucket, self.key.as_str(), error)
    }
}

/// An object that is being written, and how much of it.
pub(super) struct Object {
    writer: Box<dyn ObjectWriter>,
    place: Place,
    bytes: u64,
}

impl Object {
    pub(super) fn new(writer: Box<dyn ObjectWriter>, place: Place) -> Self {
        Self { writer, place, bytes: 0 }
    }

    /// How much was written.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    fn failed(&self, error: io::Error) -> StoreError {
        self.place.failed(error)
    }
}

impl Write for Object {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.writer.write(bytes)?;
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
