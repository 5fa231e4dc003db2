//! What the SDK's errors mean: what S3 or STS answered, or that nobody did.

use std::error::Error;
use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

use crate::store::s3::failure::{NOT_IMPLEMENTED, S3Cause, S3Failure};

impl S3Cause {
    /// What an error of the SDK means.
    pub(super) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match error {
            SdkError::ServiceError(answer) => {
                let status = answer.raw().status().as_u16();
                let code = answer.err().code().map_or_else(|| code_of(status), str::to_owned);
                let message = answer.err().message().unwrap_or_default().to_owned();
                Self::Answer { status, code, message }
            }
            SdkError::ResponseError(answer) => Self::NoAnswer(format!(
                "the answer cannot be read: {}",
                root(error).unwrap_or_else(|| status(answer.raw()))
            )),
            _ => Self::unsent(error),
        }
    }

    fn unsent(error: &(dyn Error + 'static)) -> Self {
        let mut cause: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(found) = cause {
            if let Some(credentials) = found.downcast_ref::<CredentialsError>() {
                return Self::of_credentials(credentials);
            }
            cause = found.source();
        }
        Self::NoAnswer(root(error).unwrap_or_else(|| error.to_string()))
    }

    /// What it means that there are no credentials.
    pub(super) fn of_credentials(error: &CredentialsError) -> Self {
        let mut cause = error.source();
        while let Some(found) = cause {
            if let Some(SdkError::ServiceError(answer)) =
                found.downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>()
            {
                return Self::of_refused_role(answer.err(), answer.raw());
            }
            cause = found.source();
        }
        Self::Credentials { code: None, message: root(error).unwrap_or_else(|| error.to_string()) }
    }

    /// STS answered with an error; not every store that speaks for STS says it in STS's form.
    fn of_refused_role(refused: &AssumeRoleError, answer: &HttpResponse) -> Self {
        let code = refused.code().map_or_else(|| code_of(answer.status().as_u16()), str::to_owned);
        let message = refused.message().map_or_else(|| "STS refused sts:AssumeRole".to_owned(), str::to_owned);
        Self::Credentials { code: Some(code), message }
    }
}

impl S3Failure {
    /// A failure of the first try that is not worth a second.
    pub(super) fn at_once(cause: S3Cause) -> Self {
        Self { cause, tries: 1, elapsed: Duration::ZERO }
    }

    /// Whether S3 answered with this code.
    pub(super) fn is(&self, wanted: &str) -> bool {
        matches!(&self.cause, S3Cause::Answer { code, .. } if code == wanted)
    }

    /// Whether there is no such object, or no such bucket.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self.cause, S3Cause::Answer { status: 404, .. })
    }

    /// Whether what was asked for is no longer there in the form in which it was found.
    pub(super) fn is_changed(&self) -> bool {
        matches!(self.cause, S3Cause::Answer { status: 412, .. })
    }

    /// Whether the store does not know the condition under which something was to be done.
    pub(super) fn is_unknown_condition(&self) -> bool {
        matches!(&self.cause, S3Cause::Answer { status, code, .. }
            if *status == NOT_IMPLEMENTED || code == "NotImplemented")
    }
}

/// The code that S3 would have written into a body.
fn code_of(status: u16) -> String {
    match status {
        301 => "PermanentRedirect".to_owned(),
        403 => "AccessDenied".to_owned(),
        404 => "NotFound".to_owned(),
        412 => "PreconditionFailed".to_owned(),
        status => format!("HTTP{status}"),
    }
}

fn status(answer: &HttpResponse) -> String {
    format!("HTTP status {}", answer.status())
}

/// The cause of all causes, which says most.
fn root(error: &(dyn Error + 'static)) -> Option<String> {
    let mut last = error.source()?;
    while let Some(cause) = last.source() {
        last = cause;
    }
    Some(last.to_string())
}
