//! A catalog that does not match the journals: no command works with it, none loses a journal
//! because of it, and `ledger recover` rebuilds it from the files beside it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::engine_support::{files, segments};
use crate::support::{Place, Ran};

const ROLE: &str = "arn:aws:iam::123456789012:role/export";

/// Every file under some folders of a data directory.
fn tree(place: &Place, folders: &[&str]) -> BTreeMap<PathBuf, Vec<u8>> {
    let found = folders.iter().flat_map(|folder| files(&place.path().join(folder)));
    found.map(|path| (path.strip_prefix(place.path()).unwrap().to_owned(), fs::read(&path).unwrap())).collect()
}

fn done(ran: &Ran) -> &Ran {
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    ran
}

fn append(place: &Place, document: &str) {
    let file = place.path().join("document.ion");
    fs::write(&file, document).unwrap();
    done(&place.run(["ledger", "append", "L1", "--table", "Notes", file.to_str().unwrap()]));
    fs::remove_file(file).unwrap();
}

/// A place with the ledger L1: a sample and what was appended to it.
fn filled() -> Place {
    let place = Place::new();
    done(&place.run(["ledger", "sample", "L1", "--transactions", "20"]));
    append(&place, "{n: 1}");
    place
}

/// The data objects of an export of everything, by their names.
fn exported(place: &Place, prefix: &str) -> BTreeMap<String, Vec<u8>> {
    let range = ["--last", "60d", "--until", "now", "--format", "ION_BINARY", "--role-arn", ROLE];
    let target = ["start", "--local", "--wait", "--ledger", "L1", "--bucket", "exports", "--prefix", prefix];
    done(&place.run(target.into_iter().chain(range)));
    let folder = place.path().join("buckets/exports").join(prefix);
    let data = files(&folder).into_iter().filter(|path| path.extension().is_some_and(|extension| extension == "ion"));
    data.map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(path).unwrap())).collect()
}

/// Makes a catalog unusable.
type Loss = fn(&Place);

fn catalog(place: &Place) -> PathBuf {
    place.path().join("catalog.db")
}

/// What happens to catalogs. Older ones were copied before a change of each kind.
const LOSSES: [(&str, Loss); 7] = [
    ("missing", |place| fs::remove_file(catalog(place)).unwrap()),
    ("emptied", |place| fs::write(catalog(place), "").unwrap()),
    ("something else", |place| fs::write(catalog(place), "x".repeat(5000)).unwrap()),
    ("another directory's", |place| {
        let other = Place::new();
        done(&other.run(["ledger", "sample", "Other", "--transactions", "5"]));
        fs::copy(catalog(&other), catalog(place)).unwrap();
    }),
    ("older than a block", |place| set_back(place, |place| append(place, "{n: 2}"))),
    ("older than the ledger", |place| {
        let fresh = Place::new();
        done(&fresh.run(["ledger", "list"]));
        fs::copy(catalog(&fresh), catalog(place)).unwrap();
    }),
    ("older than a block, without a record", |place| {
        set_back(place, |place| append(place, "{n: 2}"));
        for record in files(&place.path().join("journals")).iter().filter(|path| path.ends_with("ledger.json")) {
            fs::remove_file(record).unwrap();
        }
    }),
];

fn set_back(place: &Place, change: fn(&Place)) {
    let old = fs::read(catalog(place)).unwrap();
    change(place);
    fs::write(catalog(place), old).unwrap();
}

#[test]
fn no_command_loses_a_journal_that_its_catalog_does_not_know() {
    for (what, loss) in LOSSES {
        let place = filled();
        exported(&place, "p/");
        loss(&place);
        let before = tree(&place, &["journals", "buckets"]);
        let commands: [&[&str]; 4] = [
            &["ledger", "list"],
            &["list", "--local"],
            &["ledger", "sample", "New", "--transactions", "1"],
            &["serve", "--listen", "127.0.0.1:0"],
        ];
        for command in commands {
            let ran = place.run(command.iter().copied());
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""), "{what}: {}", ran.stderr);
            assert!(ran.stderr.contains("qldb-export ledger recover"), "{what}: {}", ran.stderr);
            assert!(ran.stderr.contains(catalog(&place).to_str().unwrap()), "{what}: {}", ran.stderr);
        }
        assert_eq!(tree(&place, &["journals", "buckets"]), before, "{what}");
    }
}

