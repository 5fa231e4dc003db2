//! What to do about an error: the service's known errors (docs/qldb.md 2.3), each with its cause in
//! plain words and the next command to type.

mod calls;
mod credentials;
mod s3;

use crate::cli::context::Context;
use crate::cli::error::configuration::did_you_mean;
use crate::cli::error::s3::said;
use crate::cli::error::{Advice, CliError};
use crate::cli::output::text::shell_word;
use crate::client::{ClientError, ErrorResponse};
use qldb_endpoint::engine::OpenError;
use qldb_journal::request::{Encryption, ExportRequest, KmsKeyArn};

/// An error response of the service that is known.
struct KnownAnswer {
    /// The error's name, without the suffix `Exception`.
    code: &'static str,
    /// Text that its message contains.
    says: &'static str,
    cause: &'static str,
    next: Next,
}

/// What to do next.
#[derive(Clone, Copy)]
enum Next {
    /// Check one of the policies.
    Policy(&'static str),
    /// Create the bucket.
    MakeBucket,
    /// Look up the bucket's region.
    LocateBucket,
    /// List the ledgers.
    Ledgers,
    /// List the exports.
    Exports,
    /// Free text.
    Words(&'static str),
    /// One text if the command has the flag, and another otherwise.
    Flag { flag: &'static str, words: &'static str, otherwise: &'static str },
}

const fn known(code: &'static str, says: &'static str, cause: &'static str, next: Next) -> KnownAnswer {
    KnownAnswer { code, says, cause, next }
}

/// Run the same command with another flag, if the command has it.
const fn same(flag: &'static str, words: &'static str) -> Next {
    Next::Flag { flag, words, otherwise: "run the same command again in a minute" }
}

/// The first match counts.
const KNOWN: [KnownAnswer; 20] = [
    known("AccessDenied", "iam:PassRole", "the caller may not pass this role to QLDB", Next::Policy("caller")),
    known("AccessDenied", "", "the caller may not do this with this ledger", Next::Policy("caller")),
    known("InvalidParameter", "sts:AssumeRole", "QLDB may not assume the role", Next::Policy("trust")),
    known("InvalidParameter", "NoSuchBucket", "the bucket does not exist", Next::MakeBucket),
    known("InvalidParameter", "PermanentRedirect", "the bucket is not in the ledger's region", Next::LocateBucket),
    known(
        "InvalidParameter",
        "S3 configuration",
        "the role may not write to the bucket, or was created so recently that it does not work yet",
        Next::Policy("permissions"),
    ),
    known(
        "InvalidParameter",
        "prefix must not exceed",
        "the prefix has more than 128 characters",
        same("--prefix", "the same command with a shorter --prefix"),
    ),
    known(
        "InvalidParameter",
        "Start date must not be greater",
        "the range is empty, or its ends are the wrong way round",
        same("--until", "the same command with --from before --until"),
    ),
    known(
        "InvalidParameter",
        "End date cannot be in the future",
        "this machine's clock is ahead of the service's",
        same("--until", "the same command with --until -1m"),
    ),
    known(
        "InvalidParameter",
        "not compatible with an AWS KMS key",
        "a KMS key can only be used with SSE_KMS",
        same("--kms-key-arn", "the same command with --encryption SSE_KMS, or without --kms-key-arn"),
    ),
    known(
        "InvalidParameter",
        "which encrypts nothing",
        "the endpoint writes to a directory, and directories are not encrypted",
        Next::Words("the same command with --encryption NO_ENCRYPTION"),
    ),
    known(
        "LimitExceeded",
        "",
        "QLDB runs at most two exports of a ledger at a time",
        Next::Flag {
            flag: "--on-limit",
            words: "the same command with --on-limit wait",
            otherwise: "run the same command again when one of them has ended",
        },
    ),
    known(
        "ResourceNotFound",
        "JournalS3Export",
        "an export is listed for 7 days after its end, and only under its own ledger",
        Next::Exports,
    ),
    known("ResourceNotFound", "", "the ledger is not in this account and region", Next::Ledgers),
    known(
        "ResourcePreconditionNotMet",
        "",
        "the ledger is being created or deleted",
        Next::Words("run the same command again in a minute"),
    ),
    known(
        "ResourceInUse",
        "",
        "the ledger is being created or deleted",
        Next::Words("run the same command again in a minute"),
    ),
    known(
        "UnrecognizedClient",
        "",
        "the endpoint does not know this access key",
        Next::Words("for the built-in endpoint, eval the lines that `qldb-export serve` prints"),
    ),
    known("InvalidClientTokenId", "", "AWS does not know this access key", Next::Words("aws sts get-caller-identity")),
    known("InvalidSignature", "", WRONG_SIGNATURE, Next::Words(CHECK_SIGNATURE)),
    known("SignatureDoesNotMatch", "", WRONG_SIGNATURE, Next::Words(CHECK_SIGNATURE)),
];

const WRONG_SIGNATURE: &str =
    "the secret key does not belong to the access key, or this machine's clock or region differs from the endpoint's";
const NOT_IN_DIRECTORY: &str = "the ledger is not in this data directory";
const CHECK_SIGNATURE: &str = "check AWS_SECRET_ACCESS_KEY, AWS_REGION and the clock";

/// What to do about an error, if that is known.
pub(crate) fn on(error: &CliError, context: &Context) -> Option<Advice> {
    match error {
        CliError::Window { cause, .. } => on(cause, context),
        CliError::Client(
            ClientError::NotFound(answer)
            | ClientError::Refused(answer)
            | ClientError::LimitExceeded(answer)
            | ClientError::Denied(answer),
        ) => of_answer(answer, context),
        CliError::Client(error) => calls::on(error, context),
        CliError::Cancelled { reason, .. } => Some(of_cancellation(reason.as_deref(), context)),
        error if error.is_of_missing_ledger() => Some(Advice::new(NOT_IN_DIRECTORY, Next::Ledgers.command(context))),
        CliError::Open(error) => of_catalog(error, context),
        CliError::Served { advice, .. } => advice.clone(),
        CliError::Archived { advice, .. } => Some(advice.clone()),
        error => said(error).and_then(|said| s3::on(&said, context)),
    }
}

/// An export that ended CANCELLED is never resumed.
fn of_cancellation(reason: Option<&str>, context: &Context) -> Advice {
    let cause = match reason {
        Some(_) => "the export could not write the remaining objects, and what it wrote is incomplete",
        None => {
            "QLDB gives no reason; usually the role lost its permissions on the bucket or the key while the export was running"
        }
    };
    // A directory has neither a role nor a policy.
    let check = if reason.is_some() && context.global.writes_directories() {
        "fix what the reason names".to_owned()
    } else {
        policy("permissions", context.subject().as_ref(), context)
    };
    Advice::new(cause, format!("{check}, then start a new export"))
}

fn of_answer(answer: &ErrorResponse, context: &Context) -> Option<Advice> {
    let code = answer.code.as_deref()?;
    let code = code.strip_suffix("Exception").unwrap_or(code);
    let message = answer.message.as_deref().unwrap_or_default();
    if code == "ExpiredToken" {
        return Some(credentials::on_expiry(context.caller().as_ref()));
    }
    let fits = |known: &&KnownAnswer| known.code == code && message.contains(known.says);
    let KnownAnswer { cause, next, .. } = KNOWN.iter().find(fits)?;
    if context.global.local && code == "ResourceNotFound" && !message.contains("JournalS3Export") {
        return Some(Advice::new(NOT_IN_DIRECTORY, Next::Ledgers.command(context)));
    }
    Some(Advice::new(*cause, next.command(context)))
}

/// A catalog that does not match the journals can be rebuilt from them.
fn of_catalog(error: &OpenError, context: &Context) -> Option<Advice> {
    let behind = matches!(error, OpenError::Behind { .. });
    (behind || error.is_ruined()).then(|| {
        Advice::new(
            "the journals prove themselves, so the catalog can be rebuilt from them",
            context.ledger_invocation("recover"),
        )
    })
}

impl Next {
    fn command(self, context: &Context) -> String {
        let request = context.subject();
        let bucket = request.as_ref().map_or("BUCKET", |request| request.bucket.as_str());
        match self {
            Self::Policy(which) => policy(which, request.as_ref(), context),
            Self::MakeBucket => {
                let region = context.global.region.as_deref().map(|region| format!(" --region {}", shell_word(region)));
                format!("aws s3 mb s3://{bucket}{}", region.unwrap_or_default())
            }
            Self::LocateBucket => format!("aws s3api get-bucket-location --bucket {bucket}"),
            Self::Ledgers if !context.near_ledgers().is_empty() => {
                let near = context.near_ledgers();
                did_you_mean(&near.iter().map(String::as_str).collect::<Vec<_>>())
            }
            Self::Ledgers if context.global.local => context.invocation("ledger list"),
            Self::Ledgers if context.is_of_data_directory() => context.ledger_invocation("list"),
            Self::Ledgers => "check --region, --profile and the ledger's name".to_owned(),
            Self::Exports => context.invocation("list"),
            Self::Words(words) => words.to_owned(),
            Self::Flag { flag, words, otherwise } => if context.has_flag(flag) { words } else { otherwise }.to_owned(),
        }
    }
}

/// The command that prints the policy as it should be.
fn policy(which: &str, request: Option<&ExportRequest>, context: &Context) -> String {
    let Some(ExportRequest { ledger, bucket, prefix, role_arn, encryption, .. }) = request else {
        return format!("qldb-export policy {which} --ledger NAME --bucket BUCKET --prefix PREFIX --role-arn ARN");
    };
    let (bucket, prefix, role) = (bucket.as_str(), shell_word(prefix.as_str()), shell_word(role_arn.as_str()));
    let key = Encryption::key(encryption).map(KmsKeyArn::as_str);
    let key = key.map(|key| format!(" --kms-key-arn {}", shell_word(key))).unwrap_or_default();
    let region = context.global.region.as_deref().map(|region| format!(" --region {}", shell_word(region)));
    let region = region.unwrap_or_default();
    format!(
        "qldb-export policy {which} --ledger {ledger} --bucket {bucket} --prefix {prefix} --role-arn {role}{key}{region}"
    )
}
