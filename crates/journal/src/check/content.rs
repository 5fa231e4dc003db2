//! Reads the parts of a block that a check compares, hashing them on the way.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{
    BlockFault, Counts, Fields, Level, begins, finish_hash, hash_in, is_null, is_struct, retyped_time, skip_rest,
};
use crate::ion::{Container, Event, IonError, IonHasher, Item, Reader, Scalar};
use crate::{BlockHeader, Hash, RevisionFact, dot};

/// A table as `transactionInfo` names it.
#[derive(Debug, Clone, Default)]
pub(super) struct Table {
    pub(super) name: String,
    pub(super) id: String,
}

/// The tables of the documents that a transaction changed, by document id.
pub(super) type Documents = BTreeMap<String, Table>;

/// `transactionInfo`: its Ion hash, and the documents that it names.
pub(super) struct TransactionInfo {
    pub(super) hash: Hash,
    pub(super) documents: Documents,
}

/// A hasher that stands inside a struct whose begin was read already.
pub(super) fn struct_hasher() -> IonHasher {
    let mut hasher = IonHasher::default();
    hasher.write(&Item::bare(Event::Begin(Container::Struct)));
    hasher
}

impl TransactionInfo {
    /// Reads the rest of the struct. JSON's strings become the timestamps and blobs that they were.
    pub(super) fn read(reader: &mut Reader<'_>, json: bool) -> Result<Self, IonError> {
        let mut hasher = struct_hasher();
        let mut documents = Documents::new();
        let mut path: Vec<Option<String>> = Vec::new();
        while let Some(item) = reader.next_item()? {
            note_document(&mut documents, &path, &item);
            let hash = if json { write_retyped(&mut hasher, &item) } else { hasher.write(&item) };
            if let Some(hash) = hash {
                return Ok(Self { hash, documents });
            }
            match item.event {
                Event::Begin(_) => path.push(item.field.flatten().map(str::to_owned)),
                Event::End => drop(path.pop()),
                Event::Scalar(_) => {}
            }
        }
        Err(IonError::new(reader.offset(), "transactionInfo has no end"))
    }
}

fn note_document(documents: &mut Documents, path: &[Option<String>], item: &Item<'_>) {
    let in_documents = path.first().is_some_and(|field| field.as_deref() == Some("documents"));
    match (in_documents, path, item.field.flatten()) {
        (true, [_], Some(id)) if begins(item) => drop(documents.insert(id.to_owned(), Table::default())),
        (true, [_, Some(id)], Some(field @ ("tableName" | "tableId"))) => {
            if let (Some(table), Some(text)) = (documents.get_mut(id), item.text()) {
                let part = if field == "tableName" { &mut table.name } else { &mut table.id };
                text.clone_into(part);
            }
        }
        _ => {}
    }
}

/// Hashes an item of JSON as what it was in Ion: `startTime` a timestamp, `statementDigest` a blob.
fn write_retyped(hasher: &mut IonHasher, item: &Item<'_>) -> Option<Hash> {
    match (item.field.flatten(), &item.event) {
        (Some("startTime" | "txTime"), _) => match retyped_time(item) {
            Some(time) => hasher.write(&Item { event: Event::Scalar(Scalar::Timestamp(time)), ..item.clone() }),
            None => hasher.write(item),
        },
        (Some("statementDigest"), Event::Scalar(Scalar::String(text))) => match STANDARD.decode(text) {
            Ok(bytes) => hasher.write(&Item { event: Event::Scalar(Scalar::Blob(&bytes)), ..item.clone() }),
            Err(_) => hasher.write(item),
        },
        _ => hasher.write(item),
    }
}

/// A revision and what its parts hash to.
#[derive(Debug, Default)]
pub(super) struct Revision {
    pub(super) hash: Option<Hash>,
    pub(super) document_id: Option<String>,
    pub(super) version: Option<u64>,
    has_address: bool,
    strand_id: Option<String>,
    sequence_no: Option<u64>,
    transaction_id: Option<String>,
    metadata_hash: Option<Hash>,
    data: Data,
    fault: Option<&'static str>,
    unknown_fields: Vec<String>,
}

