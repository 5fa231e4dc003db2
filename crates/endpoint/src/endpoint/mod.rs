//! The service's interface: the QLDB control plane over HTTP/1.1, wire-compatible with the AWS SDKs
//! and the AWS CLI.
//!
//! Routes, members and error shapes follow the API model; the signature of every request is
//! checked, in a header or in a presigned URL. Anything that this endpoint does not support
//! (Kinesis streams, statements) is refused with an error that says so, never with an invented
//! result.
//!
//! Used by the command line, which binds an [`Endpoint`] to an engine and lets it serve.

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

/// The default account in the endpoint's ARNs: the number in AWS's own examples.
#[doc(hidden)]
pub const DEFAULT_ACCOUNT_ID: &str = "123456789012";

/// An endpoint's settings, apart from where to listen.
#[derive(Debug, Clone)]
pub struct Options {
    /// The region in ARNs and in credential scopes.
    pub region: String,
    /// The account in ARNs, 12 digits.
    pub account_id: String,
    /// The key pair with which requests must be signed.
    pub credentials: Credentials,
    /// The source of newer key pairs, if they change; the key pair above is then the first.
    pub source: Option<Arc<dyn CredentialsSource>>,
}

/// The default region in the endpoint's ARNs, for which its clients sign.
#[doc(hidden)]
pub const DEFAULT_REGION: &str = "us-east-1";

impl Options {
    /// An endpoint in us-east-1 with AWS's example account, whose callers sign with this key pair.
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
        /// The system's error.
        source: std::io::Error,
    },
    /// The HTTP library dates its responses, and panics if the date is before 1970.
    #[error("this machine's clock says {}, but the endpoint can't answer before 1970", time::display(*.0))]
    Clock(DateTime<Utc>),
    /// No more connections can be accepted.
    #[error("can't accept connections any more")]
    Accept(#[source] std::io::Error),
}
