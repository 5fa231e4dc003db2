//! What an export leaves behind: the keys of its objects and its two manifests, written by the
//! engine; read, and proved to be complete, years later.
//!
//! Used by the engine, which writes exports and imports them, and by the command line, which
//! verifies them. A [`source`] determines where an archive is stored: in a folder here, in S3 in a
//! crate above. What is hidden from the documentation is for the other crates of this repository.

#![forbid(unsafe_code)]

#[doc(hidden)]
pub mod find;
mod finding;
#[doc(hidden)]
pub mod foreign;
mod keys;
#[doc(hidden)]
pub mod manifest;
mod manifest_reader;
mod names;
#[doc(hidden)]
pub mod prove;
pub mod source;
#[doc(hidden)]
pub mod strangers;
pub mod verify;

#[doc(hidden)]
pub use keys::ExportKeys;
#[doc(hidden)]
pub use manifest::{Manifest, StartedManifest};
#[doc(hidden)]
pub use names::{DataName, Kind};

use crate::Encoding;
use crate::request::OutputFormat;

/// The folder for files that are being written, beside the finished ones. After a crash, files in it with names like
/// ours are garbage.
#[doc(hidden)]
pub const UNFINISHED: &str = ".qldb-export-unfinished";

/// The encoding for an output format.
#[doc(hidden)]
pub fn encoding(format: OutputFormat) -> Encoding {
    match format {
        OutputFormat::IonBinary => Encoding::IonBinary,
        OutputFormat::IonText => Encoding::IonText,
        OutputFormat::Json => Encoding::Json,
    }
}

/// The media type of an object; the service's own values are not known (docs/qldb.md 3.1).
#[doc(hidden)]
pub fn content_type(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::IonText => "text/x-amzn-ion",
        Encoding::IonBinary => "application/x-amzn-ion",
        Encoding::Json => "application/json",
    }
}
