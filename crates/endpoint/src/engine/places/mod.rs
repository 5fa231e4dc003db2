//! Where segments lie, and how they are opened there: files of the data
//! directory, files elsewhere, and objects of S3 that were imported in place.

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

/// Where a segment lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SegmentAt {
    /// In a file; relative to the data directory, or absolute.
    File(PathBuf),
    /// In an object of S3 that is nobody's but its owner's: it is read, and never changed.
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

/// Opens segments wherever they lie.
pub(super) struct Places {
    data_dir: PathBuf,
    objects: Objects,
}

impl Places {
    pub(super) fn new(data_dir: PathBuf, options: S3Options) -> Self {
        Self { data_dir, objects: Objects::new(options) }
    }

    /// Opens what lies in a place. An object is given only as long as it is the one that was recorded.
    pub(super) fn open(&self, place: &SegmentAt) -> io::Result<Box<dyn Read + Send>> {
        match place {
            SegmentAt::File(path) => Ok(Box::new(File::open(self.data_dir.join(path))?)),
            SegmentAt::Object(object) => self.objects.open(object),
        }
    }

    /// The file that lies in a place; none if it is not a file.
    pub(super) fn file(&self, place: &SegmentAt) -> Option<io::Result<File>> {
        match place {
            SegmentAt::File(path) => Some(File::open(self.data_dir.join(path))),
            SegmentAt::Object(_) => None,
        }
    }

    /// How many bytes lie in a place now; an object has as many as it had, or is another one.
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
