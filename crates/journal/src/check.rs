//! Checks one block by itself: its own hash, the tree over its entries, and the
//! Ion hashes of what it holds (FACTS 4.2 to 4.5).
//!
//! What the chain, the objects and a digest prove is beyond one block and lies
//! with the archive room.

mod content;
mod fault;

pub use fault::{BlockFault, Level};

use std::collections::BTreeMap;

use content::{Documents, Revision, TransactionInfo};

use super::head::hash as hash_in;
use super::ion::{Container, Event, IonError, IonHasher, Item, Reader, Scalar, Timestamp};
use super::{
    BlockHeader, Encoding, Hash, JournalError, Links, RawBlock, RevisionFact, TableCounts, dot_optional, merkle_root,
    merkle_root_optional,
};

/// What one block proves, and what it does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedBlock {
    /// Strand, number and time.
    pub header: BlockHeader,
    /// The hashes that join it to its neighbours, as it states them.
    pub links: Links,
    /// Everything that does not agree.
    pub faults: Vec<BlockFault>,
    /// What was proved and what was not.
    pub counts: Counts,
    /// Revisions by table.
    pub tables: BTreeMap<String, TableCounts>,
}

/// How much of a block's content its hashes prove.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Revisions in all.
    pub revisions: u64,
    /// Revisions whose data and metadata, or whose redaction, hash to what they state.
    pub proved: u64,
    /// Revisions present as a hash only: the service's own.
    pub hash_only: u64,
    /// Revisions whose data was redacted; among the proved.
    pub redacted: u64,
    /// Revisions that delete a document: the formula of their hash is not known, so it is taken as it stands.
    pub deleted: u64,
    /// Revisions with data in JSON, which has lost the types that the hash covers.
    pub typeless: u64,
    /// Entries of the hash list that nothing in the block accounts for.
    pub unaccounted: u64,
    /// Fields of blocks and revisions that QLDB does not write. No hash covers their names: one may have
    /// been a field that a hash covers.
    pub unknown_fields: u64,
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.revisions += other.revisions;
        self.proved += other.proved;
        self.hash_only += other.hash_only;
        self.redacted += other.redacted;
        self.deleted += other.deleted;
        self.typeless += other.typeless;
        self.unaccounted += other.unaccounted;
        self.unknown_fields += other.unknown_fields;
    }
}

/// Checks one block. Fails only if its bytes can't be read; what does not agree is in [`CheckedBlock::faults`].
pub fn check(block: &RawBlock) -> Result<CheckedBlock, JournalError> {
    let content = Content::read(block).map_err(|error| JournalError::within(block.offset, error))?;
    Ok(content.judge(block))
}

/// Checks a revision that stands by itself; none if it states no hash.
pub(super) fn check_revision(reader: &mut Reader<'_>) -> Result<Option<RevisionFact>, IonError> {
    reader.next_item()?;
    let revision = Revision::read(reader, false)?;
    Ok(revision.by_itself())
}

/// The hashes of a block that a revision's proof goes through.
pub(super) struct RevisionTree {
    pub(super) hashes: Vec<Option<Hash>>,
    pub(super) document_ids: Vec<Option<String>>,
    pub(super) entries: Vec<Option<Hash>>,
}

impl RevisionTree {
    pub(super) fn read(block: &RawBlock) -> Result<Self, IonError> {
        let content = Content::read(block)?;
        let (hashes, document_ids) =
            content.revisions.into_iter().map(|revision| (revision.hash, revision.document_id)).unzip();
        Ok(Self { hashes, document_ids, entries: content.entries })
    }
}

/// The parts of a block that are containers, and which. Absent and null are the same.
const PARTS: [(&str, &str); 4] = [
    ("entriesHashList", "a list"),
    ("transactionInfo", "a struct"),
    ("redactionInfo", "a struct"),
    ("revisions", "a list"),
];

/// The fields of a block.
const BLOCK_FIELDS: [&str; 10] = [
    "blockAddress",
    "transactionId",
    "blockTimestamp",
    "blockHash",
    "entriesHash",
    "previousBlockHash",
    "entriesHashList",
    "transactionInfo",
    "redactionInfo",
    "revisions",
];

/// Which fields of a struct were met. A field that stands twice would be checked
/// in one of its values, and read by somebody else in the other.
struct Fields {
    names: &'static [&'static str],
    met: u32,
    /// The fields that have another name.
    unknown: Vec<String>,
}

impl Fields {
    fn of(names: &'static [&'static str]) -> Self {
        Self { names, met: 0, unknown: Vec::new() }
    }

    /// The item's field, if it was met before.
    fn repeats(&mut self, item: &Item<'_>) -> Option<&'static str> {
        let name = item.field?;
        let Some(index) = self.names.iter().position(|known| Some(*known) == name) else {
            self.unknown.push(name.unwrap_or("$0").to_owned());
            return None;
        };
        let repeated = self.met & 1 << index != 0;
        self.met |= 1 << index;
        repeated.then_some(self.names[index])
    }
}

