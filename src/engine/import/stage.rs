//! Where objects wait for the verdict: what is verified is copied in the same pass, made durable meanwhile, and becomes
//! a part of a journal when all of it is proved. Before that nobody sees it, and without it nothing stays.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::sealing::Sealing;
use crate::archive::find::DataObject;
use crate::archive::verify::{CheckedObject, Keeper, KeptObject};
use crate::journal::{Encoding, Hash};
use crate::request::UniqueId;
use crate::store::file::{ScratchFile, SealedFile, UnplacedFile};

/// The source and the key of an object.
pub(super) type ObjectId = (usize, String);

/// Copies of the objects of an archive, made while they are verified.
pub struct Stage {
    folder: PathBuf,
    /// Whether objects are used where they lie, and nothing is copied.
    pub(super) in_place: bool,
    /// The journal that the ledger has, and its last block.
    known: Option<(UniqueId, u64)>,
    /// Strand and blocks of the objects that were begun: of several with the same, one is copied.
    begun: Mutex<HashSet<(String, u64, u64)>>,
    kept: Mutex<HashMap<ObjectId, Told>>,
    hashes: Mutex<Hashes>,
    sealing: Sealing,
    /// Set when the archive cannot be proved any more.
    is_given_up: AtomicBool,
}

/// What the verification of an object told.
pub(super) struct Told {
    pub(super) encoding: Encoding,
    /// The hashes of the blocks.
    pub(super) hashes: Aside,
}

/// A copy of an object that was verified. Where it is used in place there is no file.
pub(super) struct Staged {
    pub(super) file: Option<SealedFile>,
    pub(super) told: Told,
}

/// Where hashes were put aside, as bytes of the file.
#[derive(Debug, Clone)]
pub(super) struct Aside(Range<u64>);

/// The hashes of blocks, in a file: memory does not grow with the journal.
#[derive(Default)]
struct Hashes {
    file: Option<ScratchFile>,
    length: u64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Stage {
    /// An empty one under a folder. Blocks that are known need no copies.
    pub(super) fn new(folder: PathBuf, in_place: bool, known: Option<(UniqueId, u64)>) -> io::Result<Self> {
        Ok(Self {
            folder,
            in_place,
            known,
            begun: Mutex::default(),
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

    /// Gives what was kept of an object away; none if nothing was.
    pub(super) fn take(&self, id: &ObjectId) -> io::Result<Option<Staged>> {
        let Some(told) = lock(&self.kept).remove(id) else { return Ok(None) };
        let file = if self.in_place { None } else { self.sealing.take(id).transpose()? };
        Ok((file.is_some() || self.in_place).then_some(Staged { file, told }))
    }

    /// Puts the hashes of blocks aside.
    pub(super) fn put(&self, hashes: &[Hash]) -> io::Result<Aside> {
        let bytes: Vec<u8> = hashes.iter().flat_map(|hash| hash.as_bytes()).copied().collect();
        lock(&self.hashes).put(&self.folder, &bytes)
    }

    /// The hashes that were put aside, 32 bytes each.
    pub(super) fn get(&self, aside: &Aside) -> io::Result<Vec<u8>> {
        lock(&self.hashes).get(&aside.0)
    }

    /// One of the hashes that were put aside.
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
        let is_known =
            |(strand, last): &(UniqueId, u64)| strand.as_str() == name.strand_id.as_str() && name.last <= *last;
        name.encoding != Encoding::Json
            && !self.is_given_up.load(Ordering::Relaxed)
            && !self.known.as_ref().is_some_and(is_known)
            && lock(&self.begun).insert((name.strand_id.clone(), name.first, name.last))
    }

    /// Lets go of everything: the archive will not be proved.
    fn give_up(&self) {
        self.is_given_up.store(true, Ordering::Relaxed);
        lock(&self.kept).clear();
        self.sealing.give_up();
    }
}

impl Keeper for Stage {
    fn begin(&self, object: &DataObject) -> io::Result<Option<Box<dyn KeptObject + '_>>> {
        if !self.is_wanted(object) {
            return Ok(None);
        }
        let id = (object.file.source, object.file.found.key.clone());
        let file = if self.in_place { None } else { Some(UnplacedFile::create(&self.folder)?) };
        Ok(Some(Box::new(Copy { stage: self, id, file })))
    }
}

/// A copy while it is made.
struct Copy<'a> {
    stage: &'a Stage,
    id: ObjectId,
    file: Option<UnplacedFile>,
}

impl KeptObject for Copy<'_> {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(bytes))
    }

    fn end(self: Box<Self>, checked: &CheckedObject, encoding: Encoding) -> io::Result<()> {
        let Self { stage, id, file } = *self;
        if !checked.breaks.is_empty() {
            stage.give_up();
            return Ok(());
        }
        let hashes = stage.put(&checked.hashes)?;
        lock(&stage.kept).insert(id.clone(), Told { encoding, hashes });
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
