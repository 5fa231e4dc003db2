//! Reads a block from its first byte to its last, in the one form that QLDB
//! gives it, and keeps what a check compares. What has another form is noted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};

use super::draft::{BlockDraft, Data, DocumentDraft, Group, RevisionDraft, Run, Slice};
use super::fault::Faults;
use super::shape::{ADDRESS, METADATA, REDACTION_INFO, Retype, Shape, TRANSACTION_INFO, Tag, Unlike, Walk};
use super::{BlockFault, Level};
use crate::Hash;
use crate::ion::{Container, Event, Hashing, IonError, Item, Later, ReadItems, Scalar, Stranger, Timestamp};

/// The fields of a block, in the order in which QLDB writes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InBlock {
    Address,
    TransactionId,
    Timestamp,
    Hash,
    EntriesHash,
    PreviousHash,
    Entries,
    TransactionInfo,
    RedactionInfo,
    Revisions,
}

const BLOCK_FIELDS: [(&str, InBlock); 10] = [
    ("blockAddress", InBlock::Address),
    ("transactionId", InBlock::TransactionId),
    ("blockTimestamp", InBlock::Timestamp),
    ("blockHash", InBlock::Hash),
    ("entriesHash", InBlock::EntriesHash),
    ("previousBlockHash", InBlock::PreviousHash),
    ("entriesHashList", InBlock::Entries),
    ("transactionInfo", InBlock::TransactionInfo),
    ("redactionInfo", InBlock::RedactionInfo),
    ("revisions", InBlock::Revisions),
];

/// The fields of a revision, likewise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InRevision {
    Address,
    Hash,
    Data,
    DataHash,
    Metadata,
}

const REVISION_FIELDS: [(&str, InRevision); 5] = [
    ("blockAddress", InRevision::Address),
    ("hash", InRevision::Hash),
    ("data", InRevision::Data),
    ("dataHash", InRevision::DataHash),
    ("metadata", InRevision::Metadata),
];

/// More revisions or entries than this are no block's: QLDB's largest transaction changes 40 documents.
const MOST_PARTS: usize = 100_000;

/// A block's hashed values have no more fields than this: the hash of each is kept until the value ends. QLDB's largest
/// transaction has 4 MB as Ion binary, and a field at least two bytes.
const MOST_FIELDS: usize = 2 << 20;

/// Which fields of a struct were met. A field that stands twice would be checked in one of its values, and read by
/// somebody else in the other.
#[derive(Default)]
struct Met(u32);

impl Met {
    fn again(&mut self, index: usize) -> bool {
        let met = self.0 & 1 << index != 0;
        self.0 |= 1 << index;
        met
    }

    fn count(&self) -> usize {
        self.0.count_ones() as usize
    }
}

/// The place of a name among some, looked for first where it stands if all before it are there.
#[inline]
pub(super) fn index_of<T>(names: &[(&str, T)], name: &str, likely: usize) -> Option<usize> {
    if names.get(likely).is_some_and(|(known, _)| *known == name) {
        return Some(likely);
    }
    names.iter().position(|(known, _)| *known == name)
}

/// Reads blocks into a group.
pub(super) struct BlockReading<'g, R> {
    pub(super) reader: &'g mut R,
    pub(super) group: &'g mut Group,
    /// None where only the heads of blocks are wanted.
    pub(super) hashing: Option<&'g mut Hashing>,
    pub(super) walk: &'g mut Walk,
    pub(super) is_json: bool,
    /// Where what is read begins in the object.
    pub(super) base: u64,
    faults: Faults,
    unknown_fields: u64,
    /// How many fields were hashed.
    fields: usize,
}

/// What stands at the head of a block, as far as it was met.
#[derive(Default)]
struct Head {
    strand_id: Option<Slice>,
    sequence_no: Option<u64>,
    timestamp: Option<DateTime<Utc>>,
    block_hash: Option<Hash>,
    previous_block_hash: Option<Option<Hash>>,
    entries_hash: Option<Hash>,
    transaction_id: Option<Slice>,
    transaction_info: Option<Later>,
    redaction_info: Option<Later>,
}

