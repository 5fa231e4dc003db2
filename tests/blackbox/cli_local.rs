//! `--local`, `serve` and `ledger`: the command line over the endpoint that
//! executes exports.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::serving::{Serving, signal};
use super::support::{Place, Ran};

/// A request for everything in a sample.
const EXPORT: [&str; 13] = [
    "start",
    "--ledger",
    "vehicle-registration",
    "--last",
    "60d",
    "--bucket",
    "exports",
    "--prefix",
    "nightly/",
    "--role-arn",
    "arn:aws:iam::123456789012:role/export",
    "--encryption",
    "NO_ENCRYPTION",
];

fn export_and<'a>(more: &[&'a str]) -> Vec<&'a str> {
    EXPORT.iter().chain(more).copied().collect()
}

/// A place with a sample ledger with this many transactions.
fn sampled(transactions: &str) -> Place {
    let place = Place::new();
    let ran = place.run(["ledger", "sample", "vehicle-registration", "--transactions", transactions]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    place
}

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.path().is_dir() { found.extend(files(&entry.path())) } else { found.push(entry.path()) }
    }
    found
}

#[test]
fn an_empty_data_directory_gets_the_sample_and_an_export_of_it_completes() {
    let place = Place::new();
    let ran = place.run(export_and(&["--local", "--wait", "--format", "JSON"]));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let lines: Vec<_> = ran.stdout.lines().collect();
    assert_eq!((lines.len(), lines[0].len(), lines[1]), (2, 22, "COMPLETED"));
    assert!(ran.stderr.starts_with("created the sample ledger vehicle-registration"), "{}", ran.stderr);
    let folder = ran.stderr.lines().find_map(|line| line.strip_prefix("the objects are in ")).unwrap();
    let files = files(Path::new(folder));
    let ending = |ending: &str| files.iter().filter(|path| path.to_string_lossy().ends_with(ending)).count();
    assert_eq!((ending(".started.manifest"), ending(".completed.manifest")), (1, 1));
    let blocks = files.iter().filter(|path| path.extension().is_some_and(|extension| extension == "json"));
    let blocks: Vec<String> =
        blocks.flat_map(|path| BufReader::new(fs::File::open(path).unwrap()).lines()).map(Result::unwrap).collect();
    assert!(blocks.len() > 900, "{} blocks", blocks.len());
    assert!(blocks.iter().all(|block| serde_json::from_str::<serde_json::Value>(block).unwrap().is_object()));
}

#[test]
fn a_local_export_that_is_not_waited_for_is_finished_all_the_same() {
    let place = sampled("50");
    let ran = place.run(export_and(&["--local"]));
    let id = ran.stdout.trim();
    assert_eq!((ran.code, id.len()), (Some(0), 22), "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("export {id}: COMPLETED")), "{}", ran.stderr);
    let status = place.run(["status", id, "--local"]);
    for line in ["Status:      COMPLETED", "Blocks:      50, numbered 0 to 49", "Objects:     1", "Took: "] {
        assert!(status.stdout.contains(line), "{line}\n{}", status.stdout);
    }
    let bytes: u64 = files(&place.path().join("buckets"))
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "ion"))
        .map(|path| fs::metadata(path).unwrap().len())
        .sum();
    assert!(status.stdout.contains(&format!(" ({bytes} bytes)\n")), "{bytes}: {}", status.stdout);
    assert!(ran.stderr.contains("Destination: s3://exports/nightly/\n"), "{}", ran.stderr);
    let waited = place.run(["wait", id, "--local", "--output", "json"]);
    assert_eq!(waited.json()[0]["ExportDescription"]["LedgerName"], "vehicle-registration");
    let listed = place.run(["list", "--local", "--ledger", "vehicle-registration"]);
    assert!(listed.stdout.lines().nth(1).unwrap().starts_with(id), "{}", listed.stdout);
}

#[test]
fn what_is_not_there_is_exit_3() {
    let place = sampled("5");
    let mut unknown = export_and(&["--local"]);
    unknown[2] = "unknown";
    assert_eq!(place.run(unknown).code, Some(3));
    assert_eq!(place.run(["status", "0000000000000000000000", "--local"]).code, Some(3));
    let arguments = ["wait", "0000000000000000000000", "--ledger", "vehicle-registration", "--local"];
    assert_eq!(place.run(arguments).code, Some(3));
    assert_eq!(place.run(["ledger", "describe", "unknown"]).code, Some(3));
}

