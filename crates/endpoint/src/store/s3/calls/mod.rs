//! Everything that calls S3: the store, the source of archives, and the connection below them.

mod archived;
mod connection;
mod copy;
mod encryption;
mod judge;
mod kept;
mod owner;
mod ranges;
mod reader;
mod refusal;
mod source;
mod store;
mod sweep;
mod uploads;
mod versions;
mod writer;

pub use source::S3Source;
pub use store::S3Store;