/// Everything in a block that a check compares.
#[derive(Default)]
struct Content {
    transaction_id: Option<String>,
    entries_hash: Option<Hash>,
    entries: Vec<Option<Hash>>,
    malformed: Vec<BlockFault>,
    transaction_info: Option<TransactionInfo>,
    redaction_info: Option<Hash>,
    revisions: Vec<Revision>,
    unknown_fields: Vec<String>,
}

impl Content {
    fn read(block: &RawBlock) -> Result<Self, IonError> {
        let mut content = Self::default();
        let mut reader = block.reader();
        let json = block.encoding == Encoding::Json;
        let mut fields = Fields::of(&BLOCK_FIELDS);
        reader.next_item()?;
        while let Some(item) = reader.next_item()? {
            if item.event == Event::End {
                break;
            }
            content.note_repeated(fields.repeats(&item));
            match item.field.flatten() {
                Some("transactionId") => content.transaction_id = item.text().map(str::to_owned),
                Some("entriesHash") => content.entries_hash = content.hash(&item, "entriesHash", json),
                Some("entriesHashList") if is_list(&item) => content.entries(&mut reader, json)?,
                Some("transactionInfo") if is_struct(&item) => {
                    content.transaction_info = Some(TransactionInfo::read(&mut reader, json)?);
                }
                Some("redactionInfo") if is_struct(&item) => content.redaction_info = Some(rest_hash(&mut reader)?),
                Some("revisions") if is_list(&item) => content.revisions = Revision::read_all(&mut reader, json)?,
                field => {
                    let part = field.and_then(|field| PARTS.into_iter().find(|(part, _)| *part == field));
                    content.wrong_type(part.filter(|_| !is_null(&item)));
                    if begins(&item) {
                        skip_rest(&mut reader)?;
                    }
                }
            }
        }
        content.unknown_fields = fields.unknown;
        Ok(content)
    }

    fn hash(&mut self, item: &Item<'_>, field: &str, json: bool) -> Option<Hash> {
        let Event::Scalar(scalar) = &item.event else { return None };
        hash_in(scalar, json).unwrap_or_else(|rule| {
            self.malformed.push(BlockFault::new(Level::Blocks, field, "32 bytes", rule));
            None
        })
    }

    /// A part of another type would otherwise count as absent, and nothing be said.
    fn wrong_type(&mut self, part: Option<(&str, &str)>) {
        if let Some((field, expected)) = part {
            self.malformed.push(BlockFault::new(Level::Blocks, field, expected, "a value of another type"));
        }
    }

    fn note_repeated(&mut self, repeated: Option<&str>) {
        if let Some(field) = repeated {
            self.malformed.push(BlockFault::new(Level::Blocks, field, "one value", "several"));
        }
    }

    fn entries(&mut self, reader: &mut Reader<'_>, json: bool) -> Result<(), IonError> {
        while let Some(item) = reader.next_item()? {
            match &item.event {
                Event::End => break,
                Event::Begin(_) => {
                    let field = format!("entriesHashList[{}]", self.entries.len());
                    self.wrong_type(Some((&field, "32 bytes")));
                    self.entries.push(None);
                    skip_rest(reader)?;
                }
                Event::Scalar(_) => {
                    let field = format!("entriesHashList[{}]", self.entries.len());
                    let entry = self.hash(&item, &field, json);
                    self.entries.push(entry);
                }
            }
        }
        Ok(())
    }

    fn judge(self, block: &RawBlock) -> CheckedBlock {
        let mut faults = self.malformed.clone();
        self.judge_own_hashes(block.links, &mut faults);
        let accounted = self.judge_entries(&mut faults);
        self.judge_revisions(&block.header, &mut faults);
        let unknown = self.unknown_fields.iter().cloned().map(BlockFault::unknown_field);
        faults.extend(unknown);
        let own = Counts { unknown_fields: self.unknown_fields.len() as u64, ..Counts::default() };
        let mut counts = self.revisions.iter().fold(own, |mut counts, revision| {
            counts += revision.counts();
            counts
        });
        let stated = |entry: &&Hash| !accounted.contains(*entry);
        counts.unaccounted = self.entries.iter().flatten().filter(stated).count() as u64;
        CheckedBlock { header: block.header.clone(), links: block.links, faults, counts, tables: self.tables() }
    }

