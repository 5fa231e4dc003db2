//! What is wrong with the archive, what can't be proved about it and why, and what was left out or
//! accepted.

use super::super::text_report;
use super::document::{Part, Section, Table};
use crate::cli::output::breaks;
use crate::cli::output::text;
use qldb_journal::archive::verify::{NOT_COVERED, Report};

/// Every break, if there is one.
pub(super) fn breaks<'a>(report: &Report) -> Option<Section<'a>> {
    if report.breaks.is_empty() {
        return None;
    }
    let mut lines: Vec<String> = report.breaks.iter().map(breaks::line).collect();
    if report.breaks.omitted() > 0 {
        lines.push(format!("and {} more, which are counted and not listed", report.breaks.omitted()));
    }
    let counted = format!("{}, in the order of the archive:", text::count(report.breaks.count(), "place"));
    let parts = vec![Part::Paragraph(counted), Part::List(lines)];
    Some(Section { id: "breaks", title: "What is wrong or doubtful", parts })
}

/// What is not proved even if everything that can be is.
pub(super) fn unproved<'a>(report: &Report) -> Section<'a> {
    let truth = "Whether what was written was true, and who wrote it, no archive can show. Beyond that, Amazon QLDB's \
                 hashes do not cover everything that an export holds:";
    let mut parts = vec![Part::Paragraph(truth.to_owned()), Part::Table(not_covered(&NOT_COVERED))];
    if report.asked.reads_content() {
        parts.push(Part::Heading("Contents of which only a hash is there".to_owned()));
        parts.push(Part::Paragraph(format!("Revisions: {}.", text_report::revisions(report.counts))));
        parts.push(Part::Paragraph(format!("Entries: {}.", text_report::entries(&report.counts))));
    }
    parts.extend(accepted(report).into_iter().flatten());
    parts.extend(passed_over(report).into_iter().flatten());
    if !report.notes.is_empty() {
        parts.push(Part::Heading("Notes, which speak against nothing".to_owned()));
        parts.push(Part::List(report.notes.iter().map(text_report::note).collect()));
    }
    Section { id: "limits", title: "What is not proved, and why", parts }
}

/// What no hash covers, as a table.
pub(super) fn not_covered(fields: &[(&'static str, &'static str, &'static str)]) -> Table {
    let rows = fields.iter().map(|(place, what, speaks)| vec![(*place).into(), (*what).into(), (*speaks).into()]);
    Table {
        caption: "What no hash covers".to_owned(),
        head: vec!["In", "What", "What still speaks for it"],
        rows: rows.collect(),
    }
}

fn accepted<'a>(report: &Report) -> Option<[Part<'a>; 2]> {
    let named = [
        (
            report.accepted.hash_only_blocks,
            "hash-only-blocks: blocks that hold hashes alone. They cannot be distinguished from blocks whose contents were taken \
             away.",
        ),
        (
            report.accepted.redactions_elsewhere,
            "redactions-elsewhere: revisions with the hash of their data in its place, more than the archive names as \
             redacted. They cannot be distinguished from data that were taken away.",
        ),
    ];
    let lines: Vec<String> =
        named.iter().filter(|(is_accepted, _)| *is_accepted).map(|(_, what)| (*what).to_owned()).collect();
    let heading = "Accepted by name by the person who ran this".to_owned();
    (!lines.is_empty()).then_some([Part::Heading(heading), Part::List(lines)])
}

/// Files that belong to no export, which are neither proved nor damage.
fn passed_over<'a>(report: &Report) -> Option<[Part<'a>; 2]> {
    let strangers = &report.strangers;
    if strangers.count == 0 {
        return None;
    }
    let more = strangers.count.saturating_sub(strangers.listed.len() as u64);
    let more = if more > 0 { format!("; {more} more are not listed") } else { String::new() };
    let rows = strangers.listed.iter().map(|one| vec![one.key.clone().into(), one.what.into()]);
    let caption = format!("{} passed over{more}", text::count(strangers.count, "file"));
    let table = Table { caption, head: vec!["File", "What it is"], rows: rows.collect() };
    Some([Part::Heading("Files that can be no part of an export".to_owned()), Part::Table(table)])
}
