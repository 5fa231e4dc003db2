//! Reads a data directory without changing anything: no lock is taken, nothing is created, and
//! nothing is resumed. For shell completions, which may be outdated and must not disturb.

use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use rusqlite::{Connection, OpenFlags};

use super::catalog::{DbError, exports as export_rows, is_current, ledgers as ledger_rows};
use super::error::ServiceError;
use super::export::Export;
use super::{CATALOG, limits};
use qldb_journal::request::LedgerName;

/// What ends a path in `SQLite`'s URIs, and the characters that encode other bytes there.
const SPECIAL: &AsciiSet = &CONTROLS.add(b'%').add(b'?').add(b'#');

/// A catalog that is read and never written.
pub struct Glance {
    catalog: Connection,
    now: DateTime<Utc>,
}

impl Glance {
    /// Reads a data directory at a given time. `None` if there is no catalog of this version, or if a process has
    /// changes that are not yet in its main file.
    pub fn at(data_dir: &Path, now: DateTime<Utc>) -> Result<Option<Self>, ServiceError> {
        let path = data_dir.join(CATALOG);
        let pending = fs::metadata(data_dir.join(format!("{CATALOG}-wal"))).is_ok_and(|file| file.len() > 0);
        let Some(path) = path.to_str().filter(|_| path.is_file() && !pending) else { return Ok(None) };
        // Immutable: not even the files of the write-ahead log are created.
        let address = format!("file:{}?immutable=1", utf8_percent_encode(path, SPECIAL));
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let catalog = Connection::open_with_flags(address, flags).map_err(DbError::from)?;
        Ok(if is_current(&catalog)? { Some(Self { catalog, now }) } else { None })
    }

    /// The names of the ledgers, in order.
    pub fn ledgers(&self) -> Result<Vec<LedgerName>, ServiceError> {
        let ledgers = ledger_rows::list(&self.catalog, None, usize::MAX)?;
        Ok(ledgers.into_iter().map(|ledger| ledger.name).collect())
    }

    /// At most `count` exports of one ledger or of all, newest first, as the service would list them.
    pub fn exports(&self, ledger: Option<&LedgerName>, count: usize) -> Result<Vec<Export>, ServiceError> {
        let expiry = self.now - limits::FINISHED_EXPORTS_LISTED;
        let exports = export_rows::list(&self.catalog, ledger, None, expiry, count)?;
        Ok(exports.into_iter().map(|(_, export)| export).collect())
    }
}
