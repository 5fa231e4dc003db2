//! The flag for each field of a request, and what to type instead of a value that the library
//! refuses: the library knows the rule, but not the flags.

use std::borrow::Cow;

use crate::cli::global::typed::Typed;
use qldb_journal::request::{BucketName, Fault, Faults, Field, Kind, time};

/// Where to get the id of an export.
pub(crate) const EXPORT_ID: &str = "give the id that `start` printed, or look it up with `list`";

/// The AWS CLI's way to give it.
pub(crate) const EXPORT_ID_FLAG: &str = "--export-id";

/// A field as it is typed.
pub(crate) fn of(field: Field) -> &'static str {
    match field {
        Field::Ledger => "--ledger",
        Field::Start => "--from",
        Field::End => "--until",
        Field::Last => "--last",
        Field::Bucket => "--bucket",
        Field::Prefix => "--prefix",
        Field::Encryption => "--encryption",
        Field::KmsKeyArn => "--kms-key-arn",
        Field::RoleArn => "--role-arn",
        Field::OutputFormat => "--format",
        Field::ExportId => "EXPORT_ID",
        Field::Named(flag) => flag,
    }
}

/// Faults that the command line finds itself, with a known remedy.
pub(crate) trait WithRemedy: Sized {
    /// A malformed value.
    fn malformed(field: Field, value: &str, rule: impl Into<String>, remedy: impl Into<String>) -> Self;
    /// A required value that is missing.
    fn missing(field: Field, remedy: impl Into<String>) -> Self;
}

impl WithRemedy for Fault {
    fn malformed(field: Field, value: &str, rule: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..Self::new(field, Kind::Malformed, value, rule) }
    }

    fn missing(field: Field, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..Self::required(field) }
    }
}

/// A fault in terms of flags, with what to type instead.
pub(crate) fn message(fault: &Fault) -> String {
    let name = fault.called.as_deref().unwrap_or(of(fault.field));
    format!("{}: {}", fault.under_name(name), remedy(fault, name))
}

/// Faults with the flag names that were typed and, for missing values, the names that match those.
pub(crate) fn as_typed(faults: Faults, typed: &Typed) -> Faults {
    faults.called(|fault| {
        let own = of(fault.field);
        let beside_aws = || match fault.field {
            Field::ExportId => typed.aws_command().map(|_| EXPORT_ID_FLAG),
            _ => typed.missing_name(own),
        };
        let missing = || beside_aws().filter(|_| fault.kind == Kind::Missing);
        typed.other_name(own).or_else(missing).map(str::to_owned)
    })
}

const TIME: &str = "give RFC 3339 with an offset (2024-03-01T00:00:00Z), a date, now, today, yesterday, or -36h";
const LENGTH: &str = "give a number and a unit, such as 90m, 24h or 7d";

fn remedy<'a>(fault: &'a Fault, name: &str) -> Cow<'a, str> {
    if let Some(remedy) = &fault.remedy {
        return remedy.into();
    }
    let value = fault.value.as_deref().unwrap_or_default();
    match fault.kind {
        Kind::Time => time_ago(value).map_or(TIME.into(), Into::into),
        Kind::NoOffset => format!("write {value}Z, or give the offset you mean").into(),
        Kind::Length => with_unit(value).map_or(LENGTH.into(), Into::into),
        Kind::Window => "give a length such as 1d, 6h or 1h".into(),
        Kind::Milliseconds => seconds_of(value).into(),
        Kind::Missing => if_missing(fault.field, name),
        kind => instead(fault.field, kind, value),
    }
}

/// A duration in place of a point in time means that long ago.
fn time_ago(value: &str) -> Option<String> {
    let length = value.strip_suffix("ago").unwrap_or(value).trim_matches(['-', ' ']).replace(' ', "");
    match with_unit(&length) {
        Some(_) => Some(format!("write -{length}m, -{length}h or -{length}d for that long ago")),
        None => time::parse_length(Field::Start, &length).ok().map(|_| format!("write -{length} for that long ago")),
    }
}

/// A number without a unit could mean anything.
fn with_unit(value: &str) -> Option<String> {
    let is_number = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    let is_some = is_number && value.bytes().any(|byte| byte != b'0');
    is_some.then(|| format!("add a unit: {value}s, {value}m, {value}h or {value}d"))
}

fn seconds_of(value: &str) -> String {
    let seconds = time::seconds_of_milliseconds(value).map(|seconds| format!(": {seconds}"));
    format!("give seconds since 1970{}", seconds.unwrap_or_default())
}

