//! Takes the items of a block, or of a single revision, from after its beginning to its end: each
//! item goes to the part of the block that contains it.

mod block;
mod revision;
mod runs;
mod shaped;

pub use runs::BlockRun;

use chrono::{DateTime, Utc};

use super::draft::{Group, RevisionDraft, Slice};
use super::fault::Faults;
use super::field::Field;
use super::gather::Gathered;
use super::shape::{Unlike, Walk};
use super::{BlockFault, FaultLevel};
use crate::Hash;
use crate::ion::{Event, Found, Hashing, IonError, Item, Later, NamedValue, Run, Stranger, TakeItems};

/// The maximum number of revisions or entries of a block: QLDB's largest transaction changes 40 documents.
const MOST_PARTS: usize = 100_000;

/// The maximum number of fields in a block's hashed values: the hash of each is kept until the value ends. QLDB's
/// largest transaction has 4 MB as Ion binary, and a field takes at least two bytes.
const MOST_FIELDS: usize = 2 << 20;

/// Which fields of a struct have occurred. If a field occurred twice, one of its values would be checked, and another
/// program might read the other.
#[derive(Default)]
struct Met(u32);

impl Met {
    fn of<'f>(fields: impl Iterator<Item = &'f Field>) -> Self {
        Self(fields.fold(0, |met, field| met | 1 << *field as u32))
    }

    fn is_none(&self) -> bool {
        self.0 == 0
    }

    fn has(&self, field: Field) -> bool {
        self.0 & 1 << field as u32 != 0
    }

    fn again(&mut self, field: Field) -> bool {
        let met = self.has(field);
        self.0 |= 1 << field as u32;
        met
    }
}

/// What the head of a block states, as far as it was read.
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
    pub(super) redactions: u64,
}

/// Where a revision is.
#[derive(Debug, Clone, Copy)]
pub(super) enum RevisionPlace {
    /// In the block itself.
    Block,
    /// In its list of revisions.
    At(usize),
    /// By itself.
    Alone,
}

impl RevisionPlace {
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

/// The part that contains the next item.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Block,
    Entries,
    Revisions,
    Revision,
    /// A document, which may contain any Ion.
    Document,
    /// A struct of a known form, in this field.
    Shaped {
        field: Field,
        is_hashed: bool,
    },
    /// Something that is not needed.
    Skipped,
}

/// What blocks are read into.
pub(super) struct Reading<'g> {
    pub(super) group: &'g mut Group,
    /// `None` if only the heads of blocks are needed.
    pub(super) hashing: Option<&'g mut Hashing>,
    pub(super) walk: &'g mut Walk,
    pub(super) is_json: bool,
    /// The offset of the input in the object.
    pub(super) base: u64,
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
    /// The part that contained the last item.
    last: Part,
    /// The number of open containers in a part that is skipped, or among the entries.
    inside: usize,
    /// The part that follows a part that is skipped.
    after: Part,
    met: Met,
    place: RevisionPlace,
    revision: RevisionDraft,
    met_in_revision: Met,
    found: Gathered,
    /// How many revisions, entries, documents and statements of documents there were before.
    revisions: usize,
    entries: usize,
    documents: usize,
    document_statements: usize,
    /// The number of fields that were hashed.
    fields: usize,
    /// The first thing that QLDB does not write, since the last one was noted.
    stranger: Option<Stranger>,
}

impl<'g> BlockParts<'g> {
    pub(super) fn new(reading: Reading<'g>, place: RevisionPlace) -> Self {
        let Reading { group, hashing, walk, is_json, base } = reading;
        let part = if matches!(place, RevisionPlace::Block) { Part::Block } else { Part::Revision };
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

    /// Notes comments and the like, which no item shows.
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
        self.faults.push(BlockFault::new(FaultLevel::Blocks, field, expected, found));
    }

    /// Skips a value that has begun, or is already complete.
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

    /// Notes that a field has a value of another type than QLDB gives it.
    fn other_type(&mut self, field: impl AsRef<str>, expected: impl AsRef<str>, item: &Item<'_>) {
        // Otherwise it would count as absent, and nothing would be reported.
        self.fault(field, expected, Unlike::OtherType.as_str());
        self.skip(item.begins());
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
    fn count_fields(&mut self, at: usize, count: usize) -> Result<(), IonError> {
        self.fields += count;
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

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "hashing is inlined for each kind of value")]
    fn take_field(&mut self, at: usize, field: &NamedValue<'_>) -> Result<(), IonError> {
        if self.part == Part::Document {
            self.last = Part::Document;
            return self.field_in_document(at, field);
        }
        self.take(at, &field.item())
    }

    #[inline]
    fn expected(&self) -> Option<&'static Run> {
        self.expected_run()
    }

    fn take_run(&mut self, found: &Found<'_>) {
        self.in_run(found);
    }

    fn take_stranger(&mut self, stranger: Stranger) {
        // A document may contain any Ion, as long as all readers agree on its meaning.
        if self.last != Part::Document || stranger.what.is_ambiguous() {
            self.stranger.get_or_insert(stranger);
        }
    }
}
