//! The views of each QLDB table, by QLDB's own names: `Vehicle` with the current documents,
//! `_ql_committed_Vehicle` with their metadata, and `history_Vehicle` with every revision.

use std::collections::HashSet;

use rusqlite::Connection;

use super::fields::Fields;
use super::schema::IS_CURRENT;
use super::{literal, quoted};
use crate::batch::TableRef;

/// A revision in QLDB's committed view and history.
const COMMITTED: &str = "json_object('strandId', r.strand_id, 'sequenceNo', r.sequence_no) AS blockAddress, \
                         r.hash AS hash, r.data AS data, r.data_hash AS dataHash, \
                         json_object('id', r.doc_id, 'version', r.version, 'txTime', r.tx_time, 'txId', r.tx_id) \
                         AS metadata";

/// Creates the views, after the earlier ones were dropped. If a table was dropped and created again with the same name,
/// the views show the one that was written to last, because a dropped one can be restored.
pub(super) fn make(connection: &Connection, fields: &Fields) -> rusqlite::Result<()> {
    let mut taken = taken_names(connection)?;
    for (table, names) in fields.tables() {
        if !fields.is_latest(table) {
            continue;
        }
        let name = |prefix: &str, taken: &mut HashSet<String>| free(&format!("{prefix}{}", table.name), taken);
        let of_table = format!("r.table_name = {} AND r.table_id = {}", literal(&table.name), literal(&table.id));
        let (columns, column_names) = columns(names);
        let view = name("", &mut taken);
        create(connection, &view, &format!("r.doc_id AS doc_id{columns}"), &format!("{of_table} AND {IS_CURRENT}"))?;
        let committed = name("_ql_committed_", &mut taken);
        create(connection, &committed, COMMITTED, &format!("{of_table} AND {IS_CURRENT}"))?;
        let history = name("history_", &mut taken);
        create(connection, &history, COMMITTED, &of_table)?;
        note(connection, table, [&view, &committed, &history], names, &column_names)?;
    }
    Ok(())
}

fn create(connection: &Connection, name: &str, columns: &str, condition: &str) -> rusqlite::Result<()> {
    let sql = format!("CREATE VIEW {} AS SELECT {columns} FROM revision AS r WHERE {condition}", quoted(name));
    connection.execute_batch(&sql)
}

/// Drops the views that an earlier conversion made. Any others belong to somebody else.
pub(super) fn drop_ours(connection: &Connection) -> rusqlite::Result<()> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'view' AND name IN (SELECT view_name FROM document_table \
               UNION SELECT committed_view_name FROM document_table \
               UNION SELECT history_view_name FROM document_table)";
    let mut select = connection.prepare(sql)?;
    let names: Vec<String> = select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    names.iter().try_for_each(|name| connection.execute_batch(&format!("DROP VIEW {}", quoted(name))))
}

/// Names that can't be used for a view, in lower case: SQLite is case-insensitive.
fn taken_names(connection: &Connection) -> rusqlite::Result<HashSet<String>> {
    let mut select = connection.prepare("SELECT lower(name) FROM sqlite_schema")?;
    select.query_map([], |row| row.get(0))?.collect()
}

/// The wanted name, or the same with a number if it is taken.
fn free(wanted: &str, taken: &mut HashSet<String>) -> String {
    // SQLite reserves these names.
    let wanted =
        if wanted.to_ascii_lowercase().starts_with("sqlite_") { format!("_{wanted}") } else { wanted.to_owned() };
    numbered(&wanted, taken)
}

/// A name that is still free: the wanted one, or the same with a number.
fn numbered(wanted: &str, taken: &mut HashSet<String>) -> String {
    // SQLite names can't contain this character.
    let wanted = wanted.replace('\0', "\u{FFFD}");
    let mut name = wanted.clone();
    let mut number = 2;
    while !taken.insert(name.to_ascii_lowercase()) {
        name = format!("{wanted}_{number}");
        number += 1;
    }
    name
}

/// The columns for some fields, and the name of each.
fn columns(fields: &[String]) -> (String, Vec<String>) {
    let mut taken = HashSet::from(["doc_id".to_owned()]);
    let names: Vec<String> = fields.iter().map(|field| numbered(field, &mut taken)).collect();
    let sql = fields.iter().zip(&names).map(|(field, name)| format!(", {} AS {}", value(field), quoted(name)));
    (sql.collect(), names)
}

/// Whether a view is read by SQLite 3.45 or later: since then a path may contain escapes, as in JSON.
const KNOWS_ESCAPES: &str = "CAST(substr(sqlite_version(), 3) AS REAL) >= 45";

/// The expression for a field of a document, for every SQLite since 3.38.
fn value(field: &str) -> String {
    let escaped = serde_json::to_string(field).unwrap_or_default();
    let is_plain = !field.is_empty() && escaped.len() == field.len() + 2;
    let in_quotes = at(&format!("$.{escaped}"));
    if is_plain {
        return in_quotes;
    }
    let is_usual = |character: char| character >= ' ' || matches!(character, '\n' | '\r' | '\t');
    // Earlier versions compare a bare name with its written form.
    let has_path = !field.is_empty() && !field.contains(['.', '[']) && field.chars().all(is_usual);
    let earlier = if has_path {
        at(&format!("$.{}", inside(&escaped)))
    } else {
        format!("(SELECT value FROM json_each(r.data) WHERE key = {} LIMIT 1)", literal(field))
    };
    format!("CASE WHEN {KNOWS_ESCAPES} THEN {in_quotes} ELSE {earlier} END")
}

/// A text without its surrounding quotes.
fn inside(quoted: &str) -> &str {
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default()
}

/// The value at a path: text, integers and floats as SQLite's own; decimals, and integers beyond 64 bits, as the text
/// of their digits, because SQLite has neither; lists and structs as JSON.
fn at(path: &str) -> String {
    let path = literal(path);
    let (json, sql) = (format!("r.data -> {path}"), format!("r.data ->> {path}"));
    // A float has a point or one digit before its exponent; a decimal never has both, and usually more digits. A decimal
    // with one digit is read as a float if there is such a float.
    format!(
        "CASE json_type(r.data, {path}) \
         WHEN 'integer' THEN CASE typeof({sql}) WHEN 'integer' THEN {sql} ELSE {json} END \
         WHEN 'real' THEN CASE WHEN {json} GLOB '*.*e*' OR ltrim({json}, '-') GLOB '[0-9]e*' \
         AND (abs({sql}) > 0 AND abs({sql}) < 9e999 OR ltrim({json}, '-') GLOB '0e*') \
         THEN {sql} ELSE {json} END \
         ELSE {sql} END"
    )
}

/// Records the names of a table's views and columns.
fn note(
    connection: &Connection,
    table: &TableRef,
    views: [&str; 3],
    fields: &[String],
    columns: &[String],
) -> rusqlite::Result<()> {
    let [view, committed, history] = views;
    connection.execute(
        "UPDATE document_table SET view_name = ?, committed_view_name = ?, history_view_name = ? \
         WHERE table_name = ? AND table_id = ?",
        [view, committed, history, &table.name, &table.id],
    )?;
    let mut update = connection
        .prepare("UPDATE document_field SET column_name = ? WHERE table_name = ? AND table_id = ? AND field = ?")?;
    for (field, column) in fields.iter().zip(columns) {
        update.execute([column, &table.name, &table.id, field])?;
    }
    Ok(())
}
