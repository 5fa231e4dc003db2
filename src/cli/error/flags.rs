//! The flag behind each field of a request, and what to type instead where the
//! library's own remedy does not know the command line.

use qldb_journal::request::{Fault, Field, Kind};

/// Where the id of an export is to be had.
pub(crate) const EXPORT_ID: &str = "give the id that `start` printed, or look it up with `list`";

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
    let remedy = match (fault.field, fault.kind) {
        (Field::Start, Kind::Missing) => "say where the range begins, such as --from yesterday or --last 24h",
        (Field::End, Kind::Missing) => "say where the range ends, such as --until now",
        (Field::KmsKeyArn, Kind::KeyNotAllowed) => "leave it out, or use --encryption SSE_KMS",
        (Field::ExportId, Kind::Malformed) => EXPORT_ID,
        _ => &fault.remedy,
    };
    fault.told(of(fault.field), remedy)
}
