//! The forms that an archive can become, and what is there already.

use std::fs;
use std::path::{Path, PathBuf};

use qldb_journal::Hash;
use qldb_journal::archive::verify::JournalSpan;

use crate::columns::{Journal, Table};
use crate::convert::Options;
use crate::current::Current;
use crate::destination::Unfinished;
use crate::lines::{self, Lines};
use crate::parquet::Parquet;
use crate::sink::Sink;
use crate::sqlite::Sqlite;
use crate::{TableError, folder};

/// How tables are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One SQLite database.
    Sqlite,
    /// A folder of Parquet files, the revisions parted by QLDB table.
    Parquet,
    /// A folder of CSV files, one a table.
    Csv,
    /// A folder of JSON Lines, a file a table.
    JsonLines,
}

impl Form {
    /// Every form.
    pub const ALL: [Self; 4] = [Self::Sqlite, Self::Parquet, Self::Csv, Self::JsonLines];

    /// Its word on a command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Parquet => "parquet",
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    /// Whether it is a folder, or else a file.
    pub fn is_folder(self) -> bool {
        self != Self::Sqlite
    }

    /// Whether a later conversion can extend it.
    pub fn can_be_extended(self) -> bool {
        matches!(self, Self::Sqlite | Self::Parquet)
    }

    /// Whether a conversion writes a folder of this name below its destination.
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
        let is_table = || Table::ALL.into_iter().any(|table| lines::file_name(table, self) == name);
        match self {
            _ if is_at_top && name == folder::DESCRIPTION => true,
            Self::Sqlite => false,
            Self::Parquet => !is_at_top && name.starts_with("part-") && name.ends_with(".parquet"),
            Self::Csv | Self::JsonLines => is_at_top && (name == lines::LOAD || is_table()),
        }
    }

    /// The form that the name of a destination tells.
    pub fn of_name(to: &Path) -> Option<Self> {
        let extension = to.extension()?.to_str()?.to_ascii_lowercase();
        matches!(extension.as_str(), "db" | "sqlite" | "sqlite3").then_some(Self::Sqlite)
    }
}

/// What a destination holds that is to be extended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) journal: Journal,
    pub(crate) last: u64,
    pub(crate) tip_hash: String,
    pub(crate) filters: String,
    pub(crate) with_ion: bool,
}

impl Held {
    /// Whether what is asked for is what was asked for when it was written.
    pub(crate) fn fits(&self, to: &Path, with_ion: bool, filters: &str) -> Result<(), TableError> {
        let differ = |why: String| Err(TableError::NotContinued { path: to.to_owned(), why });
        if with_ion != self.with_ion {
            let has = if self.with_ion { "has" } else { "does not have" };
            return differ(format!("it {has} the column data_ion"));
        }
        if filters != self.filters {
            return differ(format!("it was made with other filters: {}", self.filters));
        }
        Ok(())
    }

    pub(crate) fn is_of(&self, to: &Path, journal: &Journal) -> Result<(), TableError> {
        if *journal == self.journal {
            return Ok(());
        }
        let named = |journal: &Journal| format!("ledger {}, strand {}", journal.ledger, journal.strand_id);
        let why = format!("it holds {}, and the archive is of {}", named(&self.journal), named(journal));
        Err(TableError::NotContinued { path: to.to_owned(), why })
    }

    /// Whether the blocks that were read go on where it ends.
    pub(crate) fn is_continued(
        &self,
        to: &Path,
        span: &JournalSpan,
        first: Option<(u64, Option<Hash>)>,
        seam: Option<Hash>,
    ) -> Result<(), TableError> {
        let no = |why: String| Err(TableError::NotContinued { path: to.to_owned(), why });
        let next = self.last.saturating_add(1);
        let before = match first {
            _ if span.last < self.last => {
                return no(format!("it holds blocks up to {}, and the archive ends at block {}", self.last, span.last));
            }
            Some((first, previous)) if first == next => previous,
            Some((first, _)) if first > next => {
                return no(format!("it ends at block {}, and the archive begins at block {first}", self.last));
            }
            _ => seam,
        };
        if before.map(Hash::to_base64).as_ref() != Some(&self.tip_hash) {
            return no(format!("the archive has another block {}", self.last));
        }
        Ok(())
    }
}

