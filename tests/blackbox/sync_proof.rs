//! `sync --verify` proves what `verify` proves, and forgets no failure.

use std::path::{Path, PathBuf};

use super::canned::{Canned, EXPORT_ID, Reply, described, started};
use super::cli_local::files;
use super::cli_sync::{sampled, sync_and};
use super::support::{Place, Ran};

const VERIFY: [&str; 2] = ["--local", "--verify"];

/// The data objects of a place, in the order of their blocks.
fn objects(place: &Place, extension: &str) -> Vec<PathBuf> {
    let mut found = files(&place.path().join("buckets/exports"));
    found.retain(|path| path.extension().is_some_and(|found| found == extension));
    found.sort_by_key(|path| path.file_name().unwrap().to_str().unwrap().rsplit('.').nth(1).unwrap().to_owned());
    found.sort_by_key(|path| first_block(path));
    found
}

fn first_block(path: &Path) -> u64 {
    let name = path.file_name().unwrap().to_str().unwrap();
    name.split('.').nth(1).unwrap().split('-').next().unwrap().parse().unwrap()
}

/// Puts a letter into a value of a document in one of the objects, which only the hash of its revision reveals. Gives
/// the object, and what it held.
fn alter(objects: &[PathBuf]) -> (PathBuf, Vec<u8>) {
    let values = ["State:\"", "LicenseType:\"", "FirstName:\"", "Make:\""];
    for object in objects {
        let text = std::fs::read_to_string(object).unwrap();
        if let Some(value) = values.into_iter().find(|value| text.contains(value)) {
            std::fs::write(object, text.replacen(value, &format!("{value}X"), 1)).unwrap();
            return (object.clone(), text.into_bytes());
        }
    }
    panic!("no document has a value of these");
}

/// The breaks that `verify` reports, one per line.
fn breaks(place: &Place) -> Vec<String> {
    let ran = place.run(["verify", place.path().join("buckets/exports").to_str().unwrap()]);
    let lines =
        ran.stdout.lines().skip_while(|line| !line.contains(" break")).skip(1).take_while(|line| !line.is_empty());
    lines.map(|line| line.trim().to_owned()).collect()
}

/// The listing shows it, whatever was proved once.
#[test]
fn what_is_lost_or_cut_off_after_it_was_proved_fails_the_next_run() {
    let place = sampled();
    assert_eq!(place.run(sync_and(&VERIFY)).code, Some(0));
    let status = [&VERIFY[..], &["--status"]].concat();
    assert_eq!(place.run(sync_and(&status)).code, Some(0));
    let object = objects(&place, "ion").remove(0);
    let whole = std::fs::read(&object).unwrap();
    for (left, code) in [(None, 11), (Some(&b""[..]), 10), (Some(&whole[..whole.len() / 2]), 10)] {
        match left {
            None => std::fs::remove_file(&object).unwrap(),
            Some(bytes) => std::fs::write(&object, bytes).unwrap(),
        }
        let ran = place.run(sync_and(&status));
        assert!(ran.code == Some(12) && ran.stdout.contains("not proved yet"), "{}{}", ran.stdout, ran.stderr);
        for _ in 0..2 {
            let ran = place.run(sync_and(&VERIFY));
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(code), ""), "{}", ran.stderr);
        }
        assert_eq!(place.run(sync_and(&status)).code, Some(code));
        std::fs::write(&object, &whole).unwrap();
        assert_eq!(place.run(sync_and(&VERIFY)).code, Some(0));
        assert_eq!(place.run(sync_and(&status)).code, Some(0));
    }
}

#[test]
fn contents_are_proved_and_reported_as_verify_does() {
    let place = sampled();
    assert_eq!(place.run(sync_and(&["--local"])).code, Some(0));
    alter(&objects(&place, "ion"));
    // Nothing is new, and nothing is proved yet.
    let ran = place.run(sync_and(&VERIFY));
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(10), ""), "{}", ran.stderr);
    let breaks = breaks(&place);
    assert!(!breaks.is_empty() && breaks.iter().all(|one| one.contains(".hash)")), "{breaks:?}");
    let reported: Vec<&str> = ran.stderr.lines().filter_map(|line| line.strip_prefix("warning: ")).collect();
    assert_eq!(reported, breaks, "{}", ran.stderr);
}

