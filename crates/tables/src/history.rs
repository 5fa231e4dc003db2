//! Every version of some documents, from an archive that is verified in the same pass. Candidate
//! rows are stored in a database that SQLite keeps on disk.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use chrono::{DateTime, Utc};
use qldb_journal::archive::verify::{BlockTaker, CheckedBlocks, TakeError, Taken, TakenObject, the_journal};

use crate::TableError;
use crate::columns::{self, Journal, Table};
use crate::condition::Condition;
use crate::extract::{MOST_NAMED, RowFilter, add_names, extract};
use crate::sink::Sink as _;
use crate::sqlite::Sqlite;

/// Which documents' history to find.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Documents {
    /// The document with this id.
    Id(String),
    /// Those that met a condition in any version.
    Where(Condition),
}

/// The search for documents: it receives the blocks of a verification.
pub struct History {
    documents: Documents,
    filter: RowFilter,
    journal: OnceLock<Journal>,
    rows: Mutex<Sqlite>,
    /// The names of the tables that blocks name.
    named: Mutex<BTreeSet<String>>,
}

/// A document and its versions, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Its id.
    pub id: String,
    /// Its table's name and id, if a statement names them.
    pub table: Option<(String, String)>,
    /// Its versions in the archive.
    pub versions: Vec<Version>,
}

/// One version of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its number.
    pub version: u64,
    /// Its operation: I, U or D.
    pub operation: String,
    /// Whether its data was replaced with its hash.
    pub is_redacted: bool,
    /// When it was made, according to its metadata.
    pub tx_time: Option<DateTime<Utc>>,
    /// When its block was committed.
    pub block_time: DateTime<Utc>,
    /// The transaction.
    pub transaction_id: String,
    /// The strand.
    pub strand_id: String,
    /// The block.
    pub sequence_no: u64,
    /// The revision's hash, in base64.
    pub hash: Option<String>,
    /// The hash of redacted data, in base64.
    pub data_hash: Option<String>,
    /// The data as JSON, as in an export.
    pub data: Option<String>,
    /// The data as Ion text; `None` if the archive is JSON.
    pub data_ion: Option<String>,
}

impl Document {
    /// The missing versions before the last one.
    pub fn missing(&self) -> Vec<u64> {
        // Hostile numbers must not make an endless list.
        const MOST: usize = 1000;
        let mut missing = Vec::new();
        let mut next = 0;
        for version in self.versions.iter().map(|version| version.version) {
            missing.extend((next..version).take(MOST - missing.len().min(MOST)));
            next = version.saturating_add(1).max(next);
        }
        missing
    }

    /// The versions that occur more than once: QLDB makes each once.
    pub fn repeated(&self) -> Vec<u64> {
        let mut numbers: Vec<u64> = self.versions.iter().map(|version| version.version).collect();
        numbers.sort_unstable();
        let mut repeated: Vec<u64> =
            numbers.iter().zip(numbers.iter().skip(1)).filter(|(one, next)| one == next).map(|(one, _)| *one).collect();
        repeated.dedup();
        repeated
    }

    /// Whether these are all versions up to the last one, each once.
    pub fn is_complete(&self) -> bool {
        self.missing().is_empty() && self.repeated().is_empty() && self.doubtful_deletion().is_none()
    }

    /// The version that a deletion claims, if it does not follow the last one: no hash covers it.
    pub fn doubtful_deletion(&self) -> Option<u64> {
        let (last, before) = self.versions.split_last()?;
        let expected = before.last()?.version.checked_add(1);
        (last.is_deletion() && Some(last.version) != expected).then_some(last.version)
    }

    /// The version that was current at a given time.
    pub fn as_of(&self, time: DateTime<Utc>) -> Option<&Version> {
        self.versions.iter().rev().find(|version| version.in_force_since() <= time)
    }
}

impl Version {
    /// Whether it deleted the document.
    pub fn is_deletion(&self) -> bool {
        self.operation == "D"
    }

    /// When it became current. For a deletion, the block counts: no hash covers its own metadata.
    pub fn in_force_since(&self) -> DateTime<Utc> {
        let stated = if self.is_deletion() { None } else { self.tx_time };
        stated.unwrap_or(self.block_time)
    }

    /// The data as exactly as the archive has it: Ion, or JSON if the archive is JSON.
    pub fn exact(&self) -> Option<&str> {
        self.data_ion.as_deref().or(self.data.as_deref())
    }
}

impl History {
    /// Begins the search.
    pub fn begin(documents: Documents) -> Result<Self, TableError> {
        let mut filter = RowFilter { with_ion: true, ..RowFilter::default() };
        match &documents {
            Documents::Id(id) => filter.document = Some(id.clone()),
            Documents::Where(condition) => filter.tables = Some([condition.table.clone()].into()),
        }
        // A database without a name is temporary, and is removed with the connection.
        let rows = Mutex::new(Sqlite::create(Path::new(""), true)?);
        Ok(Self { documents, filter, journal: OnceLock::new(), rows, named: Mutex::default() })
    }

    /// The tables of the archive, if documents in a table were requested that it does not have.
    pub fn other_tables(&self) -> Option<Vec<String>> {
        let Documents::Where(condition) = &self.documents else { return None };
        let named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
        let is_known = named.contains(&condition.table) || named.len() >= MOST_NAMED;
        (!is_known).then(|| named.iter().cloned().collect())
    }

    fn rows(&self) -> MutexGuard<'_, Sqlite> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes on each document that was found, in the order of creation; returns how many there are.
    pub fn each<E: From<TableError>>(&self, mut take: impl FnMut(Document) -> Result<(), E>) -> Result<u64, E> {
        let rows = self.rows();
        let is_met = |data: &str| match &self.documents {
            Documents::Id(_) => true,
            Documents::Where(condition) => condition.is_met_by(data),
        };
        rows.find(is_met, matches!(self.documents, Documents::Id(_)))?;
        let (mut count, mut place) = (0, i64::MIN);
        while let Some((next, id)) = rows.found_behind(place)? {
            take(rows.document(&id)?)?;
            place = next;
            count += 1;
        }
        Ok(count)
    }
}

impl BlockTaker for History {
    fn begin(&self, objects: &[TakenObject<'_>]) -> Result<(), TakeError> {
        if let Some((strand_id, names)) = the_journal(objects).map_err(TableError::SeveralJournals)? {
            let _ = self.journal.set(Journal { ledger: names.join(", "), strand_id: strand_id.to_owned() });
        }
        Ok(())
    }

    fn read(&self, blocks: CheckedBlocks<'_>) -> Result<Taken<'_>, TakeError> {
        let extracted = extract(blocks, &self.filter).map_err(TableError::from)?;
        let bytes = extracted.batch.size();
        let put = move || {
            let Some(journal) = self.journal.get() else { return Ok(()) };
            let mut named = self.named.lock().unwrap_or_else(PoisonError::into_inner);
            add_names(&mut named, extracted.named.iter().map(String::as_str));
            drop(named);
            let mut rows = self.rows();
            let is_revision = |table| table == Table::Revision;
            columns::rows(&extracted.batch, journal, true, |table, row| {
                if is_revision(table) { rows.row(table, row) } else { Ok(()) }
            })?;
            Ok(())
        };
        Ok(Taken { bytes, put: Box::new(put) })
    }
}
