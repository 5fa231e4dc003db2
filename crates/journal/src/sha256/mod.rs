//! SHA-256 of many small messages at once.
//!
//! The proof of a block hashes about a hundred messages of one or two
//! compressions each. [`Batch`] collects such messages, padded where they
//! lie, and hashes them side by side with the best [`Engine`] of this CPU:
//! vector lanes or interleaved streams, each taking the next message as soon
//! as its last one ends. [`of_each`] does the same for long inputs, which are
//! read as they are hashed.

mod batch;
mod engine;
mod inputs;
mod messages;
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

pub use batch::Batch;
pub use engine::Engine;
pub use inputs::{Input, of_each, of_files};
pub(crate) use messages::ROOM;

/// The bytes that one compression takes.
const BLOCK: usize = 64;

/// What one compression takes.
type Block = [u8; BLOCK];

/// What a message hashes to.
type Digest = [u8; 32];
