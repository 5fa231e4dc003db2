//! What the archive contains: its span, its tables, redacted and deleted revisions, and every file.

use std::path::PathBuf;

use super::super::given::GivenDigest;
use super::super::locks::Stores;
use super::super::text_report;
use super::chart::Chart;
use super::document::{Element, Section, Table, Words};
use crate::cli::output::outline;
use crate::cli::output::text;
use qldb_journal::Hash;
use qldb_journal::archive::find::{DataObject, FileRef};
use qldb_journal::archive::verify::{ObjectSummary, Report};
use qldb_journal::internal::{NotableList, TableCounts};

/// What was read, in short.
pub(super) fn summary<'a>(report: &Report, known: (Option<&GivenDigest>, &Stores)) -> Section<'a> {
    let fields = text_report::summary(report, known, true).into_iter();
    let exact = |name: &str| ["Strand", "Tip hash"].contains(&name);
    let field = |(name, value): (&'static str, String)| {
        (name, if exact(name) { Words::Exact(value) } else { Words::Plain(value) })
    };
    let fields = fields.filter(|(name, _)| *name != "Verdict").map(field).collect();
    Section { id: "summary", title: "What was checked", parts: vec![Element::Fields(fields)] }
}

/// When the blocks were committed, as they state.
pub(super) fn over_time(report: &Report) -> Option<Section<'_>> {
    let ends = text_report::ends(report)?;
    let timeline = &report.outline.timeline;
    timeline.begin()?;
    let said = "According to the blocks' timestamps, which no hash covers.".to_owned();
    let parts = vec![Element::Paragraph(said), Element::Chart(Chart { timeline, ends })];
    Some(Section { id: "time", title: "Blocks over time", parts })
}

/// Documents and revisions by table.
pub(super) fn tables<'a>(report: &Report) -> Option<Section<'a>> {
    if report.outline.tables.is_empty() {
        return None;
    }
    let whole = report.is_whole();
    let row = |name: &str, counts: &TableCounts| {
        let documents = if whole { counts.existing() } else { counts.documents };
        vec![name.into(), documents.into(), counts.revisions.into(), counts.deleted.into(), counts.redacted.into()]
    };
    let named = report.outline.tables.named().iter().map(|(name, counts)| row(name, counts));
    let others = report.outline.tables.others().map(|counts| row(outline::OTHERS, counts));
    let (documents, caption) = if whole {
        ("Documents", "Documents that still exist, and what happened to them, as the blocks state it")
    } else {
        ("Inserted", "What happened in just these blocks, as they state it")
    };
    let head = vec!["Table", documents, "Revisions", "Deleted", "Redacted"];
    let table = Table { caption: caption.to_owned(), head, rows: named.chain(others).collect() };
    Some(Section { id: "tables", title: "Documents by table", parts: vec![Element::Table(table)] })
}

/// Redactions, deletions, and revisions without data, by document.
pub(super) fn revisions<'a>(report: &Report) -> Option<Section<'a>> {
    if !report.asked.reads_content() || report.blocks == 0 {
        return None;
    }
    let notable = &report.notable;
    let named = report.counts.redactions;
    let redacted = format!(
        "{} the hash of the data in its place. redactionInfo, which a hash covers, names {named} as redacted.",
        have(notable.redacted.count())
    );
    let deleted = format!(
        "{} a document, according to a statement that a hash covers. Their own metadata is not proved.",
        if notable.deleted.count() == 1 {
            "1 revision deletes".to_owned()
        } else {
            format!("{} revisions delete", notable.deleted.count())
        }
    );
    let mut parts = vec![Element::Paragraph(redacted)];
    parts.extend(listed(&notable.redacted, "Redacted revisions", report));
    parts.push(Element::Paragraph(deleted));
    parts.extend(listed(&notable.deleted, "Deletions", report));
    if notable.without_data.count() > 0 {
        let what = "no data, and no statement that a hash covers deletes their documents: their content is missing.";
        parts.push(Element::Paragraph(format!("{} {what}", have(notable.without_data.count()))));
        parts.extend(listed(&notable.without_data, "Revisions without data", report));
    }
    Some(Section { id: "revisions", title: "Redactions and deletions", parts })
}

