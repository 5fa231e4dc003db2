//! Archives become ledgers again: the objects of a verified archive are added
//! to a journal as segments, copied or referred to where they lie.
//!
//! Nothing is added that was not proved, and nothing unless all of it can be:
//! files first, durable; then one change of the catalog.

use std::cell::RefCell;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};

use chrono::{DateTime, Utc};

use crate::archive::source::Source;
use crate::archive::verify::{Examined, JournalSpan, Report, Span, Status};
use crate::journal::{BlockReader, BlockWriter, Encoding, Hash, JournalError, Tables, shown};
use crate::request::{LedgerName, UniqueId};
use crate::store::S3Object;
use crate::store::file::NewFile;

use super::catalog::{ledgers as rows, segments};
use super::error::{LedgerError, ServiceError};
use super::ledger::{Ledger, LedgerState, PermissionsMode};
use super::places::{Place, PlaceError, Places};
use super::segment::{JOURNALS, NewSegment, Segment, Source as Hashed, new_segment};
use super::{Core, Engine};

/// What an import added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Whether the ledger was made by it.
    pub created: bool,
    /// How many blocks were added; none if all of them were there.
    pub blocks: u64,
    /// How many segments.
    pub segments: u64,
    /// How many bytes they have.
    pub bytes: u64,
}

/// Why an archive can't be imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// It is not proved to be whole and unaltered.
    #[error("the archive is {}: only a proved one can become a ledger", .0.as_str())]
    NotProved(Status),
    /// It is JSON.
    #[error(
        "an archive in JSON can't become a ledger, because JSON has lost Ion's types: import an export in ION_TEXT or ION_BINARY"
    )]
    Json,
    /// It holds no block.
    #[error("the archive holds no block")]
    Nothing,
    /// It has more tables than are told apart.
    #[error("the archive has more than {0} tables, and no ledger of QLDB has: it can't become a ledger")]
    Tables(usize),
    /// It holds several journals.
    #[error(
        "the archive holds several journals ({0}): choose one with --ledger, or give a path with the exports of one"
    )]
    Several(String),
    /// It is of another journal than the ledger's.
    #[error(
        "the archive is of strand {archive}, and the ledger {ledger} has strand {strand}: import it under another name"
    )]
    OtherStrand {
        /// The ledger.
        ledger: LedgerName,
        /// Its strand.
        strand: UniqueId,
        /// The archive's.
        archive: String,
    },
    /// Another ledger here has this journal.
    #[error("the archive is of the journal of the ledger {0}: import it under that name, or delete that ledger first")]
    Known(LedgerName),
    /// Blocks between the ledger and the archive are missing.
    #[error(
        "the archive begins at block {first}, and the ledger ends at block {last}: import the exports between them first"
    )]
    Gap {
        /// The archive's first block.
        first: u64,
        /// The ledger's last block.
        last: u64,
    },
    /// The archive reaches further back than the ledger.
    #[error(
        "the archive begins at block {first}, before the ledger's first block {ledger_first}: delete the ledger and import both together"
    )]
    Before {
        /// The archive's first block.
        first: u64,
        /// The ledger's first block.
        ledger_first: u64,
    },
    /// The archive holds another block than the ledger.
    #[error("{key}: block {sequence_no} is not the ledger's: expected {expected}, found {found}")]
    Differs {
        /// The object.
        key: String,
        /// The block.
        sequence_no: u64,
        /// The hash in the ledger.
        expected: String,
        /// The hash in the archive.
        found: String,
    },
    /// An object is not the one that was verified a moment ago.
    #[error("{0} changed after it was verified")]
    Changed(String),
    /// The object lies where nothing tells whether it is still the same later.
    #[error(
        "{0} can't be used in place, because its store names no ETag that would tell a change: leave out --in-place to copy it"
    )]
    NotHere(String),
    /// The object's path can't be kept, because it is not UTF-8.
    #[error("{0} can't be used in place, because its path is not UTF-8: leave out --in-place to copy it, or rename it")]
    PathNotText(String),
    /// It was asked to stop, and took back what it had copied.
    #[error("the import was interrupted, and nothing was imported")]
    Interrupted,
    /// The ledger can't be made or changed.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl From<ServiceError> for ImportError {
    fn from(error: ServiceError) -> Self {
        Self::Ledger(error.into())
    }
}

