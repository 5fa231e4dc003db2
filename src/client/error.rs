//! What can go wrong with a call, classified by what the caller can do about it.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_qldb::config::http::HttpResponse;
use aws_sdk_qldb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_qldb::operation::RequestId;
use qldb_aws::{ConfigError, CredentialsFailure, Proxy, causes, described};

use super::observe::Route;

/// The day on which Amazon QLDB was shut down.
const END_OF_SERVICE: &str = "2025-07-31";

/// An error response of the service. The strings are the service's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorResponse {
    /// The operation that was called.
    pub operation: &'static str,
    /// The error's name, if the response has one.
    pub code: Option<String>,
    /// The HTTP status.
    pub status: u16,
    /// The service's explanation.
    pub message: Option<String>,
    /// The request's id, for AWS support.
    pub request_id: Option<String>,
}

impl std::fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let message = self.message.as_deref().unwrap_or("the answer gives no reason");
        write!(f, "{message} ({} answered HTTP {}", self.operation, self.status)?;
        if let Some(code) = &self.code {
            write!(f, ", {code}")?;
        }
        if let Some(id) = &self.request_id {
            write!(f, ", request {id}")?;
        }
        f.write_str(")")
    }
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// No region is set.
    #[error("no AWS region is set")]
    NoRegion,
    /// The configuration is wrong.
    #[error(transparent)]
    Configuration(ConfigError),
    /// No usable credentials were found.
    #[error(transparent)]
    Credentials(#[from] CredentialsFailure),
    /// There is no such ledger or export, or it expired.
    #[error("{0}")]
    NotFound(ErrorResponse),
    /// The service refuses: because of a parameter, or the state of the ledger.
    #[error("{0}")]
    Refused(ErrorResponse),
    /// The service already runs as many exports as it allows.
    #[error("{0}")]
    LimitExceeded(ErrorResponse),
    /// The caller is not allowed to do this, or is not who it claims to be.
    #[error("{0}")]
    Denied(ErrorResponse),
    /// Too many requests for now.
    #[error("{0}")]
    Throttled(ErrorResponse),
    /// The service failed.
    #[error("{0}")]
    ServiceFault(ErrorResponse),
    /// Nothing answered.
    #[error("{endpoint} could not be reached{}: {reason}", through(.proxy.as_ref()))]
    Unreachable {
        /// Where the call went.
        endpoint: String,
        /// The proxy on the way.
        proxy: Option<Proxy>,
        /// What happened to the connection.
        reason: String,
    },
    /// AWS's own endpoint did not answer, and never will.
    #[error("{endpoint} could not be reached{}: {reason}. Amazon QLDB ended on {END_OF_SERVICE}", through(.proxy.as_ref()))]
    ServiceEnded {
        /// Where the call went.
        endpoint: String,
        /// The proxy on the way.
        proxy: Option<Proxy>,
        /// What happened to the connection.
        reason: String,
    },
    /// The request may have been executed, but its response did not arrive.
    #[error("the answer of {endpoint} was lost{}: {reason}. The export may have been started", on_the_way(.proxy.as_ref()))]
    AnswerLost {
        /// Where the call went.
        endpoint: String,
        /// The proxy on the way.
        proxy: Option<Proxy>,
        /// What happened to the connection.
        reason: String,
    },
    /// A proxy responded in place of the endpoint.
    #[error("{proxy} answered HTTP {status} in place of {endpoint}")]
    ProxyAnswered {
        /// Where the call was to go.
        endpoint: String,
        /// The proxy.
        proxy: Proxy,
        /// The proxy's HTTP status.
        status: u16,
    },
    /// Anything else.
    #[error("{0}")]
    Unexpected(String),
}

fn through(proxy: Option<&Proxy>) -> String {
    proxy.map_or_else(String::new, |proxy| format!(" through {proxy}"))
}

fn on_the_way(proxy: Option<&Proxy>) -> String {
    proxy.map_or_else(String::new, |proxy| format!(" on its way through {proxy}"))
}

impl From<ConfigError> for ClientError {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::Credentials(failure) => Self::Credentials(failure),
            other => Self::Configuration(other),
        }
    }
}

impl ClientError {
    /// Whether the failure may go away by itself, so that a caller that waits should retry.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Throttled(_)
            | Self::ServiceFault(_)
            | Self::Unreachable { .. }
            | Self::ServiceEnded { .. }
            | Self::ProxyAnswered { .. }
            | Self::AnswerLost { .. } => true,
            Self::Credentials(failure) => failure.may_pass(),
            Self::NoRegion
            | Self::Configuration(_)
            | Self::NotFound(_)
            | Self::Refused(_)
            | Self::LimitExceeded(_)
            | Self::Denied(_)
            | Self::Unexpected(_) => false,
        }
    }

    /// Classifies a failure of the SDK, given the route of the call.
    pub(super) fn sort<E>(operation: &'static str, failure: &SdkError<E, HttpResponse>, route: Route) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        match failure {
            SdkError::ServiceError(answered) => {
                let (error, raw) = (answered.err(), answered.raw());
                let answer = ErrorResponse {
                    operation,
                    code: error.code().map(str::to_owned),
                    status: raw.status().as_u16(),
                    message: error.message().map(str::to_owned),
                    request_id: error.meta().request_id().map(str::to_owned),
                };
                match route.proxy {
                    Some(proxy) if answer.code.is_none() && answer.request_id.is_none() => {
                        Self::ProxyAnswered { endpoint: route.endpoint, proxy, status: answer.status }
                    }
                    _ => by_code(answer),
                }
            }
            SdkError::DispatchFailure(dispatch) => match dispatch.as_connector_error() {
                Some(cause) => unsent(cause, route),
                None => unreachable(route, described(failure)),
            },
            SdkError::TimeoutError(_) => unreachable(route, "no answer in time".to_owned()),
            SdkError::ResponseError(answered) => {
                let status = answered.raw().status();
                match route.proxy {
                    Some(proxy) => Self::ProxyAnswered { endpoint: route.endpoint, proxy, status: status.as_u16() },
                    None if status.is_server_error() => {
                        let status = status.as_u16();
                        Self::ServiceFault(ErrorResponse {
                            operation,
                            code: None,
                            status,
                            message: None,
                            request_id: None,
                        })
                    }
                    None => unexpected(operation, &route, failure),
                }
            }
            _ => unexpected(operation, &route, failure),
        }
    }
}

