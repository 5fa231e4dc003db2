//! The statements that load the files into `PostgreSQL`, with `psql` in their folder.

use std::collections::BTreeSet;

use crate::columns::{Column, Kind, Table};
use crate::form::Form;

/// Whether a text has a line that psql before version 18 takes for the end of a CSV file: `\.` alone, between two
/// others. The first line begins with the quote, and the last ends with it.
pub(crate) fn cuts_off(text: &str) -> bool {
    let mut lines = text.split('\n').skip(1).peekable();
    while let Some(line) = lines.next() {
        if matches!(line, "\\." | "\\.\r") && lines.peek().is_some() {
            return true;
        }
    }
    false
}

/// The whole script. In an older psql, it refuses to run if that would not read a table's file to its end.
pub(crate) fn load(form: Form, with_ion: bool, cut_off: &BTreeSet<Table>) -> String {
    let head = "-- Loads the files of this folder into PostgreSQL; run it in this folder: psql -d DATABASE -f load.sql\n\
                -- Whether the archive was proved is in the table archive: verdict, unverified, levels.\n\
                \\set ON_ERROR_STOP on\nBEGIN;\n";
    let tables = Table::ALL.map(|table| of_table(table, form, with_ion));
    let refusals: String = cut_off.iter().map(|table| refusal(&form.file_name(*table))).collect();
    format!("{head}{refusals}{}{INDEXES}COMMIT;\n", tables.concat())
}

fn refusal(file: &str) -> String {
    format!(
        "\n-- A text in {file} has a line that holds \\. alone, which psql before version 18 takes for the end of the file.\n\
         SELECT :VERSION_NUM < 180000 AS psql_is_too_old \\gset\n\
         \\if :psql_is_too_old\n\
         DO $$ BEGIN RAISE EXCEPTION 'psql before version 18 does not read {file} to its end' USING HINT = \
         'A text in it has a line that holds \\. alone. Use psql 18 or later, let the server read the file (COPY), or \
         convert to JSON Lines.'; END $$;\n\
         \\endif\n"
    )
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
        // Each line is read as one text value: neither character occurs in JSON. The escape for U+0000 is replaced,
        // because PostgreSQL's text can't hold it.
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
        // As it was written: jsonb would drop repeated fields, and the order of all.
        Kind::Json => "json",
        Kind::Time => "timestamptz",
        Kind::Number => "bigint",
        Kind::Bool => "boolean",
    };
    let must = if column.is_optional { "" } else { " NOT NULL" };
    format!("  {} {kind}{must}", column.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_line_between_others_cuts_a_file_off() {
        for (text, expected) in [
            ("a\n\\.\nb", true),
            ("a\r\n\\.\r\nb", true),
            ("\n\\.\n", true),
            ("\\.", false),
            ("\\.\nb", false),
            ("a\n\\.", false),
            ("a\n\\. \nb", false),
            ("a\n\\.\r", false),
            ("a \\. b\nc", false),
        ] {
            assert_eq!(cuts_off(text), expected, "{text:?}");
        }
    }
}
