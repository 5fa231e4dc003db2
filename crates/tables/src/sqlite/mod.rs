//! An archive as one SQLite database: the tables of every format, and views for each QLDB table
//! under QLDB's own names.

mod documents;
mod fields;
mod schema;
mod views;

use std::borrow::Cow;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use rusqlite::types::{ToSqlOutput, Value as Owned, ValueRef};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, ToSql};

use crate::TableError;
use crate::batch::Batch;
use crate::columns::{self, Journal, Kind, Table, Value};
use crate::facts::Facts;
use crate::held::Held;
use crate::rows::Rows;
use crate::sink::Sink;
use fields::Fields;
use schema::IS_CURRENT;

/// The id of our databases in their header, as `file` and `PRAGMA application_id` show it: "qlex".
pub(crate) const APPLICATION_ID: i32 = 0x716c_6578;

/// How much a database may keep in memory: this much of its pages (in KiB), and as much again while it sorts an index.
/// Anything beyond that is sorted in files.
const MEMORY: &str = "PRAGMA cache_size = -16384; PRAGMA temp_store = FILE";

/// Writes a database.
pub(crate) struct Sqlite {
    connection: Connection,
    path: PathBuf,
    inserts: Vec<(Table, String)>,
    with_ion: bool,
    fields: Fields,
}

impl Sqlite {
    /// Begins a new database.
    pub(crate) fn create(path: &Path, with_ion: bool) -> Result<Self, TableError> {
        let connection = Connection::open(as_path(path)).map_err(TableError::sqlite(path))?;
        // Nobody reads it before it is complete, so nothing needs to be recovered.
        let begin = format!(
            "PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; \
             PRAGMA locking_mode = EXCLUSIVE; {MEMORY}; BEGIN"
        );
        let created = connection
            .execute_batch(&begin)
            .and_then(|()| connection.pragma_update(None, "application_id", APPLICATION_ID))
            .and_then(|()| connection.execute_batch(&schema::tables(with_ion)));
        created.map_err(TableError::sqlite(path))?;
        Ok(Self::over(connection, path, with_ion))
    }

    /// Opens a database to extend it in one transaction, which is applied as a whole or not at all. Its content must be
    /// the same as when the extension was decided on: another run may have extended it meanwhile under another name.
    pub(crate) fn extend(path: &Path, with_ion: bool, expected: &Held) -> Result<Self, TableError> {
        let connection = Connection::open_with_flags(as_path(path), OpenFlags::SQLITE_OPEN_READ_WRITE);
        let connection = connection.map_err(TableError::sqlite(path))?;
        let begun = connection.execute_batch(&format!("{MEMORY}; BEGIN IMMEDIATE"));
        begun.map_err(|cause| match cause.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DatabaseBusy) => TableError::Busy(path.to_owned()),
            _ => TableError::sqlite(path)(cause),
        })?;
        if read_held(&connection).map_err(TableError::sqlite(path))?.as_ref() != Some(expected) {
            return Err(TableError::Busy(path.to_owned()));
        }
        let mut sink = Self::over(connection, path, with_ion);
        sink.fields = Fields::read(&sink.connection).map_err(TableError::sqlite(path))?;
        Ok(sink)
    }

    fn over(connection: Connection, path: &Path, with_ion: bool) -> Self {
        let inserts = Table::ALL.map(|table| (table, insert(table, with_ion))).to_vec();
        Self { connection, path: path.to_owned(), inserts, with_ion, fields: Fields::default() }
    }

    /// The content of a file, if it is a database that a conversion wrote.
    pub(crate) fn held(path: &Path) -> Result<Option<Held>, TableError> {
        if !says_ours(path).map_err(TableError::io(path))? {
            return Ok(None);
        }
        let read =
            |flags| Connection::open_with_flags(as_path(path), flags).and_then(|connection| read_held(&connection));
        // What an interrupted extension left is rolled back by opening it for writing.
        let held = read(OpenFlags::SQLITE_OPEN_READ_WRITE).or_else(|_| read(OpenFlags::SQLITE_OPEN_READ_ONLY));
        match held {
            Ok(held) => Ok(held),
            Err(rusqlite::Error::SqliteFailure(failure, _)) if failure.code == rusqlite::ErrorCode::NotADatabase => {
                Ok(None)
            }
            Err(cause) => Err(TableError::sqlite(path)(cause)),
        }
    }

    fn run(&self, sql: &str) -> Result<(), TableError> {
        self.connection.execute_batch(sql).map_err(TableError::sqlite(&self.path))
    }

    fn insert(&self, table: Table, row: &[Value<'_>]) -> rusqlite::Result<()> {
        let Some((_, sql)) = self.inserts.iter().find(|(of, _)| *of == table) else { return Ok(()) };
        let mut statement = self.connection.prepare_cached(sql)?;
        statement.execute(rusqlite::params_from_iter(row))?;
        Ok(())
    }

    /// Inserts the rows of a batch, for which each statement is looked up once.
    fn insert_all(&self, batch: &Batch, journal: &Journal, with_ion: bool) -> rusqlite::Result<()> {
        let prepare = |(table, sql): &(Table, String)| Ok((*table, self.connection.prepare_cached(sql)?));
        let mut inserts: Vec<_> = self.inserts.iter().map(prepare).collect::<rusqlite::Result<_>>()?;
        columns::rows(batch, journal, with_ion, |table, row| {
            let insert = inserts.iter_mut().find(|(of, _)| *of == table);
            insert.map_or(Ok(()), |(_, insert)| insert.execute(rusqlite::params_from_iter(row)).map(drop))
        })
    }
}

