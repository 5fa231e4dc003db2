//! Files of a journal that are being created or about to be removed: while segments are joined,
//! first the joined file until it is in the catalog, and then the files that it replaces. What a
//! dead process left of them is removed at the next open.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, params};

use super::Result;
use super::values::{damaged, text};
use qldb_journal::request::UniqueId;

/// Records a file. Paths are relative to the data directory.
pub(in crate::engine) fn insert(connection: &Connection, strand: &UniqueId, path: &Path) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO passing (strand_id, path) VALUES (?1, ?2)";
    connection.execute(sql, params![strand.as_str(), words(path)?])?;
    Ok(())
}

/// Forgets a file.
pub(in crate::engine) fn remove(connection: &Connection, strand: &UniqueId, path: &Path) -> Result<()> {
    let sql = "DELETE FROM passing WHERE strand_id = ?1 AND path = ?2";
    connection.execute(sql, params![strand.as_str(), words(path)?])?;
    Ok(())
}

/// The files of one journal.
pub(in crate::engine) fn paths(connection: &Connection, strand: &UniqueId) -> Result<HashSet<PathBuf>> {
    let mut statement = connection.prepare_cached("SELECT path FROM passing WHERE strand_id = ?1")?;
    let found: rusqlite::Result<_> =
        statement.query_map([strand.as_str()], |row| row.get::<_, String>(0).map(PathBuf::from))?.collect();
    Ok(found?)
}

/// The journals that have such files.
pub(in crate::engine) fn strands(connection: &Connection) -> Result<Vec<UniqueId>> {
    let mut statement = connection.prepare("SELECT DISTINCT strand_id FROM passing")?;
    let found: rusqlite::Result<_> =
        statement.query_map([], |row| text(row, "strand_id", |id| UniqueId::parse(id).ok()))?.collect();
    Ok(found?)
}

fn words(path: &Path) -> rusqlite::Result<&str> {
    path.to_str().ok_or_else(|| damaged("path", &path.to_string_lossy()))
}