#[test]
fn a_recovered_ledger_exports_the_same_objects_byte_for_byte() {
    for (what, loss) in LOSSES {
        let place = filled();
        loss(&place);
        let journal = tree(&place, &["journals"]);
        let ran = place.run(["ledger", "recover"]);
        assert_eq!(ran.code, Some(0), "{what}: {}", ran.stderr);
        assert!(ran.stdout.starts_with("L1: recovered, blocks 0 to "), "{what}: {}", ran.stdout);
        let segments = |tree: &BTreeMap<PathBuf, Vec<u8>>| -> Vec<(PathBuf, Vec<u8>)> {
            tree.clone().into_iter().filter(|(path, _)| !path.ends_with("ledger.json")).collect()
        };
        assert_eq!(segments(&tree(&place, &["journals"])), segments(&journal), "{what}");
        let described = place.run(["ledger", "describe", "L1", "--output", "json"]).json().remove(0);
        let last = described["Journal"]["LastSequenceNo"].as_u64().unwrap();
        let whole = if what.contains("block") { 22 } else { 21 };
        assert_eq!(last, whole, "{what}");
        let tables = ["DriversLicense", "Notes", "Person", "Vehicle", "VehicleRegistration"];
        assert_eq!(described["Journal"]["Tables"], serde_json::json!(tables), "{what}");
        assert!(place.run(["ledger", "recover"]).stdout.contains("L1: already in the catalog\n"), "{what}");
    }
}

#[test]
fn an_export_before_the_loss_and_one_after_are_the_same() {
    let place = filled();
    let before = exported(&place, "before/");
    fs::remove_file(catalog(&place)).unwrap();
    done(&place.run(["ledger", "recover"]));
    assert_eq!(exported(&place, "after/"), before);
    let digest = place.run(["ledger", "digest", "L1", "--output", "json"]);
    let file = place.path().join("digest.json");
    fs::write(&file, &digest.stdout).unwrap();
    let archive = place.path().join("buckets/exports/after");
    done(&place.run(["verify", archive.to_str().unwrap(), "--digest", file.to_str().unwrap()]));
    // The journal continues where it ended, and documents are found in it.
    append(&place, "{n: 3}");
    done(&place.run(["ledger", "describe", "L1"]));
}

#[test]
fn settings_and_tags_are_recovered_and_an_older_catalog_is_known_by_them() {
    let site = crate::engine_support::Site::new();
    let engine = site.open();
    let name = crate::engine_support::ledger("L1");
    engine.create_ledger(crate::engine_support::new_ledger("L1")).unwrap();
    drop(engine);
    let old = fs::read(site.data_dir().join("catalog.db")).unwrap();
    let engine = site.open();
    let tags = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
    engine.tag(&name, &tags).unwrap();
    let change =
        qldb_endpoint::engine::LedgerChange { deletion_protection: Some(true), kms_key: Some("key-1".to_owned()) };
    let changed = engine.update_ledger(&name, change).unwrap();
    drop(engine);
    fs::write(site.data_dir().join("catalog.db"), old).unwrap();
    let refused = site.try_open().err().unwrap();
    assert!(matches!(refused, qldb_endpoint::engine::OpenError::Behind { .. }), "{refused}");
    let config = site.config(qldb_endpoint::store::S3Options::default());
    let recovery = qldb_endpoint::engine::Engine::recover(config, None).unwrap();
    assert_eq!((recovery.recovered.len(), recovery.refused.len()), (1, 0));
    let engine = site.open();
    assert_eq!(engine.describe_ledger(&name).unwrap(), changed);
    assert_eq!(engine.tags(&name).unwrap(), tags);
}

