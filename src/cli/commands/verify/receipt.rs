//! The receipt: everything that somebody else needs to repeat a verification.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::given::GivenDigest;
use super::json_report;
use super::saved::Answer;
use crate::cli::error::CliError;
use crate::cli::output::output_file::OutputFile;
use crate::client::iso_8601;
use qldb_journal::Hash;
use qldb_journal::archive::verify::Report;
use qldb_journal::request::time;

/// The form of the receipt. It rises when a member changes its meaning.
const FORMAT: u32 = 1;

/// What a receipt tells of.
pub(crate) struct Proof<'a> {
    pub(crate) inputs: &'a [PathBuf],
    /// The digest that was given.
    pub(crate) given: Option<&'a GivenDigest>,
    /// The saved answers that were checked.
    pub(crate) answers: &'a [Answer],
    /// What the archive came to, if one was given.
    pub(crate) report: Option<&'a Report>,
}

/// Writes the receipt whole, or not at all.
pub(super) fn write(file: &OutputFile, proof: &Proof<'_>) -> Result<(), CliError> {
    let unwritten = |error: serde_json::Error| CliError::System(format!("the receipt cannot be written: {error}"));
    let mut text = serde_json::to_vec_pretty(&of(proof)).map_err(unwritten)?;
    text.push(b'\n');
    file.write(&text)
}

/// What a receipt holds.
pub(super) fn of(proof: &Proof<'_>) -> Value {
    json!({
        "receipt": "qldb-export verify",
        "format": FORMAT,
        "tool": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
        "verifiedAt": iso_8601(time::now()),
        "paths": proof.inputs.iter().map(|path| path.display().to_string()).collect::<Vec<_>>(),
        "levelsAskedFor": proof.report.map(|report| report.asked.to_string()),
        "digestGiven": proof.given.map(GivenDigest::json),
        "answers": proof.answers.iter().map(answer).collect::<Vec<_>>(),
        "manifests": proof.report.map(manifests).unwrap_or_default(),
        "objects": proof.report.map(objects).unwrap_or_default(),
        "report": proof.report.map(|report| json_report::of(report, proof.given)),
    })
}

/// A saved answer with its size, its SHA-256, and what it came to.
fn answer(answer: &Answer) -> Value {
    json!({
        "file": answer.name,
        "bytes": answer.bytes,
        "sha256": answer.sha256.to_hex(),
        "report": answer.json(),
    })
}

/// Every manifest with its size and its SHA-256.
fn manifests(report: &Report) -> Vec<Value> {
    let manifests = report.exports.iter().flat_map(|export| &export.manifests);
    let told = |(file, hash): &(qldb_journal::archive::find::FileRef, Hash)| json!({ "key": file.found.key, "bytes": file.found.size, "sha256": hash.to_hex() });
    manifests.map(told).collect()
}

/// Every data object with its size and its SHA-256, as `sha256sum` prints it.
fn objects(report: &Report) -> Vec<Value> {
    report
        .examined
        .iter()
        .map(|one| {
            let span = one.checked.span.as_ref();
            json!({
                "key": one.object.file.found.key,
                "exports": one.exports.iter().map(|index| &report.exports[*index].id).collect::<Vec<_>>(),
                "bytes": one.object.file.found.size,
                "sha256": one.checked.sha256,
                "firstSequenceNo": span.map(|span| span.first),
                "lastSequenceNo": span.map(|span| span.last),
                "firstPreviousBlockHash": span.and_then(|span| span.first_previous).map(Hash::to_base64),
                "lastBlockHash": span.map(|span| span.last_hash.to_base64()),
            })
        })
        .collect()
}
