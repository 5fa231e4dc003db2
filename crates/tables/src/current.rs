//! Selects only current documents: which ones they are is known after the last row. Until then,
//! rows are stored in a database beside the output.

use std::path::Path;

use crate::TableError;
use crate::batch::Batch;
use crate::columns::{Table, Value};
use crate::facts::Facts;
use crate::rows::Rows;
use crate::sink::Sink;
use crate::sqlite::Sqlite;

/// Keeps the last revision of each document, and passes them to another sink at the end.
pub(crate) struct Current {
    waiting: Sqlite,
    inner: Box<dyn Sink>,
}

impl Current {
    /// Stores rows in a file.
    pub(crate) fn before(inner: Box<dyn Sink>, file: &Path, with_ion: bool) -> Result<Self, TableError> {
        Ok(Self { waiting: Sqlite::create(file, with_ion)?, inner })
    }
}

impl Sink for Current {
    fn row(&mut self, table: Table, row: &[Value<'_>]) -> Result<(), TableError> {
        self.waiting.row(table, row)
    }

    fn learn(&mut self, batch: &Batch) {
        self.inner.learn(batch);
    }

    fn finish(self: Box<Self>, facts: &Facts<'_>) -> Result<Option<Rows>, TableError> {
        self.waiting.index()?;
        let Self { waiting, mut inner } = *self;
        let mut give = |table| {
            let mut count = 0;
            waiting.each_current(table, |row| {
                count += 1;
                inner.row(table, row)
            })?;
            Ok::<u64, TableError>(count)
        };
        let rows = Rows {
            revisions: give(Table::Revision)?,
            transactions: give(Table::Transaction)?,
            statements: give(Table::Statement)?,
            hash_only_revisions: 0,
        };
        inner.finish(facts)?;
        Ok(Some(rows))
    }
}
