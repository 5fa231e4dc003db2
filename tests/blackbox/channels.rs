//! Text from outside is printed and has no effect, neither on a terminal nor in the log of a
//! workflow, and no secret is printed.

use std::process::Command;

use super::canned::{Canned, EXPORT_ID, Reply, description};
use super::cli_request::RIGHT;
use super::support::{Place, Ran};

const STATUS: [&str; 4] = ["status", EXPORT_ID, "--ledger", "vehicle-registration"];
const OUTPUTS: [&[&str]; 4] = [
    &[],
    &["--output", "json"],
    &["--query", "@"],
    &["--query", "@.*.S3ExportConfiguration.Prefix", "--output", "text"],
];
/// Each is a command of the runner at the beginning of a line, or anywhere.
const COMMANDS: [&str; 5] = [
    "::stop-commands::x",
    " \\t::set-output name=a::b",
    "a\\n::error::b",
    "\\r::add-mask::a",
    "b ##[error]c ###[set-env]",
];

/// A service whose export has this prefix and this status, escaped for JSON.
fn answering(text: &str) -> Canned {
    let export = description("COMPLETED").replace("a\\u001b[31mb/", text).replace("COMPLETED", text);
    Canned::new(move |request, _| {
        let listed = request.ends_with("journal-s3-exports");
        let body = if listed {
            format!("{{\"JournalS3Exports\":[{export}]}}")
        } else {
            format!("{{\"ExportDescription\":{export}}}")
        };
        Reply::Http(200, "", body)
    })
}

/// A service that refuses with this message, escaped for JSON.
fn refusing(text: &str) -> Canned {
    let body = format!("{{\"Message\":\"{text}\"}}");
    Canned::new(move |_, _| Reply::Http(400, "InvalidParameterException", body.clone()))
}

fn in_actions(mut command: Command) -> Ran {
    command.env("GITHUB_ACTIONS", "true");
    Ran::of(command)
}

/// No line is a command, except for annotations by this program.
#[track_caller]
fn assert_harmless(ran: &Ran) {
    for line in ran.stdout.lines().chain(ran.stderr.lines()).flat_map(|line| line.split('\r')) {
        let begins = line.trim_start_matches(|one: char| one.is_whitespace() || one == '\u{feff}').starts_with("::");
        assert!(!begins || line.starts_with("::error title=qldb-export::"), "{line:?} of {ran:?}");
        assert!(!line.contains("##["), "{line:?} of {ran:?}");
    }
}

#[test]
fn a_workflow_s_runner_sees_no_commands_in_foreign_text() {
    let place = Place::new();
    for text in COMMANDS {
        let service = answering(text);
        for output in OUTPUTS {
            assert_harmless(&in_actions(service.command(&place, STATUS.into_iter().chain(output.iter().copied()))));
            let list = ["list", "--ledger", "vehicle-registration"].into_iter().chain(output.iter().copied());
            let ran = in_actions(service.command(&place, list));
            assert_eq!(ran.code, Some(0), "{ran:?}");
            assert_harmless(&ran);
        }
        let refused = refusing(text);
        for more in [&[][..], &["--verbose"]] {
            let ran = in_actions(refused.command(&place, RIGHT.into_iter().chain(more.iter().copied())));
            assert!(ran.code == Some(4) && ran.stderr.contains("::error title=qldb-export::"), "{ran:?}");
            assert_harmless(&ran);
        }
        let typed = text.replace("\\n", "\n").replace("\\t", "\t").replace("\\r", "\r");
        for arguments in [
            vec!["--color", "always", typed.as_str()],
            vec![typed.as_str()],
            vec!["start", "--color", &typed],
            vec!["start", "--ledger", &typed, "--bucket", &typed],
            vec!["verify", &typed],
            vec!["list", "--local", "--query", &typed],
            vec!["ledger", "append", "a", "--table", "b", &typed],
        ] {
            let ran = in_actions(place.command(arguments));
            assert_ne!(ran.code, Some(0), "{ran:?}");
            assert_harmless(&ran);
        }
    }
}

