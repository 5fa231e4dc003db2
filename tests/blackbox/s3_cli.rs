//! The built binary with S3: exports that go there, archives that are read from there.

use std::process::Command;

use crate::s3_server::{ACCESS_KEY, Fault, S3Server};
use crate::support::{Place, Ran};

const ROLE: &str = "arn:aws:iam::123456789012:role/export";

/// A command in an environment that names the server as a user would.
pub(crate) fn in_environment_of(server: &S3Server, mut command: Command) -> Command {
    command.env("AWS_ENDPOINT_URL_S3", &server.url).env("AWS_REGION", "us-east-1");
    command.env("AWS_ACCESS_KEY_ID", ACCESS_KEY.0).env("AWS_SECRET_ACCESS_KEY", ACCESS_KEY.1);
    command
}

fn run<'a>(place: &Place, server: &S3Server, arguments: impl IntoIterator<Item = &'a str>) -> Ran {
    Ran::of(in_environment_of(server, place.command(arguments)))
}

fn start<'a>(more: &[&'a str]) -> Vec<&'a str> {
    let fixed = [
        "start",
        "--local",
        "--object-store",
        "s3",
        "--wait",
        "--ledger",
        "vehicle-registration",
        "--last",
        "365d",
        "--bucket",
        "exports",
        "--role-arn",
        ROLE,
    ];
    fixed.into_iter().chain(more.iter().copied()).collect()
}

#[test]
fn an_export_goes_to_s3_is_verified_there_and_becomes_a_ledger_again() {
    let (place, server) = (Place::new(), S3Server::new("exports"));
    let started = run(&place, &server, start(&["--prefix", "nightly/"]));
    assert_eq!(started.code, Some(0), "{}", started.stderr);
    assert!(started.stderr.contains("the objects are in s3://exports/nightly/"), "{}", started.stderr);
    // SSE_S3 is the default again.
    let kept = server.kept();
    assert!(kept.values().all(|headers| headers["x-amz-server-side-encryption"] == "AES256"));
    assert!(!place.path().join("buckets/exports").exists());

    let verified = run(&place, &server, ["verify", "s3://exports/nightly/", "--output", "json"]);
    assert_eq!(verified.code, Some(0), "{}", verified.stderr);
    assert_eq!(verified.json()[0]["verdict"], "proved");
    let other = Place::new();
    let imported = run(&other, &server, ["ledger", "import", "back", "s3://exports/nightly/", "--output", "json"]);
    assert_eq!(imported.code, Some(0), "{}", imported.stderr);
    assert_eq!(imported.json()[0]["Blocks"], verified.json()[0]["blocks"]);
    let third = Place::new();
    let in_place = run(&third, &server, ["ledger", "import", "again", "s3://exports/nightly/", "--in-place"]);
    assert_eq!(in_place.code, Some(0), "{}", in_place.stderr);
    let journals = crate::engine_support::segments(third.path());
    assert!(journals.is_empty(), "{journals:?}");
    let digest = |place: &Place, name| {
        run(place, &server, ["ledger", "digest", name, "--output", "json"]).json()[0]["Digest"].clone()
    };
    assert!(digest(&third, "again").is_string());
    assert_eq!(digest(&third, "again"), digest(&place, "vehicle-registration"));
    // A store in directories is written from objects in S3.
    let range = ["start", "--local", "--wait", "--ledger", "again", "--last", "365d", "--bucket", "exports"];
    let more = ["--role-arn", ROLE, "--prefix", ""];
    let written = run(&third, &server, range.into_iter().chain(more));
    assert_eq!(written.code, Some(0), "{}", written.stderr);
    let proved = run(&third, &server, ["verify", third.path().join("buckets/exports").to_str().unwrap()]);
    assert_eq!(proved.code, Some(0), "{}", proved.stderr);
}

