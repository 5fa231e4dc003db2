//! An exit code follows the cause, whichever command and layer met it; and no
//! error names a flag that its command does not have.

use std::collections::BTreeSet;

use super::canned::{Canned, EXPORT_ID, Reply, described};
use super::cli_request::{RIGHT, right_and};
use super::s3_cli::in_environment_of;
use super::s3_server::{Fault, S3Server};
use super::support::{Place, Ran};

/// The commands that read objects in S3.
const READERS: [&[&str]; 2] =
    [&["verify", "s3://exports/nightly/"], &["ledger", "import", "copy", "s3://exports/nightly/"]];

#[test]
fn what_s3_denies_is_exit_6_with_its_own_remedy_in_every_command_that_reads_there() {
    let server = S3Server::new("exports");
    for arguments in READERS {
        for (status, code, next) in [
            (403, "AccessDenied", "s3:GetObject"),
            (403, "InvalidAccessKeyId", "aws sts get-caller-identity"),
            (403, "SignatureDoesNotMatch", "AWS_SECRET_ACCESS_KEY"),
        ] {
            server.plan(move |_| Some(Fault::Answer(status, code)));
            let ran = Ran::of(in_environment_of(&server, Place::new().command(arguments.iter().copied())));
            assert_eq!(ran.code, Some(6), "{arguments:?} {code}: {}", ran.stderr);
            let line = ran.stderr.lines().find(|line| line.trim_start().starts_with("next:")).unwrap_or_default();
            assert!(ran.stderr.contains(code) && line.contains(next), "{code}, {next}:\n{}", ran.stderr);
        }
        let mut nobody = in_environment_of(&server, Place::new().command(arguments.iter().copied()));
        nobody.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
        let ran = Ran::of(nobody);
        assert_eq!(ran.code, Some(6), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("next: set AWS_ACCESS_KEY_ID"), "{}", ran.stderr);
        let mut half = in_environment_of(&server, Place::new().command(arguments.iter().copied()));
        half.env_remove("AWS_SECRET_ACCESS_KEY");
        let ran = Ran::of(half);
        assert_eq!(ran.code, Some(6), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains("AWS_SECRET_ACCESS_KEY is missing"), "{}", ran.stderr);
    }
}

#[test]
fn a_bucket_in_another_region_is_named_with_its_own() {
    let server = S3Server::new("exports");
    server.plan(|_| Some(Fault::Elsewhere("eu-central-1")));
    for arguments in READERS {
        let ran = Ran::of(in_environment_of(&server, Place::new().command(arguments.iter().copied())));
        assert_eq!(ran.code, Some(9), "{}", ran.stderr);
        for part in [
            "the bucket is in eu-central-1, but the request went to us-east-1",
            "the same command with --region eu-central-1",
        ] {
            assert!(ran.stderr.contains(part), "{part} is not in:\n{}", ran.stderr);
        }
    }
}

#[test]
fn a_journal_in_s3_fails_by_its_cause_too() {
    let (place, server) = (Place::new(), S3Server::new("exports"));
    let sampled = ["--last", "365d", "--bucket", "exports", "--prefix", "all/", "--role-arn", RIGHT[12]];
    let start = ["start", "--local", "--object-store", "s3", "--wait", "--ledger", "vehicle-registration"];
    let started = Ran::of(in_environment_of(&server, place.command(start.into_iter().chain(sampled))));
    assert_eq!(started.code, Some(0), "{}", started.stderr);
    let import = ["ledger", "import", "there", "s3://exports/all/", "--in-place"];
    let other = Place::new();
    let imported = Ran::of(in_environment_of(&server, other.command(import)));
    assert_eq!(imported.code, Some(0), "{}", imported.stderr);
    server.plan(|_| Some(Fault::Answer(403, "AccessDenied")));
    let described = Ran::of(in_environment_of(&server, other.command(["ledger", "describe", "there"])));
    assert_eq!(described.code, Some(6), "{}", described.stderr);
}

