//! Where objects lie: buckets that hold objects by key, behind one small trait.
//!
//! Used by the archive and the engine. [`DirectoryStore`] keeps a bucket as a
//! directory; an object appears under its key whole and durable, or not at all.

mod directory;
mod error;
pub mod file;
mod key;

use std::io::{Read, Write};
use std::ops::Range;

pub use directory::DirectoryStore;
pub use error::{StoreError, cause};
pub use key::ObjectKey;

use crate::request::{BucketName, Encryption};

/// What a store is told about an object besides its bytes.
#[derive(Debug, Clone, Copy)]
pub struct ObjectOptions<'a> {
    /// The media type.
    pub content_type: &'static str,
    /// How the object is to be encrypted.
    pub encryption: &'a Encryption,
}

/// An object in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectEntry {
    /// Its key.
    pub key: ObjectKey,
    /// Its size, in bytes.
    pub size: u64,
}

/// Buckets of objects.
pub trait ObjectStore: Send + Sync {
    /// Whether an object with this key and encryption could be kept at all. Writes nothing.
    fn check(&self, bucket: &BucketName, key: &ObjectKey, encryption: &Encryption) -> Result<(), StoreError>;

    /// Begins an object. Nothing is visible under the key before [`ObjectWriter::commit`];
    /// an object that was there is replaced then.
    fn create(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        options: ObjectOptions<'_>,
    ) -> Result<Box<dyn ObjectWriter>, StoreError>;

    /// Opens an object for reading, whole or in part. A part that reaches past the end is cut there.
    fn open(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        part: Option<Range<u64>>,
    ) -> Result<Box<dyn Read + Send>, StoreError>;

    /// The size of an object in bytes; none if there is no such object.
    fn size(&self, bucket: &BucketName, key: &ObjectKey) -> Result<Option<u64>, StoreError>;

    /// The objects whose keys begin with `prefix`, by key. A bucket that is not there holds none.
    fn list(&self, bucket: &BucketName, prefix: &str) -> Result<Vec<ObjectEntry>, StoreError>;

    /// Removes an object. One that is not there is no error.
    fn remove(&self, bucket: &BucketName, key: &ObjectKey) -> Result<(), StoreError>;
}

/// An object that is being written. Dropped without [`ObjectWriter::commit`], it leaves nothing.
pub trait ObjectWriter: Write + Send {
    /// Ends the object: whole, durable, and visible under its key when this returns.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
