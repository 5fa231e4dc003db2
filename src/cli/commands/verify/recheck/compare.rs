//! Compares two receipts: what was read, and the results.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::form::member;
use super::pairs::paired;
use super::receipt::SAYS_ALL;
use qldb_journal::archive::verify::Status;

/// What differs, and what could not be compared.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) differences: Vec<Difference>,
    /// Members that the receipt lacks.
    pub(super) lacking: Vec<&'static str>,
    /// Whether one of these is required.
    is_cut: bool,
    /// How many objects have no SHA-256, because no level reads them.
    pub(super) unhashed: u64,
    /// How many files are identical, byte for byte.
    pub(super) same_files: u64,
}

/// Something that differs from the receipt.
#[derive(Debug)]
pub(super) struct Difference {
    /// What it is about: `manifest`, `object`, `answer`, `journal`, `anchor` or `verdict`.
    pub(super) part: &'static str,
    /// Which of them: a key, a file, a strand (of a journal or an anchor), a level.
    pub(super) name: String,
    /// The member that differs.
    pub(super) field: &'static str,
    pub(super) in_receipt: Value,
    pub(super) found: Value,
    pub(super) weight: Status,
}

impl Comparison {
    /// The worst of the differences: something that changed is damage, something that is gone is missing, and about
    /// anything additional the receipt says nothing. Nor does it say everything if it lacks a required member.
    pub(super) fn status(&self) -> Status {
        let cut = self.is_cut.then_some(Status::Unproved);
        self.differences.iter().map(|one| one.weight).chain(cut).max().unwrap_or(Status::Proved)
    }

    /// The first of the worst differences.
    pub(super) fn weightiest(&self) -> Option<&Difference> {
        let worst = self.differences.iter().map(|one| one.weight).max()?;
        self.differences.iter().find(|one| one.weight == worst)
    }

    /// Whether everything matches the receipt, as far as it was compared.
    pub(super) fn is_same(&self) -> bool {
        self.status() == Status::Proved
    }

    /// Whether everything that a receipt can record was compared.
    pub(super) fn is_whole(&self) -> bool {
        self.lacking.is_empty() && self.unhashed == 0
    }

    fn note(&mut self, part: &'static str, name: &str, field: &'static str, values: (&Value, &Value), weight: Status) {
        let (in_receipt, found) = (values.0.clone(), values.1.clone());
        self.differences.push(Difference { part, name: name.to_owned(), field, in_receipt, found, weight });
    }

    /// Compares a member. A member that the receipt lacks is not compared.
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

/// Members that a receipt has since its second format.
const SINCE_FORMAT_2: [&str; 4] = ["tool.sha256", "accepted", "ledger", "export"];

/// Members that a receipt of an archive has.
const OF_ARCHIVES: [&str; 3] = ["levelsAskedFor", "report.levels", ANCHOR];

const ANCHOR: &str = "report.anchorGiven";

/// Compares a receipt with the receipt of the repeated verification.
pub(super) fn compared(then: &Value, now: &Value) -> Comparison {
    let mut comparison = Comparison::default();
    (comparison.lacking, comparison.is_cut) = lacking(then, now);
    files(&mut comparison, "manifest", ("manifests", "key"), (then, now));
    files(&mut comparison, "object", ("objects", "key"), (then, now));
    files(&mut comparison, "answer", ("answers", "file"), (then, now));
    journals(&mut comparison, (&then["report"], &now["report"]));
    anchors(&mut comparison, (then, now));
    verdicts(&mut comparison, (&then["report"], &now["report"]));
    answers(&mut comparison, (then, now));
    comparison
}

/// The members that a receipt lacks, and whether one of them is required. A question that was not asked is `null`.
fn lacking(then: &Value, now: &Value) -> (Vec<&'static str>, bool) {
    let is_of_archive = !then["report"].is_null();
    let says_all = then["format"].as_u64().is_some_and(|format| format >= SAYS_ALL);
    let is_there = |path: &str| match path {
        "levelsAskedFor" => then[path].is_string(),
        "report.levels" => {
            let mut levels = now["report"]["levels"].as_object().into_iter().flatten();
            levels.all(|(level, _)| then["report"]["levels"].get(level).is_some())
        }
        _ => member(then, path).is_some(),
    };
    let is_needed = |path: &str| {
        let is_given = path == ANCHOR && !now["report"]["anchorGiven"].is_null();
        is_of_archive && (says_all || is_given)
    };
    let mut lacking: Vec<&str> = SINCE_FORMAT_2.into_iter().filter(|path| !is_there(path)).collect();
    let cut: Vec<&str> = OF_ARCHIVES.into_iter().filter(|path| is_needed(path) && !is_there(path)).collect();
    let is_cut = !cut.is_empty() || (says_all && !lacking.is_empty());
    lacking.extend(cut);
    (lacking, is_cut)
}

fn list<'v>(receipt: &'v Value, member: &str) -> &'v [Value] {
    receipt[member].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_default()
}

