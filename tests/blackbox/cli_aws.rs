//! Scripts that were written for the AWS CLI: its times, its JSON input, and
//! messages that name what was typed.

use super::canned::{Canned, Reply, failed, started};
use super::support::{Place, Ran};

const ROLE: &str = "arn:aws:iam::123456789012:role/export";
const STRUCTURE: &str = "Bucket=exports,Prefix=nightly/,EncryptionConfiguration={ObjectEncryptionType=SSE_S3}";

/// `export-journal-to-s3` of a right request, without its start.
fn export_and<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let right = ["export-journal-to-s3", "--name", "vehicle-registration", "--exclusive-end-time", "2024-03-02"];
    let rest = ["--role-arn", ROLE, "--s3-export-configuration", STRUCTURE];
    right.iter().chain(&rest).chain(more).copied().collect()
}

/// Runs what must be refused before anything is sent.
fn refused(arguments: &[&str]) -> Ran {
    let service = Canned::new(|_, _| failed(500, ""));
    let ran = Ran::of(service.command(&Place::new(), arguments.iter().copied()));
    assert_eq!((service.requests().len(), ran.code, ran.stdout.as_str()), (0, Some(2), ""), "{}", ran.stderr);
    ran
}

fn body(place: &Place, arguments: &[&str]) -> serde_json::Value {
    let ran = place.run(arguments.iter().copied().chain(["--dry-run", "--output", "json"]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.json()[0]["Body"].clone()
}

#[test]
fn times_are_those_of_the_aws_cli() {
    let place = Place::new();
    // What the AWS CLI 1.42.60 sends for each, in any time zone.
    for (typed, sent) in [
        ("2024-03-01T00:00Z", 1_709_251_200.0),
        ("2024-03-01T00:00:00Z", 1_709_251_200.0),
        ("2024-03-01T01:00:00+0100", 1_709_251_200.0),
        ("2024-03-01T01:00:00+01:00", 1_709_251_200.0),
        ("2024-03-01T00:00:00", 1_709_251_200.0),
        ("2024-03-01T00:00", 1_709_251_200.0),
        ("2024-03-01 00:00", 1_709_251_200.0),
        ("2024-03-01", 1_709_251_200.0),
        ("20240301T000000Z", 1_709_251_200.0),
        ("20240301T000000", 1_709_251_200.0),
        ("1709251200", 1_709_251_200.0),
        ("1709251200.5", 1_709_251_200.5),
        ("0", 0.0),
    ] {
        let body = body(&place, &export_and(&["--inclusive-start-time", typed]));
        assert_eq!(body["InclusiveStartTime"].as_f64(), Some(sent), "{typed}");
    }
}

#[test]
fn a_time_without_offset_is_utc_only_under_the_aws_cli_s_names() {
    let place = Place::new();
    let right = ["--ledger", "l", "--until", "2024-03-02", "--bucket", "exports", "--prefix", "p/", "--role-arn", ROLE];
    let start = |flag: &'static str| {
        let time = [flag, "2024-03-01T00:00"];
        ["start"].into_iter().chain(time).chain(right).collect::<Vec<_>>()
    };
    assert_eq!(body(&place, &start("--inclusive-start-time"))["InclusiveStartTime"], 1_709_251_200);
    let ran = refused(&start("--from"));
    assert!(ran.stderr.contains("--from \"2024-03-01T00:00\" has no offset from UTC"), "{}", ran.stderr);
}

#[test]
fn messages_name_the_flags_that_were_typed() {
    let ran = refused(&[
        "start",
        "--name=a--b",
        "--inclusive-start-time=soon",
        "--until=later",
        "--output-format=CSV",
        "--bucket=exports",
        "--prefix=p/",
    ]);
    for reported in [
        "--name \"a--b\" must",
        "--inclusive-start-time \"soon\" is not",
        "--until \"later\" is not",
        "--output-format \"CSV\" is not",
        "--role-arn is required",
    ] {
        assert!(ran.stderr.contains(reported), "{reported}: {}", ran.stderr);
    }
    let both = refused(&["start", "--inclusive-start-time", "now", "--last", "24h"]);
    assert!(both.stderr.contains("'--inclusive-start-time <TIME>' cannot be used with '--last"), "{}", both.stderr);
    assert!(!both.stderr.contains("--from"), "{}", both.stderr);
    let alone = refused(&["start", "--inclusive-start-time"]);
    assert!(alone.stderr.contains("required for '--inclusive-start-time <TIME>'"), "{}", alone.stderr);
    assert!(refused(&["status", "--export-id", "x"]).stderr.contains("--export-id \"x\" must be"));
    assert!(refused(&["status", "x"]).stderr.contains("EXPORT_ID \"x\" must be"));
    assert!(refused(&["list", "--name", "a--b"]).stderr.contains("--name \"a--b\""));
}

#[test]
fn missing_flags_of_an_aws_cli_command_have_the_aws_cli_s_names() {
    let ran = refused(&["export-journal-to-s3"]);
    for flag in ["--name", "--inclusive-start-time", "--s3-export-configuration", "--role-arn"] {
        assert!(ran.stderr.contains(&format!("{flag} is required")), "{flag}: {}", ran.stderr);
    }
    assert!(ran.stderr.contains("4 problems in the request"), "{}", ran.stderr);
    let inside = refused(&["export-journal-to-s3", "--s3-export-configuration", "Bucket=EXPORTS"]);
    for reported in ["--s3-export-configuration Bucket \"EXPORTS\"", "--s3-export-configuration Prefix is required"] {
        assert!(inside.stderr.contains(reported), "{reported}: {}", inside.stderr);
    }
    assert!(refused(&["describe-journal-s3-export"]).stderr.contains("--export-id is required"));
    assert!(refused(&["list-journal-s3-exports-for-ledger"]).stderr.contains("--name is required"));
}

/// The request as `--generate-cli-skeleton` has it, filled in.
const INPUT: &str = r#"{
    "Name": "vehicle-registration",
    "InclusiveStartTime": "2024-03-01T00:00:00",
    "ExclusiveEndTime": 1709337600,
    "S3ExportConfiguration": {
        "Bucket": "exports",
        "Prefix": "nightly/",
        "EncryptionConfiguration": { "ObjectEncryptionType": "SSE_S3" }
    },
    "RoleArn": "arn:aws:iam::123456789012:role/export",
    "OutputFormat": "JSON"
}"#;

