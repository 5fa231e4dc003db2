//! New blocks, with correct hashes (docs/qldb.md 4). It is not known what the real service writes
//! as the first and third entry of a block; here they are derived from the transaction's id, so
//! that the same transaction makes the same block.

use chrono::{DateTime, Utc};

use super::ion::{
    Container, Event, IonHasher, Item, RawValue, Scalar, SymbolTable, TextReader, TextWriter, Timestamp, hash_of,
};
use super::ion::{Int, Reader};
use super::{Hash, JournalError, Links, dot, dot_optional, merkle_root, merkle_root_optional};

/// A statement of a transaction.
#[derive(Debug, Clone)]
pub struct Statement {
    /// The statement's text, in `PartiQL`.
    pub text: String,
    /// When it began.
    pub start_time: DateTime<Utc>,
}

/// A transaction's change to one document: insert (version 0), update, or delete (no data).
#[derive(Debug, Clone)]
pub struct Change {
    /// The table's name.
    pub table_name: String,
    /// The table's id.
    pub table_id: String,
    /// The document's id.
    pub document_id: String,
    /// The version of this revision; 0 for an insert.
    pub version: u64,
    /// The document, a struct; `None` for a delete.
    pub data: Option<RawValue>,
    /// The statement that made the change.
    pub statement: usize,
}

/// A transaction that is to become the next block. Without statements and changes, it becomes a block of the service's
/// own: no `transactionInfo`, and one revision that is only a hash.
#[derive(Debug, Clone)]
pub struct NewBlock {
    /// The strand.
    pub strand_id: String,
    /// The number after the last block's; 0 for the first.
    pub sequence_no: u64,
    /// The last block's hash; `None` for the first block.
    pub previous_block_hash: Option<Hash>,
    /// The transaction's id.
    pub transaction_id: String,
    /// When it was committed.
    pub timestamp: DateTime<Utc>,
    /// When its changes were made; slightly before the commit.
    pub transaction_time: DateTime<Utc>,
    /// Its statements.
    pub statements: Vec<Statement>,
    /// Its changes.
    pub changes: Vec<Change>,
}

impl RawValue {
    /// A value given as Ion text, such as a document.
    pub fn from_text(text: impl Into<Vec<u8>>) -> Self {
        Self { bytes: text.into(), binary: false, symbols: std::sync::Arc::new(SymbolTable::default()), offset: 0 }
    }
}

impl NewBlock {
    /// Appends the block to `out` as one Ion text value and a newline. Fails, leaving `out` unchanged, if a document is
    /// not a single Ion struct.
    pub fn encode(&self, out: &mut Vec<u8>) -> Result<Links, JournalError> {
        let is_system = self.statements.is_empty() && self.changes.is_empty();
        let transaction_info = (!is_system).then(|| self.transaction_info());
        let (revisions, revision_hashes) = if is_system { self.system_revision() } else { self.revisions()? };
        let entries = [
            Some(self.internal_hash("first")),
            merkle_root(&revision_hashes),
            Some(self.internal_hash("third")),
            transaction_info.as_deref().and_then(hash_of_own_text),
        ];
        // The first entry is always present, so the tree has a root.
        let entries_hash = merkle_root_optional(&entries).unwrap_or_else(|| self.internal_hash("first"));
        let block_hash = dot_optional(Some(entries_hash), self.previous_block_hash).unwrap_or(entries_hash);
        let links = Links { block_hash, previous_block_hash: self.previous_block_hash };
        out.extend(self.head(links, entries_hash, &entries));
        if let Some(info) = transaction_info {
            out.extend(b",transactionInfo:");
            out.extend(info);
        }
        if !revisions.is_empty() {
            out.extend(b",revisions:[");
            out.extend(revisions.join(&b','));
            out.push(b']');
        }
        out.extend(b"}\n");
        Ok(links)
    }

    fn internal_hash(&self, which: &str) -> Hash {
        Hash::of(format!("{which} entry of transaction {}", self.transaction_id).as_bytes())
    }

    /// Everything up to the entries hash list, without the closing brace.
    fn head(&self, links: Links, entries_hash: Hash, entries: &[Option<Hash>]) -> Vec<u8> {
        let mut writer = TextWriter::default();
        writer.write(&Item::bare(Event::Begin(Container::Struct)));
        self.address(&mut writer);
        writer.write(&Item::string("transactionId", &self.transaction_id));
        write_time(&mut writer, "blockTimestamp", self.timestamp);
        writer.write(&hash(Some("blockHash"), Some(&links.block_hash)));
        writer.write(&hash(Some("entriesHash"), Some(&entries_hash)));
        writer.write(&hash(Some("previousBlockHash"), links.previous_block_hash.as_ref()));
        writer.write(&Item::of("entriesHashList", Event::Begin(Container::List)));
        entries.iter().for_each(|entry| writer.write(&hash(None, entry.as_ref())));
        writer.write(&Item::end());
        writer.take()
    }

    fn address(&self, writer: &mut TextWriter) {
        writer.write(&Item::of("blockAddress", Event::Begin(Container::Struct)));
        writer.write(&Item::string("strandId", &self.strand_id));
        write_number(writer, Some("sequenceNo"), self.sequence_no);
        writer.write(&Item::end());
    }

