//! Takes the items of a block, or of a revision by itself, from behind its
//! begin to its end: each goes to the part of the block in which it stands.

use chrono::{DateTime, Utc};

use super::draft::{Data, Group, RevisionDraft, Slice};
use super::fault::Faults;
use super::field::Field;
use super::gather::{Gathered, gather, hash, time, write_retyped};
use super::read::Reading;
use super::shape::{ADDRESS, METADATA, REDACTION_INFO, Shape, TRANSACTION_INFO, Tag, Unlike, Walk};
use super::{BlockFault, Level};
use crate::Hash;
use crate::ion::{Container, Event, Hashing, IonError, Item, Later, Scalar, Stranger, TakeItems};

/// The fields of a block, in the order in which QLDB writes them.
const BLOCK_FIELDS: [Field; 10] = [
    Field::BlockAddress,
    Field::TransactionId,
    Field::BlockTimestamp,
    Field::BlockHash,
    Field::EntriesHash,
    Field::PreviousBlockHash,
    Field::EntriesHashList,
    Field::TransactionInfo,
    Field::RedactionInfo,
    Field::Revisions,
];

/// The fields of a revision, likewise.
const REVISION_FIELDS: [Field; 5] = [Field::BlockAddress, Field::Hash, Field::Data, Field::DataHash, Field::Metadata];

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
    fn again(&mut self, field: Field) -> bool {
        let met = self.0 & 1 << field as u32 != 0;
        self.0 |= 1 << field as u32;
        met
    }
}

/// What stands at the head of a block, as far as it was met.
#[derive(Default)]
pub(super) struct Head {
    pub(super) strand_id: Option<Slice>,
    pub(super) sequence_no: Option<u64>,
    pub(super) timestamp: Option<DateTime<Utc>>,
    pub(super) block_hash: Option<Hash>,
    pub(super) previous_block_hash: Option<Option<Hash>>,
    pub(super) entries_hash: Option<Hash>,
    pub(super) transaction_id: Option<Slice>,
    pub(super) transaction_info: Option<Later>,
    pub(super) redaction_info: Option<Later>,
}

/// Where a revision stands.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
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

/// The part in which the next item stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Block,
    Entries,
    Revisions,
    Revision,
    /// A document, in which Ion is Ion.
    Document,
    /// A struct of a known form, in this field.
    Shaped {
        field: Field,
        is_hashed: bool,
    },
    /// What nobody wants to know.
    Skipped,
}

/// Takes the items of a block.
pub(super) struct BlockParts<'g> {
    pub(super) group: &'g mut Group,
    hashing: Option<&'g mut Hashing>,
    walk: &'g mut Walk,
    is_json: bool,
    base: u64,
    pub(super) faults: Faults,
    pub(super) unknown_fields: u64,
    pub(super) head: Head,
    part: Part,
    /// The part in which the last item stood.
    last: Part,
    /// How many containers are open in a part that is skipped, or among the entries.
    inside: usize,
    /// What goes on after a part that is skipped.
    after: Part,
    met: Met,
    place: Place,
    revision: RevisionDraft,
    met_in_revision: Met,
    found: Gathered,
    /// How many revisions, entries, documents and statements of documents there were before.
    revisions: usize,
    entries: usize,
    documents: usize,
    document_statements: usize,
    /// How many fields were hashed.
    fields: usize,
    /// The first thing that QLDB does not write since the last was noted.
    stranger: Option<Stranger>,
}

impl<'g> BlockParts<'g> {
    pub(super) fn new(reading: Reading<'g>, place: Place) -> Self {
        let Reading { group, hashing, walk, is_json, base } = reading;
        let part = if matches!(place, Place::Block) { Part::Block } else { Part::Revision };
        Self {
            hashing,
            walk,
            is_json,
            base,
            faults: Faults::default(),
            unknown_fields: 0,
            head: Head::default(),
            part,
            last: part,
            inside: 0,
            after: part,
            met: Met::default(),
            place,
            revision: RevisionDraft::default(),
            met_in_revision: Met::default(),
            found: Gathered::default(),
            revisions: group.revisions.len(),
            entries: group.entries.len(),
            documents: group.documents.len(),
            document_statements: group.document_statements.len(),
            fields: 0,
            stranger: None,
            group,
        }
    }

    /// Comments and the like, which no item shows.
    #[inline]
    pub(super) fn note_stranger(&mut self) {
        if let Some(stranger) = self.stranger.take() {
            self.faults.push(BlockFault::of_form("block", &stranger.shown(self.base)));
        }
    }

