//! The service's face: the QLDB control plane over HTTP/1.1, wire-compatible
//! with the AWS SDKs and the AWS CLI.
//!
//! Routes, members and error shapes follow the API model; signatures are checked
//! on every request, in its head or in a presigned URL. What this endpoint does
//! not do (Kinesis streams, statements) is refused with an error that says so,
//! never with an invented result.
//!
//! Used by the command line, which binds an [`Endpoint`] over an engine and lets
//! it serve.

mod arn;
mod callers;
mod checks;
mod credentials;
mod failure;
mod members;
mod operations;
mod presented;
mod proofs;
mod route;
mod server;
mod service;
mod sessions;
mod signature;
mod signed;
mod timestamp;
mod wire;

use std::net::SocketAddr;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use qldb_journal::request::time;

pub use callers::{CredentialsSource, Loading};
pub use credentials::{Credentials, CredentialsError};
pub use server::Endpoint;

/// The account that the endpoint's ARNs name, by default: the number that AWS's own examples use.
#[doc(hidden)]
pub const DEFAULT_ACCOUNT_ID: &str = "123456789012";

/// What an endpoint needs to know besides where to listen.
#[derive(Debug, Clone)]
pub struct Options {
    /// The region in ARNs and in credential scopes.
    pub region: String,
    /// The account in ARNs, 12 digits.
    pub account_id: String,
    /// The key pair that requests must be signed with.
    pub credentials: Credentials,
    /// Where newer ones come from, if they change; the key pair above is then the first.
    pub source: Option<Arc<dyn CredentialsSource>>,
}

/// The region that the endpoint's ARNs name, and its clients sign for, by default.
#[doc(hidden)]
pub const DEFAULT_REGION: &str = "us-east-1";

impl Options {
    /// An endpoint in us-east-1 and AWS's example account, whose callers sign with this key pair.
    pub fn new(credentials: Credentials) -> Self {
        Self { region: DEFAULT_REGION.to_owned(), account_id: DEFAULT_ACCOUNT_ID.to_owned(), credentials, source: None }
    }
}

/// Why an endpoint can't serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EndpointError {
    /// The address could not be bound.
    #[error("can't listen on {listen}")]
    Bind {
        /// The address.
        listen: SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// The HTTP library dates its answers, and ends where the date lies before 1970.
    #[error("this machine's clock says {}, and the endpoint can't answer before 1970", time::display(*.0))]
    Clock(DateTime<Utc>),
    /// No connection can be taken any more.
    #[error("can't take connections any more")]
    Accept(#[source] std::io::Error),
}
