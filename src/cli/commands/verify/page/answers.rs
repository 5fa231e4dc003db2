//! The saved responses of GetBlock and GetRevision that were checked.

use super::super::saved::CheckedResponse;
use super::document::{Element, Section, Words};
use super::limits;
use crate::cli::output::breaks;

/// Each response with its result, if there is one.
pub(super) fn section<'a>(answers: &[CheckedResponse]) -> Option<Section<'a>> {
    let parts: Vec<Element<'_>> = answers.iter().flat_map(parts).collect();
    (!parts.is_empty()).then_some(Section { id: "answers", title: "Saved answers", parts })
}

fn parts<'a>(answer: &CheckedResponse) -> Vec<Element<'a>> {
    let bytes = ("Bytes", Words::Number(answer.bytes));
    let hash = ("SHA-256", Words::Exact(answer.sha256.to_hex()));
    let fields = answer.fields().into_iter().map(|(name, value)| (name, Words::Plain(value)));
    let mut parts = vec![Element::Heading(answer.name.clone()), Element::Paragraph(answer.verdict())];
    let breaks: Vec<String> = answer.report.breaks.iter().map(breaks::line).collect();
    parts.extend((!breaks.is_empty()).then_some(Element::List(breaks)));
    parts.push(Element::Fields(fields.chain([bytes, hash]).collect()));
    parts.push(Element::Table(limits::not_covered(&answer.not_covered())));
    parts
}
