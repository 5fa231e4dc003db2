//! A folder of Parquet files: the revisions as Hive partitions by QLDB table, the transactions and
//! the statements, each in the order of the journal.

mod columns;
mod partitions;
mod schema;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::file::metadata::KeyValue;
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use parquet::file::writer::SerializedFileWriter;
use qldb_journal::archive::verify;

use crate::TableError;
use crate::columns::{Table, Value};
use crate::facts::Facts;
use crate::folder;
use crate::form::Form;
use crate::rows::Rows;
use crate::sink::Sink;
use columns::Columns;
pub(crate) use partitions::PARTITION;
use partitions::Partitions;

/// How much is buffered for row groups, over all files.
const MOST_WAITING: usize = 32 << 20;
/// How many QLDB tables have an open file; QLDB allowed 40.
const MOST_TABLES: usize = 256;

/// Writes a folder of files.
pub(crate) struct Parquet {
    folder: PathBuf,
    with_ion: bool,
    /// The name of its files.
    file_name: String,
    /// The facts of the earlier conversions.
    before: Vec<serde_json::Value>,
    partitions: Partitions,
    files: Vec<PartitionFile>,
    waiting: usize,
}

/// A file that is being written.
struct PartitionFile {
    /// The table whose rows are in it, and for revisions the QLDB table.
    table: Table,
    of: Option<String>,
    path: PathBuf,
    writer: SerializedFileWriter<File>,
    columns: Columns,
}

impl Parquet {
    /// Begins a folder of files.
    pub(crate) fn create(folder: &Path, with_ion: bool) -> Result<Self, TableError> {
        Self::begin(folder, numbered(1), with_ion, Vec::new(), Partitions::default())
    }

    /// Begins files to be added to a folder that earlier conversions made.
    pub(crate) fn extend(
        folder: &Path,
        with_ion: bool,
        to: &Path,
        before: Vec<serde_json::Value>,
    ) -> Result<Self, TableError> {
        let file_name = numbered(before.len() + 1);
        Self::begin(folder, file_name, with_ion, before, Partitions::of(&to.join(Table::Revision.name()))?)
    }

    /// Begins the files that one part of a divided conversion adds to a folder among those of the others.
    pub(crate) fn create_part(
        folder: &Path,
        with_ion: bool,
        to: &Path,
        part: verify::Part,
    ) -> Result<Self, TableError> {
        let revisions = to.join(Table::Revision.name());
        let partitions = if revisions.is_dir() { Partitions::of(&revisions)? } else { Partitions::default() };
        Self::begin(folder, format!("{}.parquet", part.stem()), with_ion, Vec::new(), partitions)
    }

    fn begin(
        folder: &Path,
        file_name: String,
        with_ion: bool,
        before: Vec<serde_json::Value>,
        partitions: Partitions,
    ) -> Result<Self, TableError> {
        fs::create_dir(folder).map_err(TableError::io(folder))?;
        let mut sink =
            Self { folder: folder.to_owned(), with_ion, file_name, before, partitions, files: Vec::new(), waiting: 0 };
        for table in [Table::Transaction, Table::Statement] {
            let part = sink.begin_part(table, None)?;
            sink.files.push(part);
        }
        let revisions = folder.join(Table::Revision.name());
        fs::create_dir(&revisions).map_err(TableError::io(&revisions))?;
        Ok(sink)
    }

    fn begin_part(&mut self, table: Table, of: Option<&str>) -> Result<PartitionFile, TableError> {
        let mut folder = self.folder.join(table.name());
        if table == Table::Revision {
            folder.push(self.partitions.folder(of)?);
        }
        fs::create_dir_all(&folder).map_err(TableError::io(&folder))?;
        let path = folder.join(&self.file_name);
        let file = File::create_new(&path).map_err(TableError::io(&path))?;
        let schema = schema::of(table, self.with_ion).map_err(TableError::parquet(&path))?;
        let writer = SerializedFileWriter::new(file, schema, Arc::new(schema::properties(table)));
        let writer = writer.map_err(TableError::parquet(&path))?;
        let columns = Columns::new(schema::columns(table, self.with_ion));
        Ok(PartitionFile { table, of: of.map(str::to_owned), path, writer, columns })
    }

