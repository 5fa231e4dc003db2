//! What `prove` prints about the files that it wrote.

use serde_json::{Value, json};

use super::outcome::{DIGEST, Outcome, ProofFile, content};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::output::table::{Cell, Hue, Table};
use crate::cli::output::text;
use qldb_journal::archive::prove::Wanted;
use qldb_journal::archive::verify::Status;

/// Prints it.
pub(super) fn outcome(context: &Context, outcome: &Outcome<'_>) -> Result<(), CliError> {
    let printer = &context.printer;
    if let Some(beyond) = outcome.beyond() {
        let tip = outcome.digest.saved.tip;
        printer.caution(&format!("beyond the digest's tip, block {tip}, and therefore not written: {beyond}"));
    }
    if printer.is_json() {
        return Ok(printer.json(&machine(outcome))?);
    }
    printer.fields(&people(outcome))?;
    let rows = outcome.answers.iter().map(|written| {
        let hue = if written.answer.report.status() == Status::Proved { Hue::Good } else { Hue::Open };
        [Cell::new(&written.name), Cell::from(written.proved.sequence_no), Cell::new(&content(written)).hued(Some(hue))]
    });
    printer.result("")?;
    Ok(printer.table(&Table::new(["FILE", "BLOCK", "PROVED"]).wraps_last().rows(rows))?)
}

fn people(outcome: &Outcome<'_>) -> Vec<(&'static str, String)> {
    let count = outcome.answers.len() as u64;
    let mut fields = vec![("Written", outcome.out.display().to_string())];
    match outcome.wanted {
        Wanted::Block(number) => fields.push(("Block", number.to_string())),
        Wanted::Document { id, .. } => fields.push(("Document", format!("{id}, {}", text::count(count, "version")))),
    }
    if let Some(journal) = outcome.report.only_journal() {
        fields.push(("Archive", format!("blocks {} to {}, proved without gap", journal.first, journal.last)));
    }
    fields.push(("Digest", outcome.digest().described()));
    fields
}

fn machine(outcome: &Outcome<'_>) -> Value {
    let (document, block) = match outcome.wanted {
        Wanted::Block(number) => (None, Some(number)),
        Wanted::Document { id, .. } => (Some(id), None),
    };
    let journal = outcome.report.only_journal();
    json!({
        "out": outcome.out.display().to_string(),
        "verdict": outcome.report.verdict.as_str(),
        "documentId": document,
        "block": block,
        "firstSequenceNo": journal.map(|journal| journal.first),
        "lastSequenceNo": journal.map(|journal| journal.last),
        "digest": outcome.digest().json(),
        "digestFile": outcome.is_own.then_some(DIGEST),
        "files": outcome.answers.iter().map(file).collect::<Vec<_>>(),
        "beyondDigest": outcome
            .beyond
            .iter()
            .map(|one| json!({ "version": one.version, "sequenceNo": one.sequence_no }))
            .collect::<Vec<_>>(),
    })
}

fn file(written: &ProofFile) -> Value {
    let report = written.answer.json();
    let mut file = json!({ "file": written.name, "version": written.proved.version });
    for member in ["sequenceNo", "hash", "siblings", "verdict", "hashInJournal", "contentProved", "reason"] {
        file[member] = report[member].clone();
    }
    file
}
