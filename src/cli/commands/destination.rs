//! Where exports go and in what form: flags of every command that starts some.

use clap::Args;

use crate::cli::commands::shorthand::S3Configuration;

/// Bucket, prefix, encryption, role and format.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Clone, Args)]
pub(crate) struct DestinationArgs {
    /// S3 bucket to write to
    #[arg(long, value_name = "BUCKET")]
    pub(crate) bucket: Option<String>,
    /// What every object's key begins with, such as nightly/; "" for nothing
    #[arg(long, value_name = "PREFIX")]
    pub(crate) prefix: Option<String>,
    /// How S3 encrypts the objects: SSE_KMS, SSE_S3 or NO_ENCRYPTION
    ///
    /// If it is not given, SSE_S3; NO_ENCRYPTION where --local writes into a directory, which encrypts nothing.
    #[arg(long, value_name = "TYPE")]
    pub(crate) encryption: Option<String>,
    /// KMS key for SSE_KMS
    #[arg(long, value_name = "ARN")]
    pub(crate) kms_key_arn: Option<String>,
    /// Role that QLDB assumes to write to the bucket
    #[arg(long, value_name = "ARN")]
    pub(crate) role_arn: Option<String>,
    /// Format of the data objects: ION_TEXT, ION_BINARY or JSON; the service's default is ION_TEXT
    ///
    /// The AWS CLI's name for it is --output-format.
    #[arg(long, alias = "output-format", value_name = "FORMAT")]
    pub(crate) format: Option<String>,
}

impl DestinationArgs {
    /// The members of the API's structure.
    pub(crate) fn s3_configuration(&self) -> S3Configuration {
        S3Configuration {
            bucket: self.bucket.clone(),
            prefix: self.prefix.clone(),
            encryption: self.encryption.clone(),
            kms_key_arn: self.kms_key_arn.clone(),
        }
    }
}