    /// The file of a row.
    fn part(&mut self, table: Table, row: &[Value<'_>]) -> Result<&mut PartitionFile, TableError> {
        let of = if table == Table::Revision { schema::partition(row) } else { None };
        // There are few files, and this allocates nothing for a row.
        let place = self.files.iter().position(|part| part.table == table && part.of.as_deref() == of);
        let place = match place {
            Some(place) => place,
            None if self.files.len() > MOST_TABLES => return Err(TableError::TooManyTables(MOST_TABLES)),
            None => {
                let part = self.begin_part(table, of)?;
                self.files.push(part);
                self.files.len() - 1
            }
        };
        let Self { files, folder, .. } = self;
        files.get_mut(place).ok_or_else(|| TableError::io(folder)(std::io::ErrorKind::NotFound.into()))
    }

    /// Begins a file for revisions if there is none: engines don't read a folder without files.
    fn have_revisions(&mut self) -> Result<(), TableError> {
        if !self.files.iter().any(|part| part.table == Table::Revision) {
            let part = self.begin_part(Table::Revision, None)?;
            self.files.push(part);
        }
        Ok(())
    }

    fn flush_largest(&mut self) -> Result<(), TableError> {
        if let Some(part) = self.files.iter_mut().max_by_key(|part| part.columns.size()) {
            self.waiting -= part.flush()?;
        }
        Ok(())
    }
}

impl Sink for Parquet {
    fn row(&mut self, table: Table, row: &[Value<'_>]) -> Result<(), TableError> {
        let size = self.part(table, row)?.columns.push(schema::values(table, row));
        self.waiting += size;
        if self.waiting > MOST_WAITING { self.flush_largest() } else { Ok(()) }
    }

    fn finish(mut self: Box<Self>, facts: &Facts<'_>) -> Result<Option<Rows>, TableError> {
        if self.before.is_empty() {
            self.have_revisions()?;
        }
        close(self.files, &folder::json(facts))?;
        folder::write(&self.folder, Form::Parquet, self.with_ion, &self.before, facts)?;
        Ok(None)
    }

    fn finish_part(mut self: Box<Self>, footer: &serde_json::Value) -> Result<(), TableError> {
        self.have_revisions()?;
        close(self.files, footer)
    }
}

/// The number of rows in a file, as counted in its footer; `None` if it can't be read.
pub(crate) fn rows_of(file: File) -> Option<u64> {
    let reader = SerializedFileReader::new(file).ok()?;
    u64::try_from(reader.metadata().file_metadata().num_rows()).ok()
}

/// The name of a conversion's files: by its number among those that made the folder, from 1 on.
fn numbered(number: usize) -> String {
    format!("part-{number:05}.parquet")
}

/// Completes all files.
fn close(files: Vec<PartitionFile>, footer: &serde_json::Value) -> Result<(), TableError> {
    files.into_iter().try_for_each(|mut part| {
        part.flush()?;
        part.close(footer)
    })
}

impl PartitionFile {
    /// Writes the buffered rows as a row group; returns their size.
    fn flush(&mut self) -> Result<usize, TableError> {
        let size = self.columns.size();
        if size > 0 {
            self.columns.write(&mut self.writer).map_err(TableError::parquet(&self.path))?;
        }
        Ok(size)
    }

    /// Completes the file, with the facts in its footer. The list of objects is only in `archive.json`.
    fn close(mut self, facts: &serde_json::Value) -> Result<(), TableError> {
        for (name, fact) in facts.as_object().into_iter().flatten() {
            let text = fact.as_str().map_or_else(|| fact.to_string(), str::to_owned);
            self.writer.append_key_value_metadata(KeyValue::new(format!("qldb.{name}"), text));
        }
        self.writer.close().map(drop).map_err(TableError::parquet(&self.path))
    }
}
