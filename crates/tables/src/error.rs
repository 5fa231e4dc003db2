//! What prevents an archive from becoming tables.

use std::io;
use std::path::{Path, PathBuf};

use qldb_journal::JournalError;
use qldb_journal::archive::verify::Part;

/// Why a conversion failed. What is wrong with the archive itself is in the report of its verification.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TableError {
    /// The destination already exists.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// The destination was not written by a conversion, so it is not replaced or extended.
    #[error("{} was not written by a conversion: {what}", path.display())]
    Foreign {
        /// The destination.
        path: PathBuf,
        /// How that was recognised.
        what: String,
    },
    /// Another run is writing to the same destination.
    #[error("another run is writing to {}", .0.display())]
    Busy(PathBuf),
    /// The archive holds several journals, and one table can't show what is current in each.
    #[error("the archive holds {} journals: {}", .0.len(), .0.join("; "))]
    SeveralJournals(Vec<String>),
    /// The exports of one journal give its ledger several names, and a row has one.
    #[error("the exports of one journal name {} ledgers: {}", .0.len(), .0.join(", "))]
    SeveralNames(Vec<String>),
    /// The archive does not continue the existing tables.
    #[error("{} is not continued by this archive: {why}", path.display())]
    NotContinued {
        /// The destination.
        path: PathBuf,
        /// What does not match.
        why: String,
    },
    /// The archive has no document in a requested QLDB table.
    #[error("no document of {} is in blocks {first} to {last}", tables(missing))]
    NoSuchTable {
        /// The requested names that no block contains.
        missing: Vec<String>,
        /// The names that blocks contain.
        named: Vec<String>,
        /// The first block.
        first: u64,
        /// The last block.
        last: u64,
    },
    /// More QLDB tables than a conversion can keep files open for.
    #[error("the archive names more than {0} tables")]
    TooManyTables(usize),
    /// The existing tables are not proved, and adding to them could not change that.
    #[error("{} holds tables that are not proved: their verdict is {verdict}", path.display())]
    Unproved {
        /// The destination.
        path: PathBuf,
        /// The verdict of the first conversion that was not proved.
        verdict: String,
    },
    /// The destination is a complete conversion, to which no part can be added.
    #[error("{} holds a complete conversion", .0.display())]
    Complete(PathBuf),
    /// The parts of a conversion there do not match each other, or the archive.
    #[error("{}: {why}", path.display())]
    PartsDiffer {
        /// The destination.
        path: PathBuf,
        /// What does not match.
        why: String,
    },
    /// Parts of a conversion are missing.
    #[error("{} does not hold {}", path.display(), Part::named(parts))]
    PartsMissing {
        /// The destination.
        path: PathBuf,
        /// Which.
        parts: Vec<Part>,
    },
    /// A QLDB table that can't have a partition of its own.
    #[error("a table is named {0}, which readers of Hive partitions take for the rows without a table")]
    NotAPartition(String),
    /// The destination could not be read or written.
    #[error("{} can't be written", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// A database could not be read or written.
    #[error("{}: the database failed", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A Parquet file could not be written.
    #[error("{}: the Parquet file can't be written", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        cause: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Blocks that were checked could not be read again.
    #[error("blocks can't be read")]
    Blocks(#[from] JournalError),
}

fn tables(names: &[String]) -> String {
    format!("{} {}", if names.len() == 1 { "table" } else { "tables" }, names.join(", "))
}

impl TableError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |cause| Self::Io { path: path.to_owned(), cause }
    }

    pub(crate) fn sqlite(path: &Path) -> impl FnOnce(rusqlite::Error) -> Self + '_ {
        |cause| Self::Sqlite { path: path.to_owned(), cause: cause.into() }
    }

    pub(crate) fn parquet(path: &Path) -> impl FnOnce(parquet::errors::ParquetError) -> Self + '_ {
        |cause| Self::Parquet { path: path.to_owned(), cause: cause.into() }
    }
}
