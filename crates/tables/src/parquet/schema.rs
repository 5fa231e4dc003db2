//! The schema of each file, and how its columns are written.

use std::sync::{Arc, LazyLock};

use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{ColumnPath, TypePtr};

use super::PARTITION;
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

/// The size of a page. Buffers of this size are in the processor's cache, and the allocator keeps them.
const PAGE: usize = 96 << 10;

/// Values that never or seldom repeat get no dictionary, in which each would be looked up in vain. Hashes are not
/// compressed either, which makes base64 no shorter. Values that are in no order, or never compared, get no statistics:
/// no row group could be left out for them.
pub(super) fn properties(table: Table) -> WriterProperties {
    const HASHES: [&str; 5] = ["hash", "data_hash", "block_hash", "entries_hash", "previous_block_hash"];
    const DOCUMENTS: [&str; 2] = ["data", "data_ion"];
    const IDS: [&str; 2] = ["tx_id", "doc_id"];
    const UNIQUE: [&str; 5] = ["sequence_no", "tx_id", "block_time", "tx_time", "start_time"];
    let mut properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_data_page_size_limit(PAGE)
        .set_statistics_enabled(EnabledStatistics::Chunk)
        .set_created_by(concat!("qldb-tables ", env!("CARGO_PKG_VERSION")).to_owned());
    for name in table.columns(true).iter().map(|column| column.name) {
        let (path, is_hash) = (ColumnPath::from(name), HASHES.contains(&name));
        if is_hash {
            properties = properties.set_column_compression(path.clone(), Compression::UNCOMPRESSED);
        }
        if is_hash || DOCUMENTS.contains(&name) || IDS.contains(&name) {
            properties = properties.set_column_statistics_enabled(path.clone(), EnabledStatistics::None);
        }
        if is_hash || DOCUMENTS.contains(&name) || UNIQUE.contains(&name) {
            properties = properties.set_column_dictionary_enabled(path, false);
        }
    }
    properties.build()
}
