//! `sync --metrics` writes how a run ended, in any case, for Prometheus' textfile collector.

#![expect(clippy::float_cmp, reason = "the values are whole numbers, or copied")]

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::canned::{Canned, Reply, described, failed, started};
use super::cli_local::files;
use super::cli_sync::{record, sampled, sync_and};
use super::serving::signal;
use super::support::{Place, Ran, alike};

const LABELS: &str = r#"ledger="vehicle-registration",bucket="exports",prefix="nightly/""#;

/// The values in a file, by metric. Every line has the labels, and every metric its help and its type before it.
fn read(path: &Path) -> BTreeMap<String, f64> {
    let text = std::fs::read_to_string(path).unwrap();
    assert!(text.ends_with('\n'), "{text}");
    let mut described = Vec::new();
    let mut values = BTreeMap::new();
    for line in text.lines() {
        if let Some(described_here) = line.strip_prefix("# TYPE ") {
            assert!(text.contains(&format!("# HELP {} ", described_here.split(' ').next().unwrap())));
            described.push(described_here.strip_suffix(" gauge").unwrap());
        } else if !line.starts_with("# HELP ") {
            let (name, rest) = line.split_once('{').unwrap();
            let (labels, value) = rest.split_once("} ").unwrap();
            assert_eq!(described.last(), Some(&name), "{text}");
            let more = labels.strip_prefix(LABELS).unwrap();
            let name = format!("{}{more}", name.strip_prefix("qldb_export_").unwrap());
            assert!(values.insert(name, value.parse().unwrap()).is_none(), "{line} stands twice");
        }
    }
    values
}

fn file(place: &Place) -> PathBuf {
    place.path().join("qldb.prom")
}

fn with_metrics<'a>(path: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    sync_and(&[&["--metrics", path.to_str().unwrap()], more].concat())
}

fn verdict(values: &BTreeMap<String, f64>) -> Vec<&str> {
    let verdicts = values.iter().filter(|(name, _)| name.starts_with("verdict,"));
    let found: Vec<_> = verdicts.filter(|(_, value)| **value == 1.0).map(|(name, _)| name.as_str()).collect();
    found.into_iter().map(|name| name.split('"').nth(1).unwrap()).collect()
}

#[test]
fn a_successful_run_records_when_and_what() {
    let place = sampled();
    let path = file(&place);
    // Exported and not verified, then proved, then nothing to do.
    let mut successes = Vec::new();
    for (more, completed, found, unproved) in
        [(&[][..], 3.0, "unverified", 3.0), (&["--verify"], 0.0, "proved", 0.0), (&["--verify"], 0.0, "proved", 0.0)]
    {
        let ran = place.run(with_metrics(&path, &[&["--local", "--quiet"], more].concat()));
        assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
        let values = read(&path);
        assert_eq!((values["last_run_success"], values["last_run_exit_code"]), (1.0, 0.0));
        assert_eq!((values["last_run_exports"], values["unproved_exports"]), (completed, unproved));
        assert_eq!((values["missing_windows"], values["archive_exports"], verdict(&values)), (0.0, 3.0, vec![found]));
        assert_eq!(values["last_success_timestamp_seconds"], values["last_run_timestamp_seconds"]);
        assert!(values["last_run_duration_seconds"] > 0.0);
        successes.push(values["last_success_timestamp_seconds"]);
    }
    assert!(successes.is_sorted() && successes[0] < successes[2], "{successes:?}");
    let values = read(&path);
    let verify = place.run(["verify", "--output", "json", place.path().join("buckets/exports").to_str().unwrap()]);
    let verified = &verify.json()[0];
    assert_eq!(Some(values["archive_blocks"]), verified["blocks"].as_f64());
    assert_eq!(Some(values["archive_last_sequence_number"]), verified["lastSequenceNo"].as_f64());
    let objects = files(&place.path().join("buckets/exports"));
    let objects = objects.iter().filter(|path| path.extension().is_some_and(|extension| extension == "ion"));
    let bytes: u64 = objects.map(|path| path.metadata().unwrap().len()).sum();
    #[expect(clippy::cast_precision_loss, reason = "a few kilobytes")]
    let bytes = bytes as f64;
    assert_eq!(values["archive_bytes"], bytes);
    assert!(values["exported_until_timestamp_seconds"] < values["last_run_timestamp_seconds"]);
}

