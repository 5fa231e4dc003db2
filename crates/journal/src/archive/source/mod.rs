//! Where an archive is read from. A source lists its contents and opens them; nothing is ever
//! written there.

mod folder;
mod question;
mod stored;

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::io::{self, Read};
use std::path::PathBuf;

pub use folder::Folder;
#[doc(hidden)]
pub use question::{WrongQuestion, folder_of_manifests};
#[doc(hidden)]
pub use stored::{Archived, Lock, Stored};

use super::strangers::Stranger;

/// A file or object of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its name below the source, with slashes.
    pub key: String,
    /// Its size in bytes.
    pub size: u64,
    /// When it was last changed, in nanoseconds since 1970: shows whether it is still the same.
    pub changed: u128,
}

/// An object in a store, by name and version: enough to read the same bytes later, without the source.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectVersion {
    /// The address of its store.
    pub store: String,
    /// Its bucket.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// Its `ETag`, which differs for different bytes.
    pub tag: String,
    /// Its size in bytes.
    pub size: u64,
}

/// A source that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{name} can't be read: {cause}")]
pub struct SourceError {
    /// The file or folder.
    pub name: String,
    /// The cause.
    #[source]
    pub cause: io::Error,
}

impl SourceError {
    /// What was given instead of an archive; `None` if the source itself failed.
    #[doc(hidden)]
    pub fn wrong_question(&self) -> Option<&WrongQuestion> {
        self.cause.get_ref().and_then(|cause| cause.downcast_ref())
    }
}

/// Something that holds an archive, or part of one.
pub trait Source: Send + Sync {
    /// Its name in reports.
    fn name(&self) -> String;

    /// All its files, by key.
    fn list(&self) -> Result<Vec<Found>, SourceError>;

    /// Opens one of its objects from the beginning.
    fn open(&self, key: &str) -> Result<Box<dyn Read + Send>, SourceError>;

    /// The local path of an object, if it has one.
    fn path(&self, key: &str) -> Option<PathBuf>;

    /// Identifies an object, whatever name leads to it. Known once it was listed.
    fn real(&self, key: &str) -> PathBuf {
        PathBuf::from(format!("{}/{key}", self.name()))
    }

    /// What the last listing left out, because it can't be part of an archive.
    #[doc(hidden)]
    fn passed_over(&self) -> Vec<Stranger> {
        Vec::new()
    }

    /// Objects that can't be read before the store has restored them, by key, whether or not an export lists them. This
    /// lists the objects, and the next [`Source::list`] may return the same listing.
    #[doc(hidden)]
    fn archived(&self) -> Result<Vec<Archived>, SourceError> {
        Ok(Vec::new())
    }

    /// How the objects read so far are protected, by key, as far as the store reported it with them.
    #[doc(hidden)]
    fn stored(&self) -> BTreeMap<String, Stored> {
        BTreeMap::new()
    }

    /// The store's version of an object, if the store distinguishes versions.
    #[doc(hidden)]
    fn version(&self, _key: &str) -> Result<Option<ObjectVersion>, SourceError> {
        Ok(None)
    }
}

/// A file's name as text, with bytes that are not UTF-8 as `\xNN`.
fn escaped(name: &OsStr) -> String {
    let mut text = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a string does not fail.
            let _ = write!(text, "\\x{byte:02X}");
        }
    }
    text
}
