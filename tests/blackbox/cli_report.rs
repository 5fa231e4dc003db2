//! `--report`: for people who were not there, whatever the archive contains.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::engine_support::{Site, completed, files, sample};
use crate::support::{Place, Ran, alike};

const WHOLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/archives/small/ION_TEXT");
const TRUTH: &str = include_str!("../archives/small/truth.json");

/// Every element in a report. None of them loads or runs anything.
const ELEMENTS: [&str; 38] = [
    "html",
    "head",
    "meta",
    "title",
    "style",
    "body",
    "header",
    "h1",
    "h2",
    "h3",
    "main",
    "section",
    "nav",
    "ul",
    "li",
    "a",
    "p",
    "dl",
    "dt",
    "dd",
    "table",
    "caption",
    "thead",
    "tbody",
    "tr",
    "th",
    "td",
    "code",
    "pre",
    "figure",
    "figcaption",
    "svg",
    "desc",
    "rect",
    "line",
    "text",
    "footer",
    "!DOCTYPE",
];
/// Elements without contents, which are never closed.
const EMPTY: [&str; 2] = ["meta", "!DOCTYPE"];

/// What a strict reader finds in a page: texts, and the attributes of each element.
#[derive(Default)]
struct Page {
    text: String,
    elements: Vec<(String, BTreeMap<String, String>)>,
}

impl Page {
    /// Reads a page more strictly than a browser: any deviation is a failure.
    fn read(markup: &str) -> Self {
        let (mut page, mut open, mut rest) = (Self::default(), Vec::<String>::new(), markup);
        while let Some((before, after)) = rest.split_once('<') {
            page.add_text(before, open.last().map(String::as_str));
            let (tag, after) = after.split_once('>').unwrap();
            rest = after;
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(name));
                continue;
            }
            let (name, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
            assert!(ELEMENTS.contains(&name), "<{tag}>");
            page.elements.push((
                name.to_owned(),
                if name == "!DOCTYPE" { BTreeMap::new() } else { read_attributes(attributes) },
            ));
            if !EMPTY.contains(&name) {
                open.push(name.to_owned());
            }
        }
        assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} {rest}");
        page
    }

    fn add_text(&mut self, raw: &str, inside: Option<&str>) {
        assert!(!raw.contains('>') || inside == Some("style"), "{raw}");
        if inside != Some("style") {
            self.text.push_str(&unescaped(raw));
            self.text.push('\n');
        }
    }

    fn count(&self, name: &str) -> usize {
        self.elements.iter().filter(|(element, _)| element == name).count()
    }
}

fn read_attributes(text: &str) -> BTreeMap<String, String> {
    let (mut found, mut rest) = (BTreeMap::new(), text);
    while !rest.is_empty() {
        let (name, after) = rest.split_once("=\"").unwrap();
        let (value, after) = after.split_once('"').unwrap();
        assert!(!name.starts_with("on") && !["src", "srcset", "style", "xlink:href"].contains(&name), "{text}");
        assert!(found.insert(name.to_owned(), unescaped(value)).is_none(), "{text}");
        rest = after.strip_prefix(' ').unwrap_or(after);
    }
    found
}

fn unescaped(text: &str) -> String {
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    entities.iter().fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}

/// Nothing that a terminal would obey or that changes the direction of writing.
fn is_harmless(text: &str) -> bool {
    let turns =
        |one| matches!(one, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    !text
        .contains(|one: char| (one.is_control() && one != '\n') || turns(one) || matches!(one, '\u{2028}' | '\u{2029}'))
}

fn verify(place: &Place, archive: &Path, more: &[&str]) -> Ran {
    let mut command = place.command(["verify"]);
    command.arg(archive).args(more).current_dir(place.path());
    Ran::of(command)
}

/// Both forms of the report, which must have been written, and the exit code.
fn reports(place: &Place, archive: &Path, more: &[&str]) -> (Page, String, Ran) {
    let html = verify(place, archive, &[more, &["--report", "report.html"]].concat());
    let text = verify(place, archive, &[more, &["--report", "report.txt"]].concat());
    assert_eq!((html.code, html.stdout.as_str()), (text.code, text.stdout.as_str()), "{}", html.stderr);
    assert!(html.stderr.contains("the report is in report.html"), "{}", html.stderr);
    let read = |name| fs::read_to_string(place.path().join(name)).unwrap();
    let (markup, text) = (read("report.html"), read("report.txt"));
    assert!(is_harmless(&markup) && is_harmless(&text));
    (Page::read(&markup), text, html)
}

/// Without line breaks and indentation, which differ between the two forms.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn truth() -> Value {
    serde_json::from_str(TRUTH).unwrap()
}

