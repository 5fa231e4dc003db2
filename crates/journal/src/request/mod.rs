//! What an export request means: domain types that can't hold an invalid value, and every check
//! that needs neither network nor disk.
//!
//! Pure: no I/O, and no clock other than the given time. The command line builds requests here
//! before it calls, and the endpoint before it accepts. Limits come from the API model
//! (docs/qldb.md 1.3) and S3's naming rules.

#![forbid(unsafe_code)]

mod arn;
mod bucket;
mod encryption;
mod export;
mod fault;
mod format;
mod id;
mod ledger;
mod prefix;
mod progress;
mod range;
#[doc(hidden)]
pub mod time;
mod windows;

pub use arn::{KmsKeyArn, RoleArn};
pub use bucket::BucketName;
pub use encryption::{Encryption, EncryptionType};
pub use export::{ExportDraft, ExportRequest};
pub use fault::{Fault, Faults, Field, Kind};
pub use format::OutputFormat;
pub use id::UniqueId;
pub use ledger::LedgerName;
pub use prefix::Prefix;
pub use progress::Progress;
pub use range::TimeRange;
#[doc(hidden)]
pub use windows::{Missing, Windows};
