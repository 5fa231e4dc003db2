//! Reads rows from blocks, item by item, from the bytes that were checked. The check has judged the
//! structure; nothing is judged again here.

mod runs;
#[cfg(test)]
mod tests;

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use qldb_journal::archive::verify::{self, CheckedBlocks, JournalSpan, TakenObject};
use qldb_journal::ion::{
    Container, Event, Found, IonError, Item, JsonWriter, Run, Scalar, Stranger, TakeItems, TextWriter, Timestamp,
};
use qldb_journal::{Hash, JournalError};

use crate::TableError;
use crate::batch::{Batch, Revision, Statement, TableRef, Text, Transaction};
use crate::columns::Journal;
use crate::form::{Form, Options};

/// Which rows are wanted, and which parts of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowFilter {
    /// Also the data as Ion text.
    pub(crate) with_ion: bool,
    /// Also the names of the top-level fields of documents.
    pub(crate) with_fields: bool,
    /// Only revisions of documents in these tables, and their transactions.
    pub(crate) tables: Option<BTreeSet<String>>,
    /// Only this document.
    pub(crate) document: Option<String>,
    /// Only blocks committed at or after this time.
    pub(crate) from: Option<DateTime<Utc>>,
    /// Only blocks committed before this time.
    pub(crate) until: Option<DateTime<Utc>>,
    /// Only blocks after this one.
    pub(crate) after: Option<u64>,
}

impl RowFilter {
    /// What a conversion wants from each block.
    pub(crate) fn of(options: &Options) -> Self {
        Self {
            with_ion: options.with_ion,
            with_fields: options.form == Form::Sqlite,
            tables: (!options.tables.is_empty()).then(|| options.tables.clone()),
            from: options.from,
            until: options.until,
            ..Self::default()
        }
    }

    fn has_block(&self, transaction: &Transaction) -> bool {
        let time = transaction.block_time;
        self.from.is_none_or(|from| time >= from)
            && self.until.is_none_or(|until| time < until)
            && self.after.is_none_or(|after| transaction.sequence_no > after)
    }

    fn has_revision(&self, batch: &Batch, revision: &Revision) -> bool {
        let is_of = |tables: &BTreeSet<String>| batch.table(revision).is_some_and(|table| tables.contains(&table.name));
        self.tables.as_ref().is_none_or(is_of)
            && self.document.as_ref().is_none_or(|id| batch.text(revision.doc_id) == id)
    }

    fn is_of_some_revisions(&self) -> bool {
        self.tables.is_some() || self.document.is_some()
    }
}

/// How many names of tables are remembered; QLDB allowed 40 tables.
pub(crate) const MOST_NAMED: usize = 1000;

/// What was extracted from a run of blocks.
#[derive(Debug, Default)]
pub(crate) struct Extracted {
    pub(crate) batch: Batch,
    /// The first block: its number, and its hash of the previous block.
    pub(crate) first: Option<(u64, Option<Hash>)>,
    /// The hash of the block after which rows are wanted, if it is among them.
    pub(crate) seam: Option<Hash>,
    /// When the first block after that one was committed, if it is among them.
    pub(crate) continued_at: Option<DateTime<Utc>>,
    /// The names of all QLDB tables in the blocks, wanted or not, if tables were requested by name.
    pub(crate) named: BTreeSet<String>,
}

/// Extracts the rows of some blocks.
pub(crate) fn extract(mut blocks: CheckedBlocks<'_>, filter: &RowFilter) -> Result<Extracted, JournalError> {
    let mut reading = Reading::new(filter, blocks.is_json, blocks.new_from, blocks.bytes);
    while blocks.next_into(&mut reading)? {
        reading.end_block();
    }
    Ok(reading.found)
}

/// The container of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Block,
    Address,
    Entries,
    Info,
    Statements,
    Statement,
    Documents,
    Document,
    Revisions,
    Revision,
    Metadata,
    /// A document, or something inside it.
    Data,
    /// Something that is in no row.
    Other,
}

impl Part {
    /// What a container inside this one is.
    fn inner(self, field: Option<&str>, container: Container) -> Self {
        match (self, field, container) {
            (Self::Block, Some("blockAddress"), Container::Struct) => Self::Address,
            (Self::Block, Some("entriesHashList"), Container::List) => Self::Entries,
            (Self::Block, Some("transactionInfo"), Container::Struct) => Self::Info,
            (Self::Block, Some("revisions"), Container::List) => Self::Revisions,
            (Self::Info, Some("statements"), Container::List) => Self::Statements,
            (Self::Info, Some("documents"), Container::Struct) => Self::Documents,
            (Self::Statements, _, Container::Struct) => Self::Statement,
            (Self::Documents, _, Container::Struct) => Self::Document,
            (Self::Revisions, _, Container::Struct) => Self::Revision,
            (Self::Revision, Some("metadata"), Container::Struct) => Self::Metadata,
            (Self::Revision, Some("data"), _) | (Self::Data, ..) => Self::Data,
            _ => Self::Other,
        }
    }
}

