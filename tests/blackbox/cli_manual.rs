//! The manual pages: they are well-formed, hold what a reader looks for in its
//! usual order, and every example in them runs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::s3_cli::in_environment_of;
use crate::s3_server::{S3Server, take_the_key_of_s3};
use crate::serving::Serving;
use crate::support::{Place, Ran, alike};
use crate::tools;

/// The order of man-pages(7).
const SECTIONS: [&str; 9] =
    ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES", "SEE ALSO"];
/// Sections that every page has.
const ALWAYS: [&str; 8] =
    ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "EXAMPLES", "SEE ALSO"];

fn pages() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("man");
    let pages: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(pages.len() > 10, "{pages:?}");
    pages
}

/// The source of one page, as it would be typed.
fn unescaped(line: &str) -> String {
    line.replace("\\*(Aq", "'").replace("\\-", "-").replace("\\&", "").replace("\\\\", "\\")
}

/// The text between .EX and .EE, one script each.
pub(crate) fn examples(page: &Path) -> Vec<String> {
    let source = fs::read_to_string(page).unwrap();
    let blocks = source.split(".EX\n").skip(1).map(|rest| rest.split(".EE\n").next().unwrap());
    blocks.map(|block| block.lines().map(|line| unescaped(line) + "\n").collect()).collect()
}

#[test]
fn mandoc_finds_nothing_wrong_with_any_page() {
    if !tools::has("mandoc") {
        return;
    }
    let output = Command::new("mandoc").args(["-T", "lint", "-W", "style"]).args(pages()).output().unwrap();
    let found = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    // The base system's own rules apply to its own pages.
    let ours: Vec<&str> =
        found.lines().filter(|line| !line.contains("(OpenBSD)") && !line.contains("(NetBSD)")).collect();
    assert!(ours.is_empty(), "{}", ours.join("\n"));
}

#[test]
fn every_page_has_its_sections_in_the_usual_order() {
    for page in pages() {
        let source = fs::read_to_string(&page).unwrap();
        let found: Vec<&str> = source.lines().filter_map(|line| line.strip_prefix(".SH ")).collect();
        let found: Vec<&str> = found.iter().map(|name| name.trim_matches('"')).collect();
        let expected: Vec<&str> =
            SECTIONS.into_iter().filter(|name| ALWAYS.contains(name) || found.contains(name)).collect();
        assert_eq!(found, expected, "{}", page.display());
    }
}

#[test]
fn every_page_that_is_named_is_there() {
    let names: Vec<String> =
        pages().iter().map(|page| page.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    for page in pages() {
        let source = fs::read_to_string(&page).unwrap();
        let referred = source.lines().filter_map(|line| line.strip_prefix(".BR ")).map(|line| line.split(' ').next());
        let ours = referred.flatten().filter(|name| name.starts_with("qldb-export"));
        let missing: Vec<&str> = ours.filter(|name| !names.contains(&(*name).to_owned())).collect();
        assert_eq!(missing, [""; 0], "{}", page.display());
    }
}

/// What examples find in the working directory: a data directory, an archive of its ledger, the digest, documents.
fn prepare(place: &Place) {
    let script = "
        export QLDB_EXPORT_DATA_DIR=ledgers
        qldb-export ledger sample vehicle-registration --transactions 20 > /dev/null
        qldb-export ledger digest vehicle-registration --output json > digest.json
        qldb-export start --local --wait --quiet --last 60d --ledger vehicle-registration \
            --bucket my-exports --prefix nightly/ --role-arn arn:aws:iam::123456789012:role/export > /dev/null
        mv ledgers/buckets/my-exports archive
        echo '{\"Name\":\"Grace\"}' > players.jsonl
    ";
    let ran = Ran::of(shell(place, &place.command([]), script));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

/// A script in the place, with the environment of a command.
fn shell(place: &Place, like: &Command, script: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-euc", script]).current_dir(place.path());
    alike(&mut shell, like);
    shell
}

/// What ends with 0. Against the built-in endpoint, which keeps objects in directories, the default of the service is
/// refused, and rightly so.
fn has_run(ran: &Ran) -> bool {
    ran.code == Some(0) || (ran.code == Some(4) && ran.stderr.contains("SSE_S3"))
}

#[test]
fn every_example_runs() {
    let (served, prepared) = (Place::new(), Place::new());
    let s3 = S3Server::new("my-exports");
    take_the_key_of_s3(served.path());
    let serving = Serving::new(&served);
    prepare(&prepared);
    for page in pages() {
        // Examples on one page build on each other; those on two pages don't.
        let place = Place::new();
        let copied = Command::new("cp").arg("-R").arg(prepared.path().join(".")).arg(place.path()).status();
        assert!(copied.unwrap().success());
        let examples = examples(&page);
        assert!(!examples.is_empty(), "{}", page.display());
        for example in examples {
            let like = if example.contains("--local") || example.contains(" ledger ") || example.contains("serve") {
                place.command([])
            } else {
                in_environment_of(&s3, serving.command(&place, []))
            };
            let ran = Ran::of(shell(&place, &like, &example));
            assert!(has_run(&ran), "{}:\n{example}\n{ran:?}", page.display());
        }
    }
}