/// What was gathered from a value of a known form.
#[derive(Default)]
struct Gathered {
    later: Option<Later>,
    strand_id: Option<Slice>,
    sequence_no: Option<u64>,
    document_id: Option<Slice>,
    version: Option<u64>,
    transaction_id: Option<Slice>,
}

impl<'g, R: ReadItems> BlockReading<'g, R> {
    pub(super) fn new(
        reader: &'g mut R,
        group: &'g mut Group,
        hashing: Option<&'g mut Hashing>,
        walk: &'g mut Walk,
        is_json: bool,
    ) -> Self {
        Self { reader, group, hashing, walk, is_json, base: 0, faults: Faults::default(), unknown_fields: 0, fields: 0 }
    }

    /// Reads the next block into the group. False if there is none. Where it can't be read, something strange `before`
    /// it is left there.
    pub(super) fn read(mut self, before: &mut Option<Stranger>) -> Result<bool, IonError> {
        let Some(item) = self.reader.next_item()? else {
            return Ok(false);
        };
        let (is_struct, is_annotated) = (item.event == Event::Begin(Container::Struct), !item.annotations.is_empty());
        let start = self.reader.value_start();
        *before = before.take().or_else(|| self.reader.take_stranger());
        if !is_struct {
            return Err(IonError::new(start, "not a block: a block is a struct"));
        }
        if is_annotated {
            self.unlike("block", Unlike::Annotated.as_str());
        }
        let runs = self.group.mark();
        let head = self.read_fields(start)?;
        self.note_stranger();
        if head.transaction_id.is_none() {
            self.unlike("transactionId", "nothing");
        }
        let [_, _, revisions, entries, documents, deletes, _] = runs;
        let lacks = |field: &str| IonError::new(start, format!("not a block: it lacks {field}"));
        let mut draft = BlockDraft {
            start,
            end: self.reader.offset(),
            strand_id: head.strand_id.ok_or_else(|| lacks("blockAddress.strandId"))?,
            sequence_no: head.sequence_no.ok_or_else(|| lacks("blockAddress.sequenceNo"))?,
            timestamp: head.timestamp.ok_or_else(|| lacks("blockTimestamp"))?,
            block_hash: head.block_hash.ok_or_else(|| lacks("blockHash"))?,
            previous_block_hash: head.previous_block_hash.flatten(),
            entries_hash: head.entries_hash,
            transaction_id: head.transaction_id,
            transaction_info: head.transaction_info,
            redaction_info: head.redaction_info,
            revisions: Run { start: revisions, end: self.group.revisions.len() },
            entries: Run { start: entries, end: self.group.entries.len() },
            documents: Run { start: documents, end: self.group.documents.len() },
            deletes: Run { start: deletes, end: self.group.deletes.len() },
            faults: Faults::default(),
            unknown_fields: self.unknown_fields,
        };
        if let Some(stranger) = before.take() {
            self.strange(stranger);
        }
        draft.faults = self.faults;
        self.group.blocks.push(draft);
        Ok(true)
    }

    /// Reads a revision that stands by itself into the group, and gives the faults of its form.
    pub(super) fn read_only_revision(mut self) -> Result<Option<(Faults, u64)>, IonError> {
        let Some(item) = self.reader.next_item()? else { return Ok(None) };
        let (is_struct, is_annotated) = (item.event == Event::Begin(Container::Struct), !item.annotations.is_empty());
        if !is_struct {
            return Err(IonError::new(self.reader.value_start(), "not a revision: a revision is a struct"));
        }
        if is_annotated {
            self.unlike("revision", Unlike::Annotated.as_str());
        }
        self.read_revision(Place::Alone)?;
        self.note_stranger();
        Ok(Some((self.faults, self.unknown_fields)))
    }

