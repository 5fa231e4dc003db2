//! Values that are set once, in the environment or in a profile, and remarks on
//! values that are seldom meant.

use std::fs;

use super::support::{Place, Ran};

const ROLE: &str = "arn:aws:iam::123456789012:role/export";
const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const RANGE: [&str; 4] = ["--from", "2024-03-01", "--until", "2024-03-02"];

/// A place with a shared configuration file with two profiles.
fn configured() -> Place {
    let place = Place::new();
    let config = format!(
        "[default]\nqldb_export_bucket = usual-exports\n\n[profile nightly]\nqldb_export_ledger = vehicles\n\
         qldb_export_bucket = my-exports\nqldb_export_prefix = nightly/\nqldb_export_role_arn = {ROLE}\n\
         qldb_export_encryption = sse-kms\nqldb_export_kms_key_arn = {KEY}\n"
    );
    place.configure(&config);
    place
}

fn run(place: &Place, variables: &[(&str, &str)], arguments: &[&str]) -> Ran {
    let mut command = place.command(arguments.iter().copied());
    command.envs(variables.iter().copied());
    Ran::of(command)
}

/// A request that is shown and not sent: its ledger, and its body.
fn shown(ran: &Ran) -> (String, serde_json::Value) {
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let shown = ran.json()[0].clone();
    (shown["Path"].as_str().unwrap().split('/').nth(2).unwrap().to_owned(), shown["Body"].clone())
}

fn dry<'a>(more: &[&'a str]) -> Vec<&'a str> {
    ["start", "--dry-run", "--output", "json"].into_iter().chain(RANGE).chain(more.iter().copied()).collect()
}

#[test]
fn the_environment_sets_what_no_flag_sets() {
    let place = Place::new();
    let variables = [
        ("QLDB_EXPORT_LEDGER", "vehicles"),
        ("QLDB_EXPORT_BUCKET", "my-exports"),
        ("QLDB_EXPORT_PREFIX", "nightly/"),
        ("QLDB_EXPORT_ROLE_ARN", ROLE),
        ("QLDB_EXPORT_ENCRYPTION", "SSE_KMS"),
        ("QLDB_EXPORT_KMS_KEY_ARN", KEY),
    ];
    let ran = run(&place, &variables, &dry(&[]));
    let (ledger, body) = shown(&ran);
    assert_eq!((ledger.as_str(), &body["RoleArn"]), ("vehicles", &ROLE.into()));
    let expected = serde_json::json!({
        "Bucket": "my-exports",
        "Prefix": "nightly/",
        "EncryptionConfiguration": { "ObjectEncryptionType": "SSE_KMS", "KmsKeyArn": KEY },
    });
    assert_eq!(body["S3ExportConfiguration"], expected);
    for (name, value) in variables {
        assert!(ran.stderr.contains(&format!("{value:?} is from {name}\n")), "{name}: {}", ran.stderr);
    }
    let policy = run(&place, &variables, &["policy", "--region", "us-east-1"]);
    assert_eq!(policy.code, Some(0), "{}", policy.stderr);
    for value in ["ledger/vehicles", "my-exports/nightly/*", ROLE, KEY] {
        assert!(policy.stdout.contains(value), "{value}: {}", policy.stdout);
    }
}

