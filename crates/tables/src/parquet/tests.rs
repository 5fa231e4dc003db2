//! Files of many pages, as the reader of the Parquet crate reads them.

use std::fs::File;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use parquet::basic::Encoding;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use parquet::record::Field;
use qldb_journal::Hash;

use super::columns::Columns;
use super::pages::Compressor;
use super::schema;
use crate::columns::{Table, Value};

/// More rows than a page has.
const ROWS: u64 = 20_500;

fn time(row: u64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_700_000_000_000 - row.cast_signed() * 977).unwrap()
}

/// Rows of statements: some columns repeat one value, some a few, some stop to repeat, and some begin without values.
fn row(row: u64, text: &str) -> [Value<'_>; 8] {
    let or_null = |has: bool, value| if has { value } else { Value::Null };
    [
        Value::Text("ledger"),
        Value::Text(""),
        Value::Number(row),
        Value::Text(text),
        Value::Number(row % 3),
        or_null(!row.is_multiple_of(7), Value::Text(if row < 5000 { "SELECT ä" } else { text })),
        or_null(row > 20_100, Value::Time(time(row))),
        or_null(row % 1000 > 20, Value::Hash(Hash::of(&(row % 300).to_le_bytes()))),
    ]
}

fn field(value: &Value<'_>) -> Field {
    match value {
        Value::Null => Field::Null,
        Value::Text(text) | Value::Json(text) => Field::Str((*text).to_owned()),
        Value::Time(time) => Field::TimestampMillis(time.timestamp_millis()),
        Value::Number(number) => Field::Long(number.cast_signed()),
        Value::Bool(is) => Field::Bool(*is),
        Value::Hash(hash) => Field::Str(hash.to_base64()),
    }
}

#[test]
fn many_pages_and_row_groups_are_read_back_as_they_were_written() {
    let path = tempfile::tempdir().unwrap().keep().join("part.parquet");
    let table = Table::Statement;
    let properties = Arc::new(schema::properties());
    let file = File::create_new(&path).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema::of(table, false).unwrap(), properties).unwrap();
    let mut columns = Columns::new(table, false, writer.schema_descr());
    let mut compressor = Compressor::default();
    let texts: Vec<String> = (0..ROWS).map(|row| format!("{row:x}").repeat(4)).collect();
    for (number, text) in (0..).zip(&texts) {
        columns.push(row(number, text).iter(), &mut compressor).unwrap();
        if number == 100 {
            columns.write(&mut writer, &mut compressor).unwrap();
            assert_eq!(columns.size(), 0);
        }
    }
    columns.write(&mut writer, &mut compressor).unwrap();
    writer.close().unwrap();
    let reader = SerializedFileReader::new(File::open(&path).unwrap()).unwrap();
    let mut count = 0;
    for ((number, text), found) in (0..).zip(&texts).zip(reader.get_row_iter(None).unwrap()) {
        let found: Vec<Field> = found.unwrap().get_column_iter().map(|(_, field)| field.clone()).collect();
        assert_eq!(found, row(number, text).each_ref().map(field), "{number}");
        count += 1;
    }
    assert_eq!(count, ROWS);
    let group = reader.metadata().row_group(1);
    let encodings = |column: usize| group.column(column).encodings().collect::<Vec<_>>();
    let with_dictionary = [Encoding::PLAIN, Encoding::RLE, Encoding::RLE_DICTIONARY];
    assert_eq!((encodings(0), encodings(5)), (with_dictionary.to_vec(), with_dictionary.to_vec()));
    assert_eq!(encodings(2), [Encoding::PLAIN, Encoding::RLE]);
    let statistics = group.column(2).statistics().unwrap();
    assert_eq!(statistics.min_bytes_opt(), Some(&101_u64.to_le_bytes()[..]));
    assert_eq!(statistics.max_bytes_opt(), Some(&(ROWS - 1).to_le_bytes()[..]));
    assert_eq!(group.column(0).statistics().unwrap().max_bytes_opt(), Some(&b"ledger"[..]));
    assert_eq!(group.column(6).statistics().unwrap().null_count_opt(), Some(20_000));
    std::fs::remove_dir_all(path.parent().unwrap()).unwrap();
}