impl Sqlite {
    /// Creates the indexes by which rows are found: once, after the last row.
    pub(crate) fn index(&self) -> Result<(), TableError> {
        self.run(schema::INDEXES)
    }

    /// Passes on the last revision of each document that was not deleted, or for another table the rows that belong to
    /// one, in their original order.
    pub(crate) fn each_current(
        &self,
        table: Table,
        mut take: impl FnMut(&[Value<'_>]) -> Result<(), TableError>,
    ) -> Result<(), TableError> {
        let failed = |cause| TableError::sqlite(&self.path)(cause);
        let columns = table.columns(self.with_ion);
        let condition = match table {
            Table::Revision => IS_CURRENT.to_owned(),
            _ => format!("EXISTS (SELECT 1 FROM revision AS r WHERE r.tx_id = one.tx_id AND {IS_CURRENT})"),
        };
        let name = if table == Table::Revision { "r" } else { "one" };
        let sql = format!("SELECT * FROM {} AS {name} WHERE {condition} ORDER BY {name}.rowid", quoted(table.name()));
        let mut select = self.connection.prepare(&sql).map_err(failed)?;
        let mut rows = select.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let values = columns.iter().enumerate().map(|(index, column)| value_of(row, index, column.kind));
            let values: Vec<Value<'_>> = values.collect::<rusqlite::Result<_>>().map_err(failed)?;
            take(&values)?;
        }
        Ok(())
    }
}

/// The value that was stored in a column.
fn value_of<'r>(row: &'r rusqlite::Row<'_>, index: usize, kind: Kind) -> rusqlite::Result<Value<'r>> {
    let value = row.get_ref(index)?;
    Ok(match (value, kind) {
        (ValueRef::Text(_), Kind::Json) => Value::Json(value.as_str()?),
        (ValueRef::Text(_), Kind::Time) => match value.as_str()?.parse() {
            Ok(time) => Value::Time(time),
            Err(_) => Value::Null,
        },
        (ValueRef::Text(_), _) => Value::Text(value.as_str()?),
        (ValueRef::Integer(number), Kind::Bool) => Value::Bool(number != 0),
        (ValueRef::Integer(number), _) => Value::Number(number.cast_unsigned()),
        _ => Value::Null,
    })
}

impl Sink for Sqlite {
    fn row(&mut self, table: Table, row: &[Value<'_>]) -> Result<(), TableError> {
        self.insert(table, row).map_err(TableError::sqlite(&self.path))
    }

    fn rows(&mut self, batch: &Batch, journal: &Journal, with_ion: bool) -> Result<(), TableError> {
        self.insert_all(batch, journal, with_ion).map_err(TableError::sqlite(&self.path))
    }

    fn learn(&mut self, batch: &Batch) {
        self.fields.add(batch);
    }

    fn finish(self: Box<Self>, facts: &Facts<'_>) -> Result<Option<Rows>, TableError> {
        let texts = facts.texts();
        self.insert(Table::Archive, &facts.row(&texts)).map_err(TableError::sqlite(&self.path))?;
        self.index()?;
        views::drop_ours(&self.connection).map_err(TableError::sqlite(&self.path))?;
        self.fields.write(&self.connection).map_err(TableError::sqlite(&self.path))?;
        let made = views::make(&self.connection, &self.fields);
        made.map_err(TableError::sqlite(&self.path))?;
        self.run("COMMIT")?;
        self.connection.close().map_err(|(_, cause)| TableError::sqlite(&self.path)(cause))?;
        Ok(None)
    }
}

fn insert(table: Table, with_ion: bool) -> String {
    let columns = table.columns(with_ion);
    let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
    let places = vec!["?"; columns.len()].join(", ");
    format!("INSERT INTO \"{}\" ({}) VALUES ({places})", table.name(), names.join(", "))
}

/// A path that SQLite does not take for a URI, as it does if the path begins with `file:`.
fn as_path(path: &Path) -> Cow<'_, Path> {
    let is_address = path.as_os_str().as_encoded_bytes().starts_with(b"file:");
    if is_address { Path::new(".").join(path).into() } else { path.into() }
}

/// Whether the header of a file says that a conversion wrote it, read without SQLite, which may write to what it opens.
fn says_ours(path: &Path) -> std::io::Result<bool> {
    let mut header = Vec::new();
    File::open(path)?.take(72).read_to_end(&mut header)?;
    Ok(header.get(68..72) == Some(&APPLICATION_ID.to_be_bytes()[..]))
}

fn read_held(connection: &Connection) -> rusqlite::Result<Option<Held>> {
    let id: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if id != APPLICATION_ID {
        return Ok(None);
    }
    let with_ion = connection.prepare("SELECT * FROM revision LIMIT 0")?.column_names().contains(&"data_ion");
    let first_unproved = "SELECT iif(verdict = 'proved', 'unproved', verdict) FROM archive \
                          WHERE verdict IS NOT 'proved' OR unverified IS NOT 0 ORDER BY rowid LIMIT 1";
    let unproved = connection.query_row(first_unproved, [], |row| row.get(0)).optional()?;
    let sql = "SELECT ledger, strand_id, last_sequence_no, tip_hash, filters FROM archive \
               ORDER BY last_sequence_no DESC, rowid DESC LIMIT 1";
    connection
        .query_row(sql, [], |row| {
            Ok(Some(Held {
                journal: Journal { ledger: row.get(0)?, strand_id: row.get(1)? },
                last: row.get::<_, i64>(2)?.cast_unsigned(),
                tip_hash: row.get(3)?,
                filters: row.get(4)?,
                with_ion,
                unproved,
            }))
        })
        .or_else(|error| if error == rusqlite::Error::QueryReturnedNoRows { Ok(None) } else { Err(error) })
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Owned(Owned::Null),
            Self::Text(text) | Self::Json(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Time(time) => ToSqlOutput::Owned(Owned::Text(columns::time(*time))),
            // Numbers of blocks and versions are far below where this would turn negative.
            Self::Number(number) => ToSqlOutput::Owned(Owned::Integer(number.cast_signed())),
            Self::Bool(is) => ToSqlOutput::Owned(Owned::Integer(i64::from(*is))),
            Self::Hash(hash) => ToSqlOutput::Owned(Owned::Text(hash.to_base64())),
        })
    }
}

/// An identifier in SQL, whatever it contains.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\"").replace('\0', "\u{FFFD}"))
}

/// A string in SQL.
fn literal(text: &str) -> String {
    let mut literal = String::from("'");
    for character in text.chars() {
        match character {
            '\'' => literal.push_str("''"),
            // SQL text ends at this character.
            '\0' => literal.push_str("' || char(0) || '"),
            _ => drop(literal.write_char(character)),
        }
    }
    literal.push('\'');
    literal
}
