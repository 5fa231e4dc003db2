//! A request as it was signed, and why its signature is not accepted. For the code that reads
//! signatures and the code that checks them.

use axum::http::HeaderMap;

/// The only algorithm of the API model.
pub(super) const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The service's name in a credential's scope (docs/qldb.md 1.1).
pub(super) const SIGNING_NAME: &str = "qldb";
/// Why a request's signature is not accepted. The texts follow AWS's own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SignatureFault {
    /// Neither an `Authorization` header nor a signature in the query.
    #[error("Missing Authentication Token")]
    Missing,
    /// Part of the signature is missing or malformed.
    #[error("{0}")]
    Incomplete(String),
    /// An access key that this endpoint does not have, or a session token that does not belong to it.
    #[error("The security token included in the request is invalid.")]
    UnknownKey,
    /// The credentials that this endpoint knows have expired.
    #[error("The security token included in the request is expired")]
    Expired,
    /// The scope names another region, service or day; or the time is too far off.
    #[error("{0}")]
    OutOfScope(String),
    /// Everything is there, but the signature differs.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method."
    )]
    Mismatch,
}

impl SignatureFault {
    /// Whether the caller may have newer credentials than the endpoint.
    pub(super) fn may_be_newer(&self) -> bool {
        matches!(self, Self::UnknownKey | Self::Expired | Self::Mismatch)
    }
}

/// The parts of a request that a signature can cover.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signed<'a> {
    /// The method.
    pub(crate) method: &'a str,
    /// The path and query, still percent-encoded.
    pub(crate) target: &'a str,
    /// All headers.
    pub(crate) headers: &'a HeaderMap,
    /// The whole body.
    pub(crate) body: &'a [u8],
}
