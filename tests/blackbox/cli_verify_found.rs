//! `verify` without a path, and how its report ends; `list --keys` as well.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::canned::{Canned, Reply, description};
use super::s3_cli::in_environment_of;
use super::s3_server::S3Server;
use super::support::{Place, Ran};

const ROLE: &str = "arn:aws:iam::123456789012:role/export";

/// Exports a part of a ledger: the export's id.
fn export(place: &Place, ledger: &str, from: &str, bucket: &str) -> String {
    let start = ["start", "--local", "--ledger", ledger, "--from", from, "--bucket", bucket, "--prefix", "p/"];
    let ran = place.run(start.into_iter().chain(["--role-arn", ROLE, "--quiet"]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran.stdout.trim().to_owned()
}

/// A place with two ledgers, and an export of each in its own bucket.
fn filled() -> (Place, [String; 2]) {
    let place = Place::new();
    for (ledger, seed) in [("flights", "1"), ("vehicles", "2")] {
        let sample = ["ledger", "sample", ledger, "--transactions", "20", "--days", "5", "--seed", seed];
        assert_eq!(place.run(sample).code, Some(0));
    }
    let ids = [export(&place, "flights", "-60d", "exports"), export(&place, "vehicles", "-60d", "others")];
    (place, ids)
}

#[test]
fn with_local_everything_that_was_exported_is_read() {
    let (place, _) = filled();
    let ran = place.run(["verify", "--local", "--output", "json"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let report = &ran.json()[0];
    assert_eq!(report["ledgers"], serde_json::json!(["flights", "vehicles"]));
    assert_eq!((&report["exports"], &report["blocks"]), (&2.into(), &40.into()));
    let one = place.run(["verify", "--local", "--ledger", "vehicles", "--output", "json"]);
    assert_eq!(one.json()[0]["ledgers"], serde_json::json!(["vehicles"]));
    let typed = ["verify", "--local", "--data-dir", place.path().to_str().unwrap(), "--output", "json"];
    assert_eq!(Place::new().run(typed).json()[0]["exports"], 2);
}

#[test]
fn an_export_is_found_by_its_id_and_nothing_else_is_read() {
    let (place, [flights, vehicles]) = filled();
    let again = export(&place, "flights", "-2d", "exports");
    let blocks = |arguments: &[&str]| {
        let ran = place.run(["verify", "--output", "json"].iter().chain(arguments).copied());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert_eq!(ran.json()[0]["exports"], 1);
        ran.json()[0]["blocks"].as_u64().unwrap()
    };
    assert_eq!(blocks(&["--local", "--export", &flights]), 20);
    assert_eq!(blocks(&["--local", "--export", &vehicles]), 20);
    assert!(blocks(&["--local", "--export", &again]) < 20);
    let bucket = place.path().join("buckets/exports");
    assert_eq!(blocks(&[bucket.to_str().unwrap(), "--export", &flights]), 20);
    let elsewhere = place.run(["verify", bucket.to_str().unwrap(), "--export", &vehicles]);
    assert_eq!(elsewhere.code, Some(12), "{}", elsewhere.stderr);
    let reported = format!("error: not proved: no export {vehicles} was found in {}: ", bucket.display());
    assert!(elsewhere.stderr.starts_with(&reported), "{}", elsewhere.stderr);
}

#[test]
fn the_service_says_where_an_export_was_written_to() {
    let (place, server) = (Place::new(), S3Server::new("exports"));
    let start = ["start", "--local", "--object-store", "s3", "--ledger", "vehicle-registration", "--last", "365d"];
    let rest = ["--bucket", "exports", "--prefix", "nightly/", "--role-arn", ROLE, "--quiet", "--wait"];
    let started = Ran::of(in_environment_of(&server, place.command(start.into_iter().chain(rest))));
    assert_eq!(started.code, Some(0), "{}", started.stderr);
    let id = started.stdout.lines().next().unwrap().to_owned();
    let known = id.clone();
    let service = Canned::new(move |request, _| {
        let export =
            description("COMPLETED").replace("a\\u001b[31mb/", "nightly/").replace("ADR2ONPKN5LINYGb4dp7yZ", &known);
        if request.ends_with("journal-s3-exports") {
            return Reply::Http(200, "", format!("{{\"JournalS3Exports\":[{export}]}}"));
        }
        Reply::Http(200, "", format!("{{\"ExportDescription\":{export}}}"))
    });
    for more in [&[][..], &["--ledger", "vehicle-registration"]] {
        let arguments = ["verify", "--export", &id, "--output", "json"].into_iter().chain(more.iter().copied());
        let command = in_environment_of(&server, service.command(&Place::new(), arguments));
        let ran = Ran::of(command);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert_eq!((&ran.json()[0]["verdict"], &ran.json()[0]["exports"]), (&"proved".into(), &1.into()));
    }
    let keys = Ran::of(in_environment_of(&server, service.command(&Place::new(), ["list", "--keys", &id])));
    assert_eq!(keys.code, Some(0), "{}", keys.stderr);
    assert!(
        keys.stdout.lines().all(|key| key.starts_with("s3://exports/nightly/") && !key.contains("manifest")),
        "{keys:?}"
    );
    // The built-in endpoint knows by itself.
    let local = ["verify", "--local", "--object-store", "s3", "--export", &id, "--output", "json"];
    let ran = Ran::of(in_environment_of(&server, place.command(local)));
    assert_eq!((ran.code, &ran.json()[0]["verdict"]), (Some(0), &"proved".into()), "{}", ran.stderr);
    let unknown = Ran::of(service.command(&Place::new(), ["verify", "--export", "0123456789abcdefghijkl"]));
    assert_eq!(unknown.code, Some(3), "{}", unknown.stderr);
}

#[test]
fn the_keys_of_an_export_are_listed_by_its_id() {
    let (place, [flights, vehicles]) = filled();
    let keys = |arguments: &[&str]| {
        let ran = place.run(["list", "--keys"].iter().chain(arguments).copied());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.stdout.lines().map(str::to_owned).collect::<BTreeSet<_>>()
    };
    let (one, other) = (keys(&[&flights, "--local"]), keys(&[&vehicles, "--local"]));
    let data_dir = place.path().join("buckets");
    assert!(one.iter().chain(&other).all(|key| Path::new(key).starts_with(&data_dir) && Path::new(key).is_file()));
    assert!(!one.is_empty() && one.is_disjoint(&other));
    let listed = |bucket: &str| keys(&[data_dir.join(bucket).to_str().unwrap()]);
    let folders = fs::read_dir(&data_dir).unwrap();
    let all: BTreeSet<String> =
        folders.flat_map(|folder| listed(folder.unwrap().file_name().to_str().unwrap())).collect();
    assert_eq!(all, one.union(&other).cloned().collect());
    let unknown = place.run(["list", "--keys", "0123456789abcdefghijkl", "--local"]);
    assert_eq!((unknown.code, unknown.stdout.as_str()), (Some(3), ""), "{}", unknown.stderr);
    assert!(unknown.stderr.contains("no export 0123456789abcdefghijkl was found in "), "{}", unknown.stderr);
    // An existing path of that name takes precedence.
    fs::create_dir(place.path().join(&flights)).unwrap();
    let mut command = place.command(["list", "--keys", &flights, "--local"]);
    command.current_dir(place.path());
    let ran = Ran::of(command);
    assert_eq!(ran.code, Some(3), "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("an export in {flights}")), "{}", ran.stderr);
}

#[test]
fn without_a_path_verify_says_what_to_give() {
    let place = Place::new();
    let ran = place.run(["verify"]);
    assert_eq!(ran.code, Some(2));
    for word in ["PATH is required", "s3://BUCKET/PREFIX", "--export", "--local"] {
        assert!(ran.stderr.contains(word), "{word}: {}", ran.stderr);
    }
    let short = place.run(["verify", "--export", "short"]);
    assert!(short.stderr.contains("--export \"short\" must be 22 letters and digits"), "{}", short.stderr);
    let empty = place.run(["verify", "--local"]);
    assert_eq!(empty.code, Some(2), "{}", empty.stderr);
    let reported = format!("--data-dir {:?} holds no exports: ", place.path());
    assert!(empty.stderr.contains(&reported), "{}", empty.stderr);
}

/// The levels, and the verdict as the last line.
fn ends_well(report: &str, verdict: &str) {
    let lines: Vec<&str> = report.lines().collect();
    let last = format!("Verdict: {verdict}");
    assert_eq!(lines.last(), Some(&last.as_str()), "{report}");
    let end = lines[lines.len() - 8..lines.len() - 2].join("\n");
    for word in ["LEVEL", "objects", "blocks", "contents", "chain", "digest"] {
        assert!(end.contains(word), "{word}: {report}");
    }
}

#[test]
fn a_report_begins_and_ends_with_its_verdict_and_lists_what_no_hash_covers_on_demand() {
    let (place, [id, _]) = filled();
    let run = |more: &[&str]| place.run(["verify", "--local", "--export", &id].iter().chain(more).copied());
    let short = run(&[]);
    assert!(short.stdout.starts_with("Verdict:"), "{}", short.stdout);
    ends_well(&short.stdout, "proved");
    assert!(short.stdout.contains("No QLDB hash covers 9 parts of this, such as blockAddress"), "{}", short.stdout);
    assert!(!short.stdout.contains("it must not run backwards"), "{}", short.stdout);
    let long = run(&["--verbose"]);
    assert!(long.stdout.contains("block: blockTimestamp (it must not run backwards"), "{}", long.stdout);
    ends_well(&long.stdout, "proved");
    let receipt = place.path().join("receipt.json");
    run(&["--receipt", receipt.to_str().unwrap()]);
    for whole in [run(&["--output", "json"]).stdout, fs::read_to_string(receipt).unwrap()] {
        assert!(whole.contains("it must not run backwards"), "{whole}");
    }
    let bucket = place.path().join("buckets/exports");
    let objects = super::engine_support::files(&bucket);
    let object = objects.iter().find(|path| path.extension().is_some_and(|extension| extension == "ion")).unwrap();
    let text = fs::read_to_string(object).unwrap();
    fs::write(object, text.replacen("State:\"", "State:\"X", 1)).unwrap();
    let damaged = run(&[]);
    assert_eq!(damaged.code, Some(10));
    ends_well(&damaged.stdout, "damaged");
}
