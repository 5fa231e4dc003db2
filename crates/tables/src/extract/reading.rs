//! Reads the items of blocks into rows. One block after another: the end of each is in `block`.

use chrono::{DateTime, Utc};
use qldb_journal::Hash;
use qldb_journal::archive::verify::UncheckedBlocks;
use qldb_journal::ion::{
    Container, Event, IonError, Item, JsonWriter, Scalar, Stranger, TakeItems, TextWriter, Timestamp,
};

use super::names::Names;
use super::part::Part;
use super::{Extracted, NamedDocument, RowFilter};
use crate::batch::{Revision, Statement, Text, Transaction};

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

/// A run of blocks that is being read.
pub(super) struct Reading<'w> {
    pub(super) filter: &'w RowFilter,
    is_json: bool,
    pub(super) new_from: u64,
    source: &'w [u8],
    pub(super) found: Extracted,
    /// The open containers outside documents.
    open: Vec<Part>,
    /// The number of open containers of a document.
    inside: usize,
    pub(super) transaction: Transaction,
    revision: Revision,
    has_metadata: bool,
    pub(super) documents: Vec<NamedDocument>,
    json: JsonWriter,
    ion: TextWriter,
    raw: Raw,
    /// Where the rows of the block begin.
    pub(super) before: Starts,
    pub(super) names: Names,
}

/// Where the rows of a block begin.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Starts {
    pub(super) texts: usize,
    pub(super) revisions: usize,
    pub(super) statements: usize,
}

impl<'w> Reading<'w> {
    pub(super) fn new(filter: &'w RowFilter, blocks: UncheckedBlocks<'w>) -> Self {
        Self {
            filter,
            is_json: blocks.is_json,
            new_from: blocks.new_from,
            source: blocks.bytes,
            found: Extracted::default(),
            open: Vec::new(),
            inside: 0,
            transaction: Transaction::default(),
            revision: Revision::default(),
            has_metadata: false,
            documents: Vec::new(),
            json: JsonWriter::default(),
            ion: TextWriter::default(),
            raw: Raw::No,
            before: Starts::default(),
            names: Names::default(),
        }
    }

    /// What was read.
    pub(super) fn into_found(self) -> Extracted {
        self.found
    }

    /// Forgets what is known about the current block, in the middle of which its reading ended.
    pub(super) fn begin_again(&mut self) {
        (self.transaction, self.revision) = (Transaction::default(), Revision::default());
        self.open.clear();
        self.documents.clear();
        self.names.met.clear();
        (self.inside, self.raw) = (0, Raw::No);
        (self.json, self.ion) = (JsonWriter::default(), TextWriter::default());
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

    /// The next item of a document.
    fn in_document(&mut self, item: &Item<'_>) {
        match item.event {
            Event::End => self.inside -= 1,
            _ if self.inside == 1 && self.filter.with_fields => self.note_field(item),
            _ => {}
        }
        self.inside += usize::from(item.begins());
        self.write(item);
        if self.inside == 0 {
            self.end_document();
        }
    }

    /// The beginning of a document, or all of it.
    fn begin_document(&mut self, item: &Item<'_>) {
        if self.is_json && matches!(item.event, Event::Begin(Container::List | Container::Struct)) {
            self.raw = Raw::Begun;
        }
        self.write(&item.clone().with_field(None));
        self.inside = usize::from(item.begins());
        if self.inside == 0 {
            self.end_document();
        }
    }

    fn write(&mut self, item: &Item<'_>) {
        if self.raw != Raw::No {
            return;
        }
        self.json.write(item);
        if self.filter.with_ion && !self.is_json {
            self.ion.write(item);
        }
    }

    /// The document is complete.
    fn end_document(&mut self) {
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

    /// Records a top-level field of a document.
    fn note_field(&mut self, item: &Item<'_>) {
        let Some(name) = item.field else { return };
        let index = self.names.field(name.unwrap_or("$0"));
        self.names.met.push((self.found.batch.revisions.len(), index));
    }
}

impl TakeItems for Reading<'_> {
    fn take(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError> {
        if self.raw != Raw::No {
            self.follow_raw(at);
        }
        if self.inside > 0 {
            self.in_document(item);
            return Ok(());
        }
        let holder = self.open.last().copied();
        let name = item.field.flatten();
        match (holder, &item.event) {
            (None, Event::Begin(_)) => self.open.push(Part::Block),
            (None, _) => {}
            (Some(part), Event::End) => {
                self.open.pop();
                self.end(part);
            }
            (Some(Part::Revision), _) if name == Some("data") => self.begin_document(item),
            (Some(part), Event::Begin(container)) => {
                let inner = part.inner(name, *container);
                self.begin(inner, name);
                self.open.push(inner);
            }
            (Some(part), Event::Scalar(scalar)) => self.scalar(part, name, scalar),
        }
        Ok(())
    }

    fn take_stranger(&mut self, _: Stranger) {}
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
