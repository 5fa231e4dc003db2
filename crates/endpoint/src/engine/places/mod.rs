//! Where segments are stored, and how they are opened: files of the data directory, files
//! elsewhere, and objects in S3 that were imported in place.

#[cfg(feature = "s3")]
mod with_s3;
#[cfg(not(feature = "s3"))]
mod without_s3;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

#[cfg(feature = "s3")]
use with_s3::Objects;
#[cfg(feature = "s3")]
pub(super) use with_s3::PlaceError;
#[cfg(not(feature = "s3"))]
use without_s3::Objects;
#[cfg(not(feature = "s3"))]
pub(super) use without_s3::PlaceError;

use crate::store::{S3Object, S3Options};

/// Where a segment is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SegmentAt {
    /// In a file; relative to the data directory, or absolute.
    File(PathBuf),
    /// In an S3 object that belongs to its owner alone: it is read, and never changed.
    Object(S3Object),
}

impl std::fmt::Display for SegmentAt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Object(object) => object.fmt(f),
        }
    }
}

/// Opens segments wherever they are.
pub(super) struct Places {
    data_dir: PathBuf,
    objects: Objects,
}

impl Places {
    pub(super) fn new(data_dir: PathBuf, options: S3Options) -> Self {
        Self { data_dir, objects: Objects::new(options) }
    }

    /// Opens a segment. An object is only opened if it is still the recorded one.
    pub(super) fn open(&self, place: &SegmentAt) -> io::Result<Box<dyn Read + Send>> {
        match place {
            SegmentAt::File(path) => Ok(Box::new(File::open(self.data_dir.join(path))?)),
            SegmentAt::Object(object) => self.objects.open(object),
        }
    }

    /// The file of a segment; `None` if it is not a file.
    pub(super) fn file(&self, place: &SegmentAt) -> Option<io::Result<File>> {
        match place {
            SegmentAt::File(path) => Some(File::open(self.data_dir.join(path))),
            SegmentAt::Object(_) => None,
        }
    }

    /// The current size in bytes; an object has its recorded size, or is another object.
    pub(super) fn size(&self, place: &SegmentAt) -> u64 {
        match place {
            SegmentAt::File(path) => self.file_size(path),
            SegmentAt::Object(object) => object.size,
        }
    }

    fn file_size(&self, path: &Path) -> u64 {
        std::fs::metadata(self.data_dir.join(path)).map_or(0, |metadata| metadata.len())
    }
}
