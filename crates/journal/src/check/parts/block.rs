//! The fields of a block, and its list of entries.

use super::{BlockParts, MOST_PARTS, Part};
use crate::check::BlockFault;
use crate::check::field::Field;
use crate::check::gather::{hash, time};
use crate::check::shape::{ADDRESS, REDACTION_INFO, TRANSACTION_INFO, Unlike};
use crate::ion::{Container, Event, IonError, Item, Scalar};

/// The fields of a block, in the order in which QLDB writes them.
pub(super) const BLOCK_FIELDS: [Field; 10] = [
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

impl BlockParts<'_> {
    #[inline(never)]
    pub(super) fn in_block(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError> {
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
            // If a part occurs twice, the first one is read; of a word, the last.
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
    pub(super) fn in_entries(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError> {
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
}
