//! What every call declares about the bucket's owner: who pays, and whose the bucket must be.

use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextMut;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_smithy_runtime_api::box_error::BoxError;

use crate::store::s3::options::S3Options;

/// A copy names its source in this header; the source must belong to the same account.
const COPY_SOURCE: &str = "x-amz-copy-source";
const OWNER_OF_SOURCE: &str = "x-amz-source-expected-bucket-owner";

/// The headers of every call, added before it is signed. All operations that this program calls accept both.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    request_payer: bool,
    expected: Option<String>,
}

impl Owner {
    /// What the options ask for.
    pub(super) fn of(options: &S3Options) -> Self {
        Self { request_payer: options.request_payer, expected: options.expected_bucket_owner.clone() }
    }

    /// Whether any header is needed.
    pub(super) fn is_any(&self) -> bool {
        self.request_payer || self.expected.is_some()
    }
}

impl Intercept for Owner {
    fn name(&self) -> &'static str {
        "the bucket's owner"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let headers = context.request_mut().headers_mut();
        if self.request_payer {
            headers.try_insert("x-amz-request-payer", "requester")?;
        }
        if let Some(expected) = &self.expected {
            headers.try_insert("x-amz-expected-bucket-owner", expected.clone())?;
            if headers.contains_key(COPY_SOURCE) {
                headers.try_insert(OWNER_OF_SOURCE, expected.clone())?;
            }
        }
        Ok(())
    }
}
