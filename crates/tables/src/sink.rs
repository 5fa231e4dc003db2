//! What takes the rows of a conversion.

use crate::TableError;
use crate::batch::Batch;
use crate::columns::{Table, Value};
use crate::facts::Facts;
use crate::rows::Rows;

/// A form that rows are written in.
pub(crate) trait Sink: Send {
    /// Takes a row of a table; those of each table come in the order of the journal.
    fn row(&mut self, table: Table, row: &[Value<'_>]) -> Result<(), TableError>;

    /// Learns what the documents of a batch look like.
    fn learn(&mut self, _batch: &Batch) {}

    /// Ends what is written, with the facts of the archive in it; gives how many rows were kept, where not all were.
    fn finish(self: Box<Self>, facts: &Facts) -> Result<Option<Rows>, TableError>;

    /// Ends what is written of one part, with what is known of it. Only Parquet is written in parts.
    fn finish_part(self: Box<Self>, _footer: &serde_json::Value) -> Result<(), TableError> {
        Ok(())
    }
}
