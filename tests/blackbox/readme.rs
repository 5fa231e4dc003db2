//! Every command in the README is run, and prints what the README says.

use std::process::Command;

use crate::golden::fits;
use crate::support::{Place, alike};

const README: &str = include_str!("../../README.md");

/// Run by whoever runs the tests.
const THE_TESTS: &str = "cargo test";
/// The built binary under another name.
const THE_BINARY: &str = "cargo run --release -- ";

/// A command and the output that is promised.
struct Example {
    command: String,
    output: Vec<&'static str>,
}

fn examples() -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    let mut inside = false;
    for line in README.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            found.push(Example { command: command.to_owned(), output: Vec::new() });
        } else if inside {
            found.last_mut().unwrap().output.push(line);
        }
    }
    found
}

/// The command in a shell, in a directory of its own, with the built binary on the path.
fn run(place: &Place, command: &str) -> String {
    let shown = command.replacen(THE_BINARY, "qldb-export ", 1);
    let mut shell = Command::new("sh");
    alike(&mut shell, &place.command([])).env("QLDB_EXPORT_DATA_DIR", place.path().join("data"));
    shell.args(["-c", &format!("exec 2>&1; {shown}")]).current_dir(place.path());
    String::from_utf8(shell.output().unwrap().stdout).unwrap()
}

#[test]
fn every_command_prints_what_the_readme_says() {
    let place = Place::new();
    let examples = examples();
    assert!(examples.len() > 8);
    for Example { command, output } in examples {
        if command == THE_TESTS {
            continue;
        }
        let found = run(&place, &command);
        let lines: Vec<&str> = found.lines().collect();
        assert!(fits(&output, &lines), "{command}\n--- promised\n{}\n--- found\n{found}", output.join("\n"));
    }
}

#[test]
fn the_first_two_commands_are_the_main_job_and_the_tests() {
    let commands: Vec<String> = examples().into_iter().map(|example| example.command).collect();
    assert!(commands[0].starts_with(THE_BINARY) && commands[0].contains(" --wait"));
    assert_eq!(commands[1], THE_TESTS);
    let gate = include_str!("../../.ci/run");
    assert!(gate.contains("\ncargo test --locked\n"));
}
