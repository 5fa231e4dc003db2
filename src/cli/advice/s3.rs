//! What to do about errors from S3, in the commands that read archives or write exports there.

use super::{Advice, credentials};
use crate::cli::context::Context;
use crate::cli::error::s3::OfS3;
use qldb_aws::CredentialsFailure;
use qldb_endpoint::store::S3Cause;

/// What to do about an error from S3, or about a failure to call it.
pub(super) fn on(said: &OfS3<'_>, context: &Context) -> Option<Advice> {
    match &said.failure.cause {
        S3Cause::Credentials(failure) => Some(of_credentials(failure)),
        S3Cause::Answer { elsewhere: Some(elsewhere), .. } => Some(Advice::new(
            "requests for a bucket must go to its own region",
            format!("the same command with --region {}", elsewhere.right),
        )),
        S3Cause::Answer { status, code, .. } => of_answer(*status, code, said.bucket, context),
        S3Cause::NoAnswer(_) => Some(Advice::new(
            "S3, or the endpoint in AWS_ENDPOINT_URL_S3, did not answer",
            "check the network, the proxy variables and AWS_ENDPOINT_URL_S3, and run it again".to_owned(),
        )),
        S3Cause::Unfit(_) => None,
    }
}

fn of_credentials(failure: &CredentialsFailure) -> Advice {
    credentials::on(failure)
}

fn of_answer(status: u16, code: &str, bucket: &str, context: &Context) -> Option<Advice> {
    let (cause, next) = match (code, status) {
        ("ExpiredToken" | "TokenRefreshRequired", _) => return Some(credentials::on_expiry(None)),
        ("InvalidAccessKeyId" | "InvalidToken" | "InvalidSecurity", _) => {
            ("S3 does not know this access key", credentials::who_am_i(context))
        }
        ("SignatureDoesNotMatch" | "RequestTimeTooSkewed", _) => {
            (super::WRONG_SIGNATURE, super::CHECK_SIGNATURE.to_owned())
        }
        ("InvalidObjectState", _) => (
            "the object is in a storage class that must be restored first",
            format!(
                "`qldb-export verify` of the same place with --restore DAYS --wait, or aws s3api restore-object --bucket {bucket}"
            ),
        ),
        ("GlacierExpeditedRetrievalNotAvailable", _) => {
            ("S3 has no capacity for expedited restores right now", "the same command with --tier Standard".to_owned())
        }
        (_, 401 | 403) if context.global.store.expected_bucket_owner.is_some() => (
            "the caller is not allowed to do this, or the bucket does not belong to the account in --expected-bucket-owner",
            format!("check who owns {bucket}, and allow s3:ListBucket on it and s3:GetObject on its objects"),
        ),
        (_, 401 | 403) => (
            "the caller is not allowed to do this",
            format!(
                "allow s3:ListBucket on {bucket} and s3:GetObject on its objects, or use --profile to call as someone who is allowed"
            ),
        ),
        ("NoSuchBucket", _) => {
            ("there is no bucket of this name", "check its spelling, or list the buckets with aws s3 ls".to_owned())
        }
        ("PermanentRedirect", _) => {
            ("the bucket is in another region", format!("aws s3api get-bucket-location --bucket {bucket}"))
        }
        (_, 429 | 500..) => ("S3 is busy or failing", "run the same command again in a minute".to_owned()),
        _ => return None,
    };
    Some(Advice::new(cause, next))
}