#[test]
fn an_encryption_that_a_directory_cannot_do_is_refused_with_exit_4() {
    let mut encrypted = export_and(&["--local"]);
    encrypted[12] = "SSE_S3";
    let ran = sampled("5").run(encrypted);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(4), ""), "{}", ran.stderr);
}

/// A journal that can't be read yet: its segment is a pipe, so that exports of
/// the ledger run until the test lets them read.
#[cfg(unix)]
struct Held {
    pipe: PathBuf,
    segment: Vec<u8>,
}

#[cfg(unix)]
impl Held {
    fn new(place: &Place) -> Self {
        let pipe = crate::engine_support::segments(place.path()).pop().unwrap();
        let segment = fs::read(&pipe).unwrap();
        fs::remove_file(&pipe).unwrap();
        assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
        Self { pipe, segment }
    }

    /// Lets the export that is reading continue, and the next ones read a file.
    fn let_go(self) {
        // With both ends, opening does not wait for a reader, which may be gone.
        let mut writer = fs::File::options().read(true).write(true).open(&self.pipe).unwrap();
        fs::remove_file(&self.pipe).unwrap();
        fs::write(&self.pipe, &self.segment).unwrap();
        writer.write_all(&self.segment).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn a_third_export_while_two_run_is_exit_5() {
    let place = sampled("5");
    let _held = Held::new(&place);
    let serving = Serving::new(&place);
    let start = || Ran::of(serving.command(&place, EXPORT));
    let running = [start(), start()];
    assert!(running.iter().all(|ran| ran.code == Some(0)), "{running:?}");
    let third = start();
    assert_eq!((third.code, third.stdout.as_str()), (Some(5), ""));
    assert!(running.iter().all(|ran| third.stderr.contains(ran.stdout.trim())), "{}", third.stderr);
}

#[cfg(unix)]
#[test]
fn a_damaged_segment_cancels_the_export_and_is_exit_7_with_the_reason() {
    let place = sampled("5");
    let segment = crate::engine_support::segments(place.path()).pop().unwrap();
    let whole = fs::read(&segment).unwrap();
    fs::write(&segment, &whole[..whole.len() / 2]).unwrap();
    let ran = place.run(export_and(&["--local", "--wait"]));
    assert_eq!((ran.code, ran.stdout.lines().last()), (Some(7), Some("CANCELLED")));
    assert!(ran.stderr.contains("ended CANCELLED: ") && ran.stderr.contains("offset"), "{}", ran.stderr);
}

#[test]
fn the_lines_of_serve_make_other_processes_use_it() {
    let place = sampled("5");
    let serving = Serving::new(&place);
    let names: Vec<_> = serving.variables.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        ["AWS_ENDPOINT_URL_QLDB", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
    );
    let ran = Ran::of(serving.command(&place, export_and(&["--wait", "--poll-interval", "10ms"])));
    assert!(ran.code == Some(0) && ran.stdout.ends_with("\nCOMPLETED\n"), "{}", ran.stderr);
    let ended = serving.terminate();
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), ""));
}

#[test]
fn wrong_credentials_are_exit_6() {
    let place = sampled("5");
    let serving = Serving::new(&place);
    for (name, value) in [("AWS_SECRET_ACCESS_KEY", "wrong"), ("AWS_ACCESS_KEY_ID", "unknown")] {
        let mut command = serving.command(&place, ["list"]);
        let ran = Ran::of({
            command.env(name, value);
            command
        });
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(6), ""), "{}", ran.stderr);
    }
}

#[test]
fn a_data_directory_in_use_is_exit_9_and_names_the_process() {
    let place = sampled("5");
    let serving = Serving::new(&place);
    for arguments in [vec!["list", "--local"], vec!["ledger", "recover"], vec!["serve", "--listen", "127.0.0.1:0"]] {
        let ran = place.run(arguments);
        assert_eq!(ran.code, Some(9));
        assert!(ran.stderr.contains(&format!("process {}", serving.id())), "{}", ran.stderr);
    }
}