/// The same export into directories and into S3 gives the same rows and the same histories.
#[test]
fn an_archive_in_s3_can_be_converted_and_has_histories() {
    let (place, server) = (Place::new(), S3Server::new("exports"));
    assert_eq!(run(&place, &server, start(&["--prefix", "nightly/"])).code, Some(0));
    let local =
        ["start", "--local", "--wait", "--ledger", "vehicle-registration", "--last", "365d", "--bucket", "exports"];
    let local = run(&place, &server, local.into_iter().chain(["--role-arn", ROLE, "--prefix", ""]));
    assert_eq!(local.code, Some(0), "{}", local.stderr);
    let folder = place.path().join("buckets/exports").to_str().unwrap().to_owned();
    let rows = |archive: &str, name: &str| {
        let to = place.path().join(name);
        let ran = run(&place, &server, ["convert", archive, "--to", to.to_str().unwrap(), "--output", "json"]);
        assert_eq!((ran.code, &ran.json()[0]["verdict"]), (Some(0), &"proved".into()), "{}", ran.stderr);
        let connection = rusqlite::Connection::open(to).unwrap();
        let sql = "SELECT group_concat(doc_id || version || hash || sequence_no || coalesce(data, ''), char(10)) FROM revision";
        connection.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap()
    };
    assert_eq!(rows("s3://exports/nightly/", "remote.db"), rows(&folder, "local.db"));
    let history = |archive: &str| {
        let ran = run(&place, &server, ["history", archive, "--where", "Vehicle.Type=Sedan", "--output", "json"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.json()
    };
    let documents = history("s3://exports/nightly/");
    assert!(!documents.is_empty());
    assert_eq!(documents, history(&folder));
    let missing =
        run(&place, &server, ["convert", "s3://missing/x", "--to", place.path().join("no.db").to_str().unwrap()]);
    assert_eq!(missing.code, Some(9), "{}", missing.stderr);
    assert!(!place.path().join("no.db").exists());
}

#[test]
fn a_bucket_that_is_not_there_is_refused_with_exit_4() {
    let (place, server) = (Place::new(), S3Server::new("other"));
    let started = run(&place, &server, start(&["--prefix", ""]));
    assert_eq!(started.code, Some(4), "{}", started.stderr);
    let message = "QLDB encountered an error validating S3 configuration: NoSuchBucket";
    assert!(started.stderr.contains(message), "{}", started.stderr);
}

#[test]
fn an_unreadable_archive_is_not_damage() {
    let (place, server) = (Place::new(), S3Server::new("exports"));
    assert_eq!(run(&place, &server, start(&["--prefix", ""])).code, Some(0));
    server.plan(|call| call.path.contains(".ion").then_some(Fault::Answer(403, "AccessDenied")));
    let verified = run(&place, &server, ["verify", "s3://exports"]);
    assert_eq!(verified.code, Some(6), "{}", verified.stderr);
    assert!(verified.stderr.contains("403 AccessDenied"), "{}", verified.stderr);
    let missing = run(&place, &server, ["verify", "s3://missing/x"]);
    assert_eq!(missing.code, Some(9), "{}", missing.stderr);
    assert!(missing.stderr.contains("NoSuchBucket"), "{}", missing.stderr);
}

#[test]
fn flags_that_would_do_nothing_are_refused_with_exit_2() {
    let (place, server) = (Place::new(), S3Server::new("exports"));
    for (arguments, part) in [
        (vec!["list", "--object-store", "s3"], "is for the built-in endpoint"),
        (vec!["list", "--local", "--assume-role"], "has no effect without --object-store s3"),
        (vec!["verify", "s3://"], "s3://BUCKET/PREFIX"),
    ] {
        let ran = run(&place, &server, arguments.iter().copied());
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(part), "{arguments:?}: {}", ran.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_an_import_while_it_copies_and_verifies_and_nothing_stays() {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;
    use std::sync::mpsc;

    let (place, server) = (Place::new(), S3Server::new("exports"));
    assert_eq!(run(&place, &server, start(&["--prefix", "p/"])).code, Some(0));
    for (name, code) in [("-INT", 130), ("-TERM", 143)] {
        let other = Place::new();
        let mut command = in_environment_of(&server, other.command(["ledger", "import", "L1", "s3://exports/p/"]));
        let (copying, is_copying) = mpsc::channel();
        let (go_on, may_go_on) = mpsc::channel::<()>();
        let mut reads = 0;
        server.plan(move |call| {
            let is_data = call.method == "GET" && call.path.contains(".ion");
            reads += usize::from(is_data);
            // The response comes when the signal has arrived.
            if is_data && reads == 1 {
                copying.send(()).unwrap();
                may_go_on.recv().unwrap();
            }
            None
        });
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        is_copying.recv().unwrap();
        crate::serving::signal(name, child.id());
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        assert!(lines.any(|line| line.contains("copied objects are removed")), "{name}");
        go_on.send(()).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code));
        server.plan(|_| None);
        assert_eq!(crate::engine_support::files(&other.path().join("journals")), [""; 0].map(std::path::PathBuf::from));
        assert_eq!(run(&other, &server, ["ledger", "describe", "L1"]).code, Some(3));
        assert_eq!(run(&other, &server, ["ledger", "import", "L1", "s3://exports/p/"]).code, Some(0));
    }
}