/// The fields of a revision.
const REVISION_FIELDS: [&str; 5] = ["blockAddress", "hash", "data", "dataHash", "metadata"];

const TWICE: &str = "a field stands twice";

/// What a revision holds of its document.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Data {
    #[default]
    Absent,
    /// Data and its Ion hash.
    Present(Hash),
    /// Data in JSON, whose types are lost.
    Typeless,
    /// The hash that a redaction left.
    Redacted(Hash),
}

impl Revision {
    /// Reads the rest of the list.
    pub(super) fn read_all(reader: &mut Reader<'_>, json: bool) -> Result<Vec<Self>, IonError> {
        let mut revisions = Vec::new();
        while let Some(item) = reader.next_item()? {
            match item.event {
                Event::End => break,
                Event::Begin(_) => revisions.push(Self::read(reader, json)?),
                Event::Scalar(_) => {
                    revisions.push(Self { fault: Some("is not a struct"), ..Self::default() });
                }
            }
        }
        Ok(revisions)
    }

    /// Reads the rest of a revision that has begun.
    pub(super) fn read(reader: &mut Reader<'_>, json: bool) -> Result<Self, IonError> {
        let mut revision = Self::default();
        let mut fields = Fields::of(&REVISION_FIELDS);
        while let Some(item) = reader.next_item()? {
            if item.event == Event::End {
                break;
            }
            if fields.repeats(&item).is_some() {
                revision.fault = Some(TWICE);
            }
            if matches!(item.field.flatten(), Some("data" | "dataHash")) && revision.data != Data::Absent {
                revision.fault = Some("data and dataHash stand beside each other");
            }
            match item.field.flatten() {
                Some("blockAddress") if is_struct(&item) => revision.read_address(reader)?,
                Some("hash") => revision.hash = revision.stated_hash(&item, json),
                Some("dataHash") => {
                    revision.data = revision.stated_hash(&item, json).map_or(Data::Absent, Data::Redacted);
                }
                Some("metadata") if is_struct(&item) => revision.read_metadata(reader, json)?,
                Some("data") => {
                    let mut hasher = IonHasher::default();
                    let whole = hasher.write(&item);
                    let hash = whole.map_or_else(|| finish_hash(&mut hasher, reader), Ok)?;
                    revision.data = if json { Data::Typeless } else { Data::Present(hash) };
                }
                field => {
                    if matches!(field, Some("blockAddress" | "metadata")) && !is_null(&item) {
                        revision.fault = Some("blockAddress or metadata is no struct");
                    }
                    if begins(&item) {
                        skip_rest(reader)?;
                    }
                }
            }
        }
        revision.unknown_fields = fields.unknown;
        Ok(revision)
    }

    fn stated_hash(&mut self, item: &Item<'_>, json: bool) -> Option<Hash> {
        let Event::Scalar(scalar) = &item.event else { return None };
        hash_in(scalar, json).unwrap_or_else(|rule| {
            self.fault = Some(rule);
            None
        })
    }