#[test]
fn a_run_that_fails_keeps_the_last_success_and_what_it_did_not_find_out() {
    let place = sampled();
    let path = file(&place);
    assert_eq!(place.run(with_metrics(&path, &["--local", "--verify"])).code, Some(0));
    let before = read(&path);
    // No endpoint; the service refuses; the archive is damaged.
    let nobody = ["--endpoint-url", "http://127.0.0.1:1", "--region", "us-east-1", "--from", "-1d"];
    let mut command = place.command(with_metrics(&path, &nobody));
    command.env("AWS_ACCESS_KEY_ID", "A").env("AWS_SECRET_ACCESS_KEY", "S").env("AWS_MAX_ATTEMPTS", "1");
    assert_eq!(Ran::of(command).code, Some(9));
    let refusing = Canned::new(|_, _| failed(403, "AccessDeniedException"));
    let after_nobody = read(&path);
    assert_eq!(Ran::of(refusing.command(&place, with_metrics(&path, &["--from", "-1d"]))).code, Some(6));
    for (values, code) in [(after_nobody, 9.0), (read(&path), 6.0)] {
        assert_eq!((values["last_run_success"], values["last_run_exit_code"]), (0.0, code));
        let is_of_run = |name: &str| name.starts_with("last_run_");
        let kept = |values: &BTreeMap<String, f64>| {
            values.clone().into_iter().filter(|(name, _)| !is_of_run(name)).collect::<Vec<_>>()
        };
        assert_eq!(kept(&values), kept(&before));
        assert!(values["last_run_timestamp_seconds"] > before["last_run_timestamp_seconds"]);
    }
    let objects = files(&place.path().join("buckets/exports"));
    let object = objects.iter().find(|path| path.extension().is_some_and(|extension| extension == "ion")).unwrap();
    std::fs::write(object, "damaged").unwrap();
    std::fs::remove_dir_all(place.path().join("sync")).unwrap();
    assert_eq!(place.run(with_metrics(&path, &["--local", "--verify"])).code, Some(10));
    let damaged = read(&path);
    assert_eq!((damaged["last_run_exit_code"], verdict(&damaged)), (10.0, vec!["damaged"]));
    assert_eq!(damaged["last_success_timestamp_seconds"], before["last_success_timestamp_seconds"]);
}

