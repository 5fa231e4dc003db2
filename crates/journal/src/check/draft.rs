//! The contents of some blocks, until their hashes are computed. Everything is in a few vectors
//! that are reused, so that a block costs no allocation.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::fault::Faults;
use crate::Hash;
use crate::ion::Later;

/// A text in the group's texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slice {
    start: usize,
    end: usize,
}

/// A run of elements in one of the group's vectors.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Run {
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Run {
    pub(super) fn of<T>(self, all: &[T]) -> &[T] {
        all.get(self.start..self.end).unwrap_or_default()
    }
}

/// Several blocks.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) texts: String,
    pub(super) blocks: Vec<BlockDraft>,
    pub(super) revisions: Vec<RevisionDraft>,
    pub(super) entries: Vec<Option<Hash>>,
    pub(super) documents: Vec<DocumentDraft>,
    /// Whether each statement deletes.
    pub(super) deletes: Vec<bool>,
    /// Which statements changed each document.
    pub(super) document_statements: Vec<usize>,
}

/// A block that was read.
#[derive(Debug)]
pub(super) struct BlockDraft {
    /// Where it begins in the input.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) strand_id: Slice,
    pub(super) sequence_no: u64,
    pub(super) timestamp: DateTime<Utc>,
    pub(super) block_hash: Hash,
    pub(super) previous_block_hash: Option<Hash>,
    pub(super) entries_hash: Option<Hash>,
    pub(super) transaction_id: Option<Slice>,
    pub(super) transaction_info: Option<Later>,
    pub(super) redaction_info: Option<Later>,
    /// The number of revisions that it names as redacted.
    pub(super) redactions: u64,
    pub(super) entries: Run,
    pub(super) revisions: Run,
    pub(super) documents: Run,
    pub(super) deletes: Run,
    pub(super) faults: Faults,
    pub(super) unknown_fields: u64,
}

/// A revision that was read.
#[derive(Debug, Default)]
pub(super) struct RevisionDraft {
    pub(super) hash: Option<Hash>,
    pub(super) has_address: bool,
    pub(super) strand_id: Option<Slice>,
    pub(super) sequence_no: Option<u64>,
    pub(super) document_id: Option<Slice>,
    pub(super) version: Option<u64>,
    pub(super) transaction_id: Option<Slice>,
    pub(super) metadata: Option<Later>,
    pub(super) data: Data,
}

/// What a revision contains of its document.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Data {
    #[default]
    Absent,
    /// Data and its Ion hash.
    Present(Later),
    /// Data in JSON, whose types are lost.
    Typeless,
    /// The hash that a redaction left.
    Redacted(Hash),
}

/// A document that `transactionInfo` names.
#[derive(Debug, Clone, Copy)]
pub(super) struct DocumentDraft {
    pub(super) id: Slice,
    pub(super) table_name: Option<Slice>,
    pub(super) table_id: Option<Slice>,
    pub(super) statements: Run,
}

/// The documents that a block names, for lookups by id. There are usually so few that looking at each costs less than
/// sorting them.
pub(super) enum Documents<'g> {
    Few(&'g Group, &'g [DocumentDraft]),
    Many(HashMap<&'g str, &'g DocumentDraft>),
}

/// Up to so many documents are few.
pub(super) const FEW: usize = 8;

impl<'g> Documents<'g> {
    pub(super) fn of(group: &'g Group, block: &BlockDraft) -> Self {
        match block.documents.of(&group.documents) {
            few if few.len() <= FEW => Self::Few(group, few),
            many => Self::Many(many.iter().rev().map(|document| (group.text(document.id), document)).collect()),
        }
    }

    /// The document with an id; the first if there are several.
    pub(super) fn get(&self, id: &str) -> Option<&'g DocumentDraft> {
        match self {
            Self::Few(group, documents) => documents.iter().find(|document| group.text(document.id) == id),
            Self::Many(documents) => documents.get(id).copied(),
        }
    }
}

/// The number of parts of blocks that are held at a time. Blocks as QLDB writes them have far fewer.
const MANY_PARTS: usize = 20_000;
/// The number of bytes of text that are held at a time.
const MANY_BYTES: usize = 4 << 20;

impl Group {
    /// Whether it contains more than some blocks as QLDB writes them do.
    pub(super) fn is_large(&self) -> bool {
        let parts = self.revisions.len() + self.entries.len() + self.documents.len() + self.document_statements.len();
        parts > MANY_PARTS || self.texts.len() > MANY_BYTES
    }

    pub(super) fn keep(&mut self, text: &str) -> Slice {
        let start = self.texts.len();
        self.texts.push_str(text);
        Slice { start, end: self.texts.len() }
    }

    /// Keeps a text, which may equal one that was kept.
    #[inline]
    pub(super) fn keep_again(&mut self, text: &str, kept: Option<Slice>) -> Slice {
        match kept {
            Some(kept) if self.text(kept) == text => kept,
            _ => self.keep(text),
        }
    }

    pub(super) fn text(&self, slice: Slice) -> &str {
        self.texts.get(slice.start..slice.end).unwrap_or_default()
    }

    /// The lengths of all vectors, to return to.
    pub(super) fn mark(&self) -> [usize; 7] {
        [
            self.texts.len(),
            self.blocks.len(),
            self.revisions.len(),
            self.entries.len(),
            self.documents.len(),
            self.deletes.len(),
            self.document_statements.len(),
        ]
    }

    /// Removes what was added since a mark.
    pub(super) fn back_to(&mut self, mark: [usize; 7]) {
        let [texts, blocks, revisions, entries, documents, deletes, document_statements] = mark;
        self.texts.truncate(texts);
        self.blocks.truncate(blocks);
        self.revisions.truncate(revisions);
        self.entries.truncate(entries);
        self.documents.truncate(documents);
        self.deletes.truncate(deletes);
        self.document_statements.truncate(document_statements);
    }
}
