//! Stores objects until the verdict. Each is copied, by the kernel if possible, and the copy is
//! what is verified, so that exactly what becomes part of the journal was proved, whatever happens
//! to the object. Until then nobody sees the copy, and without a proof nothing is left of it.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::sealing::{ObjectId, Sealed, Sealing};
use crate::engine::segment::BUFFER;
use crate::store::file::{ScratchFile, UnplacedFile};
use qldb_journal::archive::find::DataObject;
use qldb_journal::archive::source::{Source, SourceError};
use qldb_journal::archive::verify::{CheckedObject, Keeper, KeptObject, Opened, VerifyError};
use qldb_journal::request::UniqueId;
use qldb_journal::{Encoding, Hash};

/// Copies of the objects of an archive, which are verified instead of the objects.
pub struct Stage {
    folder: PathBuf,
    /// Whether objects are used in place, and nothing is copied.
    pub(super) in_place: bool,
    /// The journal that the ledger has, and its last block.
    known: Option<(UniqueId, u64)>,
    kept: Mutex<HashMap<ObjectId, Checked>>,
    hashes: Mutex<Hashes>,
    sealing: Sealing,
    /// Set when the archive can no longer be proved.
    is_given_up: AtomicBool,
}

/// The result of verifying an object.
pub(super) struct Checked {
    pub(super) encoding: Encoding,
    /// When the first and the last block were committed.
    pub(super) times: (DateTime<Utc>, DateTime<Utc>),
    /// The hashes of the blocks.
    pub(super) hashes: Aside,
}

/// A copy of an object that was verified. If the object is used in place, there is no file.
pub(super) struct Staged {
    pub(super) file: Option<Sealed>,
    pub(super) checked: Checked,
}

/// A byte range in the file of stored hashes.
#[derive(Debug, Clone)]
pub(super) struct Aside(Range<u64>);

/// The hashes of blocks, in a file, so that memory does not grow with the journal.
#[derive(Default)]
struct Hashes {
    file: Option<ScratchFile>,
    length: u64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stage {
    /// An empty stage under a folder. Blocks that are known need no copies.
    pub(super) fn new(folder: PathBuf, in_place: bool, known: Option<(UniqueId, u64)>) -> io::Result<Self> {
        Ok(Self {
            folder,
            in_place,
            known,
            kept: Mutex::default(),
            hashes: Mutex::default(),
            sealing: Sealing::begin()?,
            is_given_up: AtomicBool::new(false),
        })
    }

    /// Waits until every copy is durable. Nothing is copied afterwards.
    pub(super) fn end(&self) {
        self.sealing.end();
    }

    /// Returns what was stored of an object; `None` if nothing was.
    pub(super) fn take(&self, id: &ObjectId) -> io::Result<Option<Staged>> {
        let Some(checked) = lock(&self.kept).remove(id) else { return Ok(None) };
        let file = if self.in_place { None } else { self.sealing.take(id).transpose()? };
        Ok((file.is_some() || self.in_place).then_some(Staged { file, checked }))
    }

    /// Stores the hashes of blocks.
    pub(super) fn put(&self, hashes: &[Hash]) -> io::Result<Aside> {
        let bytes: Vec<u8> = hashes.iter().flat_map(Hash::as_bytes).copied().collect();
        lock(&self.hashes).put(&self.folder, &bytes)
    }

    /// The stored hashes, 32 bytes each.
    pub(super) fn get(&self, aside: &Aside) -> io::Result<Vec<u8>> {
        lock(&self.hashes).get(&aside.0)
    }

    /// One of the stored hashes.
    pub(super) fn get_one(&self, aside: &Aside, index: u64) -> io::Result<Option<Hash>> {
        let start = aside.0.start.saturating_add(index.saturating_mul(Hash::LENGTH as u64));
        let part = start..start.saturating_add(Hash::LENGTH as u64);
        if part.end > aside.0.end {
            return Ok(None);
        }
        Ok(Hash::from_slice(&lock(&self.hashes).get(&part)?))
    }

    fn is_wanted(&self, object: &DataObject) -> bool {
        let name = &object.name;
        let is_known = |(strand, last): &(UniqueId, u64)| strand.as_str() == &*name.strand_id && name.last <= *last;
        name.encoding != Encoding::Json
            && !self.is_given_up.load(Ordering::Relaxed)
            && !self.known.as_ref().is_some_and(is_known)
    }

    /// Discards everything: the archive will not be proved.
    fn give_up(&self) {
        self.is_given_up.store(true, Ordering::Relaxed);
        lock(&self.kept).clear();
        self.sealing.give_up();
    }
}

impl Keeper for Stage {
    fn open(&self, source: &dyn Source, object: &DataObject) -> Result<Opened<'_>, VerifyError> {
        let key = &object.file.found.key;
        if !self.is_wanted(object) {
            return Ok((source.open(key)?, None));
        }
        let id = (object.file.source, key.clone());
        if self.in_place {
            return Ok((source.open(key)?, Some(Box::new(Copy { stage: self, id, file: None }))));
        }
        let unkept = |cause| VerifyError::Keep { key: key.clone(), cause };
        let mut file = match self.copied_by_kernel(source, key) {
            Some(file) => file,
            None => self.copied(source, key)?,
        };
        let copy = file.open().map_err(unkept)?;
        Ok((Box::new(copy), Some(Box::new(Copy { stage: self, id, file: Some(file) }))))
    }
}

