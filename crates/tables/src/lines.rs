//! CSV and JSON Lines: a file for each table, which `PostgreSQL`'s COPY and other programs can
//! read, and the statements that load them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::TableError;
use crate::columns::{self, Table, Value};
use crate::facts::Facts;
use crate::folder;
use crate::form::{Form, LOAD};
use crate::postgres;
use crate::rows::Rows;
use crate::sink::Sink;

/// Writes a folder of files.
pub(crate) struct Lines {
    folder: PathBuf,
    form: Form,
    with_ion: bool,
    files: Vec<(Table, BufWriter<File>)>,
    line: Vec<u8>,
    /// Tables whose file an older psql does not read to its end.
    cut_off: BTreeSet<Table>,
}

impl Lines {
    pub(crate) fn create(folder: &Path, form: Form, with_ion: bool) -> Result<Self, TableError> {
        fs::create_dir(folder).map_err(TableError::io(folder))?;
        let mut files = Vec::new();
        for table in Table::ALL {
            let path = folder.join(form.file_name(table));
            let file = File::create(&path).map_err(TableError::io(&path))?;
            let mut file = BufWriter::with_capacity(256 << 10, file);
            if form == Form::Csv {
                let names: Vec<&str> = table.columns(with_ion).iter().map(|column| column.name).collect();
                writeln!(file, "{}", names.join(",")).map_err(TableError::io(&path))?;
            }
            files.push((table, file));
        }
        Ok(Self { folder: folder.to_owned(), form, with_ion, files, line: Vec::new(), cut_off: BTreeSet::new() })
    }

    fn line(&mut self, table: Table, row: &[Value<'_>]) -> io::Result<()> {
        self.line.clear();
        match self.form {
            Form::Csv => {
                push_csv(row, &mut self.line);
                if row.iter().any(|value| matches!(value, Value::Text(text) if postgres::cuts_off(text))) {
                    self.cut_off.insert(table);
                }
            }
            _ => push_json(table, self.with_ion, row, &mut self.line),
        }
        self.line.push(b'\n');
        let file = self.files.iter_mut().find(|(of, _)| *of == table);
        file.map_or(Ok(()), |(_, file)| file.write_all(&self.line))
    }
}

impl Sink for Lines {
    fn row(&mut self, table: Table, row: &[Value<'_>]) -> Result<(), TableError> {
        self.line(table, row).map_err(|cause| TableError::io(&self.folder)(cause))
    }

    fn finish(mut self: Box<Self>, facts: &Facts<'_>) -> Result<Option<Rows>, TableError> {
        let texts = facts.texts();
        self.row(Table::Archive, &facts.row(&texts))?;
        for (_, mut file) in self.files {
            file.flush().map_err(TableError::io(&self.folder))?;
        }
        let load = self.folder.join(LOAD);
        fs::write(&load, postgres::load(self.form, self.with_ion, &self.cut_off)).map_err(TableError::io(&load))?;
        folder::write(&self.folder, self.form, self.with_ion, &[], facts)?;
        Ok(None)
    }
}

/// A row as in RFC 4180 and `PostgreSQL`: null is empty, and an empty string is in quotes.
fn push_csv(row: &[Value<'_>], out: &mut Vec<u8>) {
    for (index, value) in row.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        match value {
            Value::Null => {}
            Value::Text(text) | Value::Json(text) => push_quoted(text, out),
            Value::Time(time) => out.extend(columns::time(*time).into_bytes()),
            Value::Number(number) => push_number(*number, out),
            Value::Bool(is) => out.extend_from_slice(if *is { b"true" } else { b"false" }),
            Value::Hash(hash) => hash.push_base64(out),
        }
    }
}

fn push_quoted(text: &str, out: &mut Vec<u8>) {
    // PostgreSQL's text can't hold it.
    if text.contains('\0') {
        return push_quoted(&text.replace('\0', "\u{FFFD}"), out);
    }
    out.push(b'"');
    for (index, part) in text.split('"').enumerate() {
        if index > 0 {
            out.extend_from_slice(b"\"\"");
        }
        out.extend_from_slice(part.as_bytes());
    }
    out.push(b'"');
}

/// A row as a JSON object, with JSON values embedded unchanged.
fn push_json(table: Table, with_ion: bool, row: &[Value<'_>], out: &mut Vec<u8>) {
    out.push(b'{');
    for (index, (column, value)) in table.columns(with_ion).iter().zip(row).enumerate() {
        if index > 0 {
            out.push(b',');
        }
        out.push(b'"');
        out.extend_from_slice(column.name.as_bytes());
        out.extend_from_slice(b"\":");
        match value {
            Value::Null => out.extend_from_slice(b"null"),
            Value::Json(json) => out.extend_from_slice(json.as_bytes()),
            Value::Text(text) => push_string(text, out),
            Value::Time(time) => push_string(&columns::time(*time), out),
            Value::Number(number) => push_number(*number, out),
            Value::Bool(is) => out.extend_from_slice(if *is { b"true" } else { b"false" }),
            Value::Hash(hash) => {
                out.push(b'"');
                hash.push_base64(out);
                out.push(b'"');
            }
        }
    }
    out.push(b'}');
}

fn push_string(text: &str, out: &mut Vec<u8>) {
    // A string can always be written as JSON.
    let _ = serde_json::to_writer(out, text);
}

fn push_number(number: u64, out: &mut Vec<u8>) {
    // A vector takes everything.
    let _ = write!(out, "{number}");
}
