//! Failures of the catalog's database. For the catalog, and for the errors that they become.

use rusqlite::ErrorCode;

/// A failure of the database. Its own type does not leave this crate.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub(super) struct DbError(#[from] rusqlite::Error);

impl DbError {
    /// Whether the file exists but is not a database, or is a damaged one.
    pub(super) fn is_ruined(&self) -> bool {
        let ruined = [ErrorCode::NotADatabase, ErrorCode::DatabaseCorrupt];
        self.0.sqlite_error_code().is_some_and(|code| ruined.contains(&code))
    }
}