#[test]
fn a_failure_stays_until_the_archive_verifies() {
    let place = sampled();
    assert_eq!(place.run(sync_and(&["--local"])).code, Some(0));
    let (object, whole) = alter(&objects(&place, "ion"));
    let first = place.run(sync_and(&VERIFY));
    assert_eq!(first.code, Some(10), "{}", first.stderr);
    let since = |ran: &Ran| {
        let (_, rest) = ran.stderr.split_once("error: not proved: damaged, since ").expect(&ran.stderr);
        rest.split_once(": `qldb-export verify ").expect(rest).0.to_owned()
    };
    std::fs::remove_dir_all(place.path().join("locks")).unwrap();
    for more in [&VERIFY[..], &["--local"], &["--local", "--quiet"]] {
        let again = place.run(sync_and(more));
        assert_eq!((again.code, since(&again)), (Some(10), since(&first)), "{more:?}: {}", again.stderr);
    }
    // The suggested command shows what is wrong.
    let reported = first.stderr.split('`').nth(1).unwrap().trim_start_matches("qldb-export ").to_owned();
    assert_eq!(place.run(reported.split(' ')).code, Some(10), "{reported}");
    // Losing the record loses no failure.
    std::fs::remove_dir_all(place.path().join("sync")).unwrap();
    assert_eq!(place.run(sync_and(&VERIFY)).code, Some(10));
    std::fs::write(&object, whole).unwrap();
    assert_eq!(place.run(sync_and(&["--local"])).code, Some(10), "nobody has looked yet");
    let mended = place.run(sync_and(&VERIFY));
    assert!(mended.code == Some(0) && mended.stderr.contains(": proved"), "{}", mended.stderr);
    for more in [&VERIFY[..], &["--local"]] {
        let ran = place.run(sync_and(more));
        assert_eq!((ran.code, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""));
    }
}

#[test]
fn an_archive_that_was_removed_is_not_proved() {
    for failed in [false, true] {
        let place = sampled();
        assert_eq!(place.run(sync_and(&VERIFY)).code, Some(0));
        if failed {
            alter(&objects(&place, "ion"));
            std::fs::remove_dir_all(place.path().join("sync")).unwrap();
            assert_eq!(place.run(sync_and(&VERIFY)).code, Some(10));
        }
        std::fs::remove_dir_all(place.path().join("buckets/exports")).unwrap();
        let ran = place.run(sync_and(&VERIFY));
        assert_eq!(ran.code, Some(if failed { 10 } else { 12 }), "{}", ran.stderr);
        assert!(ran.stderr.contains("these exports are complete, and"), "{}", ran.stderr);
    }
}

/// The manifests and the objects of one export of a place: of the first one, or of the last.
fn whole_export(place: &Place, is_first: bool) -> Vec<PathBuf> {
    let all = files(&place.path().join("buckets/exports"));
    let of = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
    let mut started: Vec<&PathBuf> =
        all.iter().filter(|path| path.to_str().unwrap().ends_with(".started.manifest")).collect();
    started.sort_by_key(|path| of(path).split("inclusiveStartTime").nth(1).unwrap().to_owned());
    let chosen = if is_first { started.first() } else { started.last() };
    let id = chosen.unwrap().file_name().unwrap().to_str().unwrap().split('.').next().unwrap();
    let mut found: Vec<PathBuf> = all.iter().filter(|path| path.to_str().unwrap().contains(id)).cloned().collect();
    let listed = found.iter().find(|path| path.to_str().unwrap().ends_with(".completed.manifest")).map(of).unwrap();
    found.extend(all.iter().filter(|path| listed.contains(path.file_name().unwrap().to_str().unwrap())).cloned());
    found
}

/// The service has forgotten them: only the record says that they were there.
fn forget_exports(place: &Place) {
    let catalog = rusqlite::Connection::open(place.path().join("catalog.db")).unwrap();
    catalog.execute("DELETE FROM exports", []).unwrap();
}

#[test]
fn a_whole_export_that_is_gone_is_noticed_by_the_record() {
    let place = sampled();
    assert_eq!(place.run(sync_and(&VERIFY)).code, Some(0));
    let status = [&VERIFY[..], &["--status"]].concat();
    let gone = "an earlier run recorded";
    // The last one is exported again.
    whole_export(&place, false).iter().for_each(|file| std::fs::remove_file(file).unwrap());
    forget_exports(&place);
    let ran = place.run(sync_and(&status));
    assert!(ran.code == Some(11) && ran.stderr.contains(gone), "{}", ran.stderr);
    let ran = place.run(sync_and(&VERIFY));
    assert!(ran.code == Some(0) && ran.stderr.contains(gone) && ran.stdout.lines().count() == 1, "{}", ran.stderr);
    assert_eq!(place.run(sync_and(&status)).code, Some(0));
    // The first one is not, unless somebody asks for it.
    whole_export(&place, true).iter().for_each(|file| std::fs::remove_file(file).unwrap());
    forget_exports(&place);
    for arguments in [&VERIFY[..], &VERIFY, &status] {
        let ran = place.run(sync_and(arguments));
        assert!(ran.code == Some(11) && ran.stderr.contains("incomplete: the archive has lost"), "{}", ran.stderr);
    }
    let ran = place.run(sync_and(&["--local"]));
    assert!(ran.code == Some(0) && ran.stderr.contains(gone), "{}", ran.stderr);
    let from = ran.stderr.split(&format!("{gone} ")).nth(1).unwrap().split(' ').next().unwrap().to_owned();
    let ran = place.run(sync_and(&[&VERIFY[..], &["--from", &from]].concat()));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let ran = place.run(sync_and(&VERIFY));
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}

