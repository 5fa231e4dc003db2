//! The statements that create the tables.

use crate::columns::{Kind, Table};

use super::quoted;

/// The tables of every format, and those from which the views are made.
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

/// By document, transaction and time. The index on deletions shows whether a document is current without its other
/// versions.
pub(super) const INDEXES: &str = "CREATE INDEX IF NOT EXISTS revision_doc_id ON revision (doc_id, version);
CREATE INDEX IF NOT EXISTS revision_deleted ON revision (doc_id) WHERE operation = 'D';
CREATE INDEX IF NOT EXISTS revision_tx_id ON revision (tx_id);
CREATE INDEX IF NOT EXISTS revision_block_time ON revision (block_time);
CREATE INDEX IF NOT EXISTS transaction_tx_id ON \"transaction\" (tx_id);
CREATE INDEX IF NOT EXISTS transaction_block_time ON \"transaction\" (block_time);
CREATE INDEX IF NOT EXISTS statement_tx_id ON statement (tx_id);
";

/// Whether `r` is the last revision of a document that was not deleted. No hash covers a deletion's metadata apart from
/// the id, so its version decides nothing: no revision of a document follows its deletion, and a document that is
/// inserted again has a new id. Of several revisions that claim one version, the last counts, so that a document is one
/// row. Each of the three conditions is one index lookup, however many versions a document has.
pub(super) const IS_CURRENT: &str = "r.operation <> 'D' \
    AND NOT EXISTS (SELECT 1 FROM revision AS gone WHERE gone.doc_id = r.doc_id AND gone.operation = 'D') \
    AND NOT EXISTS (SELECT 1 FROM revision AS later WHERE later.doc_id = r.doc_id AND later.version > r.version) \
    AND NOT EXISTS (SELECT 1 FROM revision AS later WHERE later.doc_id = r.doc_id AND later.version = r.version \
    AND later.rowid > r.rowid)";