fn copied(place: &Place, name: &str) -> PathBuf {
    let archive = place.path().join(name);
    for file in files(Path::new(WHOLE)) {
        let to = archive.join(file.strip_prefix(WHOLE).unwrap());
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(file, to).unwrap();
    }
    archive
}

#[test]
fn both_forms_say_what_was_proved_and_list_every_file() {
    let place = Place::new();
    let truth = truth();
    let last = &truth["digests"].as_array().unwrap().last().unwrap().clone();
    let digest = [last["digest"].as_str().unwrap(), &last["tip"].to_string()].map(ToOwned::to_owned);
    let (page, text, ran) = reports(&place, Path::new(WHOLE), &["--digest", &digest[0], "--tip", &digest[1]]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(text.contains("\nVERDICT: PROVED\n\nProved: the archive is complete and unaltered."), "{text}");
    let counts = &truth["counts"]["revisionsByKind"];
    for shown in [flat(&page.text), flat(&text)] {
        for file in files(Path::new(WHOLE)) {
            let bytes = fs::read(&file).unwrap();
            for fact in [qldb_journal::Hash::of(&bytes).to_hex(), bytes.len().to_string()] {
                assert!(shown.contains(&fact), "{fact}");
            }
        }
        for fact in [
            "Proved: the archive is complete and unaltered.",
            "has the digest that was given (--digest and --tip)",
            "metadata of a revision that deletes",
            "1 revision has the hash of the data in its place",
            &format!("{} revisions delete a document", counts["deleted"]),
            "CKY2POw9yEH7JN1XRuPyJW",
            "FWq0r3grgZr1ucJVkzAeH2",
            truth["strandId"].as_str().unwrap(),
            "60 blocks from 2024-03-01T00:05:35.144Z to 2024-03-01T19:41:42.635Z",
            "\"receipt\": \"qldb-export verify\"",
            &format!("qldb-export {}", env!("CARGO_PKG_VERSION")),
        ] {
            assert!(shown.contains(fact), "{fact}\n{shown}");
        }
    }
    // For screen readers: one main heading, no level omitted, and every table header says what it heads.
    let headings: Vec<&str> = page
        .elements
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| matches!(*name, "h1" | "h2" | "h3"))
        .collect();
    assert_eq!((headings[0], page.count("h1"), page.count("main"), page.count("svg")), ("h1", 1, 1, 1));
    assert!(
        headings.windows(2).all(|pair| pair[1] <= pair[0] || pair[1].as_bytes()[1] == pair[0].as_bytes()[1] + 1),
        "{headings:?}"
    );
    let heads = page.elements.iter().filter(|(name, _)| name == "th");
    assert!(heads.map(|(_, attributes)| attributes["scope"].as_str()).all(|scope| ["col", "row"].contains(&scope)));
    assert_eq!(page.count("table"), page.count("caption"));
    assert_eq!(page.elements[1], ("html".to_owned(), BTreeMap::from([("lang".to_owned(), "en".to_owned())])));
    let links = page.elements.iter().filter_map(|(_, attributes)| attributes.get("href"));
    assert!(links.clone().count() > 5 && links.clone().all(|link| link.starts_with('#')));
}

/// Exports of one range under one prefix in one hour have the same objects.
#[test]
fn an_object_that_several_exports_list_is_in_the_report_once() {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "twice", 30);
    for _ in 0..2 {
        completed(&engine, &site.request("twice", 31));
    }
    let archive = site.data_dir().join("buckets/exports");
    let is_data = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "ion");
    let objects: Vec<PathBuf> = files(&archive).into_iter().filter(is_data).collect();
    let place = Place::new();
    for more in [&[][..], &["--level", "objects"]] {
        let (page, text, ran) = reports(&place, &archive, more);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        for object in &objects {
            let name = object.file_name().unwrap().to_str().unwrap();
            // In the table of files, and in the receipt.
            assert_eq!((page.text.matches(name).count(), text.matches(name).count()), (2, 2), "{more:?} {name}");
        }
    }
}

