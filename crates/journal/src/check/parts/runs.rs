//! Takes the parts of a block that are adjacent in each block that QLDB writes, without an item for
//! each: the head of a block, the head of a revision, its metadata, and structs of a known form within
//! `transactionInfo`. Whatever is taken here would have been taken item by item with the same result
//! and without a fault, which a test compares; whatever differs is not a run, and is taken item by item.

use std::sync::LazyLock;

use super::block::BLOCK_FIELDS;
use super::revision::REVISION_FIELDS;
use super::{BlockParts, MOST_FIELDS, MOST_PARTS, Met, Part, RevisionPlace};
use crate::check::draft::RevisionDraft;
use crate::check::field::{FIELDS, Field};
use crate::check::gather::gather_value;
use crate::check::shape::{ADDRESS_FIELDS, METADATA, METADATA_FIELDS, Tag, document_run, rest_of, statement_run};
use crate::ion::{Container, Event, FieldName, Found, Item, Kind, LONGEST_RUN, Run, RunStep};

/// A block from after its beginning to its list of entries.
static HEAD: LazyLock<Option<Run>> = LazyLock::new(|| {
    run(&[
        begin(Field::BlockAddress, Container::Struct),
        rest_of(ADDRESS_FIELDS)?,
        value(Field::TransactionId, Kind::Text),
        value(Field::BlockTimestamp, Kind::Time),
        value(Field::BlockHash, Kind::Hash),
        value(Field::EntriesHash, Kind::Hash),
        value(Field::PreviousBlockHash, Kind::Hash),
        begin(Field::EntriesHashList, Container::List),
    ])
});

/// A revision from its beginning to its hash.
static REVISION: LazyLock<Option<Run>> = LazyLock::new(|| {
    run(&[
        vec![RunStep::Begin(None, Container::Struct)],
        begin(Field::BlockAddress, Container::Struct),
        rest_of(ADDRESS_FIELDS)?,
        value(Field::Hash, Kind::Hash),
    ])
});

/// A revision's metadata, and the end of the revision.
static REVISION_END: LazyLock<Option<Run>> = LazyLock::new(|| {
    run(&[begin(Field::Metadata, Container::Struct), rest_of(METADATA_FIELDS)?, vec![RunStep::End(Container::Struct)]])
});

/// One of the entries.
static ENTRY: LazyLock<Option<Run>> = LazyLock::new(|| run(&[vec![RunStep::Value(None, Kind::Hash)]]));

/// The runs of a block as QLDB writes it, for code that takes the items of a checked block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockRun {
    /// A block from after its beginning to the beginning of its list of entries. Texts: strand and transaction.
    /// Hashes: of the block, of its entries and of the previous block.
    Head,
    /// One of the entries.
    Entry,
    /// A statement in `transactionInfo`.
    Statement,
    /// A document there, from after its beginning to its end. Texts: name and id of its table.
    Document,
    /// A revision from its beginning to its hash. Text: the strand.
    Revision,
    /// A revision's metadata and the end of the revision. Texts: document and transaction.
    RevisionEnd,
}

impl BlockRun {
    /// The run.
    #[inline]
    pub fn run(self) -> Option<&'static Run> {
        match self {
            Self::Head => HEAD.as_ref(),
            Self::Entry => ENTRY.as_ref(),
            Self::Statement => statement_run(),
            Self::Document => document_run(),
            Self::Revision => REVISION.as_ref(),
            Self::RevisionEnd => REVISION_END.as_ref(),
        }
    }
}

type Steps = Vec<RunStep<&'static str>>;

fn run(parts: &[Steps]) -> Option<Run> {
    Run::new(FIELDS, &parts.concat())
}

fn begin(field: Field, container: Container) -> Steps {
    vec![RunStep::Begin(Some(field.name()), container)]
}

fn value(field: Field, kind: Kind) -> Steps {
    vec![RunStep::Value(Some(field.name()), kind)]
}

