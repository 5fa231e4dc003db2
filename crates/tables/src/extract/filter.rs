//! Which rows are wanted from blocks. Decided by a conversion or a history, applied while rows are
//! read.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::batch::{Batch, Revision, Transaction};
use crate::form::{Form, Options};

/// Which rows are wanted, and which parts of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowFilter {
    /// Also the data as Ion text.
    pub(crate) with_ion: bool,
    /// Also the names of the top-level fields of documents.
    pub(crate) with_fields: bool,
    /// Only revisions of documents in these tables, and their transactions.
    pub(crate) tables: Option<BTreeSet<String>>,
    /// Only this document.
    pub(crate) document: Option<String>,
    /// Only blocks committed at or after this time.
    pub(crate) from: Option<DateTime<Utc>>,
    /// Only blocks committed before this time.
    pub(crate) until: Option<DateTime<Utc>>,
    /// Only blocks after this one.
    pub(crate) after: Option<u64>,
}

impl RowFilter {
    /// What a conversion wants from each block.
    pub(crate) fn of(options: &Options) -> Self {
        Self {
            with_ion: options.with_ion,
            with_fields: options.form == Form::Sqlite,
            tables: (!options.tables.is_empty()).then(|| options.tables.clone()),
            from: options.from,
            until: options.until,
            ..Self::default()
        }
    }

    /// Whether rows of a block are wanted.
    pub(super) fn has_block(&self, transaction: &Transaction) -> bool {
        let time = transaction.block_time;
        self.from.is_none_or(|from| time >= from)
            && self.until.is_none_or(|until| time < until)
            && self.after.is_none_or(|after| transaction.sequence_no > after)
    }

    /// Whether the row of a revision is wanted.
    pub(super) fn has_revision(&self, batch: &Batch, revision: &Revision) -> bool {
        let is_of = |tables: &BTreeSet<String>| batch.table(revision).is_some_and(|table| tables.contains(&table.name));
        self.tables.as_ref().is_none_or(is_of)
            && self.document.as_ref().is_none_or(|id| batch.text(revision.doc_id) == id)
    }

    /// Whether the rows of only some revisions are wanted.
    pub(super) fn is_of_some_revisions(&self) -> bool {
        self.tables.is_some() || self.document.is_some()
    }
}