#[test]
fn the_command_in_a_report_repeats_it() {
    let place = Place::new();
    // Characters that a shell, a terminal and a flag would misinterpret.
    let archive = copied(&place, "it's $HOME \\ `x`\n\u{1b}[31m\u{202e}ä");
    let (_, text, ran) = reports(&place, &archive, &["--ledger", "forge-ledger"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let command = text.lines().find(|line| line.starts_with("qldb-export verify ")).unwrap();
    assert!(command.ends_with(" --ledger forge-ledger"), "{command}");
    let mut shell = Command::new("bash");
    alike(&mut shell, &place.command([])).current_dir(place.path()).args(["-c", command]);
    let again = Ran::of(shell);
    assert_eq!((again.code, again.stdout), (Some(0), ran.stdout), "{command}: {}", again.stderr);
}

/// What happens to a file.
type Harm = fn(&Path);

#[test]
fn a_failed_verdict_is_reported_first_with_what_is_wrong() {
    let alter: Harm = |file| {
        let text = fs::read_to_string(file).unwrap();
        fs::write(file, text.replacen("statement:\"", "statement:\"X", 1)).unwrap();
    };
    let remove: Harm = |file| fs::remove_file(file).unwrap();
    let cases: [(Harm, i32, &str); 2] = [(alter, 10, "damaged"), (remove, 11, "incomplete")];
    for (harm, code, word) in cases {
        let place = Place::new();
        let archive = copied(&place, "archive");
        harm(&files(&archive).into_iter().find(|file| file.to_str().unwrap().ends_with(".5-12.ion")).unwrap());
        let (page, text, ran) = reports(&place, &archive, &[]);
        assert_eq!(ran.code, Some(code), "{}", ran.stderr);
        let sentence = format!("Not proved: the archive is {word}.");
        for shown in [flat(&page.text), flat(&text)] {
            let at = |what: &str| shown.find(what).unwrap_or_else(|| panic!("{what}: {shown}"));
            assert!(
                at(&sentence) < at("What is wrong or doubtful")
                    && at("What is wrong or doubtful") < at("What was checked")
            );
        }
        let class = format!("verdict {word}");
        assert!(page.elements.iter().any(|(_, attributes)| attributes.get("class") == Some(&class)));
    }
}

#[test]
fn nothing_in_an_archive_becomes_markup_or_moves_a_terminal() {
    let evil = "</title></pre><script src=//x.example>alert(1)</script>'\"&amp;\u{1b}]0;x\u{7}\u{202e}";
    let place = Place::new();
    let archive = copied(&place, "<img src=x onerror=alert(1)>\u{9b}31m");
    for file in files(&archive) {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let quoted = evil.replace('"', "\\\"").replace('\u{1b}', "\\x1b").replace('\u{7}', "\\a");
        let text = text.replace("ledgerName:\"forge-ledger\"", &format!("ledgerName:\"{quoted}\""));
        fs::write(&file, text.replace("tableName:\"Person\"", &format!("tableName:\"{quoted}\""))).unwrap();
    }
    let name = evil.replace('/', "%2F");
    fs::write(archive.join(format!("{name}.txt")), "").unwrap();
    fs::write(archive.join("exports").join(format!("{name}.0-3.ion")), "<script>").unwrap();
    let (page, text, ran) = reports(&place, &archive, &[]);
    assert_eq!(ran.code, Some(10), "{}", ran.stderr);
    for shown in [&page.text, &text] {
        // The ledger's name in the title, the table, the files, the folder: as text, character by character.
        assert!(
            shown.matches("<script").count() > 4 && shown.contains("<img src=x onerror=alert(1)>\\u{9b}31m"),
            "{shown}"
        );
        assert!(shown.contains("\\u{1b}]0;x\\u{7}\\u{202e}"), "{shown}");
    }
}

#[test]
fn saved_answers_are_reported_by_themselves() {
    let place = Place::new();
    let vector = |name: &str| concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/").to_owned() + name;
    let (block, digest) = (vector("awscli-get-block-100.json"), vector("awscli-get-digest-123.json"));
    let mut command = place.command(["verify", "--block", &block, "--digest", &digest, "--report", "report.html"]);
    command.current_dir(place.path());
    let ran = Ran::of(command);
    let page = Page::read(&fs::read_to_string(place.path().join("report.html")).unwrap());
    let verdict = if ran.code == Some(0) {
        "Proved: what was saved belongs to the journal"
    } else {
        "Not proved: the saved answer"
    };
    assert!(page.text.contains(verdict) && page.text.contains("Saved answers"), "{}", page.text);
    assert!(page.text.contains(&qldb_journal::Hash::of(&fs::read(&block).unwrap()).to_hex()), "{}", page.text);
}

#[test]
fn an_interrupted_verification_reports_the_same_and_other_files_stay() {
    let place = Place::new();
    let resume = ["--resume", "state"];
    let first = reports(&place, Path::new(WHOLE), &resume).1;
    let again = reports(&place, Path::new(WHOLE), &resume).1;
    let is_dated =
        |line: &&str| ["Date:", "Written by ", "  \"verifiedAt\""].iter().any(|begins| line.starts_with(begins));
    let undated = |text: &str| text.lines().filter(|line| !is_dated(line)).collect::<Vec<_>>().join("\n");
    assert_eq!(undated(&first), undated(&again));
    for name in ["notes.html", "notes.txt"] {
        fs::write(place.path().join(name), "notes").unwrap();
        let ran = verify(&place, Path::new(WHOLE), &["--report", name]);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains("already exists and is not a report of this program"), "{}", ran.stderr);
        assert_eq!(fs::read(place.path().join(name)).unwrap(), b"notes");
    }
    for name in ["report", "report.pdf", "-"] {
        let ran = verify(&place, Path::new(WHOLE), &["--report", name]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{}", ran.stderr);
        assert!(ran.stderr.contains("ends in neither .html nor .txt"), "{}", ran.stderr);
    }
    let inside = copied(&place, "archive").join("report.html");
    let ran = verify(&place, &place.path().join("archive"), &["--report", inside.to_str().unwrap()]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(!inside.exists());
}

/// Who reads that the report failed must not take the rest for failed.
#[cfg(target_os = "linux")]
#[test]
fn a_report_that_can_not_be_written_does_not_hide_what_was() {
    let place = Place::new();
    std::os::unix::fs::symlink("/dev/full", place.path().join("full.txt")).unwrap();
    let archive = format!("{}/tests/archives/small/ION_TEXT", env!("CARGO_MANIFEST_DIR"));
    let run = |arguments: &[&str]| {
        let mut command = place.command(arguments.iter().copied().chain([&*archive, "--report", "full.txt"]));
        command.current_dir(place.path());
        Ran::of(command)
    };
    for (arguments, made) in
        [(&["convert", "--to", "a.db"][..], "a.db"), (&["prove", "--block", "3", "--out", "proof"], "proof")]
    {
        let ran = run(arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{}", ran.stderr);
        assert!(ran.stderr.contains(&format!("; {made} was written")), "{}", ran.stderr);
        assert!(place.path().join(made).exists());
        assert_eq!(run(arguments).code, Some(2), "it is there already");
    }
}

#[test]
fn a_conversion_writes_its_report_even_if_it_writes_no_tables() {
    let place = Place::new();
    let convert = |archive: &str, to: &str, report: &str| {
        let mut command = place.command(["convert", archive, "--to", to, "--report", report]);
        command.current_dir(place.path());
        Ran::of(command).code
    };
    assert_eq!(convert(WHOLE, "a.db", "proved.html"), Some(0));
    let page = Page::read(&fs::read_to_string(place.path().join("proved.html")).unwrap());
    assert!(
        page.text.contains("Proved: the archive is complete")
            && page.text.contains("were written to a.db in the same pass")
    );
    assert_eq!(convert(&WHOLE.replace("ION_TEXT", "JSON"), "b.db", "unproved.txt"), Some(12));
    let text = flat(&fs::read_to_string(place.path().join("unproved.txt")).unwrap());
    assert!(text.contains("Not proved: the archive could not be checked as far as was asked."), "{text}");
    assert!(text.contains("No tables were written to b.db") && !place.path().join("b.db").exists(), "{text}");
}
