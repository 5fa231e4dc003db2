//! A local folder as a source: walked including its links, and without losing files whose names are
//! not UTF-8.

use std::collections::{HashMap, HashSet};
use std::fs::{DirEntry, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Found, Source, SourceError, escaped, question};
use crate::archive::strangers::{self, Stranger};

/// Under how many names a folder is read through links. Links can double the names at every level, and a single name is
/// enough to find the contents.
const MOST_NAMES: usize = 64;

/// A local folder.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
    walked: Arc<Mutex<Walked>>,
}

/// What the last listing found besides the files' names and sizes.
#[derive(Debug, Default)]
struct Walked {
    /// The paths of files whose names are not UTF-8, by key.
    paths: HashMap<String, PathBuf>,
    /// The folder itself, with links resolved.
    root: PathBuf,
    /// The real paths of files that were reached through links, by key.
    real: HashMap<String, PathBuf>,
    strangers: Vec<Stranger>,
}

impl Folder {
    /// The folder at a path.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), walked: Arc::default() }
    }

    fn error(path: &Path, cause: io::Error) -> SourceError {
        SourceError { name: escaped(path.as_os_str()), cause }
    }

    fn walked(&self) -> MutexGuard<'_, Walked> {
        self.walked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path_of(&self, key: &str) -> PathBuf {
        self.walked().paths.get(key).cloned().unwrap_or_else(|| self.root.join(key))
    }
}

impl Source for Folder {
    fn name(&self) -> String {
        escaped(self.root.as_os_str())
    }

    fn list(&self) -> Result<Vec<Found>, SourceError> {
        question::refuse_unless_folder(&self.root)?;
        let (found, walked) = Walk::through(&self.root).map_err(|(path, cause)| Self::error(&path, cause))?;
        *self.walked() = walked;
        Ok(found)
    }

    fn open(&self, key: &str) -> Result<Box<dyn Read + Send>, SourceError> {
        let path = self.path_of(key);
        let file = File::open(&path).map_err(|cause| Self::error(&path, cause))?;
        Ok(Box::new(file))
    }

    fn path(&self, key: &str) -> Option<PathBuf> {
        Some(self.path_of(key))
    }

    fn real(&self, key: &str) -> PathBuf {
        let walked = self.walked();
        walked.real.get(key).cloned().unwrap_or_else(|| walked.root.join(key))
    }

    fn passed_over(&self) -> Vec<Stranger> {
        self.walked().strangers.clone()
    }
}

type Failed = (PathBuf, io::Error);

/// A file found by the walk.
struct Reached {
    /// Relative to the root.
    below: PathBuf,
    size: u64,
    changed: u128,
    /// Its real path, if it was reached through a link.
    real: Option<PathBuf>,
}

/// A folder to be read.
struct Next {
    /// Relative to the root.
    below: PathBuf,
    /// With links resolved.
    real: PathBuf,
    /// The real paths of the folders from which links led here.
    above: Vec<PathBuf>,
}

impl Next {
    /// Whether this folder lies in another one, including through links.
    fn lies_in(&self, folder: &Path) -> bool {
        self.above.iter().chain([&self.real]).any(|place| place.starts_with(folder))
    }
}

/// The state of one walk.
#[derive(Default)]
struct Walk {
    root: PathBuf,
    next: Vec<Next>,
    files: Vec<Reached>,
    strangers: Vec<Stranger>,
    /// How often links led to a folder.
    linked: HashMap<PathBuf, usize>,
}

impl Walk {
    fn through(root: &Path) -> Result<(Vec<Found>, Walked), Failed> {
        let real = root.canonicalize().map_err(|cause| (root.to_owned(), cause))?;
        let mut walk = Self { root: root.to_owned(), ..Self::default() };
        walk.next.push(Next { below: PathBuf::new(), real: real.clone(), above: Vec::new() });
        while let Some(folder) = walk.next.pop() {
            walk.read(&folder)?;
        }
        Ok(walk.end(real))
    }

    fn read(&mut self, folder: &Next) -> Result<(), Failed> {
        let path = self.root.join(&folder.below);
        let failed = |cause| (path.clone(), cause);
        let entries: io::Result<Vec<DirEntry>> = path.read_dir().map_err(failed)?.collect();
        let mut entries = entries.map_err(failed)?;
        // Which of very many links are followed must not depend on the file system's order.
        entries.sort_by_key(DirEntry::file_name);
        for entry in &entries {
            self.take(folder, entry).map_err(|cause| (entry.path(), cause))?;
        }
        Ok(())
    }

