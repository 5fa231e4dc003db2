//! Structs of a known form: each field is followed in its form, and what a
//! check compares is kept.

use super::{BlockParts, MOST_PARTS, Part, RevisionPlace};
use crate::check::field::Field;
use crate::check::gather::{Gathered, OfBlock, gather, write_retyped};
use crate::check::shape::{Shape, Tag, Unlike};
use crate::ion::{IonError, Item};

impl BlockParts<'_> {
    /// Begins a struct of a known form, which is hashed if its beginning is given.
    #[inline(never)]
    pub(super) fn enter(&mut self, shape: &'static Shape, field: Field, hashed: Option<&Item<'_>>) {
        // The field's name is not part of what is hashed, but its annotations are.
        if let (Some(item), Some(hashing)) = (hashed, &mut self.hashing) {
            hashing.write(&item.clone().with_field(None));
        }
        self.walk.enter(shape, self.is_json);
        let of_block = OfBlock { strand_id: self.head.strand_id, transaction_id: self.head.transaction_id };
        self.found = Gathered { of_block, ..Gathered::default() };
        self.part = Part::Shaped { field, is_hashed: hashed.is_some() };
    }

    #[inline]
    pub(super) fn in_shaped(
        &mut self,
        field: Field,
        is_hashed: bool,
        at: usize,
        item: &Item<'_>,
    ) -> Result<(), IonError> {
        let step = self.walk.step(item);
        if step.tag != Tag::Plain {
            gather(step.tag, item, self.group, &mut self.found);
            let documents = self.group.documents.len() - self.documents;
            if documents.max(self.group.document_statements.len() - self.document_statements) > MOST_PARTS {
                let reason = format!("{} names more than {MOST_PARTS} documents", field.name());
                return Err(IonError::new(at, reason));
            }
        }
        self.count_fields(at, usize::from(item.field.is_some()))?;
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
    pub(super) fn end_shaped(&mut self, field: Field) {
        let found = std::mem::take(&mut self.found);
        let is_of_block = matches!(self.place, RevisionPlace::Block);
        self.part = if is_of_block { Part::Block } else { Part::Revision };
        match field {
            Field::TransactionInfo => self.head.transaction_info = found.later,
            Field::RedactionInfo => {
                (self.head.redaction_info, self.head.redactions) = (found.later, found.redactions);
            }
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
            Unlike::Repeated if !matches!(self.place, RevisionPlace::Block) => {
                self.fault(self.place.whole(), format!("one {name}"), "several");
            }
            Unlike::Repeated => self.fault(path, "one value", "several"),
            other => self.of_form(&path, other.as_str()),
        }
    }
}
