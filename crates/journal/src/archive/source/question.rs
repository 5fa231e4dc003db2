//! What was given instead of an archive, and which folder was probably meant. A wrong question is
//! not bad evidence.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::{SourceError, escaped};
use crate::archive::foreign::{BEGINNING, Foreign};
use crate::archive::names::{Name, base};
use crate::archive::strangers;

/// How many parent folders are searched for manifests: an hour's folder is four levels below its prefix.
const FOLDERS_ABOVE: usize = 8;

/// Why what was given can't hold an archive.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WrongQuestion {
    /// It does not exist.
    #[error("no such file or folder")]
    Absent,
    /// One data object, with the folder of its manifests, if one was found.
    #[error("it is a single data object, and only the manifests say which objects belong together")]
    DataObject(Option<PathBuf>),
    /// One manifest, with its folder.
    #[error("it is a single manifest")]
    Manifest(PathBuf),
    /// Something that must be unpacked or converted.
    #[error("{0}")]
    Foreign(Foreign),
    /// Some other file.
    #[error("it is not a folder")]
    NotAFolder,
}

/// Fails unless a path is a folder.
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
        false => Err(wrong(WrongQuestion::NotAFolder)),
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
        Name::Other => foreign(path).map_or(WrongQuestion::NotAFolder, WrongQuestion::Foreign),
    }
}

fn foreign(path: &Path) -> Option<Foreign> {
    let mut first = Vec::new();
    File::open(path).ok()?.take(BEGINNING as u64).read_to_end(&mut first).ok()?;
    Foreign::of(&first)
}

/// The nearest parent folder of a path that holds manifests.
pub fn folder_of_manifests(path: &Path) -> Option<PathBuf> {
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
