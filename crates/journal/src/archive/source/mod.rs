//! Where an archive is read from. A source lists what it holds and opens it;
//! nothing is ever written there.

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

/// An object of a store by name and version: enough to read the same bytes later, without the source.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectVersion {
    /// The address of the store that it lies in.
    pub store: String,
    /// Its bucket.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// Its `ETag`, which is another one for other bytes.
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
    /// Why.
    #[source]
    pub cause: io::Error,
}

impl SourceError {
    /// What was given instead of something that can hold an archive; none if the source itself failed.
    #[doc(hidden)]
    pub fn wrong_question(&self) -> Option<&WrongQuestion> {
        self.cause.get_ref().and_then(|cause| cause.downcast_ref())
    }
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

    /// What distinguishes an object from every other, whatever name leads to it. Known once it was listed.
    fn real(&self, key: &str) -> PathBuf {
        PathBuf::from(format!("{}/{key}", self.name()))
    }

    /// What the last listing left out, because it can't be part of an archive.
    #[doc(hidden)]
    fn passed_over(&self) -> Vec<Stranger> {
        Vec::new()
    }

    /// Those of its objects that can't be read before the store has restored them, whether an export lists them or not,
    /// by key. It lists, and the next [`Source::list`] may give the same listing.
    #[doc(hidden)]
    fn archived(&self) -> Result<Vec<Archived>, SourceError> {
        Ok(Vec::new())
    }

    /// How the objects are kept that were read so far, by key, as far as the store said it along with them.
    #[doc(hidden)]
    fn stored(&self) -> BTreeMap<String, Stored> {
        BTreeMap::new()
    }

    /// Which version of which object of a store an object of this source is, where the store distinguishes versions.
    #[doc(hidden)]
    fn version(&self, _key: &str) -> Result<Option<ObjectVersion>, SourceError> {
        Ok(None)
    }
}

/// A file's name as text: bytes that are not UTF-8 as `\xNN`.
fn escaped(name: &OsStr) -> String {
    let mut text = String::new();
    for chunk in name.as_encoded_bytes().utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a text does not fail.
            let _ = write!(text, "\\x{byte:02X}");
        }
    }
    text
}
