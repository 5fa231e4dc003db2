//! Files that were named on the command line: if one can't be opened or created, the argument is at
//! fault if the path does not exist, names something else, or is not accessible; everything else is
//! a system failure.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::Path;

use super::CliError;
use super::flags::WithRemedy as _;
use qldb_journal::archive::verify::text_of;
use qldb_journal::request::{Fault, Faults, Field};

/// Opens a file that was typed for reading.
pub(crate) fn open(field: Field, path: &Path, remedy: &str) -> Result<File, CliError> {
    let opened = File::open(path).and_then(|file| {
        // Otherwise only the first read would fail.
        if file.metadata()?.is_dir() { Err(ErrorKind::IsADirectory.into()) } else { Ok(file) }
    });
    opened.map_err(|source| unusable(field, path, source, "read", remedy))
}

/// The bytes of a file, or the rule it breaks if it is longer than that.
pub(crate) fn short(file: impl Read, longest: u64) -> io::Result<Result<Vec<u8>, String>> {
    let mut bytes = Vec::new();
    file.take(longest + 1).read_to_end(&mut bytes)?;
    let is_short = bytes.len() as u64 <= longest;
    Ok(if is_short { Ok(bytes) } else { Err(format!("is longer than {longest} bytes")) })
}

/// The text of a file that stands for a value, as in `file://PATH`: UTF-8 or UTF-16, as shells write it.
pub(crate) fn text(path: &Path) -> Result<String, String> {
    let bytes = std::fs::read(path);
    let bytes = bytes.map_err(|error| rule(&error, "read").unwrap_or_else(|| format!("can't be read: {error}")))?;
    text_of(&bytes).ok_or_else(|| "is not text in UTF-8 or UTF-16".to_owned())
}

/// The error for a file that was typed and can't be read or written.
pub(crate) fn unusable(field: Field, path: &Path, source: io::Error, done: &str, remedy: &str) -> CliError {
    match rule(&source, done) {
        Some(rule) => Faults::from(Fault::malformed(field, &path.display().to_string(), rule, remedy)).into(),
        None => CliError::File { path: path.to_owned(), source },
    }
}

/// The rule that a path breaks; `None` if the system failed.
pub(crate) fn rule(error: &io::Error, done: &str) -> Option<String> {
    let fixed = match error.kind() {
        ErrorKind::NotFound => "does not exist",
        ErrorKind::IsADirectory => "is a folder",
        ErrorKind::AlreadyExists => "already exists and is something else",
        ErrorKind::NotADirectory => "leads through something that is not a folder",
        ErrorKind::PermissionDenied => return Some(format!("can't be {done}: permission denied")),
        ErrorKind::InvalidFilename | ErrorKind::InvalidInput => return Some(format!("can't be {done}: {error}")),
        _ => return None,
    };
    Some(fixed.to_owned())
}
