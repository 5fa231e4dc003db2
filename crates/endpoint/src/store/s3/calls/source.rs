//! An archive in S3, read in place: one pass over each object, in bounded memory, and an error if
//! an object is not the one that was listed.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::archived;
use super::store::S3Store;
use super::versions::Versions;
use crate::store::s3::address::S3Address;
use crate::store::s3::object::{ListedObject, Version};
use crate::store::{ObjectKey, S3Options, StoreError};
use qldb_aws::Resolved;
use qldb_journal::Hash;
use qldb_journal::archive::Kind;
use qldb_journal::archive::source::{Archived, Found, ObjectVersion, Source, SourceError, Stored};

/// The objects of a bucket whose keys begin with a prefix.
pub struct S3Source {
    store: S3Store,
    address: S3Address,
    /// What the listing said about each object, by its full key.
    listed: Mutex<Versions>,
    /// A listing that was made but not returned yet.
    ahead: Mutex<Option<Vec<Found>>>,
}

impl S3Source {
    /// The source at an address `s3://BUCKET/PREFIX`: every object whose key begins with the prefix. Nothing is called
    /// yet.
    ///
    /// # Errors
    /// `InvalidInput` if it is not such an address; the system's error if it provides no threads.
    pub fn at(address: &str, options: &S3Options) -> io::Result<Self> {
        let address = S3Address::parse(address).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
        Ok(Self::new(address, S3Store::open(options).map_err(io::Error::other)?))
    }

    /// The source at an address in a store.
    #[doc(hidden)]
    pub fn new(address: S3Address, store: S3Store) -> Self {
        Self { store, address, listed: Mutex::default(), ahead: Mutex::default() }
    }

    /// What another process needs to read this source. Nothing is read here, and an error is the one that reading would
    /// begin with.
    #[doc(hidden)]
    pub fn resolved(&self) -> Result<Resolved, SourceError> {
        let S3Address { bucket, prefix } = &self.address;
        self.store.resolved(bucket, prefix).map_err(|cause| self.failed(prefix, cause))
    }

    /// The part before the names of the objects: the folder of the prefix.
    fn folder(&self) -> &str {
        self.address.prefix.rfind('/').map_or("", |end| &self.address.prefix[..=end])
    }

    /// What the listing said about an object.
    fn listed(&self, key: &str) -> Option<Version> {
        guard(&self.listed).get(key)
    }

    /// The full key of an object with this key below the folder, as text and as a key.
    fn key(&self, key: &str) -> Result<(String, ObjectKey), SourceError> {
        let whole = format!("{}{key}", self.folder());
        match ObjectKey::parse(whole.as_str()) {
            Ok(object) => Ok((whole, object)),
            Err(rule) => Err(SourceError { name: self.name(), cause: io::Error::other(rule) }),
        }
    }

    fn failed(&self, key: &str, cause: StoreError) -> SourceError {
        SourceError {
            name: format!("{}{}/{key}", S3Address::SCHEME, self.address.bucket),
            cause: io::Error::other(cause),
        }
    }

    /// Lists everything. `also` receives each object as well.
    fn list_now(&self, mut also: impl FnMut(ListedObject)) -> Result<Vec<Found>, SourceError> {
        let (mut found, mut versions) = (Vec::new(), Versions::default());
        let listed = self.store.list_each(&self.address.bucket, &self.address.prefix, &mut |object| {
            // Some tools create an empty object for each folder.
            if !object.key.ends_with('/') {
                versions.add(&object.key, &object.version);
                found.push(self.found(&object));
                also(object);
            }
        });
        listed.map_err(|cause| self.failed(&self.address.prefix, cause))?;
        versions.sort();
        found.sort_by(|one, other| one.key.cmp(&other.key));
        *guard(&self.listed) = versions;
        Ok(found)
    }

    /// The name below the folder.
    fn name_of(&self, key: &str) -> String {
        key.strip_prefix(self.folder()).unwrap_or(key).to_owned()
    }

    fn found(&self, object: &ListedObject) -> Found {
        Found { key: self.name_of(&object.key), size: object.version.size.unwrap_or_default(), changed: mark(object) }
    }
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A number that differs for every version of an object: time alone is too coarse in S3.
fn mark(object: &ListedObject) -> u128 {
    let tag = object.version.tag.as_deref().unwrap_or_default();
    let hash = Hash::of(format!("{}\n{tag}", object.changed).as_bytes());
    hash.as_bytes().iter().take(16).fold(0, |mark, byte| mark << 8 | u128::from(*byte))
}

impl Source for S3Source {
    fn name(&self) -> String {
        self.address.to_string()
    }

    fn list(&self) -> Result<Vec<Found>, SourceError> {
        if let Some(found) = guard(&self.ahead).take() {
            return Ok(found);
        }
        self.list_now(drop)
    }

    fn archived(&self) -> Result<Vec<Archived>, SourceError> {
        let mut objects = Vec::new();
        let found = self.list_now(|object| {
            if archived::may_be(&object) && Kind::of(&object.key).is_some() {
                objects.push(object);
            }
        })?;
        *guard(&self.ahead) = Some(found);
        let archived = self.store.archived(&self.address.bucket, objects);
        let archived = archived.map_err(|cause| self.failed(&self.address.prefix, cause))?;
        Ok(archived.into_iter().map(|one| Archived { name: self.name_of(&one.key), ..one }).collect())
    }

    fn stored(&self) -> BTreeMap<String, Stored> {
        let kept = self.store.kept(&self.address.bucket).into_iter();
        kept.filter(|(key, _)| key.starts_with(self.folder())).map(|(key, kept)| (self.name_of(&key), kept)).collect()
    }

    fn open(&self, key: &str) -> Result<Box<dyn Read + Send>, SourceError> {
        let (whole, object) = self.key(key)?;
        let version = self.listed(&whole).unwrap_or_default();
        self.store.open_version(&self.address.bucket, &object, &version).map_err(|cause| self.failed(&whole, cause))
    }

    fn path(&self, _key: &str) -> Option<PathBuf> {
        None
    }

    fn real(&self, key: &str) -> PathBuf {
        PathBuf::from(format!("{}{}/{}{key}", S3Address::SCHEME, self.address.bucket, self.folder()))
    }

    fn version(&self, key: &str) -> Result<Option<ObjectVersion>, SourceError> {
        let (whole, object) = self.key(key)?;
        let version = match self.listed(&whole) {
            Some(version) if version.tag.is_some() => Some(version),
            // Not every store includes ETags in its listings.
            _ => self.store.version(&self.address.bucket, &object).map_err(|cause| self.failed(&whole, cause))?,
        };
        let Some(Version { tag: Some(tag), size: Some(size) }) = version else { return Ok(None) };
        let (store, bucket) = (self.store.endpoint().to_owned(), self.address.bucket.to_string());
        Ok(Some(ObjectVersion { store, bucket, key: whole, tag, size }))
    }
}
