//! Joining small segments changes no result of any call: blocks, digests, proofs, exports.
//! Interrupted anywhere, the journal is complete.

use std::fs;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::TimeDelta;
use qldb_endpoint::engine::{AppendOptions, Compacted, Engine, Notice};
use qldb_journal::archive::source::{Folder, Source};
use qldb_journal::archive::verify::{Request, verify};
use qldb_journal::internal::BlockAddress;
use qldb_journal::request::OutputFormat;
use qldb_journal::{BlockReader, Encoding};
use rusqlite::params;

use crate::engine_support::{Site, completed, export, files, ledger, several_segments, with_format};

fn append(engine: &Engine, number: u64) {
    let document = format!("{{n:{number}}}");
    engine.append(&ledger("L1"), "T", document.as_bytes(), AppendOptions::default()).unwrap();
}

/// A ledger after thirty appends.
fn appended(site: &Site) -> std::sync::Arc<Engine> {
    let engine = site.open();
    engine.create_ledger(crate::engine_support::new_ledger("L1")).unwrap();
    for number in 0..30 {
        append(&engine, number);
        site.pass(TimeDelta::seconds(10));
    }
    engine
}

fn compact(engine: &Engine) -> Compacted {
    engine.compact(&ledger("L1"), &|_| {}).unwrap()
}

/// The bytes of every block of the journal, in order.
fn blocks(site: &Site) -> Vec<Vec<u8>> {
    let read = |path: &PathBuf| BlockReader::new(fs::File::open(path).unwrap(), Encoding::IonText);
    site.segments().iter().flat_map(read).map(|block| block.unwrap().bytes().to_vec()).collect()
}

/// The results of every call about blocks.
fn answers(engine: &Engine) -> Vec<String> {
    let name = ledger("L1");
    let digest = engine.digest(&name).unwrap();
    let address = |sequence_no| BlockAddress { strand_id: digest.strand_id.to_string(), sequence_no };
    let tip = address(digest.tip);
    let mut answers = vec![format!("{digest:?}")];
    for number in 0..=digest.tip {
        answers.push(format!("{:?}", engine.block(&name, &address(number), Some(&tip)).unwrap()));
    }
    answers.push(format!("{:?}", engine.journal_outline(&name, &|_| {}).unwrap()));
    answers
}

#[test]
fn thirty_appends_become_one_segment_and_every_answer_stays() {
    let site = Site::new();
    let engine = appended(&site);
    let (before, facts) = (blocks(&site), engine.journal_facts(&ledger("L1")).unwrap());
    let (answered, segments) = (answers(&engine), site.segments().len());
    let reported = AtomicU64::new(0);
    let compacted = engine
        .compact(&ledger("L1"), &|bytes| {
            reported.fetch_add(bytes, Ordering::Relaxed);
        })
        .unwrap();
    assert_eq!((compacted.segments_before, compacted.segments_after), (segments as u64, 1));
    assert_eq!((compacted.bytes, reported.into_inner()), (facts.bytes, facts.bytes));
    assert_eq!(site.segments().len(), 1, "the others are gone");
    assert_eq!(blocks(&site), before);
    assert_eq!(answers(&engine), answered);
    let after = engine.journal_facts(&ledger("L1")).unwrap();
    assert_eq!((after.blocks, after.bytes, after.last_time), (facts.blocks, facts.bytes, facts.last_time));
    let again = compact(&engine);
    assert_eq!((again.segments_before, again.segments_after, again.bytes), (1, 1, 0));
    drop(engine);
    let engine = site.open();
    assert_eq!((engine.notices(), answers(&engine)), (Vec::new(), answered));
    append(&engine, 30);
    assert_eq!((compact(&engine).segments_after, site.unfinished().len()), (1, 0));
    drop(engine);
    assert!(site.open().notices().is_empty());
}

