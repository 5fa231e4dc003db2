//! Documents become transactions at the end of a ledger's journal.
//!
//! First the whole input is read, checked and stored in a file; then, under the lock of the
//! journal, the transactions are built and added. After an error anywhere, nothing is added.

mod history;
mod input;
mod spool;

use std::collections::{HashMap, HashSet};
use std::io::Read;
use std::path::PathBuf;
use std::sync::PoisonError;

use chrono::{DateTime, Utc};

use crate::store::file;
use qldb_journal::internal::{Change, LastRevision, NewBlock, Statement};
use qldb_journal::ion::RawValue;
use qldb_journal::request::{LedgerName, UniqueId};

use super::catalog::{ledgers as rows, segments};
use super::document_fault::DocumentFault;
use super::error::{LedgerError, ServiceError};
use super::ledger::Ledger;
use super::segment::{JOURNALS, JournalWriter, NewSegment};
use super::{Core, Engine, limits, new_id};
use input::Operation;
use spool::{Spool, Spooled};

/// How documents are added.
#[derive(Debug, Clone, Copy)]
pub struct AppendOptions {
    /// The number of documents in one transaction, 1 to 40. A transaction also ends before it exceeds 4 MB or names a
    /// document twice.
    pub batch: usize,
    /// Whether the values have the shape of QLDB's committed view, `{metadata: {id: …}, data: {…}}`, rather than being
    /// documents themselves.
    pub committed: bool,
}

impl Default for AppendOptions {
    fn default() -> Self {
        Self { batch: limits::DOCUMENTS_PER_TRANSACTION, committed: false }
    }
}

/// What was added.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Appended {
    /// The ids of the documents, in the order of the input.
    pub documents: Vec<UniqueId>,
    /// How many of them were inserted.
    pub inserted: u64,
    /// How many were updated.
    pub updated: u64,
    /// How many were deleted.
    pub deleted: u64,
    /// How many blocks were added.
    pub blocks: u64,
    /// The number of the first added block.
    pub first_sequence_no: Option<u64>,
    /// The number of the last added block.
    pub last_sequence_no: Option<u64>,
}

impl Engine {
    /// Adds documents to a table: a stream of Ion text values, Ion binary or JSON Lines. The table is created if it
    /// does not exist. Everything is added, or nothing.
    pub fn append(
        &self,
        ledger: &LedgerName,
        table: &str,
        documents: impl Read,
        options: AppendOptions,
    ) -> Result<Appended, LedgerError> {
        check(table, options)?;
        let found = self.core.catalog.read(|catalog| super::ledgers::active(catalog, ledger))?;
        let journals = self.core.data_dir.join(JOURNALS);
        let directory = journals.join(found.strand_id.as_str());
        file::refuse_links(&journals, &directory).map_err(LedgerError::io("cannot put the documents aside"))?;
        let mut spool = Spool::create(&directory)?;
        let mut ids = HashSet::new();
        for operation in input::operations(documents, options.committed) {
            let operation = operation?;
            ids.extend(operation.id.clone());
            spool.put(&operation)?;
        }
        let appended = self.core.add(&found, table, spool.operations()?, ids, options)?;
        tracing::info!(%ledger, table, blocks = appended.blocks, documents = appended.documents.len(), "documents added");
        Ok(appended)
    }
}

/// The rules of a call that can be checked without looking at the ledger.
fn check(table: &str, options: AppendOptions) -> Result<(), LedgerError> {
    let most = limits::DOCUMENTS_PER_TRANSACTION;
    if !(1..=most).contains(&options.batch) {
        let batch = options.batch;
        return Err(LedgerError::Invalid(format!("a transaction has 1 to {most} documents, not {batch}")));
    }
    let first = table.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let rest = table.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if first && rest && table.len() <= limits::TABLE_NAME {
        return Ok(());
    }
    Err(LedgerError::Invalid(format!(
        "{table:?} is not a table's name, which has 1 to {} letters, digits and underscores, no digit first",
        limits::TABLE_NAME
    )))
}

