//! Failures of the database that the catalog is kept in. For the catalog, and for the errors that they become.

use rusqlite::ErrorCode;

/// A failure of the database. What leaves this crate doesn't name the database's own type.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct DbError(#[from] rusqlite::Error);

impl DbError {
    /// Whether the file is there and is not a database, or not one any more.
    pub(super) fn is_ruined(&self) -> bool {
        let ruined = [ErrorCode::NotADatabase, ErrorCode::DatabaseCorrupt];
        self.0.sqlite_error_code().is_some_and(|code| ruined.contains(&code))
    }
}
