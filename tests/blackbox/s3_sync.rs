//! `sync` with objects in S3: the manifests there show what is done, and the new exports are proved
//! there.

use crate::canned::{Canned, Reply};
use crate::cli_sync::SYNC;
use crate::s3_cli::in_environment_of;
use crate::s3_server::{Fault, S3Server};
use crate::support::{Place, Ran};

const TO_S3: [&str; 3] = ["--local", "--object-store", "s3"];

fn sync_and<'a>(parts: &[&[&'a str]]) -> Vec<&'a str> {
    SYNC.into_iter().chain(parts.concat()).collect()
}

fn run(place: &Place, server: &S3Server, arguments: &[&str]) -> Ran {
    Ran::of(in_environment_of(server, place.command(arguments.iter().copied())))
}

/// A place with a sample ledger of four days.
fn sampled() -> Place {
    let place = Place::new();
    let ran = place.run(["ledger", "sample", "vehicle-registration", "--transactions", "60", "--days", "4"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    place
}

/// A sample whose first windows, but not the last, are exported to S3.
fn begun(server: &S3Server) -> Place {
    let place = sampled();
    let ran = run(&place, server, &sync_and(&[&TO_S3, &["--lag", "2d", "--verify"]]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stdout.lines().count() >= 2, "{}", ran.stdout);
    assert!(ran.stderr.contains("verified: blocks 0 to ") && ran.stderr.contains(": proved"), "{}", ran.stderr);
    place
}

fn silent(ran: &Ran) {
    assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""));
}

/// A data directory that knows the same journal, and none of its exports.
fn forgetful(server: &S3Server) -> Place {
    let place = Place::new();
    let ran = run(&place, server, &["ledger", "import", "vehicle-registration", "s3://exports/nightly/"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    place
}

/// A service that has forgotten its exports.
fn forgetful_service() -> Canned {
    Canned::new(|_, _| Reply::Http(200, "", r#"{"JournalS3Exports":[]}"#.to_owned()))
}

#[test]
fn each_window_goes_to_s3_once_and_is_proved_to_continue_the_one_before() {
    let server = S3Server::new("exports");
    let place = begun(&server);
    silent(&run(&place, &server, &sync_and(&[&TO_S3, &["--lag", "2d", "--verify"]])));
    let rest = run(&place, &server, &sync_and(&[&TO_S3, &["--verify"]]));
    assert_eq!(rest.code, Some(0), "{}", rest.stderr);
    assert!(rest.stdout.lines().count() >= 1 && rest.stderr.contains(": proved"), "{}{}", rest.stdout, rest.stderr);
    silent(&run(&place, &server, &sync_and(&[&TO_S3, &["--verify"]])));
    assert!(!place.path().join("buckets/exports").exists());
    let verified = run(&place, &server, &["verify", "s3://exports/nightly/"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stdout);
}

#[test]
fn without_a_catalog_the_manifests_in_s3_decide() {
    let server = S3Server::new("exports");
    begun(&server);
    let other = forgetful(&server);
    let listed = run(&other, &server, &["list", "--local", "--output", "json"]);
    assert_eq!(listed.json()[0]["JournalS3Exports"].as_array().unwrap().len(), 0);
    // What is exported is known, and what is proved is proved again.
    let again = run(&other, &server, &sync_and(&[&TO_S3, &["--lag", "2d", "--verify"]]));
    assert_eq!((again.code, again.stdout.as_str()), (Some(0), ""), "{}", again.stderr);
    assert!(
        again.stderr.starts_with("verified: blocks 0 to ") && again.stderr.contains(": proved"),
        "{}",
        again.stderr
    );
    silent(&run(&other, &server, &sync_and(&[&TO_S3, &["--lag", "2d", "--verify"]])));
}

#[test]
fn an_archive_in_s3_has_the_same_report_with_any_service() {
    let server = S3Server::new("exports");
    let place = begun(&server);
    let service = forgetful_service();
    for address in ["s3://exports/nightly/", "s3://exports", "s3://exports/"] {
        let command = service.command(&place, sync_and(&[&["--lag", "2d", "--verify", "--archive", address]]));
        silent(&Ran::of(in_environment_of(&server, command)));
    }
    assert_eq!(service.starts(), 0);
}

#[test]
fn an_export_before_that_has_lost_an_object_in_s3_is_exit_11() {
    let server = S3Server::new("exports");
    let place = begun(&server);
    let objects = super::cli_local::files(&server.bucket("exports"));
    let mut data: Vec<_> =
        objects.into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "ion")).collect();
    data.sort();
    std::fs::remove_file(data.last().unwrap()).unwrap();
    let ran = run(&place, &server, &sync_and(&[&TO_S3, &["--verify"]]));
    assert_eq!(ran.code, Some(11), "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("an object that the manifest lists is missing"), "{}", ran.stderr);
}

#[test]
fn manifests_in_s3_that_may_not_be_read_are_exit_6_and_nothing_is_started() {
    let server = S3Server::new("exports");
    let (place, service) = (Place::new(), forgetful_service());
    server.plan(|_| Some(Fault::Answer(403, "AccessDenied")));
    let command = service.command(&place, sync_and(&[&["--archive", "s3://exports/nightly/"]]));
    let ran = Ran::of(in_environment_of(&server, command));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(6), ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("s3://exports/nightly/") && ran.stderr.contains("403 AccessDenied"), "{}", ran.stderr);
    assert_eq!(service.starts(), 0);
    let local = run(&sampled(), &server, &sync_and(&[&TO_S3]));
    assert_eq!((local.code, local.stdout.as_str()), (Some(6), ""), "{}", local.stderr);
}

#[test]
fn an_archive_without_a_bucket_is_reported_with_every_other_fault() {
    let service = forgetful_service();
    let arguments = ["sync", "--ledger", "vehicles", "--window", "1s", "--archive", "s3://"];
    let ran = Ran::of(service.command(&Place::new(), arguments));
    assert_eq!((ran.code, service.requests().len()), (Some(2), 0));
    for part in ["--archive \"s3://\" names no bucket", "s3://BUCKET/PREFIX", "--window", "--bucket"] {
        assert!(ran.stderr.contains(part), "{part} is not in:\n{}", ran.stderr);
    }
}
