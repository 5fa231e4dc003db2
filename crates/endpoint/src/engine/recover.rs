//! Rebuilds a catalog that was lost, emptied or replaced by an older one from the journals:
//! segments are archives, and prove themselves; the record beside them has the name and the
//! settings of the ledger.
//!
//! Everything is read and verified first. Then the ledgers that verify are added in one change of
//! the catalog; what does not verify stays as it is.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use rusqlite::Connection;

use super::catalog::{Catalog, DbError, ledgers as rows, segments};
use super::data_dir::DataDir;
use super::error::{OpenError, ServiceError};
use super::folder::{self, JournalFolder};
use super::ledger::{Ledger, LedgerState, PermissionsMode};
use super::places::Places;
use super::record::{FILE_NAME, Record};
use super::recovery::{RecoverError, RecoveredLedger, Recovery, Refusal, RefusedJournal};
use super::segment::NewSegment;
use super::verified::verified_journal;
use super::{CATALOG, Config, Engine, aside, record};
use qldb_journal::internal::Outline;
use qldb_journal::request::{LedgerName, UniqueId};

/// The files that the database keeps beside the catalog.
const COMPANIONS: [&str; 2] = ["-wal", "-shm"];

/// A journal that verified.
struct VerifiedJournal {
    ledger: Ledger,
    tags: BTreeMap<String, String>,
    tables: BTreeMap<String, String>,
    changes: u64,
    segments: Vec<NewSegment>,
    without_record: bool,
}

#[doc(hidden)]
impl Engine {
    /// Rebuilds the catalog of a data directory, as far as it does not know the journals: all of them, or one ledger's.
    /// A journal without a record gets the given name, if it is the only one without.
    pub fn recover(config: Config, name: Option<&LedgerName>) -> Result<Recovery, RecoverError> {
        let data_dir = DataDir::take(&config.data_dir)?;
        let places = Places::new(data_dir.path.clone(), config.s3);
        let catalog = readable(&data_dir.path)?;
        let work = Recoverer { data_dir: &data_dir.path, places, catalog };
        work.run(name)
    }
}

/// The catalog, if there is one that can be read.
fn readable(data_dir: &Path) -> Result<Option<Catalog>, OpenError> {
    let path = data_dir.join(CATALOG);
    if folder::is_blank(&path)? {
        return Ok(None);
    }
    match Catalog::open(&path) {
        Err(error) if error.is_ruined() => Ok(None),
        opened => opened.map(Some),
    }
}

struct Recoverer<'a> {
    data_dir: &'a Path,
    places: Places,
    catalog: Option<Catalog>,
}

impl Recoverer<'_> {
    fn run(self, wanted: Option<&LedgerName>) -> Result<Recovery, RecoverError> {
        let folders: Vec<JournalFolder> =
            folder::all(self.data_dir)?.into_iter().filter(JournalFolder::holds_journal).collect();
        let mut names = Vec::with_capacity(folders.len());
        for folder in &folders {
            names.push(self.name_of(folder)?);
        }
        let is_wanted = |name: &Option<LedgerName>| wanted.is_none() || name.as_ref() == wanted;
        let nameless = names.iter().filter(|name| name.is_none()).count();
        // A name that no folder has is meant for the folder without a name.
        let adopts = wanted.filter(|_| nameless == 1 && !names.iter().any(|name| name.as_ref() == wanted));
        let mut recovery = Recovery::default();
        let mut found = Vec::new();
        for (folder, name) in folders.iter().zip(names) {
            let name = name.or_else(|| adopts.cloned());
            if !is_wanted(&name) {
                continue;
            }
            if !self.is_ahead(folder)? {
                recovery.known.extend(name);
                continue;
            }
            match self.verify(folder, name.as_ref(), &found) {
                Ok(journal) => found.push(journal),
                Err(why) => recovery.refused.push(RefusedJournal { journal: folder.path.clone(), name, why }),
            }
        }
        if let Some(name) =
            wanted.filter(|_| recovery.known.is_empty() && recovery.refused.is_empty() && found.is_empty())
        {
            return Err(RecoverError::NoJournal(name.clone()));
        }
        if !found.is_empty() {
            recovery.put_aside = self.enter(&found)?;
        }
        recovery.recovered = found.iter().map(VerifiedJournal::described).collect();
        Ok(recovery)
    }

    /// The ledger that a folder belongs to, according to its record or the catalog.
    fn name_of(&self, folder: &JournalFolder) -> Result<Option<LedgerName>, OpenError> {
        if let Some(record) = &folder.record {
            return Ok(Some(record.ledger.name.clone()));
        }
        let Some(catalog) = &self.catalog else { return Ok(None) };
        let ledger = catalog.read(|catalog| rows::of_strand(catalog, &folder.strand));
        Ok(ledger.map_err(|source| self.unread(source))?.map(|ledger| ledger.name))
    }

    fn is_ahead(&self, folder: &JournalFolder) -> Result<bool, OpenError> {
        let Some(catalog) = &self.catalog else { return Ok(true) };
        let ahead = catalog.read(|catalog| folder.is_ahead_of(catalog, self.data_dir));
        ahead.map_err(|source| self.unread(source))
    }

    fn unread(&self, source: DbError) -> OpenError {
        OpenError::catalog(self.data_dir.join(CATALOG), source)
    }

    /// Verifies a journal from its first block to its last.
    fn verify(
        &self,
        folder: &JournalFolder,
        name: Option<&LedgerName>,
        others: &[VerifiedJournal],
    ) -> Result<VerifiedJournal, Refusal> {
        let name = name.ok_or(Refusal::Nameless)?;
        if self.is_taken(name, folder, others) {
            return Err(Refusal::Taken(name.clone()));
        }
        let elsewhere = folder.record.as_ref().map(|record| record.in_place.as_slice()).unwrap_or_default();
        let tip = folder.record.as_ref().and_then(|record| record.last_block);
        let (segments, outline) = verified_journal(&self.places, self.data_dir, folder, elsewhere, tip)?;
        Ok(VerifiedJournal::of(folder, name, segments, &outline))
    }

    /// Whether another existing journal has the name.
    fn is_taken(&self, name: &LedgerName, folder: &JournalFolder, others: &[VerifiedJournal]) -> bool {
        let in_catalog =
            self.catalog.as_ref().and_then(|catalog| catalog.read(|catalog| rows::find(catalog, name)).ok());
        let strand = in_catalog.flatten().map(|ledger| ledger.strand_id).filter(|strand| *strand != folder.strand);
        let lies_there = |strand: &UniqueId| folder.path.with_file_name(strand.as_str()).join(FILE_NAME).exists();
        strand.as_ref().is_some_and(lies_there) || others.iter().any(|other| other.ledger.name == *name)
    }

    /// Adds the journals that verified, all or none, and returns the new paths of an unreadable catalog.
    fn enter(self, found: &[VerifiedJournal]) -> Result<Vec<PathBuf>, RecoverError> {
        let (catalog, moved) = if let Some(catalog) = self.catalog {
            (catalog, Vec::new())
        } else {
            let failed = |source| OpenError::Io { path: self.data_dir.join(CATALOG), source };
            let moved = put_catalog_aside(self.data_dir).map_err(failed)?;
            (Catalog::open(&self.data_dir.join(CATALOG))?, moved)
        };
        catalog
            .change(|catalog| found.iter().try_for_each(|found| found.enter(catalog)))
            .map_err(ServiceError::from)?;
        let alone = Mutex::default();
        for journal in found {
            record::write(self.data_dir, &catalog, &alone, &journal.ledger.strand_id)?;
        }
        Ok(moved)
    }
}

