//! `verify --part`: machines share the work, and the files of all parts together give the verdict.

use std::fs;
use std::path::{Path, PathBuf};

use crate::engine_support::files;
use crate::s3_cli::in_environment_of;
use crate::s3_server::S3Server;
use crate::support::{Place, Ran};

const PARTS: usize = 4;

/// A copy of the archive in the repository with the most objects.
fn archive(place: &Place, name: &str) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/archives/daily/ION_TEXT");
    let to = place.path().join(name);
    for file in files(&from) {
        let copy = to.join(file.strip_prefix(&from).unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(&file, copy).unwrap();
    }
    to
}

fn verify(place: &Place, folder: &Path, more: &[&str]) -> Ran {
    place.run(["verify", folder.to_str().unwrap()].into_iter().chain(more.iter().copied()))
}

/// Reads a part of an archive into a file below `parts`.
fn read_part(place: &Place, folder: &Path, number: usize) -> Ran {
    let parts = place.path().join("parts");
    fs::create_dir_all(&parts).unwrap();
    let (part, file) = (format!("{number}/{PARTS}"), parts.join(format!("{number}.jsonl")));
    verify(place, folder, &["--part", &part, "--resume", file.to_str().unwrap(), "--output", "json"])
}

fn read_all(place: &Place, folder: &Path) -> Vec<Ran> {
    (1..=PARTS).map(|number| read_part(place, folder, number)).collect()
}

/// Joins the files of the parts.
fn join(place: &Place, folder: &Path, more: &[&str]) -> Ran {
    let parts = place.path().join("parts");
    verify(place, folder, &[&["--resume", parts.to_str().unwrap(), "--output", "json"], more].concat())
}

/// A data object in the middle of the archive.
fn object(folder: &Path) -> PathBuf {
    let is_data = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "ion");
    let data: Vec<PathBuf> = files(folder).into_iter().filter(is_data).collect();
    data[data.len() / 2].clone()
}

#[test]
fn joining_all_parts_makes_the_report_of_the_whole_archive() {
    let place = Place::new();
    let folder = archive(&place, "archive");
    let mut objects = 0;
    for (index, part) in read_all(&place, &folder).iter().enumerate() {
        assert_eq!(part.code, Some(0), "{}", part.stderr);
        let report = &part.json()[0];
        assert_eq!(report["part"], format!("{}/{PARTS}", index + 1));
        assert!(report["verdict"].is_null() && !part.stdout.contains("proved"), "{}", part.stdout);
        objects += report["objects"].as_u64().unwrap();
    }
    let mut whole = verify(&place, &folder, &["--output", "json"]).json().remove(0);
    let joined = join(&place, &folder, &[]);
    assert_eq!(joined.code, Some(0), "{}", joined.stderr);
    let mut report = joined.json().remove(0);
    let believed: u64 = report["joined"].as_array().unwrap().iter().map(|file| file["objects"].as_u64().unwrap()).sum();
    assert_eq!((believed, whole["objects"].as_u64()), (objects, Some(objects)));
    assert_eq!((whole["joined"].take().as_array().unwrap().len(), report["joined"].take().is_array()), (0, true));
    assert_eq!(report, whole);
    // Named one by one, in any order, before or after the archive; and none of them was written.
    let parts = place.path().join("parts");
    let before: Vec<Vec<u8>> = files(&parts).iter().map(|file| fs::read(file).unwrap()).collect();
    let named: Vec<String> = files(&parts).iter().rev().map(|file| file.display().to_string()).collect();
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    let folder_typed = folder.to_str().unwrap();
    for arguments in [
        [&[folder_typed, "--resume"], &named[..]].concat(),
        [&["--resume"], &named[..], &[folder_typed]].concat(),
        named.iter().flat_map(|file| ["--resume", file]).chain([folder_typed]).collect(),
    ] {
        let ran = place.run(["verify"].into_iter().chain(arguments.iter().copied()));
        assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stdout.contains("4 files, trusted for"), "{}", ran.stdout);
    }
    assert_eq!(before, files(&parts).iter().map(|file| fs::read(file).unwrap()).collect::<Vec<_>>());
}

#[test]
fn a_part_says_what_it_read_and_that_it_is_not_a_verdict() {
    let place = Place::new();
    let folder = archive(&place, "archive");
    let file = place.path().join("one");
    let ran = verify(&place, &folder, &["--part", "1/2", "--resume", file.to_str().unwrap()]);
    assert!(
        ran.stdout.starts_with("part 1/2: read ") && ran.stdout.contains("this is not a verdict"),
        "{}",
        ran.stdout
    );
    assert!(!ran.stdout.contains("proved"), "{}", ran.stdout);
}