    fn read_fields(&mut self, start: usize) -> Result<Head, IonError> {
        let mut head = Head::default();
        let mut met = Met::default();
        loop {
            let at = self.reader.offset();
            let Some(item) = self.reader.next_item()? else { return Err(IonError::ended(start, "a block has no end")) };
            if matches!(item.event, Event::End) {
                return Ok(head);
            }
            let name = item.field.flatten();
            let Some(index) = name.and_then(|name| index_of(&BLOCK_FIELDS, name, met.count())) else {
                let (name, is_begin) = (name.unwrap_or("$0").to_owned(), item.begins());
                self.unknown_field(name);
                self.skip(is_begin)?;
                continue;
            };
            let (field, which) = BLOCK_FIELDS[index];
            let is_annotated = !item.annotations.is_empty();
            let is_repeated = met.again(index);
            // Of a part that stands twice the first is read, of a word the last.
            if is_repeated && item.begins() {
                self.fault(BlockFault::new(Level::Blocks, field, "one value", "several"));
                self.reader.skip_container()?;
                continue;
            }
            match (which, &item.event) {
                (InBlock::Timestamp, event) => {
                    let time = time(event, self.is_json);
                    let wrong = || IonError::new(at, "blockTimestamp is not a timestamp with seconds and offset");
                    head.timestamp = Some(time.ok_or_else(wrong)?);
                }
                (InBlock::Hash, event) => {
                    head.block_hash = hash(event, self.is_json).map_err(|rule| wrong(at, field, rule))?;
                }
                (InBlock::PreviousHash, event) => {
                    let found = hash(event, self.is_json).map_err(|rule| wrong(at, field, rule))?;
                    head.previous_block_hash = Some(found);
                }
                (InBlock::EntriesHash, Event::Scalar(_)) => match hash(&item.event, self.is_json) {
                    Ok(hash) => head.entries_hash = hash,
                    Err(rule) => self.fault(BlockFault::new(Level::Blocks, field, "32 bytes", rule)),
                },
                (InBlock::TransactionId, Event::Scalar(Scalar::String(text))) => {
                    head.transaction_id = Some(self.group.keep(text));
                }
                (InBlock::Entries, Event::Begin(Container::List)) => self.read_entries()?,
                (InBlock::Revisions, Event::Begin(Container::List)) => self.read_revisions()?,
                (InBlock::Address, Event::Begin(Container::Struct)) => {
                    let found = self.read_shaped(&ADDRESS, Place::Block, field, false)?;
                    (head.strand_id, head.sequence_no) = (found.strand_id, found.sequence_no);
                }
                (InBlock::TransactionInfo, Event::Begin(Container::Struct)) => {
                    begin_hash(&mut self.hashing, &item);
                    head.transaction_info = self.read_shaped(&TRANSACTION_INFO, Place::Block, field, true)?.later;
                }
                (InBlock::RedactionInfo, Event::Begin(Container::Struct)) => {
                    begin_hash(&mut self.hashing, &item);
                    head.redaction_info = self.read_shaped(&REDACTION_INFO, Place::Block, field, true)?.later;
                }
                (_, Event::Scalar(Scalar::Null(_))) => self.unlike(field, "null"),
                (_, event) => {
                    let is_begin = matches!(event, Event::Begin(_));
                    // Otherwise it would count as absent, and nothing be said.
                    let found = Unlike::OtherType.as_str();
                    self.fault(BlockFault::new(Level::Blocks, field, "the type that QLDB writes", found));
                    self.skip(is_begin)?;
                }
            }
            if is_repeated {
                self.fault(BlockFault::new(Level::Blocks, field, "one value", "several"));
            }
            if is_annotated {
                self.unlike(field, Unlike::Annotated.as_str());
            }
            self.note_stranger();
        }
    }

