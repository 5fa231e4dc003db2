//! The folders of journals in the data directory, and whether the catalog matches them.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use rusqlite::Connection;

use super::catalog::{Catalog, DbError, ledgers as rows, passing, segments};
use super::error::{OpenError, ServiceError};
use super::ledger::LedgerState;
use super::record::{FILE_NAME, Record};
use super::segment::JOURNALS;
use super::{CATALOG, Core, Notice, aside};
use crate::store::file;
use qldb_journal::request::UniqueId;

/// The folder of one journal.
pub(super) struct JournalFolder {
    pub(super) path: PathBuf,
    pub(super) strand: UniqueId,
    pub(super) record: Option<Record>,
    /// The files with names of segments, ordered by their first blocks.
    pub(super) segments: Vec<PathBuf>,
}

/// The first and the last block in the name of a segment.
pub(super) fn numbers(path: &Path) -> Option<(u64, u64)> {
    let (first, last) = path.file_name()?.to_str()?.strip_suffix(".ion")?.split_once('-')?;
    Some((first.parse().ok()?, last.parse().ok()?))
}

impl JournalFolder {
    /// Every folder of a journal. Anything with another name, and any link, is skipped.
    pub(super) fn all(data_dir: &Path) -> io::Result<Vec<Self>> {
        let journals = data_dir.join(JOURNALS);
        if !journals.is_dir() {
            return Ok(Vec::new());
        }
        let mut found = Vec::new();
        for entry in fs::read_dir(&journals)? {
            let entry = entry?;
            let strand = entry.file_name().to_str().and_then(|name| UniqueId::parse(name).ok());
            if let Some(strand) = strand.filter(|_| file::is_directory(&entry.path()).unwrap_or(false)) {
                found.push(Self::at(entry.path(), strand)?);
            }
        }
        found.sort_by(|one, other| one.strand.cmp(&other.strand));
        Ok(found)
    }

    fn at(path: PathBuf, strand: UniqueId) -> io::Result<Self> {
        let mut segments = Vec::new();
        for entry in fs::read_dir(&path)? {
            let entry = entry?;
            if entry.file_type()?.is_file() && numbers(&entry.path()).is_some() {
                segments.push(entry.path());
            }
        }
        segments.sort_by_key(|path| numbers(path));
        let record = Record::read(&path, &strand)?;
        Ok(Self { path, strand, record, segments })
    }

    /// Whether it holds something that would be a loss.
    pub(super) fn holds_journal(&self) -> bool {
        !self.segments.is_empty() || fs::symlink_metadata(self.path.join(FILE_NAME)).is_ok()
    }

    /// Whether the catalog is older than the journal, as far as the record and the segments show.
    pub(super) fn is_ahead_of(&self, catalog: &Connection, data_dir: &Path) -> Result<bool, DbError> {
        let Some(ledger) = rows::of_strand(catalog, &self.strand)? else { return Ok(self.holds_journal()) };
        if let Some(record) = &self.record {
            return Ok(record.changes > rows::changes(catalog, &self.strand)?);
        }
        // Without its record, a segment that was never added looks like one that the catalog has forgotten.
        let mut known = segments::paths(catalog, &self.strand)?;
        known.extend(passing::paths(catalog, &self.strand)?);
        let is_known = |path: &PathBuf| path.strip_prefix(data_dir).is_ok_and(|path| known.contains(path));
        Ok(ledger.state == LedgerState::Active && !self.segments.iter().all(is_known))
    }

    /// The error for a catalog that does not know this journal.
    pub(super) fn behind(&self, data_dir: &Path) -> OpenError {
        let ledger = self.record.as_ref().map(|record| record.ledger.name.clone());
        OpenError::Behind { catalog: data_dir.join(CATALOG), journal: self.path.clone(), ledger }
    }
}

/// Refuses to start with an empty catalog beside journals. Nothing is created, not even the catalog.
pub(super) fn refuse_blank(data_dir: &Path) -> Result<(), OpenError> {
    let folders = if is_blank(&data_dir.join(CATALOG))? { all(data_dir)? } else { Vec::new() };
    folders.iter().find(|folder| folder.holds_journal()).map_or(Ok(()), |folder| Err(folder.behind(data_dir)))
}

/// Whether a catalog would start empty: it does not exist, or has no bytes.
pub(super) fn is_blank(catalog: &Path) -> Result<bool, OpenError> {
    match fs::metadata(catalog) {
        Ok(metadata) => Ok(metadata.len() == 0),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(source) => Err(OpenError::Io { path: catalog.to_owned(), source }),
    }
}

/// Every folder of a journal.
pub(super) fn all(data_dir: &Path) -> Result<Vec<JournalFolder>, OpenError> {
    JournalFolder::all(data_dir).map_err(|source| OpenError::Io { path: data_dir.join(JOURNALS), source })
}

