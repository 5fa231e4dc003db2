//! Why an archive is not proved, in one line: for stderr, for annotations and for the last event,
//! which do not have the report.

use std::path::PathBuf;

use crate::cli::output::breaks;
use crate::cli::output::text;
use qldb_journal::archive::source::folder_of_manifests;
use qldb_journal::archive::verify::{Break, BreakKind, Report, Status};

/// The first reason why an archive is not proved, and what to do about it, if something can be done.
pub(super) fn of(report: &Report, paths: &[PathBuf], ledger: Option<&str>) -> String {
    let why = why(report, paths, ledger);
    if report.exports.is_empty() || report.verdict != Status::Unproved {
        return why;
    }
    let proved = report.levels.iter().filter(|level| level.status == Some(Status::Proved));
    let proved: Vec<&str> = proved.map(|level| level.level.as_str()).collect();
    if proved.is_empty() { why } else { format!("{why}; --level {} asks for no more than is proved", proved.join(",")) }
}

/// The first reason why the archive in the given locations is not proved.
pub(crate) fn why(report: &Report, paths: &[PathBuf], ledger: Option<&str>) -> String {
    if report.exports.is_empty() {
        return nothing(report, paths, ledger);
    }
    let verdict = report.verdict.as_str();
    match (weightiest(report), report.verdict) {
        (Some(one), Status::Damaged | Status::Incomplete) => {
            format!("{verdict}: {}{}", among(report.breaks.count()), breaks::line(one))
        }
        (doubt, _) => unproved(report, doubt),
    }
}

fn nothing(report: &Report, paths: &[PathBuf], ledger: Option<&str>) -> String {
    let ledger = ledger.map(|ledger| format!(" of ledger {ledger}")).unwrap_or_default();
    let instead = match paths.iter().map(PathBuf::as_path).find_map(folder_of_manifests) {
        Some(folder) => format!("the manifests are above it, give {}", folder.display()),
        None => "give what holds the manifests".to_owned(),
    };
    let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    let there: Vec<&str> = report.notes.iter().filter(|note| note.key.is_empty()).map(|note| &*note.what).collect();
    let there = if there.is_empty() { String::new() } else { format!(" ({})", there.join("; ")) };
    text::one_line(&format!("no export{ledger} was found in {}{there}: {instead}", paths.join(", "))).into_owned()
}

/// The first of the breaks that determine the verdict.
fn weightiest(report: &Report) -> Option<&Break> {
    let kind = match report.verdict {
        Status::Damaged => BreakKind::Damaged,
        Status::Incomplete => BreakKind::Missing,
        Status::Proved | Status::Unproved => BreakKind::Doubtful,
    };
    report.breaks.iter().find(|one| one.kind == kind)
}

/// What is said before one of several breaks.
pub(crate) fn among(breaks: u64) -> String {
    if breaks == 1 { String::new() } else { format!("one of {breaks} breaks: ") }
}

fn unproved(report: &Report, doubt: Option<&Break>) -> String {
    let open = report.levels.iter().find(|level| level.status == Some(Status::Unproved));
    let level = open.map(|level| level.level.as_str()).unwrap_or_default();
    let why = open.and_then(|level| level.reason.clone()).or_else(|| doubt.map(breaks::line));
    format!("{level}: {}", why.unwrap_or_default())
}
