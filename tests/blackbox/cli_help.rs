//! What `--help` shows of each command: what has to be typed, the global flags
//! that have an effect there, and examples at its end, the same as in the manual.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::cli_manual::examples;
use crate::engine_support::files;
use crate::support::Place;

/// Flags that are global, wherever they have an effect.
const GLOBAL: [&str; 17] = [
    "--region",
    "--profile",
    "--endpoint-url",
    "--local",
    "--data-dir",
    "--object-store",
    "--assume-role",
    "--s3-path-style",
    "--output",
    "--query",
    "--quiet",
    "--verbose",
    "--color",
    "--no-progress",
    "--events",
    "--heartbeat",
    "--no-cli-pager",
];

/// Every command with its words and its manual page.
fn commands(place: &Place) -> Vec<(Vec<String>, PathBuf)> {
    let folder = place.path().join("man");
    assert_eq!(place.run(["man", folder.to_str().unwrap()]).code, Some(0));
    let words = |page: &Path| -> Vec<String> {
        let name = page.file_stem().unwrap().to_str().unwrap().strip_prefix("qldb-export").unwrap().to_owned();
        name.split('-').filter(|word| !word.is_empty()).map(str::to_owned).collect()
    };
    files(&folder).into_iter().map(|page| (words(&page), page)).collect()
}

fn help(place: &Place, command: &[String]) -> String {
    let ran = place.run(command.iter().map(String::as_str).chain(["--help"]));
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{command:?}");
    ran.stdout
}

/// The global flags that lines begin with, perhaps behind a short name.
fn shown<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeSet<&'static str> {
    let flag = |line: &'a str| line.trim_start().split([' ', ',']).find(|word| word.starts_with("--"));
    let found: BTreeSet<&str> = lines.filter_map(flag).collect();
    GLOBAL.into_iter().filter(|flag| found.contains(flag)).collect()
}

/// Those that a help describes.
fn shown_by_help(help: &str) -> BTreeSet<&'static str> {
    shown(help.lines().filter(|line| line.starts_with("      --") || line.starts_with("  -")))
}

/// Those that a page describes: a flag's line comes after the request for a paragraph with a tag.
fn shown_by_page(page: &Path) -> BTreeSet<&'static str> {
    let source = fs::read_to_string(page).unwrap().replace("\\fB", "").replace("\\fR", "").replace('\\', "");
    let options = source.split(".SH OPTIONS\n").nth(1).unwrap().split("\n.SH ").next().unwrap();
    shown(options.split(".TP\n").filter_map(|item| item.lines().next()))
}

#[test]
fn each_help_ends_with_two_or_three_examples_of_its_page() {
    let place = Place::new();
    for (command, page) in commands(&place) {
        let help = help(&place, &command);
        let (_, ending) = help.rsplit_once("\nExamples:\n").unwrap_or_else(|| panic!("{command:?}: {help}"));
        let shown: Vec<String> = ending.trim_end().split("\n\n").map(str::to_owned).collect();
        assert!((2..=3).contains(&shown.len()), "{command:?}: {ending}");
        for (example, script) in shown.iter().zip(examples(&page)) {
            let (purpose, lines) = example.split_once(":\n").unwrap();
            assert!(purpose.starts_with("  ") && !purpose.contains('\n'), "{command:?}: {purpose}");
            let lines: String = lines.lines().flat_map(|line| [line.strip_prefix("    ").unwrap(), "\n"]).collect();
            assert_eq!(lines, script, "{command:?}");
        }
    }
}

#[test]
fn a_usage_line_shows_what_has_to_be_typed() {
    let place = Place::new();
    for (command, required) in [
        (
            "start",
            &[
                "--ledger <NAME> --from <TIME> --bucket <BUCKET> --prefix <PREFIX> --role-arn <ARN>",
                "--last <DURATION>",
            ][..],
        ),
        ("sync", &["--ledger <NAME> --bucket <BUCKET> --prefix <PREFIX> --role-arn <ARN>"]),
        ("policy", &["--ledger <NAME> --bucket", "policy trust [OPTIONS] --account <ID>"]),
        ("wait", &["wait [OPTIONS] <EXPORT_ID>"]),
        ("ledger append", &["append [OPTIONS] <NAME> --table <TABLE> [FILE]"]),
    ] {
        let words: Vec<String> = command.split(' ').map(str::to_owned).collect();
        let help = help(&place, &words);
        let usage = help.split_once("Usage: ").unwrap().1.split("\n\n").next().unwrap();
        assert!(usage.lines().all(|line| line.len() <= 80), "{usage}");
        let usage = usage.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(required.iter().all(|part| usage.contains(part)), "{command}: {usage}");
    }
}

#[test]
fn help_and_manual_show_the_global_flags_that_have_an_effect() {
    let place = Place::new();
    for (command, page) in commands(&place) {
        let help = help(&place, &command);
        let in_help = shown_by_help(&help);
        assert_eq!(in_help, shown_by_page(&page), "{command:?}");
        let has = |flag| in_help.contains(flag);
        match command.join(" ").as_str() {
            "" | "start" | "sync" | "wait" | "verify" => {
                assert_eq!(in_help.len(), GLOBAL.len(), "{command:?}: {in_help:?}");
            }
            "completions" | "man" => assert_eq!(in_help, BTreeSet::from(["--color"]), "{command:?}"),
            "policy" => assert!(has("--region") && !has("--local") && !has("--data-dir") && !has("--no-progress")),
            other if other.starts_with("ledger") => {
                assert!(has("--data-dir") && !has("--local") && !has("--endpoint-url"));
            }
            "convert" | "history" | "prove" => assert!(has("--output") && has("--no-progress") && !has("--data-dir")),
            _ => assert!(has("--output") && has("--data-dir") && !has("--no-progress"), "{command:?}: {in_help:?}"),
        }
    }
}

#[test]
fn a_flag_that_would_mislead_is_refused_and_others_are_accepted_before_and_after_the_command() {
    let place = Place::new();
    for (line, flag) in [
        ("completions bash --endpoint-url http://localhost:1", "--endpoint-url"),
        ("--endpoint-url http://localhost:1 verify .", "--endpoint-url"),
        ("ledger list --endpoint-url http://localhost:1", "--endpoint-url"),
        ("serve --endpoint-url http://localhost:1", "--endpoint-url"),
        ("man --query a", "--query"),
        ("completions zsh --output json", "--output"),
        ("verify . --object-store s3", "--object-store"),
        ("policy permissions --bucket abc --prefix p --object-store s3 --assume-role", "--assume-role"),
    ] {
        let ran = place.run(line.split(' '));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{line}: {ran:?}");
        assert!(ran.stderr.contains(&format!("{flag} does not apply to `")), "{line}: {}", ran.stderr);
    }
    place.configure("[profile audit]\nregion = eu-west-1\n");
    let harmless = "--region eu-west-1 --profile audit --local --data-dir d --s3-path-style --quiet --verbose \
                    --color never --no-progress --heartbeat 1s --no-cli-pager";
    for command in ["completions bash", "man", "policy permissions --bucket abc --prefix p/"] {
        for line in [format!("{harmless} {command}"), format!("{command} {harmless}")] {
            let ran = place.run(line.split_whitespace());
            assert_eq!(ran.code, Some(0), "{line}: {}", ran.stderr);
        }
    }
}
