//! What holds for every command: JSON, a quiet stderr, no control characters in a pipe, and events. The commands are
//! those of the definition, of which the manual has one page each: one that is new fails here until it has a case.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::canned::{Canned, EXPORT_ID, described};
use crate::engine_support::files;
use crate::serving::signal;
use crate::support::{Place, Ran};

const ROLE: &str = "arn:aws:iam::123456789012:role/export";

/// Every command without subcommands, as it is typed.
fn commands() -> Vec<String> {
    let place = Place::new();
    let folder = place.path().join("man");
    assert_eq!(place.run(["man", folder.to_str().unwrap()]).code, Some(0));
    let name = |path: PathBuf| Some(path.file_stem()?.to_str()?.strip_prefix("qldb-export-")?.to_owned());
    let pages: BTreeSet<String> = files(&folder).into_iter().filter_map(name).collect();
    let has_commands = |page: &String| pages.iter().any(|other| other.starts_with(&format!("{page}-")));
    let leaves = pages.iter().filter(|page| !has_commands(page));
    leaves.map(|page| page.replacen("ledger-", "ledger ", 1)).collect()
}

/// A ledger with an archive of it.
struct World {
    place: Place,
    archive: PathBuf,
    export: String,
}

impl World {
    fn new() -> Self {
        Self::of("30")
    }

    fn of(transactions: &str) -> Self {
        let place = Place::new();
        let sample = ["ledger", "sample", "demo", "--transactions", transactions, "--days", "2"];
        assert_eq!(place.run(sample).code, Some(0));
        let start = ["start", "--local", "--ledger", "demo", "--last", "9d", "--bucket", "exports", "--prefix", "a/"];
        let ran = place.run(start.into_iter().chain(["--role-arn", ROLE, "--wait"]));
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let export = ran.stdout.lines().next().unwrap().to_owned();
        let archive = place.path().join("buckets/exports/a");
        Self { place, archive, export }
    }

    /// The arguments with which a command does its work.
    fn arguments(&self, command: &str) -> Vec<String> {
        let archive = self.archive.to_str().unwrap();
        let destination = |prefix| ["--bucket", "exports", "--prefix", prefix, "--role-arn", ROLE];
        let of_demo = ["--local", "--ledger", "demo"];
        let arguments: Vec<&str> = match command {
            "start" => [&of_demo[..], &["--last", "9d", "--wait"], &destination("b/")].concat(),
            "wait" | "status" => vec![&self.export, "--local"],
            "list" => vec!["--local"],
            "sync" => [&of_demo[..], &["--from", "-3d", "--verify"], &destination("c/")].concat(),
            "policy" => [&["--ledger", "demo", "--region", "us-east-1"][..], &destination("d/")].concat(),
            "verify" => vec![archive],
            "history" => vec![archive, "--where", "Vehicle.Type=Sedan"],
            "prove" => vec![archive, "--block", "3", "--out", "proof", "--force"],
            "convert" => vec![archive, "--as", "jsonl", "--to", "tables", "--force"],
            "serve" => vec!["--listen", "127.0.0.1:0"],
            "ledger list" | "ledger recover" | "man" => Vec::new(),
            "completions" => vec!["bash"],
            "ledger compact" | "ledger describe" | "ledger digest" => vec!["demo"],
            "ledger delete" => vec!["demo", "--force"],
            "ledger sample" => vec!["another", "--transactions", "20"],
            "ledger append" => vec!["demo", "--table", "Players", self.document()],
            "ledger import" => vec!["copy", archive],
            other => panic!("the command {other} has no case here: what are its arguments, and its JSON?"),
        };
        arguments.into_iter().map(str::to_owned).collect()
    }

    fn document(&self) -> &'static str {
        fs::write(self.place.path().join("document"), "{n:1}").unwrap();
        "document"
    }

    /// Runs a command with these flags besides its arguments. `serve` is stopped when it has printed its address.
    fn run(&self, command: &str, flags: &[&str], variables: &[(&str, &str)]) -> Ran {
        let arguments = self.arguments(command);
        // Importing a ledger that already exists fails.
        let elsewhere = Place::new();
        let place = if command == "ledger import" { &elsewhere } else { &self.place };
        let typed = command.split(' ').chain(arguments.iter().map(String::as_str)).chain(flags.iter().copied());
        let mut process = place.command(typed);
        process.current_dir(self.place.path()).envs(variables.iter().copied()).env_remove("CI");
        if command == "serve" { served(process) } else { Ran::of(process) }
    }
}

