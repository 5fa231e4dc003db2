//! Turns archives into ledgers again: the objects of a verified archive are added to a journal as
//! segments, copied or referred to in place.
//!
//! Nothing is added that was not proved, and nothing unless all of it can be added: files first,
//! made durable; then one change of the catalog. If a [`Stage`] has copied the objects, its copies
//! were verified; other objects are read again, and must be what was verified.

mod admission;
mod copying;
mod error;
mod index;
mod sealing;
mod stage;

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};

use qldb_journal::Hash;
use qldb_journal::archive::source::Source;
use qldb_journal::archive::verify::{Ends, Examined, JournalSpan, Report};
use qldb_journal::internal::shown;
use qldb_journal::request::{LedgerName, UniqueId};

use super::catalog::{ledgers as rows, segments};
use super::error::LedgerError;
use super::ledger::{Ledger, LedgerState};
use super::segment::{JOURNALS, NewSegment, Segment};
use super::{Core, Engine};
use admission::provable;
use copying::failed;
pub use error::ImportError;
use stage::Aside;
pub use stage::Stage;

/// What an import added.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// Whether the import created the ledger.
    pub created: bool,
    /// How many blocks were added; none if all of them already existed.
    pub blocks: u64,
    /// How many segments.
    pub segments: u64,
    /// How many bytes they have.
    pub bytes: u64,
}

#[doc(hidden)]
impl Engine {
    /// Adds a verified archive to a ledger, which is created if it does not exist: its creation time is the first
    /// block's. Blocks that the ledger already has are left unchanged. `report` must be for these `sources`, with the
    /// SHA-256 of every object.
    pub fn import(
        &self,
        name: &LedgerName,
        report: &Report,
        sources: &[Box<dyn Source>],
        in_place: bool,
    ) -> Result<Imported, ImportError> {
        self.import_until(name, report, sources, in_place, &AtomicBool::new(false))
    }

    /// Like [`Engine::import`], until `stop` is set from outside. Before everything is added, that leaves nothing
    /// behind; afterwards it comes too late.
    pub fn import_until(
        &self,
        name: &LedgerName,
        report: &Report,
        sources: &[Box<dyn Source>],
        in_place: bool,
        stop: &AtomicBool,
    ) -> Result<Imported, ImportError> {
        self.import_staged(name, report, sources, &self.stage(name, in_place)?, stop)
    }

    /// Where the objects of an archive are copied while it is verified, for an import into this ledger.
    pub fn stage(&self, name: &LedgerName, in_place: bool) -> Result<Stage, LedgerError> {
        let found = self.core.catalog.read(|catalog| match rows::find(catalog, name)? {
            Some(ledger) => segments::last(catalog, &ledger.strand_id),
            None => Ok(None),
        })?;
        let known = found.map(|last| (last.strand_id, last.last));
        let folder = self.core.data_dir.join(JOURNALS);
        Stage::new(folder, in_place, known).map_err(LedgerError::io("cannot begin to copy"))
    }

    /// Like [`Engine::import_until`], with the copies that a stage for this ledger took while the archive was verified.
    pub fn import_staged(
        &self,
        name: &LedgerName,
        report: &Report,
        sources: &[Box<dyn Source>],
        stage: &Stage,
        stop: &AtomicBool,
    ) -> Result<Imported, ImportError> {
        stage.end();
        let journal = provable(report)?;
        let strand = UniqueId::parse(&journal.strand_id).map_err(|_| ImportError::Nothing)?;
        let (ledger, created) = self.core.ledger_for(name, &strand, journal.first_time)?;
        let core = &self.core;
        let work = Importer { core, sources, stage, strand, stop, written: RefCell::default() };
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

/// The state of one import.
struct Importer<'a> {
    core: &'a Core,
    sources: &'a [Box<dyn Source>],
    stage: &'a Stage,
    strand: UniqueId,
    /// When set from outside, ends the import early.
    stop: &'a AtomicBool,
    /// The files that were begun, relative to the data directory.
    written: RefCell<Vec<PathBuf>>,
}

/// A segment to be added.
struct Added {
    segment: Segment,
    /// Where the hashes of its blocks are stored.
    hashes: Aside,
}

impl Importer<'_> {
    /// Runs while nobody else can change the journal; on failure, no files are left.
    fn run_alone(&self, report: &Report, journal: &JournalSpan, ledger: &Ledger) -> Result<Imported, ImportError> {
        let lock = self.core.journals.of(&self.strand);
        let _guard = lock.lock().unwrap_or_else(PoisonError::into_inner);
        // A failure caused by stopping is not a failure.
        let ended = |error| if self.stop.load(Ordering::Relaxed) { ImportError::Interrupted } else { error };
        self.run(report, journal, ledger).map_err(ended).inspect_err(|_| {
            if let Err(error) = self.core.remove_written(&self.strand, &self.written.borrow()) {
                tracing::warn!(strand = %self.strand, %error, "cannot remove what was copied");
            }
        })
    }

