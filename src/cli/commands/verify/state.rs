//! `--resume`: the state of this verification, which is resumed after an interruption, or the
//! states of others, which are joined.
//!
//! A single file is resumed. Several files, a folder, an S3 location, or the file of a part without
//! `--part` are joined: they are read, and never written.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::cli::context::{Context, object_store};
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::output::output_file::{FileKind, OutputFile, names_a_folder};
use qldb_journal::archive::source::{Found, SourceError};
use qldb_journal::archive::verify::{Joined, Part, Resume, ResumeAsked, VerifyError};
use qldb_journal::request::{Fault, Faults, Field};

const RESUME: Field = Field::Named("--resume");

/// What `--resume` named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing.
    None,
    /// A file that is read and written.
    Own(PathBuf),
    /// Only read: files, folders, S3 locations.
    Others(Vec<PathBuf>),
}

/// The earlier findings, opened.
pub(crate) enum Earlier {
    /// Nothing.
    None,
    /// Of this verification, as far as it got.
    Own(Resume),
    /// Of others, with the copies of their files, which live as long as they are read.
    Others(Joined, Vec<NamedTempFile>),
}

impl Earlier {
    /// Whether to read what none of the files knows.
    pub(super) fn complete(self, is_complete: bool) -> Self {
        match self {
            Self::Others(joined, files) => Self::Others(joined.complete(is_complete), files),
            own => own,
        }
    }
}

/// Sorts what was typed: `--resume` may take several files, and the archive's own locations may follow them.
pub(crate) fn sort(paths: &mut Vec<PathBuf>, resume: &mut Vec<PathBuf>) {
    let has_path = !paths.is_empty();
    let is_missing = |value: &Path| object_store::address(value).is_none() && !value.exists();
    for (index, value) in std::mem::take(resume).into_iter().enumerate() {
        // A file that does not exist is a missing part, if the archive was named before it.
        let is_state = index == 0 || is_state(&value) || (has_path && is_missing(&value));
        if is_state { resume.push(value) } else { paths.push(value) }
    }
}

/// Whether this is a file that can hold a state, or a folder that contains one.
fn is_state(value: &Path) -> bool {
    let holds_one = |entries: fs::ReadDir| {
        let mut files = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file());
        files.any(|path| Joined::is_state(&path).unwrap_or(false))
    };
    value.is_file() || fs::read_dir(value).is_ok_and(holds_one)
}

/// What the values of `--resume` are. In a folder, each part has its own file.
pub(crate) fn of(files: &[PathBuf], part: Option<Part>) -> State {
    let is_folder = |file: &Path| file.is_dir() || names_a_folder(file);
    let is_place = |file: &Path| object_store::address(file).is_some() || is_folder(file);
    // A file that can't be read reports that when it is opened.
    let is_join = |file: &Path| is_place(file) || (part.is_none() && Joined::is_of_part(file).unwrap_or(false));
    match (files, part) {
        ([], _) => State::None,
        ([folder], Some(part)) if object_store::address(folder).is_none() && is_folder(folder) => {
            State::Own(folder.join(format!("{}.jsonl", part.stem())))
        }
        ([file], _) if !is_join(file) => State::Own(file.clone()),
        _ => State::Others(files.to_vec()),
    }
}

impl State {
    /// The file that is written, if there is one.
    pub(super) fn own(&self, archive: &[PathBuf]) -> Result<Option<OutputFile>, CliError> {
        match self {
            Self::Own(path) => OutputFile::check(path, FileKind::Resume, archive).map(Some),
            Self::None | Self::Others(_) => Ok(None),
        }
    }

    /// Opens what was named. Blocks; must not be called from async code.
    pub(crate) fn open(
        &self,
        context: &Context,
        archive: &[PathBuf],
        asked: &ResumeAsked,
        part: Option<Part>,
    ) -> Result<Earlier, CliError> {
        match self {
            Self::None => Ok(Earlier::None),
            Self::Own(path) => {
                let file = OutputFile::check(path, FileKind::Resume, archive)?;
                let path = file.regular()?;
                Ok(Earlier::Own(match part {
                    Some(part) => Resume::of_part(path, asked, part)?,
                    None => Resume::open(path, asked)?,
                }))
            }
            Self::Others(places) => {
                let (mut files, mut fetched) = (Vec::new(), Vec::new());
                for place in places {
                    let found = files_of(context, place, &mut fetched)?;
                    if found.is_empty() && place.is_dir() {
                        let rule = "holds no state of a verification";
                        let remedy = "name what `verify --part K/N --resume FILE` wrote";
                        let fault = Fault::malformed(RESUME, &place.display().to_string(), rule, remedy);
                        return Err(Faults::from(fault).into());
                    }
                    files.extend(found);
                }
                Ok(Earlier::Others(Joined::open(&files, asked)?, fetched))
            }
        }
    }
}

/// The files of a location, each with its name.
fn files_of(
    context: &Context,
    place: &Path,
    fetched: &mut Vec<NamedTempFile>,
) -> Result<Vec<(String, PathBuf)>, CliError> {
    if object_store::address(place).is_none() && !place.is_dir() {
        let name = place.display().to_string();
        if place.exists() {
            return Ok(vec![(name, place.to_owned())]);
        }
        context.printer.caution(&format!("{name} does not exist, so nothing is known from it"));
        return Ok(Vec::new());
    }
    let source = object_store::source(&context.global, place, RESUME)?;
    let unread = |error: SourceError| CliError::Verify(VerifyError::Source(error));
    let mut listed: Vec<Found> = source.list().map_err(unread)?;
    listed.retain(|found| found.size > 0);
    listed.sort_by(|one, other| one.key.cmp(&other.key));
    let mut files = Vec::new();
    // A file whose beginning was cut off holds nothing, and other files beside the states are not ours.
    let keep = |files: &mut Vec<_>, name: String, path: PathBuf| {
        if Joined::is_state(&path).unwrap_or(false) {
            files.push((name, path));
        } else {
            context.printer.caution(&format!("{name} is not the state of a verification, and was passed over"));
        }
    };
    for Found { key, .. } in listed {
        let name = format!("{}/{key}", source.name());
        if let Some(path) = source.path(&key) {
            keep(&mut files, name, path);
            continue;
        }
        let failed = |cause: io::Error| unread(SourceError { name: name.clone(), cause });
        let mut copy = NamedTempFile::new().map_err(failed)?;
        let mut object = source.open(&key).map_err(unread)?;
        io::copy(&mut object, &mut copy as &mut dyn io::Write).map_err(failed)?;
        keep(&mut files, name, copy.path().to_owned());
        fetched.push(copy);
    }
    Ok(files)
}
