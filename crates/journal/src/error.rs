//! What can go wrong while an object is read or written.

use std::io;

/// A position at which an object can't be read, or an object that can't be written.
#[derive(Debug, thiserror::Error)]
#[error("offset {offset}: {reason}")]
pub struct JournalError {
    /// The offset in the object, in bytes.
    pub offset: u64,
    /// What is wrong there.
    pub reason: String,
    /// The failure of the underlying reader or writer, if that was the cause.
    #[source]
    pub io: Option<io::Error>,
}

impl JournalError {
    /// Bytes with wrong content.
    pub fn new(offset: u64, reason: impl Into<String>) -> Self {
        Self { offset, reason: reason.into(), io: None }
    }

    /// A reader or writer that failed.
    pub fn io(offset: u64, error: io::Error) -> Self {
        Self { offset, reason: error.to_string(), io: Some(error) }
    }
}
