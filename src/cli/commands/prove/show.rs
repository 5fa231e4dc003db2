//! What `prove` says of what it wrote, on stdout.

use std::path::Path;

use serde_json::{Value, json};

use super::folder::{DIGEST, Written};
use crate::cli::commands::verify::given::GivenDigest;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::output::table::{Cell, Hue, Table};
use crate::cli::output::text;
use qldb_journal::archive::prove::{Beyond, Wanted};
use qldb_journal::archive::verify::{Report, SavedAnswer, Status};

/// What was proved, and what was written.
pub(super) struct Outcome<'a> {
    pub(super) wanted: &'a Wanted,
    /// What the archive came to.
    pub(super) report: &'a Report,
    pub(super) digest: &'a GivenDigest,
    /// Whether the digest is the archive's own.
    pub(super) is_own: bool,
    pub(super) answers: Vec<Written>,
    /// What the digest does not cover.
    pub(super) beyond: Vec<Beyond>,
    pub(super) out: &'a Path,
}

impl Outcome<'_> {
    /// What the digest is, with the place of the file where it was written.
    pub(super) fn digest(&self) -> GivenDigest {
        let source =
            if self.is_own { format!("{DIGEST}, made from the archive itself") } else { self.digest.source.clone() };
        GivenDigest { source, ..self.digest.clone() }
    }

    /// The versions that the digest does not cover, with their blocks.
    pub(super) fn beyond(&self) -> Option<String> {
        let told = |one: &Beyond| match one.version {
            Some(version) => format!("version {version} (block {})", one.sequence_no),
            None => format!("a version in block {}", one.sequence_no),
        };
        let told: Vec<String> = self.beyond.iter().take(MOST).map(told).collect();
        let more = if self.beyond.len() > MOST { ", …" } else { "" };
        (!told.is_empty()).then(|| format!("{}{more}", told.join(", ")))
    }
}

/// So many versions are named one by one.
const MOST: usize = 10;

/// What a file proves, in a few words.
pub(super) fn content(written: &Written) -> String {
    let report = &written.answer.report;
    match (report.content_proved, report.answer, report.counts.redacted) {
        (true, SavedAnswer::Block, _) => "the block, with all that its hashes cover".to_owned(),
        (true, SavedAnswer::Revision, 0) => "data and metadata".to_owned(),
        (true, SavedAnswer::Revision, _) => {
            "metadata and the hash of the data; the data are not there, as after a redaction".to_owned()
        }
        (false, ..) => format!("its hash alone: {}", report.reason.as_deref().unwrap_or_default()),
    }
}

/// Prints it.
pub(super) fn outcome(context: &Context, outcome: &Outcome<'_>) -> Result<(), CliError> {
    let printer = &context.printer;
    printer.made(&format!("{} was written", outcome.out.display()));
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
    fields.push(("Digest", outcome.digest().told()));
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

fn file(written: &Written) -> Value {
    let report = written.answer.json();
    let mut file = json!({ "file": written.name, "version": written.proved.version });
    for member in ["sequenceNo", "hash", "siblings", "verdict", "hashInJournal", "contentProved", "reason"] {
        file[member] = report[member].clone();
    }
    file
}
