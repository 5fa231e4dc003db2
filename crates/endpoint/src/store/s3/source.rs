//! An archive that lies in S3, read in place: one pass over each object, in
//! bounded memory, and an error where an object is not the one that was listed.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use super::object::SCHEME;
use super::{ListedObject, S3Store, Version};
use crate::archive::source::{Found, ObjectVersion, Source, SourceError};
use crate::journal::Hash;
use crate::request::BucketName;
use crate::store::{ObjectKey, StoreError};

/// The objects of a bucket whose keys begin with a prefix.
pub struct S3Source {
    store: S3Store,
    bucket: BucketName,
    prefix: String,
    /// What the listing said of each object, by its whole key.
    listed: Mutex<BTreeMap<String, Version>>,
}

/// An address that names no bucket.
#[derive(Debug, thiserror::Error)]
#[error("{url} {rule}: give it as s3://BUCKET/PREFIX")]
pub struct AddressError {
    /// What was given.
    pub url: String,
    /// The rule that it breaks.
    pub rule: String,
}

impl S3Source {
    /// Whether something is meant to be an address of S3.
    pub fn is_address(text: &str) -> bool {
        text.starts_with(SCHEME)
    }

    /// The source at `s3://BUCKET/PREFIX`: every object whose key begins with the prefix, as `aws s3 ls` takes it.
    /// So a prefix that is meant as a folder ends in a slash. Nothing is called yet.
    pub fn open(url: &str, store: S3Store) -> Result<Self, AddressError> {
        let (bucket, prefix) = Self::parse(url)?;
        Ok(Self { store, bucket, prefix, listed: Mutex::default() })
    }

    /// Bucket and prefix of `s3://BUCKET/PREFIX`.
    pub fn parse(url: &str) -> Result<(BucketName, String), AddressError> {
        let failed = |rule: String| AddressError { url: url.to_owned(), rule };
        let rest = url.strip_prefix(SCHEME).ok_or_else(|| failed("is no address of S3".to_owned()))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let bucket =
            BucketName::parse(bucket).map_err(|fault| failed(format!("names no bucket: a name {}", fault.rule)))?;
        Ok((bucket, prefix.to_owned()))
    }

    /// What comes before the names of the objects: the folder that the prefix lies in.
    fn folder(&self) -> &str {
        self.prefix.rfind('/').map_or("", |end| &self.prefix[..=end])
    }

    /// What the listing said of an object.
    fn listed(&self, key: &str) -> Option<Version> {
        self.listed.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// The whole key of an object that has this one below the folder, as text and as a key.
    fn key(&self, key: &str) -> Result<(String, ObjectKey), SourceError> {
        let whole = format!("{}{key}", self.folder());
        match ObjectKey::parse(whole.as_str()) {
            Ok(object) => Ok((whole, object)),
            Err(rule) => Err(SourceError { name: self.name(), cause: io::Error::other(rule) }),
        }
    }

    fn failed(&self, key: &str, cause: StoreError) -> SourceError {
        SourceError { name: format!("{SCHEME}{}/{key}", self.bucket), cause: io::Error::other(cause) }
    }

    fn found(&self, object: &ListedObject) -> Found {
        Found {
            key: object.key.strip_prefix(self.folder()).unwrap_or(&object.key).to_owned(),
            size: object.version.size.unwrap_or_default(),
            changed: mark(object),
        }
    }
}

/// A number that is another one for any other version of an object: time alone is too coarse in S3.
fn mark(object: &ListedObject) -> u128 {
    let tag = object.version.tag.as_deref().unwrap_or_default();
    let hash = Hash::of(format!("{}\n{tag}", object.changed).as_bytes());
    hash.as_bytes().iter().take(16).fold(0, |mark, byte| mark << 8 | u128::from(*byte))
}

impl Source for S3Source {
    fn name(&self) -> String {
        format!("{SCHEME}{}/{}", self.bucket, self.prefix)
    }

    fn list(&self) -> Result<Vec<Found>, SourceError> {
        let objects = self.store.list_versions(&self.bucket, &self.prefix);
        let objects = objects.map_err(|cause| self.failed(&self.prefix, cause))?;
        // Some tools make an empty object for each folder.
        let objects: Vec<ListedObject> = objects.into_iter().filter(|object| !object.key.ends_with('/')).collect();
        let found = objects.iter().map(|object| self.found(object)).collect();
        let listed = objects.into_iter().map(|object| (object.key, object.version)).collect();
        *self.listed.lock().unwrap_or_else(PoisonError::into_inner) = listed;
        Ok(found)
    }

    fn open(&self, key: &str) -> Result<Box<dyn Read + Send>, SourceError> {
        let (whole, object) = self.key(key)?;
        let version = self.listed(&whole).unwrap_or_default();
        self.store.open_version(&self.bucket, &object, &version).map_err(|cause| self.failed(&whole, cause))
    }

    fn path(&self, _key: &str) -> Option<PathBuf> {
        None
    }

    fn real(&self, key: &str) -> PathBuf {
        PathBuf::from(format!("{SCHEME}{}/{}{key}", self.bucket, self.folder()))
    }

    fn version(&self, key: &str) -> Result<Option<ObjectVersion>, SourceError> {
        let (whole, object) = self.key(key)?;
        let version = match self.listed(&whole) {
            Some(version) if version.tag.is_some() => Some(version),
            // Not every store names ETags in its listings.
            _ => self.store.version(&self.bucket, &object).map_err(|cause| self.failed(&whole, cause))?,
        };
        let Some(Version { tag: Some(tag), size: Some(size) }) = version else { return Ok(None) };
        let (store, bucket) = (self.store.endpoint().to_owned(), self.bucket.to_string());
        Ok(Some(ObjectVersion { store, bucket, key: whole, tag, size }))
    }
}