fn unexpected(operation: &str, route: &Route, failure: &(dyn Error + 'static)) -> ClientError {
    ClientError::Unexpected(format!("{operation} at {} failed: {}", route.endpoint, described(failure)))
}

fn unsent(cause: &(dyn Error + 'static), route: Route) -> ClientError {
    match causes(cause).find_map(|cause| cause.downcast_ref::<CredentialsError>()) {
        Some(error) => ClientError::Credentials(qldb_aws::of_credentials(error, None)),
        None => unreachable(route, root(cause)),
    }
}

fn unreachable(route: Route, reason: String) -> ClientError {
    let Route { endpoint, proxy } = route;
    if is_aws(&endpoint) {
        ClientError::ServiceEnded { endpoint, proxy, reason }
    } else {
        ClientError::Unreachable { endpoint, proxy, reason }
    }
}

fn is_aws(endpoint: &str) -> bool {
    let host = endpoint.split_once("://").map_or(endpoint, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    [".amazonaws.com", ".amazonaws.com.cn", ".api.aws"].iter().any(|suffix| host.ends_with(suffix))
}

/// Names as in the API model and AWS's common errors (docs/qldb.md 1.3), without the suffix `Exception`.
fn by_code(answer: ErrorResponse) -> ClientError {
    let code = answer.code.clone().unwrap_or_default();
    match code.strip_suffix("Exception").unwrap_or(&code) {
        "ResourceNotFound" => ClientError::NotFound(answer),
        "InvalidParameter"
        | "ResourcePreconditionNotMet"
        | "ResourceInUse"
        | "ResourceAlreadyExists"
        | "Validation" => ClientError::Refused(answer),
        "LimitExceeded" => ClientError::LimitExceeded(answer),
        "AccessDenied"
        | "ExpiredToken"
        | "IncompleteSignature"
        | "InvalidClientTokenId"
        | "InvalidSignature"
        | "MissingAuthenticationToken"
        | "NotAuthorized"
        | "OptInRequired"
        | "RequestExpired"
        | "SignatureDoesNotMatch"
        | "UnrecognizedClient" => ClientError::Denied(answer),
        _ if is_throttling(&code) => ClientError::Throttled(answer),
        _ => by_status(answer),
    }
}

/// Whether an error's name means that there were too many requests.
pub(super) fn is_throttling(code: &str) -> bool {
    let name = code.strip_suffix("Exception").unwrap_or(code);
    matches!(
        name,
        "Throttling" | "Throttled" | "RequestThrottled" | "TooManyRequests" | "RequestLimitExceeded" | "SlowDown"
    )
}

fn by_status(answer: ErrorResponse) -> ClientError {
    match answer.status {
        401 | 403 => ClientError::Denied(answer),
        429 => ClientError::Throttled(answer),
        500.. => ClientError::ServiceFault(answer),
        _ => ClientError::Unexpected(answer.to_string()),
    }
}

/// The root cause.
fn root(error: &(dyn Error + 'static)) -> String {
    causes(error).last().unwrap_or(error).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(code: Option<&str>, status: u16) -> ClientError {
        let code = code.map(str::to_owned);
        by_code(ErrorResponse { operation: "Any", code, status, message: None, request_id: None })
    }

    #[test]
    fn answers_are_sorted_by_their_name_before_their_status() {
        assert!(matches!(answered(Some("ResourceNotFoundException"), 404), ClientError::NotFound(_)));
        assert!(matches!(answered(Some("InvalidParameterException"), 400), ClientError::Refused(_)));
        assert!(matches!(answered(Some("ResourcePreconditionNotMetException"), 412), ClientError::Refused(_)));
        assert!(matches!(answered(Some("LimitExceededException"), 400), ClientError::LimitExceeded(_)));
        assert!(matches!(answered(Some("UnrecognizedClientException"), 400), ClientError::Denied(_)));
        assert!(matches!(answered(Some("ThrottlingException"), 400), ClientError::Throttled(_)));
        assert!(matches!(answered(Some("InternalFailure"), 500), ClientError::ServiceFault(_)));
    }

    #[test]
    fn an_answer_without_a_name_is_sorted_by_its_status() {
        assert!(matches!(answered(None, 403), ClientError::Denied(_)));
        assert!(matches!(answered(None, 429), ClientError::Throttled(_)));
        assert!(matches!(answered(None, 502), ClientError::ServiceFault(_)));
        assert!(matches!(answered(None, 404), ClientError::Unexpected(_)));
    }

    #[test]
    fn an_endpoint_of_aws_is_distinguished_from_any_other() {
        let route = |endpoint: &str| Route { endpoint: endpoint.to_owned(), proxy: None };
        let sort = |endpoint: &str| unreachable(route(endpoint), "refused".to_owned());
        assert!(matches!(sort("https://qldb.us-east-1.amazonaws.com"), ClientError::ServiceEnded { .. }));
        assert!(matches!(sort("http://127.0.0.1:8040"), ClientError::Unreachable { .. }));
        assert!(matches!(sort("http://amazonaws.com.example:80"), ClientError::Unreachable { .. }));
    }
}