/// The position of a document's JSON in the bytes, if they are JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Raw {
    No,
    /// The next item follows its first bracket.
    Begun,
    /// It began there.
    From(usize),
    /// It began there, and ended before the next item.
    Ended(usize),
}

struct Reading<'w> {
    filter: &'w RowFilter,
    is_json: bool,
    new_from: u64,
    source: &'w [u8],
    found: Extracted,
    /// The open containers.
    open: Vec<Part>,
    transaction: Transaction,
    has_head: bool,
    revision: Revision,
    has_metadata: bool,
    documents: Vec<NamedDocument>,
    json: JsonWriter,
    ion: TextWriter,
    raw: Raw,
    /// What existed before the block.
    before: Before,
    names: Names,
}

/// A document in `transactionInfo`.
#[derive(Debug, Clone, Copy, Default)]
struct NamedDocument {
    id: Text,
    table_name: Text,
    table_id: Text,
}

/// Where the rows of a block begin.
#[derive(Debug, Clone, Copy, Default)]
struct Before {
    texts: usize,
    revisions: usize,
    statements: usize,
}

/// Names of tables and fields, each once.
#[derive(Debug, Default)]
struct Names {
    tables: HashMap<TableRef, usize>,
    /// The table of the last revision.
    last_table: usize,
    fields: HashMap<String, usize>,
    listed: Vec<String>,
    /// For each field, the one that followed it last time.
    next: Vec<usize>,
    /// The last field.
    last: usize,
    /// The fields in the revisions of a block.
    met: Vec<(usize, usize)>,
    /// By table and by field, whether the table is known to have the field.
    known: Vec<Vec<bool>>,
}

impl Names {
    /// The number of a field's name. Documents of a table mostly have the same fields in the same order.
    fn field(&mut self, name: &str) -> usize {
        let expected = self.next.get(self.last).copied().unwrap_or_default();
        let is_expected = self.listed.get(expected).is_some_and(|listed| listed == name);
        let index = if is_expected { expected } else { self.unexpected_field(name) };
        if let Some(next) = self.next.get_mut(self.last) {
            *next = index;
        }
        self.last = index;
        index
    }

    fn unexpected_field(&mut self, name: &str) -> usize {
        if let Some(index) = self.fields.get(name) {
            return *index;
        }
        let index = self.fields.len();
        self.fields.insert(name.to_owned(), index);
        self.listed.push(name.to_owned());
        self.next.push(0);
        index
    }
}

impl<'w> Reading<'w> {
    fn new(filter: &'w RowFilter, is_json: bool, new_from: u64, source: &'w [u8]) -> Self {
        Self {
            filter,
            is_json,
            new_from,
            source,
            found: Extracted::default(),
            open: Vec::new(),
            transaction: Transaction::default(),
            has_head: false,
            revision: Revision::default(),
            has_metadata: false,
            documents: Vec::new(),
            json: JsonWriter::default(),
            ion: TextWriter::default(),
            raw: Raw::No,
            before: Before::default(),
            names: Names::default(),
        }
    }

    fn keep(&mut self, text: &str) -> Text {
        self.found.batch.keep(text)
    }