    fn read_address(&mut self, reader: &mut Reader<'_>) -> Result<(), IonError> {
        self.has_address = true;
        while let Some(item) = reader.next_item()? {
            match (item.field.flatten(), &item.event) {
                (_, Event::End) => break,
                (Some("strandId"), _) if self.strand_id.is_some() => self.fault = Some(TWICE),
                (Some("sequenceNo"), _) if self.sequence_no.is_some() => self.fault = Some(TWICE),
                (Some("strandId"), _) => self.strand_id = item.text().map(str::to_owned),
                (Some("sequenceNo"), Event::Scalar(Scalar::Int(number))) => self.sequence_no = number.as_u64(),
                (_, Event::Begin(_)) => skip_rest(reader)?,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_metadata(&mut self, reader: &mut Reader<'_>, json: bool) -> Result<(), IonError> {
        let mut hasher = struct_hasher();
        while let Some(item) = reader.next_item()? {
            match (item.field.flatten(), &item.event) {
                (Some("id"), _) => self.document_id = item.text().map(str::to_owned),
                (Some("txId"), _) => self.transaction_id = item.text().map(str::to_owned),
                (Some("version"), Event::Scalar(Scalar::Int(version))) => self.version = version.as_u64(),
                _ => {}
            }
            self.metadata_hash = if json { write_retyped(&mut hasher, &item) } else { hasher.write(&item) };
            if self.metadata_hash.is_some() {
                break;
            }
        }
        Ok(())
    }

    /// What this revision adds to the counts.
    pub(super) fn counts(&self) -> Counts {
        let mut counts = Counts { revisions: 1, unknown_fields: self.unknown_fields.len() as u64, ..Counts::default() };
        match (self.metadata_hash, self.data) {
            (None, _) => counts.hash_only = 1,
            (Some(_), Data::Absent) => counts.deleted = 1,
            (Some(_), Data::Typeless) => counts.typeless = 1,
            (Some(_), data) => {
                counts.proved = u64::from(self.computed() == self.hash);
                counts.redacted = u64::from(matches!(data, Data::Redacted(_)));
            }
        }
        counts
    }

    fn computed(&self) -> Option<Hash> {
        match self.data {
            Data::Present(data) | Data::Redacted(data) => Some(dot(self.metadata_hash?, data)),
            Data::Absent | Data::Typeless => None,
        }
    }

    /// What the revision proves without its block.
    pub(super) fn by_itself(&self) -> Option<RevisionFact> {
        let mut faults = Vec::new();
        self.judge_hash(&|part| format!("revision{part}"), &mut faults);
        Some(RevisionFact {
            hash: self.hash?,
            address: self.strand_id.clone().zip(self.sequence_no),
            proved: self.computed() == self.hash,
            faults,
        })
    }

    /// Notes what does not agree in the revision at an index.
    pub(super) fn judge(
        &self,
        index: usize,
        header: &BlockHeader,
        transaction_id: Option<&str>,
        faults: &mut Vec<BlockFault>,
    ) {
        let field = |part: &str| format!("revisions[{index}]{part}");
        self.judge_hash(&field, faults);
        self.judge_place(&field, header, transaction_id, faults);
    }

    fn judge_hash(&self, field: &dyn Fn(&str) -> String, faults: &mut Vec<BlockFault>) {
        let unknown = self.unknown_fields.iter().map(|name| field(&format!(".{name}")));
        faults.extend(unknown.map(BlockFault::unknown_field));
        if let Some(rule) = self.fault {
            faults.push(BlockFault::new(Level::Blocks, field(""), "a revision as QLDB writes it", rule));
        } else if self.hash.is_none() {
            faults.push(BlockFault::new(Level::Blocks, field(".hash"), "a hash", "none"));
        }
        if self.computed().is_some() && self.computed() != self.hash {
            faults.push(BlockFault::hashes(Level::Contents, field(".hash"), self.computed(), self.hash));
        }
        // A revision of the service's own is its hash and nothing else.
        if self.metadata_hash.is_none() && (self.has_address || self.data != Data::Absent) {
            let expected = "metadata beside the address and the data";
            faults.push(BlockFault::new(Level::Contents, field(".metadata"), expected, "none"));
        }
    }

    /// What no hash covers, but what is stated elsewhere as well (FACTS 4.9).
    fn judge_place(
        &self,
        field: &dyn Fn(&str) -> String,
        header: &BlockHeader,
        transaction_id: Option<&str>,
        faults: &mut Vec<BlockFault>,
    ) {
        let mut compare = |part: &str, expected: &str, found: Option<&str>| {
            if found != Some(expected) {
                faults.push(BlockFault::new(Level::Contents, field(part), expected, found.unwrap_or("nothing")));
            }
        };
        if self.has_address {
            let number = self.sequence_no.map(|number| number.to_string());
            compare(".blockAddress.strandId", &header.strand_id, self.strand_id.as_deref());
            compare(".blockAddress.sequenceNo", &header.sequence_no.to_string(), number.as_deref());
        }
        if let Some(transaction) = &self.transaction_id {
            compare(".metadata.txId", transaction_id.unwrap_or_default(), Some(transaction));
        }
    }
}
