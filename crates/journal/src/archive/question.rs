//! What was given instead of an archive, and what to give in its place. A wrong
//! question is not bad evidence.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::folder::escaped;
use super::foreign::{TELLING, what_it_is};
use super::names::{Name, base};
use super::source::SourceError;
use super::strangers;

/// How many folders above are looked into for manifests: an hour's folder lies four below its prefix.
const FOLDERS_ABOVE: usize = 8;

/// What was given is no folder, so that no archive can lie in it.
#[derive(Debug, thiserror::Error)]
pub enum WrongQuestion {
    /// There is nothing.
    #[error("there is nothing of that name: give the folder that holds the manifests of the exports")]
    Absent,
    /// One data object.
    #[error("it is one data object, and the manifests tell what belongs to it: give {}", folder(.0.as_deref()))]
    DataObject(Option<PathBuf>),
    /// One manifest.
    #[error("it is one manifest: give the folder that it lies in, {}", .0.display())]
    Manifest(PathBuf),
    /// Something that has to be unpacked or converted.
    #[error("{0}, and give the folder that then holds the manifests")]
    Foreign(&'static str),
    /// Some other file.
    #[error("it is no folder: give the folder that holds the manifests of the exports")]
    NoFolder,
}

fn folder(known: Option<&Path>) -> String {
    known.map_or_else(
        || "the folder that holds them".to_owned(),
        |folder| format!("{}, which holds them", folder.display()),
    )
}

/// Fails unless a path is that of a folder, with what to give instead.
pub(super) fn refuse_unless_folder(path: &Path) -> Result<(), SourceError> {
    let failed = |cause| SourceError { name: escaped(path.as_os_str()), cause };
    let wrong = |question: WrongQuestion| failed(io::Error::other(question));
    let metadata = match path.metadata() {
        Ok(metadata) => metadata,
        Err(cause) if matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Err(wrong(WrongQuestion::Absent));
        }
        Err(cause) => return Err(failed(cause)),
    };
    match metadata.is_dir() {
        true => Ok(()),
        false if metadata.is_file() => Err(wrong(of_file(path))),
        false => Err(wrong(WrongQuestion::NoFolder)),
    }
}

fn of_file(path: &Path) -> WrongQuestion {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match Name::of(&name) {
        Name::Data(_) => WrongQuestion::DataObject(folder_of_manifests(path)),
        Name::Started { .. } | Name::Completed { .. } => {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            WrongQuestion::Manifest(folder.unwrap_or(Path::new(".")).to_owned())
        }
        Name::Other => foreign(path).map_or(WrongQuestion::NoFolder, WrongQuestion::Foreign),
    }
}

fn foreign(path: &Path) -> Option<&'static str> {
    let mut first = Vec::new();
    File::open(path).ok()?.take(TELLING as u64).read_to_end(&mut first).ok()?;
    what_it_is(&first)
}

/// The nearest folder above a path that holds manifests.
fn folder_of_manifests(path: &Path) -> Option<PathBuf> {
    let real = path.canonicalize().ok()?;
    real.ancestors().skip(1).take(FOLDERS_ABOVE).find(|folder| holds_manifests(folder)).map(Path::to_owned)
}

fn holds_manifests(folder: &Path) -> bool {
    let is_manifest = |name: &str| {
        strangers::of_key(name).is_none()
            && matches!(Name::of(base(name)), Name::Started { .. } | Name::Completed { .. })
    };
    let Ok(entries) = folder.read_dir() else { return false };
    entries.flatten().any(|entry| entry.file_name().to_str().is_some_and(is_manifest))
}

/// What to give instead of folders in which no export was found.
pub fn instead<'a>(given: impl IntoIterator<Item = &'a Path>) -> String {
    match given.into_iter().find_map(folder_of_manifests) {
        Some(folder) => format!("the manifests lie above, give {}", folder.display()),
        None => "give what holds the manifests".to_owned(),
    }
}
