//! What is wrong with the archive, what can't be proved about it and why, and what was left out or
//! accepted.

use super::super::text_report;
use super::document::{Element, Section, Table};
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
        lines.push(format!("and {} more, which are counted but not listed", report.breaks.omitted()));
    }
    let counted = format!("{}, in the order of the archive:", text::count(report.breaks.count(), "place"));
    let parts = vec![Element::Paragraph(counted), Element::List(lines)];
    Some(Section { id: "breaks", title: "What is wrong or doubtful", parts })
}

/// What is not proved even if everything that can be is.
pub(super) fn unproved<'a>(report: &Report) -> Section<'a> {
    let truth = "No archive can show whether what was written was true, or who wrote it. Beyond that, Amazon QLDB's \
                 hashes do not cover everything in an export:";
    let mut parts = vec![Element::Paragraph(truth.to_owned()), Element::Table(not_covered(&NOT_COVERED))];
    if report.asked.reads_content() {
        parts.push(Element::Heading("Contents of which there is only a hash".to_owned()));
        parts.push(Element::Paragraph(format!("Revisions: {}.", text_report::revisions(report.counts))));
        parts.push(Element::Paragraph(format!("Entries: {}.", text_report::entries(&report.counts))));
    }
    parts.extend(accepted(report).into_iter().flatten());
    parts.extend(passed_over(report).into_iter().flatten());
    if !report.notes.is_empty() {
        parts.push(Element::Heading("Notes, which do not count against the archive".to_owned()));
        parts.push(Element::List(report.notes.iter().map(text_report::note).collect()));
    }
    Section { id: "limits", title: "What is not proved, and why", parts }
}

/// What no hash covers, as a table.
pub(super) fn not_covered(fields: &[(&'static str, &'static str, &'static str)]) -> Table {
    let rows = fields.iter().map(|(place, what, speaks)| vec![(*place).into(), (*what).into(), (*speaks).into()]);
    Table {
        caption: "What no hash covers".to_owned(),
        head: vec!["In", "What", "Other evidence"],
        rows: rows.collect(),
    }
}

fn accepted<'a>(report: &Report) -> Option<[Element<'a>; 2]> {
    let named = [
        (
            report.accepted.hash_only_blocks,
            "hash-only-blocks: blocks that hold only hashes. They can't be told apart from blocks whose contents were \
             removed.",
        ),
        (
            report.accepted.redactions_elsewhere,
            "redactions-elsewhere: more revisions with the hash of their data in its place than the archive names as \
             redacted. They can't be told apart from revisions whose data was removed.",
        ),
    ];
    let lines: Vec<String> =
        named.iter().filter(|(is_accepted, _)| *is_accepted).map(|(_, what)| (*what).to_owned()).collect();
    let heading = "Accepted explicitly by the person who ran this".to_owned();
    (!lines.is_empty()).then_some([Element::Heading(heading), Element::List(lines)])
}

/// Files that belong to no export, which are neither proved nor damage.
fn passed_over<'a>(report: &Report) -> Option<[Element<'a>; 2]> {
    let strangers = &report.strangers;
    if strangers.count == 0 {
        return None;
    }
    let more = strangers.count.saturating_sub(strangers.listed.len() as u64);
    let more = if more > 0 { format!("; {more} more are not listed") } else { String::new() };
    let rows = strangers.listed.iter().map(|one| vec![one.key.clone().into(), one.what.into()]);
    let caption = format!("{} skipped{more}", text::count(strangers.count, "file"));
    let table = Table { caption, head: vec!["File", "What it is"], rows: rows.collect() };
    Some([Element::Heading("Files that can't be part of an export".to_owned()), Element::Table(table)])
}
