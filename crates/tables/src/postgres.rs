//! The statements that load the files into `PostgreSQL`, with `psql` in their folder.

use crate::columns::{Column, Kind, Table};
use crate::form::Form;

/// The whole script.
pub(crate) fn load(form: Form, with_ion: bool) -> String {
    let head = "-- Loads the files of this folder into PostgreSQL; run it in this folder: psql -d DATABASE -f load.sql\n\
                -- Whether the archive was proved is in the table archive: verdict, unverified, levels.\n\
                \\set ON_ERROR_STOP on\nBEGIN;\n";
    let tables = Table::ALL.map(|table| of_table(table, form, with_ion));
    format!("{head}{}{INDEXES}COMMIT;\n", tables.concat())
}

const INDEXES: &str = "\nCREATE INDEX ON revision (doc_id, version);\nCREATE INDEX ON revision (tx_id);\n\
                       CREATE INDEX ON revision (block_time);\n";

fn of_table(table: Table, form: Form, with_ion: bool) -> String {
    let (name, columns) = (table.name(), table.columns(with_ion));
    let declared: Vec<String> = columns.iter().map(declared).collect();
    let create = format!("\nCREATE TABLE {name} (\n{}\n);\n", declared.join(",\n"));
    let file = form.file_name(table);
    let copy = match form {
        Form::Csv => format!("\\copy {name} FROM '{file}' WITH (FORMAT csv, HEADER true, ENCODING 'UTF8')\n"),
        // A line is one text: neither character stands in JSON. What stands for U+0000 there is replaced, since no text of
        // PostgreSQL can hold it.
        _ => format!(
            "CREATE TEMPORARY TABLE {name}_line (line text);\n\
             \\copy {name}_line FROM '{file}' WITH (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02', ENCODING 'UTF8')\n\
             INSERT INTO {name} SELECT row.* FROM {name}_line, json_populate_record(NULL::{name}, \
             regexp_replace(line, '(?<!\\\\)((?:\\\\\\\\)*)\\\\u0000', '\\1\\\\ufffd', 'g')::json) AS row;\n\
             DROP TABLE {name}_line;\n"
        ),
    };
    format!("{create}{copy}")
}

fn declared(column: &Column) -> String {
    let kind = match column.kind {
        Kind::Text => "text",
        // As it was written: jsonb would drop fields that stand twice, and the order of all.
        Kind::Json => "json",
        Kind::Time => "timestamptz",
        Kind::Number => "bigint",
        Kind::Bool => "boolean",
    };
    let must = if column.is_optional { "" } else { " NOT NULL" };
    format!("  {} {kind}{must}", column.name)
}
