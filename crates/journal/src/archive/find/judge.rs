//! Mismatches between manifests and files.

use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Utc};

use super::described::{Described, List, Listed};
use super::files::Files;
use super::noted::Noted;
use super::{FileRef, NO_BLOCK, Note};
use crate::archive::finding::{Break, Level};
use crate::archive::foreign::Foreign;
use crate::archive::manifest_reader::Started;
use crate::archive::names::{Name, base, decoded, is_packed};
use crate::archive::source::{Found, Source};
use crate::{Encoding, Hash};

/// Checks each list, and whether its objects exist. Their names must join without gap or overlap.
pub(super) fn objects(export: &mut Described) {
    let mut breaks = std::mem::take(&mut export.breaks);
    let several = export.lists.iter().any(|list| !list.is_empty);
    for list in &export.lists {
        if several && list.is_empty {
            let problem = "another completed manifest of this export lists objects, but this one lists none";
            breaks.push(damaged(&list.file.found.key, problem, "keys").between("objects", "none"));
        }
        let mut next: Option<u64> = None;
        for listed in &list.objects {
            judge_name(listed, list, &export.started, next, &mut breaks);
            next = listed.name.last.checked_add(1);
            judge_file(listed, &mut breaks);
        }
    }
    export.breaks = breaks;
}

fn judge_name(listed: &Listed, list: &List, started: &Started, next: Option<u64>, breaks: &mut Noted) {
    let (key, name) = (listed.key(), &listed.name);
    let mut note = |problem: &str, field: &str, expected: String, found: String| {
        breaks.push(damaged(key, problem, field).between(expected, found));
    };
    if !list.strands.iter().any(|strand| **strand == *name.strand_id) {
        let problem = "the object is of another strand than its manifest";
        note(problem, "strandId", list.strands.join(" or "), name.strand_id.to_string());
    }
    if name.last < name.first {
        let problem = "the range in the object's name is reversed";
        note(problem, "name", format!("{} or more", name.first), name.last.to_string());
    }
    if let Some(next) = next.filter(|next| *next != name.first) {
        let problem = if name.first > next {
            "there is a gap between the objects"
        } else {
            "the objects overlap or are out of order"
        };
        note(problem, "name", next.to_string(), name.first.to_string());
    }
    let json = name.encoding == Encoding::Json;
    if let Some(format) = started.format.as_ref().filter(|format| (*format == "JSON") != json) {
        let problem = "the object's extension does not match the export's format";
        note(problem, "outputFormat", format.clone(), base(key).to_owned());
    }
}

/// Reported without opening the object, so that an absent object never counts as present.
fn judge_file(listed: &Listed, breaks: &mut Noted) {
    let range = format!("blocks {} to {}", listed.name.first, listed.name.last);
    match &listed.file {
        None => {
            let problem = "an object that the manifest lists is missing";
            breaks.push(Break::missing(Level::Objects, listed.key(), problem, "object").between(range, "nothing"));
        }
        Some(file) if file.found.size == 0 => {
            breaks.push(damaged(&file.found.key, NO_BLOCK, "object").between(range, "0 bytes"));
        }
        Some(_) => {}
    }
}

/// Manifests of one export in several places must say the same: otherwise, reading only one of them would give a
/// different result.
pub(super) fn copies(exports: &mut [Described]) {
    let mut first: HashMap<String, usize> = HashMap::new();
    for index in 0..exports.len() {
        let Some((before, [export, ..])) = exports.split_at_mut_checked(index) else { break };
        match first.get(&export.id).and_then(|first| before.get(*first)) {
            Some(earlier) => judge_copy(earlier, export),
            None => drop(first.insert(export.id.clone(), index)),
        }
    }
}

