//! Opens objects that were imported in place.

use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

use crate::store::{S3Object, S3Options, S3Store, StoreError};

/// Why an object that was imported in place can't be used.
#[derive(Debug, thiserror::Error)]
pub(in crate::engine) enum PlaceError {
    /// Another object has its key.
    #[error(
        "object {key} in bucket {bucket} is not the one that was imported in place, with ETag {tag}: it has changed \
         since",
        key = .0.key, bucket = .0.bucket, tag = .0.tag
    )]
    Changed(S3Object),
    /// No object has its key.
    #[error(
        "object {key} in bucket {bucket}, which was imported in place, is gone",
        key = .0.key, bucket = .0.bucket
    )]
    Gone(S3Object),
    /// It can't be reached with this configuration.
    #[error(
        "object {key} in bucket {bucket} was imported in place from {endpoint}, but S3 is now {configured}",
        key = object.key, bucket = object.bucket, endpoint = object.endpoint
    )]
    Elsewhere {
        /// The object.
        object: S3Object,
        /// The S3 that is configured now.
        configured: String,
    },
    /// S3 did not return it.
    #[error("{0}")]
    Store(#[source] StoreError),
}

impl PlaceError {
    /// Whether a failure to open or read means that the object is not the recorded one.
    pub(in crate::engine) fn is_change(error: &io::Error) -> bool {
        let inner = error.get_ref().and_then(|error| error.downcast_ref::<Self>());
        matches!(inner, Some(Self::Changed(_) | Self::Gone(_)))
    }

    fn of(object: &S3Object, error: StoreError) -> Self {
        match error {
            StoreError::Changed { .. } => Self::Changed(object.clone()),
            StoreError::NotFound { .. } => Self::Gone(object.clone()),
            other => Self::Store(other),
        }
    }
}

/// The S3 that holds the objects.
pub(super) struct Objects {
    options: S3Options,
    /// Created when the first object is opened: few journals need it, and it takes threads and configuration files.
    store: Mutex<Option<S3Store>>,
}

impl Objects {
    pub(super) fn new(options: S3Options) -> Self {
        Self { options, store: Mutex::default() }
    }

    pub(super) fn open(&self, object: &S3Object) -> io::Result<Box<dyn Read + Send>> {
        let store = self.store()?;
        if store.endpoint() != object.endpoint {
            let configured = store.endpoint().to_owned();
            return Err(io::Error::other(PlaceError::Elsewhere { object: object.clone(), configured }));
        }
        let failed = |error| io::Error::other(PlaceError::of(object, error));
        let body = store.open_version(&object.bucket, &object.key, &object.version()).map_err(failed)?;
        Ok(Box::new(ObjectReader { object: object.clone(), body }))
    }

    fn store(&self) -> io::Result<S3Store> {
        let mut opened = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(store) = &*opened {
            return Ok(store.clone());
        }
        let store = S3Store::open(&self.options).map_err(io::Error::other)?;
        *opened = Some(store.clone());
        Ok(store)
    }
}

/// An object that is being read; its failures say what became of the object.
struct ObjectReader {
    object: S3Object,
    body: Box<dyn Read + Send>,
}

impl Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.body.read(buffer).map_err(|error| match error.downcast::<StoreError>() {
            Ok(error) => io::Error::other(PlaceError::of(&self.object, error)),
            Err(error) => error,
        })
    }
}
