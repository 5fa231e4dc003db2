//! What receives the rows of a conversion.

use crate::TableError;
use crate::batch::Batch;
use crate::columns::{self, Journal, Table, Value};
use crate::facts::Facts;
use crate::rows::Rows;

/// A format to which rows are written.
pub(crate) trait Sink: Send {
    /// Receives a row of a table; the rows of each table arrive in the order of the journal.
    fn row(&mut self, table: Table, row: &[Value<'_>]) -> Result<(), TableError>;

    /// Receives the rows of a batch, as with [`Sink::row`].
    fn rows(&mut self, batch: &Batch, journal: &Journal, with_ion: bool) -> Result<(), TableError> {
        columns::rows(batch, journal, with_ion, |table, row| self.row(table, row))
    }

    /// Receives the fields of a batch's documents.
    fn learn(&mut self, _batch: &Batch) {}

    /// Completes the output, including the facts of the archive; returns how many rows were kept, if not all were.
    fn finish(self: Box<Self>, facts: &Facts<'_>) -> Result<Option<Rows>, TableError>;

    /// Completes the output of one part, including its facts. Only Parquet is written in parts.
    fn finish_part(self: Box<Self>, _footer: &serde_json::Value) -> Result<(), TableError> {
        Ok(())
    }
}