fn if_missing(field: Field, name: &str) -> Cow<'static, str> {
    let fixed = match field {
        Field::Start => return format!("say where the range begins, such as {name} yesterday or --last 24h").into(),
        Field::End => return format!("say where the range ends, such as {name} now").into(),
        Field::Ledger => "name the ledger to export",
        Field::Last => LENGTH,
        Field::Bucket => "name the S3 bucket to write to",
        Field::Prefix => "give the key prefix, or \"\" for none",
        Field::Encryption => ENCRYPTIONS,
        Field::KmsKeyArn => "SSE_KMS needs the ARN of a symmetric KMS key",
        Field::RoleArn => "give the role that may write to the bucket",
        Field::OutputFormat => FORMATS,
        Field::ExportId => EXPORT_ID,
        Field::Named(_) => "see --help",
    };
    fixed.into()
}

const ENCRYPTIONS: &str = "give SSE_KMS, SSE_S3 or NO_ENCRYPTION";
const FORMATS: &str = "give ION_TEXT, ION_BINARY or JSON";

fn instead(field: Field, kind: Kind, value: &str) -> Cow<'static, str> {
    let fixed = match (field, kind) {
        (Field::Bucket, _) => return bucket(value),
        (Field::Ledger, _) => "give the ledger's name, such as vehicle-registration",
        (Field::Start, Kind::StartNotBeforeEnd) => "move the start back or the end forward",
        (Field::End, Kind::EndInFuture) => "give now, or an earlier time",
        (Field::Start | Field::End, _) => TIME,
        (Field::Last, _) => LENGTH,
        (Field::Prefix, Kind::TooLong) => "shorten it",
        (Field::Prefix, Kind::Control) => "take them out",
        (Field::Prefix, _) => "name the folder itself, such as nightly/",
        (Field::Encryption, _) => ENCRYPTIONS,
        (Field::KmsKeyArn, Kind::KeyNotAllowed) => "leave it out, or use --encryption SSE_KMS",
        (Field::KmsKeyArn, _) => "give it as arn:aws:kms:REGION:123456789012:key/ID",
        (Field::RoleArn, _) => "give it as arn:aws:iam::123456789012:role/NAME",
        (Field::OutputFormat, _) => FORMATS,
        (Field::ExportId, _) => EXPORT_ID,
        (Field::Named(_), _) => "see --help",
    };
    fixed.into()
}

/// An S3 address in place of a name means the bucket in it.
fn bucket(value: &str) -> Cow<'static, str> {
    let bare = value.strip_prefix("s3://").or_else(|| value.strip_prefix("arn:aws:s3:::"));
    match bare.map(|rest| BucketName::parse(rest.split('/').next().unwrap_or(rest))) {
        Some(Ok(bucket)) => format!("give the bucket's name alone: {bucket}").into(),
        _ => "give the name of an S3 bucket, such as my-exports".into(),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use super::*;

    #[test]
    fn the_bucket_inside_an_address_is_named() {
        let fault = BucketName::parse("s3://my-exports/nightly/").unwrap_err();
        assert!(message(&fault).ends_with(": give the bucket's name alone: my-exports"), "{}", message(&fault));
        let fault = BucketName::parse("s3://My_Exports").unwrap_err();
        assert!(message(&fault).ends_with("such as my-exports"), "{}", message(&fault));
    }

    /// Suffixes of bucket names that S3 reserves; they are not flags.
    const NOT_FLAGS: [&str; 3] = ["--ol-s3", "--x-s3", "--table-s3"];

    /// Words with which a remedy after a rule begins.
    const REMEDIES: [&str; 15] = [
        ": add ",
        ": choose ",
        ": convert ",
        ": delete ",
        ": export ",
        ": fetch ",
        ": give ",
        ": import ",
        ": leave ",
        ": put ",
        ": remove ",
        ": set ",
        ": try ",
        ": unpack ",
        ": use ",
    ];

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                sources(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }

    fn names_flag(line: &str) -> bool {
        let mut words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        words.any(|word| {
            let flag = word.strip_prefix("--").and_then(|name| name.chars().next());
            flag.is_some_and(|first| first.is_ascii_lowercase()) && !NOT_FLAGS.contains(&word)
        })
    }

    #[test]
    fn messages_of_libraries_name_no_flag_and_no_remedy() {
        let mut files = Vec::new();
        for entry in fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("crates")).unwrap() {
            sources(&entry.unwrap().path().join("src"), &mut files);
        }
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/client"), &mut files);
        assert!(files.len() > 100);
        for file in files {
            let text = fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
                assert!(!names_flag(line), "a flag in {}: {line}", file.display());
                let remedy = REMEDIES.iter().find(|begin| line.contains(*begin) && line.contains('"'));
                assert_eq!(remedy, None, "a remedy in {}: {line}", file.display());
            }
        }
    }
}
