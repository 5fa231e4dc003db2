//! The revisions of a block, their fields, and the documents in them.

use super::{BlockParts, MOST_PARTS, Met, Part, RevisionPlace};
use crate::check::BlockFault;
use crate::check::draft::{Data, RevisionDraft};
use crate::check::field::Field;
use crate::check::gather::hash;
use crate::check::shape::{ADDRESS, METADATA};
use crate::ion::{Container, Event, IonError, Item, Later, NamedValue, Scalar};

/// The fields of a revision, in the order in which QLDB writes them.
pub(super) const REVISION_FIELDS: [Field; 5] =
    [Field::BlockAddress, Field::Hash, Field::Data, Field::DataHash, Field::Metadata];

impl BlockParts<'_> {
    #[inline(never)]
    pub(super) fn in_revisions(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError> {
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
            (self.part, self.place) = (Part::Revision, RevisionPlace::At(index));
            (self.revision, self.met_in_revision) = (RevisionDraft::default(), Met::default());
        } else {
            self.fault(format!("revisions[{index}]"), "a revision as QLDB writes it", "is not a struct");
            self.group.revisions.push(RevisionDraft::default());
            self.skip(item.begins());
        }
        Ok(())
    }

    #[inline(never)]
    pub(super) fn in_revision(&mut self, item: &Item<'_>) {
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

    pub(super) fn end_revision(&mut self) {
        let revision = std::mem::take(&mut self.revision);
        if matches!(self.place, RevisionPlace::At(_)) && revision.metadata.is_some() && !revision.has_address {
            self.of_form(&self.place.field("blockAddress"), "nothing");
        }
        self.group.revisions.push(revision);
        (self.part, self.place) = (Part::Revisions, RevisionPlace::Block);
    }

    /// Begins a document, whose annotations are its own and are hashed with it.
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
    pub(super) fn in_document(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError> {
        self.count_fields(at, usize::from(item.field.is_some()))?;
        let later = self.hashing.as_mut().and_then(|hashing| hashing.write(item));
        self.end_document(later);
        Ok(())
    }

    #[inline(always)]
    #[expect(clippy::inline_always, reason = "hashing is inlined for each kind of value")]
    pub(super) fn field_in_document(&mut self, at: usize, field: &NamedValue<'_>) -> Result<(), IonError> {
        self.count_fields(at, 1)?;
        if let Some(hashing) = &mut self.hashing {
            let later = hashing.write_named(field.name(), field.value());
            self.end_document(later);
        }
        Ok(())
    }

    /// Ends the document, if its hash is promised.
    #[inline]
    fn end_document(&mut self, later: Option<Later>) {
        if later.is_some() {
            self.part = Part::Revision;
            self.end_data(later);
        }
    }

    fn end_data(&mut self, later: Option<Later>) {
        self.set_data(later.filter(|_| !self.is_json).map_or(Data::Typeless, Data::Present));
    }

    fn set_data(&mut self, data: Data) {
        if std::mem::replace(&mut self.revision.data, data) != Data::Absent {
            self.fault(self.place.whole(), "data or dataHash", "both");
        }
    }
}
