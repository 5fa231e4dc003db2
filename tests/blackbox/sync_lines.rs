//! The lines that the documents and the package print for `sync`, run unchanged: with the built-in
//! endpoint that writes to S3, they export everything once, prove it, and are silent afterwards,
//! even if the service has forgotten.

use std::process::Command;

use super::canned::{Canned, Reply};
use super::s3_cli::in_environment_of;
use super::s3_server::{S3Server, take_the_key_of_s3};
use super::serving::Serving;
use super::support::{Place, Ran, alike};

const EXPORTING: &str = include_str!("../../docs/exporting.md");
const UNIT: &str = include_str!("../../packaging/systemd/qldb-export@.service");
const VARIABLES: &str = include_str!("../../packaging/systemd/qldb-export.env");
const LEDGER: &str = "vehicle-registration";

/// The content of the first block of this kind in the document.
fn block(kind: &str) -> &'static str {
    EXPORTING.split(&format!("```{kind}\n")).nth(1).unwrap().split("```").next().unwrap()
}

/// What systemd starts, in a shell: both replace ${NAME}.
fn exec_start(unit: &str) -> String {
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).unwrap();
    let (program, arguments) = line.split_once(' ').unwrap();
    assert_eq!(program, "qldb-export", "systemd looks for it where it may be installed");
    // Where systemd creates the folder for a unit's run.
    format!("qldb-export {}", arguments.replace("%i", LEDGER).replace("%t/qldb-export", "\"$QLDB_EXPORT_DATA_DIR\""))
}

/// Every line, and its variables.
fn lines() -> Vec<String> {
    let (path, line) = block("crontab").trim().split_once('\n').unwrap();
    assert!(path.starts_with("PATH=/"), "{path}");
    let crontab = line.strip_prefix("10 0 * * * ").unwrap().to_owned();
    let variables = VARIABLES.lines().filter(|line| !line.starts_with('#') && !line.starts_with("AWS_REGION"));
    let variables = variables.collect::<Vec<_>>().join("; ");
    vec![crontab, format!("{variables}; {}", exec_start(UNIT))]
}

/// An endpoint with a sample ledger of four days, three of which are over at any time, which writes to S3. Endpoint and
/// S3 accept the same key.
fn served(server: &S3Server) -> (Place, Serving) {
    let place = Place::new();
    let sample = ["ledger", "sample", LEDGER, "--transactions", "80", "--days", "4"];
    assert_eq!(place.run(sample).code, Some(0));
    take_the_key_of_s3(place.path());
    let serve = ["serve", "--listen", "127.0.0.1:0", "--quiet", "--object-store", "s3"];
    let serving = Serving::of(in_environment_of(server, place.command(serve)));
    (place, serving)
}

fn shell(line: &str, command: &Command) -> Ran {
    let mut shell = Command::new("sh");
    alike(&mut shell, command).args(["-c", line]);
    Ran::of(shell)
}

fn keys(server: &S3Server) -> Vec<String> {
    server.kept().into_keys().collect()
}

#[test]
fn every_printed_line_exports_everything_once_and_proves_it() {
    for line in lines() {
        assert!(line.contains("--verify") && line.contains("--archive s3://"), "{line}");
        let server = S3Server::new("my-exports");
        let (_ledgers, serving) = served(&server);
        let place = Place::new();
        let like = in_environment_of(&server, serving.command(&place, []));
        let first = shell(&line, &like);
        assert_eq!((first.code, first.stderr.as_str()), (Some(0), ""), "{line}\n{first:?}");
        let written = keys(&server);
        assert!(written.iter().filter(|key| key.ends_with(".completed.manifest")).count() >= 3, "{written:?}");
        let verified = shell("qldb-export verify s3://my-exports/daily/", &like);
        assert_eq!(verified.code, Some(0), "{verified:?}");
        // The next night, and one after the service has forgotten, on a machine without a record.
        let forgetful = Canned::new(|_, _| Reply::Http(200, "", r#"{"JournalS3Exports":[]}"#.to_owned()));
        let elsewhere = Place::new();
        let later = in_environment_of(&server, forgetful.command(&elsewhere, []));
        for command in [&like, &later] {
            let again = shell(&line, command);
            assert_eq!((again.code, again.stdout.as_str(), again.stderr.as_str()), (Some(0), "", ""), "{line}");
        }
        assert_eq!((forgetful.starts(), keys(&server)), (0, written));
    }
}
