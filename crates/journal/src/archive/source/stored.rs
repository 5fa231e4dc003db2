//! What a store reports about its objects besides their bytes: which ones must be restored before
//! they can be read, and how those that were read are protected. For sources in such a store, and
//! for the command line, which shows it.

use chrono::{DateTime, Utc};

/// An object that must be restored before the store delivers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    /// Its bucket.
    pub bucket: String,
    /// Its full key.
    pub key: String,
    /// Its name below the source.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Its storage class, in the store's own term: `GLACIER`, `DEEP_ARCHIVE`, `INTELLIGENT_TIERING`.
    pub class: String,
    /// The tier within the class, if the class has several: `ARCHIVE_ACCESS`, `DEEP_ARCHIVE_ACCESS`.
    pub tier: Option<String>,
    /// Whether it is being restored.
    pub is_restoring: bool,
}

/// How an object that was read is protected.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stored {
    /// The id of the version that was read, if the bucket keeps versions.
    pub version_id: Option<String>,
    /// The lock that protects it from being changed or removed.
    pub lock: Option<Lock>,
    /// Whether it has a legal hold.
    pub is_held: bool,
}

/// A lock with an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The store's own term: `COMPLIANCE`, `GOVERNANCE`.
    pub mode: String,
    /// When it ends.
    pub until: DateTime<Utc>,
}

impl Stored {
    /// Whether the store reported nothing.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}
