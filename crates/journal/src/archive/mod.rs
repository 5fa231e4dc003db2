//! What an export leaves behind: the keys of its objects and its two manifests,
//! written by the engine; read, and proved to be whole, years later.
//!
//! Used by the engine, which writes exports and imports them, and by the
//! command line, which verifies them. Where an archive lies is a [`source`]'s
//! matter: a folder here, S3 above. What is hidden from the documentation is for
//! the crates beside this one.

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

/// The folder that holds files of ours while they are being written, beside the finished ones. What is left in it
/// after a crash, and has a name as they have it here, is rubbish.
#[doc(hidden)]
pub const UNFINISHED: &str = ".qldb-export-unfinished";

/// The encoding that an output format means.
#[doc(hidden)]
pub fn encoding(format: OutputFormat) -> Encoding {
    match format {
        OutputFormat::IonBinary => Encoding::IonBinary,
        OutputFormat::IonText => Encoding::IonText,
        OutputFormat::Json => Encoding::Json,
    }
}

/// The media type of an object; the service's own strings are not known (docs/qldb.md 3.1).
#[doc(hidden)]
pub fn content_type(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::IonText => "text/x-amzn-ion",
        Encoding::IonBinary => "application/x-amzn-ion",
        Encoding::Json => "application/json",
    }
}
