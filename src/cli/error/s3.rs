//! What S3 reported, wherever it is in an error: a cause has the same exit code for every command
//! and layer.

use std::error::Error;

use super::{CliError, configuration};
use crate::cli::global::exit::Exit;
use crate::client::ErrorResponse;
use qldb_aws::{ConfigError, causes};
use qldb_endpoint::store::{S3Cause, S3Failure, S3OpenError, StoreError};

/// Error codes of S3 that mean: the caller is not allowed, its key is not valid, or its session has expired.
const DENIED: [&str; 12] = [
    "AccessDenied",
    "AccessDeniedException",
    "AccountProblem",
    "AllAccessDisabled",
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidSecurity",
    "InvalidToken",
    "NotSignedUp",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
];

/// Error codes of S3 that mean: the object must be restored first, or can't be restored this fast.
const NOT_RESTORED: [&str; 2] = ["InvalidObjectState", "GlacierExpeditedRetrievalNotAvailable"];

/// Those of them that concern the caller's own credentials, not a role's, in a message from somebody who called S3 on
/// its behalf.
const WITHOUT_CREDENTIALS: [&str; 4] = ["NoCredentials", "InvalidAccessKeyId", "SignatureDoesNotMatch", "ExpiredToken"];

/// An error from S3, and the bucket that it is about.
pub(crate) struct OfS3<'a> {
    /// The bucket.
    pub(crate) bucket: &'a str,
    /// The error.
    pub(crate) failure: &'a S3Failure,
}

/// What S3 reported, if it caused this failure.
pub(crate) fn said<'a>(error: &'a (dyn Error + 'static)) -> Option<OfS3<'a>> {
    causes(error).find_map(|cause| match cause.downcast_ref::<StoreError>()? {
        StoreError::S3 { bucket, failure, .. } => Some(OfS3 { bucket: bucket.as_str(), failure }),
        _ => None,
    })
}

/// The exit code if S3, or what is needed to call it, caused this failure.
pub(super) fn exit(error: &CliError) -> Option<Exit> {
    if let Some(error) = configuration_of(error) {
        return Some(configuration::exit(error));
    }
    match &said(error)?.failure.cause {
        S3Cause::Credentials(failure) => Some(configuration::exit_without_credentials(failure)),
        S3Cause::Answer { status, code, elsewhere: None, .. } => {
            if NOT_RESTORED.contains(&code.as_str()) {
                return Some(Exit::Refused);
            }
            let is_denied = matches!(status, 401 | 403) || DENIED.contains(&code.as_str());
            is_denied.then_some(Exit::Denied)
        }
        S3Cause::NoAnswer(_) => Some(Exit::Unreachable),
        S3Cause::Answer { .. } | S3Cause::Unfit(_) => None,
    }
}

/// Whether the service could not call S3 because it lacks usable credentials.
pub(super) fn is_without_credentials(answer: &ErrorResponse) -> bool {
    let message = answer.message.as_deref().unwrap_or_default();
    message.contains("S3 configuration") && WITHOUT_CREDENTIALS.iter().any(|code| message.contains(code))
}

/// A wrong configuration, found when an object in S3 was opened.
fn configuration_of(error: &CliError) -> Option<&ConfigError> {
    causes(error).find_map(|cause| match cause.downcast_ref::<S3OpenError>()? {
        S3OpenError::Configuration(error) => Some(error),
        _ => None,
    })
}
