//! Addresses of archives in S3, as people type them.

use std::fmt;

use qldb_journal::request::BucketName;

/// `s3://BUCKET/PREFIX`: every object whose key begins with the prefix, as in `aws s3 ls`. So a prefix that is meant as
/// a folder ends in a slash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct S3Address {
    /// The bucket.
    pub bucket: BucketName,
    /// The prefix of the keys.
    pub prefix: String,
}

/// An address that names no bucket.
#[derive(Debug, thiserror::Error)]
#[error("{url} {rule}")]
pub struct AddressError {
    /// What was given.
    pub url: String,
    /// The rule that it breaks.
    pub rule: String,
}

impl S3Address {
    /// The prefix of every address.
    pub const SCHEME: &str = "s3://";

    /// Whether something is meant as an S3 address.
    pub fn is_address(text: &str) -> bool {
        text.starts_with(Self::SCHEME)
    }

    /// Reads `s3://BUCKET/PREFIX`.
    pub fn parse(url: &str) -> Result<Self, AddressError> {
        let failed = |rule: String| AddressError { url: url.to_owned(), rule };
        let rest = url.strip_prefix(Self::SCHEME).ok_or_else(|| failed("is not an S3 address".to_owned()))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let bucket =
            BucketName::parse(bucket).map_err(|fault| failed(format!("names no bucket: a name {}", fault.rule)))?;
        Ok(Self { bucket, prefix: prefix.to_owned() })
    }
}

impl fmt::Display for S3Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}/{}", Self::SCHEME, self.bucket, self.prefix)
    }
}
