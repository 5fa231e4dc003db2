//! What lies among an archive's files and is none of them, links, names that are not UTF-8, and questions that no
//! archive can answer.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use crate::support::{Place, Ran};
use crate::verify_bench::{Bench, HOUR, Layout, SAMPLE};

fn strand() -> &'static str {
    SAMPLE[0].split('"').nth(1).unwrap()
}

fn key(index: usize) -> String {
    let (first, last) = [(0, 3), (4, 7), (8, 11)][index];
    format!("{HOUR}{}.{first}-{last}.ion", strand())
}

fn verify<'a>(paths: impl IntoIterator<Item = &'a Path>, more: &[&str]) -> Ran {
    let place = Place::new();
    let mut command = place.command(["verify"]);
    command.args(paths).args(more);
    Ran::of(command)
}

/// Fails unless the binary ends so; its report.
#[track_caller]
fn ends(folder: &Path, code: i32) -> Value {
    let ran = verify([folder], &["--output", "json"]);
    assert_eq!(ran.code, Some(code), "{}\n{}", ran.stderr, ran.stdout);
    ran.json().remove(0)
}

/// Fails unless the sample is proved as if it lay there alone, once; what was passed over.
#[track_caller]
fn is_just_the_sample(bench: &Bench) -> Vec<String> {
    let report = ends(&bench.path(""), 0);
    let counts = ["exports", "objects", "blocks"].map(|count| report[count].as_u64().unwrap());
    assert_eq!(counts, [1, 3, 12], "{report:#}");
    let passed_over = report["passedOver"]["files"].as_array().unwrap();
    let count = report["passedOver"]["count"].as_u64().unwrap();
    assert_eq!(count.min(1_000), passed_over.len() as u64, "{report:#}");
    passed_over.iter().map(|file| file["key"].as_str().unwrap().to_owned()).collect()
}

// Strangers