#[test]
fn exports_hold_the_same_blocks_before_and_after() {
    let site = Site::new();
    let engine = site.open();
    several_segments(&engine, &site);
    let one_export = |format| {
        // Each in its own hour, so that none has the names of another.
        site.pass(TimeDelta::hours(1));
        let before: Vec<String> = site.objects().into_keys().collect();
        completed(&engine, &with_format(&site.request("L1", 60), format));
        let kind = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
        let data = site.objects().into_iter().filter(|(key, _)| ["ion", "json"].contains(&kind(key).as_str()));
        let mut new: Vec<_> = data.filter(|(key, _)| !before.contains(key)).collect();
        let first = |key: &str| key.rsplit('.').nth(1)?.split('-').next()?.parse::<u64>().ok();
        new.sort_by_key(|(key, _)| first(key));
        (new.len(), new.into_iter().flat_map(|(_, bytes)| bytes).collect::<Vec<u8>>())
    };
    let formats = [OutputFormat::IonText, OutputFormat::IonBinary, OutputFormat::Json];
    let before = formats.map(one_export);
    assert_eq!(compact(&engine).segments_after, 1);
    for ((format, (objects, bytes)), was) in formats.into_iter().zip(formats.map(one_export)).zip(before) {
        assert_eq!((was.0, objects), (4, 1), "{format:?}");
        let hashes = |bytes: &[u8]| {
            let encoding = match format {
                OutputFormat::IonBinary => Encoding::IonBinary,
                OutputFormat::Json => Encoding::Json,
                OutputFormat::IonText => Encoding::IonText,
            };
            let read = BlockReader::new(bytes, encoding);
            read.map(|block| block.unwrap().links.block_hash).collect::<Vec<_>>()
        };
        assert_eq!(hashes(&bytes), hashes(&was.1), "{format:?}");
        if format == OutputFormat::IonText {
            assert_eq!(bytes, was.1);
        }
    }
}

#[test]
fn segments_of_archives_are_joined_by_encoding_and_those_in_place_are_left() {
    let site = Site::new();
    let engine = site.open();
    several_segments(&engine, &site);
    let binary = with_format(&site.request("L1", 60), OutputFormat::IonBinary);
    completed(&engine, &binary);
    let archive = site.data_dir().join("buckets/exports");
    let sources: Vec<Box<dyn Source>> = vec![Box::new(Folder::new(&archive))];
    let report = verify(&Request::new(&sources).sha256_of_objects(true)).unwrap();
    for in_place in [false, true] {
        let other = Site::new();
        let engine = other.open();
        engine.import(&ledger("L1"), &report, &sources, in_place).unwrap();
        append(&engine, 1);
        append(&engine, 2);
        let answered = answers(&engine);
        let compacted = compact(&engine);
        // The archive's four, or as they are; and those that were appended, which are text.
        let left = if in_place { 4 + 1 } else { 1 + 1 };
        assert_eq!((compacted.segments_before, compacted.segments_after), (6, left), "in place: {in_place}");
        assert_eq!(answers(&engine), answered);
        drop(engine);
        assert_eq!(answers(&other.open()), answered);
    }
    assert_eq!(files(&archive).len(), 6, "the archive is as it was");
}

#[test]
fn while_an_export_is_unfinished_nothing_is_joined() {
    let site = Site::new();
    let engine = appended(&site);
    let id = completed(&engine, &site.request("L1", 1)).id;
    let set = |status: &str| site.catalog().execute("UPDATE exports SET status = ?1", params![status]).unwrap();
    set("IN_PROGRESS");
    let refused = engine.compact(&ledger("L1"), &|_| {}).unwrap_err();
    assert!(refused.to_string().contains("IN_PROGRESS"), "{refused}");
    assert_eq!(site.segments().len(), 30);
    set("COMPLETED");
    assert_eq!(compact(&engine).segments_after, 1);
    assert_eq!(engine.describe_export(&ledger("L1"), &id).unwrap().id, id);
}

#[test]
fn a_damaged_segment_is_named_and_nothing_is_joined() {
    let site = Site::new();
    let engine = appended(&site);
    let segments = site.segments();
    let mut bytes = fs::read(&segments[7]).unwrap();
    let at = bytes.len() / 2;
    bytes[at] ^= 1;
    fs::write(&segments[7], bytes).unwrap();
    let error = engine.compact(&ledger("L1"), &|_| {}).unwrap_err().to_string();
    assert!(error.contains(segments[7].file_name().unwrap().to_str().unwrap()), "{error}");
    assert_eq!(site.segments(), segments);
    assert!(site.unfinished().is_empty());
}

