//! The receipt: everything that someone else needs to repeat a verification.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::path::PathBuf;

use clap::ValueEnum as _;
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
use qldb_journal::archive::verify::{CheckedObject, Report};
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
pub(super) fn write(file: &OutputFile, receipt: &Value) -> Result<(), CliError> {
    let unwritten = |error: serde_json::Error| CliError::System(format!("the receipt cannot be written: {error}"));
    let mut text = serde_json::to_vec_pretty(receipt).map_err(unwritten)?;
    text.push(b'\n');
    file.write(&text)
}

/// The receipt of a verification.
pub(super) fn of(proof: &Proof<'_>) -> Value {
    let tool = json!({
        "name": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        // If the system does not reveal it, the version has to suffice.
        "sha256": own_sha256().ok(),
    });
    json!({
        "receipt": KIND,
        "format": FORMAT,
        "tool": tool,
        "verifiedAt": iso_8601(time::now()),
        "paths": proof.inputs.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
        "ledger": proof.asked.ledger,
        "export": proof.asked.export,
        "accepted": proof.asked.accept.iter().filter_map(Acceptable::to_possible_value).map(|one| one.get_name().to_owned()).collect::<Vec<_>>(),
        "levelsAskedFor": proof.report.map(|report| report.asked.to_string()),
        "digestGiven": proof.given.map(GivenDigest::json),
        "answers": proof.answers.iter().map(answer).collect::<Vec<_>>(),
        "manifests": proof.report.map(|report| manifests(report, proof.stores)).unwrap_or_default(),
        "objects": proof.report.map(|report| objects(report, proof.stores)).unwrap_or_default(),
        "report": proof.report.map(|report| json_report::of(report, proof.given, proof.stores)),
    })
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

/// Every data object with its size and its SHA-256, as `sha256sum` prints it; without SHA-256 if no level reads
/// objects.
fn objects(report: &Report, stores: &Stores) -> Vec<Value> {
    let id = |index: &usize| report.exports.get(*index).map(|export| export.id.as_str());
    if report.examined.is_empty() {
        return listed(report).into_iter().map(|(file, exports)| object(file, &exports, None, None)).collect();
    }
    let examined = report.examined.iter();
    examined
        .map(|one| {
            let exports: Vec<&str> = one.exports.iter().filter_map(id).collect();
            object(&one.object.file, &exports, Some(&one.checked), stores.get(&one.object.file))
        })
        .collect()
}

/// Every existing object that the exports list, once, with all exports that list it.
fn listed(report: &Report) -> Vec<(&FileRef, Vec<&str>)> {
    let mut listed: Vec<(&FileRef, Vec<&str>)> = Vec::new();
    let mut places: HashMap<(usize, &str), usize> = HashMap::new();
    for export in &report.exports {
        for file in export.objects.iter().map(|object| &object.file) {
            let place = *places.entry((file.source, file.found.key.as_str())).or_insert(listed.len());
            match listed.get_mut(place) {
                Some((_, exports)) => exports.push(&export.id),
                None => listed.push((file, vec![export.id.as_str()])),
            }
        }
    }
    listed
}

fn object(file: &FileRef, exports: &[&str], checked: Option<&CheckedObject>, stored: Option<&Stored>) -> Value {
    let span = checked.and_then(|checked| checked.span.as_ref());
    json!({
        "key": file.found.key,
        "path": file.source,
        "exports": exports,
        "bytes": file.found.size,
        "sha256": checked.and_then(|checked| checked.sha256.as_ref()),
        "firstSequenceNo": span.map(|span| span.first),
        "lastSequenceNo": span.map(|span| span.last),
        "firstPreviousBlockHash": span.and_then(|span| span.first_previous).map(Hash::to_base64),
        "lastBlockHash": span.map(|span| span.last_hash.to_base64()),
        "versionId": stored.and_then(|stored| stored.version_id.as_ref()),
        "lock": locks::lock(stored),
    })
}