impl Stage {
    /// The copy of a file; `None` if it is not a file or the kernel fails, so that reading and writing show what is
    /// wrong.
    fn copied_by_kernel(&self, source: &dyn Source, key: &str) -> Option<UnplacedFile> {
        let mut from = File::open(source.path(key)?).ok()?;
        let mut file = UnplacedFile::create(&self.folder).ok()?;
        io::copy(&mut from, file.file()).ok()?;
        Some(file)
    }

    fn copied(&self, source: &dyn Source, key: &str) -> Result<UnplacedFile, VerifyError> {
        let unkept = |cause| VerifyError::Keep { key: key.to_owned(), cause };
        let mut input = source.open(key)?;
        let mut file = UnplacedFile::create(&self.folder).map_err(unkept)?;
        let mut buffer = vec![0; BUFFER];
        loop {
            let count = match input.read(&mut buffer) {
                Ok(0) => return Ok(file),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(cause) => return Err(SourceError { name: format!("{}/{key}", source.name()), cause }.into()),
                Ok(count) => count,
            };
            file.write_all(buffer.get(..count).unwrap_or_default()).map_err(unkept)?;
        }
    }
}

/// The copy of an object that is being checked.
struct Copy<'a> {
    stage: &'a Stage,
    id: ObjectId,
    file: Option<UnplacedFile>,
}

impl KeptObject for Copy<'_> {
    fn end(self: Box<Self>, checked: &CheckedObject, encoding: Encoding) -> io::Result<()> {
        let Self { stage, id, file } = *self;
        if !checked.breaks.is_empty() {
            stage.give_up();
            return Ok(());
        }
        // Objects without blocks become no segment.
        let Some(span) = &checked.span else { return Ok(()) };
        let times = (span.first_time, span.last_time);
        let hashes = stage.put(&checked.hashes)?;
        lock(&stage.kept).insert(id.clone(), Checked { encoding, times, hashes });
        file.map_or(Ok(()), |file| stage.sealing.add(id, file))
    }
}

impl Hashes {
    fn put(&mut self, folder: &Path, bytes: &[u8]) -> io::Result<Aside> {
        let scratch = match &mut self.file {
            Some(scratch) => scratch,
            none => none.insert(ScratchFile::create(folder)?),
        };
        let start = self.length;
        let mut file = scratch.file();
        file.seek(SeekFrom::Start(start))?;
        file.write_all(bytes)?;
        self.length += bytes.len() as u64;
        Ok(Aside(start..self.length))
    }

    fn get(&self, part: &Range<u64>) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        if let Some(mut file) = self.file.as_ref().map(ScratchFile::file) {
            file.seek(SeekFrom::Start(part.start))?;
            file.take(part.end - part.start).read_to_end(&mut bytes)?;
        }
        Ok(bytes)
    }
}
