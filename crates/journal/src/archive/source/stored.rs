//! What a store says of its objects beside their bytes: which of them it gives
//! only after they were restored, and how it keeps those that were read. For
//! sources in such a store, and for the command line, which shows it.

use chrono::{DateTime, Utc};

/// An object that the store gives only once it was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    /// Its bucket.
    pub bucket: String,
    /// Its key, whole.
    pub key: String,
    /// Its name below the source.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
    /// Where it is kept, in the store's own word: `GLACIER`, `DEEP_ARCHIVE`, `INTELLIGENT_TIERING`.
    pub class: String,
    /// The tier within the class, where the class has several: `ARCHIVE_ACCESS`, `DEEP_ARCHIVE_ACCESS`.
    pub tier: Option<String>,
    /// Whether it is being restored.
    pub is_restoring: bool,
}

/// How an object is kept that was read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stored {
    /// The id of the version that was read, where the bucket keeps versions.
    pub version_id: Option<String>,
    /// What keeps it from being changed or removed.
    pub lock: Option<Lock>,
    /// Whether a legal hold lies on it.
    pub is_held: bool,
}

/// A lock with an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The store's own word: `COMPLIANCE`, `GOVERNANCE`.
    pub mode: String,
    /// When it ends.
    pub until: DateTime<Utc>,
}

impl Stored {
    /// Whether the store said nothing.
    pub fn is_plain(&self) -> bool {
        *self == Self::default()
    }
}