    fn scalar(&mut self, part: Part, field: Option<&str>, scalar: &Scalar<'_>) {
        let is_json = self.is_json;
        match (part, field) {
            (Part::Block, Some("transactionId")) => self.transaction.tx_id = self.text(scalar).unwrap_or_default(),
            (Part::Block, Some("blockTimestamp")) => {
                self.transaction.block_time = time(scalar, is_json).unwrap_or_default();
            }
            (Part::Block, Some("blockHash")) => self.transaction.block_hash = hash(scalar, is_json),
            (Part::Block, Some("entriesHash")) => self.transaction.entries_hash = hash(scalar, is_json),
            (Part::Block, Some("previousBlockHash")) => {
                self.transaction.previous_block_hash = hash(scalar, is_json);
            }
            (Part::Address, Some("sequenceNo")) => self.transaction.sequence_no = number(scalar).unwrap_or_default(),
            (Part::Statement, Some("statement")) => {
                let text = self.text(scalar);
                self.statement(|statement| statement.text = text);
            }
            (Part::Statement, Some("startTime")) => {
                self.statement(|statement| statement.start_time = time(scalar, is_json));
            }
            (Part::Statement, Some("statementDigest")) => {
                self.statement(|statement| statement.digest = hash(scalar, is_json));
            }
            (Part::Document, Some("tableName")) => {
                let text = self.text(scalar).unwrap_or_default();
                self.document(|document| document.table_name = text);
            }
            (Part::Document, Some("tableId")) => {
                let text = self.text(scalar).unwrap_or_default();
                self.document(|document| document.table_id = text);
            }
            (Part::Revision, Some("hash")) => self.revision.hash = hash(scalar, is_json),
            (Part::Revision, Some("dataHash")) => self.revision.data_hash = hash(scalar, is_json),
            (Part::Metadata, Some("id")) => self.revision.doc_id = self.text(scalar).unwrap_or_default(),
            (Part::Metadata, Some("version")) => self.revision.version = number(scalar),
            (Part::Metadata, Some("txTime")) => self.revision.tx_time = time(scalar, is_json),
            _ => {}
        }
    }

    fn text(&mut self, scalar: &Scalar<'_>) -> Option<Text> {
        match scalar {
            Scalar::String(text) => Some(self.keep(text)),
            _ => None,
        }
    }

    fn statement(&mut self, change: impl FnOnce(&mut Statement)) {
        if let Some(statement) = self.found.batch.statements.last_mut() {
            change(statement);
        }
    }

    fn document(&mut self, change: impl FnOnce(&mut NamedDocument)) {
        if let Some(document) = self.documents.last_mut() {
            change(document);
        }
    }

    fn begin(&mut self, part: Part, field: Option<&str>) {
        match part {
            Part::Statement => {
                let number = (self.found.batch.statements.len() - self.before.statements) as u64;
                self.found.batch.statements.push(Statement { number, ..Statement::default() });
            }
            Part::Document => {
                let id = self.keep(field.unwrap_or_default());
                self.documents.push(NamedDocument { id, ..NamedDocument::default() });
            }
            Part::Revision => (self.revision, self.has_metadata) = (Revision::default(), false),
            Part::Metadata => self.has_metadata = true,
            _ => {}
        }
    }

    fn end(&mut self, part: Part) {
        if part != Part::Revision {
            return;
        }
        let revision = std::mem::take(&mut self.revision);
        if self.has_metadata {
            self.transaction.revisions += 1;
            self.found.batch.revisions.push(revision);
        } else {
            self.transaction.hash_only_revisions += 1;
        }
    }

    /// An item inside a document.
    fn data(&mut self, item: &Item<'_>) {
        if self.is_json && self.raw != Raw::No {
            return;
        }
        self.json.write(item);
        if self.filter.with_ion && !self.is_json {
            self.ion.write(item);
        }
    }

    /// The document is complete.
    fn end_data(&mut self) {
        match self.raw {
            Raw::No => {
                self.revision.data = Some(self.found.batch.keep(self.json.written()));
                self.json.clear();
                if self.filter.with_ion && !self.is_json {
                    self.revision.data_ion = Some(self.found.batch.keep(self.ion.written()));
                    self.ion.clear();
                }
            }
            Raw::From(start) => self.raw = Raw::Ended(start),
            // It ends where it began: there is nothing in between.
            Raw::Begun | Raw::Ended(_) => {}
        }
    }

    /// In JSON, a document is copied as it is written: its numbers have no type that they could be read as.
    fn follow_raw(&mut self, at: usize) {
        match self.raw {
            Raw::No | Raw::From(_) => {}
            Raw::Begun => self.raw = Raw::From(at.saturating_sub(1)),
            Raw::Ended(start) => {
                self.raw = Raw::No;
                // It was read as JSON, so it is UTF-8.
                let text = self.source.get(start..at).and_then(|text| std::str::from_utf8(text).ok());
                // Line breaks occur only between tokens, never in strings.
                let line = text.unwrap_or_default().replace(['\n', '\r'], " ");
                self.revision.data = Some(self.found.batch.keep(&line));
            }
        }
    }

    fn note_field(&mut self, name: Option<&str>) {
        let index = self.names.field(name.unwrap_or("$0"));
        self.names.met.push((self.found.batch.revisions.len(), index));
    }

