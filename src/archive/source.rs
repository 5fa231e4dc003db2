//! Where an archive is read from. A source lists what it holds and opens it;
//! nothing is ever written there.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::store::S3Object;

/// A file or object of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name below the source, with slashes.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last changed, in nanoseconds since 1970; tells whether it is still the same.
    pub changed: u128,
}

/// A source that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{name} can't be read: {cause}")]
pub struct SourceError {
    /// The file or folder.
    pub name: String,
    /// Why.
    #[source]
    pub cause: io::Error,
}

/// Something that holds an archive, or a part of one.
pub trait Source: Send + Sync {
    /// What it is called in reports.
    fn name(&self) -> String;

    /// Everything in it, by key.
    fn list(&self) -> Result<Vec<Found>, SourceError>;

    /// Opens one of its objects from the beginning.
    fn open(&self, key: &str) -> Result<Box<dyn Read + Send>, SourceError>;

    /// The path of an object on this machine, where it has one.
    fn path(&self, key: &str) -> Option<PathBuf>;

    /// The object of S3 that an object of this source is, where it is one and its store tells versions apart.
    fn object(&self, _key: &str) -> Result<Option<S3Object>, SourceError> {
        Ok(None)
    }
}

/// A folder on this machine.
#[derive(Debug, Clone)]
pub struct Folder {
    root: PathBuf,
}

impl Folder {
    /// The folder at a path.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn error(path: &Path, cause: io::Error) -> SourceError {
        SourceError { name: path.display().to_string(), cause }
    }

    fn walk(&self) -> Result<Vec<Found>, (PathBuf, io::Error)> {
        let mut found = Vec::new();
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            let fail = |cause| (folder.clone(), cause);
            for entry in folder.read_dir().map_err(fail)? {
                let entry = entry.map_err(fail)?;
                let path = entry.path();
                // A link to a folder is not followed: it could lead back here.
                if entry.file_type().map_err(fail)?.is_dir() {
                    folders.push(path);
                } else if let Some(file) = self.file(&path).map_err(|cause| (path.clone(), cause))? {
                    found.push(file);
                }
            }
        }
        found.sort_by(|one, other| one.key.cmp(&other.key));
        Ok(found)
    }

    fn file(&self, path: &Path) -> io::Result<Option<Found>> {
        let metadata = path.metadata()?;
        let parts: Option<Vec<&str>> =
            path.strip_prefix(&self.root).ok().map(|below| below.iter().filter_map(|part| part.to_str()).collect());
        let Some(parts) = parts.filter(|_| metadata.is_file()) else { return Ok(None) };
        let changed = metadata.modified()?.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        Ok(Some(Found { key: parts.join("/"), size: metadata.len(), changed }))
    }
}

impl Source for Folder {
    fn name(&self) -> String {
        self.root.display().to_string()
    }

    fn list(&self) -> Result<Vec<Found>, SourceError> {
        self.walk().map_err(|(path, cause)| Self::error(&path, cause))
    }

    fn open(&self, key: &str) -> Result<Box<dyn Read + Send>, SourceError> {
        let path = self.root.join(key);
        let file = File::open(&path).map_err(|cause| Self::error(&path, cause))?;
        Ok(Box::new(file))
    }

    fn path(&self, key: &str) -> Option<PathBuf> {
        Some(self.root.join(key))
    }
}
