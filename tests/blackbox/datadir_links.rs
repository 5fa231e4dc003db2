//! Links in a data directory may lead to other people's files: nothing behind them is removed,
//! emptied or written. And who may read the directory.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::engine_support::{files, segments};
use crate::support::{Place, Ran};

const EXPORT: [&str; 15] = [
    "start",
    "--local",
    "--wait",
    "--ledger",
    "L1",
    "--last",
    "60d",
    "--bucket",
    "exports",
    "--prefix",
    "p/",
    "--role-arn",
    "arn:aws:iam::123456789012:role/export",
    "--format",
    "ION_TEXT",
];

fn filled() -> Place {
    let place = Place::new();
    let ran = place.run(["ledger", "sample", "L1", "--transactions", "5"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    place
}

/// Somebody's folder, with names that this program uses.
fn victim() -> tempfile::TempDir {
    let victim = tempfile::tempdir().unwrap();
    fs::create_dir(victim.path().join(".qldb-export-unfinished")).unwrap();
    for name in [".qldb-export-unfinished/1-1", "0-4.ion", "notes.txt", "lock"] {
        fs::write(victim.path().join(name), "precious").unwrap();
    }
    victim
}

fn is_whole(victim: &Path) -> bool {
    files(victim).len() == 4 && files(victim).iter().all(|path| fs::read_to_string(path).unwrap() == "precious")
}

#[test]
fn a_link_among_the_journals_is_ignored() {
    let (place, victim) = (filled(), victim());
    let link = place.path().join("journals/8UyXulxccYLAsbN1aon7e4");
    symlink(victim.path(), &link).unwrap();
    let ran = place.run(["ledger", "list"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(is_whole(victim.path()) && link.is_symlink());
}

#[test]
fn a_journal_s_folder_that_is_a_link_is_not_written_to_and_not_emptied() {
    let place = filled();
    let folder = segments(place.path())[0].parent().unwrap().to_owned();
    let elsewhere = tempfile::tempdir().unwrap();
    let moved = elsewhere.path().join("journal");
    let copied = std::process::Command::new("cp").arg("-R").args([&folder, &moved]).status().unwrap();
    assert!(copied.success());
    fs::remove_dir_all(&folder).unwrap();
    symlink(&moved, &folder).unwrap();
    let before = files(&moved).len();
    let file = place.path().join("document.ion");
    fs::write(&file, "{a: 1}").unwrap();
    let ran = place.run(["ledger", "append", "L1", "--table", "T", file.to_str().unwrap()]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert!(ran.stderr.contains("is a link, which is not followed"), "{}", ran.stderr);
    place.run(["ledger", "delete", "L1"]);
    assert_eq!(files(&moved).len(), before);
}

#[test]
fn links_in_a_journal_s_folder_are_put_aside_as_links() {
    let (place, victim) = (filled(), victim());
    let folder = segments(place.path())[0].parent().unwrap().to_owned();
    let _ = fs::remove_dir(folder.join(".qldb-export-unfinished"));
    symlink(victim.path(), folder.join(".qldb-export-unfinished")).unwrap();
    symlink(victim.path().join("notes.txt"), folder.join("5-9.ion")).unwrap();
    let file = place.path().join("document.ion");
    fs::write(&file, "{a: 1}").unwrap();
    place.run(["ledger", "append", "L1", "--table", "T", file.to_str().unwrap()]);
    place.run(["ledger", "delete", "L1"]);
    assert!(is_whole(victim.path()));
}

#[test]
fn a_bucket_that_is_a_link_takes_no_objects_and_loses_none() {
    for (link, below) in [("buckets/exports", ""), ("buckets/exports/p", "p")] {
        let (place, victim) = (filled(), victim());
        let link = place.path().join(link);
        fs::create_dir_all(link.parent().unwrap()).unwrap();
        symlink(victim.path(), &link).unwrap();
        let ran = place.run(EXPORT);
        assert!(ran.code != Some(0) && ran.stderr.contains("is a link"), "{below}: {}", ran.stderr);
        assert!(is_whole(victim.path()), "{below}");
    }
}

#[test]
fn a_lock_that_is_a_link_is_refused_and_what_it_leads_to_stays() {
    let (place, victim) = (Place::new(), victim());
    symlink(victim.path().join("notes.txt"), place.path().join("lock")).unwrap();
    let ran = place.run(["ledger", "list"]);
    assert_eq!(ran.code, Some(9), "{}", ran.stderr);
    assert!(ran.stderr.contains("is a link, which is not followed"), "{}", ran.stderr);
    assert!(is_whole(victim.path()));
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn open(place: &Place, data_dir: &Path) -> Ran {
    let ran = place.run(["ledger", "list", "--data-dir", data_dir.to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran
}

#[test]
fn only_its_owner_can_read_a_data_directory() {
    let place = Place::new();
    let data_dir = place.path().join("new/data");
    open(&place, &data_dir);
    assert_eq!(mode(&data_dir), 0o700);
    fs::set_permissions(&data_dir, fs::Permissions::from_mode(0o755)).unwrap();
    let ran = open(&place, &data_dir);
    assert_eq!((mode(&data_dir), ran.stderr.as_str()), (0o700, "no ledgers\n"));
}

#[test]
fn a_directory_with_other_files_keeps_its_permissions_with_a_warning() {
    let place = Place::new();
    let home = place.path().join("home");
    fs::create_dir(&home).unwrap();
    fs::write(home.join("index.html"), "").unwrap();
    fs::set_permissions(&home, fs::Permissions::from_mode(0o755)).unwrap();
    let ran = open(&place, &home);
    assert_eq!(mode(&home), 0o755);
    assert!(ran.stderr.contains("warning: the data directory") && ran.stderr.contains("chmod 700"), "{}", ran.stderr);
}

#[test]
fn credentials_that_others_can_read_are_refused() {
    let place = filled();
    assert_eq!(place.run(["list", "--local"]).code, Some(0));
    let file = place.path().join("credentials.json");
    assert_eq!(mode(&file), 0o600);
    for open in [0o640, 0o604, 0o666] {
        fs::set_permissions(&file, fs::Permissions::from_mode(open)).unwrap();
        let ran = place.run(["list", "--local"]);
        assert_eq!(ran.code, Some(9), "{}", ran.stderr);
        assert!(ran.stderr.contains("chmod 600") && ran.stderr.contains("credentials.json"), "{}", ran.stderr);
    }
    fs::set_permissions(&file, fs::Permissions::from_mode(0o400)).unwrap();
    assert_eq!(place.run(["list", "--local"]).code, Some(0));
}

#[test]
fn the_folders_of_a_data_directory_must_not_be_links_either() {
    for name in ["journals", "buckets"] {
        let (place, victim) = (Place::new(), victim());
        symlink(victim.path(), place.path().join(name)).unwrap();
        let ran = place.run(["ledger", "list"]);
        assert_eq!(ran.code, Some(9), "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains("is a link, which is not followed"), "{name}: {}", ran.stderr);
        assert!(is_whole(victim.path()), "{name}");
    }
}
