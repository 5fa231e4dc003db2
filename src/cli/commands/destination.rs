//! Where exports go and in what format: flags of every command that starts exports.

use clap::Args;

use crate::cli::commands::values::Values;
use crate::cli::context::Context;
use crate::cli::global::defaults::Defaults;
use qldb_journal::request::{EncryptionType, Field};

/// Bucket, prefix, encryption, role and format.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Clone, Args)]
pub(crate) struct DestinationArgs {
    /// S3 bucket to write to
    #[arg(long, value_name = "BUCKET")]
    pub(crate) bucket: Option<String>,
    /// Prefix of every object's key, such as nightly/; "" for none
    #[arg(long, value_name = "PREFIX")]
    pub(crate) prefix: Option<String>,
    /// How S3 encrypts the objects: SSE_KMS, SSE_S3 or NO_ENCRYPTION
    ///
    /// The default is SSE_S3, or NO_ENCRYPTION if --local writes into a directory, which is not encrypted.
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
    /// What was typed.
    pub(crate) fn typed(&self) -> [(Field, Option<&str>); 6] {
        let Self { bucket, prefix, encryption, kms_key_arn, role_arn, format } = self;
        [
            (Field::Bucket, bucket.as_deref()),
            (Field::Prefix, prefix.as_deref()),
            (Field::Encryption, encryption.as_deref()),
            (Field::KmsKeyArn, kms_key_arn.as_deref()),
            (Field::RoleArn, role_arn.as_deref()),
            (Field::OutputFormat, format.as_deref()),
        ]
    }
}

/// Fills in the destination from the environment and the profile. A directory is not encrypted, so an encryption that
/// is set for the service does not apply to it.
pub(crate) fn fill_in(values: &mut Values, defaults: &Defaults, context: &Context) {
    values.take_defaults(defaults, &[Field::Bucket, Field::Prefix]);
    if context.global.writes_directories() {
        values.take_usual(Field::Encryption, EncryptionType::NoEncryption.as_str());
        return;
    }
    values.take_defaults(defaults, &[Field::Encryption]);
    // A configured key is ignored if another encryption was chosen.
    let encryption = values.get(Field::Encryption);
    if encryption.is_none_or(|encryption| encryption == EncryptionType::SseKms.as_str()) {
        values.take_defaults(defaults, &[Field::KmsKeyArn]);
    }
    values.take_usual(Field::Encryption, EncryptionType::SseS3.as_str());
}