    fn skip(&mut self, is_begin: bool) -> Result<(), IonError> {
        if is_begin { self.reader.skip_container() } else { Ok(()) }
    }

    fn fault(&mut self, fault: BlockFault) {
        self.faults.push(fault);
    }

    fn unlike(&mut self, field: &str, found: &str) {
        self.fault(BlockFault::unlike(field, "the form that QLDB writes", found));
    }

    fn unknown_field(&mut self, name: String) {
        self.unknown_fields += 1;
        self.fault(BlockFault::unknown_field(name));
    }

    /// Comments and the like, which no item shows.
    #[inline]
    fn note_stranger(&mut self) {
        if let Some(stranger) = self.reader.take_stranger() {
            self.strange(stranger);
        }
    }

    fn strange(&mut self, stranger: Stranger) {
        self.unlike("block", &stranger.shown(self.base));
    }

    fn read_entries(&mut self) -> Result<(), IonError> {
        let first = self.group.entries.len();
        loop {
            let at = self.reader.offset();
            let Some(item) = self.reader.next_item()? else { return Err(IonError::ended(at, "a list has no end")) };
            let index = self.group.entries.len() - first;
            if index > MOST_PARTS {
                return Err(IonError::new(at, format!("entriesHashList has more than {MOST_PARTS} entries")));
            }
            if matches!(item.event, Event::End) {
                return Ok(());
            }
            let is_annotated = !item.annotations.is_empty();
            let is_null = matches!(item.event, Event::Scalar(Scalar::Null(_)));
            let found = if item.begins() { Err("a value of another type") } else { hash(&item.event, self.is_json) };
            let is_begin = item.begins();
            self.group.entries.push(found.ok().flatten());
            if let Err(rule) = found {
                self.fault(BlockFault::new(Level::Blocks, format!("entriesHashList[{index}]"), "32 bytes", rule));
            }
            if is_annotated || is_null {
                self.unlike(&format!("entriesHashList[{index}]"), if is_null { "null" } else { "an annotation" });
            }
            self.skip(is_begin)?;
        }
    }

    fn read_revisions(&mut self) -> Result<(), IonError> {
        let first = self.group.revisions.len();
        loop {
            let at = self.reader.offset();
            let Some(item) = self.reader.next_item()? else { return Err(IonError::ended(at, "a list has no end")) };
            let index = self.group.revisions.len() - first;
            if index > MOST_PARTS {
                return Err(IonError::new(at, format!("a block has more than {MOST_PARTS} revisions")));
            }
            let is_annotated = !item.annotations.is_empty();
            let event = EventKind::of(&item.event);
            if is_annotated {
                self.unlike(&format!("revisions[{index}]"), Unlike::Annotated.as_str());
            }
            match event {
                EventKind::End => return Ok(()),
                EventKind::Begin(Container::Struct) => self.read_revision(Place::At(index))?,
                other => self.no_revision(index, matches!(other, EventKind::Begin(_)))?,
            }
        }
    }

    fn no_revision(&mut self, index: usize, is_begin: bool) -> Result<(), IonError> {
        let field = format!("revisions[{index}]");
        self.fault(BlockFault::new(Level::Blocks, field, "a revision as QLDB writes it", "is not a struct"));
        self.group.revisions.push(RevisionDraft::default());
        self.skip(is_begin)
    }

