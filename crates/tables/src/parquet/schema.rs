//! The schema of each file, and how its columns are written.

use std::sync::{Arc, LazyLock};

use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::TypePtr;

use super::PARTITION;
use super::chunk::Style;
use crate::columns::{Column, Kind, Table, Value};

/// The columns in a table's files: revisions are partitioned by one of theirs.
pub(super) fn columns(table: Table, with_ion: bool) -> impl Iterator<Item = &'static Column> {
    let stands = move |column: &&Column| table != Table::Revision || column.name != PARTITION;
    table.columns(with_ion).iter().filter(stands)
}

/// Which column of revisions that is; looked up once, not for each row.
fn place() -> Option<usize> {
    static PLACE: LazyLock<Option<usize>> =
        LazyLock::new(|| Table::Revision.columns(false).iter().position(|column| column.name == PARTITION));
    *PLACE
}

/// The partition of a revision. An empty name counts as null, as in Hive.
pub(super) fn partition<'a>(row: &[Value<'a>]) -> Option<&'a str> {
    row.get(place()?)?.text().filter(|name| !name.is_empty())
}

/// The values of a row in its file.
pub(super) fn values<'r, 'a>(table: Table, row: &'r [Value<'a>]) -> impl Iterator<Item = &'r Value<'a>> {
    let left_out = place().filter(|_| table == Table::Revision);
    row.iter().enumerate().filter(move |(index, _)| Some(*index) != left_out).map(|(_, value)| value)
}

pub(super) fn of(table: Table, with_ion: bool) -> Result<TypePtr, ParquetError> {
    let declared = |column: &Column| {
        let kind = match column.kind {
            // JSON is annotated as text, which every engine reads.
            Kind::Text | Kind::Json => ("BINARY", " (UTF8)"),
            Kind::Time => ("INT64", " (TIMESTAMP(MILLIS,true))"),
            Kind::Number => ("INT64", ""),
            Kind::Bool => ("BOOLEAN", ""),
        };
        let must = if column.is_optional { "OPTIONAL" } else { "REQUIRED" };
        format!("{must} {} {}{};", kind.0, column.name, kind.1)
    };
    let columns: Vec<String> = columns(table, with_ion).map(declared).collect();
    let message = format!("message {} {{ {} }}", table.name(), columns.join(" "));
    Ok(Arc::new(parse_message_type(&message)?))
}

/// How the values of a column are encoded.
pub(super) fn style(table: Table, column: &Column) -> Style {
    match (table, column.name) {
        (Table::Transaction, "tx_id") | (_, "hash" | "block_hash" | "entries_hash" | "previous_block_hash") => {
            Style::Random
        }
        (_, "sequence_no" | "data_hash" | "data" | "data_ion") => Style::Plain,
        _ if column.kind == Kind::Time => Style::Plain,
        _ => Style::Repeating,
    }
}

/// The properties of every file. How its columns are written is decided elsewhere.
pub(super) fn properties() -> WriterProperties {
    WriterProperties::builder()
        .set_offset_index_disabled(true)
        .set_created_by(concat!("qldb-tables ", env!("CARGO_PKG_VERSION")).to_owned())
        .build()
}