fn have(revisions: u64) -> String {
    if revisions == 1 { "1 revision has".to_owned() } else { format!("{revisions} revisions have") }
}

fn listed<'a>(list: &NotableList, what: &str, report: &Report) -> Option<Element<'a>> {
    if list.count() == 0 {
        return None;
    }
    let more = list.count().saturating_sub(list.listed().len() as u64);
    let more = if more > 0 {
        format!(": the first {}; {more} more are not listed", list.listed().len())
    } else {
        String::new()
    };
    let several = report.journals.len() > 1;
    let rows = list.listed().map(|one| {
        let table = one.table.clone().unwrap_or_default();
        let version = one.version.map_or_else(|| "not stated".into(), Words::Number);
        let strand = several.then(|| Words::Exact(one.strand_id.clone()));
        let cells = [Words::Exact(one.document_id.clone()), version, one.sequence_no.into(), table.into()];
        cells.into_iter().chain(strand).collect()
    });
    let mut head = vec!["Document", "Version", "Block", "Table"];
    head.extend(several.then_some("Strand"));
    Some(Element::Table(Table { caption: format!("{what}{more}"), head, rows: rows.collect() }))
}

/// How many files a table lists; the receipt has all of them.
const MOST_FILES: usize = 10_000;

/// What a table of that many files says about those that it leaves out.
fn left_out(files: usize) -> String {
    match files.saturating_sub(MOST_FILES) {
        0 => String::new(),
        more => format!(": the first {MOST_FILES}; {more} more are in the receipt"),
    }
}

/// Every file that was read, with its size and its SHA-256.
pub(super) fn files<'a>(report: &Report, inputs: &[PathBuf]) -> Section<'a> {
    let place =
        |file: &FileRef| inputs.get(file.source).filter(|_| inputs.len() > 1).map(|path| path.display().to_string());
    let key = |file: &FileRef| match place(file) {
        Some(place) => Words::Exact(format!("{}/{}", place.trim_end_matches('/'), file.found.key)),
        None => Words::Exact(file.found.key.clone()),
    };
    let manifests: Vec<_> = report.exports.iter().flat_map(|export| &export.manifests).collect();
    let caption = format!("Manifests{}", left_out(manifests.len()));
    let manifests = manifests.into_iter().take(MOST_FILES);
    let manifests =
        manifests.map(|(file, hash)| vec![key(file), file.found.size.into(), Words::Exact(Hash::to_hex(*hash))]);
    let manifests = Table { caption, head: vec!["File", "Bytes", "SHA-256"], rows: manifests.collect() };
    let row = |object: &DataObject, checked: Option<ObjectSummary>| {
        let ends = checked.as_ref().and_then(|checked| checked.ends.as_ref());
        let blocks = ends.map_or_else(|| "not read".to_owned(), |ends| format!("{} to {}", ends.first, ends.last));
        let hash = checked.and_then(|checked| checked.sha256).map(Hash::to_hex);
        let hash = hash.map_or_else(|| "not read".into(), Words::Exact);
        vec![key(&object.file), object.file.found.size.into(), blocks.into(), hash]
    };
    let examined = report.examined().take(MOST_FILES);
    let mut rows: Vec<Vec<Words>> = examined.map(|one| row(one.object, Some(one.checked))).collect();
    if rows.is_empty() {
        // If no level requires it, objects are not opened.
        rows = report.listed().take(MOST_FILES).map(|(object, _)| row(object, None)).collect();
    }
    let (objects, bytes) = report.objects();
    let left_out = left_out(usize::try_from(objects).unwrap_or(usize::MAX));
    let caption = format!("{}, {}{left_out}", text::count(objects, "data object"), text::exact_size(bytes));
    let objects = Table { caption, head: vec!["File", "Bytes", "Blocks", "SHA-256"], rows };
    let places: Vec<String> = inputs.iter().map(|path| path.display().to_string()).collect();
    let said =
        format!("As they were read from {}. Each SHA-256 is what sha256sum prints for the file.", places.join(", "));
    Section {
        id: "files",
        title: "Every file",
        parts: vec![Element::Paragraph(said), Element::Table(manifests), Element::Table(objects)],
    }
}
