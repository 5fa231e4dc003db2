//! The official SDK: connect, call, classify what went wrong, and wait.
//!
//! Stands on `request` alone: whatever answers, QLDB or the built-in endpoint,
//! is reached over HTTP. Called by `cli`.

mod calls;
mod connect;
mod description;
mod error;
mod observe;
mod pace;
mod retry;
mod same;
pub mod sync;
pub mod wait;

pub use calls::{ListPage, PreparedRequest, prepare};
pub use connect::{Client, FixedCredentials, Target};
pub use description::{ExportDescription, ExportStatus, iso_8601};
pub use error::{Answer, ClientError, END_OF_SERVICE};
pub use pace::Pace;
pub use same::Begun;
