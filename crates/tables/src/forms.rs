//! The formats that an archive can be converted into, and what already exists at a destination.

use std::fs;
use std::path::{Path, PathBuf};

use crate::current::Current;
use crate::destination::Unfinished;
use crate::form::{DESCRIPTION, Form, Options};
use crate::held::Held;
use crate::lines::Lines;
use crate::parquet::Parquet;
use crate::sink::Sink;
use crate::sqlite::Sqlite;
use crate::{TableError, folder};

/// The content of a destination that is to be extended; `None` if nothing is there.
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

/// Whether the destination was written by a conversion into the same format, and contains nothing else.
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

/// The files that SQLite keeps beside a database, and replays into whatever database it finds there.
fn sidecars(to: &Path) -> impl Iterator<Item = PathBuf> {
    let beside = |end| {
        let mut name = to.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    ["-journal", "-wal", "-shm"].into_iter().map(beside).filter(|path| fs::symlink_metadata(path).is_ok())
}

/// Without a database, no leftover files may exist that SQLite would replay into the new one.
pub(crate) fn no_sidecar(to: &Path, form: Form) -> Result<(), TableError> {
    let left = if form == Form::Sqlite { sidecars(to).next() } else { None };
    let what = || "it belongs to a database that does not exist".to_owned();
    left.map_or(Ok(()), |path| Err(TableError::Foreign { path, what: what() }))
}

/// Removes the companion files of a database of ours that is replaced.
pub(crate) fn remove_sidecars(to: &Path) -> Result<(), TableError> {
    sidecars(to).try_for_each(|path| fs::remove_file(&path).map_err(TableError::io(&path)))
}

fn foreign(to: &Path, form: Form) -> TableError {
    let what = match form {
        Form::Sqlite => "it is not a database that holds an archive".to_owned(),
        _ => format!("it has no {} of a conversion into {}", DESCRIPTION, form.as_str()),
    };
    TableError::Foreign { path: to.to_owned(), what }
}

/// Begins a new output.
pub(crate) fn create(unfinished: &Unfinished, options: &Options) -> Result<Box<dyn Sink>, TableError> {
    let (path, with_ion) = (unfinished.path(), options.with_ion);
    let sink: Box<dyn Sink> = match options.form {
        Form::Sqlite => Box::new(Sqlite::create(&path, with_ion)?),
        Form::Parquet if let Some(part) = options.part => {
            Box::new(Parquet::create_part(&path, with_ion, &options.to, part)?)
        }
        Form::Parquet => Box::new(Parquet::create(&path, with_ion)?),
        form @ (Form::Csv | Form::JsonLines) => Box::new(Lines::create(&path, form, with_ion)?),
    };
    if options.current {
        return Ok(Box::new(Current::before(sink, &unfinished.aside(), with_ion)?));
    }
    Ok(sink)
}

/// Opens an output to extend it: in place if that can be undone, otherwise beside it.
pub(crate) fn extend(unfinished: &Unfinished, options: &Options, held: &Held) -> Result<Box<dyn Sink>, TableError> {
    if options.form == Form::Sqlite {
        return Ok(Box::new(Sqlite::extend(&options.to, options.with_ion, held)?));
    }
    let before = folder::conversions(&options.to, options.form)?.map(|(_, conversions)| conversions);
    Ok(Box::new(Parquet::extend(&unfinished.path(), options.with_ion, &options.to, before.unwrap_or_default())?))
}