/// Moves the remains of a catalog out of the way of a new one.
fn put_catalog_aside(data_dir: &Path) -> io::Result<Vec<PathBuf>> {
    let names = [String::new()].into_iter().chain(COMPANIONS.map(str::to_owned));
    let paths = names.map(|ending| data_dir.join(format!("{CATALOG}{ending}")));
    paths.filter(|path| fs::symlink_metadata(path).is_ok()).map(|path| aside::put_aside(data_dir, &path)).collect()
}

impl VerifiedJournal {
    fn of(folder: &JournalFolder, name: &LedgerName, segments: Vec<NewSegment>, outline: &Outline) -> Self {
        let named = outline.tables.named().iter().map(|(table, counts)| (table.clone(), counts.id.clone()));
        let mut tables: BTreeMap<String, String> = named.collect();
        let Some(Record { ledger, tags, tables: recorded, changes, .. }) = folder.record.clone() else {
            let created = segments.first().map(|new| new.segment.first_time).unwrap_or_default();
            let ledger = Ledger {
                name: name.clone(),
                state: LedgerState::Active,
                created,
                permissions_mode: PermissionsMode::Standard,
                deletion_protection: false,
                kms_key: None,
                strand_id: folder.strand.clone(),
            };
            return Self { ledger, tags: BTreeMap::new(), tables, changes: 0, segments, without_record: true };
        };
        tables.extend(recorded);
        Self { ledger, tags, tables, changes, segments, without_record: false }
    }

    /// Adds the ledger, replacing what the catalog says about its strand and its name.
    fn enter(&self, catalog: &Connection) -> Result<(), DbError> {
        let strand = &self.ledger.strand_id;
        let changes = rows::changes(catalog, strand)?.max(self.changes) + 1;
        if let Some(other) = rows::find(catalog, &self.ledger.name)? {
            rows::remove(catalog, &other.strand_id)?;
        }
        rows::remove(catalog, strand)?;
        rows::insert(catalog, &self.ledger)?;
        self.tags.iter().try_for_each(|(name, value)| rows::tag(catalog, strand, name, value))?;
        self.tables.iter().try_for_each(|(name, id)| rows::add_table(catalog, strand, name, id))?;
        self.segments.iter().try_for_each(|segment| segments::insert(catalog, segment))?;
        rows::set_changes(catalog, strand, changes)
    }

    fn described(&self) -> RecoveredLedger {
        let (first, last) = (self.segments.first(), self.segments.last());
        RecoveredLedger {
            name: self.ledger.name.clone(),
            strand_id: self.ledger.strand_id.clone(),
            segments: self.segments.len() as u64,
            blocks: first.zip(last).map(|(first, last)| (first.segment.first, last.segment.last)),
            last_block_hash: last.map(|last| last.segment.last_block_hash),
            without_record: self.without_record,
        }
    }
}
