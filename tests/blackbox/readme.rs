//! Every command in the README and the documents is run, in a fresh shell, and prints what they
//! say.

use std::path::Path;
use std::process::Command;

use crate::golden::fits;
use crate::support::{Place, alike};

const README: &str = include_str!("../../README.md");
const EXPORTING: &str = include_str!("../../docs/exporting.md");
const ENDPOINT: &str = include_str!("../../docs/endpoint.md");
const PROOF: &str = include_str!("../../docs/proof.md");

/// Run by the person who runs the tests.
const THE_TESTS: &str = "cargo test";
/// The built binary under another name.
const THE_BINARY: &str = "cargo run --release -- ";
/// What fits on a screen, with Markdown's blank lines.
const SCREEN: usize = 50;

/// A command and its promised output.
struct Example {
    command: String,
    output: Vec<&'static str>,
}

/// The content of each fenced block, with the block's kind.
fn blocks(document: &'static str) -> Vec<(&'static str, &'static str)> {
    let fenced = document.split("```").skip(1).step_by(2);
    fenced.map(|block| block.split_once('\n').unwrap()).collect()
}

fn examples(document: &'static str) -> Vec<Example> {
    let mut found: Vec<Example> = Vec::new();
    for line in blocks(document).into_iter().filter(|(kind, _)| *kind == "console").flat_map(|(_, text)| text.lines()) {
        match line.strip_prefix("$ ") {
            Some(command) => found.push(Example { command: command.to_owned(), output: Vec::new() }),
            None => found.last_mut().unwrap().output.push(line),
        }
    }
    found
}

/// A new shell in its own home, with the built binary on the path and nothing else that a user lacks.
fn shell(home: &Path, place: &Place, command: &str) -> String {
    let mut shell = Command::new("sh");
    alike(&mut shell, &place.command([])).env("HOME", home).env_remove("QLDB_EXPORT_DATA_DIR");
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("QLDB_EXPORT_") || name.starts_with("XDG_")) {
        shell.env_remove(name);
    }
    shell.args(["-c", &format!("exec 2>&1; {command}")]).current_dir(home);
    String::from_utf8(shell.output().unwrap().stdout).unwrap()
}

fn hold(document: &'static str) {
    let place = Place::new();
    for Example { command, output } in examples(document) {
        if command == THE_TESTS {
            continue;
        }
        assert!(!command.contains("$QLDB_EXPORT_"), "it is not set: {command}");
        let found = shell(place.path(), &place, &command.replacen(THE_BINARY, "qldb-export ", 1));
        let lines: Vec<&str> = found.lines().collect();
        assert!(fits(&output, &lines), "{command}\n--- promised\n{}\n--- found\n{found}", output.join("\n"));
    }
}

#[test]
fn every_command_prints_what_the_readme_says() {
    assert!(examples(README).len() > 8);
    hold(README);
}

#[test]
fn every_command_prints_what_the_page_on_exporting_says() {
    hold(EXPORTING);
}

#[test]
fn every_command_prints_what_the_page_on_the_endpoint_says() {
    hold(ENDPOINT);
}

#[test]
fn every_command_prints_what_the_page_on_the_proof_says() {
    hold(PROOF);
}

#[test]
fn nothing_is_printed_that_no_test_runs() {
    let mut others = Vec::new();
    for document in [README, EXPORTING, ENDPOINT, PROOF] {
        others.extend(blocks(document).into_iter().filter(|(kind, _)| *kind != "console"));
    }
    for (kind, text) in others {
        let tested = match kind {
            // tests/interop/run.sh
            "sh" if text == "cargo install --locked --path .\n" => {
                include_str!("../interop/run.sh").contains(text.trim())
            }
            "sh" if text.starts_with("qldb-export serve ") => {
                include_str!("../interop/migration.py").contains("SERVING")
            }
            "sh" if text.contains("anchor.txt") || text.contains("signing-key") => {
                include_str!("../interop/anchors.py").contains("FENCE = \"```sh\"")
            }
            "sh" if text.contains("s3://archive/") || text.contains("receipt.json") => {
                include_str!("../interop/s3.py").contains("def documented(")
            }
            // Below.
            "sh" => text == units(),
            "promql" => {
                metrics_in(text).all(|name| include_str!("../../docs/formats.md").contains(&format!("| `{name}` |")))
            }
            "crontab" => include_str!("sync_lines.rs").contains("block(\"crontab\")"),
            "yaml" => include_str!("../interop/action.py").contains("```yaml"),
            _ => false,
        };
        assert!(tested, "```{kind}\n{text}```");
    }
}