    /// The block is complete: its rows get the values of the block as a whole, or are dropped if they are not wanted.
    fn end_block(&mut self) {
        let transaction = std::mem::take(&mut self.transaction);
        self.has_head = false;
        let before = self.before;
        if transaction.sequence_no >= self.new_from {
            if self.filter.after == Some(transaction.sequence_no) {
                self.found.seam = transaction.block_hash;
            }
            if self.filter.after.is_some_and(|after| transaction.sequence_no > after) {
                self.found.continued_at.get_or_insert(transaction.block_time);
            }
            self.found.first.get_or_insert((transaction.sequence_no, transaction.previous_block_hash));
        }
        self.note_tables();
        let is_wanted = transaction.sequence_no >= self.new_from && self.filter.has_block(&transaction);
        if is_wanted {
            self.fill_in(&transaction);
            self.drop_unwanted();
        }
        let batch = &mut self.found.batch;
        let has_rows = batch.revisions.len() > before.revisions;
        if is_wanted && (has_rows || !self.filter.is_of_some_revisions()) {
            batch.transactions.push(transaction);
        } else {
            batch.texts.truncate(before.texts);
            batch.revisions.truncate(before.revisions);
            batch.statements.truncate(before.statements);
        }
        self.documents.clear();
        self.names.met.clear();
        self.before =
            Before { texts: batch.texts.len(), revisions: batch.revisions.len(), statements: batch.statements.len() };
    }

    fn note_tables(&mut self) {
        let Extracted { batch, named, .. } = &mut self.found;
        if self.filter.tables.is_some() {
            add_names(named, self.documents.iter().map(|document| batch.text(document.table_name)));
        }
    }

    /// Fills in the block's values in all its rows; the tables of revisions come from `transactionInfo`, wherever it
    /// is.
    fn fill_in(&mut self, transaction: &Transaction) {
        let Self { found: Extracted { batch, .. }, documents, before, names, .. } = self;
        for statement in batch.statements.iter_mut().skip(before.statements) {
            (statement.sequence_no, statement.tx_id) = (transaction.sequence_no, transaction.tx_id);
        }
        // Of several documents with one id, the first counts: the sort is stable.
        documents.sort_by(|one, next| batch.text(one.id).cmp(batch.text(next.id)));
        for index in before.revisions..batch.revisions.len() {
            let Some(id) = batch.revisions.get(index).map(|revision| revision.doc_id) else { break };
            let at = documents.partition_point(|document| batch.text(document.id) < batch.text(id));
            let document = documents.get(at).filter(|document| batch.text(document.id) == batch.text(id)).copied();
            let table = document.map(|document| names.table(batch, document));
            if let Some(revision) = batch.revisions.get_mut(index) {
                (revision.sequence_no, revision.block_time) = (transaction.sequence_no, transaction.block_time);
                (revision.tx_id, revision.table) = (transaction.tx_id, table);
            }
        }
    }

    /// Notes which fields the wanted revisions have, and drops the others.
    fn drop_unwanted(&mut self) {
        let Self { found: Extracted { batch, .. }, filter, before, names, .. } = self;
        let met = std::mem::take(&mut names.met);
        for (revision, name) in met.iter().copied() {
            let revision = batch.revisions.get(revision).filter(|revision| filter.has_revision(batch, revision));
            let Some(table) = revision.and_then(|revision| revision.table) else { continue };
            if names.note_known(table, name) {
                batch.fields.extend(names.listed.get(name).map(|name| (table, name.clone())));
            }
        }
        names.met = met;
        if filter.is_of_some_revisions() {
            let added = batch.revisions.split_off(before.revisions);
            for revision in added {
                if filter.has_revision(batch, &revision) {
                    batch.revisions.push(revision);
                }
            }
        }
    }
}

impl Names {
    /// Notes that a table has a field; whether that is new.
    fn note_known(&mut self, table: usize, field: usize) -> bool {
        if self.known.len() <= table {
            self.known.resize(table + 1, Vec::new());
        }
        let Some(fields) = self.known.get_mut(table) else { return false };
        if fields.len() <= field {
            fields.resize(field + 1, false);
        }
        fields.get_mut(field).is_some_and(|is_known| !std::mem::replace(is_known, true))
    }

    fn table(&mut self, batch: &mut Batch, document: NamedDocument) -> usize {
        let (name, id) = (batch.text(document.table_name), batch.text(document.table_id));
        // Most blocks change documents of one table, and it is usually the table of the previous block.
        if batch.tables.get(self.last_table).is_none_or(|last| last.name != name || last.id != id) {
            let table = TableRef { name: name.to_owned(), id: id.to_owned() };
            let next = batch.tables.len();
            self.last_table = *self.tables.entry(table).or_insert_with_key(|table| {
                batch.tables.push(table.clone());
                next
            });
        }
        self.last_table
    }
}