/// What is at a destination to be extended; none if nothing is.
pub(crate) fn held(to: &Path, form: Form) -> Result<Option<Held>, TableError> {
    if !to.exists() {
        return Ok(None);
    }
    let held = match form {
        // Anything else, such as a pipe, is not even opened.
        Form::Sqlite if !to.is_file() => None,
        Form::Sqlite => Sqlite::held(to)?,
        _ => folder::held(to, form)?,
    };
    held.map(Some).ok_or_else(|| foreign(to, form))
}

/// Whether what is at a destination was written by a conversion into the same form, and nothing else lies there.
pub(crate) fn is_ours(to: &Path, form: Form) -> Result<(), TableError> {
    let is_ours = match form {
        Form::Sqlite => to.is_file() && Sqlite::held(to)?.is_some(),
        _ => folder::held(to, form)?.is_some(),
    };
    if !is_ours {
        return Err(foreign(to, form));
    }
    let stranger = if form.is_folder() { folder::stranger(to, form)? } else { None };
    stranger.map_or(Ok(()), |what| Err(TableError::Foreign { path: to.to_owned(), what }))
}

/// The files that SQLite keeps beside a database, and plays into the one that it finds there.
fn sidecars(to: &Path) -> impl Iterator<Item = PathBuf> {
    let beside = |end| {
        let mut name = to.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    ["-journal", "-wal", "-shm"].into_iter().map(beside).filter(|path| fs::symlink_metadata(path).is_ok())
}

/// Where no database is, nothing of one may be left that SQLite would play into the new one.
pub(crate) fn no_sidecar(to: &Path, form: Form) -> Result<(), TableError> {
    let left = if form == Form::Sqlite { sidecars(to).next() } else { None };
    let what = || "it belongs to a database that is not there".to_owned();
    left.map_or(Ok(()), |path| Err(TableError::Foreign { path, what: what() }))
}

/// Removes what belongs to a database of ours that is replaced.
pub(crate) fn remove_sidecars(to: &Path) -> Result<(), TableError> {
    sidecars(to).try_for_each(|path| fs::remove_file(&path).map_err(TableError::io(&path)))
}

fn foreign(to: &Path, form: Form) -> TableError {
    let what = match form {
        Form::Sqlite => "it is not a database that holds an archive".to_owned(),
        _ => format!("it has no {} of a conversion into {}", folder::DESCRIPTION, form.as_str()),
    };
    TableError::Foreign { path: to.to_owned(), what }
}

/// Begins a form anew.
pub(crate) fn create(unfinished: &Unfinished, options: &Options) -> Result<Box<dyn Sink>, TableError> {
    let (path, with_ion) = (unfinished.path(), options.with_ion);
    let sink: Box<dyn Sink> = match options.form {
        Form::Sqlite => return Ok(Box::new(Sqlite::create(&path, with_ion, options.current)?)),
        Form::Parquet => Box::new(Parquet::create(&path, with_ion, Vec::new())?),
        form @ (Form::Csv | Form::JsonLines) => Box::new(Lines::create(&path, form, with_ion)?),
    };
    if options.current {
        return Ok(Box::new(Current::before(sink, &unfinished.aside(), with_ion)?));
    }
    Ok(sink)
}

/// Opens a form to extend it: in place where that can be taken back, beside it otherwise.
pub(crate) fn extend(unfinished: &Unfinished, options: &Options, held: &Held) -> Result<Box<dyn Sink>, TableError> {
    if options.form == Form::Sqlite {
        return Ok(Box::new(Sqlite::extend(&options.to, options.with_ion, held)?));
    }
    let before = folder::conversions(&options.to, options.form)?.map(|(_, conversions)| conversions);
    Ok(Box::new(Parquet::create(&unfinished.path(), options.with_ion, before.unwrap_or_default())?))
}