impl From<rusqlite::Error> for ImportError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Ledger(error.into())
    }
}

impl Engine {
    /// Adds a verified archive to a ledger, which is made if it is not there:
    /// its creation time is the first block's. Blocks that the ledger has
    /// already are left as they are. `report` must be of these `sources`, with
    /// the SHA-256 of every object.
    pub fn import(
        &self,
        name: &LedgerName,
        report: &Report,
        sources: &[Box<dyn Source>],
        in_place: bool,
    ) -> Result<Imported, ImportError> {
        self.import_until(name, report, sources, in_place, &AtomicBool::new(false))
    }

    /// As [`Engine::import`], until `stop` is set from outside. Before everything is entered that leaves nothing;
    /// afterwards it comes too late.
    pub fn import_until(
        &self,
        name: &LedgerName,
        report: &Report,
        sources: &[Box<dyn Source>],
        in_place: bool,
        stop: &AtomicBool,
    ) -> Result<Imported, ImportError> {
        let journal = provable(report)?;
        let strand = UniqueId::parse(&journal.strand_id).map_err(|_| ImportError::Nothing)?;
        let (ledger, created) = self.core.ledger_for(name, &strand, journal.first_time)?;
        let work = Importer { core: &self.core, sources, in_place, strand, stop, written: RefCell::default() };
        match work.run_alone(report, journal, &ledger) {
            Ok(imported) => {
                self.core.keep_record(&ledger.strand_id);
                tracing::info!(ledger = %name, blocks = imported.blocks, segments = imported.segments, "archive imported");
                Ok(Imported { created, ..imported })
            }
            Err(error) => {
                if created {
                    self.core.purge(&ledger)?;
                }
                Err(error)
            }
        }
    }
}

fn provable(report: &Report) -> Result<&JournalSpan, ImportError> {
    if report.examined.iter().any(|one| one.checked.json) {
        return Err(ImportError::Json);
    }
    if report.verdict != Status::Proved {
        return Err(ImportError::NotProved(report.verdict));
    }
    if report.outline.tables.others().is_some() {
        return Err(ImportError::Tables(Tables::MOST));
    }
    match &report.journals[..] {
        [] => Err(ImportError::Nothing),
        [journal] => Ok(journal),
        several => {
            let strands: Vec<&str> = several.iter().map(|journal| journal.strand_id.as_str()).collect();
            Err(ImportError::Several(strands.join(", ")))
        }
    }
}

impl Core {
    /// The ledger to add to, and whether it was made just now.
    fn ledger_for(
        &self,
        name: &LedgerName,
        strand: &UniqueId,
        created: DateTime<Utc>,
    ) -> Result<(Ledger, bool), ImportError> {
        let found = self.catalog.read(|catalog| rows::find(catalog, name))?;
        if let Some(ledger) = found {
            if ledger.strand_id != *strand {
                let (ledger, own) = (name.clone(), ledger.strand_id);
                return Err(ImportError::OtherStrand { ledger, strand: own, archive: strand.to_string() });
            }
            return Ok((ledger, false));
        }
        if let Some(ledger) = self.catalog.read(|catalog| rows::of_strand(catalog, strand))? {
            return Err(ImportError::Known(ledger.name));
        }
        let ledger = Ledger {
            name: name.clone(),
            state: LedgerState::Creating,
            created,
            permissions_mode: PermissionsMode::Standard,
            deletion_protection: false,
            kms_key: None,
            strand_id: strand.clone(),
        };
        self.catalog.change(|catalog| {
            super::ledgers::refuse_taken(catalog, name)?;
            rows::insert(catalog, &ledger).map_err(ServiceError::from)
        })?;
        Ok((ledger, true))
    }
}

/// The state of one import.
struct Importer<'a> {
    core: &'a Core,
    sources: &'a [Box<dyn Source>],
    in_place: bool,
    strand: UniqueId,
    /// Set from outside to end early.
    stop: &'a AtomicBool,
    /// The files that were begun, relative to the data directory.
    written: RefCell<Vec<PathBuf>>,
}

