//! Two receipts held against each other: what was read, and what it came to.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use qldb_journal::archive::verify::Status;

/// What differs, and what could not be compared.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) differences: Vec<Difference>,
    /// Members that the receipt lacks.
    pub(super) not_compared: Vec<&'static str>,
    /// How many files are the same, byte for byte.
    pub(super) same_files: u64,
}

/// Something that is not as the receipt says.
#[derive(Debug)]
pub(super) struct Difference {
    /// What it is about: `manifest`, `object`, `answer`, `journal` or `verdict`.
    pub(super) part: &'static str,
    /// Which of them: a key, a file, a strand, a level.
    pub(super) name: String,
    /// What of it.
    pub(super) field: &'static str,
    pub(super) in_receipt: Value,
    pub(super) found: Value,
    pub(super) weight: Status,
}

impl Comparison {
    /// The worst of the differences: something that is not what it was is damage, something that is not there is
    /// missing, and what there is beyond the receipt it can say nothing about.
    pub(super) fn status(&self) -> Status {
        self.differences.iter().map(|one| one.weight).max().unwrap_or(Status::Proved)
    }

    /// The first of those.
    pub(super) fn weightiest(&self) -> Option<&Difference> {
        let status = self.status();
        self.differences.iter().find(|one| one.weight == status)
    }

    fn note(&mut self, part: &'static str, name: &str, field: &'static str, values: (&Value, &Value), weight: Status) {
        let (in_receipt, found) = (values.0.clone(), values.1.clone());
        self.differences.push(Difference { part, name: name.to_owned(), field, in_receipt, found, weight });
    }

    /// Compares a member. What the receipt does not have is not compared.
    fn member(
        &mut self,
        part: &'static str,
        name: &str,
        field: &'static str,
        values: (&Value, &Value),
        weight: Status,
    ) {
        let (then, now) = (&values.0[field], &values.1[field]);
        if then != now {
            self.note(part, name, field, (then, now), weight);
        }
    }
}

/// Members that a receipt has only from its second format on, and what they say.
const SINCE_FORMAT_2: [&str; 4] = ["tool.sha256", "accepted", "ledger", "export"];

/// Holds a receipt against that of what was done now.
pub(super) fn compared(then: &Value, now: &Value) -> Comparison {
    let mut comparison = Comparison::default();
    let lacks = |path: &&&str| path.split('.').try_fold(then, |value, member| value.get(member)).is_none();
    comparison.not_compared = SINCE_FORMAT_2.iter().filter(lacks).copied().collect();
    files(&mut comparison, "manifest", ("manifests", "key"), (then, now));
    files(&mut comparison, "object", ("objects", "key"), (then, now));
    files(&mut comparison, "answer", ("answers", "file"), (then, now));
    journals(&mut comparison, (&then["report"], &now["report"]));
    verdicts(&mut comparison, (&then["report"], &now["report"]));
    answers(&mut comparison, (then, now));
    comparison
}

fn list<'v>(receipt: &'v Value, member: &str) -> &'v [Value] {
    receipt[member].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

/// What makes a file that it is: all of an object that follows from its bytes is compared by itself, so that the report
/// says where a difference begins.
const OF_FILES: [&str; 6] =
    ["bytes", "sha256", "firstSequenceNo", "lastSequenceNo", "firstPreviousBlockHash", "lastBlockHash"];

fn files(
    comparison: &mut Comparison,
    part: &'static str,
    (member, name): (&'static str, &'static str),
    (then, now): (&Value, &Value),
) {
    let (then, now) = (list(then, member), list(now, member));
    let pairs = paired(then, now, name);
    for (old, new) in &pairs {
        let (Some(old), Some(new)) = (then.get(*old), now.get(*new)) else { continue };
        let before = comparison.differences.len();
        for field in OF_FILES {
            comparison.member(part, text(new, name), field, (old, new), Status::Damaged);
        }
        comparison.same_files += u64::from(comparison.differences.len() == before && old["sha256"].is_string());
    }
    let (seen_then, seen_now): (BTreeSet<usize>, BTreeSet<usize>) = pairs.into_iter().unzip();
    for (_, old) in then.iter().enumerate().filter(|(index, _)| !seen_then.contains(index)) {
        comparison.note(part, text(old, name), name, (&old["sha256"], &Value::Null), Status::Incomplete);
    }
    for (_, new) in now.iter().enumerate().filter(|(index, _)| !seen_now.contains(index)) {
        comparison.note(part, text(new, name), name, (&Value::Null, &new["sha256"]), Status::Unproved);
    }
}

/// Which files are the same by their names: those of one key, and then those of which one key ends with the other, as
/// where an archive is read from a folder further up or down.
fn paired(then: &[Value], now: &[Value], name: &str) -> Vec<(usize, usize)> {
    let mut by_key: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    now.iter().enumerate().rev().for_each(|(index, file)| by_key.entry(text(file, name)).or_default().push(index));
    let mut pairs = Vec::new();
    let mut rest = Vec::new();
    for (index, file) in then.iter().enumerate() {
        match by_key.get_mut(text(file, name)).and_then(Vec::pop) {
            Some(other) => pairs.push((index, other)),
            None => rest.push(index),
        }
    }
    // By the last part of the key, of which few files have the same.
    let last = |key: &str| key.rsplit('/').next().unwrap_or_default().to_owned();
    let mut by_last: BTreeMap<String, Vec<(&str, usize)>> = BTreeMap::new();
    for (key, indexes) in by_key {
        let indexes = indexes.into_iter().rev();
        by_last.entry(last(key)).or_default().extend(indexes.map(|index| (key, index)));
    }
    for index in rest {
        let Some(key) = then.get(index).map(|file| text(file, name)) else { continue };
        let Some(others) = by_last.get_mut(&last(key)) else { continue };
        let ends = |long: &str, short: &str| long.strip_suffix(short).is_some_and(|before| before.ends_with('/'));
        if let Some(at) = others.iter().position(|(other, _)| ends(key, other) || ends(other, key)) {
            pairs.push((index, others.remove(at).1));
        }
    }
    pairs
}

