//! Every way in which a request is refused, and the one place where that becomes a response: HTTP
//! status, error type, message and members (docs/qldb.md 1.3).

use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::route::Operation;
use super::signed::SignatureFault;
use crate::engine::ServiceError;

/// Why a request got no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The service's own error.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// The signature is not accepted.
    #[error(transparent)]
    Signature(#[from] SignatureFault),
    /// The body, or a number in the query, does not have the model's types.
    #[error("{0}")]
    Serialization(String),
    /// The operation needs a body, and there is none.
    #[error("1 validation error detected: {0} needs a JSON object as its body, and the request has none")]
    NoBody(Operation),
    /// Method and path are not an operation in the model.
    #[error("{method} {path} is not an operation of Amazon QLDB")]
    UnknownOperation {
        /// The method.
        method: String,
        /// The path.
        path: String,
    },
    /// An operation of the model that this endpoint does not support.
    #[error("{0}")]
    NotDone(String),
    /// A statement, which only the neighbouring service runs.
    #[error(
        "Statements are not executed here: this endpoint does QLDB's control plane, which is ledgers, tags, journal \
         exports to S3, digests, and blocks and revisions with their proofs. Documents are added to a ledger with the \
         command `qldb-export ledger append`"
    )]
    Statement,
    /// The body is longer than the endpoint accepts.
    #[error("the request's body is longer than the {limit} bytes that this endpoint accepts")]
    TooLarge {
        /// The maximum number of bytes in a body.
        limit: usize,
    },
    /// The body did not arrive, or not in time.
    #[error("the request's body did not arrive whole")]
    BodyCutOff,
    /// A failure of the endpoint itself.
    #[error("the request could not be carried out: {0}")]
    Internal(String),
}

/// What an error looks like on the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shape {
    /// The HTTP status.
    pub(crate) status: StatusCode,
    /// The error's type, sent in a header.
    pub(crate) code: &'static str,
    /// Members besides the message.
    pub(crate) members: Vec<(&'static str, String)>,
}

impl Failure {
    /// A value in the request that breaks a rule of the service.
    pub(crate) fn parameter(parameter: &str, message: impl Into<String>) -> Self {
        ServiceError::InvalidParameter { message: message.into(), parameter: parameter.to_owned() }.into()
    }

    /// The one mapping from failures to the wire.
    pub(crate) fn shape(&self) -> Shape {
        match self {
            Self::Service(error) => service_shape(error),
            Self::Signature(fault) => signature_shape(fault),
            Self::Serialization(_) => bare(StatusCode::BAD_REQUEST, "SerializationException"),
            Self::NoBody(_) => bare(StatusCode::BAD_REQUEST, "ValidationException"),
            Self::UnknownOperation { .. } => bare(StatusCode::NOT_FOUND, "UnknownOperationException"),
            Self::Statement => bare(StatusCode::BAD_REQUEST, "BadRequestException"),
            Self::NotDone(_) => bare(StatusCode::BAD_REQUEST, "UnsupportedOperationException"),
            Self::TooLarge { .. } => bare(StatusCode::PAYLOAD_TOO_LARGE, "RequestEntityTooLargeException"),
            Self::BodyCutOff => bare(StatusCode::REQUEST_TIMEOUT, "RequestTimeoutException"),
            Self::Internal(_) => bare(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure"),
        }
    }

    /// The body: the message, then the members.
    pub(crate) fn body(&self) -> Value {
        let message = ("Message".to_owned(), Value::from(self.message()));
        let members = self.shape().members.into_iter().map(|(name, value)| (name.to_owned(), Value::from(value)));
        Value::Object(std::iter::once(message).chain(members).collect::<Map<_, _>>())
    }

    /// The message with its causes: for an internal failure, they say where to look.
    pub(super) fn message(&self) -> String {
        qldb_aws::described(self)
    }
}

fn bare(status: StatusCode, code: &'static str) -> Shape {
    Shape { status, code, members: Vec::new() }
}

fn service_shape(error: &ServiceError) -> Shape {
    let about = |status, code, resource_type: &String, resource_name: &String| Shape {
        status,
        code,
        members: vec![("ResourceType", resource_type.clone()), ("ResourceName", resource_name.clone())],
    };
    match error {
        ServiceError::InvalidParameter { parameter, .. } => Shape {
            status: StatusCode::BAD_REQUEST,
            code: "InvalidParameterException",
            members: vec![("ParameterName", parameter.clone())],
        },
        ServiceError::LimitExceeded { resource_type, .. } => Shape {
            status: StatusCode::BAD_REQUEST,
            code: "LimitExceededException",
            members: vec![("ResourceType", resource_type.clone())],
        },
        ServiceError::ResourceAlreadyExists { resource_type, resource_name, .. } => {
            about(StatusCode::CONFLICT, "ResourceAlreadyExistsException", resource_type, resource_name)
        }
        ServiceError::ResourceInUse { resource_type, resource_name, .. } => {
            about(StatusCode::CONFLICT, "ResourceInUseException", resource_type, resource_name)
        }
        ServiceError::ResourceNotFound { resource_type, resource_name, .. } => {
            about(StatusCode::NOT_FOUND, "ResourceNotFoundException", resource_type, resource_name)
        }
        ServiceError::ResourcePreconditionNotMet { resource_type, resource_name, .. } => {
            about(StatusCode::PRECONDITION_FAILED, "ResourcePreconditionNotMetException", resource_type, resource_name)
        }
        ServiceError::Internal(_) => bare(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure"),
    }
}

fn signature_shape(fault: &SignatureFault) -> Shape {
    let forbidden = |code| bare(StatusCode::FORBIDDEN, code);
    match fault {
        SignatureFault::Missing => forbidden("MissingAuthenticationTokenException"),
        SignatureFault::Incomplete(_) => bare(StatusCode::BAD_REQUEST, "IncompleteSignatureException"),
        SignatureFault::UnknownKey => forbidden("UnrecognizedClientException"),
        SignatureFault::Expired => forbidden("ExpiredTokenException"),
        SignatureFault::OutOfScope(_) | SignatureFault::Mismatch => forbidden("InvalidSignatureException"),
    }
}