#[test]
fn a_journal_imported_in_place_is_recovered_in_place() {
    let from = filled();
    let first = exported(&from, "p/");
    let place = Place::new();
    let archive = from.path().join("buckets/exports");
    done(&place.run(["ledger", "import", "L1", archive.to_str().unwrap(), "--in-place"]));
    fs::remove_file(catalog(&place)).unwrap();
    assert_eq!(place.run(["ledger", "list"]).code, Some(1));
    done(&place.run(["ledger", "recover"]));
    assert_eq!(exported(&place, "again/"), first);
}

/// Changes the segments of a journal so that they no longer match.
type Harm = fn(&[PathBuf]);

#[test]
fn what_does_not_verify_is_left_out_and_unchanged() {
    let harms: [(&str, i32, Harm); 5] = [
        ("block 20", 10, |segments| {
            let text = fs::read_to_string(&segments[1]).unwrap();
            fs::write(&segments[1], text.replacen("CREATE", "cREATE", 1)).unwrap();
        }),
        ("the journal ended with block 21", 11, |segments| fs::remove_file(&segments[1]).unwrap()),
        ("no segment is there", 11, |segments| segments.iter().for_each(|path| fs::remove_file(path).unwrap())),
        ("its name says others", 10, |segments| {
            fs::rename(&segments[1], segments[1].with_file_name("20-22.ion")).unwrap();
        }),
        ("hold the same blocks", 10, |segments| {
            let [first, second] = [0, 1].map(|index: usize| fs::read_to_string(&segments[index]).unwrap());
            let (last, next) = (first.lines().last().unwrap(), second.lines().next().unwrap());
            fs::write(segments[1].with_file_name("19-20.ion"), format!("{last}\n{next}\n")).unwrap();
        }),
    ];
    for (what, code, harm) in harms {
        let place = filled();
        fs::remove_file(catalog(&place)).unwrap();
        harm(&segments(place.path()));
        let before = tree(&place, &["journals"]);
        let ran = place.run(["ledger", "recover"]);
        assert_eq!(ran.code, Some(code), "{what}: {}", ran.stderr);
        assert!(ran.stderr.contains(what) && ran.stderr.contains("L1"), "{what}: {}", ran.stderr);
        assert_eq!(tree(&place, &["journals"]), before, "{what}");
        assert!(!catalog(&place).exists(), "{what}");
        assert_eq!(place.run(["ledger", "list"]).code, Some(1), "{what}");
    }
}

#[test]
fn a_missing_block_in_the_middle_is_named() {
    let place = filled();
    append(&place, "{n: 2}");
    fs::remove_file(&segments(place.path())[1]).unwrap();
    fs::remove_file(catalog(&place)).unwrap();
    let ran = place.run(["ledger", "recover", "L1"]);
    assert_eq!(ran.code, Some(11), "{}", ran.stderr);
    assert!(ran.stderr.contains("the blocks 20 to 21 are missing"), "{}", ran.stderr);
}

#[test]
fn one_ledger_is_recovered_though_another_cannot_be() {
    let place = filled();
    done(&place.run(["ledger", "sample", "L2", "--transactions", "5"]));
    fs::remove_file(catalog(&place)).unwrap();
    let damaged = segments(place.path()).into_iter().find(|path| path.ends_with("0-4.ion")).unwrap();
    fs::write(&damaged, "{}").unwrap();
    let ran = place.run(["ledger", "recover", "--output", "json"]);
    assert_eq!(ran.code, Some(10), "{}", ran.stderr);
    let reported = ran.json().remove(0);
    assert_eq!((&reported["Ledgers"][0]["Name"], &reported["Refused"][0]["Name"]), (&"L1".into(), &"L2".into()));
    // The user does the rest: the folder is moved, and the ledger that verified is available.
    let folder = damaged.parent().unwrap();
    fs::rename(folder, place.path().join("damaged")).unwrap();
    assert!(done(&place.run(["ledger", "list"])).stdout.contains("L1"));
}

