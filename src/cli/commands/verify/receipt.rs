//! The receipt: everything that someone else needs to repeat a verification.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

use clap::ValueEnum as _;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::{Value, json};

use super::Acceptable;
use super::given::GivenDigest;
use super::json_report;
use super::locks::{self, Stores};
use super::saved::CheckedResponse;
use crate::cli::error::CliError;
use crate::cli::output::output_file::OutputFile;
use crate::client::iso_8601;
use qldb_journal::Hash;
use qldb_journal::archive::find::FileRef;
use qldb_journal::archive::source::Stored;
use qldb_journal::archive::verify::{ObjectSummary, Report};
use qldb_journal::internal::sha256::HashingReader;
use qldb_journal::request::time;

/// The format of the receipt. It is raised when a member changes its meaning; format 2 was the first with everything
/// that is needed to repeat the verification.
pub(super) const FORMAT: u32 = 2;

/// The value by which the file identifies itself.
pub(super) const KIND: &str = "qldb-export verify";

/// What was asked about the archive, besides levels and digest.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selection<'a> {
    /// Only exports of this ledger.
    pub(crate) ledger: Option<&'a str>,
    /// Only this export.
    pub(crate) export: Option<&'a str>,
    /// The exceptions that were accepted.
    pub(crate) accept: &'a [Acceptable],
}

/// What a receipt covers.
pub(crate) struct Proof<'a> {
    pub(crate) asked: Selection<'a>,
    pub(crate) inputs: &'a [PathBuf],
    /// The digest that was given.
    pub(crate) given: Option<&'a GivenDigest>,
    /// The saved responses that were checked.
    pub(crate) answers: &'a [CheckedResponse],
    /// The report on the archive, if one was given.
    pub(crate) report: Option<&'a Report>,
    /// How S3 protects what was read.
    pub(crate) stores: &'a Stores,
}

/// Writes the receipt, as a whole or not at all.
pub(super) fn write(file: &OutputFile, receipt: &impl Serialize) -> Result<(), CliError> {
    file.write_with(|out| {
        let mut out = BufWriter::new(out);
        serde_json::to_writer_pretty(&mut out, receipt)?;
        out.write_all(b"\n")?;
        out.flush()
    })
}

/// The receipt of a verification.
pub(super) fn of(proof: &Proof<'_>) -> Result<Value, CliError> {
    let unmade = |error: serde_json::Error| CliError::System(format!("the receipt cannot be made: {error}"));
    serde_json::to_value(Receipt(proof)).map_err(unmade)
}

/// The receipt of a verification, which is generated while it is written: an archive may have millions of objects.
pub(super) struct Receipt<'a>(pub(super) &'a Proof<'a>);

impl Serialize for Receipt<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Proof { asked, inputs, given, answers, report, stores } = *self.0;
        let tool = json!({
            "name": env!("CARGO_PKG_NAME"),
            "version": env!("CARGO_PKG_VERSION"),
            // If the system does not reveal it, the version has to suffice.
            "sha256": own_sha256().ok(),
        });
        let accepted = asked.accept.iter().filter_map(Acceptable::to_possible_value);
        let mut members = serializer.serialize_map(None)?;
        members.serialize_entry("receipt", KIND)?;
        members.serialize_entry("format", &FORMAT)?;
        members.serialize_entry("tool", &tool)?;
        members.serialize_entry("verifiedAt", &iso_8601(time::now()))?;
        let paths = inputs.iter().map(|path| path.display().to_string());
        members.serialize_entry("paths", &paths.collect::<Vec<_>>())?;
        members.serialize_entry("ledger", &asked.ledger)?;
        members.serialize_entry("export", &asked.export)?;
        members.serialize_entry("accepted", &accepted.map(|one| one.get_name().to_owned()).collect::<Vec<_>>())?;
        members.serialize_entry("levelsAskedFor", &report.map(|report| report.asked.to_string()))?;
        members.serialize_entry("digestGiven", &given.map(GivenDigest::json))?;
        members.serialize_entry("answers", &answers.iter().map(answer).collect::<Vec<_>>())?;
        members.serialize_entry("manifests", &report.map(|report| manifests(report, stores)).unwrap_or_default())?;
        members.serialize_entry("objects", &Objects(report, stores))?;
        members.serialize_entry("report", &report.map(|report| json_report::of(report, given, stores)))?;
        members.end()
    }
}

/// Every data object with its size and its SHA-256, as `sha256sum` prints it; without the SHA-256 if no level reads
/// objects.
struct Objects<'a>(Option<&'a Report>, &'a Stores);

impl Serialize for Objects<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(report, stores) = self;
        let objects = report.iter().flat_map(|report| {
            let exports = |exports: &[usize]| -> Vec<&str> {
                let found = exports.iter().filter_map(|index| report.exports.get(*index));
                found.map(|export| export.id.as_str()).collect()
            };
            let examined = report.examined().map(move |one| {
                let file = &one.object.file;
                object(file, &exports(one.exports), Some(&one.checked), stores.get(file))
            });
            let is_read = report.examined().next().is_some();
            let listed = report.listed().filter(move |_| !is_read);
            let listed = listed.map(move |(one, by)| object(&one.file, &exports(by), None, None));
            examined.chain(listed)
        });
        serializer.collect_seq(objects)
    }
}

/// The SHA-256 of the program's own file.
fn own_sha256() -> io::Result<String> {
    let (_, hash) = HashingReader::new(File::open(std::env::current_exe()?)?).finish()?;
    Ok(hash.to_hex())
}

/// A saved response with its size, its SHA-256, and its result.
fn answer(answer: &CheckedResponse) -> Value {
    json!({
        "file": answer.name,
        "bytes": answer.bytes,
        "sha256": answer.sha256.to_hex(),
        "report": answer.json(),
    })
}

/// Every manifest with its size and its SHA-256.
fn manifests(report: &Report, stores: &Stores) -> Vec<Value> {
    let manifests = report.exports.iter().flat_map(|export| &export.manifests);
    let listed = |(file, hash): &(FileRef, Hash)| {
        let kept = stores.get(file);
        json!({
            "key": file.found.key,
            "path": file.source,
            "bytes": file.found.size,
            "sha256": hash.to_hex(),
            "versionId": kept.and_then(|kept| kept.version_id.as_ref()),
            "lock": locks::lock(kept),
        })
    };
    manifests.map(listed).collect()
}

fn object(file: &FileRef, exports: &[&str], checked: Option<&ObjectSummary>, stored: Option<&Stored>) -> Value {
    let ends = checked.and_then(|checked| checked.ends.as_ref());
    json!({
        "key": file.found.key,
        "path": file.source,
        "exports": exports,
        "bytes": file.found.size,
        "sha256": checked.and_then(|checked| checked.sha256).map(Hash::to_hex),
        "firstSequenceNo": ends.map(|ends| ends.first),
        "lastSequenceNo": ends.map(|ends| ends.last),
        "firstPreviousBlockHash": ends.and_then(|ends| ends.first_previous).map(Hash::to_base64),
        "lastBlockHash": ends.map(|ends| ends.last_hash.to_base64()),
        "versionId": stored.and_then(|stored| stored.version_id.as_ref()),
        "lock": locks::lock(stored),
    })
}