/// Refuses a catalog that is older than a journal.
pub(super) fn refuse_behind(data_dir: &Path, catalog: &Catalog) -> Result<(), OpenError> {
    for folder in all(data_dir)? {
        let ahead = catalog.read(|catalog| folder.is_ahead_of(catalog, data_dir));
        if ahead.map_err(|error| OpenError::catalog(data_dir.join(CATALOG), error))? {
            return Err(folder.behind(data_dir));
        }
    }
    Ok(())
}

impl Core {
    /// Tidies the folders of journals: removes what unfinished writes left, moves aside what the catalog does not know,
    /// and writes records that are missing or older than the catalog.
    pub(super) fn tidy_journals(&self) -> Result<(), OpenError> {
        let failed = |source| OpenError::Io { path: self.data_dir.join(JOURNALS), source };
        file::create_directories(&self.data_dir.join(JOURNALS)).map_err(failed)?;
        // Copies of an import that was interrupted.
        file::sweep(&self.data_dir.join(JOURNALS)).map_err(failed)?;
        let folders = all(&self.data_dir)?;
        let moved = self.tidy(&folders).map_err(failed)?;
        self.notices.lock().unwrap_or_else(PoisonError::into_inner).extend(moved.into_iter().map(Notice::PutAside));
        self.renew_records(&folders).map_err(OpenError::Resume)
    }

    /// Returns the new paths of everything that the catalog does not know.
    fn tidy(&self, folders: &[JournalFolder]) -> io::Result<Vec<PathBuf>> {
        let mut moved = Vec::new();
        for folder in folders {
            file::sweep(&folder.path)?;
            let ledger = self.catalog.read(|catalog| rows::of_strand(catalog, &folder.strand));
            if ledger.map_err(io::Error::other)?.is_some() {
                moved.extend(self.put_unknown_aside(folder)?);
            }
            // Removed only if it is empty, like the folder of a ledger that was deleted in the meantime.
            let _ = fs::remove_dir(&folder.path);
        }
        Ok(moved)
    }

    fn renew_records(&self, folders: &[JournalFolder]) -> Result<(), ServiceError> {
        for ledger in self.catalog.read(rows::settled)? {
            let strand = &ledger.strand_id;
            let folder = folders.iter().find(|folder| folder.strand == *strand);
            let found = folder.and_then(|folder| folder.record.as_ref()).map(|record| record.changes);
            let changes = self.catalog.read(|catalog| rows::changes(catalog, strand))?;
            if found == Some(changes) {
                continue;
            }
            let has_files =
                || Ok::<_, ServiceError>(!self.catalog.read(|catalog| segments::paths(catalog, strand))?.is_empty());
            // A missing journal gets no folder that would make it look present.
            if folder.is_some() || !has_files()? {
                self.keep_record(strand);
            }
        }
        Ok(())
    }

    fn put_unknown_aside(&self, folder: &JournalFolder) -> io::Result<Vec<PathBuf>> {
        let known = self.catalog.read(|catalog| segments::paths(catalog, &folder.strand)).map_err(io::Error::other)?;
        let mut moved = Vec::new();
        for entry in fs::read_dir(&folder.path)? {
            let path = entry?.path();
            let kept = path.file_name().is_some_and(|name| name == file::UNFINISHED)
                || (folder.record.is_some() && path.file_name().is_some_and(|name| name == FILE_NAME))
                || path.strip_prefix(&self.data_dir).is_ok_and(|path| known.contains(path));
            if !kept {
                moved.push(aside::put_aside(&self.data_dir, &path)?);
            }
        }
        Ok(moved)
    }

    /// Removes files that this process has just written but could not add to the catalog.
    pub(super) fn remove_written(&self, strand: &UniqueId, written: &[PathBuf]) -> io::Result<()> {
        let known = self.catalog.read(|catalog| segments::paths(catalog, strand)).map_err(io::Error::other)?;
        written.iter().filter(|path| !known.contains(*path)).try_for_each(|path| {
            match fs::remove_file(self.data_dir.join(path)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
                _ => Ok(()),
            }
        })
    }

    /// Removes the folder of a journal: the record first, then its own segments. Anything else in it is moved aside.
    /// `unfinished` is a journal that never was complete, so that every segment in it is one of those that were being
    /// written.
    pub(super) fn remove_folder(&self, strand: &UniqueId, unfinished: bool) -> io::Result<()> {
        let path = self.data_dir.join(JOURNALS).join(strand.as_str());
        if !file::is_directory(&path)? {
            return Ok(());
        }
        let folder = JournalFolder::at(path, strand.clone())?;
        match fs::remove_file(folder.path.join(FILE_NAME)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => file::sync_directory(&folder.path)?,
        }
        let known = self.catalog.read(|catalog| segments::paths(catalog, strand)).map_err(io::Error::other)?;
        for segment in &folder.segments {
            let is_known = segment.strip_prefix(&self.data_dir).is_ok_and(|path| known.contains(path));
            if unfinished || is_known {
                fs::remove_file(segment)?;
            }
        }
        file::sweep(&folder.path)?;
        for entry in fs::read_dir(&folder.path)? {
            aside::put_aside(&self.data_dir, &entry?.path())?;
        }
        fs::remove_dir(&folder.path)
    }
}
