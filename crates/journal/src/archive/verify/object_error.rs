//! What prevents an object from being checked, or its blocks from being used. Faults of the object
//! are not errors: they are in the report.

use std::io;

use super::super::source::SourceError;

/// Why blocks could not be taken.
pub type TakeError = Box<dyn std::error::Error + Send + Sync>;

/// Why the check of an object reached no result.
#[derive(Debug, thiserror::Error)]
pub enum ObjectError {
    /// It could not be read, which is not damage.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// What was read could not be stored.
    #[error("{key} can't be copied")]
    Keep {
        /// The object.
        key: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// The contents of the blocks could not be processed.
    #[error(transparent)]
    Take(TakeError),
    /// The verification was stopped.
    #[error("verification was interrupted")]
    Interrupted,
}
