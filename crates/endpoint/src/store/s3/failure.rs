//! What S3 answered when it did not do what it was asked, in one sentence.

use std::error::Error;
use std::fmt;
use std::time::Duration;

use qldb_aws::CredentialsFailure;

/// Error codes of S3 that pass by themselves, besides every 5xx and 429.
const PASSING: [&str; 11] = [
    // Another write to the same key was under way.
    "ConditionalRequestConflict",
    "RequestTimeout",
    "RequestTimeTooSkewed",
    "SlowDown",
    "Throttling",
    "ThrottlingException",
    "RequestThrottled",
    "OperationAborted",
    // Where S3 began its answer with 200 before the work was done, only the code shows the failure.
    "InternalError",
    "ServiceUnavailable",
    // The bytes were changed on their way, and S3 noticed.
    "BadDigest",
];
/// The status of a store that does not know a call and never will.
pub(super) const NOT_IMPLEMENTED: u16 = 501;
/// Error codes that newer credentials may cure. The answer to HEAD has no body, so that there a token that expired is
/// 400 without a code.
const EXPIRED: [&str; 3] = ["ExpiredToken", "TokenRefreshRequired", "HTTP400"];
/// Error codes that say: this bucket, with these permissions, cannot be written to (docs/qldb.md 2.3).
const CONFIGURATION: [&str; 5] =
    ["NoSuchBucket", "AccessDenied", "PermanentRedirect", "AuthorizationHeaderMalformed", "AllAccessDisabled"];

/// Why S3 did not do what it was asked, after every try that was worth it.
#[derive(Debug, Clone)]
pub struct S3Failure {
    /// What happened at the last try.
    pub cause: S3Cause,
    /// How often it was tried.
    pub tries: u32,
    /// How long that took.
    pub elapsed: Duration,
}

/// What happened at one try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum S3Cause {
    /// S3 answered with an error.
    Answer {
        /// The HTTP status.
        status: u16,
        /// S3's error code; the status in words where the answer had no body.
        code: String,
        /// S3's message.
        message: String,
        /// Where the bucket is, if it was asked for in another region.
        elsewhere: Option<Box<Elsewhere>>,
    },
    /// There are no usable credentials, or the role could not be assumed.
    Credentials(Box<CredentialsFailure>),
    /// No answer came, or only a part of it.
    NoAnswer(String),
    /// The answer was not the one to this request: too short, or without what has to be in it.
    Unfit(String),
}

/// A bucket that was asked for in another region than its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// The region in which it was asked for.
    pub asked: String,
    /// The region in which it is.
    pub right: String,
}

impl S3Cause {
    /// Whether it may work if it is tried again.
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

    /// Whether the credentials are too old.
    pub(super) fn is_expiry(&self) -> bool {
        matches!(self, Self::Answer { code, elsewhere: None, .. } if EXPIRED.contains(&code.as_str()))
    }
}

impl S3Failure {
    /// Whether S3 answered, and will never answer anything else.
    pub(in crate::store) fn is_refusal(&self) -> bool {
        matches!(self.cause, S3Cause::Answer { .. }) && !self.cause.passes()
    }

    /// Whether it may work if it is tried again.
    pub fn may_pass(&self) -> bool {
        self.cause.passes()
    }

    /// Whether nothing can have come of the call: it was refused the first time that it was tried.
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

    /// Error code and message, as S3 or STS put them.
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
                    write!(f, ": the bucket is in {right}, and was asked for in {asked}")?;
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
    fn what_passes_is_tried_again_and_nothing_else() {
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