#[test]
fn a_json_input_is_the_same_request_and_flags_override_it() {
    let place = Place::new();
    let typed = export_and(&["--inclusive-start-time", "2024-03-01", "--output-format", "JSON"]);
    let file = place.path().join("input.json");
    std::fs::write(&file, INPUT).unwrap();
    let expected = body(&place, &typed);
    for input in [INPUT, &format!("file://{}", file.display())] {
        assert_eq!(body(&place, &["export-journal-to-s3", "--cli-input-json", input]), expected);
        assert_eq!(body(&place, &["start", "--cli-input-json", input]), expected);
    }
    // As PowerShell and editors on Windows write files.
    let wide = |mark: u16| std::iter::once(mark).chain(INPUT.encode_utf16());
    let little: Vec<u8> = wide(0xFEFF).flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = wide(0xFEFF).flat_map(u16::to_be_bytes).collect();
    for bytes in [little, big, format!("\u{feff}{INPUT}").into_bytes(), INPUT.replace('\n', "\r\n").into_bytes()] {
        std::fs::write(&file, bytes).unwrap();
        let input = format!("file://{}", file.display());
        assert_eq!(body(&place, &["export-journal-to-s3", "--cli-input-json", &input]), expected);
    }
    let other = ["export-journal-to-s3", "--cli-input-json", INPUT, "--output-format", "ION_TEXT", "--last", "1h"];
    let other = body(&place, &other);
    assert_eq!((&other["OutputFormat"], &other["InclusiveStartTime"]), (&"ION_TEXT".into(), &1_709_334_000.into()));
    let structure = body(
        &place,
        &[
            "export-journal-to-s3",
            "--cli-input-json",
            INPUT,
            "--s3-export-configuration",
            "Bucket=others,Prefix=x/,EncryptionConfiguration={ObjectEncryptionType=NO_ENCRYPTION}",
        ],
    );
    assert_eq!(structure["S3ExportConfiguration"]["Bucket"], "others");
    assert_eq!(structure["S3ExportConfiguration"]["Prefix"], "x/");
}

