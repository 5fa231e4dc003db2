//! SHA-256 of many small messages at once.
//!
//! Checking a block hashes about a hundred messages of one or two compressions each. [`Batch`]
//! collects such messages, padded in place, and hashes them in parallel with the fastest [`Backend`]
//! of this CPU: vector lanes or interleaved streams, each of which takes the next message as soon
//! as its last one ends. [`of_each`] does the same for long inputs, which are read as they are
//! hashed. [`HashingReader`] hashes one input that is read for another purpose.

mod backend;
mod batch;
mod inputs;
mod messages;
mod reader;
#[cfg(target_arch = "x86_64")]
#[macro_use]
mod rounds;
#[cfg(target_arch = "x86_64")]
#[macro_use]
mod streams;
mod scalar;
#[cfg(target_arch = "x86_64")]
mod schedule;
#[cfg(target_arch = "x86_64")]
mod simd;
#[cfg(test)]
mod tests;

pub use backend::Backend;
pub use batch::Batch;
pub use inputs::{Input, of_each, of_files};
pub(crate) use messages::ROOM;
pub use reader::HashingReader;

/// The number of bytes in one compression.
const BLOCK: usize = 64;

/// The input of one compression.
type Block = [u8; BLOCK];

/// The hash of a message.
type Digest = [u8; 32];
