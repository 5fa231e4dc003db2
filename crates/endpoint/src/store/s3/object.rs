//! One S3 object by name and version: what a journal stores about an object that it uses in place.

use std::fmt;

use super::address::S3Address;
use crate::store::ObjectKey;
use qldb_journal::archive::source::ObjectVersion;
use qldb_journal::request::BucketName;

/// An object as it was found once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Object {
    /// The S3 that holds it, as in [`super::S3Store::endpoint`].
    pub endpoint: String,
    /// Its bucket.
    pub bucket: BucketName,
    /// Its key.
    pub key: ObjectKey,
    /// Its `ETag`, which differs for different bytes.
    pub tag: String,
    /// Its size in bytes.
    pub size: u64,
}

/// The properties by which a recorded object is recognised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Version {
    /// Its `ETag`.
    pub tag: Option<String>,
    /// Its size in bytes.
    pub size: Option<u64>,
}

/// An object in a listing, with what shows whether it is still the same later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedObject {
    /// Its key.
    pub key: String,
    /// Its version.
    pub version: Version,
    /// When it was last changed, in nanoseconds since 1970.
    pub changed: i128,
    /// Its storage class, if that is not S3's default.
    pub class: Option<String>,
    /// Whether a restored copy exists; `None` if nothing is reported, and false while it is being made.
    pub restored: Option<bool>,
}

impl S3Object {
    /// The version that the object must have.
    pub fn version(&self) -> Version {
        Version { tag: Some(self.tag.clone()), size: Some(self.size) }
    }
}

impl TryFrom<ObjectVersion> for S3Object {
    /// The rule that its name breaks.
    type Error = String;

    fn try_from(version: ObjectVersion) -> Result<Self, String> {
        let ObjectVersion { store: endpoint, bucket, key, tag, size } = version;
        let bucket = BucketName::parse(&bucket).map_err(|fault| format!("the bucket's name {}", fault.rule))?;
        Ok(Self { endpoint, bucket, key: ObjectKey::parse(key)?, tag, size })
    }
}

impl fmt::Display for S3Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}/{}", S3Address::SCHEME, self.bucket, self.key)
    }
}