#[test]
fn a_json_input_that_cannot_be_read_is_one_fault_with_its_place() {
    for (input, reported) in [
        ("{\"Name\":", "is not JSON"),
        ("[]", "is not a JSON object"),
        ("{\"Colour\":1}", "has an unknown member Colour: there are Name, InclusiveStartTime"),
        ("{\"Name\":5}", "must have a string as Name"),
        ("{\"S3ExportConfiguration\":5}", "must have a structure as S3ExportConfiguration"),
        ("file:///nowhere/at/all", "does not exist: give a JSON object"),
    ] {
        let ran = refused(&["export-journal-to-s3", "--cli-input-json", input]);
        assert!(ran.stderr.starts_with("error: --cli-input-json ") && ran.stderr.contains(reported), "{}", ran.stderr);
    }
    let wrong = INPUT.replace("nightly/", "../").replace("vehicle-registration", "a--b").replace("01T00", "41T00");
    let ran = refused(&["export-journal-to-s3", "--cli-input-json", &wrong]);
    for member in ["Name \"a--b\"", "Prefix \"../\"", "InclusiveStartTime \"2024-03-41T00:00:00\""] {
        assert!(ran.stderr.contains(&format!("--cli-input-json {member}")), "{member}: {}", ran.stderr);
    }
}

#[test]
fn skeletons_have_the_members_of_the_aws_cli_s() {
    let place = Place::new();
    for (command, members) in [
        (
            "export-journal-to-s3",
            &["Name", "InclusiveStartTime", "ExclusiveEndTime", "S3ExportConfiguration", "RoleArn", "OutputFormat"][..],
        ),
        ("describe-journal-s3-export", &["Name", "ExportId"]),
        ("list-journal-s3-exports", &["MaxResults", "NextToken"]),
        ("list-journal-s3-exports-for-ledger", &["Name", "MaxResults", "NextToken"]),
    ] {
        for typed in [&["--generate-cli-skeleton"][..], &["--generate-cli-skeleton", "input"]] {
            let ran = place.run([command].into_iter().chain(typed.iter().copied()));
            assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
            let skeleton = ran.json()[0].clone();
            let found: Vec<&str> = skeleton.as_object().unwrap().keys().map(String::as_str).collect();
            assert_eq!(found, members, "{command}");
        }
    }
}

#[test]
fn the_other_commands_take_a_json_input_too() {
    let list = || Reply::Http(200, "", "{\"JournalS3Exports\":[]}".to_owned());
    let service = Canned::new(move |request, _| if request.starts_with("POST ") { started() } else { list() });
    let run = |arguments: &[&str]| Ran::of(service.command(&Place::new(), arguments.iter().copied()));
    let input = r#"{"Name":"vehicle-registration","MaxResults":7,"NextToken":"t"}"#;
    let ran = run(&["list-journal-s3-exports-for-ledger", "--cli-input-json", input]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let asked = service.requests().swap_remove(0);
    assert!(asked.starts_with("GET /ledgers/vehicle-registration/journal-s3-exports?"), "{asked}");
    assert!(asked.contains("max_results=7") && asked.contains("next_token=t"), "{asked}");
    let input = r#"{"Name":"vehicle-registration","ExportId":"0123456789abcdefghijkl"}"#;
    run(&["describe-journal-s3-export", "--cli-input-json", input]);
    let asked = "GET /ledgers/vehicle-registration/journal-s3-exports/0123456789abcdefghijkl".to_owned();
    assert!(service.requests().contains(&asked), "{:?}", service.requests());
}
