//! The tables hold what the archive holds: every form against an Ion reader that is not ours.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, missing_docs)]

mod destination;
mod folders;
mod ledger;
mod oracle;
mod parts;
mod sqlite;