fn judge_copy(earlier: &Described, copy: &mut Described) {
    let said = |described: &Described| {
        let Started { ledger, start, end, format, .. } = described.started.clone();
        described.started.export_id.is_some().then_some((ledger, start, end, format))
    };
    let differ = said(earlier).zip(said(copy)).is_some_and(|(one, other)| one != other);
    if let (true, Some(one), Some(other)) = (differ, &earlier.started_file, &copy.started_file) {
        let problem = "another started manifest of this export says something else";
        let found = described_by(&copy.started);
        let expected = format!("{}, as in {}", described_by(&earlier.started), one.found.key);
        copy.breaks.push(damaged(&other.found.key, problem, "started manifest").between(expected, found));
    }
    let (Some(one), Some(other)) = (earlier.lists.first(), copy.lists.first()) else { return };
    if listed_by(earlier) != listed_by(copy) {
        let problem = "another completed manifest of this export lists other objects";
        let count = |described: &Described| described.objects().count();
        let expected = format!("the {} objects of {}", count(earlier), one.file.found.key);
        let others = damaged(&other.file.found.key, problem, "keys");
        copy.breaks.push(others.between(expected, format!("{} objects", count(copy))));
    }
}

/// The lists by their names alone: prefixes and folders may differ if an archive was moved.
fn listed_by(described: &Described) -> HashSet<Option<Hash>> {
    described.lists.iter().map(|list| list.names).collect()
}

fn described_by(started: &Started) -> String {
    let ledger = started.ledger.as_deref().unwrap_or("no ledger");
    let format = started.format.as_deref().unwrap_or("no format");
    let [start, end] =
        [started.start, started.end].map(|end| end.map_or_else(|| "…".to_owned(), |end| end.to_rfc3339()));
    format!("{ledger}, {start} to {end}, {format}")
}

/// Exports that never completed. If others cover the same range of the same ledger, nothing is lost.
pub(super) fn unfinished(exports: &mut [Described], ledger: Option<&str>) -> Vec<Note> {
    let mut notes = Vec::new();
    for index in 0..exports.len() {
        let Some(export) = exports.get(index).filter(|export| !export.is_completed) else { continue };
        let Some(file) = export.started_file.clone() else { continue };
        if is_covered(export, exports) {
            let what = "the export did not complete, and other exports cover its range in full".to_owned();
            notes.extend(export.may_be_of(ledger).then_some(Note { key: file.found.key.clone(), what }));
        } else if let Some(export) = exports.get_mut(index) {
            let problem = "the completed manifest is missing: the export did not end, or it was removed";
            export.breaks.push(Break::missing(Level::Objects, &file.found.key, problem, "completed manifest"));
        }
    }
    notes
}

/// Whether completed exports of a ledger cover the range of an incomplete one.
fn is_covered(export: &Described, exports: &[Described]) -> bool {
    let Started { ledger: Some(ledger), start: Some(start), end: Some(end), .. } = &export.started else {
        return false;
    };
    let others =
        exports.iter().filter(|other| !other.lists.is_empty() && other.started.ledger.as_ref() == Some(ledger));
    let mut ranges: Vec<(DateTime<Utc>, DateTime<Utc>)> =
        others.filter_map(|other| other.started.start.zip(other.started.end)).collect();
    ranges.sort_unstable();
    let reached =
        ranges.iter().fold(*start, |reached, (from, to)| if *from <= reached { reached.max(*to) } else { reached });
    !ranges.is_empty() && reached >= *end
}

/// Exports with objects of several strands: each is read, but a QLDB ledger never had more than one.
pub(super) fn strands(exports: &[Described], ledger: Option<&str>) -> Vec<Note> {
    let several = exports.iter().filter(|export| export.may_be_of(ledger)).filter_map(|export| {
        let strands: BTreeSet<&str> = export.objects().map(|one| &*one.name.strand_id).collect();
        let key = &export.lists.first().filter(|_| strands.len() > 1)?.file.found.key;
        let strands: Vec<&str> = strands.into_iter().collect();
        let what = format!("the export has several strands ({}), and a ledger of QLDB has one", strands.join(", "));
        Some(Note { key: key.clone(), what })
    });
    several.collect()
}