/// The span and the tip of each strand.
fn journals(comparison: &mut Comparison, (then, now): (&Value, &Value)) {
    let by_strand = |report: &'_ Value| -> BTreeMap<String, Value> {
        let journals = list(report, "journals").iter();
        journals.map(|journal| (text(journal, "strandId").to_owned(), journal.clone())).collect()
    };
    let (then, mut now) = (by_strand(then), by_strand(now));
    for (strand, old) in then {
        let Some(new) = now.remove(&strand) else {
            comparison.note("journal", &strand, "strandId", (&old["lastSequenceNo"], &Value::Null), Status::Incomplete);
            continue;
        };
        let number = |value: &Value, member: &str| value[member].as_u64().unwrap_or_default();
        let first = "firstSequenceNo";
        // Blocks that are gone at an end are missing; others there the receipt can say nothing about.
        let is_less = number(&new, first) > number(&old, first);
        comparison.member("journal", &strand, first, (&old, &new), ended(is_less));
        let last = "lastSequenceNo";
        let (then_last, now_last) = (number(&old, last), number(&new, last));
        comparison.member("journal", &strand, last, (&old, &new), ended(now_last < then_last));
        let is_same_span = old[first] == new[first] && old[last] == new[last];
        let is_shorter = now_last < then_last || number(&new, "blocks") < number(&old, "blocks");
        for field in ["blocks", "tipHash", "digest"] {
            // Of a journal with a gap there is no digest.
            let weight = match (is_shorter, is_same_span && !new[field].is_null()) {
                (true, _) => Status::Incomplete,
                (false, true) => Status::Damaged,
                (false, false) => Status::Unproved,
            };
            comparison.member("journal", &strand, field, (&old, &new), weight);
        }
    }
    for (strand, new) in now {
        comparison.note("journal", &strand, "strandId", (&Value::Null, &new["lastSequenceNo"]), Status::Unproved);
    }
}

fn ended(is_less: bool) -> Status {
    if is_less { Status::Incomplete } else { Status::Unproved }
}

/// The verdict, and that of each level. What is worse now has its own exit code already.
fn verdicts(comparison: &mut Comparison, (then, now): (&Value, &Value)) {
    comparison.member("verdict", "", "verdict", (then, now), Status::Unproved);
    let levels = then["levels"].as_object().into_iter().flatten();
    for (level, old) in levels {
        let new = &now["levels"][level];
        if old != new {
            comparison.note("verdict", level, "level", (old, new), Status::Unproved);
        }
    }
}

fn answers(comparison: &mut Comparison, (then, now): (&Value, &Value)) {
    for old in list(then, "answers") {
        let name = text(old, "file");
        let new = list(now, "answers").iter().find(|new| text(new, "file") == name);
        if let Some(new) = new {
            comparison.member("answer", name, "verdict", (&old["report"], &new["report"]), Status::Unproved);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn receipt(keys: &[(&str, &str)]) -> Value {
        let objects: Vec<Value> =
            keys.iter().map(|(key, hash)| json!({ "key": key, "bytes": 1, "sha256": hash })).collect();
        json!({ "objects": objects, "report": { "verdict": "proved" } })
    }

    fn differences(then: &[(&str, &str)], now: &[(&str, &str)]) -> Vec<(String, &'static str, Status)> {
        let found = compared(&receipt(then), &receipt(now)).differences;
        found.into_iter().map(|one| (one.name, one.field, one.weight)).collect()
    }

    #[test]
    fn files_are_the_same_by_their_keys_wherever_the_archive_is_read_from() {
        assert_eq!(differences(&[("a/b/1.ion", "x"), ("a/c/1.ion", "y")], &[("c/1.ion", "y"), ("b/1.ion", "x")]), []);
        assert_eq!(differences(&[("1.ion", "x")], &[("a/b/1.ion", "x")]), []);
        assert_eq!(differences(&[("1.ion", "x"), ("1.ion", "y")], &[("1.ion", "x"), ("1.ion", "y")]), []);
        let changed = [("b/1.ion".to_owned(), "sha256", Status::Damaged)];
        assert_eq!(differences(&[("a/b/1.ion", "x")], &[("b/1.ion", "y")]), changed);
        let moved = differences(&[("a/1.ion", "x")], &[("b/1.ion", "x")]);
        assert_eq!(moved.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>(), ["a/1.ion", "b/1.ion"]);
    }

    #[test]
    fn what_is_missing_weighs_more_than_what_was_added_and_less_than_what_was_changed() {
        let both = [("1", "x"), ("2", "y")];
        assert_eq!(differences(&both, &both[..1]), [("2".to_owned(), "key", Status::Incomplete)]);
        assert_eq!(differences(&both[..1], &both), [("2".to_owned(), "key", Status::Unproved)]);
        let comparison = compared(&receipt(&both), &receipt(&[("1", "z"), ("3", "y")]));
        assert_eq!((comparison.status(), comparison.differences.len()), (Status::Damaged, 3));
        assert_eq!(comparison.weightiest().unwrap().field, "sha256");
    }
}
