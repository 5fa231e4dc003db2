//! The rows of a row group, column by column.

use std::fs::File;

use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::{ColumnDescPtr, SchemaDescriptor};

use super::chunk::Chunk;
use super::pages::Compressor;
use super::schema;
use crate::columns::{Table, Value};

/// The buffered rows of one file.
pub(super) struct Columns(Vec<Chunk>);

impl Columns {
    pub(super) fn new(table: Table, with_ion: bool, described: &SchemaDescriptor) -> Self {
        let columns = schema::columns(table, with_ion).zip(described.columns());
        let chunk =
            |(column, descriptor)| Chunk::new(column, schema::style(table, column), ColumnDescPtr::clone(descriptor));
        Self(columns.map(chunk).collect())
    }

    /// Approximately how much memory the rows use.
    pub(super) fn size(&self) -> usize {
        self.0.iter().map(Chunk::size).sum()
    }

    /// Adds a row.
    pub(super) fn push<'a>(
        &mut self,
        row: impl Iterator<Item = &'a Value<'a>>,
        compressor: &mut Compressor,
    ) -> Result<(), ParquetError> {
        self.0.iter_mut().zip(row).try_for_each(|(chunk, value)| chunk.push(value, compressor))
    }

    /// Writes the rows as one row group, and empties the buffers.
    pub(super) fn write(
        &mut self,
        file: &mut SerializedFileWriter<File>,
        compressor: &mut Compressor,
    ) -> Result<(), ParquetError> {
        let mut group = file.next_row_group()?;
        for chunk in &mut self.0 {
            let (pages, closed) = chunk.end(compressor)?;
            group.append_column(&pages, closed)?;
        }
        group.close().map(drop)
    }
}
