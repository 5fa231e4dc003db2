//! Why a verification reaches no verdict. Faults of the archive are not errors: they are in the
//! report. Below everything that verifies, so that each step reports the same errors.

use std::io;

use super::part::Part;
use crate::archive::source::SourceError;

/// Why blocks could not be taken.
pub type TakeError = Box<dyn std::error::Error + Send + Sync>;

/// Why a verification reached no verdict.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// A source could not be read, which is not damage.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// The state of an interrupted verification could not be saved.
    #[error(transparent)]
    Resume(#[from] ResumeError),
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
    /// Parts of the archive were not read.
    #[error("{}", unread(parts, *objects, first))]
    Unread {
        /// Which parts, if the joined files are all of one division.
        parts: Vec<Part>,
        /// The number of objects about which nothing is known.
        objects: u64,
        /// The first of them.
        first: String,
    },
    /// It was stopped.
    #[error("verification was interrupted")]
    Interrupted,
}

fn unread(parts: &[Part], objects: u64, first: &str) -> String {
    let what = if parts.is_empty() { "no file".to_owned() } else { Part::named(parts) };
    let fate = if parts.is_empty() { "knows" } else { "did not read" };
    format!(
        "{what} {fate} {first}{}",
        if objects > 1 { format!(" and {} more objects", objects - 1) } else { String::new() }
    )
}

/// A state file that can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// It can't be read or written.
    #[error("{path}: {cause}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// It belongs to another verification.
    #[error("{path} belongs to a verification {what}")]
    Other {
        /// The file.
        path: String,
        /// What was different then.
        what: &'static str,
    },
    /// It is not the state of a verification.
    #[error("{0} is not the state of a verification")]
    NotAState(String),
    /// Another running verification is writing it.
    #[error("{0} is in use by another verification")]
    InUse(String),
    /// It is for one part of an archive, but another part was asked for, or none.
    #[error("{path} belongs to part {part} of a divided verification")]
    OfPart {
        /// The file.
        path: String,
        /// The part that it is for.
        part: Part,
    },
}