impl Importer<'_> {
    /// Runs while nobody else changes the journal; what failed leaves no files.
    fn run_alone(&self, report: &Report, journal: &JournalSpan, ledger: &Ledger) -> Result<Imported, ImportError> {
        let lock = self.core.journals.of(&self.strand);
        let _guard = lock.lock().unwrap_or_else(PoisonError::into_inner);
        // What fails because of it is no failure.
        let told = |error| if self.stop.load(Ordering::Relaxed) { ImportError::Interrupted } else { error };
        self.run(report, journal, ledger).map_err(told).inspect_err(|_| {
            if let Err(error) = self.core.remove_written(&self.strand, &self.written.borrow()) {
                tracing::warn!(strand = %self.strand, %error, "cannot remove what was copied");
            }
        })
    }

    fn run(&self, report: &Report, journal: &JournalSpan, ledger: &Ledger) -> Result<Imported, ImportError> {
        let mut objects: Vec<(&Examined, &Span)> =
            report.examined.iter().filter_map(|one| Some((one, one.checked.span.as_ref()?))).collect();
        objects.sort_by_key(|(_, span)| (span.first, span.last));
        let mut last = self.core.catalog.read(|catalog| segments::last(catalog, &self.strand))?;
        self.refuse_before(journal)?;
        let mut added: Vec<NewSegment> = Vec::new();
        for (examined, span) in objects {
            self.heed()?;
            let key = &examined.object.file.found.key;
            match &last {
                Some(end) if span.last <= end.last => self.judge_same(key, span.last, span.last_hash, &added)?,
                Some(end) if span.first > end.last + 1 => {
                    return Err(ImportError::Gap { first: span.first, last: end.last });
                }
                end => {
                    judge_link(key, span, end.as_ref())?;
                    let after = end.as_ref().map(|end| (end.last, end.last_block_hash));
                    let new = self.add(examined, span, after.filter(|(last, _)| span.first <= *last))?;
                    last = Some(new.segment.clone());
                    added.push(new);
                }
            }
        }
        self.heed()?;
        self.enter(report, ledger, &added)?;
        Ok(Imported {
            created: false,
            blocks: added.iter().map(|new| new.segment.last - new.segment.first + 1).sum(),
            segments: added.len() as u64,
            bytes: added.iter().map(|new| new.segment.bytes).sum(),
        })
    }

    fn heed(&self) -> Result<(), ImportError> {
        if self.stop.load(Ordering::Relaxed) { Err(ImportError::Interrupted) } else { Ok(()) }
    }

    /// An input that ends early when the import does.
    fn heeding<R>(&self, input: R) -> Heeding<'_, R> {
        Heeding { input, stop: self.stop }
    }

    fn refuse_before(&self, journal: &JournalSpan) -> Result<(), ImportError> {
        let totals = self.core.catalog.read(|catalog| segments::totals(catalog, &self.strand))?;
        match totals.first {
            Some(ledger_first) if journal.first < ledger_first => {
                Err(ImportError::Before { first: journal.first, ledger_first })
            }
            _ => Ok(()),
        }
    }

    /// A block that is there already must be the same; then so are all before it.
    fn judge_same(&self, key: &str, number: u64, hash: Hash, added: &[NewSegment]) -> Result<(), ImportError> {
        let expected = match added.iter().find(|new| (new.segment.first..=new.segment.last).contains(&number)) {
            Some(new) => hash_at(&new.block_hashes, number - new.segment.first),
            None => self.core.block_hash(&self.strand, number)?,
        };
        match expected {
            Some(expected) if expected == hash => Ok(()),
            expected => Err(ImportError::Differs {
                key: key.to_owned(),
                sequence_no: number,
                expected: shown(expected),
                found: hash.to_base64(),
            }),
        }
    }

    /// Makes a segment of an object: whole, or what lies `after` a block that the journal has.
    fn add(&self, examined: &Examined, span: &Span, after: Option<(u64, Hash)>) -> Result<NewSegment, ImportError> {
        let key = &examined.object.file.found.key;
        let failed = |error| ImportError::from(LedgerError::io(format!("cannot import {key}"))(error));
        let source = self.sources[examined.object.file.source].as_ref();
        let place = match (self.in_place, after) {
            (true, None) => place_of(source, key)?,
            (_, None) => Place::File(self.copy(source, key, span).map_err(failed)?),
            (_, Some((last, _))) => Place::File(self.copy_after(source, examined, span, last)?),
        };
        let unread = |error| if PlaceError::is_change(&error) { changed(key) } else { failed(error) };
        let index = Index::read(&self.core.places, &place, self.stop).map_err(unread)?.ok_or_else(|| changed(key))?;
        let whole = after.is_none();
        let first_previous_hash = after.map_or(span.first_previous, |(_, hash)| Some(hash));
        let as_verified = index.last_hash == span.last_hash
            && index.first_previous == first_previous_hash
            && (!whole || Some(index.sha256_hex()) == examined.checked.sha256);
        if !as_verified {
            return Err(changed(key));
        }
        Ok(index.into_segment(self.strand.clone(), place))
    }

    fn target(&self, first: u64, last: u64) -> PathBuf {
        Path::new(JOURNALS).join(self.strand.as_str()).join(format!("{first}-{last}.ion"))
    }

    /// Begins the file of a segment, and notes it as this import's own.
    fn new_file(&self, path: &Path) -> io::Result<NewFile> {
        let file = new_segment(&self.core.data_dir, path)?;
        self.written.borrow_mut().push(path.to_owned());
        Ok(file)
    }

    fn copy(&self, source: &dyn Source, key: &str, span: &Span) -> io::Result<PathBuf> {
        let path = self.target(span.first, span.last);
        let mut file = self.new_file(&path)?;
        io::copy(&mut self.heeding(source.open(key).map_err(|error| error.cause)?), &mut file)?;
        file.commit()?;
        Ok(path)
    }

    /// Copies the blocks after one that the journal has.
    fn copy_after(
        &self,
        source: &dyn Source,
        examined: &Examined,
        span: &Span,
        last: u64,
    ) -> Result<PathBuf, ImportError> {
        let key = &examined.object.file.found.key;
        let failed = |error| ImportError::from(LedgerError::io(format!("cannot import {key}"))(error));
        let path = self.target(last + 1, span.last);
        let file = self.new_file(&path).map_err(failed)?;
        // An object that changed and a store or a disk that fails are different things.
        let broken = |error: JournalError| error.io.map_or_else(|| changed(key), failed);
        let mut input = BufReader::new(Hashed::new(source.open(key).map_err(|error| failed(error.cause))?));
        let mut writer: Option<BlockWriter<NewFile>> = None;
        let mut file = Some(file);
        for block in BlockReader::new(self.heeding(&mut input), examined.object.name.encoding) {
            let block = block.map_err(broken)?;
            if block.header.sequence_no <= last {
                continue;
            }
            if let Some(file) = file.take() {
                writer = Some(BlockWriter::new(file, block.encoding));
            }
            if let Some(writer) = &mut writer {
                writer.write(&block).map_err(broken)?;
            }
        }
        let (_, sha256) = input.into_inner().finish().map_err(failed)?;
        if Some(sha256.to_hex()) != examined.checked.sha256 {
            return Err(changed(key));
        }
        let written = writer.ok_or_else(|| changed(key))?.finish().map_err(broken)?;
        written.commit().map_err(failed)?;
        Ok(path)
    }

    /// Enters everything in the catalog at once.
    fn enter(&self, report: &Report, ledger: &Ledger, added: &[NewSegment]) -> Result<(), ImportError> {
        self.core.catalog.change(|catalog| {
            for new in added {
                segments::insert(catalog, new)?;
            }
            for (table, counts) in report.outline.tables.named() {
                rows::add_table(catalog, &self.strand, table, &counts.id)?;
            }
            rows::update(catalog, &Ledger { state: LedgerState::Active, ..ledger.clone() })
        })?;
        Ok(())
    }
}

