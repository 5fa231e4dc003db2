//! The tables that every format has, and their columns: defined here once, for every format and for
//! the statements that read them.

use chrono::{DateTime, SecondsFormat, Utc};
use qldb_journal::Hash;

use crate::batch::{Batch, Revision, Statement, Transaction};

/// A table that a conversion writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// One row for each revision of a document.
    Revision,
    /// One row for each block.
    Transaction,
    /// One row for each statement of a transaction.
    Statement,
    /// One row for each conversion: what was verified, and the result.
    Archive,
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text.
    Text,
    /// JSON as text.
    Json,
    /// A time in UTC with milliseconds.
    Time,
    /// A whole number.
    Number,
    /// A boolean.
    Bool,
}

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Whether it may be null.
    pub is_optional: bool,
}

const fn always(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, is_optional: false }
}

const fn maybe(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, is_optional: true }
}

const REVISION: &[Column] = &[
    always("ledger", Kind::Text),
    always("strand_id", Kind::Text),
    always("sequence_no", Kind::Number),
    always("tx_id", Kind::Text),
    always("block_time", Kind::Time),
    maybe("table_name", Kind::Text),
    maybe("table_id", Kind::Text),
    always("doc_id", Kind::Text),
    maybe("version", Kind::Number),
    maybe("tx_time", Kind::Time),
    maybe("hash", Kind::Text),
    maybe("data_hash", Kind::Text),
    always("operation", Kind::Text),
    always("redacted", Kind::Bool),
    maybe("data", Kind::Json),
    maybe("data_ion", Kind::Text),
];

const TRANSACTION: &[Column] = &[
    always("ledger", Kind::Text),
    always("strand_id", Kind::Text),
    always("sequence_no", Kind::Number),
    always("tx_id", Kind::Text),
    always("block_time", Kind::Time),
    maybe("block_hash", Kind::Text),
    maybe("entries_hash", Kind::Text),
    maybe("previous_block_hash", Kind::Text),
    always("revisions", Kind::Number),
    always("hash_only_revisions", Kind::Number),
];

const STATEMENT: &[Column] = &[
    always("ledger", Kind::Text),
    always("strand_id", Kind::Text),
    always("sequence_no", Kind::Number),
    always("tx_id", Kind::Text),
    always("statement_no", Kind::Number),
    maybe("statement", Kind::Text),
    maybe("start_time", Kind::Time),
    maybe("statement_digest", Kind::Text),
];

const ARCHIVE: &[Column] = &[
    always("ledger", Kind::Text),
    always("strand_id", Kind::Text),
    always("first_sequence_no", Kind::Number),
    always("last_sequence_no", Kind::Number),
    always("first_block_time", Kind::Time),
    always("last_block_time", Kind::Time),
    always("tip_hash", Kind::Text),
    maybe("digest", Kind::Text),
    maybe("digest_given", Kind::Json),
    always("verdict", Kind::Text),
    always("unverified", Kind::Bool),
    always("levels", Kind::Json),
    always("accepted", Kind::Json),
    always("filters", Kind::Json),
    always("counts", Kind::Json),
    always("objects", Kind::Json),
    always("tool", Kind::Text),
    always("converted_at", Kind::Time),
];

impl Table {
    /// Every table.
    pub const ALL: [Self; 4] = [Self::Revision, Self::Transaction, Self::Statement, Self::Archive];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Revision => "revision",
            Self::Transaction => "transaction",
            Self::Statement => "statement",
            Self::Archive => "archive",
        }
    }

    /// Its columns; `data_ion` only if it was asked for.
    pub fn columns(self, with_ion: bool) -> &'static [Column] {
        match self {
            Self::Revision if with_ion => REVISION,
            Self::Revision => REVISION.split_last().map_or(&[], |(_, columns)| columns),
            Self::Transaction => TRANSACTION,
            Self::Statement => STATEMENT,
            Self::Archive => ARCHIVE,
        }
    }
}

/// A value in one column of a row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Value<'a> {
    Null,
    Text(&'a str),
    Json(&'a str),
    Time(DateTime<Utc>),
    Number(u64),
    Bool(bool),
    Hash(Hash),
}

impl<'a> Value<'a> {
    fn maybe<T>(value: Option<T>, of: impl FnOnce(T) -> Self) -> Self {
        value.map_or(Self::Null, of)
    }

    pub(crate) fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) | Self::Json(text) => Some(text),
            _ => None,
        }
    }
}

/// A time for formats without a type for it.
pub(crate) fn time(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// The journal whose rows these are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Journal {
    pub(crate) ledger: String,
    pub(crate) strand_id: String,
}

/// Passes on each row of a batch, table by table, in the order of the columns.
pub(crate) fn rows<E>(
    batch: &Batch,
    journal: &Journal,
    with_ion: bool,
    mut each: impl FnMut(Table, &[Value<'_>]) -> Result<(), E>,
) -> Result<(), E> {
    let columns = Table::Revision.columns(with_ion).len();
    for revision in &batch.revisions {
        let row = of_revision(batch, journal, revision);
        each(Table::Revision, row.get(..columns).unwrap_or_default())?;
    }
    for transaction in &batch.transactions {
        each(Table::Transaction, &of_transaction(batch, journal, transaction))?;
    }
    for statement in &batch.statements {
        each(Table::Statement, &of_statement(batch, journal, statement))?;
    }
    Ok(())
}

fn of_revision<'a>(batch: &'a Batch, journal: &'a Journal, revision: &Revision) -> [Value<'a>; 16] {
    let table = batch.table(revision);
    [
        Value::Text(&journal.ledger),
        Value::Text(&journal.strand_id),
        Value::Number(revision.sequence_no),
        Value::Text(batch.text(revision.tx_id)),
        Value::Time(revision.block_time),
        Value::maybe(table, |table| Value::Text(&table.name)),
        Value::maybe(table, |table| Value::Text(&table.id)),
        Value::Text(batch.text(revision.doc_id)),
        Value::maybe(revision.version, Value::Number),
        Value::maybe(revision.tx_time, Value::Time),
        Value::maybe(revision.hash, Value::Hash),
        Value::maybe(revision.data_hash, Value::Hash),
        Value::Text(revision.operation()),
        Value::Bool(revision.is_redacted()),
        Value::maybe(revision.data, |data| Value::Json(batch.text(data))),
        Value::maybe(revision.data_ion, |data| Value::Text(batch.text(data))),
    ]
}

fn of_transaction<'a>(batch: &'a Batch, journal: &'a Journal, transaction: &Transaction) -> [Value<'a>; 10] {
    [
        Value::Text(&journal.ledger),
        Value::Text(&journal.strand_id),
        Value::Number(transaction.sequence_no),
        Value::Text(batch.text(transaction.tx_id)),
        Value::Time(transaction.block_time),
        Value::maybe(transaction.block_hash, Value::Hash),
        Value::maybe(transaction.entries_hash, Value::Hash),
        Value::maybe(transaction.previous_block_hash, Value::Hash),
        Value::Number(transaction.revisions),
        Value::Number(transaction.hash_only_revisions),
    ]
}

fn of_statement<'a>(batch: &'a Batch, journal: &'a Journal, statement: &Statement) -> [Value<'a>; 8] {
    [
        Value::Text(&journal.ledger),
        Value::Text(&journal.strand_id),
        Value::Number(statement.sequence_no),
        Value::Text(batch.text(statement.tx_id)),
        Value::Number(statement.number),
        Value::maybe(statement.text, |text| Value::Text(batch.text(text))),
        Value::maybe(statement.start_time, Value::Time),
        Value::maybe(statement.digest, Value::Hash),
    ]
}