    fn take(&mut self, folder: &Next, entry: &DirEntry) -> io::Result<()> {
        let name = entry.file_name();
        let below = folder.below.join(&name);
        let kind = entry.file_type()?;
        let known = if kind.is_file() { None } else { name.to_str().and_then(strangers::of_folder) };
        if let Some(what) = known {
            self.pass_over(&below, what);
        } else if kind.is_symlink() {
            self.follow(folder, &entry.path(), below)?;
        } else if kind.is_dir() {
            self.next.push(Next { below, real: folder.real.join(&name), above: folder.above.clone() });
        } else {
            // Below a link, a file's real path differs from its path.
            let real = (!folder.above.is_empty()).then(|| folder.real.join(&name));
            self.keep(below, &entry.metadata()?, real)?;
        }
        Ok(())
    }

    fn follow(&mut self, folder: &Next, path: &Path, below: PathBuf) -> io::Result<()> {
        let (metadata, real) = match path.metadata().and_then(|metadata| Ok((metadata, path.canonicalize()?))) {
            Ok(there) => there,
            Err(cause) if leads_nowhere(&cause) => {
                self.pass_over(&below, strangers::DANGLING);
                return Ok(());
            }
            Err(cause) => return Err(cause),
        };
        if !metadata.is_dir() {
            return self.keep(below, &metadata, Some(real));
        }
        if folder.lies_in(&real) {
            self.pass_over(&below, strangers::LOOP);
            return Ok(());
        }
        let names = self.linked.entry(real.clone()).or_default();
        *names += 1;
        if *names > MOST_NAMES {
            self.pass_over(&below, strangers::READ_ALREADY);
        } else {
            let above = folder.above.iter().chain([&folder.real]).cloned().collect();
            self.next.push(Next { below, real, above });
        }
        Ok(())
    }

    fn keep(&mut self, below: PathBuf, metadata: &Metadata, real: Option<PathBuf>) -> io::Result<()> {
        if metadata.is_file() {
            self.files.push(Reached { below, size: metadata.len(), changed: changed(metadata)?, real });
        } else {
            self.pass_over(&below, strangers::SPECIAL);
        }
        Ok(())
    }

    fn pass_over(&mut self, below: &Path, what: &'static str) {
        self.strangers.push(Stranger { key: shown(below), what });
    }

    /// The files in order; those that are here come before those reached through links.
    fn end(mut self, root: PathBuf) -> (Vec<Found>, Walked) {
        let mut walked = Walked { root, strangers: self.strangers, ..Walked::default() };
        walked.strangers.sort_by(|one, other| one.key.cmp(&other.key));
        // A name in UTF-8 is its own key; the substitute for another name must not take it.
        self.files.sort_by_key(|file| file.below.to_str().is_none());
        let is_shown = self.files.last().is_some_and(|file| file.below.to_str().is_none());
        let mut taken = HashSet::new();
        let mut found = Vec::with_capacity(self.files.len());
        for file in self.files {
            let mut key = shown(&file.below);
            // There are many names, and if all are UTF-8, no two are the same.
            while is_shown && !taken.insert(key.clone()) {
                key.push('\\');
            }
            if file.below.to_str().is_none() {
                walked.paths.insert(key.clone(), self.root.join(&file.below));
                walked.real.insert(key.clone(), walked.root.join(&file.below));
            }
            let linked = file.real.is_some();
            if let Some(real) = file.real {
                walked.real.insert(key.clone(), real);
            }
            found.push((linked, Found { key, size: file.size, changed: file.changed }));
        }
        found.sort_by(|(linked, one), (other_linked, other)| (linked, &one.key).cmp(&(other_linked, &other.key)));
        (found.into_iter().map(|(_, file)| file).collect(), walked)
    }
}

/// A path below the root as a key: with slashes, and with bytes that are not UTF-8 as `\xNN`.
fn shown(below: &Path) -> String {
    let parts: Vec<String> = below.iter().map(escaped).collect();
    parts.join("/")
}

/// Whether a link's target does not exist, rather than being inaccessible.
fn leads_nowhere(cause: &io::Error) -> bool {
    /// A link that leads to itself; the standard library has no stable name for this.
    const TOO_MANY_LINKS: i32 = if cfg!(target_os = "linux") { 40 } else { 62 };
    matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
        || (cfg!(unix) && cause.raw_os_error() == Some(TOO_MANY_LINKS))
}

/// When a file was last changed, in nanoseconds since 1970, by the system's own clock, which programs can't set back:
/// altered bytes, and copies elsewhere, have another value whatever their time was set to.
#[cfg(unix)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it may not be known")]
fn changed(metadata: &Metadata) -> io::Result<u128> {
    use std::os::unix::fs::MetadataExt as _;
    let (seconds, nanoseconds) = (metadata.ctime(), metadata.ctime_nsec());
    Ok(u128::from(seconds.max(0).unsigned_abs()) * 1_000_000_000 + u128::from(nanoseconds.max(0).unsigned_abs()))
}

/// When a file was last changed, in nanoseconds since 1970, according to the file.
#[cfg(not(unix))]
fn changed(metadata: &Metadata) -> io::Result<u128> {
    Ok(metadata.modified()?.duration_since(std::time::UNIX_EPOCH).unwrap_or_default().as_nanos())
}
