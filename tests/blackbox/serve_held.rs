//! A data directory that changes hands: commands that run while a `serve` starts or stops, or while
//! another command briefly holds the directory, succeed nevertheless. And what a killed `serve`
//! leaves behind.

use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use qldb_endpoint::store::{ProcessLock, Taken};

use crate::serving::{Serving, signal};
use crate::support::{Place, Ran};

fn filled() -> Place {
    let place = Place::new();
    let sampled = place.run(["ledger", "sample", "L1", "--transactions", "3", "--seed", "7"]);
    assert_eq!(sampled.code, Some(0), "{}", sampled.stderr);
    place
}

/// Starts to serve, and does not wait for it.
fn beginning(place: &Place) -> Child {
    let mut command = place.command(["serve", "--listen", "127.0.0.1:0", "--quiet"]);
    command.stdout(Stdio::piped()).spawn().unwrap()
}

#[test]
fn a_command_is_done_while_a_serve_starts_and_while_it_stops() {
    let place = filled();
    let list = || {
        let ran = place.run(["ledger", "list"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    };
    for _ in 0..5 {
        let mut serve = beginning(&place);
        (0..3).for_each(|_| list());
        // It serves once it has printed its address.
        let lines = BufReader::new(serve.stdout.as_mut().unwrap()).lines();
        assert_eq!(lines.take(5).map(Result::unwrap).count(), 5);
        signal("-TERM", serve.id());
        (0..3).for_each(|_| list());
        assert!(serve.wait().unwrap().success());
    }
}

#[test]
fn a_serve_and_a_command_wait_for_who_is_about_to_let_go() {
    let place = filled();
    let take_lock = || {
        let taken = ProcessLock::take(&place.path().join("lock")).unwrap();
        assert!(matches!(taken, Taken::Free(_)));
        taken
    };
    for words in [&["ledger", "list"][..], &["list", "--local"], &["ledger", "recover"]] {
        let lock = take_lock();
        let child = place.command(words.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(lock);
        let ran = Ran::from(child.wait_with_output().unwrap());
        assert_eq!(ran.code, Some(0), "{words:?}: {}", ran.stderr);
    }
    let lock = take_lock();
    let mut serve = beginning(&place);
    drop(lock);
    assert!(BufReader::new(serve.stdout.as_mut().unwrap()).lines().next().is_some());
    signal("-TERM", serve.id());
    assert!(serve.wait().unwrap().success());
    // A process that does not let go is named.
    let _lock = take_lock();
    let refused = place.run(["ledger", "list"]);
    assert_eq!(refused.code, Some(9), "{}", refused.stderr);
    assert!(refused.stderr.contains("is in use by process"), "{}", refused.stderr);
}

/// A data directory whose path is too long for a socket in it, and a folder for temporary files.
struct Deep {
    place: Place,
    data_dir: PathBuf,
    temporary: PathBuf,
}

impl Deep {
    fn new() -> Self {
        let place = Place::new();
        let data_dir = place.path().join(vec!["a-folder"; 20].join("/"));
        let temporary = tempfile::Builder::new().prefix("q").tempdir_in("/tmp").unwrap().keep();
        fs::create_dir_all(&data_dir).unwrap();
        let deep = Self { place, data_dir, temporary };
        assert_eq!(deep.run(["ledger", "sample", "L1", "--transactions", "3"]).code, Some(0));
        deep
    }

    fn command<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = self.place.command(words);
        command.env("QLDB_EXPORT_DATA_DIR", &self.data_dir).env("TMPDIR", &self.temporary);
        command
    }

    fn run<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Ran {
        Ran::of(self.command(words))
    }

    fn serve(&self) -> Serving {
        Serving::of(self.command(["serve", "--listen", "127.0.0.1:0", "--quiet"]))
    }

    /// The folders of sockets among the temporary files.
    fn sockets(&self) -> Vec<PathBuf> {
        fs::read_dir(&self.temporary).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

impl Drop for Deep {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.temporary);
    }
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_socket_among_the_temporary_files_goes_with_its_serve_or_with_the_next() {
    let deep = Deep::new();
    let serving = deep.serve();
    let first = deep.sockets();
    assert_eq!(first.len(), 1, "{first:?}");
    assert_eq!(deep.run(["ledger", "list"]).code, Some(0));
    signal("-KILL", serving.id());
    drop(serving);
    assert_eq!(deep.sockets(), first, "nobody was there to remove it");
    assert_eq!(deep.run(["ledger", "list"]).code, Some(0));
    let serving = deep.serve();
    let second = deep.sockets();
    assert!(second.len() == 1 && second != first, "{second:?}");
    assert_eq!(serving.terminate().code, Some(0));
    assert_eq!(deep.sockets(), [""; 0].map(PathBuf::from));
}

#[test]
fn a_folder_that_others_can_enter_is_neither_called_nor_removed() {
    let deep = Deep::new();
    let serving = deep.serve();
    let [folder] = deep.sockets().try_into().unwrap();
    mode(&folder, 0o755);
    let refused = deep.run(["ledger", "list"]);
    assert_eq!(refused.code, Some(9), "{}", refused.stderr);
    mode(&folder, 0o700);
    assert_eq!(deep.run(["ledger", "list"]).code, Some(0));
    signal("-KILL", serving.id());
    drop(serving);
    mode(&folder, 0o755);
    let serving = deep.serve();
    assert!(folder.exists(), "it may be anybody's by now");
    assert_eq!(deep.run(["ledger", "list"]).code, Some(0));
    drop(serving);
    // The same in the data directory: there is no socket then, and everything else is as usual.
    let serving = deep.data_dir.join("serving");
    mode(&serving, 0o750);
    let mut command = deep.command(["serve", "--listen", "127.0.0.1:0"]);
    let mut serve = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(serve.stdout.as_mut().unwrap()).lines();
    assert_eq!(lines.take(5).map(Result::unwrap).count(), 5);
    signal("-TERM", serve.id());
    let stderr = String::from_utf8(serve.wait_with_output().unwrap().stderr).unwrap();
    assert!(stderr.contains("can't reach this `serve`") && stderr.contains("remove it"), "{stderr}");
}
