//! What can go wrong with an object.

use std::io;

use qldb_journal::request::{BucketName, Encryption};

use super::{ObjectKey, S3Failure};

/// A failure of a store, with the bucket, the key and the cause.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// A directory can't hold such a key.
    #[error("bucket {bucket} is a directory and can't hold the key {key:?}: {rule}")]
    Unfit {
        /// The bucket.
        bucket: BucketName,
        /// The key.
        key: String,
        /// The rule that the key breaks.
        rule: String,
    },
    /// The store does not support this encryption.
    #[error(
        "bucket {bucket} is a directory, which encrypts nothing, so {} can't be used",
        encryption.kind().as_str()
    )]
    Encryption {
        /// The bucket.
        bucket: BucketName,
        /// The requested encryption.
        encryption: Encryption,
    },
    /// There is no such object.
    #[error("bucket {bucket} holds no object {key}")]
    NotFound {
        /// The bucket.
        bucket: BucketName,
        /// The key.
        key: ObjectKey,
    },
    /// The system returned an error.
    #[error("cannot {action} {}: {}", at(bucket, key), cause(source))]
    Failed {
        /// What was tried: `write`, `copy`, `look at`, `read`, `list`, `remove`.
        action: &'static str,
        /// The bucket.
        bucket: BucketName,
        /// The key, or the prefix of a listing.
        key: String,
        /// The system's error.
        source: io::Error,
    },
    /// S3 refused, or did not answer.
    #[error("cannot {action} {}: {failure}", at(bucket, key))]
    S3 {
        /// What was tried, as in [`StoreError::Failed`].
        action: &'static str,
        /// The bucket.
        bucket: BucketName,
        /// The key, or the prefix of a listing.
        key: String,
        /// S3's response.
        failure: Box<S3Failure>,
    },
    /// S3 did something other than what was requested.
    #[error(
        "{key} in bucket {bucket} is not encrypted as asked: {} was asked for, and S3 answered {found}",
        encryption.kind().as_str()
    )]
    NotEncrypted {
        /// The bucket.
        bucket: BucketName,
        /// The key.
        key: ObjectKey,
        /// The requested encryption.
        encryption: Encryption,
        /// What S3 reports.
        found: String,
    },
    /// An object already has a key that should have been new.
    #[error("{key} in bucket {bucket} already exists")]
    Exists {
        /// The bucket.
        bucket: BucketName,
        /// The key.
        key: ObjectKey,
    },
    /// The object is not the one that was found before.
    #[error("{key} in bucket {bucket} changed while it was read")]
    Changed {
        /// The bucket.
        bucket: BucketName,
        /// The key.
        key: ObjectKey,
    },
}

impl StoreError {
    /// The failure of an action on one object.
    pub fn failed(action: &'static str, bucket: &BucketName, key: &str, source: io::Error) -> Self {
        Self::Failed { action, bucket: bucket.clone(), key: key.to_owned(), source }
    }

    /// Whether a write that failed like this has certainly left nothing under its key.
    pub fn wrote_nothing(&self) -> bool {
        match self {
            Self::Unfit { .. } | Self::Encryption { .. } => true,
            Self::S3 { action: Self::WRITE, failure, .. } => failure.did_nothing(),
            _ => false,
        }
    }

    /// Whether the store answered, and will never give another answer.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Self::S3 { failure, .. } if failure.is_refusal())
    }

    /// What is being done when an object is written.
    pub(super) const WRITE: &'static str = "write";

    /// The failure of a call to S3.
    #[cfg(feature = "s3")]
    pub(super) fn s3(action: &'static str, bucket: &BucketName, key: &str, failure: S3Failure) -> Self {
        Self::S3 { action, bucket: bucket.clone(), key: key.to_owned(), failure: Box::new(failure) }
    }
}

/// The object or the prefix that an error is about, with its bucket. The prefix may be empty.
fn at(bucket: &BucketName, key: &str) -> String {
    if key.is_empty() { format!("bucket {bucket}") } else { format!("{key} in bucket {bucket}") }
}

/// The system's error, in words that say where to look.
pub fn cause(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => format!("the disk is full ({error})"),
        io::ErrorKind::PermissionDenied => format!("permission denied ({error})"),
        io::ErrorKind::ReadOnlyFilesystem => format!("the file system is read-only ({error})"),
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            format!("a file is where a directory is needed ({error})")
        }
        io::ErrorKind::IsADirectory => format!("there is a directory where the object should be ({error})"),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_without_a_prefix_is_of_the_bucket() {
        let bucket = BucketName::parse("exports").unwrap();
        let failed = |key| StoreError::failed("list", &bucket, key, io::ErrorKind::PermissionDenied.into()).to_string();
        assert!(failed("").starts_with("cannot list bucket exports: permission denied"), "{}", failed(""));
        assert!(failed("a/").starts_with("cannot list a/ in bucket exports: "), "{}", failed("a/"));
    }
}