fn served(mut command: Command) -> Ran {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut reader = BufReader::new(child.stdout.take().unwrap());
    let mut stdout = String::new();
    reader.read_line(&mut stdout).unwrap();
    signal("-TERM", child.id());
    reader.read_to_string(&mut stdout).unwrap();
    Ran { stdout, ..Ran::from(child.wait_with_output().unwrap()) }
}

/// A member of the first JSON document of each command; `None` for those whose output is not a result.
fn member(command: &str) -> Option<&'static str> {
    match command {
        "start" | "sync" => Some("ExportId"),
        "wait" | "status" => Some("ExportDescription"),
        "list" => Some("JournalS3Exports"),
        "policy" => Some("TrustPolicy"),
        "verify" | "convert" | "prove" => Some("verdict"),
        "history" => Some("documentId"),
        "serve" => Some("AWS_ENDPOINT_URL_QLDB"),
        "ledger list" | "ledger recover" => Some("Ledgers"),
        "ledger describe" | "ledger sample" => Some("Journal"),
        "ledger append" => Some("DocumentIds"),
        "ledger compact" => Some("Segments"),
        "ledger import" => Some("Created"),
        "ledger digest" => Some("DigestTipAddress"),
        "ledger delete" => Some("State"),
        _ => None,
    }
}

#[test]
fn every_command_answers_in_json_or_says_that_it_has_none() {
    let world = World::new();
    for command in commands() {
        if command == "ledger delete" {
            continue;
        }
        let ran = world.run(&command, &["--output", "json"], &[]);
        let Some(member) = member(&command) else {
            assert!((ran.code, ran.stdout.as_str()) == (Some(2), "") && ran.stderr.contains("--output"), "{ran:?}");
            continue;
        };
        assert_eq!(ran.code, Some(0), "{command}: {}", ran.stderr);
        let documents = ran.json();
        assert!(documents.iter().all(Value::is_object), "{command}: {}", ran.stdout);
        assert!(documents[0].get(member).is_some(), "{command}: {}", ran.stdout);
    }
    let ran = world.run("ledger delete", &["--output", "json"], &[]);
    assert_eq!(ran.json()[0], serde_json::json!({ "Name": "demo", "State": "DELETED" }));
}

#[test]
fn serve_says_everything_in_one_line_of_json() {
    let ran = World::new().run("serve", &["--output", "json", "--quiet"], &[]);
    assert_eq!((ran.stdout.lines().count(), ran.json().len()), (1, 1), "{}", ran.stdout);
}

#[test]
fn no_pipe_gets_a_control_character() {
    for variables in [&[("TERM", "xterm-256color")][..], &[("TERM", "dumb")], &[("NO_COLOR", "1"), ("LC_ALL", "C")]] {
        let world = World::new();
        let all = commands();
        let (last, others) = all.iter().partition::<Vec<_>, _>(|command| *command == "ledger delete");
        for command in others.into_iter().chain(last) {
            let ran = world.run(command, &["--heartbeat", "1ms"], variables);
            assert_eq!(ran.code, Some(0), "{command}: {}", ran.stderr);
            let strange = |character: char| character.is_control() && character != '\n';
            assert!(!ran.stderr.contains(strange), "{command}: {:?}", ran.stderr);
            assert!(!ran.stdout.contains('\u{1b}') && !ran.stdout.contains('\r'), "{command}: {:?}", ran.stdout);
        }
    }
}

#[test]
fn quiet_is_quiet_unless_something_fails() {
    let world = World::new();
    for command in commands() {
        let ran = world.run(&command, &["--quiet", "--heartbeat", "1ms"], &[]);
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""), "{command}");
        if command == "ledger delete" {
            assert_eq!(world.place.run(["ledger", "sample", "demo", "--transactions", "30"]).code, Some(0));
        }
    }
    let failed = world.place.run(["status", "0000000000000000000000", "--local", "--quiet"]);
    assert!(failed.code == Some(3) && failed.stderr.starts_with("error: "), "{failed:?}");
}

/// An export that ends after it was described this often.
fn running(times: usize) -> Canned {
    Canned::new(move |_, before| described(if before < times { "IN_PROGRESS" } else { "COMPLETED" }))
}

