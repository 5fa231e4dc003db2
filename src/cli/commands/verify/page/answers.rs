//! The saved responses of GetBlock and GetRevision that were checked.

use super::super::saved::Answer;
use super::document::{Part, Section, Words};
use super::limits;
use crate::cli::output::breaks;

/// Each response with its result, if there is one.
pub(super) fn section<'a>(answers: &[Answer]) -> Option<Section<'a>> {
    let parts: Vec<Part<'_>> = answers.iter().flat_map(parts).collect();
    (!parts.is_empty()).then_some(Section { id: "answers", title: "Saved answers", parts })
}

fn parts<'a>(answer: &Answer) -> Vec<Part<'a>> {
    let bytes = ("Bytes", Words::Number(answer.bytes));
    let hash = ("SHA-256", Words::Exact(answer.sha256.to_hex()));
    let fields = answer.fields().into_iter().map(|(name, value)| (name, Words::Plain(value)));
    let mut parts = vec![Part::Heading(answer.name.clone()), Part::Paragraph(answer.verdict())];
    let breaks: Vec<String> = answer.report.breaks.iter().map(breaks::line).collect();
    parts.extend((!breaks.is_empty()).then_some(Part::List(breaks)));
    parts.push(Part::Fields(fields.chain([bytes, hash]).collect()));
    parts.push(Part::Table(limits::not_covered(&answer.not_covered())));
    parts
}