    fn run(&self, report: &Report, journal: &JournalSpan, ledger: &Ledger) -> Result<Imported, ImportError> {
        let mut objects: Vec<(Examined<'_>, Ends)> =
            report.examined().filter_map(|mut one| one.checked.ends.take().map(|ends| (one, ends))).collect();
        objects.sort_by_key(|(_, ends)| (ends.first, ends.last));
        let mut last = self.core.catalog.read(|catalog| segments::last(catalog, &self.strand))?;
        self.refuse_before(journal)?;
        let mut added: Vec<Added> = Vec::new();
        for (examined, ends) in &objects {
            self.heed()?;
            let key = &examined.object.file.found.key;
            match &last {
                Some(end) if ends.last <= end.last => self.judge_same(key, ends.last, ends.last_hash, &added)?,
                Some(end) if ends.first > end.last + 1 => {
                    return Err(ImportError::Gap { first: ends.first, last: end.last });
                }
                end => {
                    judge_link(key, ends, end.as_ref())?;
                    let after = end.as_ref().map(|end| (end.last, end.last_block_hash));
                    let after = after.filter(|(last, _)| ends.first <= *last);
                    let new = self.add(report, examined, ends, after)?;
                    last = Some(new.segment.clone());
                    added.push(new);
                }
            }
        }
        self.heed()?;
        self.make_durable()?;
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

    fn refuse_before(&self, journal: &JournalSpan) -> Result<(), ImportError> {
        let totals = self.core.catalog.read(|catalog| segments::totals(catalog, &self.strand))?;
        match totals.first {
            Some(ledger_first) if journal.first < ledger_first => {
                Err(ImportError::Before { first: journal.first, ledger_first })
            }
            _ => Ok(()),
        }
    }

    /// A block that already exists must be the same; then so are all before it.
    fn judge_same(&self, key: &str, number: u64, hash: Hash, added: &[Added]) -> Result<(), ImportError> {
        let expected = match added.iter().find(|new| (new.segment.first..=new.segment.last).contains(&number)) {
            Some(new) => {
                let found = self.stage.get_one(&new.hashes, number - new.segment.first);
                found.map_err(failed(key))?
            }
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

    /// Adds everything to the catalog at once.
    fn enter(&self, report: &Report, ledger: &Ledger, added: &[Added]) -> Result<(), ImportError> {
        self.core.catalog.change(|catalog| {
            for Added { segment, hashes } in added {
                let block_hashes =
                    self.stage.get(hashes).map_err(LedgerError::io("cannot read the hashes of blocks"))?;
                segments::insert(catalog, &NewSegment { segment: segment.clone(), block_hashes })?;
            }
            for (table, counts) in report.outline.tables.named() {
                rows::add_table(catalog, &self.strand, table, &counts.id)?;
            }
            rows::update(catalog, &Ledger { state: LedgerState::Active, ..ledger.clone() })?;
            Ok(())
        })
    }
}

/// The first block of an object after the end of the journal must name the journal's last block.
fn judge_link(key: &str, ends: &Ends, end: Option<&Segment>) -> Result<(), ImportError> {
    let Some(end) = end.filter(|end| ends.first == end.last + 1) else { return Ok(()) };
    if ends.first_previous == Some(end.last_block_hash) {
        return Ok(());
    }
    Err(ImportError::Differs {
        key: key.to_owned(),
        sequence_no: end.last,
        expected: end.last_block_hash.to_base64(),
        found: shown(ends.first_previous),
    })
}

pub(super) fn hash_at(block_hashes: &[u8], index: u64) -> Option<Hash> {
    let start = usize::try_from(index).ok()?.checked_mul(Hash::LENGTH)?;
    Hash::from_slice(block_hashes.get(start..start + Hash::LENGTH)?)
}