#[test]
fn a_journal_without_a_record_needs_a_name() {
    let place = filled();
    fs::remove_file(catalog(&place)).unwrap();
    let record = segments(place.path())[0].with_file_name("ledger.json");
    fs::remove_file(record).unwrap();
    let ran = place.run(["ledger", "recover"]);
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains("give the ledger's name"), "{}", ran.stderr);
    let ran = place.run(["ledger", "recover", "L1"]);
    assert!(done(&ran).stdout.contains("its settings were lost"), "{}", ran.stdout);
    done(&place.run(["ledger", "describe", "L1"]));
    assert_eq!(place.run(["ledger", "recover", "nobody"]).code, Some(3));
}

#[test]
fn a_data_directory_of_before_gets_its_records_at_the_next_open() {
    let place = filled();
    let record = segments(place.path())[0].with_file_name("ledger.json");
    let written = fs::read(&record).unwrap();
    fs::remove_file(&record).unwrap();
    done(&place.run(["ledger", "list"]));
    assert_eq!(fs::read(&record).unwrap(), written);
    fs::write(&record, "something else").unwrap();
    let ran = place.run(["ledger", "list"]);
    assert_eq!(fs::read(&record).unwrap(), written);
    assert!(done(&ran).stderr.contains("was moved to"), "{}", ran.stderr);
}

/// What people and their tools leave in a data directory.
const FOREIGN: [&str; 4] = ["notes.txt", "0-19.ion.bak", "5-7.ion", ".qldb-export-unfinished/mine.txt"];

#[test]
fn orphaned_files_are_put_aside_and_never_removed() {
    let place = filled();
    let folder = segments(place.path())[0].parent().unwrap().to_owned();
    let bucket = place.path().join("buckets/exports");
    fs::create_dir_all(bucket.join(".qldb-export-unfinished")).unwrap();
    fs::create_dir_all(folder.join(".qldb-export-unfinished")).unwrap();
    for name in FOREIGN {
        fs::write(folder.join(name), name).unwrap();
    }
    fs::write(bucket.join(".qldb-export-unfinished/mine.txt"), "mine").unwrap();
    let own = [folder.join(".qldb-export-unfinished/4711-0"), bucket.join(".qldb-export-unfinished/4711-0")];
    own.iter().for_each(|path| fs::write(path, "rubbish").unwrap());
    let ran = place.run(["ledger", "list"]);
    done(&ran);
    assert!(own.iter().all(|path| !path.exists()), "what this program left unfinished goes");
    assert_eq!(fs::read_to_string(bucket.join(".qldb-export-unfinished/mine.txt")).unwrap(), "mine");
    for name in FOREIGN {
        assert!(holds(place.path(), name.as_bytes()), "{name}\n{}", ran.stderr);
    }
    // A deleted ledger takes its own files along, and nothing else.
    fs::write(folder.join("more.txt"), "more").unwrap();
    done(&place.run(["ledger", "delete", "L1"]));
    assert!(holds(place.path(), b"more") && !folder.exists());
    assert!(segments(place.path()).is_empty());
}

/// Whether a file with this content exists anywhere.
fn holds(place: &Path, content: &[u8]) -> bool {
    files(place).iter().any(|path| fs::read(path).unwrap() == content)
}

#[test]
fn a_deletion_that_was_cut_off_is_ended_and_no_lost_journal() {
    let site = crate::engine_support::Site::new();
    crate::engine_support::sample(&site.open(), "L1", 20);
    let segment = site.segments().remove(0);
    // The catalog knows that the ledger is being deleted, and its record was removed first.
    let sql = "UPDATE ledgers SET state = 'DELETING', changes = changes + 1";
    site.catalog().execute(sql, []).unwrap();
    fs::remove_file(segment.with_file_name("ledger.json")).unwrap();
    let engine = site.open();
    assert!(!segment.parent().unwrap().exists());
    assert!(engine.describe_ledger(&crate::engine_support::ledger("L1")).is_err());
}

#[test]
fn a_process_that_is_killed_leaves_a_directory_that_opens() {
    let place = filled();
    let mut command = place.command(["ledger", "append", "L1", "--table", "Notes"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut input, b"{n: 5}\n").unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    append(&place, "{n: 6}");
    done(&place.run(["ledger", "describe", "L1"]));
}