/// A local export that is interrupted while it runs, and its id.
#[cfg(unix)]
fn interrupted(place: &Place) -> (Child, String) {
    let mut command = place.command(export_and(&["--local", "--wait"]));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut id = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut id).unwrap();
    signal("-INT", child.id());
    (child, id.trim().to_owned())
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_a_local_export_for_the_next_command() {
    let place = sampled("5");
    let held = Held::new(&place);
    let (mut child, id) = interrupted(&place);
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let resume = stderr.find(|line| line.contains("qldb-export wait")).unwrap();
    held.let_go();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(resume.trim(), format!("qldb-export wait {id} --ledger vehicle-registration --local"));
    let resumed = place.run(resume.trim().split(' ').skip(1));
    assert_eq!((resumed.code, resumed.stdout.as_str()), (Some(0), "COMPLETED\n"), "{}", resumed.stderr);
}

#[cfg(unix)]
#[test]
fn a_second_ctrl_c_leaves_at_once() {
    let place = sampled("5");
    let _held = Held::new(&place);
    let (mut child, _) = interrupted(&place);
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(stderr.any(|line| line.contains("qldb-export wait")));
    while child.try_wait().unwrap().is_none() {
        signal("-INT", child.id());
        std::thread::yield_now();
    }
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn documents_are_appended_from_stdin_and_from_files() {
    let place = sampled("5");
    let mut command = place.command(["ledger", "append", "vehicle-registration", "--table", "Notes"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"{\"note\": 1}\n{\"note\": 2}\n").unwrap();
    let ran = Ran::from(child.wait_with_output().unwrap());
    assert_eq!((ran.code, ran.stdout.lines().count()), (Some(0), 2), "{}", ran.stderr);
    let id = ran.stdout.lines().next().unwrap();
    let file = place.path().join("changes.ion");
    fs::write(&file, format!("{{metadata: {{id: \"{id}\"}}, data: {{note: 3}}}}")).unwrap();
    let change = ["ledger", "append", "vehicle-registration", "--table", "Notes", "--committed", "--output", "json"];
    let changed = place.run(change.into_iter().chain([file.to_str().unwrap()]));
    assert_eq!(changed.json()[0]["Updated"], 1, "{}", changed.stderr);
    let described = place.run(["ledger", "describe", "vehicle-registration", "--output", "json"]).json();
    assert_eq!(described[0]["Journal"]["LastSequenceNo"], changed.json()[0]["LastSequenceNo"]);
}

#[test]
fn wrong_documents_add_nothing_and_are_exit_2() {
    let place = sampled("5");
    let file = place.path().join("documents.json");
    fs::write(&file, "{\"a\": 1}\n{\"a\": \n").unwrap();
    let ran = place.run(["ledger", "append", "vehicle-registration", "--table", "T", file.to_str().unwrap()]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(ran.stderr.contains("line 2"), "{}", ran.stderr);
    let described = place.run(["ledger", "describe", "vehicle-registration", "--output", "json"]).json();
    assert_eq!(described[0]["Journal"]["Blocks"], 5);
    assert_eq!(place.run(["ledger", "append", "vehicle-registration", "--table", "T", "/nowhere"]).code, Some(2));
    assert_eq!(place.run(["ledger", "append"]).code, Some(2));
    assert_eq!(place.run(["ledger", "sample", "x", "--days", "many"]).code, Some(2));
}

#[test]
fn a_ledger_is_listed_until_it_is_deleted() {
    let place = sampled("5");
    assert!(place.run(["ledger", "list"]).stdout.contains("vehicle-registration  ACTIVE"));
    assert_eq!(place.run(["ledger", "sample", "vehicle-registration"]).code, Some(4));
    assert_eq!(place.run(["ledger", "delete", "vehicle-registration"]).code, Some(0));
    assert_eq!(place.run(["ledger", "list", "--output", "json"]).json()[0]["Ledgers"], serde_json::json!([]));
}

#[test]
fn a_data_directory_that_cannot_be_used_is_exit_9() {
    let place = Place::new();
    let file = place.path().join("file");
    fs::write(&file, "").unwrap();
    assert_eq!(place.run(["list", "--local", "--data-dir", file.to_str().unwrap()]).code, Some(9));
}

#[test]
fn a_port_in_use_is_exit_9() {
    let place = sampled("5");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut command: Command = place.command(["serve", "--listen"]);
    command.arg(taken.local_addr().unwrap().to_string());
    assert_eq!(Ran::of(command).code, Some(9));
}
