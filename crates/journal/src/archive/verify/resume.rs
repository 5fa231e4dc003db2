//! The findings of an interrupted verification: a file of JSON Lines, one object a line, so that
//! the next run reads only what was not finished. The parts of a divided verification are such
//! files as well, and [`Joined`] reads several of them together.
//!
//! The files are trusted: anybody who can write one can claim that an object was checked. Keep them
//! where only the verifiers can write.

mod index;
mod joined;
mod line;

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::error::ResumeError;
use super::listers::Listers;
use super::object::Overlap;
use super::part::Part;
use super::{CheckedObject, Levels};
use crate::append::append_whole;
use crate::archive::find::DataObject;
use crate::archive::source::Source;
use index::Index;
pub(super) use joined::Known;
pub use joined::{Believed, Joined};
use line::Line;

/// The format of the file; a file of another format is refused.
const FORMAT: u32 = 4;

/// Identifies a verification: findings of one can't be used for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    format: u32,
    version: String,
    levels: String,
    tips: Vec<u64>,
    log: bool,
    digests: bool,
    /// The part of the archive, if it was divided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    part: Option<Part>,
}

/// What a verification that records its state was asked: findings for another question can't be used for it.
#[derive(Debug, Clone)]
pub struct ResumeAsked {
    /// The levels.
    pub levels: Levels,
    /// The last blocks covered by what was saved elsewhere.
    pub tips: Vec<u64>,
    /// Whether the RFC 6962 tree is folded.
    pub log: bool,
    /// Whether the SHA-256 of objects is computed.
    pub digests: bool,
}

impl Header {
    fn new(asked: &ResumeAsked, part: Option<Part>) -> Self {
        Self {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            levels: asked.levels.to_string(),
            tips: asked.tips.clone(),
            log: asked.log,
            digests: asked.digests,
            part,
        }
    }
}

/// The state of an interruptible verification.
pub struct Resume {
    path: PathBuf,
    /// The lines that existed when it was opened.
    known: Index,
    file: Mutex<Written>,
    part: Option<Part>,
}

/// The file that is written, and when it was last flushed. It is not flushed after every line: with many small objects,
/// waiting for the disk would take longer than reading them, and whatever a machine crash loses is read again.
struct Written {
    file: File,
    synced: Instant,
}

/// How long lines may stay unflushed.
const UNSYNCED: Duration = Duration::from_secs(1);

impl Resume {
    /// Opens or creates the file. A partial last line is dropped.
    pub fn open(path: &Path, asked: &ResumeAsked) -> Result<Self, ResumeError> {
        Self::open_with(path, &Header::new(asked, None))
    }

    /// The same for one part of an archive, which can be joined with others: each object is recorded with its SHA-256,
    /// by which it is recognised elsewhere, and with whether something is wrong with it. The RFC 6962 tree is always
    /// folded.
    pub fn of_part(path: &Path, asked: &ResumeAsked, part: Part) -> Result<Self, ResumeError> {
        let asked = ResumeAsked { digests: true, log: true, ..asked.clone() };
        Self::open_with(path, &Header::new(&asked, Some(part)))
    }

    fn open_with(path: &Path, header: &Header) -> Result<Self, ResumeError> {
        let failed = |cause| ResumeError::Io { path: path.display().to_string(), cause };
        let (mut file, is_new) = opened(path).map_err(failed)?;
        // Held as long as the file is open: two writers would overwrite each other's lines.
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ResumeError::InUse(path.display().to_string())),
            // Some file systems have no locks.
            Err(TryLockError::Error(cause)) if cause.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(cause)) => return Err(failed(cause)),
        }
        let read = read(&mut file, header).inspect_err(|_| {
            if is_new {
                // The first error is the one to report.
                let _ = fs::remove_file(path);
            }
        });
        let known = match read.map_err(failed)? {
            Ok(known) => known,
            Err(found) => return Err(other(path, found.as_ref(), header)),
        };
        let file = Mutex::new(Written { file, synced: Instant::now() });
        Ok(Self { path: path.to_owned(), known, file, part: header.part })
    }

    /// The findings for an object, if it is still the same. An object with breaks is always read again.
    pub(super) fn known(
        &self,
        source: &dyn Source,
        listers: &Listers<'_>,
        object: &DataObject,
        overlap: Overlap,
    ) -> Result<Option<CheckedObject>, ResumeError> {
        let key = &object.file.found.key;
        let name = source.name();
        let mut last = None;
        for at in self.known.places_of(&listers.ids, key) {
            let line = self.file().line(at).map_err(|cause| self.failed(cause))?;
            let line = line.filter(|line| line.is_about(listers, object));
            last = line.filter(|line| line.suits(listers, object, overlap) && line.is_of(&name, object)).or(last);
        }
        Ok(last.and_then(|line| line.checked()))
    }

    /// Records the findings for an object. Whether something is wrong with it matters only for joining parts.
    pub(super) fn keep(
        &self,
        source: &dyn Source,
        listers: &Listers<'_>,
        object: &DataObject,
        checked: &CheckedObject,
    ) -> Result<(), ResumeError> {
        if !checked.breaks.is_empty() && self.part.is_none() {
            return Ok(());
        }
        let line = Line::of(source.name(), listers, object, checked);
        self.file().write(&line).map_err(|cause| self.failed(cause))
    }

    /// Flushes everything that was recorded.
    pub(super) fn end(&self) -> Result<(), ResumeError> {
        self.file().file.sync_data().map_err(|cause| self.failed(cause))
    }

    fn file(&self) -> MutexGuard<'_, Written> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, cause: io::Error) -> ResumeError {
        ResumeError::Io { path: self.path.display().to_string(), cause }
    }
}

