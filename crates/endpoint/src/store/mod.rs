//! Object storage: buckets that hold objects by key, behind one small trait.
//!
//! Used by the engine, and to read archives in S3. [`DirectoryStore`] keeps a bucket as a
//! directory, `S3Store` in S3; an object appears under its key complete and durable, or not at all.

mod directory;
mod error;
#[doc(hidden)]
pub mod file;
mod key;
mod process_lock;
mod s3;

use std::fs::File;
use std::io::{Read, Write};
use std::ops::Range;
use std::sync::Arc;

pub use s3::S3Options;
#[cfg(feature = "s3")]
pub use s3::S3Source;

// For the crates beside this one.
#[doc(hidden)]
pub use directory::DirectoryStore;
#[doc(hidden)]
pub use error::{StoreError, cause};
#[doc(hidden)]
pub use key::ObjectKey;
#[doc(hidden)]
pub use process_lock::{ProcessLock, Taken};
#[cfg(feature = "s3")]
#[doc(hidden)]
pub use s3::S3Store;
#[doc(hidden)]
pub use s3::{
    AddressError, ListedObject, Patience, RestoreOrder, S3_ENDPOINT_VARIABLES, S3Address, S3Cause, S3Elsewhere,
    S3Failure, S3Object, S3OpenError, Sizes as S3Sizes, Version,
};

use qldb_journal::request::{BucketName, Encryption, RoleArn};

/// The kinds of stores.
#[doc(hidden)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreKind {
    /// Directories on this machine.
    Directory,
    /// S3.
    S3,
}

impl StoreKind {
    /// The kind for a word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Directory, Self::S3].into_iter().find(|kind| kind.as_str() == word)
    }

    /// The word for the kind.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Directory => "directory",
            Self::S3 => "s3",
        }
    }
}

/// The identity with which an export uses a store.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct Access<'a> {
    /// The role that the request names.
    pub role: &'a RoleArn,
    /// The name of the session: the export's id.
    pub session: &'a str,
}

/// What a store needs to know about an object besides its bytes.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct ObjectOptions<'a> {
    /// The media type.
    pub content_type: &'static str,
    /// How the object is encrypted.
    pub encryption: &'a Encryption,
}

/// An object in a listing.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectEntry {
    /// Its key.
    pub key: ObjectKey,
    /// Its size, in bytes.
    pub size: u64,
}

/// The result of copying an object without reading it.
#[doc(hidden)]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Copied {
    /// The copy is complete, and encrypted as requested.
    Done,
    /// There is no copy, or none that can be relied on, for this reason. The object can be read and written instead.
    ReadInstead(String),
}

/// Buckets of objects.
#[doc(hidden)]
pub trait ObjectStore: Send + Sync {
    /// The kind of store. It is the same for every store in which an interrupted job can be resumed.
    fn kind(&self) -> StoreKind;

    /// The store as one export sees it: with the export's role, if the store has roles and assumes them.
    fn for_export(self: Arc<Self>, access: &Access<'_>) -> Arc<dyn ObjectStore>;

    /// Whether an object with this key and encryption could be written. Leaves nothing behind.
    fn check(&self, bucket: &BucketName, key: &ObjectKey, encryption: &Encryption) -> Result<(), StoreError>;

    /// Begins an object. Nothing is visible under the key before [`ObjectWriter::commit`], which replaces an existing
    /// object.
    fn create(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        options: ObjectOptions<'_>,
    ) -> Result<Box<dyn ObjectWriter>, StoreError>;

    /// Like [`ObjectStore::create`], for a key that must be free: if an object exists at the time of the commit, it
    /// fails with [`StoreError::Exists`], as far as the store supports that. Some stores don't, and replace the object.
    fn create_new(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        options: ObjectOptions<'_>,
    ) -> Result<Box<dyn ObjectWriter>, StoreError> {
        self.create(bucket, key, options)
    }

    /// Which S3 the store is, as in [`S3Object::endpoint`]; `None` if it is not S3.
    fn endpoint(&self) -> Option<&str> {
        None
    }

    /// Makes an object from one in the same S3 without reading it, if the store can. It is visible when this returns,
    /// and has replaced any earlier one.
    fn copy(
        &self,
        _from: &S3Object,
        _bucket: &BucketName,
        _key: &ObjectKey,
        _options: ObjectOptions<'_>,
    ) -> Result<Copied, StoreError> {
        Ok(Copied::ReadInstead("the store copies nothing".to_owned()))
    }

    /// After a commit that failed without saying how far it got: whether the object nevertheless exists under its key,
    /// with these bytes, durable and encrypted as requested. A store that can't know returns false.
    fn holds(
        &self,
        _bucket: &BucketName,
        _key: &ObjectKey,
        _bytes: &[u8],
        _options: ObjectOptions<'_>,
    ) -> Result<bool, StoreError> {
        Ok(false)
    }

    /// Removes what an earlier process left unfinished under keys that begin with `prefix` and that `is_own` accepts,
    /// and returns how much that was. What this process is writing stays.
    fn sweep(
        &self,
        _bucket: &BucketName,
        _prefix: &str,
        _is_own: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<usize, StoreError> {
        Ok(0)
    }

    /// Opens an object for reading, in whole or in part. A part that extends beyond the end is truncated.
    fn open(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        part: Option<Range<u64>>,
    ) -> Result<Box<dyn Read + Send>, StoreError>;

    /// The size of an object in bytes; `None` if there is no such object.
    fn size(&self, bucket: &BucketName, key: &ObjectKey) -> Result<Option<u64>, StoreError>;

    /// The objects whose keys begin with `prefix`, by key. A bucket that does not exist holds none.
    fn list(&self, bucket: &BucketName, prefix: &str) -> Result<Vec<ObjectEntry>, StoreError>;

    /// Removes an object. A missing object is not an error.
    fn remove(&self, bucket: &BucketName, key: &ObjectKey) -> Result<(), StoreError>;
}

/// An object that is being written. If dropped without [`ObjectWriter::commit`], it leaves nothing behind.
#[doc(hidden)]
pub trait ObjectWriter: Write + Send {
    /// The file of the object, if it is one and nothing was written yet: what is written to the file becomes the
    /// object, so that the kernel can copy into it.
    fn empty_file(&mut self) -> Option<&mut File> {
        None
    }

    /// Completes the object: it is complete, durable, and visible under its key when this returns.
    fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
