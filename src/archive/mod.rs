//! What an export leaves behind: the keys of its objects and its two manifests.
//!
//! Used by the engine, which writes exports.

pub mod find;
mod manifest_reader;
mod names;
pub mod source;
pub mod verify;

pub use names::DataName;