    /// Reads the rest of a revision that has begun.
    fn read_revision(&mut self, place: Place) -> Result<(), IonError> {
        let mut revision = RevisionDraft::default();
        let mut met = Met::default();
        loop {
            let at = self.reader.offset();
            let Some(item) = self.reader.next_item()? else { return Err(IonError::ended(at, "a revision has no end")) };
            if matches!(item.event, Event::End) {
                break;
            }
            let name = item.field.flatten();
            let Some(index) = name.and_then(|name| index_of(&REVISION_FIELDS, name, met.count())) else {
                let (name, is_begin) = (name.unwrap_or("$0").to_owned(), item.begins());
                self.unknown_field(place.field(&name));
                self.skip(is_begin)?;
                continue;
            };
            let (field, which) = REVISION_FIELDS[index];
            let is_annotated = !item.annotations.is_empty();
            if met.again(index) {
                let is_begin = item.begins();
                self.fault(BlockFault::new(Level::Blocks, place.whole(), format!("one {field}"), "several"));
                self.skip(is_begin)?;
                continue;
            }
            match (which, &item.event) {
                (InRevision::Data, _) => {
                    // Annotations of a document are its own, and hashed with it.
                    let is_begin = item.begins();
                    let later = match &mut self.hashing {
                        Some(hashing) => hashing.write(&Item { field: None, ..item }),
                        None => None,
                    };
                    self.note_stranger();
                    let later = if is_begin { self.read_document()? } else { later };
                    let data = if self.is_json { Data::Typeless } else { later.map_or(Data::Typeless, Data::Present) };
                    if std::mem::replace(&mut revision.data, data) != Data::Absent {
                        self.fault(beside(place));
                    }
                    continue;
                }
                (InRevision::Hash, event @ Event::Scalar(_)) => match hash(event, self.is_json) {
                    Ok(hash) => revision.hash = hash,
                    Err(rule) => self.fault(BlockFault::new(Level::Blocks, place.field(field), "a hash", rule)),
                },
                (InRevision::DataHash, event @ Event::Scalar(_)) => match hash(event, self.is_json) {
                    Ok(None) => self.unlike(&place.field(field), "an empty hash"),
                    Ok(Some(hash)) => {
                        if std::mem::replace(&mut revision.data, Data::Redacted(hash)) != Data::Absent {
                            self.fault(beside(place));
                        }
                    }
                    Err(rule) => self.fault(BlockFault::new(Level::Blocks, place.field(field), "a hash", rule)),
                },
                (InRevision::Address, Event::Begin(Container::Struct)) => {
                    let found = self.read_shaped(&ADDRESS, place, field, false)?;
                    revision.has_address = true;
                    (revision.strand_id, revision.sequence_no) = (found.strand_id, found.sequence_no);
                }
                (InRevision::Metadata, Event::Begin(Container::Struct)) => {
                    begin_hash(&mut self.hashing, &item);
                    let found = self.read_shaped(&METADATA, place, field, true)?;
                    revision.metadata = found.later;
                    (revision.document_id, revision.version) = (found.document_id, found.version);
                    revision.transaction_id = found.transaction_id;
                }
                (_, Event::Scalar(Scalar::Null(_))) => self.unlike(&place.field(field), "null"),
                (_, event) => {
                    let is_begin = matches!(event, Event::Begin(_));
                    let found = Unlike::OtherType.as_str();
                    let expected = format!("{field} of the type that QLDB writes");
                    self.fault(BlockFault::new(Level::Blocks, place.whole(), expected, found));
                    self.skip(is_begin)?;
                }
            }
            if is_annotated {
                self.unlike(&place.field(field), Unlike::Annotated.as_str());
            }
            self.note_stranger();
        }
        if matches!(place, Place::At(_)) && revision.metadata.is_some() && !revision.has_address {
            self.unlike(&place.field("blockAddress"), "nothing");
        }
        self.group.revisions.push(revision);
        Ok(())
    }

    /// Reads the rest of a document, in which Ion is Ion.
    fn read_document(&mut self) -> Result<Option<Later>, IonError> {
        let later = match &mut self.hashing {
            None => {
                self.reader.skip_container()?;
                None
            }
            Some(hashing) => loop {
                let at = self.reader.offset();
                let Some(item) = self.reader.next_item()? else {
                    return Err(IonError::ended(at, "a value has no end"));
                };
                self.fields += usize::from(item.field.is_some());
                if self.fields > MOST_FIELDS {
                    return Err(too_many_fields(at));
                }
                if let Some(later) = hashing.write(&item) {
                    break Some(later);
                }
            },
        };
        self.reader.take_stranger();
        Ok(later)
    }