#[test]
fn a_mistyped_region_is_caught_before_any_call_and_one_that_may_be_new_is_not() {
    let place = Place::new();
    let typed = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = place.command(arguments.iter().copied());
        command.env("AWS_ACCESS_KEY_ID", "key").env("AWS_SECRET_ACCESS_KEY", "secret").env("AWS_MAX_ATTEMPTS", "1");
        command.envs(variables.iter().copied());
        Ran::of(command)
    };
    let policy = ["policy", "trust", "--account", "123456789012", "--region", "us-esat-1"];
    let dry = right_and(&["--dry-run", "--region", "us-esat-1"]);
    for arguments in
        [&["list", "--region", "us-esat-1"][..], &policy, &dry, &["verify", "s3://bucket/", "--region", "us-esat-1"]]
    {
        let ran = typed(arguments, &[]);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{}", ran.stderr);
        assert!(ran.stderr.contains("--region \"us-esat-1\" is not an AWS region"), "{}", ran.stderr);
        assert!(ran.stderr.contains("did you mean us-east-1"), "{}", ran.stderr);
    }
    let set = typed(&["list"], &[("AWS_REGION", "EU-WEST-1")]);
    assert!(set.code == Some(2) && set.stderr.starts_with("error: AWS_REGION \"EU-WEST-1\""), "{}", set.stderr);
    let new = typed(&["list", "--region", "eu-west-9"], &[]);
    assert_eq!(new.code, Some(9), "{}", new.stderr);
    assert!(new.stderr.contains("eu-west-9 is not a region that this program knows; did you mean eu-west-1"));
    // An endpoint outside AWS may use any region name.
    let service = Canned::new(|_, _| Reply::Http(200, "", "{\"JournalS3Exports\":[]}".to_owned()));
    let own = typed(&["list", "--region", "us-esat"], &[("AWS_ENDPOINT_URL_QLDB", &service.url())]);
    assert_eq!((own.code, own.stderr.as_str()), (Some(0), "no exports\n"));
    // Unless no host name could contain it, as in the AWS CLI.
    let none = typed(&["list", "--region", "us_esat"], &[("AWS_ENDPOINT_URL_QLDB", &service.url())]);
    assert_eq!(none.code, Some(2), "{}", none.stderr);
    assert_eq!(typed(&["list", "--local", "--region", "here"], &[]).code, Some(0));
}