#[test]
fn exports_that_were_moved_away_on_purpose_are_forgotten_with_the_record() {
    let place = sampled();
    assert_eq!(place.run(sync_and(&VERIFY)).code, Some(0));
    whole_export(&place, true).iter().for_each(|file| std::fs::remove_file(file).unwrap());
    forget_exports(&place);
    let ran = place.run(sync_and(&VERIFY));
    assert_eq!(ran.code, Some(11), "{}", ran.stderr);
    let record = ran.stderr.trim().rsplit(' ').next().unwrap();
    std::fs::remove_file(record).unwrap();
    assert_eq!(place.run(sync_and(&VERIFY)).code, Some(0));
}

#[test]
fn an_export_that_lost_all_of_its_objects_is_not_passed_over() {
    let place = sampled();
    assert_eq!(place.run(sync_and(&["--local"])).code, Some(0));
    objects(&place, "ion").iter().for_each(|object| std::fs::remove_file(object).unwrap());
    let ran = place.run(sync_and(&VERIFY));
    assert_eq!(ran.code, Some(11), "{}", ran.stderr);
}

#[test]
fn json_is_proved_as_far_as_it_can_be_and_says_what_is_left_out() {
    let place = sampled();
    let events = place.path().join("events");
    let json = ["--format", "JSON", "--output", "json", "--events", events.to_str().unwrap()];
    let ran = place.run(sync_and(&[&VERIFY[..], &json].concat()));
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(ran.stderr.contains(": proved (objects, blocks, chain); contents left out: JSON has lost the types"));
    let reported = ran.json().pop().unwrap();
    let reported = &reported["Verification"];
    assert_eq!(
        (&reported["Verdict"], &reported["Levels"]["contents"]),
        (&"proved".into(), &"unproved".into()),
        "{reported}"
    );
    assert!(reported["LeftOut"]["contents"].as_str().unwrap().contains("JSON has lost the types"), "{reported}");
    let events = std::fs::read_to_string(&events).unwrap();
    let verdict = events.lines().find(|line| line.contains("\"type\":\"verdict\"")).unwrap();
    assert!(verdict.contains("\"verdict\":\"proved\"") && verdict.contains("\"leftOut\":{\"contents\""), "{verdict}");
    // Silence, once it is proved; and damage where only JSON shows it.
    assert_eq!(place.run(sync_and(&[&VERIFY[..], &["--format", "JSON"]].concat())).stderr, "");
    let object = objects(&place, "json").pop().unwrap();
    let text = std::fs::read_to_string(&object).unwrap();
    std::fs::write(&object, text.replacen("\"entriesHash\":\"", "\"entriesHash\":\"A", 1)).unwrap();
    std::fs::remove_dir_all(place.path().join("sync")).unwrap();
    assert_eq!(place.run(sync_and(&VERIFY)).code, Some(10));
}

#[test]
fn ion_exports_are_proved_beside_json_exports() {
    let place = sampled();
    assert_eq!(place.run(sync_and(&["--local", "--lag", "1d"])).code, Some(0));
    assert_eq!(place.run(sync_and(&["--local", "--format", "JSON"])).code, Some(0));
    let proved = place.run(sync_and(&VERIFY));
    assert!(proved.code == Some(0) && proved.stderr.contains("contents left out"), "{}", proved.stderr);
    std::fs::remove_dir_all(place.path().join("sync")).unwrap();
    alter(&objects(&place, "ion"));
    assert_eq!(place.run(sync_and(&VERIFY)).code, Some(10));
}

#[test]
fn an_export_missing_from_its_destination_is_not_proved() {
    let service = Canned::new(|request, _| match request {
        request if request.starts_with("POST ") => started(),
        request if request.ends_with("journal-s3-exports") => {
            Reply::Http(200, "", r#"{"JournalS3Exports":[]}"#.to_owned())
        }
        _ => described("COMPLETED"),
    });
    let place = Place::new();
    std::fs::create_dir(place.path().join("elsewhere")).unwrap();
    for from in ["-2d", "-1h"] {
        let more = ["--verify", "--archive", "elsewhere", "--from", from, "--poll-interval", "1ms"];
        let mut command = service.command(&place, sync_and(&more));
        command.current_dir(place.path());
        let ran = Ran::of(command);
        let reported = ran.stderr.contains("elsewhere does not hold their manifests") && ran.stderr.contains(EXPORT_ID);
        assert!(ran.code == Some(12) && reported, "{}", ran.stderr);
    }
}

#[test]
fn files_that_belong_to_no_export_are_reported_and_not_proved() {
    let place = sampled();
    assert_eq!(place.run(sync_and(&["--local"])).code, Some(0));
    let object = objects(&place, "ion").pop().unwrap();
    let stranger = object.to_str().unwrap().replace(".ion", "0.ion");
    std::fs::copy(&object, &stranger).unwrap();
    let ran = place.run(sync_and(&[&VERIFY[..], &["--output", "json"]].concat()));
    let name = Path::new(&stranger).file_name().unwrap().to_str().unwrap();
    assert!(
        ran.code == Some(0) && ran.stderr.contains("not part of any export: ") && ran.stderr.contains(name),
        "{ran:?}"
    );
    let key = &ran.json()[0]["Verification"]["FilesLeftOut"][0]["key"];
    assert!(key.as_str().unwrap().ends_with(name), "{key}");
}
