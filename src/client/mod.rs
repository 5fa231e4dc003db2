//! The official SDK: connect, call, classify errors, and wait.
//!
//! Built on `request` and on `aws`: whatever answers, QLDB or the built-in endpoint, is reached
//! over HTTP. Used by `cli`.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use qldb_export::client::{Client, Target, Waited};
//! use qldb_export::request::ExportRequest;
//!
//! async fn export(request: &ExportRequest) -> Result<bool, Box<dyn std::error::Error>> {
//!     // Region, credentials and endpoint as every AWS tool finds them.
//!     let client = Client::connect(Target::default()).await?;
//!     // Where the answer is lost, the export is looked for instead of being started again.
//!     let begun = client.start_or_find(request).await?;
//!     match client.wait_for_export(&request.ledger, begun.id(), Some(Duration::from_hours(6))).await? {
//!         Waited::Ended(export) => Ok(export.status.as_str() == "COMPLETED"),
//!         _ => Ok(false),
//!     }
//! }
//! ```
//!
//! It runs against the endpoint in the example of [`endpoint`](crate::endpoint).

mod calls;
mod connect;
mod description;
mod error;
mod observe;
mod pace;
mod prepared;
mod rehearse;
mod retry;
mod same;
pub(crate) mod sync;
pub(crate) mod wait;

pub(crate) use calls::ListPage;
pub use connect::{Client, FixedCredentials, Target};
pub(crate) use description::iso_8601;
pub use description::{ExportDescription, ExportStatus};
pub use error::{ClientError, ErrorResponse};
pub(crate) use pace::Pace;
#[doc(inline)]
pub use qldb_aws::ConfigError;
// Details of errors: the types of two variants of `ClientError`.
#[doc(hidden)]
pub use qldb_aws::{CredentialsFailure, Proxy};
pub(crate) use rehearse::{Rehearsal, rehearse, rehearse_within};
pub use same::Begun;
pub use wait::Waited;