#[test]
fn a_ledger_that_is_not_there_is_exit_3_everywhere_with_the_name_that_was_meant() {
    let place = Place::new();
    assert_eq!(place.run(["list", "--local"]).code, Some(0));
    let mut start = right_and(&["--local"]);
    start[2] = "vehicle-registraton";
    let status = ["status", EXPORT_ID, "--local", "--ledger", "vehicle-registraton"];
    let sync = ["sync", "--local", "--ledger", "vehicle-registraton", "--bucket", "exports", "--prefix", ""];
    let sync = [&sync[..], &["--role-arn", RIGHT[12], "--from", "yesterday"]].concat();
    for arguments in [
        &["list", "--local", "--ledger", "vehicle-registraton"][..],
        &start,
        &status,
        &sync,
        &["ledger", "describe", "vehicle-registraton"],
        &["ledger", "digest", "vehicle-registraton"],
        &["ledger", "append", "vehicle-registraton", "--table", "T", "/dev/null"],
        &["ledger", "delete", "vehicle-registraton", "--force"],
    ] {
        let ran = place.run(arguments.iter().copied());
        assert_eq!(ran.code, Some(3), "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        let question = "next: did you mean vehicle-registration?";
        assert!(ran.stderr.contains(question), "{arguments:?}: {}", ran.stderr);
    }
    let listed = place.run(["list", "--local", "--ledger", "vehicle-registration"]);
    assert_eq!((listed.code, listed.stderr.as_str()), (Some(0), "no exports\n"));
}

/// A service with only this response.
fn reported(status: u16, error: &'static str, body: &'static str, arguments: &[&str]) -> Ran {
    let service = Canned::new(move |_, _| Reply::Http(status, error, body.to_owned()));
    let mut command = service.command(&Place::new(), arguments.iter().copied());
    command.env("AWS_MAX_ATTEMPTS", "1");
    Ran::of(command)
}

#[test]
fn what_passes_and_what_ended_has_a_cause_and_a_next_step() {
    let message = "{\"Message\":\"the service's own words\"}";
    let list = ["list", "--ledger", "vehicle-registration"];
    for (ran, code, cause, next) in [
        (reported(429, "ThrottlingException", message, &list), 1, "throttling", "in a minute"),
        (reported(503, "ServiceUnavailable", message, &list), 1, "the service failed", "in a minute"),
        (
            reported(500, "InternalFailure", message, &RIGHT),
            1,
            "may have started the export",
            "qldb-export list --ledger vehicle-registration",
        ),
    ] {
        assert_eq!(ran.code, Some(code), "{}", ran.stderr);
        let line =
            |label: &str| ran.stderr.lines().find_map(|line| line.trim_start().strip_prefix(label)).unwrap_or_default();
        assert!(line("why:").contains(cause) && line("next:").contains(next), "{cause}, {next}:\n{}", ran.stderr);
    }
    let service = Canned::new(|_, _| described("CANCELLED"));
    let wait = ["wait", EXPORT_ID, "--ledger", "vehicle-registration"];
    let ran = Ran::of(service.command(&Place::new(), wait));
    assert_eq!(ran.code, Some(7), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("why:") && ran.stderr.contains("next: qldb-export policy permissions"),
        "{}",
        ran.stderr
    );
}

/// The flags that a text names, as somebody reads them who is to type the same command: not those of command lines in
/// it, which are in backquotes or begin with a program's name.
fn named(text: &str) -> BTreeSet<String> {
    let mut quoted = false;
    let outside: String = text
        .chars()
        .filter(|character| {
            quoted ^= *character == '`';
            !quoted
        })
        .collect();
    let mut flags = BTreeSet::new();
    for line in outside.lines() {
        let line = line.split("qldb-export ").next().unwrap_or_default();
        let line = line.split("aws ").next().unwrap_or_default();
        let words = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| word.len() > 3);
        flags.extend(words.filter(|word| word.starts_with("--")).map(str::to_owned));
    }
    flags
}

/// A command of the definition, with its flags and which of them take a value.
struct Known {
    words: Vec<String>,
    flags: BTreeSet<String>,
    taking: Vec<String>,
}

fn known(place: &Place) -> Vec<Known> {
    let pages = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/man")).unwrap();
    let names = pages.map(|page| page.unwrap().file_name().into_string().unwrap());
    let commands = names.filter_map(|name| Some(name.strip_prefix("qldb-export-")?.strip_suffix(".1")?.to_owned()));
    let of = |name: String| {
        let words: Vec<String> = name.splitn(2, '-').map(str::to_owned).collect();
        let words = if words[0] == "ledger" { words } else { vec![name] };
        let help = place.run(words.iter().map(String::as_str).chain(["--help"])).stdout;
        let (mut flags, mut taking) = (BTreeSet::new(), Vec::new());
        for line in help.lines().map(str::trim).filter(|line| line.starts_with('-')) {
            let Some(flag) = line.split([' ', ',']).find(|word| word.starts_with("--")) else { continue };
            let flag = flag.to_owned();
            if line.contains(&format!("{flag} <")) {
                taking.push(flag.clone());
            }
            flags.insert(flag);
        }
        Known { words, flags, taking }
    };
    commands.map(of).filter(|known| known.words != ["ledger"]).collect()
}