/// A service whose exports never end.
fn endless() -> Canned {
    Canned::new(|request, _| match request {
        request if request.starts_with("POST ") => started(),
        request if request.ends_with("journal-s3-exports") => {
            Reply::Http(200, "", r#"{"JournalS3Exports":[]}"#.to_owned())
        }
        _ => described("IN_PROGRESS"),
    })
}

#[test]
fn a_stopped_run_is_recorded_and_a_concurrent_one_is_not() {
    let (service, place) = (endless(), Place::new());
    let path = file(&place);
    let arguments = with_metrics(&path, &["--from", "2019-09-18", "--poll-interval", "1ms"]);
    let mut command = service.command(&place, arguments.iter().copied());
    let mut first = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    BufReader::new(first.stdout.as_mut().unwrap()).read_line(&mut String::new()).unwrap();
    let second = Ran::of(service.command(&place, arguments.iter().copied()));
    assert_eq!(second.code, Some(0), "{}", second.stderr);
    assert!(!path.exists(), "the first one is still running");
    signal("-TERM", first.id());
    assert_eq!(first.wait().unwrap().code(), Some(143));
    let values = read(&path);
    assert_eq!((values["last_run_success"], values["last_run_exit_code"]), (0.0, 143.0));
    assert!(!values.contains_key("last_success_timestamp_seconds"), "there was none");
}

#[test]
fn the_collector_can_read_it_whatever_the_umask_and_finds_nothing_unfinished() {
    let place = sampled();
    let folder = place.path().join("collected");
    std::fs::create_dir(&folder).unwrap();
    let path = folder.join("qldb.prom");
    let like = place.command([]);
    let run = || {
        let script = "umask 077; exec \"$0\" \"$@\"";
        let mut shell = Command::new("sh");
        alike(&mut shell, &like).args(["-c", script, like.get_program().to_str().unwrap()]);
        shell.args(with_metrics(&path, &["--local"]));
        assert_eq!(Ran::of(shell).code, Some(0));
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(run(), 0o644);
    // Another mode was set on purpose.
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(run(), 0o640);
    assert_eq!(files(&folder), [path]);
}

#[test]
fn a_file_without_metrics_is_refused_before_anything_is_done() {
    let place = sampled();
    let other = place.path().join("node.prom");
    std::fs::write(&other, "# HELP node_load1 1m load average.\n").unwrap();
    let missing = place.path().join("nowhere/qldb.prom");
    let within = place.path().join("within");
    std::fs::create_dir(&within).unwrap();
    let inside = within.join("qldb.prom");
    let archive = ["--archive", within.to_str().unwrap(), "--from", "-1d"];
    for (path, more, words) in [
        (other.as_path(), &["--local"][..], "already exists and is not a file of metrics of this program"),
        (&missing, &["--local"], "does not exist and is not created"),
        (Path::new("-"), &["--local"], "is not a regular file"),
        (&inside, &archive, "which is read and not written to"),
    ] {
        let ran = place.run(with_metrics(path, more));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{}", ran.stderr);
        assert!(ran.stderr.contains("--metrics") && ran.stderr.contains(words), "{}", ran.stderr);
    }
    assert!(std::fs::read_to_string(&other).unwrap().contains("node_load1"));
    assert!(!place.path().join("sync").exists());
}

#[test]
fn a_file_that_cannot_be_written_in_the_end_fails_a_run_that_did_not() {
    let place = sampled();
    let folder = place.path().join("folder");
    std::fs::create_dir(&folder).unwrap();
    // During the run, a folder takes the name.
    let path = folder.join("qldb.prom");
    let service = {
        let path = path.clone();
        Canned::new(move |request, _| match request {
            request if request.starts_with("POST ") => started(),
            request if request.ends_with("journal-s3-exports") => {
                let _ = std::fs::create_dir(&path);
                Reply::Http(200, "", r#"{"JournalS3Exports":[]}"#.to_owned())
            }
            _ => described("COMPLETED"),
        })
    };
    let ran = Ran::of(service.command(&place, with_metrics(&path, &["--from", "-1d", "--poll-interval", "1ms"])));
    assert_eq!((ran.code, ran.stdout.lines().count() > 0), (Some(1), true), "{ran:?}");
    assert!(ran.stderr.contains("qldb.prom\" is a folder") && !ran.stderr.contains("nothing was sent"), "{ran:?}");
}

#[test]
fn a_status_does_not_change_the_file() {
    let place = sampled();
    let status = place.run(with_metrics(&file(&place), &["--local", "--status"]));
    assert_eq!((status.code, file(&place).exists()), (Some(11), false), "{}", status.stderr);
}

#[test]
fn a_run_that_fails_before_calling_the_service_is_recorded_as_failed() {
    let place = sampled();
    let path = file(&place);
    let arguments = with_metrics(&path, &["--local"]);
    assert_eq!(place.run(arguments.iter().copied()).code, Some(0));
    let before = read(&path)["last_success_timestamp_seconds"];
    let succeeded = std::fs::read(&path).unwrap();
    // Each is in the way of the run, and is restored before the next.
    for (kept, in_the_way) in
        [(record(&place), "damaged"), (place.path().join("sync"), ""), (place.path().join("locks"), "")]
    {
        let aside = place.path().join("aside");
        std::fs::rename(&kept, &aside).unwrap();
        std::fs::write(&kept, in_the_way).unwrap();
        std::fs::write(&path, &succeeded).unwrap();
        let ran = place.run(arguments.iter().copied());
        assert_eq!(ran.code, Some(1), "{}", ran.stderr);
        let values = read(&path);
        assert_eq!((values["last_run_success"], values["last_run_exit_code"]), (0.0, 1.0));
        assert_eq!(values["last_success_timestamp_seconds"], before);
        std::fs::remove_file(&kept).unwrap();
        std::fs::rename(&aside, &kept).unwrap();
    }
}

#[test]
fn a_file_among_what_the_program_keeps_or_of_another_purpose_is_refused() {
    let place = sampled();
    let path = file(&place);
    assert_eq!(place.run(with_metrics(&path, &["--local"])).code, Some(0));
    let own = std::fs::read_to_string(&path).unwrap();
    let mixed = place.path().join("mixed.prom");
    std::fs::write(&mixed, format!("{own}# TYPE node_load1 gauge\nnode_load1 0.5\n")).unwrap();
    let other = place.path().join("other.prom");
    std::fs::write(&other, own.replace(r#"prefix="nightly/""#, r#"prefix="hourly/""#)).unwrap();
    let kept = ["buckets/exports", "sync", "locks", "journals"].map(|name| place.path().join(name).join("m.prom"));
    let cases = kept.iter().map(|path| (path, "which is read and not written to"));
    let unread = place.path().join("metrics.txt");
    for (path, words) in cases.chain([
        (&mixed, "holds other lines than this program's metrics"),
        (&other, "holds the metrics of another ledger or destination"),
        (&unread, "does not end in .prom"),
    ]) {
        let before = std::fs::read(path).ok();
        let ran = place.run(with_metrics(path, &["--local"]));
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{}: {}", path.display(), ran.stderr);
        assert!(ran.stderr.contains("--metrics") && ran.stderr.contains(words), "{}", ran.stderr);
        assert_eq!(std::fs::read(path).ok(), before, "{}", path.display());
    }
}