    fn of_form(&mut self, field: &str, found: &str) {
        self.faults.push(BlockFault::of_form(field, found));
    }

    fn fault(&mut self, field: impl AsRef<str>, expected: impl AsRef<str>, found: &str) {
        self.faults.push(BlockFault::new(Level::Blocks, field, expected, found));
    }

    /// Passes over a value that has begun, or is whole already.
    fn skip(&mut self, is_begin: bool) {
        if is_begin {
            self.after = self.part;
            self.part = Part::Skipped;
            self.inside = 1;
        }
    }

    fn unknown_field(&mut self, item: &Item<'_>) {
        let name = item.field.flatten().unwrap_or("$0");
        let name = if self.part == Part::Revision { self.place.field(name) } else { name.to_owned() };
        self.unknown_fields += 1;
        self.faults.push(BlockFault::unknown_field(name));
        self.skip(item.begins());
    }

    /// What a field has that QLDB gives another type.
    fn other_type(&mut self, field: impl AsRef<str>, expected: impl AsRef<str>, item: &Item<'_>) {
        // Otherwise it would count as absent, and nothing be said.
        self.fault(field, expected, Unlike::OtherType.as_str());
        self.skip(item.begins());
    }

    #[inline(never)]
    fn in_block(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError> {
        self.note_stranger();
        if matches!(item.event, Event::End) {
            return Ok(());
        }
        let Some(field) = Field::of(item).filter(|field| BLOCK_FIELDS.contains(field)) else {
            self.unknown_field(item);
            return Ok(());
        };
        let name = field.name();
        if self.met.again(field) {
            self.fault(name, "one value", "several");
            // Of a part that stands twice the first is read, of a word the last.
            if item.begins() {
                self.skip(true);
                return Ok(());
            }
        }
        if !item.annotations.is_empty() {
            self.faults.push(BlockFault::annotated(name));
        }
        let is_json = self.is_json;
        let wrong = |rule: &str| IonError::new(at, format!("{name} {rule}"));
        match (field, &item.event) {
            (Field::BlockTimestamp, event) => {
                let time = time(event, is_json).ok_or_else(|| wrong("is not a timestamp with seconds and offset"))?;
                self.head.timestamp = Some(time);
            }
            (Field::BlockHash, event) => self.head.block_hash = hash(event, is_json).map_err(wrong)?,
            (Field::PreviousBlockHash, event) => {
                self.head.previous_block_hash = Some(hash(event, is_json).map_err(wrong)?);
            }
            (Field::EntriesHash, event @ Event::Scalar(_)) => match hash(event, is_json) {
                Ok(hash) => self.head.entries_hash = hash,
                Err(rule) => self.fault(name, "32 bytes", rule),
            },
            (Field::TransactionId, Event::Scalar(Scalar::String(text))) => {
                self.head.transaction_id = Some(self.group.keep(text));
            }
            (Field::EntriesHashList, Event::Begin(Container::List)) => self.part = Part::Entries,
            (Field::Revisions, Event::Begin(Container::List)) => self.part = Part::Revisions,
            (Field::BlockAddress, Event::Begin(Container::Struct)) => self.enter(&ADDRESS, field, None),
            (Field::TransactionInfo, Event::Begin(Container::Struct)) => {
                self.enter(&TRANSACTION_INFO, field, Some(item));
            }
            (Field::RedactionInfo, Event::Begin(Container::Struct)) => self.enter(&REDACTION_INFO, field, Some(item)),
            (_, Event::Scalar(Scalar::Null(_))) => self.of_form(name, "null"),
            _ => self.other_type(name, "the type that QLDB writes", item),
        }
        Ok(())
    }

    #[inline]
    fn in_entries(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError> {
        match item.event {
            Event::End if self.inside == 0 => self.part = Part::Block,
            Event::End => self.inside -= 1,
            _ if self.inside > 0 => self.inside += usize::from(item.begins()),
            _ => {
                let index = self.group.entries.len() - self.entries;
                if index > MOST_PARTS {
                    let reason = format!("entriesHashList has more than {MOST_PARTS} entries");
                    return Err(IonError::new(at, reason));
                }
                self.entry(index, item);
            }
        }
        Ok(())
    }

    #[inline]
    fn entry(&mut self, index: usize, item: &Item<'_>) {
        let is_null = matches!(item.event, Event::Scalar(Scalar::Null(_)));
        let found = if item.begins() { Err("a value of another type") } else { hash(&item.event, self.is_json) };
        self.group.entries.push(found.ok().flatten());
        self.inside += usize::from(item.begins());
        if let Err(rule) = found {
            self.fault(format!("entriesHashList[{index}]"), "32 bytes", rule);
        }
        if !item.annotations.is_empty() || is_null {
            self.of_form(
                &format!("entriesHashList[{index}]"),
                if is_null { "null" } else { Unlike::Annotated.as_str() },
            );
        }
    }

    #[inline(never)]
    fn in_revisions(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError> {
        self.note_stranger();
        if matches!(item.event, Event::End) {
            self.part = Part::Block;
            return Ok(());
        }
        let index = self.group.revisions.len() - self.revisions;
        if index > MOST_PARTS {
            return Err(IonError::new(at, format!("a block has more than {MOST_PARTS} revisions")));
        }
        if !item.annotations.is_empty() {
            self.faults.push(BlockFault::annotated(&format!("revisions[{index}]")));
        }
        if matches!(item.event, Event::Begin(Container::Struct)) {
            (self.part, self.place) = (Part::Revision, Place::At(index));
            (self.revision, self.met_in_revision) = (RevisionDraft::default(), Met::default());
        } else {
            self.fault(format!("revisions[{index}]"), "a revision as QLDB writes it", "is not a struct");
            self.group.revisions.push(RevisionDraft::default());
            self.skip(item.begins());
        }
        Ok(())
    }

    #[inline(never)]
    fn in_revision(&mut self, item: &Item<'_>) {
        self.note_stranger();
        if matches!(item.event, Event::End) {
            self.end_revision();
            return;
        }
        let Some(field) = Field::of(item).filter(|field| REVISION_FIELDS.contains(field)) else {
            self.unknown_field(item);
            return;
        };
        let (place, name) = (self.place, field.name());
        if self.met_in_revision.again(field) {
            self.fault(place.whole(), format!("one {name}"), "several");
            self.skip(item.begins());
            return;
        }
        if field == Field::Data {
            self.begin_data(item);
            return;
        }
        if !item.annotations.is_empty() {
            self.faults.push(BlockFault::annotated(&place.field(name)));
        }
        match (field, &item.event) {
            (Field::Hash, event @ Event::Scalar(_)) => match hash(event, self.is_json) {
                Ok(hash) => self.revision.hash = hash,
                Err(rule) => self.fault(place.field(name), "a hash", rule),
            },
            (Field::DataHash, event @ Event::Scalar(_)) => match hash(event, self.is_json) {
                Ok(None) => self.of_form(&place.field(name), "an empty hash"),
                Ok(Some(hash)) => self.set_data(Data::Redacted(hash)),
                Err(rule) => self.fault(place.field(name), "a hash", rule),
            },
            (Field::BlockAddress, Event::Begin(Container::Struct)) => self.enter(&ADDRESS, field, None),
            (Field::Metadata, Event::Begin(Container::Struct)) => self.enter(&METADATA, field, Some(item)),
            (_, Event::Scalar(Scalar::Null(_))) => self.of_form(&place.field(name), "null"),
            _ => self.other_type(place.whole(), format!("{name} of the type that QLDB writes"), item),
        }
    }

    fn end_revision(&mut self) {
        let revision = std::mem::take(&mut self.revision);
        if matches!(self.place, Place::At(_)) && revision.metadata.is_some() && !revision.has_address {
            self.of_form(&self.place.field("blockAddress"), "nothing");
        }
        self.group.revisions.push(revision);
        (self.part, self.place) = (Part::Revisions, Place::Block);
    }

    /// Begins a document, whose annotations are its own and hashed with it.
    #[inline(never)]
    fn begin_data(&mut self, item: &Item<'_>) {
        let later = self.hashing.as_mut().and_then(|hashing| hashing.write(&item.clone().with_field(None)));
        match (&self.hashing, item.begins()) {
            (Some(_), true) => self.part = Part::Document,
            (None, true) => {
                self.set_data(Data::Typeless);
                self.skip(true);
            }
            (_, false) => self.end_data(later),
        }
    }

    #[inline]
    fn in_document(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError> {
        self.count_field(at, item)?;
        if let Some(later) = self.hashing.as_mut().and_then(|hashing| hashing.write(item)) {
            self.part = Part::Revision;
            self.end_data(Some(later));
        }
        Ok(())
    }

    fn end_data(&mut self, later: Option<Later>) {
        self.set_data(later.filter(|_| !self.is_json).map_or(Data::Typeless, Data::Present));
    }

    fn set_data(&mut self, data: Data) {
        if std::mem::replace(&mut self.revision.data, data) != Data::Absent {
            self.fault(self.place.whole(), "data or dataHash", "both");
        }
    }

    /// Begins a struct of a known form, which is hashed if its begin is given.
    #[inline(never)]
    fn enter(&mut self, shape: &'static Shape, field: Field, hashed: Option<&Item<'_>>) {
        // The field's name is not part of what is hashed, its annotations are.
        if let (Some(item), Some(hashing)) = (hashed, &mut self.hashing) {
            hashing.write(&item.clone().with_field(None));
        }
        self.walk.enter(shape, self.is_json);
        self.found = Gathered::default();
        self.part = Part::Shaped { field, is_hashed: hashed.is_some() };
    }

    #[inline]
    fn in_shaped(&mut self, field: Field, is_hashed: bool, at: usize, item: &Item<'_>) -> Result<(), IonError> {
        let step = self.walk.step(item);
        if step.tag != Tag::Plain {
            gather(step.tag, item, self.group, &mut self.found);
            let documents = self.group.documents.len() - self.documents;
            if documents.max(self.group.document_statements.len() - self.document_statements) > MOST_PARTS {
                let reason = format!("{} names more than {MOST_PARTS} documents", field.name());
                return Err(IonError::new(at, reason));
            }
        }
        self.count_field(at, item)?;
        if let Some(hashing) = self.hashing.as_mut().filter(|_| is_hashed) {
            self.found.later = write_retyped(hashing, item, step.retype);
        }
        if let Some(unlike) = step.unlike {
            self.note_unlike(field, item.field.flatten().unwrap_or("a member"), unlike);
        }
        if self.walk.has_left() {
            self.end_shaped(field);
        }
        Ok(())
    }

    #[inline(never)]
    fn end_shaped(&mut self, field: Field) {
        let found = std::mem::take(&mut self.found);
        let is_of_block = matches!(self.place, Place::Block);
        self.part = if is_of_block { Part::Block } else { Part::Revision };
        match field {
            Field::TransactionInfo => self.head.transaction_info = found.later,
            Field::RedactionInfo => self.head.redaction_info = found.later,
            Field::BlockAddress if is_of_block => {
                (self.head.strand_id, self.head.sequence_no) = (found.strand_id, found.sequence_no);
            }
            Field::BlockAddress => {
                self.revision.has_address = true;
                (self.revision.strand_id, self.revision.sequence_no) = (found.strand_id, found.sequence_no);
            }
            _ => {
                self.revision.metadata = found.later;
                (self.revision.document_id, self.revision.version) = (found.document_id, found.version);
                self.revision.transaction_id = found.transaction_id;
            }
        }
    }

    #[cold]
    fn note_unlike(&mut self, field: Field, name: &str, unlike: Unlike) {
        let path = format!("{}.{name}", self.place.field(field.name()));
        match unlike {
            Unlike::Repeated if !matches!(self.place, Place::Block) => {
                self.fault(self.place.whole(), format!("one {name}"), "several");
            }
            Unlike::Repeated => self.fault(path, "one value", "several"),
            other => self.of_form(&path, other.as_str()),
        }
    }

    #[inline(never)]
    fn in_skipped(&mut self, item: &Item<'_>) {
        match item.event {
            Event::Begin(_) => self.inside += 1,
            Event::End => self.inside -= 1,
            Event::Scalar(_) => {}
        }
        if self.inside == 0 {
            self.part = self.after;
        }
    }

    /// Counts the fields of what is hashed.
    #[inline]
    fn count_field(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError> {
        self.fields += usize::from(item.field.is_some());
        if self.fields > MOST_FIELDS {
            return Err(IonError::new(at, format!("a block has more than {MOST_FIELDS} fields")));
        }
        Ok(())
    }
}

impl TakeItems for BlockParts<'_> {
    #[inline]
    fn take(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError> {
        self.last = self.part;
        match self.part {
            Part::Document => return self.in_document(at, item),
            Part::Shaped { field, is_hashed } => return self.in_shaped(field, is_hashed, at, item),
            Part::Entries => return self.in_entries(at, item),
            Part::Block => return self.in_block(at, item),
            Part::Revisions => return self.in_revisions(at, item),
            Part::Revision => self.in_revision(item),
            Part::Skipped => self.in_skipped(item),
        }
        Ok(())
    }

    fn take_stranger(&mut self, stranger: Stranger) {
        // In a document, Ion is Ion.
        if self.last != Part::Document {
            self.stranger.get_or_insert(stranger);
        }
    }
}
