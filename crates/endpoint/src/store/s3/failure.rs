//! Errors from S3, formatted as one sentence.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use qldb_aws::CredentialsFailure;

/// S3's error codes for temporary failures, besides every 5xx and 429.
const PASSING: [&str; 11] = [
    // Another write to the same key was in progress.
    "ConditionalRequestConflict",
    "RequestTimeout",
    "RequestTimeTooSkewed",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "RequestThrottled",
    "OperationAborted",
    // If S3 began its response with 200 before the work was done, only the code shows the failure.
    "InternalError",
    "ServiceUnavailable",
    // The bytes were changed on the way, and S3 noticed.
    "BadDigest",
];
/// The status of a store that does not support a call and never will.
pub(super) const NOT_IMPLEMENTED: u16 = 501;
/// Error codes that newer credentials may cure. The response to HEAD has no body, so there an expired token is a 400
/// without a code.
const EXPIRED: [&str; 3] = ["ExpiredToken", "TokenRefreshRequired", "HTTP400"];
/// Error codes that mean that this bucket can't be written to with these permissions (docs/qldb.md 2.3).
const CONFIGURATION: [&str; 5] =
    ["NoSuchBucket", "AccessDenied", "PermanentRedirect", "AuthorizationHeaderMalformed", "AllAccessDisabled"];

/// Why a call to S3 failed, after every try that was worthwhile.
#[derive(Debug, Clone)]
pub struct S3Failure {
    /// What happened on the last try.
    pub cause: S3Cause,
    /// The number of tries.
    pub tries: u32,
    /// How long that took.
    pub elapsed: Duration,
}

/// What happened on one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum S3Cause {
    /// S3 returned an error.
    Answer {
        /// The HTTP status.
        status: u16,
        /// S3's error code; the status in words if the response had no body.
        code: String,
        /// S3's message.
        message: String,
        /// Where the bucket is, if the request went to another region.
        elsewhere: Option<Box<Elsewhere>>,
    },
    /// There are no usable credentials, or the role could not be assumed.
    Credentials(Box<CredentialsFailure>),
    /// No response came, or only part of it.
    NoAnswer(String),
    /// The response does not fit the request: it is too short, or lacks something required.
    Unfit(String),
}

/// A bucket that was requested in another region than its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The region of the request.
    pub asked: String,
    /// The region of the bucket.
    pub right: String,
}

impl S3Cause {
    /// Whether a retry may succeed.
    pub(super) fn passes(&self) -> bool {
        match self {
            Self::Answer { elsewhere: Some(_), .. } => false,
            Self::Answer { status, code, .. } => {
                *status >= 500 && *status != NOT_IMPLEMENTED
                    || *status == 429
                    || self.is_expiry()
                    || PASSING.contains(&code.as_str())
            }
            Self::Credentials(failure) => failure.may_pass(),
            Self::NoAnswer(_) | Self::Unfit(_) => true,
        }
    }

    /// Whether the credentials have expired.
    pub(super) fn is_expiry(&self) -> bool {
        matches!(self, Self::Answer { code, elsewhere: None, .. } if EXPIRED.contains(&code.as_str()))
    }
}

impl S3Failure {
    /// Whether S3 answered, and will never give another answer.
    pub(in crate::store) fn is_refusal(&self) -> bool {
        matches!(self.cause, S3Cause::Answer { .. }) && !self.cause.passes()
    }

    /// Whether a retry may succeed.
    pub fn may_pass(&self) -> bool {
        self.cause.passes()
    }

    /// Whether the call certainly had no effect: it was refused on the first try.
    pub(in crate::store) fn did_nothing(&self) -> bool {
        self.tries <= 1 && (self.is_refusal() || matches!(self.cause, S3Cause::Credentials(_)))
    }

    /// Whether bucket, permissions and role are at fault, and not S3 (docs/qldb.md 2.3).
    pub fn is_configuration(&self) -> bool {
        match &self.cause {
            S3Cause::Answer { code, .. } => CONFIGURATION.contains(&code.as_str()),
            S3Cause::Credentials(_) => true,
            S3Cause::NoAnswer(_) | S3Cause::Unfit(_) => false,
        }
    }

    /// Error code and message, as S3 or STS returned them.
    pub fn code_and_message(&self) -> String {
        match &self.cause {
            S3Cause::Answer { code, message, .. } => joined(code, message),
            S3Cause::Credentials(failure) => match &**failure {
                CredentialsFailure::RoleRefused { code: Some(code), message, .. } => joined(code, message),
                failure => format!("NoCredentials {failure}"),
            },
            S3Cause::NoAnswer(reason) => format!("none: {reason}"),
            S3Cause::Unfit(reason) => reason.clone(),
        }
    }
}

fn joined(code: &str, message: &str) -> String {
    format!("{code} {message}").trim_end().to_owned()
}

impl fmt::Display for S3Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.cause {
            S3Cause::Answer { status, elsewhere, .. } => {
                write!(f, "S3 answered {status} {}", self.code_and_message())?;
                if let Some(Elsewhere { asked, right }) = elsewhere.as_deref() {
                    write!(f, ": the bucket is in {right}, but the request went to {asked}")?;
                }
            }
            S3Cause::Credentials(failure) => write!(f, "{failure}")?,
            S3Cause::NoAnswer(reason) => write!(f, "no answer from S3: {reason}")?,
            S3Cause::Unfit(reason) => write!(f, "{reason}")?,
        }
        match self.tries {
            0 | 1 => Ok(()),
            tries => write!(f, " ({tries} tries in {:.1} s)", self.elapsed.as_secs_f64()),
        }
    }
}

impl Error for S3Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, code: &str) -> S3Cause {
        S3Cause::Answer { status, code: code.to_owned(), message: "m".to_owned(), elsewhere: None }
    }

    #[test]
    fn only_temporary_errors_are_retried() {
        for (status, code) in
            [(500, "InternalError"), (503, "SlowDown"), (400, "RequestTimeout"), (400, "ExpiredToken")]
        {
            assert!(answer(status, code).passes(), "{code}");
        }
        for (status, code) in [(403, "AccessDenied"), (404, "NoSuchBucket"), (400, "InvalidArgument"), (412, "x")] {
            assert!(!answer(status, code).passes(), "{code}");
        }
        assert!(S3Cause::NoAnswer("reset".to_owned()).passes());
    }

    #[test]
    fn a_failure_names_answer_tries_and_time() {
        let failure = S3Failure { cause: answer(503, "SlowDown"), tries: 8, elapsed: Duration::from_millis(5250) };
        assert_eq!(failure.to_string(), "S3 answered 503 SlowDown m (8 tries in 5.2 s)");
    }
}