impl TakeItems for Reading<'_> {
    fn take(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError> {
        self.follow_raw(at);
        let holder = self.open.last().copied();
        let name = item.field.flatten();
        match (holder, &item.event) {
            (None, Event::Begin(_)) => self.open.push(Part::Block),
            (None, _) => {}
            (Some(part), Event::End) => {
                self.open.pop();
                if part == Part::Data {
                    self.data(item);
                    if self.open.last() != Some(&Part::Data) {
                        self.end_data();
                    }
                }
                self.end(part);
            }
            (Some(part), Event::Begin(container)) => {
                let inner = part.inner(name, *container);
                if inner == Part::Data {
                    self.begin_data(part, item, *container);
                }
                self.begin(inner, name);
                self.open.push(inner);
            }
            (Some(Part::Revision), Event::Scalar(_)) if name == Some("data") => {
                self.data(&item.clone().with_field(None));
                self.end_data();
            }
            (Some(Part::Data), Event::Scalar(_)) => {
                self.note_if_top(item);
                self.data(item);
            }
            (Some(part), Event::Scalar(scalar)) => self.scalar(part, name, scalar),
        }
        Ok(())
    }

    fn take_stranger(&mut self, _: Stranger) {}

    #[inline]
    fn expected(&self) -> Option<&'static Run> {
        self.expected_run()
    }

    fn take_run(&mut self, found: &Found<'_>) {
        self.in_run(found);
    }
}

impl Reading<'_> {
    fn begin_data(&mut self, holder: Part, item: &Item<'_>, container: Container) {
        let is_whole = holder == Part::Revision;
        if is_whole && self.is_json && container != Container::Sexp {
            self.raw = Raw::Begun;
        }
        if is_whole {
            self.data(&item.clone().with_field(None));
        } else {
            self.note_if_top(item);
            self.data(item);
        }
    }

    /// Records a top-level field of a document, if the item is one.
    fn note_if_top(&mut self, item: &Item<'_>) {
        let above = self.open.iter().rev().nth(1);
        if let Some(name) = item.field.filter(|_| self.filter.with_fields && above == Some(&Part::Revision)) {
            self.note_field(name);
        }
    }
}

/// A time; in JSON a string. Truncated to milliseconds.
fn time(scalar: &Scalar<'_>, is_json: bool) -> Option<DateTime<Utc>> {
    match scalar {
        Scalar::Timestamp(time) => time.to_utc(),
        Scalar::String(text) if is_json => Timestamp::parse(text)?.to_utc(),
        _ => None,
    }
}

/// A hash; in JSON base64.
fn hash(scalar: &Scalar<'_>, is_json: bool) -> Option<Hash> {
    match scalar {
        Scalar::Blob(bytes) => Hash::from_slice(bytes),
        Scalar::String(text) if is_json => Hash::from_base64(text),
        _ => None,
    }
}

fn number(scalar: &Scalar<'_>) -> Option<u64> {
    match scalar {
        Scalar::Int(number) => number.as_u64(),
        _ => None,
    }
}

/// Remembers names of QLDB tables, no more than [`MOST_NAMED`].
pub(crate) fn add_names<'n>(known: &mut BTreeSet<String>, names: impl Iterator<Item = &'n str>) {
    for name in names {
        if !known.contains(name) && known.len() < MOST_NAMED {
            known.insert(name.to_owned());
        }
    }
}

/// The single journal of the objects; `None` if there are no objects.
pub(crate) fn the_journal(objects: &[TakenObject<'_>]) -> Result<Option<Journal>, TableError> {
    let Some((strand_id, names)) = verify::the_journal(objects).map_err(TableError::SeveralJournals)? else {
        return Ok(None);
    };
    // Exports that name no ledger leave it without a name.
    let ledger = match names.as_slice() {
        [] => "",
        [ledger] => ledger,
        several => return Err(TableError::SeveralNames(several.iter().map(|name| (*name).to_owned()).collect())),
    };
    Ok(Some(Journal { ledger: ledger.to_owned(), strand_id: strand_id.to_owned() }))
}

/// Whether the archive contains every requested table. If it continues an earlier conversion, one may be missing.
pub(crate) fn has_tables(options: &Options, named: &BTreeSet<String>, span: &JournalSpan) -> Result<(), TableError> {
    let missing: Vec<String> = options.tables.difference(named).cloned().collect();
    if missing.is_empty() || named.len() >= MOST_NAMED {
        return Ok(());
    }
    Err(TableError::NoSuchTable { missing, named: named.iter().cloned().collect(), first: span.first, last: span.last })
}
