//! Converts values of the catalog's columns into the types that they stand for.

use chrono::{DateTime, Utc};
use rusqlite::types::{FromSqlError, Type};
use rusqlite::{Error, Row};

use qldb_journal::Hash;

/// A column with a text that the catalog's writer can't have written.
pub(super) fn damaged(column: &str, value: &str) -> Error {
    let reason = format!("the catalog's column {column} has the value {value:?}");
    Error::FromSqlConversionFailure(0, Type::Text, reason.into())
}

/// A text column, read by the type's own parser.
pub(super) fn text<T>(row: &Row<'_>, column: &str, read: impl FnOnce(&str) -> Option<T>) -> rusqlite::Result<T> {
    let value: String = row.get(column)?;
    read(&value).ok_or_else(|| damaged(column, &value))
}

/// A text column that may be null.
pub(super) fn optional_text<T>(
    row: &Row<'_>,
    column: &str,
    read: impl FnOnce(&str) -> Option<T>,
) -> rusqlite::Result<Option<T>> {
    let value: Option<String> = row.get(column)?;
    value.map(|value| read(&value).ok_or_else(|| damaged(column, &value))).transpose()
}

/// A column of milliseconds since 1970.
pub(super) fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<DateTime<Utc>> {
    optional_time(row, column)?.ok_or(Error::FromSqlConversionFailure(
        0,
        Type::Null,
        Box::new(FromSqlError::InvalidType),
    ))
}

/// A column of milliseconds since 1970 that may be null.
pub(super) fn optional_time(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<DateTime<Utc>>> {
    let value: Option<i64> = row.get(column)?;
    let read = |millis| DateTime::from_timestamp_millis(millis).ok_or_else(|| damaged(column, &millis.to_string()));
    value.map(read).transpose()
}

/// A column with a hash.
pub(super) fn hash(row: &Row<'_>, column: &str) -> rusqlite::Result<Hash> {
    optional_hash(row, column)?.ok_or_else(|| damaged(column, "null"))
}

/// A column with a hash or null.
pub(super) fn optional_hash(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Hash>> {
    let value: Option<Vec<u8>> = row.get(column)?;
    value.map(|bytes| Hash::from_slice(&bytes).ok_or_else(|| damaged(column, "of a wrong length"))).transpose()
}