#[test]
fn what_systems_and_editors_leave_is_counted_and_neither_part_nor_damage() {
    let layout = Layout::default();
    for name in [layout.started_key(), layout.completed_key(strand()), key(1)] {
        let (folder, base) = name.rsplit_once('/').map_or(("", name.as_str()), |(folder, base)| (folder, base));
        let below = |name: String| if folder.is_empty() { name } else { format!("{folder}/{name}") };
        for stranger in [
            below(format!("._{base}")),
            below(format!("{base}~")),
            below(format!("#{base}#")),
            below(format!(".{base}.swp")),
            below(format!(".#{base}")),
            below(".DS_Store".to_owned()),
            below("Thumbs.db".to_owned()),
            below("desktop.ini".to_owned()),
            format!("__MACOSX/{name}"),
            format!("lost+found/{name}"),
        ] {
            let bench = Bench::of_sample();
            bench.write(&stranger, b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X");
            let passed_over = is_just_the_sample(&bench);
            assert_eq!(passed_over.len(), 1, "{stranger}");
            assert!(stranger.starts_with(&passed_over[0]), "{stranger} {passed_over:?}");
        }
    }
}

#[test]
fn an_editor_s_lock_and_other_dead_links_sockets_and_notes_are_passed_over() {
    let bench = Bench::of_sample();
    symlink("somebody@machine.4711", bench.path(&format!(".#{}", Layout::default().started_key()))).unwrap();
    symlink("nowhere", bench.path("dead.started.manifest")).unwrap();
    symlink(format!("{}/x", Layout::default().started_key()), bench.path("below-a-file")).unwrap();
    symlink("itself", bench.path("itself")).unwrap();
    let _socket = UnixListener::bind(bench.path("socket")).unwrap();
    bench.write("README.md", "what this is");
    assert_eq!(is_just_the_sample(&bench).len(), 6);
}

#[test]
fn an_object_that_became_a_dead_link_or_a_folder_is_missing() {
    let bench = Bench::of_sample();
    bench.remove(&key(1));
    symlink("nowhere", bench.path(&key(1))).unwrap();
    let report = ends(&bench.path(""), 11);
    assert_eq!(report["breaks"][0]["key"], key(1));
    assert_eq!(report["passedOver"]["files"][0]["key"], key(1));
    bench.remove(&key(1));
    fs::create_dir(bench.path(&key(1))).unwrap();
    ends(&bench.path(""), 11);
}

#[test]
fn what_was_passed_over_is_counted_in_text_and_listed_with_verbose() {
    let bench = Bench::of_sample();
    bench.write(".DS_Store", "");
    bench.write("\u{1b}[31m.txt", "");
    let reported = verify([bench.path("").as_path()], &[]).stdout;
    assert!(reported.contains("2 files that can't be part of an export, which --verbose lists"), "{reported}");
    assert!(!reported.contains(".DS_Store"), "{reported}");
    let reported = verify([bench.path("").as_path()], &["--verbose"]).stdout;
    assert!(reported.contains("\n  .DS_Store: a desktop's settings for a folder\n"), "{reported}");
    assert!(!reported.contains('\u{1b}'), "{reported}");
    assert!(!verify([Bench::of_sample().path("").as_path()], &[]).stdout.contains("Passed over"));
}

#[test]
fn very_many_strangers_are_all_counted_and_not_all_kept() {
    let bench = Bench::of_sample();
    (0..1_100).for_each(|number| bench.write(&format!("notes/{number}.txt"), ""));
    let report = ends(&bench.path(""), 0);
    assert_eq!(report["passedOver"]["count"], 1_100);
    assert_eq!(report["passedOver"]["files"].as_array().unwrap().len(), 1_000);
    let reported = verify([bench.path("").as_path()], &["--verbose"]).stdout;
    assert!(reported.contains("\n  and 100 more\n"), "{reported}");
}

// Links

#[test]
fn links_to_folders_are_followed_as_those_to_files_are() {
    let elsewhere = tempfile::tempdir().unwrap();
    for linked in ["2024", "2024/03", "2024/03/31/12"] {
        let bench = Bench::of_sample();
        let moved = elsewhere.path().join(linked.replace('/', "-"));
        fs::rename(bench.path(linked), &moved).unwrap();
        symlink(&moved, bench.path(linked)).unwrap();
        assert_eq!(is_just_the_sample(&bench), [""; 0], "{linked}");
    }
    let bench = Bench::of_sample();
    for name in [key(0), Layout::default().started_key()] {
        let moved = elsewhere.path().join(name.replace('/', "-"));
        fs::rename(bench.path(&name), &moved).unwrap();
        symlink(&moved, bench.path(&name)).unwrap();
    }
    assert_eq!(is_just_the_sample(&bench), [""; 0]);
    let whole = tempfile::tempdir().unwrap();
    symlink(bench.path(""), whole.path().join("archive")).unwrap();
    assert_eq!(ends(whole.path(), 0)["objects"], 3);
    assert_eq!(ends(&whole.path().join("archive"), 0)["objects"], 3);
}

#[test]
fn links_that_lead_in_circles_are_noticed() {
    let bench = Bench::of_sample();
    symlink(".", bench.path("here")).unwrap();
    symlink("../..", bench.path("2024/03/up")).unwrap();
    assert_eq!(is_just_the_sample(&bench).len(), 2);
    // Out of the archive, and from there back into it.
    let outside = tempfile::tempdir().unwrap();
    symlink(bench.path(""), outside.path().join("back")).unwrap();
    symlink(outside.path(), bench.path("out")).unwrap();
    assert_eq!(is_just_the_sample(&bench).len(), 3);
    let bench = Bench::of_sample();
    fs::create_dir_all(bench.path("one")).unwrap();
    fs::create_dir_all(bench.path("two")).unwrap();
    symlink("../two", bench.path("one/to-two")).unwrap();
    symlink("../one", bench.path("two/to-one")).unwrap();
    is_just_the_sample(&bench);
}

#[test]
fn links_that_double_the_names_with_every_level_end_soon() {
    let bench = Bench::of_sample();
    for level in 0..40 {
        fs::create_dir_all(bench.path(&format!("ladder/{level}"))).unwrap();
        for side in ["left", "right"] {
            symlink(format!("../{}", level + 1), bench.path(&format!("ladder/{level}/{side}"))).unwrap();
        }
    }
    symlink("../..", bench.path("ladder/39/left-too")).unwrap();
    fs::create_dir_all(bench.path("ladder/40")).unwrap();
    symlink(bench.path("2024"), bench.path("ladder/40/2024")).unwrap();
    is_just_the_sample(&bench);
}

#[test]
fn one_folder_of_objects_may_serve_many_exports_through_links() {
    let bench = Bench::new();
    let shared = bench.path("shared");
    fs::create_dir_all(&shared).unwrap();
    for id in 'A'..='X' {
        let prefix = format!("{id}/");
        bench.export(&Layout { id, prefix: &prefix, keys_prefix: &prefix, ..Layout::default() }, &SAMPLE);
        let own = bench.path(&format!("{prefix}2024"));
        if id == 'A' {
            fs::rename(&own, shared.join("2024")).unwrap();
        } else {
            fs::remove_dir_all(&own).unwrap();
        }
        symlink("../shared/2024", own).unwrap();
    }
    let report = ends(&bench.path(""), 0);
    assert_eq!([&report["exports"], &report["objects"], &report["blocks"]], [24, 3, 12], "{report:#}");
}

#[test]
fn a_file_that_several_names_lead_to_is_one_file() {
    let bench = Bench::of_sample();
    symlink("2024/03", bench.path("latest")).unwrap();
    symlink("31/12", bench.path("2024/03/noon")).unwrap();
    symlink(bench.path(&key(0)), bench.path(&format!("first/{}", key(0)).replace("first/2024/03/31/12/", "2024/")))
        .unwrap();
    is_just_the_sample(&bench);
    // The whole export under another name, whichever comes first in the alphabet.
    for name in ["0-current", "zz-current"] {
        let above = tempfile::tempdir().unwrap();
        let archive = above.path().join("archive");
        copy(&bench.path(""), &archive);
        symlink("archive", above.path().join(name)).unwrap();
        let report = ends(above.path(), 0);
        assert_eq!((&report["exports"], &report["blocks"]), (&1.into(), &12.into()), "{report:#}");
        fs::remove_file(archive.join(key(1))).unwrap();
        let report = ends(above.path(), 11);
        assert_eq!(report["breaks"].as_array().unwrap().iter().filter(|one| one["field"] == "object").count(), 1);
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in from.read_dir().unwrap().map(Result::unwrap).filter(|entry| !entry.file_type().unwrap().is_symlink()) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn an_archive_that_is_given_twice_or_with_a_part_of_itself_is_one_archive() {
    let bench = Bench::new();
    bench.export(&Layout { prefix: "p/", keys_prefix: "p/", ..Layout::default() }, &SAMPLE);
    let (whole, part) = (bench.path(""), bench.path("p"));
    let links = tempfile::tempdir().unwrap();
    symlink(&whole, links.path().join("link")).unwrap();
    let link = links.path().join("link");
    for paths in [[&whole, &whole], [&whole, &part], [&part, &whole], [&whole, &link], [&link, &part]] {
        let ran = verify(paths.map(std::path::PathBuf::as_path), &["--output", "json"]);
        assert_eq!(ran.code, Some(0), "{paths:?}: {}", ran.stdout);
        let report = ran.json().remove(0);
        let counts = ["exports", "objects", "blocks"].map(|count| report[count].as_u64().unwrap());
        assert_eq!(counts, [1, 3, 12], "{paths:?}: {report:#}");
    }
}

// Names

/// A folder with a name that is not UTF-8. The file systems of macOS have no such names.
#[cfg(not(target_os = "macos"))]
fn odd(folder: &Path) -> std::path::PathBuf {
    let path = folder.join(OsStr::from_bytes(b"b\xFCro"));
    fs::create_dir(&path).unwrap();
    path
}

#[cfg(not(target_os = "macos"))]
#[test]
fn files_with_names_that_are_not_utf_8_are_read_and_shown_escaped() {
    let bench = Bench::of_sample();
    let outer = tempfile::tempdir().unwrap();
    let folder = odd(outer.path());
    copy(&bench.path(""), &folder);
    assert_eq!(ends(outer.path(), 0)["objects"], 3);
    assert_eq!(ends(&folder, 0)["objects"], 3);
    fs::write(folder.join(key(1)), "").unwrap();
    let report = ends(outer.path(), 10);
    assert_eq!(report["breaks"][0]["key"], format!("b\\xFCro/{}", key(1)));
    // The name that is shown may be another file's own; neither is taken for the other.
    fs::write(folder.join(key(1)), bench.read(&key(1))).unwrap();
    fs::create_dir_all(outer.path().join("b\\xFCro").join(HOUR)).unwrap();
    fs::write(outer.path().join("b\\xFCro").join(key(1)), "{}").unwrap();
    assert_ne!(verify([outer.path()], &[]).code, Some(0));
}

#[cfg(not(target_os = "macos"))]
#[test]
fn a_part_of_a_name_is_never_dropped() {
    // An object in a folder that is not an hour's must not be taken for one that is.
    let bench = Bench::of_sample();
    let hour = bench.path(HOUR);
    let folder = odd(&hour);
    fs::rename(bench.path(&key(1)), folder.join(Path::new(&key(1)).file_name().unwrap())).unwrap();
    let report = ends(&bench.path(""), 11);
    assert!(report["breaks"].to_string().contains("b\\\\xFCro"), "{report:#}");
    fs::write(bench.path("").join(OsStr::from_bytes(b"\xFF.txt")), "").unwrap();
    let report = ends(&bench.path(""), 11);
    assert_eq!(report["passedOver"]["files"][0]["key"], "\\xFF.txt");
}

#[cfg(not(target_os = "macos"))]
#[test]
fn an_archive_under_such_a_name_becomes_a_ledger_by_being_copied() {
    let bench = Bench::of_sample();
    let outer = tempfile::tempdir().unwrap();
    let folder = odd(outer.path());
    copy(&bench.path(""), &folder);
    let place = Place::new();
    let import = ["ledger", "import", "x", outer.path().to_str().unwrap()];
    let ran = place.run(import.into_iter().chain(["--in-place"]));
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("b\\xFCro/2024") && ran.stderr.contains("leave out --in-place"), "{}", ran.stderr);
    let ran = place.run(import);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
}

// Wrong questions

#[test]
fn a_path_without_an_archive_exits_with_2_or_12_and_says_what_to_give() {
    let bench = Bench::of_sample();
    let other = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = other.path().join("files").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    };
    let empty = other.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let notes = file("notes/README.md", b"");
    let archive = bench.path("").canonicalize().unwrap();
    let archive = archive.to_str().unwrap();
    let layout = Layout::default();
    for (path, code, words) in [
        (bench.path("2024"), 12, archive),
        (bench.path(HOUR), 12, archive),
        (empty.clone(), 12, "give what holds the manifests"),
        (notes.parent().unwrap().to_owned(), 12, "give what holds the manifests"),
        (bench.path(&key(1)), 2, archive),
        (file(&format!("{}.0-3.ion", strand()), b""), 2, "give the folder that holds them"),
        (bench.path(&layout.started_key()), 2, "give its folder"),
        (bench.path(&layout.completed_key(strand())), 2, "give its folder"),
        (file("archive.zip", b"PK\x03\x04"), 2, "unpack it first"),
        (file("archive.tgz", b"\x1F\x8B\x08"), 2, "unpack it first"),
        (file("digest.json", b"{}"), 2, "give the folder"),
        (file("nothing", b""), 2, "give the folder"),
        (other.path().join("absent"), 2, "give the folder"),
        (notes.join("below-a-file"), 2, "give the folder"),
    ] {
        let ran = verify([path.as_path()], &[]);
        assert_eq!(ran.code, Some(code), "{}: {}", path.display(), ran.stderr);
        assert!(ran.stderr.contains(words), "{}: {}", path.display(), ran.stderr);
        assert!(ran.stderr.contains(path.to_str().unwrap().trim_end_matches('/')), "{}", ran.stderr);
        assert!(!format!("{}{}", ran.stdout, ran.stderr).contains("damaged"), "{}: {}", path.display(), ran.stdout);
    }
}

#[test]
fn packed_exports_are_named_as_such() {
    let bench = Bench::of_sample();
    for name in [Layout::default().started_key(), Layout::default().completed_key(strand()), key(0), key(1), key(2)] {
        fs::rename(bench.path(&name), bench.path(&format!("{name}.gz"))).unwrap();
    }
    let ran = verify([bench.path("").as_path()], &[]);
    assert_eq!(ran.code, Some(12), "{}", ran.stderr);
    assert!(ran.stderr.contains("packed and must be unpacked first: 5"), "{}", ran.stderr);
}

#[test]
fn data_objects_without_manifests_are_counted() {
    let bench = Bench::of_sample();
    let report = ends(&bench.path("2024"), 12);
    assert!(report["notes"][0]["what"].as_str().unwrap().ends_with(": 3"), "{report:#}");
    assert_eq!(report["breaks"], Value::Array(vec![]));
}

#[test]
fn a_ledger_is_not_made_from_something_other_than_an_archive() {
    let folder = TempDir::new().unwrap();
    let place = Place::new();
    let absent = folder.path().join("absent");
    let ran = place.run(["ledger", "import", "x", absent.to_str().unwrap()]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("give the folder that holds the manifests"), "{}", ran.stderr);
}
