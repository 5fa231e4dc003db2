//! The rows of a run of blocks, in a few buffers, so that a row needs no allocation of its own.

use chrono::{DateTime, Utc};
use qldb_journal::Hash;

/// A text or JSON value in the texts of its batch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Text {
    start: usize,
    end: usize,
}

/// Rows in the order of the journal.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) texts: String,
    pub(crate) revisions: Vec<Revision>,
    pub(crate) transactions: Vec<Transaction>,
    pub(crate) statements: Vec<Statement>,
    /// The QLDB tables that occurred.
    pub(crate) tables: Vec<TableRef>,
    /// Names of the top-level fields of documents by table, in order of occurrence.
    pub(crate) fields: Vec<(usize, String)>,
}

/// A QLDB table, as statements name it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TableRef {
    pub(crate) name: String,
    pub(crate) id: String,
}

/// A revision of a document.
#[derive(Debug, Clone, Default)]
pub(crate) struct Revision {
    pub(crate) sequence_no: u64,
    pub(crate) tx_id: Text,
    pub(crate) block_time: DateTime<Utc>,
    /// The index in [`Batch::tables`]; `None` if no statement names the document.
    pub(crate) table: Option<usize>,
    pub(crate) doc_id: Text,
    pub(crate) version: Option<u64>,
    pub(crate) tx_time: Option<DateTime<Utc>>,
    pub(crate) hash: Option<Hash>,
    pub(crate) data_hash: Option<Hash>,
    /// JSON.
    pub(crate) data: Option<Text>,
    /// Ion text, if it was asked for.
    pub(crate) data_ion: Option<Text>,
}

impl Revision {
    /// What the revision did.
    pub(crate) fn operation(&self) -> &'static str {
        match (self.data.is_some() || self.is_redacted(), self.version) {
            (false, _) => "D",
            (true, Some(0)) => "I",
            (true, _) => "U",
        }
    }

    /// Whether its data was replaced with its hash.
    pub(crate) fn is_redacted(&self) -> bool {
        self.data_hash.is_some()
    }
}

/// The transaction of a block.
#[derive(Debug, Clone, Default)]
pub(crate) struct Transaction {
    pub(crate) sequence_no: u64,
    pub(crate) tx_id: Text,
    pub(crate) block_time: DateTime<Utc>,
    pub(crate) block_hash: Option<Hash>,
    pub(crate) entries_hash: Option<Hash>,
    pub(crate) previous_block_hash: Option<Hash>,
    /// Revisions of documents.
    pub(crate) revisions: u64,
    /// Revisions of the service's own, which consist only of a hash.
    pub(crate) hash_only_revisions: u64,
}

/// A statement of a transaction.
#[derive(Debug, Clone, Default)]
pub(crate) struct Statement {
    pub(crate) sequence_no: u64,
    pub(crate) tx_id: Text,
    /// Its index in the transaction, from 0 on.
    pub(crate) number: u64,
    pub(crate) text: Option<Text>,
    pub(crate) start_time: Option<DateTime<Utc>>,
    pub(crate) digest: Option<Hash>,
}

impl Batch {
    pub(crate) fn keep(&mut self, text: &str) -> Text {
        let start = self.texts.len();
        self.texts.push_str(text);
        Text { start, end: self.texts.len() }
    }

    /// The text that was kept.
    pub(crate) fn text(&self, text: Text) -> &str {
        self.texts.get(text.start..text.end).unwrap_or_default()
    }

    pub(crate) fn table(&self, revision: &Revision) -> Option<&TableRef> {
        self.tables.get(revision.table?)
    }

    /// Approximately how much memory it uses.
    pub(crate) fn size(&self) -> usize {
        self.texts.len()
            + size_of_val(self.revisions.as_slice())
            + size_of_val(self.transactions.as_slice())
            + size_of_val(self.statements.as_slice())
    }
}
