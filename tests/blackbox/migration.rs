//! The AWS CLI's lines in the documents, given to this tool with nothing changed
//! but the first words, say what its own words say.

use std::process::Command;

use super::serving::Serving;
use super::support::{Place, Ran, alike};

const EXPORTING: &str = include_str!("../../docs/exporting.md");
const OLD: &str = "aws qldb ";
const OWN: &str = "qldb-export ";

/// The table's rows: the AWS CLI's line, and this tool's.
fn rows() -> Vec<(&'static str, &'static str)> {
    let cells = EXPORTING.lines().filter_map(|line| line.strip_prefix("| `")?.strip_suffix("` |")?.split_once("` | `"));
    cells.filter(|(old, _)| old.starts_with(OLD)).collect()
}

/// A place with an endpoint, where lines are run in a shell.
struct Shell {
    place: Place,
    serving: Serving,
}

impl Shell {
    fn new() -> Self {
        let place = Place::new();
        let serving = Serving::new(&place);
        Self { place, serving }
    }

    fn run(&self, line: &str, export: &str) -> Ran {
        let mut shell = Command::new("sh");
        alike(&mut shell, &self.serving.command(&self.place, [])).args(["-c", line]).env("ID", export);
        Ran::of(shell)
    }

    /// What a line prints.
    fn printed(&self, line: &str, id: &str) -> String {
        let ran = self.run(line, id);
        assert_eq!(ran.code, Some(0), "{line}\n{}", ran.stderr);
        assert!(!ran.stdout.trim().is_empty(), "{line}");
        ran.stdout
    }
}

#[test]
fn every_aws_cli_command_does_what_the_command_beside_it_does() {
    let shell = Shell::new();
    let ((start, own_start), rest) = rows().split_first().map(|(first, rest)| (*first, rest.to_vec())).unwrap();
    assert!(rest.len() >= 5);
    let id = shell.printed(own_start, "").trim().to_owned();
    let ids = [shell.printed(&start.replacen(OLD, OWN, 1), ""), format!("{id}\n")];
    assert!(ids.iter().all(|id| id.len() == 23), "{ids:?}");
    shell.printed(&format!("qldb-export wait {}", ids[0].trim()), "");
    shell.printed("qldb-export wait \"$ID\"", &id);
    for (old, own) in rest {
        assert_eq!(shell.printed(&old.replacen(OLD, OWN, 1), &id), shell.printed(own, &id), "{old}");
    }
}

#[test]
fn the_aws_clis_names_print_json_unless_text_is_requested() {
    let shell = Shell::new();
    let json = shell.printed("qldb-export export-journal-to-s3 --dry-run --name a --inclusive-start-time -2d --bucket abc --prefix p --role-arn arn:aws:iam::123456789012:role/r", "");
    assert!(json.starts_with("{\n    \"Method\": \"POST\""), "{json}");
    let list = "list-journal-s3-exports";
    assert_eq!(shell.printed(&format!("qldb-export {list}"), ""), "{\n    \"JournalS3Exports\": []\n}\n");
    assert_eq!(shell.run(&format!("qldb-export {list} --output text"), "").stdout.trim(), "");
    assert_eq!(shell.run(&format!("AWS_DEFAULT_OUTPUT=text qldb-export {list}"), "").stdout.trim(), "");
    assert_eq!(shell.printed("qldb-export list --query 'length(JournalS3Exports)'", ""), "0\n");
    assert_eq!(shell.run("AWS_DEFAULT_OUTPUT=json qldb-export list", "").stdout, "");
}

#[test]
fn a_value_equal_to_an_aws_cli_command_is_not_a_command() {
    let place = Place::new();
    for (line, expected) in [
        ("--data-dir list-journal-s3-exports list --local", ""),
        ("--data-dir=list-journal-s3-exports list --local", ""),
        ("--data-dir list list-journal-s3-exports --local", "{\n    \"JournalS3Exports\": []\n}\n"),
    ] {
        let mut command = place.command(line.split(' '));
        command.current_dir(place.path());
        let ran = Ran::of(command);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), expected), "{line}: {ran:?}");
    }
}

#[test]
fn a_query_that_cannot_be_read_is_refused_before_anything_is_sent() {
    let ran = Place::new().run(["list", "--query", "JournalS3Exports["]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("--query \"JournalS3Exports[\" is not JMESPath"), "{}", ran.stderr);
}

#[test]
fn a_query_that_does_not_fit_loses_no_export_id() {
    let shell = Shell::new();
    let start = rows()[0].1;
    let ran = shell.run(&format!("{start} --query 'abs(ExportId)'"), "");
    assert_ne!(ran.code, Some(0));
    assert!(ran.stderr.contains("{\"ExportId\":\""), "{}", ran.stderr);
}
