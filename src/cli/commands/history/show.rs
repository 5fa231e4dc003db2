//! How a document's versions are shown.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{basis, completeness};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::output::table::{Cell, Hue, Table, Yield};
use crate::cli::output::text;
use qldb_journal::archive::verify::{Report, Status};
use qldb_journal::request::time;
use qldb_tables::{Change, Document, Leaf, Version, changes, leaves};

/// Prints documents one after the other.
pub(super) struct Shown<'a> {
    context: &'a Context,
    report: &'a Report,
    is_diff: bool,
    as_of: Option<DateTime<Utc>>,
    count: u64,
    /// The first document that was found but had no version yet at the requested time, and how many there are.
    absent: Option<(String, u64)>,
}

/// What is shortened on a narrow terminal: values are cut in the middle.
const NARROW: [Yield; 4] = [Yield::Cut(1, 40), Yield::Cut(0, 24), Yield::Cut(1, 16), Yield::Cut(0, 12)];
const NARROW_DIFF: [Yield; 4] = [Yield::Cut(2, 24), Yield::Cut(1, 24), Yield::Cut(0, 24), Yield::Cut(2, 12)];

impl<'a> Shown<'a> {
    pub(super) fn new(context: &'a Context, report: &'a Report, is_diff: bool, as_of: Option<DateTime<Utc>>) -> Self {
        Self { context, report, is_diff, as_of, count: 0, absent: None }
    }

    /// Prints a document.
    pub(super) fn document(&mut self, document: &Document) -> Result<(), CliError> {
        let in_force = self.as_of.map(|time| (time, document.as_of(time)));
        let versions: Vec<&Version> = match in_force {
            None => document.versions.iter().collect(),
            Some((_, Some(version))) => vec![version],
            Some((time, None)) => {
                self.leave_out(document, time);
                return Ok(());
            }
        };
        self.count += 1;
        if self.context.printer.is_json() {
            return Ok(self.context.printer.json(&self.machine(document, &versions))?);
        }
        if self.count > 1 {
            self.context.printer.result("")?;
        }
        self.context.printer.fields(&self.head(document))?;
        let mut before: Option<Before> = None;
        for version in versions {
            self.context.printer.result(&format!("\n{}", line(version)))?;
            let now = version.exact().map(leaves);
            match (&now, self.is_diff) {
                (Some(now), true) => self.changes(changed(before.as_ref(), version, Some(now)), now)?,
                (Some(now), false) => self.fields(now)?,
                (None, _) => {}
            }
            before = Some((version.version, now));
        }
        Ok(())
    }

    fn leave_out(&mut self, document: &Document, time: DateTime<Utc>) {
        let others = self.absent.take().map_or(0, |(_, count)| count);
        let first = document.versions.first();
        let why = first.map(|first| {
            let since = format!("{} in block {}", time::display(first.in_force_since()), first.sequence_no);
            match first.version {
                0 => format!("it was inserted at {since}"),
                version => format!("the first version here is {version}, of {since}"),
            }
        });
        let why = why.unwrap_or_default();
        self.absent =
            Some((format!("document {} has no version at {}: {why}", document.id, time::display(time)), others + 1));
    }

    /// Why nothing was shown, if documents were found but none existed yet.
    pub(super) fn absent(&self) -> Option<String> {
        let (last, count) = self.absent.as_ref().filter(|_| self.count == 0)?;
        let others = count.checked_sub(1).filter(|others| *others > 0);
        let others = others.map(|others| format!("; nor has {}", text::count(others, "other document")));
        Some(format!("{last}{}", others.unwrap_or_default()))
    }

    fn head(&self, document: &Document) -> Vec<(&'static str, String)> {
        let table = document.table.as_ref().map(|(name, _)| format!(", in table {name}")).unwrap_or_default();
        let mut fields = vec![("Document", format!("{}{table}", document.id))];
        fields.push(("Versions", completeness(document, self.report)));
        fields.push(("Rests on", basis(self.report)));
        fields.extend(self.as_of.map(|at| ("As of", time::display(at))));
        fields
    }

    fn fields(&self, leaves: &[Leaf]) -> Result<(), CliError> {
        if leaves.is_empty() {
            return Ok(self.context.printer.result("(an empty document)")?);
        }
        let rows = leaves.iter().map(|leaf| [Cell::new(&leaf.path()), Cell::new(&leaf.text)]);
        Ok(self.context.printer.table(&Table::new(["FIELD", "VALUE"]).yields(&NARROW).rows(rows))?)
    }

    fn changes(&self, changes: Option<Vec<Change>>, now: &[Leaf]) -> Result<(), CliError> {
        let Some(changes) = changes else {
            self.context
                .printer
                .result("(unknown changes: the archive does not have the data of the previous version)")?;
            return self.fields(now);
        };
        if changes.is_empty() {
            return Ok(self.context.printer.result("(the same data as before)")?);
        }
        let cell =
            |text: &Option<String>, hue| Cell::new(text.as_deref().unwrap_or("-")).hued(text.as_ref().map(|_| hue));
        let row = |one: &Change| [Cell::new(&one.path), cell(&one.before, Hue::Bad), cell(&one.after, Hue::Good)];
        let table = Table::new(["FIELD", "BEFORE", "AFTER"]).yields(&NARROW_DIFF).rows(changes.iter().map(row));
        Ok(self.context.printer.table(&table)?)
    }

