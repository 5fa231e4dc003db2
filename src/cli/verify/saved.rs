//! Checks saved responses of GetBlock and GetRevision against a digest.

use std::path::Path;

use serde_json::{Value, json};

use super::json_report;
use super::text_report;
use crate::archive::verify::{Kind, ProofReport, SavedAnswer, SavedDigest, Status, check_saved};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::request::{Fault, Faults, Field};

/// Checks what was given, prints what it proves, and tells the worst.
pub(super) fn run(
    context: &Context,
    block: Option<&Path>,
    revision: Option<&Path>,
    digest: &SavedDigest,
) -> Result<Status, CliError> {
    let given = [(SavedAnswer::Block, "--block", block), (SavedAnswer::Revision, "--revision", revision)];
    let mut worst = Status::Proved;
    for (answer, flag, path) in given {
        let Some(path) = path else { continue };
        let name = path.display().to_string();
        let json = std::fs::read_to_string(path).map_err(|source| CliError::File { path: path.to_owned(), source })?;
        let report = check_saved(answer, &name, &json, digest).map_err(|error| {
            let remedy = "give the response as the AWS CLI printed it";
            Faults::from(Fault::malformed(Field::Flag(flag), &name, format!("can't be checked: {error}"), remedy))
        })?;
        let status = status(&report);
        if context.printer.is_json() {
            context.printer.json(&as_json(&name, status, &report))?;
        } else {
            context.printer.result(&as_text(&name, status, &report, digest))?;
        }
        worst = worst.max(status);
    }
    Ok(worst)
}

fn status(report: &ProofReport) -> Status {
    match report.breaks.iter().any(|one| one.kind != Kind::Doubtful) {
        true => Status::Damaged,
        false if report.breaks.is_empty() && report.content_proved => Status::Proved,
        false => Status::Unproved,
    }
}

fn word(answer: SavedAnswer) -> &'static str {
    match answer {
        SavedAnswer::Block => "block",
        SavedAnswer::Revision => "revision",
    }
}

fn as_json(name: &str, status: Status, report: &ProofReport) -> Value {
    json!({
        "verdict": status.as_str(),
        "answer": word(report.answer),
        "file": name,
        "sequenceNo": report.sequence_no,
        "breaks": report.breaks.iter().map(json_report::of_break).collect::<Vec<_>>(),
    })
}

fn as_text(name: &str, status: Status, report: &ProofReport, digest: &SavedDigest) -> String {
    let place = report.sequence_no.map(|number| format!(" of block {number}")).unwrap_or_default();
    let subject = match report.answer {
        SavedAnswer::Block => format!("the block{}", place.trim_start_matches(" of block")),
        SavedAnswer::Revision => format!("the revision{place}"),
    };
    let tip = digest.tip;
    let mut lines = vec![match status {
        Status::Proved => format!("proved: {subject} in {name} belongs to the journal with this digest at block {tip}"),
        Status::Unproved => format!(
            "unproved: {subject} in {name} has its place under the digest at block {tip}, but its content can't be hashed"
        ),
        _ => format!("{}: {subject} in {name}", status.as_str()),
    }];
    lines.extend(report.breaks.iter().map(|one| format!("  {}", text_report::of_break(one))));
    lines.join("\n")
}