    fn transaction_info(&self) -> Vec<u8> {
        let mut writer = TextWriter::default();
        writer.write(&Item::bare(Event::Begin(Container::Struct)));
        writer.write(&Item::of("statements", Event::Begin(Container::List)));
        for statement in &self.statements {
            writer.write(&Item::bare(Event::Begin(Container::Struct)));
            writer.write(&Item::string("statement", &statement.text));
            write_time(&mut writer, "startTime", statement.start_time);
            let digest = IonHasher::default().write(&Item::bare(Event::Scalar(Scalar::String(&statement.text))));
            writer.write(&hash(Some("statementDigest"), digest.as_ref()));
            writer.write(&Item::end());
        }
        writer.write(&Item::end());
        self.documents(&mut writer);
        writer.write(&Item::end());
        writer.take()
    }

    fn documents(&self, writer: &mut TextWriter) {
        if self.changes.is_empty() {
            return;
        }
        writer.write(&Item::of("documents", Event::Begin(Container::Struct)));
        for (index, change) in self.changes.iter().enumerate() {
            let same = |other: &&Change| other.document_id == change.document_id;
            if self.changes.iter().take(index).any(|earlier| same(&earlier)) {
                continue;
            }
            writer.write(&Item::of(&change.document_id, Event::Begin(Container::Struct)));
            writer.write(&Item::string("tableName", &change.table_name));
            writer.write(&Item::string("tableId", &change.table_id));
            writer.write(&Item::of("statements", Event::Begin(Container::List)));
            self.changes.iter().filter(same).for_each(|each| write_number(writer, None, each.statement as u64));
            writer.write(&Item::end());
            writer.write(&Item::end());
        }
        writer.write(&Item::end());
    }

    fn system_revision(&self) -> (Vec<Vec<u8>>, Vec<Hash>) {
        let own = self.internal_hash("system");
        let mut writer = TextWriter::default();
        writer.write(&Item::bare(Event::Begin(Container::Struct)));
        writer.write(&hash(Some("hash"), Some(&own)));
        writer.write(&Item::end());
        (vec![writer.take()], vec![own])
    }

    fn revisions(&self) -> Result<(Vec<Vec<u8>>, Vec<Hash>), JournalError> {
        let encoded: Result<Vec<_>, _> = self.changes.iter().map(|change| self.revision(change)).collect();
        Ok(encoded?.into_iter().unzip())
    }

    fn revision(&self, change: &Change) -> Result<(Vec<u8>, Hash), JournalError> {
        let metadata = self.metadata(change);
        let data = change.data.as_ref().map(document).transpose()?;
        let metadata_hash = hash_of_own_text(&metadata).unwrap_or_else(|| Hash::of(&metadata));
        let own = data.as_ref().map_or(metadata_hash, |(_, data_hash)| dot(metadata_hash, *data_hash));
        let mut writer = TextWriter::default();
        writer.write(&Item::bare(Event::Begin(Container::Struct)));
        self.address(&mut writer);
        writer.write(&hash(Some("hash"), Some(&own)));
        let mut text = writer.take();
        if let Some((data, _)) = data {
            text.extend(b",data:");
            text.extend(data);
        }
        text.extend(b",metadata:");
        text.extend(metadata);
        text.push(b'}');
        Ok((text, own))
    }

    fn metadata(&self, change: &Change) -> Vec<u8> {
        let mut writer = TextWriter::default();
        writer.write(&Item::bare(Event::Begin(Container::Struct)));
        writer.write(&Item::string("id", &change.document_id));
        write_number(&mut writer, Some("version"), change.version);
        write_time(&mut writer, "txTime", self.transaction_time);
        writer.write(&Item::string("txId", &self.transaction_id));
        writer.write(&Item::end());
        writer.take()
    }
}

/// A document as QLDB writes it, and its hash.
fn document(value: &RawValue) -> Result<(Vec<u8>, Hash), JournalError> {
    let mut writer = TextWriter::default();
    let mut hasher = IonHasher::default();
    let mut reader = value.reader();
    let mut own = None;
    let mut first = true;
    while let Some(item) = reader.next_item().map_err(|error| JournalError::within(value.offset, error))? {
        if first && item.event != Event::Begin(Container::Struct) {
            break;
        }
        first = false;
        own = hasher.write(&item);
        writer.write(&item);
    }
    own.map(|own| (writer.take(), own))
        .ok_or_else(|| JournalError::new(value.offset, "a document must be a struct (in JSON, an object)"))
}

/// The Ion hash of text that this module wrote.
fn hash_of_own_text(text: &[u8]) -> Option<Hash> {
    hash_of(&mut Reader::Text(TextReader::new(text, std::sync::Arc::default()))).ok().flatten()
}

fn write_number(writer: &mut TextWriter, field: Option<&str>, value: u64) {
    let number = Int::from(value);
    writer.write(&Item::new(field.map(Some), &[], Event::Scalar(Scalar::Int(&number))));
}

fn write_time(writer: &mut TextWriter, field: &str, time: DateTime<Utc>) {
    let time = Timestamp::from_utc(time);
    writer.write(&Item::of(field, Event::Scalar(Scalar::Timestamp(&time))));
}

/// A hash as a blob; an empty blob if there is none.
fn hash<'a>(field: Option<&'a str>, hash: Option<&'a Hash>) -> Item<'a> {
    let bytes: &[u8] = hash.map_or(&[], |hash| hash.as_bytes());
    Item::new(field.map(Some), &[], Event::Scalar(Scalar::Blob(bytes)))
}
