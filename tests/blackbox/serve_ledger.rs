//! `ledger …` while a `serve` holds the data directory: what is printed, how it ends and what becomes of the ledger is
//! what it would be without.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use crate::engine_support::{files, segments};
use crate::serving::{Serving, signal};
use crate::support::{Place, Ran};

const ROLE: &str = "arn:aws:iam::123456789012:role/export";

fn done(ran: Ran) -> Ran {
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran
}

fn has_ledger(place: &Place, name: &str) -> bool {
    let listed = done(place.run(["ledger", "list", "--output", "json", "--query", "Ledgers[*].Name"]));
    listed.json()[0].as_array().unwrap().contains(&name.into())
}

/// A place with a ledger from a seeded sample, and documents to append.
fn filled() -> Place {
    let place = Place::new();
    done(place.run(["ledger", "sample", "L1", "--transactions", "30", "--seed", "7"]));
    fs::write(place.path().join("documents"), "{n:1}\n{n:2}\n").unwrap();
    place
}

/// An archive of everything in a ledger, beside its data directory.
fn archived(place: &Place, name: &str) -> PathBuf {
    let range = ["--last", "60d", "--until", "now", "--role-arn", ROLE, "--bucket", "exports", "--prefix", "a/"];
    done(place.run(["start", "--local", "--wait", "--ledger", name].into_iter().chain(range)));
    place.path().join("buckets/exports")
}

/// The output without what differs from run to run: the data directory, ids, hashes, times and sizes that depend on
/// them.
fn steady(text: &str, place: &Place) -> String {
    let text = text.replace(place.path().to_str().unwrap(), "DIR");
    let is_random = |word: &str| {
        let word = word.trim_matches(|one: char| !one.is_ascii_alphanumeric());
        word.len() == 22 && word.bytes().all(|byte| byte.is_ascii_alphanumeric())
            || word.len() > 40
            || word.starts_with("202") && word.contains('-')
    };
    let line = |line: &str| {
        let words = line.split_whitespace().map(|word| if is_random(word) { "…" } else { word });
        words.collect::<Vec<_>>().join(" ")
    };
    let lines = text.lines().filter(|line| !line.contains('█') && !line.contains("KiB")).map(line);
    lines.collect::<Vec<_>>().join("\n")
}

/// Every command, in an order in which each has something to do.
fn commands(place: &Place, archive: &Path) -> Vec<Vec<String>> {
    let documents = place.path().join("documents");
    let (documents, archive) = (documents.to_str().unwrap(), archive.to_str().unwrap());
    let bad = place.path().join("bad");
    fs::write(&bad, "{n:1}\n[2]\n").unwrap();
    let lines = [
        vec!["list"],
        vec!["list", "--output", "json", "--query", "Ledgers[*].[Name,State]"],
        vec!["describe", "L1"],
        vec![
            "describe",
            "L1",
            "--output",
            "json",
            "--query",
            "Journal.[Blocks,Segments,TableCounts[*].[Name,Revisions]]",
        ],
        vec!["describe", "nobody"],
        vec!["digest", "L1"],
        vec!["digest", "nobody", "--output", "json"],
        vec!["append", "L1", "--table", "T", documents],
        vec![
            "append",
            "L1",
            "--table",
            "T",
            "--batch",
            "1",
            "--output",
            "json",
            "--query",
            "[Inserted,Blocks,LastSequenceNo]",
            documents,
        ],
        vec!["append", "L1", "--table", "T", bad.to_str().unwrap()],
        vec!["append", "L1", "--table", "no table", documents],
        vec!["append", "L1", "--table", "T", "--batch", "41", documents],
        vec!["append", "nobody", "--table", "T", documents],
        vec!["append", "L1", "--table", "T", "/nowhere/at-all"],
        vec!["compact", "L1"],
        vec!["compact", "nobody"],
        vec!["sample", "L1"],
        vec!["sample", "S", "--transactions", "3", "--days", "2", "--seed", "5"],
        vec!["sample", "S2", "--transactions", "0"],
        vec!["import", "again", archive],
        vec!["import", "again", archive],
        vec!["import", "L1", archive],
        vec!["import", "other", "/nowhere/at-all"],
        vec!["delete", "S"],
        vec!["delete", "S"],
        vec!["delete", "again", "--force", "--output", "json"],
        vec!["list"],
    ];
    lines.into_iter().map(|words| words.into_iter().map(str::to_owned).collect()).collect()
}