    fn judge_own_hashes(&self, links: Links, faults: &mut Vec<BlockFault>) {
        let root = merkle_root_optional(&self.entries);
        if root.is_none() || root != self.entries_hash {
            faults.push(BlockFault::hashes(Level::Blocks, "entriesHash", root, self.entries_hash));
        }
        let own = dot_optional(self.entries_hash, links.previous_block_hash);
        if own != Some(links.block_hash) {
            faults.push(BlockFault::hashes(Level::Blocks, "blockHash", own, Some(links.block_hash)));
        }
    }

    /// Each computed hash must be among the entries, wherever (FACTS 4.4). Gives those that were computed.
    fn judge_entries(&self, faults: &mut Vec<BlockFault>) -> Vec<Hash> {
        let revisions: Option<Vec<Hash>> = self.revisions.iter().map(|revision| revision.hash).collect();
        let parts = [
            (Level::Contents, "transactionInfo", self.transaction_info.as_ref().map(|info| info.hash)),
            (Level::Contents, "redactionInfo", self.redaction_info),
            (Level::Blocks, "revisions", revisions.and_then(|hashes| merkle_root(&hashes))),
        ];
        for (level, field, computed) in parts {
            if computed.is_some_and(|hash| !self.entries.contains(&Some(hash))) {
                faults.push(BlockFault::absent_entry(level, field, computed));
            }
        }
        parts.into_iter().filter_map(|(_, _, computed)| computed).collect()
    }

    fn judge_revisions(&self, header: &BlockHeader, faults: &mut Vec<BlockFault>) {
        for (index, revision) in self.revisions.iter().enumerate() {
            revision.judge(index, header, self.transaction_id.as_deref(), faults);
        }
        let Some(info) = &self.transaction_info else { return };
        for id in info.documents.keys() {
            if !self.revisions.iter().any(|revision| revision.document_id.as_deref() == Some(id)) {
                let expected = format!("a revision of document {id}, which transactionInfo names");
                faults.push(BlockFault::new(Level::Contents, "revisions", expected, "none"));
            }
        }
        for (index, revision) in self.revisions.iter().enumerate() {
            if let Some(id) = revision.document_id.as_ref().filter(|id| !info.documents.contains_key(*id)) {
                let field = format!("revisions[{index}].metadata.id");
                faults.push(BlockFault::new(Level::Contents, field, "a document that transactionInfo names", id));
            }
        }
    }

    fn tables(&self) -> BTreeMap<String, TableCounts> {
        let no_documents = Documents::new();
        let documents = self.transaction_info.as_ref().map_or(&no_documents, |info| &info.documents);
        let mut tables: BTreeMap<String, TableCounts> = BTreeMap::new();
        for revision in &self.revisions {
            let table = revision.document_id.as_ref().and_then(|id| documents.get(id));
            if let Some(table) = table {
                let Counts { deleted, redacted, .. } = revision.counts();
                let documents = u64::from(revision.version == Some(0));
                let one = TableCounts { id: table.id.clone(), documents, revisions: 1, deleted, redacted };
                tables.entry(table.name.clone()).or_default().add(&one);
            }
        }
        tables
    }
}

fn begins(item: &Item<'_>) -> bool {
    matches!(item.event, Event::Begin(_))
}

fn is_struct(item: &Item<'_>) -> bool {
    item.event == Event::Begin(Container::Struct)
}

fn is_list(item: &Item<'_>) -> bool {
    item.event == Event::Begin(Container::List)
}

fn is_null(item: &Item<'_>) -> bool {
    matches!(item.event, Event::Scalar(Scalar::Null(_)))
}

/// Passes over the rest of a container that has begun.
fn skip_rest(reader: &mut Reader<'_>) -> Result<(), IonError> {
    let mut depth = 1_usize;
    while depth > 0 {
        match reader.next_item()?.map(|item| item.event) {
            Some(Event::Begin(_)) => depth += 1,
            Some(Event::End) => depth -= 1,
            Some(Event::Scalar(_)) => {}
            None => break,
        }
    }
    Ok(())
}

/// The Ion hash of a struct that has begun.
fn rest_hash(reader: &mut Reader<'_>) -> Result<Hash, IonError> {
    let mut hasher = content::struct_hasher();
    finish_hash(&mut hasher, reader)
}

fn finish_hash(hasher: &mut IonHasher, reader: &mut Reader<'_>) -> Result<Hash, IonError> {
    while let Some(item) = reader.next_item()? {
        if let Some(hash) = hasher.write(&item) {
            return Ok(hash);
        }
    }
    Err(IonError::new(reader.offset(), "a value has no end"))
}

/// In JSON, a string that was a timestamp in Ion.
fn retyped_time(item: &Item<'_>) -> Option<Timestamp> {
    match item.event {
        Event::Scalar(Scalar::String(text)) => Timestamp::parse(text),
        _ => None,
    }
}