    /// Reads the rest of a struct of a known form, hashing it where it is hashed.
    fn read_shaped(
        &mut self,
        shape: &'static Shape,
        place: Place,
        field: &str,
        is_hashed: bool,
    ) -> Result<Gathered, IonError> {
        let mut found = Gathered::default();
        let (documents, statements) = (self.group.documents.len(), self.group.document_statements.len());
        self.walk.enter(shape, self.is_json);
        while !self.walk.has_left() {
            let at = self.reader.offset();
            let Some(item) = self.reader.next_item()? else { return Err(IonError::ended(at, "a struct has no end")) };
            let step = self.walk.step(&item);
            if step.tag != Tag::Plain {
                gather(step.tag, &item, self.group, &mut found);
                let documents = self.group.documents.len() - documents;
                if documents.max(self.group.document_statements.len() - statements) > MOST_PARTS {
                    return Err(IonError::new(at, format!("{field} names more than {MOST_PARTS} documents")));
                }
            }
            self.fields += usize::from(item.field.is_some());
            if self.fields > MOST_FIELDS {
                return Err(too_many_fields(at));
            }
            if let Some(hashing) = self.hashing.as_mut().filter(|_| is_hashed) {
                found.later = write_retyped(hashing, &item, step.retype);
            }
            if let Some(unlike) = step.unlike {
                let name = item.field.flatten().unwrap_or("a member").to_owned();
                self.note_unlike(place, field, &name, unlike);
            }
        }
        Ok(found)
    }

    fn note_unlike(&mut self, place: Place, field: &str, name: &str, unlike: Unlike) {
        let field = format!("{}.{name}", place.field(field));
        match unlike {
            Unlike::Repeated if !matches!(place, Place::Block) => {
                self.fault(BlockFault::new(Level::Blocks, place.whole(), format!("one {name}"), "several"));
            }
            Unlike::Repeated => self.fault(BlockFault::new(Level::Blocks, field, "one value", "several")),
            other => self.unlike(&field, other.as_str()),
        }
    }
}

/// An event without what it holds.
enum EventKind {
    Scalar,
    Begin(Container),
    End,
}

impl EventKind {
    fn of(event: &Event<'_>) -> Self {
        match event {
            Event::Scalar(_) => Self::Scalar,
            Event::Begin(container) => Self::Begin(*container),
            Event::End => Self::End,
        }
    }
}

/// Where a revision stands.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// In the block itself.
    Block,
    /// In its list of revisions.
    At(usize),
    /// By itself.
    Alone,
}

impl Place {
    fn whole(self) -> String {
        match self {
            Self::Block => "block".to_owned(),
            Self::At(index) => format!("revisions[{index}]"),
            Self::Alone => "revision".to_owned(),
        }
    }

    fn field(self, name: &str) -> String {
        match self {
            Self::Block => name.to_owned(),
            Self::At(index) => format!("revisions[{index}].{name}"),
            Self::Alone => format!("revision.{name}"),
        }
    }
}

fn beside(place: Place) -> BlockFault {
    BlockFault::new(Level::Blocks, place.whole(), "data or dataHash", "both")
}

#[cold]
fn too_many_fields(at: usize) -> IonError {
    IonError::new(at, format!("a block has more than {MOST_FIELDS} fields"))
}

fn wrong(at: usize, field: &str, rule: &str) -> IonError {
    IonError::new(at, format!("{field} {rule}"))
}

/// The begin of a value that is hashed by itself: its field's name is not part of it, its annotations are.
fn begin_hash(hashing: &mut Option<&mut Hashing>, item: &Item<'_>) {
    if let Some(hashing) = hashing {
        hashing.write(&Item { field: None, ..item.clone() });
    }
}