#[test]
fn in_a_folder_each_part_has_a_file_of_its_own() {
    let place = Place::new();
    let folder = archive(&place, "archive");
    let parts = place.path().join("parts");
    fs::create_dir(&parts).unwrap();
    for number in 0..PARTS {
        let mut command = place.command(["verify", folder.to_str().unwrap(), "--part", "auto", "--resume"]);
        command.arg(&parts).env("AWS_BATCH_JOB_ARRAY_INDEX", number.to_string());
        command.env("AWS_BATCH_JOB_ARRAY_SIZE", PARTS.to_string());
        let ran = Ran::of(command);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
    let names: Vec<_> = files(&parts).iter().map(|file| file.file_name().unwrap().to_owned()).collect();
    assert_eq!((names.len(), names[0].to_str()), (PARTS, Some("part-0000001-of-0000004.jsonl")));
    assert_eq!(join(&place, &folder, &[]).code, Some(0));
}

#[test]
fn damage_ends_the_join_and_not_the_part_that_found_it() {
    let place = Place::new();
    let folder = archive(&place, "archive");
    let object = object(&folder);
    let text = fs::read_to_string(&object).unwrap();
    fs::write(&object, text.replacen("blockHash:{{", "blockHash:{{A", 1).replacen("}}", "", 1)).unwrap();
    let parts = read_all(&place, &folder);
    assert!(parts.iter().all(|part| part.code == Some(0)));
    let broken: Vec<String> = parts
        .iter()
        .flat_map(|part| part.json()[0]["brokenObjects"].as_array().unwrap().clone())
        .map(|key| key.as_str().unwrap().to_owned())
        .collect();
    let key = object.strip_prefix(&folder).unwrap().display().to_string();
    assert_eq!(broken, std::slice::from_ref(&key));
    let joined = join(&place, &folder, &[]);
    assert_eq!(joined.code, Some(10), "{}", joined.stderr);
    assert!(joined.stderr.contains(&key), "{}", joined.stderr);
    assert_eq!(joined.json()[0]["breaks"], verify(&place, &folder, &["--output", "json"]).json()[0]["breaks"]);
}

#[test]
fn a_part_that_is_missing_is_named_or_read_by_the_join() {
    let place = Place::new();
    let folder = archive(&place, "archive");
    read_all(&place, &folder);
    fs::remove_file(place.path().join("parts/3.jsonl")).unwrap();
    let joined = join(&place, &folder, &[]);
    assert_eq!((joined.code, joined.stdout.as_str()), (Some(11), ""), "{}", joined.stderr);
    assert!(joined.stderr.contains("part 3/4 did not read "), "{}", joined.stderr);
    assert_eq!(join(&place, &folder, &["--complete"]).code, Some(0));
    // A truncated one counts for what it has, and resumes where it ended.
    read_part(&place, &folder, 3);
    let file = place.path().join("parts/3.jsonl");
    let kept = fs::read(&file).unwrap();
    fs::write(&file, &kept[..kept.len() - 10]).unwrap();
    assert_eq!(join(&place, &folder, &[]).code, Some(11));
    assert_eq!(read_part(&place, &folder, 3).code, Some(0));
    assert_eq!(fs::read(&file).unwrap().len(), kept.len());
    assert_eq!(join(&place, &folder, &[]).code, Some(0));
}

/// More objects change the division: what is named must run again, and nothing else.
#[test]
fn if_the_listing_has_grown_only_the_named_parts_are_missing() {
    let place = Place::new();
    let folder = archive(&place, "archive");
    read_all(&place, &folder);
    let more = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/archives/far/ION_TEXT");
    for file in files(&more) {
        let copy = folder.join("more").join(file.strip_prefix(&more).unwrap());
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(&file, copy).unwrap();
    }
    let joined = join(&place, &folder, &[]);
    assert_eq!(joined.code, Some(11), "{}", joined.stderr);
    let named: Vec<usize> = (1..=PARTS).filter(|number| joined.stderr.contains(&format!("{number}/{PARTS}"))).collect();
    assert!(!named.is_empty(), "{}", joined.stderr);
    for number in named {
        assert_eq!(read_part(&place, &folder, number).code, Some(0));
    }
    let joined = join(&place, &folder, &[]);
    assert_eq!(joined.code, verify(&place, &folder, &[]).code, "{}", joined.stderr);
}

#[test]
fn a_receipt_names_the_files_that_were_believed() {
    let place = Place::new();
    let folder = archive(&place, "archive");
    read_all(&place, &folder);
    let receipt = place.path().join("receipt");
    let joined = join(&place, &folder, &["--receipt", receipt.to_str().unwrap()]);
    assert_eq!(joined.code, Some(0), "{}", joined.stderr);
    let receipt: serde_json::Value = serde_json::from_slice(&fs::read(receipt).unwrap()).unwrap();
    let files = files(&place.path().join("parts"));
    let named = receipt["report"]["joined"].as_array().unwrap();
    assert_eq!(named.len(), PARTS);
    for (number, (file, named)) in (1..).zip(files.iter().zip(named)) {
        let sha256 = qldb_journal::Hash::of(&fs::read(file).unwrap()).to_hex();
        assert_eq!(named["sha256"], sha256, "{}", file.display());
        assert_eq!(named["part"], format!("{number}/{PARTS}"));
        assert!(named["file"].as_str().unwrap().ends_with(file.file_name().unwrap().to_str().unwrap()), "{named}");
    }
}

#[test]
fn parts_that_were_read_from_copies_join_by_what_the_objects_hold() {
    let place = Place::new();
    let copies = [archive(&place, "one"), archive(&place, "other")];
    for file in files(&copies[1]) {
        let day = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
        fs::File::options().write(true).open(&file).unwrap().set_modified(day).unwrap();
    }
    for number in 1..=PARTS {
        assert_eq!(read_part(&place, &copies[number % 2], number).code, Some(0));
    }
    for copy in &copies {
        let joined = join(&place, copy, &[]);
        assert_eq!(joined.code, Some(0), "{}", joined.stderr);
    }
    // Of the same size with other contents: nothing is known about it.
    let object = object(&copies[0]);
    let text = fs::read_to_string(&object).unwrap();
    fs::write(&object, text.replacen("INSERT", "UPSERT", 1)).unwrap();
    assert_eq!(join(&place, &copies[0], &[]).code, Some(11));
    assert_eq!(join(&place, &copies[0], &["--complete"]).code, Some(10));
    assert_eq!(join(&place, &copies[1], &[]).code, Some(0));
}

#[test]
fn an_object_changed_after_it_was_read_is_not_trusted_whatever_its_time() {
    for as_part in [true, false] {
        let place = Place::new();
        let folder = archive(&place, "archive");
        let state = place.path().join("state");
        let state = state.to_str().unwrap();
        let first = if as_part {
            read_all(&place, &folder);
            place.path().join("parts").display().to_string()
        } else {
            assert_eq!(verify(&place, &folder, &["--resume", state]).code, Some(0));
            state.to_owned()
        };
        assert_eq!(verify(&place, &folder, &["--resume", &first]).code, Some(0));
        // As rsync and cp leave a copy: with the same size and time.
        let object = object(&folder);
        let time = fs::metadata(&object).unwrap().modified().unwrap();
        let whole = fs::read_to_string(&object).unwrap();
        fs::write(&object, whole.replacen("INSERT", "UPSERT", 1)).unwrap();
        fs::File::options().write(true).open(&object).unwrap().set_modified(time).unwrap();
        let expected = if as_part { 11 } else { 10 };
        assert_eq!(verify(&place, &folder, &["--resume", &first]).code, Some(expected), "{as_part}");
        fs::write(&object, whole).unwrap();
        // A manifest that expects something else.
        let is_started = |path: &PathBuf| path.to_str().unwrap().ends_with(".started.manifest");
        let manifest = files(&folder).into_iter().find(is_started).unwrap();
        let text = fs::read_to_string(&manifest).unwrap();
        let (before, rest) = text.split_once("exclusiveEndTime:").unwrap();
        let end = rest.find([',', '}']).unwrap();
        fs::write(&manifest, format!("{before}exclusiveEndTime:2000-01-02T00:00:00Z{}", &rest[end..])).unwrap();
        let resume = ["--resume", first.as_str(), "--complete"];
        let ran = verify(&place, &folder, if as_part { &resume } else { &resume[..2] });
        assert_eq!(ran.code, Some(10), "{as_part}: {}", ran.stderr);
    }
}

#[test]
fn what_one_file_finds_wrong_no_other_makes_right() {
    let place = Place::new();
    let folder = archive(&place, "archive");
    let [early, late] = ["early", "late"].map(|name| place.path().join(name).display().to_string());
    let whole = fs::read_to_string(object(&folder)).unwrap();
    // With the same bytes elsewhere: one file says that all is well, the other was read where it was damaged.
    assert_eq!(verify(&place, &folder, &["--part", "1/1", "--resume", &early]).code, Some(0));
    fs::write(object(&folder), whole.replacen("INSERT", "UPSERT", 1)).unwrap();
    assert_eq!(verify(&place, &folder, &["--part", "1/1", "--resume", &late]).code, Some(0));
    for files in [[&early, &late], [&late, &early]] {
        let ran = verify(&place, &folder, &["--resume", files[0], files[1]]);
        assert_eq!(ran.code, Some(10), "{}", ran.stderr);
    }
}

#[test]
fn files_that_are_cut_off_or_missing_are_parts_that_are_missing() {
    let place = Place::new();
    let folder = archive(&place, "archivé");
    read_all(&place, &folder);
    let parts = place.path().join("parts");
    let third = parts.join("3.jsonl");
    let kept = fs::read(&third).unwrap();
    // In the middle of a character, and in the middle of the first line.
    let in_character = kept.iter().rposition(|byte| *byte == 0xC3).unwrap() + 1;
    for end in [in_character, 30] {
        fs::write(&third, &kept[..end]).unwrap();
        fs::write(parts.join("slurm.out"), "a log").unwrap();
        let joined = join(&place, &folder, &[]);
        assert_eq!(joined.code, Some(11), "{end}: {}", joined.stderr);
        assert!(joined.stderr.contains("part 3/4"), "{}", joined.stderr);
        assert!(joined.stderr.contains("slurm.out is not the state of a verification"), "{}", joined.stderr);
    }
    fs::write(&third, &kept[..in_character]).unwrap();
    assert_eq!(read_part(&place, &folder, 3).code, Some(0));
    let named: Vec<String> = ["1", "2", "nothing", "4"]
        .map(|name| parts.join(format!("{name}.jsonl")))
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let named: Vec<&str> = named.iter().map(String::as_str).collect();
    let joined = verify(&place, &folder, &[&["--resume"], &named[..]].concat());
    assert_eq!(joined.code, Some(11), "{}", joined.stderr);
    assert!(
        joined.stderr.contains("nothing.jsonl does not exist") && joined.stderr.contains("part 3/4"),
        "{}",
        joined.stderr
    );
}

/// An archive that was read as a single part: its folder, the state, and what is in that.
fn read_as_one_part(place: &Place) -> (PathBuf, PathBuf, String) {
    let (folder, state) = (archive(place, "archive"), place.path().join("state"));
    assert_eq!(verify(place, &folder, &["--part", "1/1", "--resume", state.to_str().unwrap()]).code, Some(0));
    let text = fs::read_to_string(&state).unwrap();
    (folder, state, text)
}

#[test]
fn numbers_that_no_object_has_are_not_believed() {
    let place = Place::new();
    let (folder, state, text) = read_as_one_part(&place);
    for (from, to) in
        [("\"counts\":[", "\"counts\":[1844674407370955161"), ("\"blocks\":", "\"blocks\":1844674407370955161")]
    {
        fs::write(&state, text.replace(from, to)).unwrap();
        let ran = verify(&place, &folder, &["--resume", state.to_str().unwrap()]);
        assert_eq!(ran.code, Some(11), "{}", ran.stderr);
    }
}

#[test]
fn what_does_not_belong_together_is_refused() {
    let place = Place::new();
    let folder = archive(&place, "archive");
    read_all(&place, &folder);
    let file = place.path().join("parts/1.jsonl");
    let file = file.to_str().unwrap();
    let (other, state) = (place.path().join("other"), place.path().join("state"));
    fs::create_dir(&other).unwrap();
    let (other, state) = (other.to_str().unwrap(), state.to_str().unwrap());
    for (arguments, why) in [
        (&["--part", "2/4", "--resume", file][..], "part 1/4"),
        (&["--part", "1/4"], "--resume"),
        (&["--part", "0/4", "--resume", state], "K/N"),
        (&["--part", "auto", "--resume", state], "AWS_BATCH_JOB_ARRAY_INDEX"),
        (&["--part", "1/4", "--resume", state, "--receipt", "r"], "--receipt"),
        (&["--part", "1/4", "--resume", state, "--complete"], "--complete"),
        (&["--resume", state, "--complete"], "--complete"),
        (&["--resume", file, "--level", "blocks"], "that asked for other levels"),
        (&["--resume", other], "holds no state"),
        (&["--part", "1/4", "--resume", "s3://states/"], "--resume"),
    ] {
        let ran = verify(&place, &folder, arguments);
        assert_eq!(ran.code, Some(2), "{arguments:?}: {}", ran.stderr);
        assert!(ran.stderr.contains(why), "{arguments:?}: {}", ran.stderr);
    }
    // The file of one part is not written where no part is asked for.
    let before = fs::read(file).unwrap();
    assert_eq!(verify(&place, &folder, &["--resume", file]).code, Some(11));
    assert_eq!(fs::read(file).unwrap(), before);
}

#[test]
fn parts_are_joined_from_s3() {
    let (place, server) = (Place::new(), S3Server::new("exports"));
    let folder = archive(&place, "archive");
    let (objects, states) = (server.bucket("exports"), server.bucket("states"));
    fs::create_dir(&states).unwrap();
    for file in files(&folder) {
        let object = objects.join(file.strip_prefix(&folder).unwrap());
        fs::create_dir_all(object.parent().unwrap()).unwrap();
        fs::copy(&file, object).unwrap();
    }
    let run = |arguments: &[&str]| {
        Ran::of(in_environment_of(&server, place.command(["verify", "s3://exports/"].iter().chain(arguments).copied())))
    };
    let state = place.path().join("state");
    for number in 1..=PARTS {
        let part = format!("{number}/{PARTS}");
        let ran = run(&["--part", &part, "--resume", state.to_str().unwrap()]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        fs::rename(&state, states.join(format!("{number}.jsonl"))).unwrap();
    }
    let joined = run(&["--resume", "s3://states/"]);
    assert_eq!(joined.code, Some(0), "{}{}", joined.stdout, joined.stderr);
    assert!(joined.stdout.contains("4 files, trusted for"), "{}", joined.stdout);
}

#[test]
fn a_state_that_another_run_writes_is_refused_and_left_as_it_is() {
    let place = Place::new();
    let folder = archive(&place, "archive");
    let state = place.path().join("state");
    for part in [&["--part", "1/3"][..], &[]] {
        let arguments = [part, &["--resume", state.to_str().unwrap()]].concat();
        assert_eq!(verify(&place, &folder, &arguments).code, Some(0));
        let before = fs::read(&state).unwrap();
        let held = fs::File::options().read(true).write(true).open(&state).unwrap();
        held.try_lock().unwrap();
        let ran = verify(&place, &folder, &arguments);
        assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{}", ran.stderr);
        assert!(ran.stderr.contains("is in use by another verification: wait for it to end"), "{}", ran.stderr);
        assert_eq!(fs::read(&state).unwrap(), before);
        drop(held);
        assert_eq!(verify(&place, &folder, &arguments).code, Some(0));
        fs::remove_file(&state).unwrap();
    }
}

#[test]
fn a_line_that_contradicts_the_name_of_its_object_is_not_believed() {
    let place = Place::new();
    let (folder, state, text) = read_as_one_part(&place);
    let changes: [fn(&mut serde_json::Value); 4] = [
        |line| line["span"]["first"] = (line["span"]["first"].as_u64().unwrap() + 1).into(),
        |line| line["span"]["last"] = (line["span"]["last"].as_u64().unwrap() + 1).into(),
        |line| line["blocks"] = (line["blocks"].as_u64().unwrap() + 1).into(),
        |line| line["span"] = serde_json::Value::Null,
    ];
    for change in changes {
        let mut lines: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        change(&mut lines[1]);
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        fs::write(&state, lines.join("\n") + "\n").unwrap();
        let ran = verify(&place, &folder, &["--resume", state.to_str().unwrap()]);
        assert_eq!(ran.code, Some(11), "{}", ran.stderr);
        assert!(ran.stderr.contains("part 1/1 did not read"), "{}", ran.stderr);
        let ran = verify(&place, &folder, &["--resume", state.to_str().unwrap(), "--complete"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
}

/// A name that ends in a slash is that of a folder, even if there is none yet: the first part would make a file of it,
/// which no other part could use.
#[test]
fn a_name_that_ends_in_a_slash_is_a_folder_for_parts() {
    let place = Place::new();
    let folder = archive(&place, "archive");
    let states = place.path().join("states");
    let typed = format!("{}/", states.display());
    let part = ["--part", "1/4", "--resume", &typed];
    let ran = verify(&place, &folder, &part);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{}", ran.stderr);
    assert!(ran.stderr.contains("make the folder first") && !states.exists(), "{}", ran.stderr);
    let ran = verify(&place, &folder, &["--resume", &typed]);
    assert!(ran.code == Some(11) && ran.stderr.contains("does not exist") && !states.exists(), "{}", ran.stderr);
    fs::create_dir(&states).unwrap();
    assert_eq!(verify(&place, &folder, &part).code, Some(0));
    // A part that is mistyped says nothing against the folder.
    let ran = verify(&place, &folder, &["--part", "5/4", "--resume", &typed]);
    assert!(ran.code == Some(2) && ran.stderr.starts_with("error: --part \"5/4\""), "{}", ran.stderr);
    assert!(states.join("part-0000001-of-0000004.jsonl").is_file());
}