    fn machine(&self, document: &Document, versions: &[&Version]) -> Value {
        let (report, blocks) = (self.report, document.versions.iter().map(|version| version.sequence_no));
        let journal = report.only_journal();
        let mut before: Option<Before> = None;
        let mut shown = Vec::new();
        for version in versions {
            let now = version.exact().map(leaves);
            let mut one = self.version(version);
            if self.is_diff {
                let changes = changed(before.as_ref(), version, now.as_deref());
                one["changes"] = changes.map_or(Value::Null, |changes| changes.iter().map(change).collect());
            }
            shown.push(one);
            before = Some((version.version, now));
        }
        json!({
            "documentId": document.id,
            "tableName": document.table.as_ref().map(|(name, _)| name),
            "tableId": document.table.as_ref().map(|(_, id)| id),
            "complete": document.is_complete(),
            "missingVersions": document.missing(),
            "repeatedVersions": document.repeated(),
            "firstBlock": blocks.clone().min(),
            "lastBlock": blocks.max(),
            "restsOn": {
                "verdict": report.verdict.as_str(),
                "firstSequenceNo": journal.map(|journal| journal.first),
                "lastSequenceNo": journal.map(|journal| journal.last),
                "digestTip": report.digest_scope().map(|scope| scope.tip),
            },
            "versions": shown,
        })
    }

    fn version(&self, version: &Version) -> Value {
        let data = version.data.as_deref().map(value);
        json!({
            "version": version.version,
            "operation": version.operation,
            "redacted": version.is_redacted,
            "txTime": version.tx_time.map(time::display),
            "txId": version.transaction_id,
            "blockAddress": { "strandId": version.strand_id, "sequenceNo": version.sequence_no },
            "blockTimestamp": time::display(version.block_time),
            "hash": version.hash,
            "dataHash": version.data_hash,
            "data": data,
            "dataIon": version.exact(),
            // It is not known how the hash of a deletion covers its metadata.
            "proved": self.report.verdict == Status::Proved && !version.is_deletion(),
        })
    }
}

/// The number of a version and its data, if the archive has them.
type Before = (u64, Option<Vec<Leaf>>);

/// What a version changed; `None` if its data, or those of the version before, are not in the archive.
fn changed(before: Option<&Before>, version: &Version, now: Option<&[Leaf]>) -> Option<Vec<Change>> {
    let before: &[Leaf] = match before {
        None if version.version == 0 => &[],
        // No hash covers the version number of a deletion, and nothing can come between.
        Some((_, Some(data))) if version.is_deletion() => data,
        Some((number, Some(data))) if number.checked_add(1) == Some(version.version) => data,
        _ => return None,
    };
    let now = now.or_else(|| version.is_deletion().then_some(&[][..]))?;
    Some(changes(before, now))
}

/// A document as JSON; a string if it is nested too deeply to be parsed here.
fn value(data: &str) -> Value {
    serde_json::from_str(&kept(data)).unwrap_or_else(|_| data.into())
}

/// JSON whose numbers keep their digits: numbers that would not fit into 64 bits become strings.
fn kept(json: &str) -> String {
    let mut kept = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(start) = rest.find(|c: char| c == '"' || c == '-' || c.is_ascii_digit()) {
        let (before, token) = rest.split_at(start);
        kept.push_str(before);
        let is_text = token.starts_with('"');
        let (token, after) = token.split_at(if is_text { text_end(token) } else { number_end(token) });
        let quote = if is_text || is_kept(token) { "" } else { "\"" };
        kept.extend([quote, token, quote]);
        rest = after;
    }
    kept.push_str(rest);
    kept
}

/// The end of a JSON string, after its closing quote.
fn text_end(token: &str) -> usize {
    let mut is_escaped = false;
    for (at, character) in token.char_indices().skip(1) {
        match character {
            '"' if !is_escaped => return at + 1,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    token.len()
}

fn number_end(token: &str) -> usize {
    token.find(|c: char| !(c.is_ascii_digit() || matches!(c, '-' | '+' | '.' | 'e' | 'E'))).unwrap_or(token.len())
}

/// Whether a number is printed as it is written.
fn is_kept(number: &str) -> bool {
    serde_json::from_str::<Value>(number).is_ok_and(|value| value.to_string().as_str() == number)
}

fn change(change: &Change) -> Value {
    json!({ "field": change.path, "before": change.before, "after": change.after })
}

/// A version in a few lines: what it did, when and where.
fn line(version: &Version) -> String {
    let what = match (version.operation.as_str(), version.is_redacted) {
        (_, true) => "redacted since: its data was replaced with the hash",
        ("I", _) => "inserted",
        ("D", _) => "deleted (its metadata is not proved)",
        _ => "updated",
    };
    let at = time::display(version.tx_time.unwrap_or(version.block_time));
    let place = format!("block {}, transaction {}", version.sequence_no, text::one_line(&version.transaction_id));
    let hash = version.hash.as_deref().unwrap_or("none");
    format!("Version {}, {what}\n  {at}, {place}\n  hash {hash}", version.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_would_be_rounded_are_texts() {
        for (json, expected) in [
            (r#"{"a":1,"b":-2.5,"c":18446744073709551615}"#, r#"{"a":1,"b":-2.5,"c":18446744073709551615}"#),
            (
                r#"{"a":1.10,"b":[123456789012345678901234567890]}"#,
                r#"{"a":"1.10","b":["123456789012345678901234567890"]}"#,
            ),
            (r#"{"1.10":"1.10","q\"2.20":"\\","c":1e400}"#, r#"{"1.10":"1.10","q\"2.20":"\\","c":"1e400"}"#),
            ("[true,null,\"\"]", "[true,null,\"\"]"),
        ] {
            assert_eq!(kept(json), expected);
        }
    }
}
