//! `convert --part`: machines write one folder of tables together, which is complete once their findings are joined.

use std::fs;
use std::path::{Path, PathBuf};

use crate::engine_support::files;
use crate::support::{Place, Ran};

const PARTS: usize = 3;

/// A copy of an archive in the repository, and a folder for the parts' state.
struct Desk(Place);

impl Desk {
    fn new() -> Self {
        let desk = Self(Place::new());
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/archives/daily/ION_BINARY");
        for file in files(&from) {
            let copy = desk.path("archive").join(file.strip_prefix(&from).unwrap());
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::copy(&file, copy).unwrap();
        }
        fs::create_dir(desk.path("states")).unwrap();
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn convert(&self, more: &[&str]) -> Ran {
        let arguments = ["convert", "archive", "--as", "parquet", "--to", "tables", "--resume", "states"];
        let mut command = self.0.command(arguments.into_iter().chain(more.iter().copied()));
        command.current_dir(self.0.path());
        Ran::of(command)
    }

    fn part(&self, number: usize, more: &[&str]) -> Ran {
        self.convert(&[&["--part", &format!("{number}/{PARTS}"), "--output", "json"], more].concat())
    }

    fn read_all(&self) {
        for number in 1..=PARTS {
            let ran = self.part(number, &[]);
            assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        }
    }

    /// The files of a part.
    fn of_part(&self, number: usize) -> Vec<PathBuf> {
        let stem = format!("part-{number:07}-of-{PARTS:07}.");
        let is_own = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().starts_with(&stem);
        if self.path("tables").is_dir() {
            files(&self.path("tables")).into_iter().filter(is_own).collect()
        } else {
            vec![]
        }
    }

    /// The last data object, which the last part reads.
    fn last_object(&self) -> PathBuf {
        let is_data = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "ion");
        files(&self.path("archive")).into_iter().rfind(is_data).unwrap()
    }

    fn damage(&self) {
        let object = self.last_object();
        let mut bytes = fs::read(&object).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(object, bytes).unwrap();
    }
}