impl Core {
    /// Adds the stored operations, holding the journal's lock.
    fn add(
        &self,
        ledger: &Ledger,
        table: &str,
        operations: Spooled,
        ids: HashSet<UniqueId>,
        options: AppendOptions,
    ) -> Result<Appended, LedgerError> {
        let strand = &ledger.strand_id;
        let journal = self.journals.of(strand);
        let _held = journal.lock().unwrap_or_else(PoisonError::into_inner);
        let current = self.catalog.read(|catalog| super::ledgers::active(catalog, &ledger.name))?;
        if current.strand_id != *strand {
            return Err(ServiceError::ledger_not_found(&ledger.name).into());
        }
        let known = self.last_revisions(strand, ids)?;
        let mut new = Vec::new();
        let added = self.write_blocks(strand, table, operations, known, options, &mut new);
        if added.is_err() {
            let written: Vec<PathBuf> = new.iter().filter_map(NewSegment::file).collect();
            // What can't be removed now is moved aside at the next open.
            let _ = self.remove_written(strand, &written);
        } else if !new.is_empty() {
            self.keep_record(strand);
        }
        added
    }

    fn write_blocks(
        &self,
        strand: &UniqueId,
        table: &str,
        operations: Spooled,
        known: HashMap<UniqueId, LastRevision>,
        options: AppendOptions,
        new: &mut Vec<NewSegment>,
    ) -> Result<Appended, LedgerError> {
        let last = self.catalog.read(|catalog| segments::last(catalog, strand))?;
        let (table_id, is_new) = self.table_id(strand, table)?;
        let not_before = last.as_ref().map_or(DateTime::UNIX_EPOCH, |last| last.last_time);
        let mut batch = TransactionBuilder { core: self, table, table_id: &table_id, not_before, known, draft: None };
        let mut journal = JournalWriter::new(&self.data_dir, strand.clone(), last.as_ref(), |segment: NewSegment| {
            new.push(segment);
            Ok(())
        });
        let appended = batch.fill(operations, options.batch, is_new, |block| {
            let number = journal.next();
            journal.push(block).map(|()| number)
        })?;
        journal.finish()?;
        self.catalog.change(|catalog| {
            if !new.is_empty() {
                rows::add_table(catalog, strand, table, &table_id)?;
                rows::count_change(catalog, strand)?;
            }
            new.iter().try_for_each(|segment| segments::insert(catalog, segment))
        })?;
        Ok(appended)
    }

    /// The id of a table, and whether the table still has to be created.
    fn table_id(&self, strand: &UniqueId, table: &str) -> Result<(String, bool), LedgerError> {
        let mut tables = self.catalog.read(|catalog| rows::tables(catalog, strand))?;
        match tables.remove(table) {
            Some(id) => Ok((id, false)),
            None if tables.len() < limits::TABLES => Ok((new_id()?.to_string(), true)),
            None => Err(LedgerError::Invalid(format!("a ledger has at most {} tables", limits::TABLES))),
        }
    }
}

impl Appended {
    /// Counts another block.
    fn count_block(&mut self, number: u64) {
        self.blocks += 1;
        self.first_sequence_no.get_or_insert(number);
        self.last_sequence_no = Some(number);
    }
}

/// The transaction that is being built.
struct TransactionBuilder<'a> {
    core: &'a Core,
    table: &'a str,
    table_id: &'a str,
    /// No block may be earlier than the one before it.
    not_before: DateTime<Utc>,
    /// The last revisions of the documents that the input names.
    known: HashMap<UniqueId, LastRevision>,
    draft: Option<TransactionDraft>,
}

struct TransactionDraft {
    transaction_id: UniqueId,
    begun: DateTime<Utc>,
    statements: Vec<Statement>,
    changes: Vec<Change>,
    bytes: usize,
}

