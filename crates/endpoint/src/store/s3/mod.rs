//! Buckets of Amazon S3, or of a compatible store.
//!
//! For the engine, whose exports write here, and to read archives. The calls block: they are for
//! threads that may wait, never for async code.
//!
//! The types that name an object, or say how to reach S3, exist without the feature `s3` as well;
//! without it, nothing is called.

mod address;
#[cfg(feature = "s3")]
mod calls;
mod failure;
mod object;
mod options;
mod patience;
mod sizes;

pub use address::{AddressError, S3Address};
#[cfg(feature = "s3")]
pub use calls::{S3Source, S3Store};
pub use failure::{Elsewhere as S3Elsewhere, S3Cause, S3Failure};
pub use object::{ListedObject, S3Object, Version};
pub use options::{ENDPOINT_VARIABLES as S3_ENDPOINT_VARIABLES, RestoreOrder, S3OpenError, S3Options};
pub use patience::Patience;
pub use sizes::Sizes;
