//! Ledgers, their tags and their tables.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::Result;
use super::values::{text, time};
use crate::engine::ledger::{Ledger, LedgerState, PermissionsMode};
use qldb_journal::request::{LedgerName, UniqueId};

/// Marks a data directory in which a ledger was once created.
const LEDGER_MADE: &str = "ledger-made";

fn read(row: &Row<'_>) -> rusqlite::Result<Ledger> {
    Ok(Ledger {
        name: text(row, "name", |name| LedgerName::parse(name).ok())?,
        state: text(row, "state", LedgerState::parse)?,
        created: time(row, "created")?,
        permissions_mode: text(row, "permissions_mode", PermissionsMode::parse)?,
        deletion_protection: row.get("deletion_protection")?,
        kms_key: row.get("kms_key")?,
        strand_id: text(row, "strand_id", |id| UniqueId::parse(id).ok())?,
    })
}

/// A ledger by its name.
pub(in crate::engine) fn find(connection: &Connection, name: &LedgerName) -> Result<Option<Ledger>> {
    Ok(connection.query_row("SELECT * FROM ledgers WHERE name = ?1", [name.as_str()], read).optional()?)
}

/// The ledger with this strand.
pub(in crate::engine) fn of_strand(connection: &Connection, strand: &UniqueId) -> Result<Option<Ledger>> {
    Ok(connection.query_row("SELECT * FROM ledgers WHERE strand_id = ?1", [strand.as_str()], read).optional()?)
}

/// At most `count` ledgers ordered by name, after one of them or from the beginning.
pub(in crate::engine) fn list(connection: &Connection, after: Option<&str>, count: usize) -> Result<Vec<Ledger>> {
    let mut statement = connection.prepare_cached("SELECT * FROM ledgers WHERE name > ?1 ORDER BY name LIMIT ?2")?;
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    Ok(statement.query_map(params![after.unwrap_or_default(), count], read)?.collect::<rusqlite::Result<_>>()?)
}

/// How many ledgers there are.
pub(in crate::engine) fn count(connection: &Connection) -> Result<u64> {
    Ok(connection.query_row("SELECT count(*) FROM ledgers", [], |row| row.get(0))?)
}

/// Whether a ledger was ever created here.
pub(in crate::engine) fn ever_made(connection: &Connection) -> Result<bool> {
    Ok(connection.query_row("SELECT EXISTS (SELECT 1 FROM marks WHERE name = ?1)", [LEDGER_MADE], |row| row.get(0))?)
}

/// Adds a ledger.
pub(in crate::engine) fn insert(connection: &Connection, ledger: &Ledger) -> Result<()> {
    connection.execute(
        "INSERT INTO ledgers (name, strand_id, state, created, permissions_mode, deletion_protection, kms_key)
         VALUES (:name, :strand_id, :state, :created, :permissions_mode, :deletion_protection, :kms_key)",
        named_params! {
            ":name": ledger.name.as_str(),
            ":strand_id": ledger.strand_id.as_str(),
            ":state": ledger.state.as_str(),
            ":created": ledger.created.timestamp_millis(),
            ":permissions_mode": ledger.permissions_mode.as_str(),
            ":deletion_protection": ledger.deletion_protection,
            ":kms_key": ledger.kms_key,
        },
    )?;
    count_change(connection, &ledger.strand_id)?;
    note_made(connection, ledger.state)
}

/// Writes the members of a ledger that can change.
pub(in crate::engine) fn update(connection: &Connection, ledger: &Ledger) -> Result<()> {
    connection.execute(
        "UPDATE ledgers SET state = :state, permissions_mode = :permissions_mode,
         deletion_protection = :deletion_protection, kms_key = :kms_key, changes = changes + 1 WHERE name = :name",
        named_params! {
            ":name": ledger.name.as_str(),
            ":state": ledger.state.as_str(),
            ":permissions_mode": ledger.permissions_mode.as_str(),
            ":deletion_protection": ledger.deletion_protection,
            ":kms_key": ledger.kms_key,
        },
    )?;
    note_made(connection, ledger.state)
}