impl TransactionBuilder<'_> {
    /// Builds transactions of at most `size` documents and passes them to `push`, which returns their numbers. The
    /// table is created before the first document, if it `is_new`.
    fn fill(
        &mut self,
        operations: Spooled,
        size: usize,
        is_new: bool,
        mut push: impl FnMut(NewBlock) -> Result<u64, LedgerError>,
    ) -> Result<Appended, LedgerError> {
        let mut appended = Appended::default();
        for operation in operations {
            let operation = operation?;
            if is_new && appended.documents.is_empty() {
                appended.count_block(push(self.create_table()?)?);
            }
            if self.is_full(&operation, size)
                && let Some(block) = self.take()
            {
                appended.count_block(push(block)?);
            }
            self.add(operation, &mut appended)?;
        }
        if let Some(block) = self.take() {
            appended.count_block(push(block)?);
        }
        Ok(appended)
    }

    fn draft(&self) -> Result<TransactionDraft, LedgerError> {
        let begun = self.core.now();
        Ok(TransactionDraft { transaction_id: new_id()?, begun, statements: Vec::new(), changes: Vec::new(), bytes: 0 })
    }

    /// Whether an operation has to go into another transaction.
    fn is_full(&self, operation: &Operation, size: usize) -> bool {
        let Some(draft) = &self.draft else { return false };
        let again = |id: &UniqueId| draft.changes.iter().any(|change| change.document_id == id.as_str());
        draft.changes.len() >= size
            || draft.bytes + operation.size() > limits::TRANSACTION_BYTES
            || operation.id.as_ref().is_some_and(again)
    }

    fn add(&mut self, operation: Operation, appended: &mut Appended) -> Result<(), LedgerError> {
        let mut draft = match self.draft.take() {
            Some(draft) => draft,
            None => self.draft()?,
        };
        let (id, version) = match &operation.id {
            Some(id) => (id.clone(), self.next_version(id, &operation)?),
            None => (new_id()?, 0),
        };
        let table = self.table;
        let (text, count) = match (&operation.id, &operation.data) {
            (None, _) => (format!("INSERT INTO {table} ?"), &mut appended.inserted),
            (Some(_), Some(_)) => (format!("UPDATE {table} AS d BY id SET d = ? WHERE id = ?"), &mut appended.updated),
            (Some(_), None) => (format!("DELETE FROM {table} AS d BY id WHERE id = ?"), &mut appended.deleted),
        };
        *count += 1;
        draft.bytes += operation.size();
        let statement = draft.statement(text);
        draft.changes.push(Change {
            table_name: table.to_owned(),
            table_id: self.table_id.to_owned(),
            document_id: id.to_string(),
            version,
            data: operation.data.map(RawValue::from_text),
            statement,
        });
        appended.documents.push(id);
        self.draft = Some(draft);
        Ok(())
    }

    /// The version of a document's next revision, which becomes its last.
    fn next_version(&mut self, id: &UniqueId, operation: &Operation) -> Result<u64, LedgerError> {
        let refused = |fault| LedgerError::Document { place: operation.place.clone(), fault };
        let Some(last) = self.known.get_mut(id) else {
            return Err(refused(DocumentFault::Absent(id.clone())));
        };
        if last.deleted {
            return Err(refused(DocumentFault::Deleted(id.clone())));
        }
        if let Some(table) = last.table.as_ref().filter(|table| *table != self.table) {
            let (found, wanted) = (table.clone(), self.table.to_owned());
            return Err(refused(DocumentFault::OtherTable { id: id.clone(), found, wanted }));
        }
        last.version += 1;
        last.deleted = operation.data.is_none();
        Ok(last.version)
    }

    /// The block of the transaction that was built, if there is one.
    fn take(&mut self) -> Option<NewBlock> {
        let draft = self.draft.take()?;
        Some(self.block(draft))
    }

    /// The block that creates the table.
    fn create_table(&mut self) -> Result<NewBlock, LedgerError> {
        let mut draft = self.draft()?;
        draft.statement(format!("CREATE TABLE {}", self.table));
        Ok(self.block(draft))
    }

    fn block(&mut self, draft: TransactionDraft) -> NewBlock {
        let timestamp = self.core.now().max(self.not_before);
        self.not_before = timestamp;
        NewBlock {
            strand_id: String::new(),
            sequence_no: 0,
            previous_block_hash: None,
            transaction_id: draft.transaction_id.to_string(),
            timestamp,
            transaction_time: draft.begun,
            statements: draft.statements,
            changes: draft.changes,
        }
    }
}

impl TransactionDraft {
    /// Records a statement, once for all of its documents, and returns its index.
    fn statement(&mut self, text: String) -> usize {
        if let Some(place) = self.statements.iter().position(|statement| statement.text == text) {
            return place;
        }
        self.statements.push(Statement { text, start_time: self.begun });
        self.statements.len() - 1
    }
}
