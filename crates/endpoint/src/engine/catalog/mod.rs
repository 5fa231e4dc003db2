//! The catalog: ledgers, segments and export jobs in `SQLite`. For the engine alone.
//!
//! One connection behind a mutex; every change is one transaction, durable when it returns (WAL
//! with `synchronous=FULL`).

pub(super) mod exports;
pub(super) mod ledgers;
pub(super) mod passing;
mod schema;
pub(super) mod segments;
mod values;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub(super) use super::database::DbError;
use super::error::OpenError;

/// The result of reading or changing the catalog.
pub(super) type Result<T, E = DbError> = std::result::Result<T, E>;

/// The catalog of one data directory.
pub(super) struct Catalog {
    connection: Mutex<Connection>,
}

impl Catalog {
    /// Opens the catalog, creates it if it does not exist, and upgrades its schema.
    pub(super) fn open(path: &Path) -> Result<Self, OpenError> {
        let failed = |error| OpenError::catalog(path.to_owned(), error);
        let mut connection = Connection::open(path).map_err(failed)?;
        configure(&connection).map_err(failed)?;
        let found = schema::version(&connection).map_err(failed)?;
        if found > schema::CURRENT {
            return Err(OpenError::Newer { path: path.to_owned(), found, known: schema::CURRENT });
        }
        schema::migrate(&mut connection, found).map_err(failed)?;
        Ok(Self { connection: Mutex::new(connection) })
    }

    fn connection(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere leaves no half transaction: SQLite rolls it back.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads one consistent state of the catalog.
    pub(super) fn read<T, E: From<DbError>>(&self, work: impl FnOnce(&Connection) -> Result<T, E>) -> Result<T, E> {
        let mut connection = self.connection();
        let transaction = connection.transaction().map_err(DbError::from)?;
        work(&transaction)
    }

    /// Changes the catalog, durably, or not at all if `work` fails.
    pub(super) fn change<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.connection();
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(DbError::from)?;
        let result = work(&transaction)?;
        transaction.commit().map_err(DbError::from)?;
        Ok(result)
    }
}

/// Whether this version can read a catalog that is only looked at.
pub(super) fn is_current(connection: &Connection) -> Result<bool> {
    Ok(schema::version(connection)? == schema::CURRENT)
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_catalog_of_a_later_version_is_not_changed() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("catalog.db");
        drop(Catalog::open(&path).unwrap());
        let later = schema::CURRENT + 1;
        Connection::open(&path).unwrap().pragma_update(None, "user_version", later).unwrap();
        let error = Catalog::open(&path).err().unwrap();
        assert!(matches!(error, OpenError::Newer { found, .. } if found == later), "{error}");
    }

    #[test]
    fn a_file_that_is_not_a_catalog_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let path = place.path().join("catalog.db");
        std::fs::write(&path, "something else entirely, and long enough to be seen").unwrap();
        assert!(matches!(Catalog::open(&path), Err(OpenError::Catalog { .. })));
    }
}