/// The state between two steps of a join, assembled from the files before and after it.
fn cut_off(site: &Site, is_entered: bool) -> Vec<String> {
    let engine = appended(site);
    let answered = answers(&engine);
    let before: Vec<(PathBuf, Vec<u8>)> =
        site.segments().into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect();
    let relative = |path: &PathBuf| path.strip_prefix(site.data_dir()).unwrap().to_str().unwrap().to_owned();
    let old = (!is_entered).then(|| {
        drop(engine);
        fs::read(site.data_dir().join("catalog.db")).unwrap()
    });
    let engine = site.open();
    compact(&engine);
    drop(engine);
    let joined = site.segments().remove(0);
    let noted: Vec<String> = match old {
        Some(old) => {
            fs::write(site.data_dir().join("catalog.db"), old).unwrap();
            // The record beside the journal is written after the catalog.
            fs::remove_file(joined.with_file_name("ledger.json")).unwrap();
            vec![relative(&joined)]
        }
        None => before.iter().map(|(path, _)| relative(path)).collect(),
    };
    before.iter().for_each(|(path, bytes)| fs::write(path, bytes).unwrap());
    for path in noted {
        let sql = "INSERT INTO passing SELECT strand_id, ?1 FROM ledgers";
        site.catalog().execute(sql, params![path]).unwrap();
    }
    answered
}

#[test]
fn what_was_cut_off_before_or_after_it_was_entered_is_ended_at_the_next_open() {
    for is_entered in [false, true] {
        let site = Site::new();
        let answered = cut_off(&site, is_entered);
        let engine = site.open();
        assert_eq!(engine.notices(), Vec::new(), "entered: {is_entered}");
        assert_eq!(answers(&engine), answered);
        assert_eq!(site.segments().len() == 1, is_entered);
        assert_eq!(site.catalog().query_row("SELECT count(*) FROM passing", [], |row| row.get(0)), Ok(0));
        assert_eq!(compact(&engine).segments_after, 1);
        completed(&engine, &site.request("L1", 1));
    }
}

#[test]
fn a_file_marked_for_removal_stays_if_nothing_else_has_its_blocks() {
    let site = Site::new();
    let engine = appended(&site);
    let strand = engine.describe_ledger(&ledger("L1")).unwrap().strand_id;
    compact(&engine);
    drop(engine);
    let joined = site.segments().remove(0);
    let name = joined.file_name().unwrap().to_str().unwrap().to_owned();
    // Like a catalog from before, beside a journal from after whose record is lost.
    site.catalog().execute("DELETE FROM segments", []).unwrap();
    let path = format!("journals/{strand}/{name}");
    site.catalog().execute("INSERT INTO passing VALUES (?1, ?2)", params![strand.as_str(), path]).unwrap();
    fs::remove_file(joined.with_file_name("ledger.json")).unwrap();
    let bytes = fs::read(&joined).unwrap();
    let engine = site.open();
    let [Notice::PutAside(now)] = &engine.notices()[..] else { panic!("{:?}", engine.notices()) };
    assert_eq!(fs::read(now).unwrap(), bytes);
}

#[test]
fn a_catalog_is_rebuilt_from_either_of_the_two() {
    for (damage, expected) in [(None, 1), (Some("joined"), 30), (Some("part"), 1)] {
        let site = Site::new();
        let answered = cut_off(&site, true);
        fs::remove_file(site.data_dir().join("catalog.db")).unwrap();
        let length = |path: &PathBuf| fs::metadata(path).unwrap().len();
        let mut segments = site.segments();
        segments.sort_by_key(length);
        let harmed = match damage {
            Some("joined") => segments.last(),
            Some(_) => segments.first(),
            None => None,
        };
        if let Some(path) = harmed {
            let mut bytes = fs::read(path).unwrap();
            let at = bytes.len() / 2;
            bytes[at] ^= 1;
            fs::write(path, bytes).unwrap();
        }
        let recovery = Engine::recover(site.config(qldb_endpoint::store::S3Options::default()), None).unwrap();
        assert!(recovery.refused.is_empty(), "{damage:?}: {:?}", recovery.refused);
        let engine = site.open();
        assert_eq!(engine.journal_facts(&ledger("L1")).unwrap().segments, expected, "{damage:?}");
        assert_eq!(answers(&engine), answered);
        assert!(!engine.notices().is_empty(), "what is not the ledger's is put aside, not removed");
        assert_eq!(export(&engine, &site.request("L1", 1)).status.as_str(), "COMPLETED");
    }
}
