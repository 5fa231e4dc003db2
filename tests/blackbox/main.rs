//! Black-box tests: the built binary as people run it, and the endpoint through real clients.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod journal_archives;
mod journal_codec;
mod support;
mod verify_library;
