//! `policy`: the permissions that the role and the caller of an export need, as JSON for `aws iam`.
//! Permissions and conditions follow docs/qldb.md 2.4.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use crate::cli::commands::values::Values;
use crate::cli::commands::{destination, remark};
use crate::cli::context::{self, Context, unknown_region};
use crate::cli::error::CliError;
use crate::cli::error::configuration::did_you_mean;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::global::defaults::Defaults;
use crate::cli::global::environment;
use qldb_aws::{Judgement, judge, partition};
use qldb_journal::request::{BucketName, Fault, Faults, Field, KmsKeyArn, LedgerName, Prefix, RoleArn};

const ACCOUNT: Field = Field::Named("--account");
const REGION: Field = Field::Named("--region");
/// The service that assumes the role.
const SERVICE: &str = "qldb.amazonaws.com";

/// Which export, and which of its policies.
#[derive(Debug, Args)]
pub(crate) struct PolicyArgs {
    /// Which policy; all three in one object if not given
    #[arg(value_name = "POLICY")]
    which: Option<Which>,
    /// Ledger to export
    #[arg(long, alias = "name", value_name = "NAME")]
    ledger: Option<String>,
    /// S3 bucket to write to
    #[arg(long, value_name = "BUCKET")]
    bucket: Option<String>,
    /// Prefix of every object's key, such as nightly/; "" for none
    #[arg(long, value_name = "PREFIX")]
    prefix: Option<String>,
    /// KMS key, if the exports are encrypted with one
    #[arg(long, value_name = "ARN")]
    kms_key_arn: Option<String>,
    /// Role that QLDB assumes to write to the bucket
    #[arg(long, value_name = "ARN")]
    role_arn: Option<String>,
    /// Account of the ledger; the role's if not given
    #[arg(long, value_name = "ID")]
    account: Option<String>,
}

/// The three policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Which {
    /// Who may assume the role
    Trust,
    /// What the role may do
    Permissions,
    /// What the caller of the export may do
    Caller,
}

impl Which {
    fn is_about_the_ledger(self) -> bool {
        matches!(self, Self::Trust | Self::Caller)
    }
}

/// The arguments; each is present if the policies need it.
struct PolicyInputs {
    ledger: Option<LedgerName>,
    bucket: Option<BucketName>,
    prefix: Option<Prefix>,
    key: Option<KmsKeyArn>,
    role: Option<RoleArn>,
    account: String,
    region: String,
}

/// Prints the policies.
pub(crate) fn run(context: &Context, args: &PolicyArgs) -> Result<(), CliError> {
    let defaults = context::runtime()?.block_on(Defaults::load(context.global.profile.as_deref()));
    let values = args.values(context, &defaults);
    let parts = args.check(context, &values).map_err(|faults| faults.called(|fault| values.name_of(fault)))?;
    remark::on_prefix(context, &values);
    if let Judgement::Unknown(near) = judge(&parts.region)
        && !parts.region.is_empty()
    {
        context.printer.caution(&unknown_region(&parts.region, &near));
    }
    let policy = match args.which {
        Some(Which::Trust) => parts.trust(),
        Some(Which::Permissions) => parts.permissions(),
        Some(Which::Caller) => parts.caller(),
        None => json!({
            "TrustPolicy": parts.trust(),
            "PermissionsPolicy": parts.permissions(),
            "CallerPolicy": parts.caller(),
        }),
    };
    Ok(context.printer.json(&policy)?)
}

impl PolicyArgs {
    fn needs(&self, which: Which) -> bool {
        self.which.is_none_or(|asked| asked == which)
    }

    /// Values from flags, the environment and the profile.
    fn values(&self, context: &Context, defaults: &Defaults) -> Values {
        let mut values = Values::default();
        values.type_in([
            (Field::Ledger, self.ledger.as_deref()),
            (Field::Bucket, self.bucket.as_deref()),
            (Field::Prefix, self.prefix.as_deref()),
            (Field::KmsKeyArn, self.kms_key_arn.as_deref()),
            (Field::RoleArn, self.role_arn.as_deref()),
        ]);
        values.take_defaults(defaults, &[Field::Ledger, Field::RoleArn]);
        destination::fill_in(&mut values, defaults, context);
        values
    }

    fn check(&self, context: &Context, values: &Values) -> Result<PolicyInputs, Faults> {
        let mut faults = context.global.faults();
        let (caller, permissions) = (self.needs(Which::Caller), self.needs(Which::Permissions));
        let about_ledger = self.which.is_none_or(Which::is_about_the_ledger);
        let missing = |field, what: &str| Fault::missing(field, format!("name {what}"));
        let mut part = ArgumentReader { faults: &mut faults };
        let ledger =
            part.read(values.get(Field::Ledger), LedgerName::parse, caller, || missing(Field::Ledger, "the ledger"));
        let bucket = part
            .read(values.get(Field::Bucket), BucketName::parse, permissions, || missing(Field::Bucket, "the bucket"));
        let no_prefix = || Fault::missing(Field::Prefix, "give the key prefix, or \"\" for none");
        let prefix = part.read(values.get(Field::Prefix), Prefix::parse, permissions, no_prefix);
        let key =
            part.read(values.get(Field::KmsKeyArn), KmsKeyArn::parse, false, || missing(Field::KmsKeyArn, "the key"));
        let role =
            part.read(values.get(Field::RoleArn), RoleArn::parse, caller, || missing(Field::RoleArn, "the role"));
        let in_role = role.as_ref().and_then(|role| role.as_str().split(':').nth(4)).map(str::to_owned);
        let account = self.account.clone().or(in_role);
        let no_account = || Fault::missing(ACCOUNT, "give the account's 12 digits, or --role-arn, which has them");
        let account = part.read(account.as_deref(), parse_account, about_ledger, no_account);
        let region = context.global.region.clone().or_else(|| environment::value(environment::REGION));
        let no_region = || Fault::missing(REGION, "name the ledger's region, here or in AWS_REGION");
        let region = part.read(region.as_deref(), parse_region, about_ledger, no_region);
        let (account, region) = (account.unwrap_or_default(), region.unwrap_or_default());
        let parts = PolicyInputs { ledger, bucket, prefix, key, role, account, region };
        if faults.is_empty() { Ok(parts) } else { Err(faults) }
    }
}

