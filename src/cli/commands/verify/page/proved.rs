//! The levels: what each one shows, and its result.

use super::super::text_report;
use super::document::{Element, Section, Table, Words};
use qldb_journal::archive::verify::{Level, Report};

/// Every level, whether or not it was asked for.
pub(super) fn levels<'a>(report: &Report) -> Section<'a> {
    let rows = report.levels.iter().map(|level| {
        let why = level.reason.clone().or_else(|| text_report::scope(report, level)).unwrap_or_default();
        vec![level.level.as_str().into(), Words::Outcome(level.status), shows(level.level).into(), why.into()]
    });
    let mut rows: Vec<Vec<Words>> = rows.collect();
    let mut head = vec!["Level", "Result", "What it shows", "Why, or how far"];
    if rows.iter().all(|row| row.last().is_none_or(|why| why.text().is_empty())) {
        rows.iter_mut().for_each(|row| drop(row.pop()));
        head.pop();
    }
    let table = Table { caption: "Each level by itself".to_owned(), head, rows };
    let asked = "A level that was not asked for is not proved, but nothing was found against it either.";
    Section {
        id: "proved",
        title: "What was proved",
        parts: vec![Element::Table(table), Element::Paragraph(asked.to_owned())],
    }
}

fn shows(level: Level) -> &'static str {
    match level {
        Level::Objects => "the manifests, the files that they list, and the block numbers in the files' names agree",
        Level::Blocks => "the hash of each block follows from the entries that the block states",
        Level::Contents => "each revision of a document and each transaction hashes to what its block states",
        Level::Chain => "each block names the one before it by its hash, without a gap, across all exports",
        Level::Digest => "the whole journal, from block 0, hashes to a digest that was saved elsewhere",
        _ => "",
    }
}
