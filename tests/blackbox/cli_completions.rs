//! The checked-in completions, in the shells that they are for.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::serving::Serving;
use crate::shells::Shell;
use crate::support::{Place, Ran};

const ROLE: &str = "arn:aws:iam::123456789012:role/export";

/// A command's words, the commands below it and its flags, as in its help.
struct Helped {
    words: String,
    commands: BTreeSet<String>,
    flags: BTreeSet<String>,
}

/// Every command, recursively.
fn helped(place: &Place, words: &str) -> Vec<Helped> {
    let help = place.run(words.split_whitespace().chain(["--help"])).stdout;
    let (help, _) = help.rsplit_once("\nExamples:\n").unwrap();
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands: BTreeSet<String> =
        commands.filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect();
    // The text of a flag, which may begin a line with another flag, is indented further.
    let lines = help.lines().filter(|line| line.len() - line.trim_start().len() <= 6);
    let flags = lines.filter_map(|line| line.trim_start().split_once("--").filter(|(before, _)| is_short(before)));
    let flags = flags.map(|(_, rest)| format!("--{}", rest.split([' ', '[']).next().unwrap())).collect();
    let below: Vec<Helped> = commands.iter().flat_map(|name| helped(place, &format!("{words}{name} "))).collect();
    std::iter::once(Helped { words: words.to_owned(), commands, flags }).chain(below).collect()
}

/// Whether a line begins with a flag, perhaps with its short name before it.
fn is_short(before: &str) -> bool {
    before.is_empty() || (before.len() == 4 && before.starts_with('-') && before.ends_with(", "))
}

/// The offered words, without descriptions, and without the sign that zsh adds for a value.
fn names(offered: &[String]) -> BTreeSet<String> {
    let name = |line: &String| line.split('\t').next().unwrap().trim_end_matches('=').to_owned();
    offered.iter().map(name).collect()
}

#[test]
fn every_command_and_every_flag_is_completed() {
    let place = Place::new();
    let commands = helped(&place, "");
    assert!(
        commands.len() > 15 && commands[0].flags.len() > 12 && commands.iter().all(|command| command.flags.len() > 1)
    );
    let flags: Vec<String> = commands.iter().map(|command| format!("qldb-export {}--", command.words)).collect();
    let groups: Vec<&Helped> = commands.iter().filter(|command| !command.commands.is_empty()).collect();
    let below: Vec<String> = groups.iter().map(|command| format!("qldb-export {}", command.words)).collect();
    for shell in Shell::ALL.into_iter().filter(|shell| shell.is_here()) {
        let lines: Vec<&str> = flags.iter().chain(&below).map(String::as_str).collect();
        let offered = shell.offers(&place, &place.command([]), &lines);
        let (flags, below) = offered.split_at(commands.len());
        for (command, offered) in commands.iter().zip(flags) {
            assert_eq!(names(offered), command.flags, "{shell:?}: {}", command.words);
        }
        for (command, offered) in groups.iter().zip(below) {
            let offered = names(offered);
            let missing: Vec<&String> = command.commands.difference(&offered).collect();
            assert!(missing.is_empty(), "{shell:?}: {}: {missing:?}", command.words);
        }
    }
}

/// Two ledgers, and an export of one of them, whose id is returned.
fn fill(place: &Place) -> String {
    for name in ["flights", "vehicles"] {
        assert_eq!(place.run(["ledger", "sample", name, "--transactions", "3"]).code, Some(0));
    }
    let destination = ["--bucket", "exports", "--prefix", "a/", "--role-arn", ROLE];
    let start = ["start", "--local", "--ledger", "flights", "--last", "60d", "--quiet"];
    place.run(start.into_iter().chain(destination)).stdout.trim().to_owned()
}

/// Where ledgers are completed, and where exports are.
const LEDGERS: [&str; 4] = [
    "qldb-export start --ledger ",
    "qldb-export --quiet list --ledger=",
    "qldb-export sync --bucket b --ledger ",
    "qldb-export policy trust --ledger ",
];
const EXPORTS: [&str; 3] =
    ["qldb-export wait ", "qldb-export status --ledger flights ", "qldb-export status --export-id "];

/// What is offered. On a busy machine an answer may take longer than somebody who pressed a key waits; then it is asked
/// for again.
fn offered_at_last(shell: Shell, place: &Place, like: &std::process::Command, lines: &[&str]) -> Vec<Vec<String>> {
    let begun = Instant::now();
    loop {
        let offered = shell.offers(place, like, lines);
        if offered.iter().all(|names| !names.is_empty()) || begun.elapsed() > Duration::from_mins(1) {
            return offered;
        }
    }
}

fn must_offer_names(shell: Shell, place: &Place, like: &std::process::Command, id: &str, flags: &str) {
    let with_flags = |line: &&str| line.replacen("qldb-export", &format!("qldb-export{flags}"), 1);
    let lines: Vec<String> = LEDGERS.iter().chain(&EXPORTS).map(with_flags).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let offered = offered_at_last(shell, place, like, &lines);
    let ledgers = BTreeSet::from(["flights".to_owned(), "vehicles".to_owned()]);
    for (line, offered) in lines.iter().zip(&offered) {
        // fish offers what replaces the whole word.
        let names: BTreeSet<String> =
            names(offered).iter().map(|name| name.trim_start_matches("--ledger=").to_owned()).collect();
        let is_ledger = line.ends_with("--ledger ") || line.ends_with('=');
        let expected = if is_ledger { ledgers.clone() } else { BTreeSet::from([id.to_owned()]) };
        assert_eq!(names, expected, "{shell:?}: {line}");
        if !is_ledger && shell != Shell::Bash {
            assert!(offered[0].contains("COMPLETED flights 20"), "{shell:?}: {offered:?}");
        }
    }
}

