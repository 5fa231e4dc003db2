//! The statements that make the tables.

use crate::columns::{Kind, Table};

use super::quoted;

/// The tables of every form, and what the views are made of.
pub(super) fn tables(with_ion: bool) -> String {
    let mut sql: String = Table::ALL.into_iter().map(|table| create(table, with_ion)).collect();
    sql.push_str(FIELDS);
    sql
}

fn create(table: Table, with_ion: bool) -> String {
    let column = |column: &crate::columns::Column| {
        let kind = match column.kind {
            Kind::Text | Kind::Json | Kind::Time => "TEXT",
            Kind::Number | Kind::Bool => "INTEGER",
        };
        let must = if column.is_optional { "" } else { " NOT NULL" };
        format!("  {} {kind}{must}", column.name)
    };
    let columns: Vec<String> = table.columns(with_ion).iter().map(column).collect();
    format!("CREATE TABLE {} (\n{}\n);\n", quoted(table.name()), columns.join(",\n"))
}

/// The names of the fields of documents, from which the views are made.
const FIELDS: &str = "CREATE TABLE document_field (table_name TEXT NOT NULL, table_id TEXT NOT NULL, \
                      field TEXT NOT NULL, column_name TEXT, UNIQUE (table_name, table_id, field));
CREATE TABLE document_table (table_name TEXT NOT NULL, table_id TEXT NOT NULL, revisions INTEGER NOT NULL, \
                      documents INTEGER NOT NULL, view_name TEXT, committed_view_name TEXT, history_view_name TEXT);
";

/// By document, transaction and time.
pub(super) const INDEXES: &str = "CREATE INDEX IF NOT EXISTS revision_doc_id ON revision (doc_id, version);
CREATE INDEX IF NOT EXISTS revision_tx_id ON revision (tx_id);
CREATE INDEX IF NOT EXISTS revision_block_time ON revision (block_time);
CREATE INDEX IF NOT EXISTS transaction_tx_id ON \"transaction\" (tx_id);
CREATE INDEX IF NOT EXISTS transaction_block_time ON \"transaction\" (block_time);
CREATE INDEX IF NOT EXISTS statement_tx_id ON statement (tx_id);
";

/// Leaves only the last revision of each document that was not deleted, whatever version a deletion claims.
pub(crate) const ONLY_CURRENT: &str = "DELETE FROM revision WHERE operation = 'D' OR EXISTS (
  SELECT 1 FROM revision AS later WHERE later.doc_id = revision.doc_id
    AND (later.operation = 'D' OR later.version > revision.version
      OR later.version = revision.version AND later.rowid > revision.rowid));
DELETE FROM \"transaction\" WHERE NOT EXISTS (SELECT 1 FROM revision WHERE revision.tx_id = \"transaction\".tx_id);
DELETE FROM statement WHERE NOT EXISTS (SELECT 1 FROM revision WHERE revision.tx_id = statement.tx_id);
";