/// Reads arguments, and records which ones are wrong or missing.
struct ArgumentReader<'a> {
    faults: &'a mut Faults,
}

impl ArgumentReader<'_> {
    fn read<T>(
        &mut self,
        text: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, Fault>,
        needed: bool,
        missing: impl FnOnce() -> Fault,
    ) -> Option<T> {
        match text {
            Some(text) => self.faults.note(parse(text)),
            None if needed => self.faults.note(Err(missing())),
            None => None,
        }
    }
}

fn parse_account(text: &str) -> Result<String, Fault> {
    let right = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let fault = || Fault::malformed(ACCOUNT, text, "must be 12 digits", "give it as 123456789012");
    right.then(|| text.to_owned()).ok_or_else(fault)
}

fn parse_region(text: &str) -> Result<String, Fault> {
    let Judgement::Mistyped(near) = judge(text) else { return Ok(text.to_owned()) };
    let remedy = if near.is_empty() { "give it as us-east-1".to_owned() } else { did_you_mean(&near) };
    Err(Fault::malformed(REGION, text, "is not an AWS region", remedy))
}

impl PolicyInputs {
    /// Only QLDB may assume the role, and only for this account's ledgers in this region, so that no other customer of
    /// the service can make it write here.
    fn trust(&self) -> Value {
        let Self { account, region, .. } = self;
        let source = format!("arn:{}:qldb:{region}:{account}:*", self.partition());
        policy(&[json!({
            "Effect": "Allow",
            "Principal": { "Service": SERVICE },
            "Action": "sts:AssumeRole",
            "Condition": {
                "ArnLike": { "aws:SourceArn": source },
                "StringEquals": { "aws:SourceAccount": account },
            },
        })])
    }

    fn permissions(&self) -> Value {
        let bucket = self.bucket.as_ref().map_or("", BucketName::as_str);
        let prefix = literally(self.prefix.as_ref().map_or("", Prefix::as_str));
        let mut statements = vec![json!({
            "Sid": "WriteJournalExports",
            "Effect": "Allow",
            "Action": ["s3:PutObject", "s3:PutObjectAcl"],
            "Resource": format!("arn:{}:s3:::{bucket}/{prefix}*", self.partition()),
        })];
        statements.extend(self.key.as_ref().map(|key| {
            json!({
                "Sid": "EncryptJournalExports",
                "Effect": "Allow",
                "Action": "kms:GenerateDataKey",
                "Resource": key.as_str(),
            })
        }));
        policy(&statements)
    }

    fn caller(&self) -> Value {
        let Self { account, region, .. } = self;
        let ledger = self.ledger.as_ref().map_or("", LedgerName::as_str);
        let role = self.role.as_ref().map_or("", RoleArn::as_str);
        policy(&[
            json!({
                "Sid": "ExportJournal",
                "Effect": "Allow",
                "Action": [
                    "qldb:ExportJournalToS3",
                    "qldb:DescribeJournalS3Export",
                    "qldb:ListJournalS3ExportsForLedger",
                    "qldb:DescribeLedger",
                ],
                "Resource": format!("arn:{}:qldb:{region}:{account}:ledger/{ledger}", self.partition()),
            }),
            json!({
                "Sid": "ListAllExports",
                "Effect": "Allow",
                "Action": "qldb:ListJournalS3Exports",
                "Resource": "*",
            }),
            json!({
                "Sid": "PassExportRole",
                "Effect": "Allow",
                "Action": "iam:PassRole",
                "Resource": role,
                "Condition": { "StringEquals": { "iam:PassedToService": SERVICE } },
            }),
        ])
    }

    /// The partition of the ARNs: the role's or the key's, or else the region's.
    fn partition(&self) -> &str {
        let role = self.role.as_ref().map(RoleArn::as_str);
        let given = role.or(self.key.as_ref().map(KmsKeyArn::as_str));
        given.and_then(|arn| arn.split(':').nth(1)).unwrap_or_else(|| partition(&self.region))
    }
}

fn policy(statements: &[Value]) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// A prefix in which IAM sees no wildcards and no variables.
fn literally(prefix: &str) -> String {
    let mut literal = String::with_capacity(prefix.len());
    for character in prefix.chars() {
        match character {
            '*' | '?' | '$' => literal.extend(['$', '{', character, '}']),
            other => literal.push(other),
        }
    }
    literal
}