impl Written {
    /// The line that begins at this position.
    fn line(&mut self, at: u64) -> io::Result<Option<Line>> {
        self.file.seek(SeekFrom::Start(at))?;
        next_line(&mut BufReader::new(&self.file), &mut Vec::new())
    }

    fn write(&mut self, line: &Line) -> io::Result<()> {
        write_line(&mut self.file, line)?;
        if self.synced.elapsed() >= UNSYNCED {
            self.file.sync_data()?;
            self.synced = Instant::now();
        }
        Ok(())
    }
}

/// What is wrong with a file that begins with another header.
fn other(path: &Path, found: Option<&Header>, asked: &Header) -> ResumeError {
    let path = path.display().to_string();
    let Some(found) = found else { return ResumeError::NotAState(path) };
    let what = match found.part {
        Some(part) if asked.part != Some(part) => return ResumeError::OfPart { path, part },
        _ if found.format != asked.format || found.version != asked.version => "by another version of this program",
        _ if found.levels != asked.levels => "that asked for other levels",
        _ if found.tips != asked.tips => "up to another digest or anchor, or none",
        _ if asked.digests && !found.digests => "that did not take the SHA-256 of objects, for a receipt or report",
        _ => "that asked for something else",
    };
    ResumeError::Other { path, what }
}

/// Opens a file, or creates it, which is the second result.
fn opened(path: &Path) -> io::Result<(File, bool)> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true);
    match options.open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        opened => return Ok((opened?, false)),
    }
    match options.clone().create_new(true).open(path) {
        // Another verification was faster, or it is a link that leads nowhere yet.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Ok((options.create(true).truncate(false).open(path)?, false))
        }
        created => Ok((created?, true)),
    }
}

/// Appends a line as a whole: if that fails, such as on a full disk, nothing is left of it.
fn write_line(file: &mut File, line: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    // A line may have been read in the meantime.
    file.seek(SeekFrom::End(0))?;
    append_whole(file, &text)
}

/// The next complete line, whose bytes are in `text`; `None` after the last. A partial line does not count.
fn next_line(reader: &mut impl BufRead, text: &mut Vec<u8>) -> io::Result<Option<Line>> {
    text.clear();
    reader.read_until(b'\n', text)?;
    Ok(text.strip_suffix(b"\n").and_then(|line| serde_json::from_slice(line).ok()))
}

/// Finds the lines up to the last complete one, and leaves the file at that position. Returns the header instead if it
/// does not match.
fn read(file: &mut File, header: &Header) -> io::Result<Result<Index, Option<Header>>> {
    let mut known = Index::default();
    let mut reader = BufReader::new(&*file);
    let mut text = Vec::new();
    if reader.read_until(b'\n', &mut text)? == 0 {
        write_line(file, header)?;
        return Ok(Ok(known));
    }
    let found = serde_json::from_slice::<Header>(&text).ok();
    if found.as_ref() != Some(header) {
        return Ok(Err(found));
    }
    let mut whole = text.len() as u64;
    while let Some(line) = next_line(&mut reader, &mut text)? {
        known.add(&line, whole);
        whole += text.len() as u64;
    }
    known.sort();
    file.set_len(whole)?;
    Ok(Ok(known))
}