/// The metrics that expressions name.
fn metrics_in(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|one: char| !(one.is_ascii_lowercase() || one == '_'));
    words.filter(|word| word.starts_with("qldb_export_"))
}

/// The lines that install the units.
fn units() -> &'static str {
    let block = blocks(EXPORTING).into_iter().find(|(kind, text)| *kind == "sh" && text.contains("systemctl"));
    block.unwrap().1
}

#[test]
fn the_units_are_installed_where_systemd_and_they_themselves_look() {
    let place = Place::new();
    let etc = place.path().join("etc");
    std::fs::create_dir_all(etc.join("systemd/system")).unwrap();
    let (install, enable) = units().split_once("# ").unwrap();
    let lines = install.replace("/etc/", &format!("{}/", etc.display()));
    let ran = Command::new("sh").args(["-ec", &lines]).current_dir(env!("CARGO_MANIFEST_DIR")).status().unwrap();
    assert!(ran.success());
    let unit = std::fs::read_to_string(etc.join("systemd/system/qldb-export@.service")).unwrap();
    let instance = enable.split(['@', '.']).rev().nth(1).unwrap();
    let variables = unit.lines().find_map(|line| line.strip_prefix("EnvironmentFile=/etc/")).unwrap();
    assert!(etc.join(variables.replace("%i", instance)).is_file(), "{variables}, {instance}");
    assert!(etc.join("systemd/system/qldb-export@.timer").is_file());
    let failed = unit.lines().find_map(|line| line.strip_prefix("OnFailure=")).unwrap();
    assert!(etc.join("systemd/system").join(failed.replace("@%i", "@")).is_file(), "{failed}");
}

#[test]
fn every_installation_is_one_that_is_offered_and_that_cron_finds() {
    let manifest = include_str!("../../Cargo.toml");
    assert!(manifest.contains("\"usr/bin/\", \"755\"") && README.contains("`/usr/bin/qldb-export`"));
    assert!(README.contains("`--root /usr/local`, `/usr/local/bin/qldb-export`"));
    let (_, crontab) = blocks(EXPORTING).into_iter().find(|(kind, _)| *kind == "crontab").unwrap();
    let path = crontab.lines().next().unwrap().strip_prefix("PATH=").unwrap();
    assert!(["/usr/bin", "/usr/local/bin"].iter().all(|folder| path.split(':').any(|one| one == *folder)), "{path}");
    let units = "/usr/share/doc/qldb-export/examples/systemd/";
    assert!(README.contains(&format!("`{units}`")) && manifest.contains(&format!("\"{}\"", &units[1..])));
    assert!(include_str!("../../packaging/archive.py").contains("\"packaging/systemd\": \"systemd\""));
}

#[test]
fn the_first_two_commands_are_the_main_job_and_the_tests() {
    let commands: Vec<String> = examples(README).into_iter().map(|example| example.command).collect();
    assert!(commands[0].starts_with(THE_BINARY) && commands[0].contains(" --wait"));
    assert_eq!(commands[1], THE_TESTS);
    let gate = include_str!("../../.ci/run");
    assert!(gate.contains("\ncargo test --locked\n"));
}

#[test]
fn each_of_the_three_users_has_one_screen() {
    let screens: Vec<&str> = README.split("\n## ").filter(|section| section.starts_with("You ")).collect();
    assert_eq!(screens.len(), 3);
    for screen in screens {
        assert!(screen.lines().count() <= SCREEN, "{} lines: {screen}", screen.lines().count());
    }
}
