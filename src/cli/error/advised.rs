//! What is printed with an error besides the error itself. [`crate::cli::advice`] decides which
//! advice belongs to which error.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// The cause, and what to do next.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Advice {
    cause: Cow<'static, str>,
    next: String,
}

impl Advice {
    /// A cause, and what to do next.
    pub(crate) fn new(cause: impl Into<Cow<'static, str>>, next: String) -> Self {
        Self { cause: cause.into(), next }
    }
}

impl std::fmt::Display for Advice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "  why:  {}\n  next: {}", self.cause, self.next)
    }
}