/// Sources that contribute nothing while others contain exports: another place may have been intended.
pub(super) fn idle(sources: &[Box<dyn Source>], exports: &[Described]) -> Vec<Note> {
    let held: BTreeSet<usize> = exports.iter().flat_map(|export| &export.places).map(|place| place.source).collect();
    let idle = sources.iter().enumerate().filter(|(index, _)| !held.is_empty() && !held.contains(index));
    idle.map(|(_, source)| Note { key: source.name(), what: "there is no manifest here".to_owned() }).collect()
}

/// Files that no manifest lists, and that a reader of the whole prefix would read. With `ledger`, only those of strands
/// that its exports list: the others may belong to any ledger.
pub(super) fn unlisted(files: &Files, exports: &[Described], ledger: Option<&str>, notes: &mut Vec<Note>) -> Noted {
    let own = exports.iter().filter(|export| export.may_be_of(ledger));
    let strands: BTreeSet<&str> = own.clone().flat_map(Described::objects).map(|one| &*one.name.strand_id).collect();
    let is_own = |file: &FileRef| match Name::of(decoded(&file.found.key).as_ref().unwrap_or(&file.found.key)) {
        Name::Data(name) => strands.contains(&*name.strand_id),
        _ => false,
    };
    let objects = left_over(files, exports).into_iter().filter(|file| ledger.is_none() || is_own(file));
    let mut found = Noted::default();
    if own.count() == 0 {
        let packed = files.lookalikes.iter().filter(|file| is_packed(&file.found.key)).count();
        notes.extend(instead_of_exports(objects.count(), packed, exports));
        return found;
    }
    found.extend(objects.map(|file| doubtful(file, "no completed manifest lists this object")));
    let lookalikes = files.lookalikes.iter().filter(|_| ledger.is_none());
    found.extend(lookalikes.map(lookalike));
    found
}

/// What was found instead, if there are none of the requested exports.
fn instead_of_exports(objects: usize, packed: usize, exports: &[Described]) -> Vec<Note> {
    let ledgers: BTreeSet<&str> = exports.iter().filter_map(|export| export.started.ledger.as_deref()).collect();
    let ledgers: Vec<&str> = ledgers.into_iter().collect();
    let described = [
        (objects, format!("data objects without a manifest that says what belongs to them: {objects}")),
        (packed, format!("files of exports that are packed and must be unpacked first: {packed}")),
        (ledgers.len(), format!("there are exports of other ledgers: {}", ledgers.join(", "))),
    ];
    described.into_iter().filter(|(count, _)| *count > 0).map(|(_, what)| Note { key: String::new(), what }).collect()
}

/// Data objects that belong to no export, each once.
fn left_over<'a>(files: &'a Files, exports: &[Described]) -> Vec<&'a FileRef> {
    let found = exports.iter().flat_map(Described::objects).filter_map(|one| one.file.as_ref());
    let mut listed: Vec<*const Found> = found.map(FileRef::address).collect();
    listed.sort_unstable();
    let mut seen: HashSet<*const Found> = HashSet::new();
    let is_new = |file: &&FileRef| listed.binary_search(&file.address()).is_err() && seen.insert(file.address());
    files.data.iter().map(|one| &one.file).filter(is_new).collect()
}

fn damaged(key: &str, problem: &str, field: &str) -> Break {
    Break::damaged(Level::Objects, key, problem, field)
}

/// A file that would be read as a data object, directly or once it is unpacked.
fn lookalike(file: &FileRef) -> Break {
    if is_packed(&file.found.key) {
        let packed = Foreign::Packed;
        return Break { foreign: Some(packed), ..doubtful(file, &packed.to_string()) };
    }
    doubtful(file, "no manifest lists this file, and it is where data objects are")
}

fn doubtful(file: &FileRef, problem: &str) -> Break {
    let found = Break::doubtful(Level::Objects, &file.found.key, problem, "keys");
    found.between("its key in a manifest", "nothing")
}