fn note_made(connection: &Connection, state: LedgerState) -> Result<()> {
    if state == LedgerState::Active {
        connection.execute("INSERT OR IGNORE INTO marks (name) VALUES (?1)", [LEDGER_MADE])?;
    }
    Ok(())
}

/// Removes a ledger with its tags, tables and segments. Its exports stay.
pub(in crate::engine) fn remove(connection: &Connection, strand: &UniqueId) -> Result<()> {
    connection.execute("DELETE FROM ledgers WHERE strand_id = ?1", [strand.as_str()])?;
    Ok(())
}

/// The ledgers in a state other than ACTIVE.
pub(in crate::engine) fn unsettled(connection: &Connection) -> Result<Vec<Ledger>> {
    let mut statement = connection.prepare("SELECT * FROM ledgers WHERE state <> ?1")?;
    Ok(statement.query_map([LedgerState::Active.as_str()], read)?.collect::<rusqlite::Result<_>>()?)
}

/// The ledgers that are ACTIVE.
pub(in crate::engine) fn settled(connection: &Connection) -> Result<Vec<Ledger>> {
    let mut statement = connection.prepare("SELECT * FROM ledgers WHERE state = ?1")?;
    Ok(statement.query_map([LedgerState::Active.as_str()], read)?.collect::<rusqlite::Result<_>>()?)
}

/// How often a ledger was changed.
pub(in crate::engine) fn changes(connection: &Connection, strand: &UniqueId) -> Result<u64> {
    let sql = "SELECT changes FROM ledgers WHERE strand_id = ?1";
    Ok(connection.query_row(sql, [strand.as_str()], |row| row.get(0)).optional()?.unwrap_or_default())
}

/// Counts another change of a ledger.
pub(in crate::engine) fn count_change(connection: &Connection, strand: &UniqueId) -> Result<()> {
    let sql = "UPDATE ledgers SET changes = changes + 1 WHERE strand_id = ?1";
    connection.execute(sql, [strand.as_str()])?;
    Ok(())
}

/// Sets the number of changes of a ledger, if it is known from elsewhere.
pub(in crate::engine) fn set_changes(connection: &Connection, strand: &UniqueId, changes: u64) -> Result<()> {
    let sql = "UPDATE ledgers SET changes = ?2 WHERE strand_id = ?1";
    connection.execute(sql, params![strand.as_str(), changes])?;
    Ok(())
}

/// The tags of a ledger.
pub(in crate::engine) fn tags(connection: &Connection, strand: &UniqueId) -> Result<BTreeMap<String, String>> {
    pairs(connection, "SELECT name, value FROM tags WHERE strand_id = ?1", strand)
}

/// Sets one tag.
pub(in crate::engine) fn tag(connection: &Connection, strand: &UniqueId, name: &str, value: &str) -> Result<()> {
    let sql = "INSERT OR REPLACE INTO tags (strand_id, name, value) VALUES (?1, ?2, ?3)";
    connection.execute(sql, params![strand.as_str(), name, value])?;
    count_change(connection, strand)
}

/// Removes one tag. A missing tag is not an error.
pub(in crate::engine) fn untag(connection: &Connection, strand: &UniqueId, name: &str) -> Result<()> {
    connection.execute("DELETE FROM tags WHERE strand_id = ?1 AND name = ?2", [strand.as_str(), name])?;
    count_change(connection, strand)
}

/// The tables of a ledger: name to id.
pub(in crate::engine) fn tables(connection: &Connection, strand: &UniqueId) -> Result<BTreeMap<String, String>> {
    pairs(connection, "SELECT name, id FROM tables WHERE strand_id = ?1", strand)
}

/// Adds a table, or leaves it if it exists.
pub(in crate::engine) fn add_table(connection: &Connection, strand: &UniqueId, name: &str, id: &str) -> Result<()> {
    let sql = "INSERT OR IGNORE INTO tables (strand_id, name, id) VALUES (?1, ?2, ?3)";
    connection.execute(sql, params![strand.as_str(), name, id])?;
    Ok(())
}

fn pairs(connection: &Connection, sql: &str, strand: &UniqueId) -> Result<BTreeMap<String, String>> {
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement
        .query_map([strand.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?)
}