fn waited(flags: &[&str]) -> String {
    let (place, service) = (Place::new(), running(8));
    let wait = ["wait", EXPORT_ID, "--ledger", "vehicle-registration", "--poll-interval", "20ms"];
    let ran = Ran::of(service.command(&place, wait.into_iter().chain(flags.iter().copied())));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.stderr
}

#[test]
fn a_pipe_gets_a_line_for_each_change_and_heartbeat_and_none_with_no_progress() {
    let said = waited(&["--heartbeat", "5ms"]);
    let beat = format!("export {EXPORT_ID}: IN_PROGRESS, after 0s\n");
    assert!(said.contains(&format!("export {EXPORT_ID}: IN_PROGRESS\n")) && said.contains(&beat), "{said}");
    assert!(said.lines().all(|line| !line.contains(": ,")), "{said}");
    assert!(!waited(&[]).contains(", after "), "a heartbeat is a minute apart");
    assert!(waited(&["--heartbeat", "5ms", "--no-progress"]).starts_with("Range: "));
    // Enough work that it can't finish within the first millisecond.
    let world = World::of("1500");
    let said = world.run("verify", &["--heartbeat", "1ms"], &[]).stderr;
    assert!(said.lines().any(|line| line.starts_with("verify: ") && line.contains(" of 1 object, ")), "{said}");
    assert_eq!(world.run("verify", &["--heartbeat", "1ms", "--no-progress"], &[]).stderr, "");
    let wrong = world.run("verify", &["--heartbeat", "often"], &[]);
    assert!(wrong.code == Some(2) && wrong.stderr.contains("--heartbeat"), "{wrong:?}");
}

fn types(file: &std::path::Path) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap();
    let events = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    events.map(|event| event["type"].as_str().unwrap().to_owned()).collect()
}

/// The words before parentheses, where the help or the manual lists the events.
fn listed(help: &str) -> BTreeSet<String> {
    let help = help.replace('\\', "").split_whitespace().collect::<Vec<_>>().join(" ");
    let list = help.split("each line is one of: ").nth(1).unwrap().split(". Events").next().unwrap().to_owned();
    let names = list.split(" (").map(|part| part.rsplit(' ').next().unwrap().to_owned());
    let names: Vec<String> = names.collect();
    names[..names.len() - 1].iter().cloned().collect()
}

#[test]
fn the_events_that_are_written_are_those_that_help_and_manual_list() {
    let world = World::new();
    let file = world.place.path().join("events");
    let flags = ["--events", file.to_str().unwrap()];
    let mut seen = BTreeSet::new();
    let mut note = |command: &str| {
        let types = types(&file);
        let ends = [types.first().unwrap().as_str(), types.last().unwrap().as_str()];
        assert_eq!(ends, ["version", "end"], "{command}: {types:?}");
        seen.extend(types.iter().cloned());
        types
    };
    for command in commands() {
        assert_eq!(world.run(&command, &flags, &[]).code, Some(0), "{command}");
        let types = note(&command);
        let own = |kind: &str| types.iter().any(|seen| seen == kind);
        match command.as_str() {
            "start" | "sync" => assert!(own("export") && own("state"), "{command}: {types:?}"),
            "verify" => assert!(own("progress") && own("verdict"), "{types:?}"),
            "serve" => assert!(own("listening"), "{types:?}"),
            "ledger sample" | "ledger import" | "ledger append" | "ledger compact" | "ledger delete" => {
                assert!(own("ledger"), "{command}: {types:?}");
            }
            _ => {}
        }
        if command == "ledger delete" {
            assert_eq!(world.place.run(["ledger", "sample", "demo", "--transactions", "30"]).code, Some(0));
        }
    }
    let is_data = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "ion");
    let object = files(&world.archive).into_iter().find(is_data).unwrap();
    let text = fs::read_to_string(&object).unwrap();
    fs::write(&object, text.replacen("State:\"", "State:\"X", 1)).unwrap();
    assert_eq!(world.run("verify", &flags, &[]).code, Some(10));
    assert!(note("verify").contains(&"finding".to_owned()));
    assert_eq!(listed(&world.place.run(["start", "--help"]).stdout), seen);
    assert_eq!(listed(include_str!("../../man/qldb-export-verify.1")), seen);
}