/// The first block of an object that follows the journal must name its last.
fn judge_link(key: &str, span: &Span, end: Option<&Segment>) -> Result<(), ImportError> {
    let Some(end) = end.filter(|end| span.first == end.last + 1) else { return Ok(()) };
    if span.first_previous == Some(end.last_block_hash) {
        return Ok(());
    }
    Err(ImportError::Differs {
        key: key.to_owned(),
        sequence_no: end.last,
        expected: end.last_block_hash.to_base64(),
        found: shown(span.first_previous),
    })
}

/// Where an object lies, for as long as the ledger will.
fn place_of(source: &dyn Source, key: &str) -> Result<Place, ImportError> {
    let failed = |cause: io::Error| LedgerError::io(format!("cannot import {key}"))(cause);
    let Some(path) = source.path(key) else {
        let version = source.version(key).map_err(|error| failed(error.cause))?;
        let version = version.ok_or_else(|| ImportError::NotHere(key.to_owned()))?;
        return Ok(Place::Object(S3Object::try_from(version).map_err(|rule| failed(io::Error::other(rule)))?));
    };
    let path = path.canonicalize().map_err(failed)?;
    match path.to_str() {
        Some(_) => Ok(Place::File(path)),
        None => Err(ImportError::PathNotText(key.to_owned())),
    }
}

