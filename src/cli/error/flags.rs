//! The flag behind each field of a request, and what to type instead where the
//! library's own remedy does not know the command line.

use std::borrow::Cow;

use crate::cli::global::typed::Typed;
use qldb_journal::request::{Fault, Faults, Field, Kind};

/// Where the id of an export is to be had.
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

/// A fault in the words of somebody who types flags. One that the command line finds itself, with a remedy of its own,
/// is of [`Field::Named`].
pub(crate) fn told(fault: &Fault) -> String {
    let name = fault.called.as_deref().unwrap_or(of(fault.field));
    let remedy: Cow<'_, str> = match (fault.field, fault.kind) {
        (Field::Start, Kind::Missing) => {
            format!("say where the range begins, such as {name} yesterday or --last 24h").into()
        }
        (Field::End, Kind::Missing) => format!("say where the range ends, such as {name} now").into(),
        (Field::KmsKeyArn, Kind::KeyNotAllowed) => "leave it out, or use --encryption SSE_KMS".into(),
        (Field::ExportId, Kind::Malformed) => EXPORT_ID.into(),
        _ => fault.remedy.as_str().into(),
    };
    fault.told(name, &remedy)
}

/// Faults under the names of flags that were typed, and, of what is missing, under the names that go with those.
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