#[test]
fn no_error_names_a_flag_that_its_command_does_not_have() {
    let place = Place::new();
    let commands = known(&place);
    assert!(commands.len() > 15, "{}", commands.len());
    let service = Canned::new(|_, _| Reply::Http(404, "ResourceNotFoundException", "{\"Message\":\"no\"}".to_owned()));
    for Known { words, flags, taking } in commands {
        if ["completions", "man"].contains(&words[0].as_str()) {
            continue;
        }
        let mut lines = vec![vec![]];
        // A value that no flag accepts, so that each is refused by its rule.
        lines.extend(taking.iter().map(|flag| vec![flag.clone(), "\u{b7}--".to_owned()]));
        lines.push(vec!["a--b".to_owned()]);
        lines.push(vec!["a--b".to_owned(), "no/such/file".to_owned()]);
        for line in lines {
            // A log and a journal are written to any path.
            if line.first().is_some_and(|flag| flag == "--events" || flag == "--data-dir") {
                continue;
            }
            let typed = words.iter().chain(&line).map(String::as_str);
            let mut command = service.command(&place, typed);
            command.current_dir(place.path()).stdin(std::process::Stdio::null());
            // A correct command line would serve until it is stopped.
            if words == ["serve"] && line.first().is_none_or(|flag| flag != "--listen") {
                command.args(["--listen", "nowhere"]);
            }
            let ran = Ran::of(command);
            let strange: Vec<String> = named(&ran.stderr).difference(&flags).cloned().collect();
            assert!(strange.is_empty(), "{words:?} {line:?} names {strange:?}:\n{}", ran.stderr);
        }
    }
}

#[test]
fn no_advice_names_a_flag_that_its_command_does_not_have() {
    let place = Place::new();
    let commands = known(&place);
    let s3 = "QLDB encountered an error validating S3 configuration:";
    let answers = [
        (400, "LimitExceededException", "Exceeded the limit of 2".to_owned()),
        (400, "InvalidParameterException", format!("{s3} NoSuchBucket")),
        (400, "InvalidParameterException", format!("{s3} AccessDenied sts:AssumeRole")),
        (400, "InvalidParameterException", "prefix must not exceed 128".to_owned()),
        (400, "InvalidParameterException", "Start date must not be greater than end date".to_owned()),
        (400, "InvalidParameterException", "End date cannot be in the future".to_owned()),
        (400, "InvalidParameterException", "is not compatible with an AWS KMS key".to_owned()),
        (403, "AccessDeniedException", "iam:PassRole".to_owned()),
        (403, "ExpiredTokenException", "over".to_owned()),
        (403, "UnrecognizedClientException", "who".to_owned()),
        (404, "ResourceNotFoundException", "The Ledger with name x is not found".to_owned()),
        (412, "ResourcePreconditionNotMetException", "not ACTIVE".to_owned()),
        (429, "ThrottlingException", "slowly".to_owned()),
        (500, "InternalFailure", "oh".to_owned()),
    ];
    for (status, error, message) in answers {
        let body = format!("{{\"Message\":\"{message}\"}}");
        let service = Canned::new(move |_, _| Reply::Http(status, error, body.clone()));
        let sync = ["sync", "--ledger", "x", "--bucket", "exports", "--prefix", "", "--role-arn", RIGHT[12]];
        for arguments in [
            &RIGHT[..],
            &["list", "--ledger", "x"],
            &["status", EXPORT_ID, "--ledger", "x"],
            &[&sync[..], &["--from", "yesterday", "--timeout", "1ms"]].concat(),
        ] {
            let mut command = service.command(&place, arguments.iter().copied());
            command.env("AWS_MAX_ATTEMPTS", "1");
            // Not compared with its page: here each operation gets every error, also those that it never has.
            let ran = Ran::from(command.output().unwrap());
            assert!(ran.code != Some(0), "{arguments:?} {error}: {}", ran.stderr);
            let flags = &commands.iter().find(|known| known.words == arguments[..1]).unwrap().flags;
            let strange: Vec<String> = named(&ran.stderr).difference(flags).cloned().collect();
            assert!(strange.is_empty(), "{arguments:?} names {strange:?}:\n{}", ran.stderr);
        }
    }
}

#[test]
fn what_is_wrong_is_named_as_it_is_typed_in_its_command() {
    let place = Place::new();
    for (arguments, said, not) in [
        (&["ledger", "digest"][..], "NAME is required", "--ledger"),
        (&["ledger", "import", "a--b", "."], "NAME \"a--b\"", "--ledger"),
        (&["verify", ".", "--digest", "typo.json"], "--digest \"typo.json\"", "--tip is required"),
    ] {
        let ran = place.run(arguments.iter().copied());
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(said) && !ran.stderr.contains(not), "{arguments:?}: {}", ran.stderr);
    }
}