#[test]
fn flags_override_variables_and_variables_override_the_profile() {
    let place = configured();
    let bucket = |variables: &[(&str, &str)], flags: &[&str]| {
        let (_, body) = shown(&run(&place, variables, &dry(flags)));
        body["S3ExportConfiguration"]["Bucket"].as_str().unwrap().to_owned()
    };
    let profile = ["--profile", "nightly"];
    assert_eq!(bucket(&[], &profile), "my-exports");
    assert_eq!(bucket(&[("AWS_PROFILE", "nightly")], &[]), "my-exports");
    assert_eq!(bucket(&[("QLDB_EXPORT_BUCKET", "others")], &profile), "others");
    assert_eq!(bucket(&[("QLDB_EXPORT_BUCKET", "")], &profile), "my-exports");
    let typed = [&profile[..], &["--bucket", "typed"]].concat();
    assert_eq!(bucket(&[("QLDB_EXPORT_BUCKET", "others")], &typed), "typed");
    let usual = ["--ledger", "l", "--prefix", "p/", "--role-arn", ROLE];
    assert_eq!(bucket(&[], &usual), "usual-exports");
    let elsewhere = place.path().join("elsewhere");
    fs::write(&elsewhere, "[default]\nqldb_export_bucket = elsewhere\n").unwrap();
    assert_eq!(bucket(&[("AWS_CONFIG_FILE", elsewhere.to_str().unwrap())], &usual), "elsewhere");
}

#[test]
fn messages_say_where_a_wrong_value_comes_from() {
    let place = configured();
    let text = fs::read_to_string(place.path().join(".aws/config")).unwrap();
    place.configure(&text.replace("nightly/", "../"));
    let variables = [("QLDB_EXPORT_BUCKET", "NotABucket"), ("QLDB_EXPORT_ENCRYPTION", "zip")];
    let start = ["start", "--profile", "nightly", "--from", "2024-03-01"];
    let sync = ["sync", "--profile", "nightly"];
    for command in [&start[..], &sync[..]] {
        let ran = run(&place, &variables, command);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        for reported in [
            "QLDB_EXPORT_BUCKET \"NotABucket\" may hold",
            "QLDB_EXPORT_ENCRYPTION \"zip\" is not",
            "qldb_export_prefix of the profile nightly \"../\" must",
        ] {
            assert!(ran.stderr.contains(reported), "{reported}: {}", ran.stderr);
        }
        assert!(!ran.stderr.contains("--bucket"), "{}", ran.stderr);
    }
}

#[test]
fn another_encryption_leaves_the_key_that_is_set_aside() {
    let place = configured();
    let encryption = |more: &[&str]| {
        let (_, body) = shown(&run(&place, &[], &dry(&[&["--profile", "nightly"], more].concat())));
        body["S3ExportConfiguration"]["EncryptionConfiguration"].clone()
    };
    assert_eq!(encryption(&["--encryption", "SSE_S3"]), serde_json::json!({ "ObjectEncryptionType": "SSE_S3" }));
    // Directories are not encrypted.
    assert_eq!(encryption(&["--local"]), serde_json::json!({ "ObjectEncryptionType": "NO_ENCRYPTION" }));
    assert_eq!(encryption(&["--local", "--object-store", "s3"])["KmsKeyArn"], KEY);
    // The AWS CLI's structure is complete in itself.
    let structure = "Bucket=exports,Prefix=p/,EncryptionConfiguration={ObjectEncryptionType=SSE_S3}";
    let whole = encryption(&["--s3-export-configuration", structure]);
    assert_eq!(whole, serde_json::json!({ "ObjectEncryptionType": "SSE_S3" }));
}

#[test]
fn help_manual_and_documents_know_every_setting() {
    let place = Place::new();
    let help = place.run(["--help"]).stdout;
    let manual = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/man/qldb-export-start.1")).unwrap();
    let documents = ["/README.md", "/docs/exporting.md"]
        .map(|path| fs::read_to_string(format!("{}{path}", env!("CARGO_MANIFEST_DIR"))).unwrap());
    let documents = documents.concat();
    for setting in ["LEDGER", "BUCKET", "PREFIX", "ROLE_ARN", "ENCRYPTION", "KMS_KEY_ARN"] {
        let variable = format!("QLDB_EXPORT_{setting}");
        assert!(help.contains(&format!("  {variable}  ")), "{variable}");
        assert!(manual.contains(&variable), "{variable}");
        assert!(documents.contains(&format!("`{variable}`")), "{variable}");
    }
    let known = help.lines().filter_map(|line| line.trim_start().split_once("  ")).map(|(name, _)| name);
    let known: Vec<&str> = known.filter(|name| name.starts_with("QLDB_EXPORT_")).collect();
    let named = documents.split('`').filter(|word| word.starts_with("QLDB_EXPORT_") && !word.contains(['=', ' ', '/']));
    for name in named {
        assert!(known.contains(&name), "{name} is in the documents and not in the help");
    }
}