fn run(place: &Place, words: &[String]) -> Ran {
    place.run(["ledger"].into_iter().chain(words.iter().map(String::as_str)))
}

#[test]
fn every_command_prints_and_exits_as_without_serve() {
    let source = Place::new();
    done(source.run(["ledger", "sample", "A", "--transactions", "20", "--seed", "3"]));
    let archive = archived(&source, "A");
    let (alone, served) = (filled(), filled());
    let serving = Serving::new(&served);
    for (one, other) in commands(&alone, &archive).iter().zip(commands(&served, &archive)) {
        let (expected, found) = (run(&alone, one), run(&served, &other));
        assert_eq!(found.code, expected.code, "{other:?}: {}{}", expected.stderr, found.stderr);
        assert_eq!(steady(&found.stdout, &served), steady(&expected.stdout, &alone), "{other:?}");
        assert_eq!(steady(&found.stderr, &served), steady(&expected.stderr, &alone), "{other:?}");
    }
    // What was created through it is complete, and its responses are consistent.
    let digest = done(served.run(["ledger", "digest", "L1", "--output", "json"])).stdout;
    let mut asked = serving.command(&served, ["list", "--ledger", "L1"]);
    assert!(asked.output().unwrap().status.success());
    assert_eq!(serving.terminate().code, Some(0));
    assert_eq!(done(served.run(["ledger", "digest", "L1", "--output", "json"])).stdout, digest);
    assert!(!served.path().join("serving").exists());
    let exported = archived(&served, "L1");
    done(served.run(["verify", exported.to_str().unwrap()]));
}

#[test]
fn an_unproved_archive_fails_as_without_serve_and_its_findings_are_reported() {
    let source = Place::new();
    done(source.run(["ledger", "sample", "A", "--transactions", "20"]));
    let archive = archived(&source, "A");
    let object = files(&archive).into_iter().find(|path| path.extension().is_some_and(|kind| kind == "ion")).unwrap();
    let text = fs::read_to_string(&object).unwrap();
    fs::write(&object, text.replacen("INSERT", "iNSERT", 1)).unwrap();
    let (alone, served) = (Place::new(), Place::new());
    done(served.run(["ledger", "sample", "S", "--transactions", "2"]));
    let _serving = Serving::new(&served);
    let import = |place: &Place| {
        let folder = tempfile::tempdir().unwrap();
        let events = folder.path().join("events");
        let paths = [archive.to_str().unwrap(), "--events", events.to_str().unwrap()];
        let ran = place.run(["ledger", "import", "A"].into_iter().chain(paths));
        let kinds = fs::read_to_string(events).unwrap();
        let kinds: Vec<String> = serde_json::Deserializer::from_str(&kinds)
            .into_iter::<serde_json::Value>()
            .map(|event| event.unwrap()["type"].as_str().unwrap().to_owned())
            .filter(|kind| kind != "progress")
            .collect();
        (ran, kinds)
    };
    let ((expected, kinds), (found, reported)) = (import(&alone), import(&served));
    assert_eq!((expected.code, found.code), (Some(10), Some(10)), "{}", found.stderr);
    assert_eq!(found.stderr, expected.stderr);
    assert_eq!(reported, kinds);
    assert!(kinds.contains(&"finding".to_owned()), "{kinds:?}");
    assert!(!has_ledger(&served, "A"));
    assert_eq!(files(&served.path().join("journals")).len(), 2, "nothing of it stays: a segment and a record");
}

#[test]
fn only_the_owner_can_call() {
    let place = filled();
    let _serving = Serving::new(&place);
    let folder = place.path().join("serving");
    for path in [folder.clone(), folder.join("socket")] {
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
    }
}

