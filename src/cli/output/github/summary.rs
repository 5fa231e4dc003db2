//! The summary of a step, in Markdown: text from outside is shown literally, and none of it is read
//! as Markdown or HTML. For [`super::step`] alone.

use std::fmt::Write;

use serde_json::Value;

use super::known::{Collected, Export, Verdict, text};
use crate::cli::output::text::{count, one_line, size};

/// A summary is an overview; the rest is in the log.
pub(super) const MOST_ROWS: usize = 50;

/// What a step did and how it ended; empty if there is nothing to report.
pub(super) fn of(known: &Collected, end: &Value) -> String {
    let mut sections = Vec::new();
    if !known.exports.is_empty() {
        sections.push(exports(&known.exports));
    }
    sections.extend(known.verdict.as_ref().map(|verdict| proof(verdict, known)));
    if let Some(error) = end["error"].as_str() {
        sections.push(format!("### Exit code {}\n\n{}", end["exitCode"], quoted(error)));
    }
    sections.iter().fold(String::new(), |all, section| all + section + "\n\n")
}

fn exports(exports: &[Export]) -> String {
    let rows = exports.iter().map(|export| {
        let range = format!("{} to {}", export.from, export.until);
        let [blocks, objects, bytes] = export.written;
        let numbers = [blocks.map(|n| n.to_string()), objects.map(|n| n.to_string()), bytes.map(size)];
        let mut cells = vec![export.id.clone(), export.status.clone().unwrap_or_default(), export.ledger.clone()];
        cells.extend([range, export.destination.clone()]);
        cells.extend(numbers.map(Option::unwrap_or_default));
        cells
    });
    let names = ["Export", "Status", "Ledger", "Commit times", "Destination", "Blocks", "Objects", "Size"];
    let title = if exports.len() == 1 { "Export" } else { "Exports" };
    let omitted = exports.len().saturating_sub(MOST_ROWS);
    format!("### {title}\n\n{}{}", table(&names, rows.take(MOST_ROWS)), more(omitted, "export"))
}

fn proof(verdict: &Verdict, known: &Collected) -> String {
    let span = verdict.span.as_ref();
    let span = span.map(|(first, last)| format!(", committed from {} to {}", escaped(first), escaped(last)));
    let blocks = count(verdict.blocks, "block");
    let levels = verdict.levels.iter().map(|(level, status)| vec![level.clone(), status.clone()]);
    let mut section = format!("### Verdict: {}\n\n{blocks}{}\n\n", escaped(&verdict.outcome), span.unwrap_or_default());
    section += &table(&["Level", "Result"], levels);
    if !known.findings.is_empty() {
        let rows = known.findings.iter().map(|finding| {
            let block = finding["sequenceNo"].as_u64().map(|number| number.to_string()).unwrap_or_default();
            let cells = ["problem", "field", "expected", "found"].map(|name| text(finding, name));
            [vec![text(finding, "key"), block], cells.to_vec()].concat()
        });
        let names = ["Object", "Block", "What is wrong", "Field", "Expected", "Found"];
        let _ = write!(section, "\n{}{}", table(&names, rows), more(known.more_findings, "finding"));
    }
    section
}

fn more(omitted: usize, what: &str) -> String {
    let omitted = u64::try_from(omitted).unwrap_or(u64::MAX);
    if omitted == 0 { String::new() } else { format!("\nAnd {} more.\n", count(omitted, what)) }
}

fn table(names: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut table = line(names.iter().map(|name| (*name).to_owned()).collect());
    table += &line(vec!["---".to_owned(); names.len()]);
    rows.for_each(|cells| table += &line(cells.iter().map(|cell| escaped(cell)).collect()));
    table
}

/// Text in one line, in which nothing has a meaning in Markdown or HTML: punctuation is written as character
/// references, which start no table cell, link, code, tag or mention.
fn escaped(text: &str) -> String {
    one_line(text).chars().fold(String::new(), |mut escaped, character| {
        if character.is_ascii_punctuation() && !matches!(character, '-' | '.' | ',' | '/') {
            let _ = write!(escaped, "&#{};", u32::from(character));
        } else {
            escaped.push(character);
        }
        escaped
    })
}

/// Lines as they are, inside a fence that none of them can close.
fn quoted(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{text}\n{fence}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_markdown() {
        assert_eq!(escaped("a|b\n<i>`*"), "a&#124;b&#92;n&#60;i&#62;&#96;&#42;");
        assert_eq!(escaped("s3://b/p-1.ion"), "s3&#58;//b/p-1.ion");
        assert_eq!(quoted("a ```` b\n```"), "`````text\na ```` b\n```\n`````");
    }
}
