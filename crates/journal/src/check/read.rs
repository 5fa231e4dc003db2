//! Reads a block from its first byte to its last, in the one form that QLDB gives it, and keeps
//! what a check compares. Any other form is noted.

use super::BlockFault;
use super::draft::{BlockDraft, Run};
use super::fault::Faults;
use super::parts::{BlockParts, Reading, RevisionPlace};
use crate::ion::{Container, Event, IonError, ReadItems, Stranger};

impl Reading<'_> {
    /// Reads the next block into the group. False if there is none. If it can't be read, anything unusual `before` it
    /// stays there.
    pub(super) fn read_block(
        self,
        reader: &mut impl ReadItems,
        before: &mut Option<Stranger>,
    ) -> Result<bool, IonError> {
        let Some(item) = reader.next_item()? else {
            return Ok(false);
        };
        let (is_struct, is_annotated) = (item.event == Event::Begin(Container::Struct), !item.annotations.is_empty());
        let start = reader.value_start();
        *before = before.take().or_else(|| reader.take_stranger());
        if !is_struct {
            return Err(IonError::new(start, "not a block: a block is a struct"));
        }
        let runs = self.group.mark();
        let [_, _, revisions, entries, documents, deletes, _] = runs;
        let base = self.base;
        let mut parts = BlockParts::new(self, RevisionPlace::Block);
        if is_annotated {
            parts.faults.push(BlockFault::annotated("block"));
        }
        reader.drain(&mut parts)?;
        parts.note_stranger();
        let head = &parts.head;
        let lacks = |field: &str| IonError::new(start, format!("not a block: it lacks {field}"));
        let draft = BlockDraft {
            start,
            end: reader.offset(),
            strand_id: head.strand_id.ok_or_else(|| lacks("blockAddress.strandId"))?,
            sequence_no: head.sequence_no.ok_or_else(|| lacks("blockAddress.sequenceNo"))?,
            timestamp: head.timestamp.ok_or_else(|| lacks("blockTimestamp"))?,
            block_hash: head.block_hash.ok_or_else(|| lacks("blockHash"))?,
            previous_block_hash: head.previous_block_hash.flatten(),
            entries_hash: head.entries_hash,
            transaction_id: head.transaction_id,
            transaction_info: head.transaction_info,
            redaction_info: head.redaction_info,
            redactions: head.redactions,
            revisions: Run { start: revisions, end: parts.group.revisions.len() },
            entries: Run { start: entries, end: parts.group.entries.len() },
            documents: Run { start: documents, end: parts.group.documents.len() },
            deletes: Run { start: deletes, end: parts.group.deletes.len() },
            faults: Faults::default(),
            unknown_fields: parts.unknown_fields,
        };
        if draft.transaction_id.is_none() {
            parts.faults.push(BlockFault::of_form("transactionId", "nothing"));
        }
        if let Some(stranger) = before.take() {
            parts.faults.push(BlockFault::of_form("block", &stranger.shown(base)));
        }
        let BlockParts { group, faults, .. } = parts;
        group.blocks.push(BlockDraft { faults, ..draft });
        Ok(true)
    }

    /// Reads a single revision into the group, and returns the faults of its form and the number of its fields that
    /// QLDB does not write.
    pub(super) fn read_revision(self, reader: &mut impl ReadItems) -> Result<Option<(Faults, u64)>, IonError> {
        let Some(item) = reader.next_item()? else { return Ok(None) };
        let (is_struct, is_annotated) = (item.event == Event::Begin(Container::Struct), !item.annotations.is_empty());
        if !is_struct {
            return Err(IonError::new(reader.value_start(), "not a revision: a revision is a struct"));
        }
        let mut parts = BlockParts::new(self, RevisionPlace::Alone);
        if is_annotated {
            parts.faults.push(BlockFault::annotated("revision"));
        }
        reader.drain(&mut parts)?;
        parts.note_stranger();
        Ok(Some((parts.faults, parts.unknown_fields)))
    }
}
