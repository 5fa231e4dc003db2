//! What the SDK's errors mean: an error from S3 or STS, or no response at all.

use std::error::Error;
use std::time::Duration;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use qldb_aws::{Caller, Proxy};

use crate::store::s3::failure::{Elsewhere, NOT_IMPLEMENTED, S3Cause, S3Failure};

/// The region of a bucket, in responses to requests sent elsewhere.
const BUCKET_REGION: &str = "x-amz-bucket-region";
/// Every response of S3 and compatible stores has this header.
const REQUEST_ID: &str = "x-amz-request-id";

/// What is known about a call besides its response.
pub(super) struct CallContext<'a> {
    /// Its identity.
    pub(super) caller: &'a Caller,
    /// The region of the request.
    pub(super) region: &'a str,
    /// The proxy on the way.
    pub(super) proxy: Option<Proxy>,
}

impl S3Cause {
    /// What an error of the SDK means.
    pub(super) fn of<E>(error: &SdkError<E, HttpResponse>, context: &CallContext<'_>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match error {
            SdkError::ServiceError(answer) => {
                let raw = answer.raw();
                let status = raw.status().as_u16();
                let is_s3 = answer.err().code().is_some() || raw.headers().get(REQUEST_ID).is_some();
                if let Some(proxy) = context.proxy.as_ref().filter(|_| !is_s3) {
                    return Self::NoAnswer(format!("{proxy} answered HTTP {status} in its place"));
                }
                let code = answer.err().code().map_or_else(|| code_of(status), str::to_owned);
                let message = answer.err().message().unwrap_or_default().to_owned();
                let right = raw.headers().get(BUCKET_REGION).filter(|right| *right != context.region);
                let is_redirect = matches!(status, 301 | 307 | 400);
                let elsewhere = right
                    .filter(|_| is_redirect)
                    .map(|right| Box::new(Elsewhere { asked: context.region.to_owned(), right: right.to_owned() }));
                Self::Answer { status, code, message, elsewhere }
            }
            SdkError::ResponseError(answer) => Self::no_answer(
                format!("the answer cannot be read: {}", root(error).unwrap_or_else(|| status(answer.raw()))),
                context,
            ),
            _ => Self::unsent(error, context),
        }
    }

    fn unsent(error: &(dyn Error + 'static), context: &CallContext<'_>) -> Self {
        match qldb_aws::causes(error).find_map(|cause| cause.downcast_ref::<CredentialsError>()) {
            Some(credentials) => {
                Self::Credentials(Box::new(qldb_aws::of_credentials(credentials, Some(context.caller))))
            }
            None => Self::no_answer(root(error).unwrap_or_else(|| error.to_string()), context),
        }
    }

    fn no_answer(reason: String, context: &CallContext<'_>) -> Self {
        Self::NoAnswer(match &context.proxy {
            Some(proxy) => format!("{reason}, through {proxy}"),
            None => reason,
        })
    }
}

impl S3Failure {
    /// A failure of the first try that is not worth a retry.
    pub(super) fn at_once(cause: S3Cause) -> Self {
        Self { cause, tries: 1, elapsed: Duration::ZERO }
    }

    /// The same page came again: such a listing would never end.
    pub(super) fn repeated_page() -> Self {
        Self::at_once(S3Cause::Unfit("S3 lists the same page again and again".to_owned()))
    }

    /// Whether S3 returned this error code.
    pub(super) fn is(&self, wanted: &str) -> bool {
        matches!(&self.cause, S3Cause::Answer { code, .. } if code == wanted)
    }

    /// Whether there is no such object, or no such bucket.
    pub(super) fn is_missing(&self) -> bool {
        matches!(self.cause, S3Cause::Answer { status: 404, .. })
    }

    /// Whether the object no longer exists in the form in which it was found.
    pub(super) fn is_changed(&self) -> bool {
        matches!(self.cause, S3Cause::Answer { status: 412, .. })
    }

    /// Whether the store does not support the condition of the request.
    pub(super) fn is_unknown_condition(&self) -> bool {
        matches!(&self.cause, S3Cause::Answer { status, code, .. }
            if *status == NOT_IMPLEMENTED || code == "NotImplemented")
    }
}

/// The error code that S3 would have written into a body.
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

/// The root cause, which says most.
fn root(error: &(dyn Error + 'static)) -> Option<String> {
    qldb_aws::causes(error).skip(1).last().map(ToString::to_string)
}