impl BlockParts<'_> {
    /// What is expected next. Nothing, where one more might be too many.
    #[inline]
    pub(super) fn expected_run(&self) -> Option<&'static Run> {
        if self.part == Part::Document { None } else { self.expected_in_form() }
    }

    fn expected_in_form(&self) -> Option<&'static Run> {
        match self.part {
            Part::Shaped { .. } if self.has_room() => self.walk.expected(),
            Part::Block if self.met.is_none() && !self.is_json => HEAD.as_ref(),
            Part::Revisions if self.has_room() => REVISION.as_ref(),
            Part::Revision if self.expects_metadata() && self.has_room() => REVISION_END.as_ref(),
            _ => None,
        }
    }

    fn has_room(&self) -> bool {
        let statements = self.group.document_statements.len() - self.document_statements;
        let revisions = self.group.revisions.len() - self.revisions;
        let parts = statements.max(revisions);
        !self.is_json && self.fields + LONGEST_RUN <= MOST_FIELDS && parts + LONGEST_RUN <= MOST_PARTS
    }

    fn expects_metadata(&self) -> bool {
        self.met_in_revision.has(Field::Data) && !self.met_in_revision.has(Field::Metadata)
    }

    /// Takes what was expected.
    #[inline]
    pub(super) fn in_run(&mut self, found: &Found<'_>) {
        self.last = self.part;
        match self.part {
            Part::Shaped { field, is_hashed } => {
                let tags = self.walk.step_over();
                self.take_steps(found.steps(), tags, is_hashed, found);
                if self.walk.has_left() {
                    self.end_shaped(field);
                }
            }
            Part::Block => self.take_head(found),
            Part::Revisions => self.begin_revision(found),
            _ => self.take_metadata(found),
        }
    }

    fn take_head(&mut self, found: &Found<'_>) {
        self.note_stranger();
        self.met = Met::of(BLOCK_FIELDS.iter().take_while(|field| **field != Field::TransactionInfo));
        self.fields += ADDRESS_FIELDS.len();
        let head = &mut self.head;
        head.strand_id = Some(self.group.keep(found.text(0)));
        head.sequence_no = found.int().as_u64();
        head.transaction_id = Some(self.group.keep(found.text(1)));
        head.timestamp = found.time().to_utc();
        head.block_hash = found.hash(0);
        head.entries_hash = found.hash(1);
        head.previous_block_hash = Some(found.hash(2));
        self.part = Part::Entries;
    }

    fn begin_revision(&mut self, found: &Found<'_>) {
        self.note_stranger();
        self.fields += ADDRESS_FIELDS.len();
        self.met_in_revision = Met::of(REVISION_FIELDS.iter().take_while(|field| **field != Field::Data));
        self.revision = RevisionDraft {
            has_address: true,
            strand_id: Some(self.group.keep_again(found.text(0), self.head.strand_id)),
            sequence_no: found.int().as_u64(),
            hash: found.hash(0),
            ..RevisionDraft::default()
        };
        self.place = RevisionPlace::At(self.group.revisions.len() - self.revisions);
        self.part = Part::Revision;
    }

    fn take_metadata(&mut self, found: &Found<'_>) {
        self.note_stranger();
        self.enter(&METADATA, Field::Metadata, Some(&Item::bare(Event::Begin(Container::Struct))));
        let tags = self.walk.step_over();
        // All but its beginning, which was just taken, and the end of the revision.
        let steps = found.steps().get(1..found.steps().len() - 1).unwrap_or_default();
        self.take_steps(steps, tags, true, found);
        self.end_shaped(Field::Metadata);
        self.end_revision();
    }

    /// Takes the steps of a struct of a known form: none names a document or a statement of one, of which there may be
    /// too many.
    #[inline]
    fn take_steps(&mut self, steps: &[RunStep<FieldName>], tags: &[Tag], is_hashed: bool, found: &Found<'_>) {
        let (mut values, mut tags) = (found.values(), tags.iter());
        for step in steps {
            self.fields += usize::from(step.name().is_some());
            let hashing = self.hashing.as_mut().filter(|_| is_hashed);
            let RunStep::Value(name, kind) = step else {
                if let Some(hashing) = hashing {
                    self.found.later = hashing.write(&values.item(step));
                }
                continue;
            };
            let value = values.next(*kind);
            let tag = tags.next().copied().unwrap_or(Tag::Plain);
            if tag != Tag::Plain {
                gather_value(tag, Some(value.scalar()), self.group, &mut self.found);
            }
            match (hashing, name) {
                (Some(hashing), Some(name)) => hashing.write_recurring(name, &value),
                (Some(hashing), None) => drop(hashing.write(&value.item(None))),
                (None, _) => {}
            }
        }
    }
}
