//! The formats of tables, the files of each, and the options of a conversion. For everything here
//! that reads or writes a destination.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use qldb_journal::archive::verify::Part;

use crate::columns::Table;

/// The file with the facts.
pub(crate) const DESCRIPTION: &str = "archive.json";

/// Whether a file at the top of a folder has the name of a part's description.
pub(crate) fn is_description(name: &str) -> bool {
    name.starts_with("part-") && Path::new(name).extension().is_some_and(|extension| extension == "json")
}
/// The statements that load the files into `PostgreSQL`.
pub(crate) const LOAD: &str = "load.sql";

/// The format of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One SQLite database.
    Sqlite,
    /// A folder of Parquet files, with the revisions partitioned by QLDB table.
    Parquet,
    /// A folder of CSV files, one for each table.
    Csv,
    /// A folder of JSON Lines files, one for each table.
    JsonLines,
}

impl Form {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Sqlite, Self::Parquet, Self::Csv, Self::JsonLines];

    /// Its name on a command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    /// Whether it is a folder; otherwise it is a file.
    pub fn is_folder(self) -> bool {
        self != Self::Sqlite
    }

    /// Whether a later conversion can extend it.
    pub fn can_be_extended(self) -> bool {
        matches!(self, Self::Sqlite | Self::Parquet)
    }

    /// The name of a table's file, for formats with a file for each table.
    pub(crate) fn file_name(self, table: Table) -> String {
        let extension = if self == Self::Csv { "csv" } else { "jsonl" };
        format!("{}.{extension}", table.name())
    }

    /// Whether a conversion creates a folder of this name below its destination.
    pub(crate) fn writes_folder(self, below: &Path) -> bool {
        let parts: Vec<&str> = below.iter().filter_map(|part| part.to_str()).collect();
        match parts.as_slice() {
            ["revision" | "transaction" | "statement"] => self == Self::Parquet,
            ["revision", partition] => self == Self::Parquet && partition.starts_with("table_name="),
            _ => false,
        }
    }

    /// Whether a conversion writes a file of this name below its destination.
    pub(crate) fn writes_file(self, below: &Path) -> bool {
        let name = below.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_at_top = below.components().count() == 1;
        let is_table = || Table::ALL.into_iter().any(|table| self.file_name(table) == name);
        match self {
            _ if is_at_top && name == DESCRIPTION => true,
            Self::Parquet if is_at_top => is_description(name),
            Self::Sqlite => false,
            Self::Parquet => name.starts_with("part-") && name.ends_with(".parquet"),
            Self::Csv | Self::JsonLines => is_at_top && (name == LOAD || is_table()),
        }
    }

    /// The format implied by a destination's name.
    pub fn of_name(to: &Path) -> Option<Self> {
        let extension = to.extension()?.to_str()?.to_ascii_lowercase();
        matches!(extension.as_str(), "db" | "sqlite" | "sqlite3").then_some(Self::Sqlite)
    }
}

/// The options of a conversion.
#[expect(clippy::struct_excessive_bools, reason = "each is a choice by itself")]
#[derive(Debug, Clone)]
pub struct Options {
    /// The file or folder to write.
    pub to: PathBuf,
    /// The format.
    pub form: Form,
    /// Also write the data as Ion text.
    pub with_ion: bool,
    /// Also write what is not proved, and mark it as such.
    pub unverified: bool,
    /// Replace what an earlier conversion wrote.
    pub force: bool,
    /// Extend what an earlier conversion wrote.
    pub append: bool,
    /// Only this part of the archive, beside what other parts write into the same folder.
    #[doc(hidden)]
    pub part: Option<Part>,
    /// Only revisions of documents in these tables; all if empty.
    pub tables: BTreeSet<String>,
    /// Only blocks committed at or after this time.
    pub from: Option<DateTime<Utc>>,
    /// Only blocks committed before this time.
    pub until: Option<DateTime<Utc>>,
    /// Only the last revision of each document that was not deleted.
    pub current: bool,
    /// The converting program: name and version.
    pub tool: String,
    /// The time.
    pub now: DateTime<Utc>,
}

impl Options {
    /// Everything that is proved, into a destination that does not exist yet.
    pub fn new(to: impl Into<PathBuf>, form: Form) -> Self {
        Self {
            to: to.into(),
            form,
            with_ion: false,
            unverified: false,
            force: false,
            append: false,
            part: None,
            tables: BTreeSet::new(),
            from: None,
            until: None,
            current: false,
            tool: concat!("qldb-tables ", env!("CARGO_PKG_VERSION")).to_owned(),
            now: std::time::SystemTime::now().into(),
        }
    }
}