#[test]
fn words_are_understood_however_they_are_written() {
    let place = Place::new();
    let right = ["--ledger", "l", "--bucket", "exports", "--prefix", "p/", "--role-arn", ROLE];
    for (typed, format) in
        [("json", "JSON"), ("ion-text", "ION_TEXT"), ("Ion_Binary", "ION_BINARY"), ("binary", "ION_BINARY")]
    {
        let (_, body) = shown(&run(&place, &[], &dry(&[&right[..], &["--format", typed]].concat())));
        assert_eq!(body["OutputFormat"], format, "{typed}");
    }
    for (typed, encryption) in
        [("none", "NO_ENCRYPTION"), ("no-encryption", "NO_ENCRYPTION"), ("sse_s3", "SSE_S3"), ("AES256", "SSE_S3")]
    {
        let (_, body) = shown(&run(&place, &[], &dry(&[&right[..], &["--encryption", typed]].concat())));
        let configuration = &body["S3ExportConfiguration"]["EncryptionConfiguration"];
        assert_eq!(configuration["ObjectEncryptionType"], encryption, "{typed}");
    }
    let key = ["--encryption", "aws:kms", "--kms-key-arn", KEY];
    shown(&run(&place, &[], &dry(&[&right[..], &key].concat())));
    let ran = run(&place, &[], &dry(&[&right[..], &["--format", "csv"]].concat()));
    assert!(ran.stderr.contains("--format \"csv\" is not an output format: give ION_TEXT"), "{}", ran.stderr);
}

#[test]
fn a_prefix_without_a_slash_gets_a_remark_and_is_accepted() {
    let place = Place::new();
    let right = ["--ledger", "l", "--bucket", "exports", "--role-arn", ROLE, "--prefix"];
    for (prefix, meant) in
        [("nightly", "nightly/"), ("/nightly/", "nightly/"), ("s3://exports/nightly/", "nightly/"), ("/", "")]
    {
        let ran = run(&place, &[], &dry(&[&right[..], &[prefix]].concat()));
        assert_eq!(shown(&ran).1["S3ExportConfiguration"]["Prefix"], prefix);
        let reported = format!("Perhaps you mean {meant:?}\n");
        assert!(ran.stderr.starts_with("warning: --prefix: ") && ran.stderr.ends_with(&reported), "{}", ran.stderr);
    }
    for prefix in ["", "nightly/", "a/b/"] {
        let ran = run(&place, &[], &dry(&[&right[..], &[prefix]].concat()));
        assert_eq!(
            (shown(&ran).1["S3ExportConfiguration"]["Prefix"].as_str(), ran.stderr.as_str()),
            (Some(prefix), "")
        );
    }
    let set = run(&place, &[("QLDB_EXPORT_PREFIX", "nightly")], &dry(&right[..right.len() - 1]));
    assert!(set.stderr.starts_with("warning: QLDB_EXPORT_PREFIX: "), "{}", set.stderr);
}

#[test]
fn a_sync_remarks_on_its_prefix_once() {
    let place = Place::new();
    assert_eq!(place.run(["ledger", "sample", "demo", "--transactions", "3", "--days", "3"]).code, Some(0));
    let sync =
        ["sync", "--local", "--ledger", "demo", "--bucket", "exports", "--prefix", "nightly", "--role-arn", ROLE];
    let first = place.run(sync);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    assert!(first.stderr.contains("warning: --prefix: "), "{}", first.stderr);
    let second = place.run(sync);
    assert_eq!((second.code, second.stderr.as_str()), (Some(0), ""));
}