#[test]
fn json_is_the_same_value_under_actions() {
    let service = answering("::a ##[b]\\u009b\\u202e");
    let status = [&STATUS[..], &["--output", "json"]].concat();
    let [ran, in_actions] =
        [Ran::of(service.command(&Place::new(), status.clone())), in_actions(service.command(&Place::new(), status))];
    assert_eq!(ran.json(), in_actions.json());
    assert_eq!(ran.json()[0]["ExportDescription"]["Status"], "::a ##[b]\u{9b}\u{202e}");
    assert!(ran.stdout.contains("::a ##[b]\\u009b\\u202e"), "{}", ran.stdout);
}

#[cfg(unix)]
#[test]
fn an_archive_s_names_are_not_commands_either() {
    let place = Place::new();
    let folder = place.path().join("::stop-commands::x/##[error]");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("::set-output name=a::b.started.manifest"), "{").unwrap();
    std::fs::write(folder.join("KmA3ZZca7vAIiJAK9S5Iwl.\u{9b}::x.0-1.ion"), "{").unwrap();
    for output in [&[][..], &["--output", "json"]] {
        let mut command = place.command(["verify", "."].into_iter().chain(output.iter().copied()));
        command.current_dir(place.path());
        let ran = in_actions(command);
        assert_ne!(ran.code, Some(0), "{ran:?}");
        assert_harmless(&ran);
        assert!(!ran.stdout.contains('\u{9b}') && !ran.stderr.contains('\u{9b}'), "{ran:?}");
    }
}

#[test]
fn control_characters_are_escaped_in_every_form() {
    // DEL, the first and last C1, CSI and NEL.
    let controls = ["\\u007f", "\\u0080", "\\u0085", "\\u009b", "\\u009f", "\\u001b", "\\u0007"];
    let place = Place::new();
    for control in controls {
        let service = answering(&format!("x{control}y"));
        for output in OUTPUTS {
            let ran = Ran::of(service.command(&place, STATUS.into_iter().chain(output.iter().copied())));
            let found =
                ran.stdout.chars().chain(ran.stderr.chars()).find(|one| one.is_control() && !"\n\t".contains(*one));
            assert_eq!((ran.code, found), (Some(0), None), "{control}: {ran:?}");
        }
        let json: serde_json::Value = serde_json::from_str(&format!("\"x{control}y\"")).unwrap();
        let ran = Ran::of(service.command(&place, STATUS.into_iter().chain(["--output", "json"])));
        assert_eq!(ran.json()[0]["ExportDescription"]["Status"], json);
        let events = place.path().join("events");
        let flags = ["--events", events.to_str().unwrap()];
        assert!(
            Ran::of(refusing(&format!("x{control}y")).command(&place, RIGHT.into_iter().chain(flags))).code == Some(4)
        );
        let events = std::fs::read_to_string(events).unwrap();
        assert!(!events.contains(|one: char| one.is_control() && one != '\n'), "{events:?}");
    }
}

#[test]
fn what_turns_the_writing_is_escaped_in_messages() {
    for turn in ['\u{202e}', '\u{2066}', '\u{200f}'] {
        let ran = Ran::of(refusing(&format!("x{turn}y")).command(&Place::new(), RIGHT));
        assert!(ran.code == Some(4) && !ran.stderr.contains(turn), "{ran:?}");
        assert!(ran.stderr.contains(&format!("x{}y", turn.escape_unicode())), "{ran:?}");
    }
}