#[test]
fn ledgers_and_exports_of_a_running_endpoint_are_completed() {
    let (served, place) = (Place::new(), Place::new());
    let id = fill(&served);
    let serving = Serving::new(&served);
    for shell in Shell::ALL.into_iter().filter(|shell| shell.is_here()) {
        must_offer_names(shell, &place, &serving.command(&place, []), &id, "");
        // The server holds the directory, so it is asked.
        let like = serving.command(&served, []);
        must_offer_names(shell, &served, &like, &id, " --local");
    }
}

#[test]
fn ledgers_and_exports_of_a_data_directory_are_completed_and_nothing_in_it_changes() {
    let (filled, place) = (Place::new(), Place::new());
    let id = fill(&filled);
    let list = || {
        let entries = std::fs::read_dir(filled.path()).unwrap().map(Result::unwrap);
        entries.map(|entry| (entry.path(), entry.metadata().unwrap().modified().unwrap())).collect::<BTreeSet<_>>()
    };
    let before = list();
    let flags = format!(" --local --data-dir {}", filled.path().display());
    for shell in Shell::ALL.into_iter().filter(|shell| shell.is_here()) {
        must_offer_names(shell, &place, &place.command([]), &id, &flags);
    }
    assert_eq!(list(), before);
}

#[test]
fn without_anything_to_complete_nothing_is_printed_or_created() {
    let place = Place::new();
    let data = place.path().join("data");
    for line in [
        "wait|",
        "--local|start|--ledger|",
        "ledger|describe|",
        "nonsense|",
        "start|--endpoint-url|http://127.0.0.1:1|--ledger|",
    ] {
        let words = ["__complete"].into_iter().chain(line.split('|'));
        let mut command = place.command(words);
        command.env("QLDB_EXPORT_DATA_DIR", &data);
        let ran = Ran::of(command);
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""), "{line}");
    }
    assert!(!data.exists());
}

#[test]
fn an_endpoint_that_never_responds_does_not_delay_completion() {
    let place = Place::new();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command = place.command(["__complete", "wait", ""]);
    command.env("AWS_ENDPOINT_URL_QLDB", format!("http://{}", silent.local_addr().unwrap()));
    command.envs([("AWS_REGION", "eu-west-1"), ("AWS_ACCESS_KEY_ID", "id"), ("AWS_SECRET_ACCESS_KEY", "secret")]);
    let started = Instant::now();
    let ran = Ran::of(command);
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""));
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

/// Whether a word is offered, ignoring what the shell puts before a value.
fn offers(offered: &[String], word: &str) -> bool {
    names(offered).iter().any(|name| name.trim_end_matches('/').rsplit('=').next() == Some(word))
}

#[test]
fn profiles_levels_times_and_files_are_completed() {
    let place = Place::new();
    place.configure("[default]\n[profile nightly]\nregion = eu-west-1\n");
    std::fs::write(place.path().join("digest.json"), "{}").unwrap();
    std::fs::create_dir(place.path().join("digests")).unwrap();
    let file = format!("{}/dig", place.path().display());
    let whole = |name: &str| format!("{}/{name}", place.path().display());
    let lines: [(String, Vec<String>); 7] = [
        ("qldb-export start --profile ".to_owned(), vec!["nightly".to_owned(), "default".to_owned()]),
        ("qldb-export verify --level ".to_owned(), vec!["objects".to_owned(), "digest".to_owned()]),
        ("qldb-export verify --level objects,".to_owned(), vec!["objects,blocks".to_owned()]),
        ("qldb-export start --from ".to_owned(), vec!["yesterday".to_owned(), "now".to_owned()]),
        ("qldb-export start --last ".to_owned(), vec!["24h".to_owned()]),
        (format!("qldb-export verify --digest {file}"), vec![whole("digest.json")]),
        (format!("qldb-export sync --archive {file}"), vec![whole("digests")]),
    ];
    let typed: Vec<&str> = lines.iter().map(|(line, _)| line.as_str()).collect();
    let argument = format!("qldb-export verify {file}");
    for shell in Shell::ALL.into_iter().filter(|shell| shell.is_here()) {
        let offered = offered_at_last(shell, &place, &place.command([]), &typed);
        for ((line, expected), offered) in lines.iter().zip(&offered) {
            for word in expected {
                // zsh offers the last part of a path.
                let last = word.rsplit('/').next().unwrap();
                assert!(offers(offered, word) || offers(offered, last), "{shell:?}: {line}: {offered:?}");
            }
        }
        let offered = &shell.offers(&place, &place.command([]), &[&argument])[0];
        // Where its function offers nothing, bash itself completes files.
        let by_bash = shell == Shell::Bash && offered.is_empty();
        assert!(by_bash || offers(offered, &whole("digests")) || offers(offered, "digests"), "{shell:?}: {offered:?}");
    }
}