fn changed(key: &str) -> ImportError {
    ImportError::Changed(key.to_owned())
}

pub(super) fn hash_at(block_hashes: &[u8], index: u64) -> Option<Hash> {
    let start = usize::try_from(index).ok()?.checked_mul(Hash::LENGTH)?;
    Hash::from_slice(block_hashes.get(start..start + Hash::LENGTH)?)
}

/// An input that fails as soon as the import is to end.
struct Heeding<'a, R> {
    input: R,
    stop: &'a AtomicBool,
}

impl<R: Read> Read for Heeding<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.load(Ordering::Relaxed) {
            // Not `Interrupted`, after which reading is tried again.
            return Err(io::Error::other(ImportError::Interrupted));
        }
        self.input.read(buffer)
    }
}

/// What the catalog keeps of a segment.
struct Index {
    first: u64,
    last: u64,
    first_time: DateTime<Utc>,
    last_time: DateTime<Utc>,
    first_previous: Option<Hash>,
    last_hash: Hash,
    encoding: Encoding,
    block_hashes: Vec<u8>,
    bytes: u64,
    sha256: Hash,
}

impl Index {
    /// Reads the heads of the blocks. None if there is no block, or anything else.
    fn read(places: &Places, place: &Place, stop: &AtomicBool) -> io::Result<Option<Self>> {
        let mut input = BufReader::new(Hashed::open(places, place)?);
        let mut index: Option<Self> = None;
        for block in BlockReader::new(Heeding { input: Read::by_ref(&mut input), stop }, Encoding::IonText) {
            let block = match block {
                Ok(block) => block,
                Err(error) => return error.io.map_or(Ok(None), Err),
            };
            let (time, hash) = (block.header.timestamp, block.links.block_hash);
            let index = index.get_or_insert_with(|| Self {
                first: block.header.sequence_no,
                last: block.header.sequence_no,
                first_time: time,
                last_time: time,
                first_previous: block.links.previous_block_hash,
                last_hash: hash,
                encoding: block.encoding,
                block_hashes: Vec::new(),
                bytes: 0,
                sha256: hash,
            });
            (index.last, index.last_hash) = (block.header.sequence_no, hash);
            index.first_time = index.first_time.min(time);
            index.last_time = index.last_time.max(time);
            index.block_hashes.extend_from_slice(hash.as_bytes());
        }
        let (bytes, sha256) = input.into_inner().finish()?;
        Ok(index.map(|index| Self { bytes, sha256, ..index }))
    }

    fn sha256_hex(&self) -> String {
        self.sha256.to_hex()
    }

    fn into_segment(self, strand_id: UniqueId, place: Place) -> NewSegment {
        let segment = Segment {
            strand_id,
            first: self.first,
            last: self.last,
            first_time: self.first_time,
            last_time: self.last_time,
            first_previous_hash: self.first_previous,
            last_block_hash: self.last_hash,
            bytes: self.bytes,
            sha256: self.sha256,
            place,
            encoding: self.encoding,
        };
        NewSegment { segment, block_hashes: self.block_hashes }
    }
}
