//! The documents' references resolve: every number that the code cites is a heading, every
//! statement about QLDB says how certain it is, and every file that a document names exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The document that the code cites, by the numbers of headings.
const KNOWLEDGE: &str = "docs/qldb.md";
/// The notes from which the knowledge once came, under a name that nobody can open any more.
const GONE: &str = concat!("FAC", "TS");
/// What is searched; `target` is not.
const FOLDERS: [&str; 9] = ["src", "crates", "tests", "fuzz", "benches", "docs", "packaging", ".ci", ".github"];
const DOCUMENTS: [&str; 4] = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"];

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() {
            found.push(path);
        } else if path.file_name().is_some_and(|name| name != "archives" && name != "target") {
            files_below(&path, found);
        }
    }
}

/// Every text of the project, by its path.
fn texts() -> Vec<(String, String)> {
    let mut files: Vec<PathBuf> = DOCUMENTS.iter().map(|name| repository().join(name)).collect();
    FOLDERS.iter().for_each(|folder| files_below(&repository().join(folder), &mut files));
    let name = |path: &Path| path.strip_prefix(repository()).unwrap().to_str().unwrap().replace('\\', "/");
    files.iter().filter_map(|path| Some((name(path), fs::read_to_string(path).ok()?))).collect()
}

fn documents() -> Vec<(String, String)> {
    texts().into_iter().filter(|(name, _)| Path::new(name).extension().is_some_and(|kind| kind == "md")).collect()
}

fn is_code(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|kind| kind == "rs")
}

/// The numbers of a document's headings, in order.
fn headings(text: &str) -> Vec<Vec<u32>> {
    let titles = text.lines().filter_map(|line| line.strip_prefix("##")?.trim_start_matches('#').strip_prefix(' '));
    titles.filter_map(|title| leading_number(title)).map(|(number, _)| number).collect()
}

/// A number such as `4.2` with which a text begins, and the rest.
fn leading_number(text: &str) -> Option<(Vec<u32>, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let number = text[..end].trim_end_matches('.');
    let parts = number.split('.').map(str::parse).collect::<Result<_, _>>().ok()?;
    Some((parts, &text[number.len()..]))
}

/// The numbers of a list such as `4.2 to 4.5, 8`.
fn numbers(mut text: &str) -> Vec<Vec<u32>> {
    let mut found = Vec::new();
    while let Some((number, rest)) = leading_number(text) {
        found.push(number);
        let next = [", ", " to ", " and "].iter().find_map(|joint| rest.strip_prefix(joint));
        let Some(next) = next else { break };
        text = next;
    }
    found
}

#[test]
fn every_number_that_is_cited_is_a_heading() {
    let known: BTreeSet<Vec<u32>> =
        headings(&fs::read_to_string(repository().join(KNOWLEDGE)).unwrap()).into_iter().collect();
    let mut cited = 0;
    for (name, text) in texts().iter().filter(|(name, _)| !name.ends_with("/knowledge.rs")) {
        for line in text.lines() {
            assert!(!line.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == GONE), "{name}: {line}");
            for (at, _) in line.match_indices("qldb.md") {
                let found = numbers(line[at + "qldb.md".len()..].trim_start_matches([' ', '`', ')']));
                assert!(!is_code(name) || !found.is_empty(), "{name} cites {KNOWLEDGE} without a number: {line}");
                cited += found.len();
                found
                    .iter()
                    .for_each(|number| assert!(known.contains(number), "{name}: no heading {number:?}: {line}"));
            }
        }
    }
    assert!(cited > 50, "only {cited} are found");
}

#[test]
fn headings_count_up_and_references_within_a_document_lead_to_one() {
    for (name, text) in documents() {
        let found = headings(&text);
        assert!(found.is_sorted_by(|one, next| one < next), "{name}: {found:?}");
        for (at, _) in text.match_indices('(').filter(|_| !found.is_empty()) {
            if let Some((number, rest)) = leading_number(&text[at + 1..])
                && number.len() > 1
                && rest.starts_with(')')
            {
                assert!(found.contains(&number), "{name}: ({number:?})");
            }
        }
    }
}

#[test]
fn every_statement_about_qldb_says_how_sure_it_is() {
    let text = fs::read_to_string(repository().join(KNOWLEDGE)).unwrap();
    let cells = |line: &str| -> Vec<String> {
        line.trim_matches('|').split(" | ").map(|cell| cell.trim_matches(['|', ' ']).to_owned()).collect()
    };
    let mut marks = BTreeSet::new();
    let (mut is_marked, mut is_legend, mut stated) = (false, false, 0);
    for line in text.lines() {
        let cells = cells(line);
        if !line.starts_with('|') {
            (is_marked, is_legend) = (false, false);
        } else if is_legend && !line.starts_with("|---") {
            marks.insert(cells[0].clone());
        } else if is_marked && !line.starts_with("|---") {
            let last = cells.last().unwrap();
            let word: String = last.chars().take_while(|letter| letter.is_alphabetic()).collect();
            assert!(marks.contains(&word), "{line}");
            stated += 1;
        } else {
            is_legend |= cells[0] == "Mark";
            is_marked |= cells.last().is_some_and(|cell| cell == "Sure");
        }
    }
    assert!(marks.len() == 6 && stated > 75, "{marks:?}, {stated}");
}

#[test]
fn no_test_ends_early_but_for_what_the_machine_lacks() {
    // A missing program, which is reported; an instruction that the CPU lacks.
    let lacks = ["tools::has(", "ShaNi::modelled()"];
    let mut ends = 0;
    for (name, text) in texts().iter().filter(|(name, _)| is_code(name) && !name.ends_with("/knowledge.rs")) {
        let (mut test_ends_with, mut before) = (None, "");
        for line in text.lines() {
            let (indent, attribute) = line.split_at(line.len() - line.trim_start().len());
            if attribute == "#[test]" || attribute.starts_with("#[tokio::test") {
                test_ends_with = Some(format!("{indent}}}"));
            } else if test_ends_with.as_deref() == Some(line) {
                test_ends_with = None;
            } else if test_ends_with.is_some() && ["return;", "{ return }"].iter().any(|end| line.contains(end)) {
                assert!(lacks.iter().any(|word| [before, line].concat().contains(word)), "{name}: {before}\n{line}");
                ends += 1;
            }
            before = line;
        }
    }
    assert!(ends > 0, "what skips for want of a tool is not found");
}

#[test]
fn every_file_that_a_document_names_is_there() {
    let mut named = 0;
    for (name, text) in documents() {
        let folder = repository().join(&name).parent().unwrap().to_owned();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
        for link in links.filter(|link| !link.is_empty() && !link.contains("://")) {
            assert!(folder.join(link).exists(), "{name}: {link}");
            named += 1;
        }
        let words = text.split('`').filter(|word| !word.contains(['*', ' ', '\n', '{']));
        for path in
            words.filter(|word| ["src/", "crates/", "tests/", "docs/"].iter().any(|root| word.starts_with(root)))
        {
            assert!(repository().join(path).exists(), "{name}: {path}");
            named += 1;
        }
    }
    assert!(named > 30, "only {named} are found");
}