#[test]
fn secrets_in_addresses_are_shown_nowhere() {
    let place = Place::new();
    let secret = "S3cr3t";
    let address = format!("http://me:{secret}@127.0.0.1:1");
    // Long enough to be cut in a message.
    let long = format!("http://me:{secret}{}@127.0.0.1:1", "x".repeat(100));
    let signed = format!(
        "https://b.s3.amazonaws.com/k?X-Amz-Credential={secret}%2F1&X-Amz-Security-Token={secret}&X-Amz-Signature={secret}"
    );
    let events = place.path().join("events");
    let events_flag = ["--events", events.to_str().unwrap()];
    let refused = refusing(&signed);
    let mut commands = vec![
        place.command(["list", "--region", "us-east-1", "--endpoint-url", &address]),
        place.command(["list", "--region", "us-east-1", "--endpoint-url", &long]),
        place.command(["list", "--unknown", &address]),
        place.command([&address[..]]),
        place.command(["verify", &signed]),
        place.command(["ledger", "import", "a", &signed]),
        refused.command(&place, RIGHT.into_iter().chain(events_flag)),
        refused.command(&place, RIGHT.into_iter().chain(["--verbose"])),
    ];
    let mut reached = place.command(["list", "--region", "us-east-1", "--verbose"]);
    reached.env("AWS_ENDPOINT_URL_QLDB", &address).env("AWS_ACCESS_KEY_ID", "a").env("AWS_SECRET_ACCESS_KEY", "b");
    commands.push(reached);
    let mut store = place.command(["verify", "s3://bucket/prefix", "--verbose"]);
    store.env("AWS_ENDPOINT_URL_S3", &address).env("AWS_REGION", "us-east-1").env("AWS_MAX_ATTEMPTS", "1");
    store.env("AWS_ACCESS_KEY_ID", "a").env("AWS_SECRET_ACCESS_KEY", "b");
    commands.push(store);
    for mut command in commands {
        for actions in ["", "true"] {
            let ran = Ran::from(command.env("GITHUB_ACTIONS", actions).output().unwrap());
            assert_ne!(ran.code, Some(0), "{command:?}");
            assert!(!ran.stderr.contains(secret) && !ran.stdout.contains(secret), "{command:?}: {ran:?}");
        }
    }
    let events = std::fs::read_to_string(events).unwrap();
    assert!(events.contains("X-Amz-Signature=***") && !events.contains(secret), "{events}");
}

#[test]
fn color_never_overrides_the_environment() {
    let service = refusing("no");
    let place = Place::new();
    let colored = |arguments: &[&str], forced: &str, off: &str| {
        let mut command = service.command(&place, arguments.iter().copied());
        let ran = Ran::of({
            command.env("CLICOLOR_FORCE", forced).env("NO_COLOR", off);
            command
        });
        ran.stdout.contains('\u{1b}') || ran.stderr.contains('\u{1b}')
    };
    let status = |flag| [&STATUS[..], &["--color", flag]].concat();
    for (arguments, [never, auto]) in [
        (vec!["--help"], [["--color", "never"], ["--color", "auto"]]),
        (vec!["start", "--help"], [["--color", "never"], ["--color", "auto"]]),
        (vec!["start", "--unknown"], [["--color", "off"], ["--color", "auto"]]),
    ] {
        let and = |more: [&'static str; 2]| [&more[..], &arguments[..]].concat();
        assert!(!colored(&and(never), "1", ""), "{arguments:?}");
        assert!(!colored(&[&["--color=never"], &arguments[..]].concat(), "1", ""), "{arguments:?}");
        assert!(colored(&and(auto), "1", ""), "{arguments:?}");
        assert!(!colored(&and(auto), "1", "1") && !colored(&and(auto), "0", "") && !colored(&and(auto), "", ""));
    }
    assert!(
        !colored(&status("never"), "1", "") && colored(&status("auto"), "1", "") && !colored(&status("auto"), "0", "")
    );
}

#[test]
fn a_query_of_any_production_repeated_is_one_clear_error() {
    let place = Place::new();
    for part in [
        "==a", "!=a", "<a", "<=a", ">a", ">=a", "&&a", "||a", "|a", ".a", "[0]", "[*]", "[]", "[?a]", "[0:1]", ".*",
        ".[a]", "[", "(", "{a:", "!", "&", "f(", "a,", "*", "==`1`", "=='a'", ".\"a\"", "[?", "@", "``", "'a'", "-1",
        "::", ")",
    ] {
        for query in
            [format!("a{}", part.repeat(20_000)), part.repeat(120_000 / part.len()), format!("a{part}").repeat(300)]
        {
            let ran = place.run(["ledger", "list", &format!("--query={query}")]);
            let start: String = query.chars().take(16).collect();
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{start}: {}", ran.stderr);
            let reported =
                ran.stderr.starts_with("error: --query") && ran.stderr.lines().count() == 1 && ran.stderr.len() < 400;
            assert!(reported, "{start}: {}", ran.stderr);
        }
    }
}