/// Hashes an item, one of JSON as what it was in Ion.
fn write_retyped(hashing: &mut Hashing, item: &Item<'_>, retype: Option<Retype>) -> Option<Later> {
    let (Some(retype), Event::Scalar(Scalar::String(text))) = (retype, &item.event) else { return hashing.write(item) };
    let retyped = |scalar| Item { event: Event::Scalar(scalar), ..item.clone() };
    match retype {
        Retype::Time => match Timestamp::parse(text) {
            Some(time) => hashing.write(&retyped(Scalar::Timestamp(&time))),
            None => hashing.write(item),
        },
        Retype::Blob => match STANDARD.decode(text) {
            Ok(bytes) => hashing.write(&retyped(Scalar::Blob(&bytes))),
            Err(_) => hashing.write(item),
        },
    }
}

/// Keeps what a check compares.
#[inline]
fn gather(tag: Tag, item: &Item<'_>, group: &mut Group, found: &mut Gathered) {
    let number = || match item.event {
        Event::Scalar(Scalar::Int(number)) => number.as_u64(),
        _ => None,
    };
    let text = item.text();
    match tag {
        Tag::Plain => {}
        Tag::Statement => group.deletes.push(text.is_some_and(is_delete)),
        Tag::Document => {
            let id = group.keep(item.field.flatten().unwrap_or_default());
            let at = group.document_statements.len();
            let statements = Run { start: at, end: at };
            group.documents.push(DocumentDraft { id, table_name: None, table_id: None, statements });
        }
        Tag::TableName | Tag::TableId => {
            let kept = text.map(|text| group.keep(text));
            if let Some(document) = group.documents.last_mut() {
                *(if tag == Tag::TableName { &mut document.table_name } else { &mut document.table_id }) = kept;
            }
        }
        Tag::DocumentStatement => {
            let index = number().and_then(|index| usize::try_from(index).ok()).unwrap_or(usize::MAX);
            group.document_statements.push(index);
            if let Some(document) = group.documents.last_mut() {
                document.statements.end = group.document_statements.len();
            }
        }
        Tag::StrandId => found.strand_id = text.map(|text| group.keep(text)),
        Tag::SequenceNo => found.sequence_no = number(),
        Tag::DocumentId => found.document_id = text.map(|text| group.keep(text)),
        Tag::Version => found.version = number(),
        Tag::TransactionId => found.transaction_id = text.map(|text| group.keep(text)),
    }
}

/// Whether a statement of PartiQL deletes documents.
fn is_delete(statement: &str) -> bool {
    const WORD: &str = "DELETE";
    let text = statement.trim_start();
    let word = text.get(..WORD.len()).is_some_and(|word| word.eq_ignore_ascii_case(WORD));
    word && text.get(WORD.len()..).is_some_and(|rest| rest.starts_with(char::is_whitespace))
}

/// A time of the block itself; in JSON a string.
#[inline]
fn time(event: &Event<'_>, is_json: bool) -> Option<DateTime<Utc>> {
    match event {
        Event::Scalar(Scalar::Timestamp(time)) if !is_json => time.to_utc(),
        Event::Scalar(Scalar::String(text)) if is_json => Timestamp::parse(text)?.to_utc(),
        _ => None,
    }
}

/// A hash as a blob, or as base64 in JSON. An empty or null one is none.
#[inline]
fn hash(event: &Event<'_>, is_json: bool) -> Result<Option<Hash>, &'static str> {
    const RULE: &str = "is not a hash of 32 bytes";
    match event {
        Event::Scalar(Scalar::Null(_) | Scalar::Blob(b"")) => Ok(None),
        Event::Scalar(Scalar::Blob(bytes)) if !is_json => Hash::from_slice(bytes).map(Some).ok_or(RULE),
        Event::Scalar(Scalar::String("")) if is_json => Ok(None),
        Event::Scalar(Scalar::String(text)) if is_json => Hash::from_base64(text).map(Some).ok_or(RULE),
        _ => Err(RULE),
    }
}
