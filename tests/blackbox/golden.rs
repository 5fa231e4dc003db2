//! Promised output, line by line, with `…` for what differs from run to run.

use std::collections::VecDeque;
use std::path::Path;

/// Whether output matches the promise: `…` matches any text in a line, and alone any lines.
pub(crate) fn fits(promised: &[&str], found: &[&str]) -> bool {
    match promised.split_first() {
        None => found.is_empty(),
        Some((&"…", rest)) => (0..=found.len()).any(|skipped| fits(rest, &found[skipped..])),
        Some((line, rest)) => {
            found.split_first().is_some_and(|(first, left)| line_fits(line, first) && fits(rest, left))
        }
    }
}

fn line_fits(promised: &str, found: &str) -> bool {
    // Blanks beside an ellipsis are for the reader.
    let mut parts: VecDeque<&str> = promised.split('…').collect();
    let last = parts.len() - 1;
    for (index, part) in parts.iter_mut().enumerate() {
        *part = if index > 0 { part.trim_start() } else { part };
        *part = if index < last { part.trim_end() } else { part };
    }
    let Some(first) = parts.pop_front() else { return false };
    let Some(mut rest) = found.strip_prefix(first) else { return false };
    while let Some(part) = parts.pop_front() {
        let at = if parts.is_empty() { rest.ends_with(part).then(|| rest.len() - part.len()) } else { rest.find(part) };
        let Some(at) = at else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty()
}

/// Holds a transcript that is the same in every run against the file of that name, or writes it there, for somebody to
/// read.
#[track_caller]
pub(crate) fn hold_or_refresh(name: &str, found: &str) {
    if std::env::var_os("QLDB_EXPORT_REFRESH").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
        std::fs::write(path, format!("{found}\n")).unwrap();
    }
    hold(name, found);
}

/// Compares a transcript with the file of that name in `tests/golden`.
#[track_caller]
pub(crate) fn hold(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    let promised = std::fs::read_to_string(&path).unwrap_or_default();
    let (promised_lines, found_lines): (Vec<&str>, Vec<&str>) = (promised.lines().collect(), found.lines().collect());
    assert!(fits(&promised_lines, &found_lines), "tests/golden/{name}\n--- promised\n{promised}--- found\n{found}");
}
