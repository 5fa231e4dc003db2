//! Used without S3: objects that were imported in place can't be opened.

use std::io::{self, Read};

use crate::store::{S3Object, S3Options};

/// Why an object that was imported in place can't be used.
#[derive(Debug, thiserror::Error)]
pub(in crate::engine) enum PlaceError {
    /// This program was built without S3.
    #[error(
        "object {key} in bucket {bucket} was imported in place, and this program was built without the feature s3, so \
         that it reads no objects",
        key = .0.key, bucket = .0.bucket
    )]
    WithoutS3(S3Object),
}

impl PlaceError {
    /// Whether a failure to open or read means that the object is not the recorded one.
    pub(in crate::engine) fn is_change(_error: &io::Error) -> bool {
        false
    }
}

/// No S3.
pub(super) struct Objects;

impl Objects {
    pub(super) fn new(_options: S3Options) -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "as where there is S3")]
    pub(super) fn open(&self, object: &S3Object) -> io::Result<Box<dyn Read + Send>> {
        Err(io::Error::other(PlaceError::WithoutS3(object.clone())))
    }
}