/// The members that identify a file: other members of an object that follow from its bytes are compared separately, so
/// that the report says where a difference begins.
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
        let is_hashed = old["sha256"].is_string();
        comparison.same_files += u64::from(comparison.differences.len() == before && is_hashed);
        comparison.unhashed += u64::from(!is_hashed && new["sha256"].is_null());
    }
    let (seen_then, seen_now): (BTreeSet<usize>, BTreeSet<usize>) = pairs.into_iter().unzip();
    for (_, old) in then.iter().enumerate().filter(|(index, _)| !seen_then.contains(index)) {
        comparison.note(part, text(old, name), name, (&old["sha256"], &Value::Null), Status::Incomplete);
    }
    for (_, new) in now.iter().enumerate().filter(|(index, _)| !seen_now.contains(index)) {
        comparison.note(part, text(new, name), name, (&Value::Null, &new["sha256"]), Status::Unproved);
    }
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
        // Blocks missing at an end are a loss; about additional ones the receipt can say nothing.
        let is_less = number(&new, first) > number(&old, first);
        comparison.member("journal", &strand, first, (&old, &new), ended(is_less));
        let last = "lastSequenceNo";
        let (then_last, now_last) = (number(&old, last), number(&new, last));
        comparison.member("journal", &strand, last, (&old, &new), ended(now_last < then_last));
        let is_same_span = old[first] == new[first] && old[last] == new[last];
        let is_shorter = now_last < then_last || number(&new, "blocks") < number(&old, "blocks");
        for field in ["blocks", "tipHash", "digest"] {
            // A journal with a gap has no digest.
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

/// The given anchor. It is the receipt's, unless another was typed.
fn anchors(comparison: &mut Comparison, (then, now): (&Value, &Value)) {
    // What the receipt lacks is not compared.
    let Some(old) = member(then, ANCHOR) else { return };
    let new = &now["report"]["anchorGiven"];
    let strand = "strandId";
    match (old.is_null(), new.is_null()) {
        (true, true) => {}
        (true, false) => {
            comparison.note("anchor", text(new, strand), strand, (&Value::Null, &new[strand]), Status::Unproved);
        }
        (false, true) => {
            comparison.note("anchor", text(old, strand), strand, (&old[strand], &Value::Null), Status::Incomplete);
        }
        (false, false) => {
            for field in ["ledger", strand, "blocks", "root", "digest"] {
                // An anchor may lack QLDB's own digest, which makes it no different.
                let lacks = field == "digest" && (old[field].is_null() || new[field].is_null());
                let weight = if lacks { Status::Unproved } else { Status::Damaged };
                comparison.member("anchor", text(old, strand), field, (old, new), weight);
            }
        }
    }
}

fn ended(is_less: bool) -> Status {
    if is_less { Status::Incomplete } else { Status::Unproved }
}

/// The verdict, and that of each level. Worse results have their own exit codes already.
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
        let (x, y, z) = (("1.ion", "x"), ("1.ion", "y"), ("1.ion", "z"));
        assert_eq!(differences(&[x, y], &[x, y]), []);
        // The same two locations in another order, and from a parent folder.
        assert_eq!(differences(&[x, y], &[y, x]), []);
        assert_eq!(differences(&[x, y], &[("a/1.ion", "y"), ("b/1.ion", "x")]), []);
        assert_eq!(differences(&[x, y], &[z, x]), [("1.ion".to_owned(), "sha256", Status::Damaged)]);
        let changed = [("b/1.ion".to_owned(), "sha256", Status::Damaged)];
        assert_eq!(differences(&[("a/b/1.ion", "x")], &[("b/1.ion", "y")]), changed);
        let moved = differences(&[("a/1.ion", "x")], &[("b/1.ion", "x")]);
        assert_eq!(moved.iter().map(|(name, ..)| name.as_str()).collect::<Vec<_>>(), ["a/1.ion", "b/1.ion"]);
    }

    #[test]
    fn missing_outranks_added_and_changed_outranks_missing() {
        let both = [("1", "x"), ("2", "y")];
        assert_eq!(differences(&both, &both[..1]), [("2".to_owned(), "key", Status::Incomplete)]);
        assert_eq!(differences(&both[..1], &both), [("2".to_owned(), "key", Status::Unproved)]);
        let comparison = compared(&receipt(&both), &receipt(&[("1", "z"), ("3", "y")]));
        assert_eq!((comparison.status(), comparison.differences.len()), (Status::Damaged, 3));
        assert_eq!(comparison.weightiest().unwrap().field, "sha256");
    }
}