#[test]
fn the_parts_are_tables_once_they_are_joined() {
    let desk = Desk::new();
    let mut rows = 0;
    for number in [2, 1, 3] {
        let ran = desk.part(number, &[]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        assert!(ran.json()[0]["verdict"].is_null() && !ran.stdout.contains("proved"), "{}", ran.stdout);
        rows += ran.json()[0]["rows"]["revisions"].as_u64().unwrap();
        assert!(!desk.path("tables/archive.json").exists());
    }
    let text = desk.convert(&["--part", "1/3"]);
    assert!(text.stdout.contains("this is not a verdict: join all parts with `qldb-export convert"), "{}", text.stdout);
    let joined = desk.convert(&["--output", "json"]);
    assert_eq!(joined.code, Some(0), "{}", joined.stderr);
    assert_eq!((&joined.json()[0]["verdict"], &joined.json()[0]["revisions"]), (&"proved".into(), &rows.into()));
    assert!(fs::read_to_string(desk.path("tables/archive.json")).unwrap().contains("\"verdict\": \"proved\""));
    // The findings are those of `verify`, and nothing is added to what is complete.
    let mut verify = desk.0.command(["verify", "archive", "--resume", "states"]);
    verify.current_dir(desk.0.path());
    assert_eq!(Ran::of(verify).code, Some(0));
    let late = desk.part(1, &[]);
    assert_eq!(late.code, Some(2), "{}", late.stderr);
    assert!(late.stderr.contains("holds a complete conversion"), "{}", late.stderr);
    let names = fs::read_dir(desk.0.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let hidden = names.filter(|name| name.to_str().unwrap().starts_with(".tables")).count();
    assert_eq!(hidden, 0);
}

#[test]
fn a_part_that_runs_again_replaces_only_its_own_files() {
    let desk = Desk::new();
    desk.read_all();
    let before: Vec<Vec<u8>> = desk.of_part(1).iter().map(|path| fs::read(path).unwrap()).collect();
    // What a killed run left: incomplete files, here and in the hidden folder.
    fs::remove_file(desk.path("tables/part-0000002-of-0000003.json")).unwrap();
    let stale = desk.path("tables/revision/table_name=Gone");
    fs::create_dir(&stale).unwrap();
    fs::write(stale.join("part-0000002-of-0000003.parquet"), "half").unwrap();
    let hidden = desk.path(".tables.part-0000002-of-0000003.qldb-export-unfinished/new");
    fs::create_dir_all(&hidden).unwrap();
    fs::write(hidden.join("half"), "").unwrap();
    let joined = desk.convert(&[]);
    assert_eq!(joined.code, Some(11), "{}", joined.stderr);
    assert!(joined.stderr.contains("does not hold part 2/3"), "{}", joined.stderr);
    assert_eq!(desk.part(2, &[]).code, Some(0));
    assert!(!stale.join("part-0000002-of-0000003.parquet").exists());
    assert_eq!(before, desk.of_part(1).iter().map(|path| fs::read(path).unwrap()).collect::<Vec<_>>());
    let joined = desk.convert(&[]);
    assert_eq!(joined.code, Some(0), "{}", joined.stderr);
}

#[test]
fn a_damaged_part_writes_no_tables_and_the_join_says_what_is_wrong() {
    let desk = Desk::new();
    desk.read_all();
    desk.damage();
    let ran = desk.part(3, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.json()[0]["brokenObjects"].as_array().unwrap().len(), 1);
    assert!(ran.json()[0]["rows"].is_null() && desk.of_part(3).is_empty(), "{}", ran.stdout);
    let joined = desk.convert(&[]);
    assert_eq!(joined.code, Some(10), "{}", joined.stderr);
    assert!(!desk.path("tables/archive.json").exists());
    let ran = desk.part(3, &["--unverified"]);
    assert_eq!((ran.code, ran.json()[0]["rows"].is_object()), (Some(0), true), "{}", ran.stderr);
    assert_eq!(desk.convert(&[]).code, Some(10));
    let joined = desk.convert(&["--unverified", "--output", "json"]);
    assert_eq!(joined.code, Some(0), "{}", joined.stderr);
    assert_eq!(joined.json()[0]["verdict"], "damaged");
}

#[test]
fn tables_of_other_bytes_are_not_joined() {
    let desk = Desk::new();
    desk.read_all();
    // Verified again after the archive changed, and not converted again.
    let object = desk.last_object();
    let (bytes, other) =
        (fs::read(&object).unwrap(), fs::read(desk.path("states/part-0000003-of-0000003.jsonl")).unwrap());
    fs::write(&object, &bytes).unwrap();
    let joined = desk.convert(&[]);
    assert_eq!(joined.code, Some(0), "the same bytes, written again: {}", joined.stderr);
    fs::remove_file(desk.path("tables/archive.json")).unwrap();
    let description = desk.path("tables/part-0000003-of-0000003.json");
    let text = fs::read_to_string(&description).unwrap();
    let objects = text.find("\"objects\"").unwrap();
    let at = objects + text[objects..].find("\"sha256\": \"").unwrap() + 11;
    let altered = format!("{}{}{}", &text[..at], if &text[at..=at] == "0" { "1" } else { "0" }, &text[at + 1..]);
    fs::write(&description, altered).unwrap();
    let joined = desk.convert(&[]);
    assert_eq!(joined.code, Some(2), "{}", joined.stderr);
    assert!(joined.stderr.contains("no part has the rows of"), "{}", joined.stderr);
    assert!(!desk.path("tables/archive.json").exists());
    fs::write(desk.path("states/part-0000003-of-0000003.jsonl"), &other[..other.len() / 2]).unwrap();
    assert_eq!(desk.convert(&[]).code, Some(11));
}

#[test]
fn there_may_be_more_parts_than_objects_and_no_objects_at_all() {
    let desk = Desk::new();
    for number in 1..=20 {
        assert_eq!(desk.convert(&["--part", &format!("{number}/20")]).code, Some(0));
    }
    assert_eq!(desk.convert(&[]).code, Some(0));
    let desk = Desk::new();
    fs::remove_dir_all(desk.path("archive")).unwrap();
    fs::create_dir(desk.path("archive")).unwrap();
    let ran = desk.part(1, &[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(!desk.path("tables").exists());
    assert_eq!(desk.convert(&[]).code, Some(12));
}

#[test]
fn what_parts_can_not_do_is_refused_at_once() {
    let desk = Desk::new();
    for (more, why) in [
        (&["--part", "1/3", "--append"][..], "--append"),
        (&["--part", "1/3", "--current"], "--current"),
        (&["--part", "1/3", "--force"], "--force"),
        (&["--part", "1/3", "--report", "r.html"], "--report"),
        (&["--part", "4/3"], "K/N"),
        (&["--append"], "--append"),
    ] {
        let ran = desk.convert(more);
        assert_eq!(ran.code, Some(2), "{more:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(why), "{more:?}: {}", ran.stderr);
    }
    let place = Place::new();
    for arguments in [
        &["convert", "a", "--as", "csv", "--to", "t", "--part", "1/2", "--resume", "s"][..],
        &["convert", "a", "--as", "parquet", "--to", "t", "--part", "1/2"],
        &["convert", "a", "--as", "parquet", "--to", "t", "--resume", "nothing"],
    ] {
        let mut command = place.command(arguments.iter().copied());
        command.current_dir(place.path());
        let ran = Ran::of(command);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
    }
    // State may not be written among the tables, which is noticed before anything is read.
    fs::create_dir(desk.path("folder")).unwrap();
    for (to, resume) in [("same", "same"), ("folder", "folder"), ("folder", "folder/state"), ("folder", "./folder")] {
        let arguments = ["convert", "archive", "--as", "parquet", "--to", to, "--part", "1/3", "--resume", resume];
        let mut command = desk.0.command(arguments);
        command.current_dir(desk.0.path());
        let ran = Ran::of(command);
        assert!(ran.code == Some(2) && ran.stderr.contains("--resume"), "{to} {resume}: {}", ran.stderr);
        assert!(!desk.path("same").exists() && fs::read_dir(desk.path("folder")).unwrap().next().is_none());
    }
    // Other parts, and other files, are left alone.
    desk.read_all();
    let ran = desk.convert(&["--part", "1/2"]);
    assert!(ran.code == Some(2) && ran.stderr.contains("it holds part 1/3"), "{}", ran.stderr);
    fs::write(desk.path("tables/mine"), "").unwrap();
    let ran = desk.part(1, &[]);
    assert!(ran.code == Some(2) && ran.stderr.contains("it holds mine"), "{}", ran.stderr);
}