#[test]
fn a_command_that_is_cut_off_while_it_sends_adds_nothing() {
    let place = filled();
    let _serving = Serving::new(&place);
    let digest = |place: &Place| done(place.run(["ledger", "digest", "L1", "--output", "json"])).stdout;
    let before = digest(&place);
    let mut command = place.command(["ledger", "append", "L1", "--table", "T"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    let mut documents = child.stdin.take().unwrap();
    // More than fits between the two, so that serve has read some of it.
    documents.write_all(&b"{n:1}\n".repeat(200_000)).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    drop(documents);
    assert_eq!(digest(&place), before);
    done(place.run(["ledger", "append", "L1", "--table", "T", place.path().join("documents").to_str().unwrap()]));
    assert_eq!(segments(place.path()).len(), 2);
}

/// A `ledger append` that has sent something, and waits for more.
fn appending(place: &Place) -> (Child, std::process::ChildStdin) {
    let mut command = place.command(["ledger", "append", "L1", "--table", "T"]);
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().unwrap();
    let mut documents = child.stdin.take().unwrap();
    documents.write_all(&b"{n:1}\n".repeat(200_000)).unwrap();
    (child, documents)
}

#[test]
fn a_serve_that_is_stopped_or_dies_meanwhile_is_one_clear_error() {
    for (name, words) in
        [("-TERM", "was stopped meanwhile, and nothing was changed"), ("-KILL", "ended before it answered")]
    {
        let place = filled();
        let serving = Serving::new(&place);
        let (mut child, documents) = appending(&place);
        signal(name, serving.id());
        if name == "-TERM" {
            assert_eq!(serving.terminate_after_signal().code, Some(0));
        } else {
            drop(serving);
        }
        drop(documents);
        let mut stderr = String::new();
        child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(9), "{name}: {stderr}");
        assert!(stderr.contains(words), "{name}: {stderr}");
        assert_eq!(stderr.matches("error").count(), 1, "{stderr}");
        // And what it left behind does not prevent anything.
        let documents = place.path().join("documents");
        done(place.run(["ledger", "append", "L1", "--table", "T", documents.to_str().unwrap()]));
        let _serving = Serving::new(&place);
        done(place.run(["ledger", "append", "L1", "--table", "T", documents.to_str().unwrap()]));
    }
}

#[test]
fn a_data_directory_in_use_by_another_command_is_refused_as_before() {
    let place = filled();
    let (mut child, documents) = appending(&place);
    // It holds the directory when it has read the documents from the pipe.
    let ran = place.run(["ledger", "list"]);
    assert_eq!(ran.code, Some(9), "{}", ran.stderr);
    assert!(ran.stderr.contains("is in use by process"), "{}", ran.stderr);
    drop(documents);
    let mut out = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(out.next().is_some());
    out.for_each(drop);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// A `serve` with its log.
fn logged(place: &Place) -> (Child, impl Iterator<Item = String>) {
    let mut command = place.command(["serve", "--listen", "127.0.0.1:0"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    assert_eq!(lines.take(5).map(Result::unwrap).count(), 5);
    let log = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    (child, log)
}

#[test]
fn an_interrupted_import_is_called_off_and_leaves_nothing() {
    let source = Place::new();
    done(source.run(["ledger", "sample", "A", "--transactions", "5000"]));
    let archive = archived(&source, "A");
    let place = filled();
    let (mut serve, mut log) = logged(&place);
    let mut command = place.command(["ledger", "import", "A", archive.to_str().unwrap()]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    assert!(log.any(|line| line.contains("import")), "the import has begun");
    // It proceeds no further before it learns that it is cancelled.
    signal("-STOP", serve.id());
    signal("-INT", child.id());
    signal("-CONT", serve.id());
    let ran = Ran::from(child.wait_with_output().unwrap());
    let is_there = has_ledger(&place, "A");
    match ran.code {
        Some(130) => assert!(!is_there && ran.stderr.contains("copied objects are removed"), "{}", ran.stderr),
        // Everything was recorded when the signal came.
        Some(0) => assert!(is_there),
        other => panic!("{other:?}: {}", ran.stderr),
    }
    let strays = files(&place.path().join("journals"));
    assert!(!strays.iter().any(|path| path.to_str().unwrap().contains("unfinished")), "{strays:?}");
    done(place.run(["ledger", "import", "A", archive.to_str().unwrap()]));
    serve.kill().unwrap();
    serve.wait().unwrap();
}

#[test]
fn what_is_not_a_command_gets_no_answer_and_ends_nothing() {
    let place = filled();
    let _serving = Serving::new(&place);
    let socket = place.path().join("serving/socket");
    for sent in [&b"GET / HTTP/1.1\r\n\r\n"[..], b"\0\0\0\x02{}", b"\0\0\0\x09", b"\0\0\0\0", b""] {
        let mut stream = UnixStream::connect(&socket).unwrap();
        stream.write_all(sent).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = Vec::new();
        // Closing a connection with unread data resets it.
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert!(answer.is_empty() || answer.contains("does not understand this command of version"), "{answer}");
    }
    done(place.run(["ledger", "list"]));
}
