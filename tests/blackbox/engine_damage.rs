//! What an export does with a damaged journal and an unwritable bucket: it ends
//! CANCELLED and says where and why, and nothing wrong is left behind.

use std::fs;
use std::path::Path;

use qldb_endpoint::engine::{Engine, ExportStatus};
use qldb_journal::request::{ExportRequest, OutputFormat};

use crate::engine_support::*;

/// Exports a journal whose only segment a test has changed, and returns the reason why it ended.
fn reason(format: OutputFormat, damage: impl FnOnce(&mut Vec<u8>)) -> String {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "L1", 200);
    let segment = site.segments().remove(0);
    let mut bytes = fs::read(&segment).unwrap();
    damage(&mut bytes);
    fs::write(&segment, bytes).unwrap();
    let reason = cancelled(&engine, &with_format(&site.request("L1", 31), format));
    let name =
        segment.strip_prefix(fs::canonicalize(site.data_dir()).unwrap()).or(segment.strip_prefix(site.data_dir()));
    assert!(reason.starts_with(&format!("segment {} is damaged", name.unwrap().display())), "{reason}");
    only_the_started_manifest_is_left(&site);
    reason
}

fn cancelled(engine: &Engine, request: &ExportRequest) -> String {
    let export = export(engine, request);
    assert_eq!(export.status, ExportStatus::Cancelled);
    assert!(export.progress.finished.is_some());
    export.progress.reason.unwrap()
}

fn only_the_started_manifest_is_left(site: &Site) {
    let keys: Vec<String> = site.objects().into_keys().collect();
    assert!(matches!(keys.as_slice(), [one] if one.ends_with(".started.manifest")), "{keys:?}");
}

/// The offset of the block with a number.
fn offset(bytes: &[u8], number: usize) -> usize {
    bytes.split_inclusive(|byte| *byte == b'\n').take(number).map(<[u8]>::len).sum()
}

const FORMATS: [OutputFormat; 3] = OutputFormat::ALL;

#[test]
fn a_segment_cut_inside_a_block() {
    for format in FORMATS {
        let mut expected = 0;
        let reason = reason(format, |bytes| {
            expected = offset(bytes, 120);
            bytes.truncate(expected + 100);
        });
        assert!(reason.contains(&format!("at offset {expected}: ")), "{reason}");
    }
}

#[test]
fn a_segment_cut_between_two_blocks() {
    for format in FORMATS {
        let mut expected = 0;
        let reason = reason(format, |bytes| {
            expected = offset(bytes, 120);
            bytes.truncate(expected);
        });
        assert!(reason.contains(&format!("at offset {expected}: it ends before block 120")), "{reason}");
    }
}

#[test]
fn a_segment_that_lacks_a_block_inside() {
    for format in FORMATS {
        let mut expected = 0;
        let reason = reason(format, |bytes| {
            expected = offset(bytes, 60);
            let next = offset(bytes, 61);
            bytes.drain(expected..next);
        });
        assert!(
            reason.contains(&format!("at offset {expected}: block 60 should begin here, not block 61")),
            "{reason}"
        );
    }
}

#[test]
fn a_flipped_bit_in_a_hash() {
    for format in FORMATS {
        let mut expected = 0;
        let reason = reason(format, |bytes| {
            expected = offset(bytes, 33);
            let name = b"blockHash:{{";
            let at = expected + memchr::memmem::find(&bytes[expected..], name).unwrap() + name.len();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        });
        assert!(reason.contains(&format!("at offset {expected}: the hash of block 33")), "{reason}");
    }
}

#[test]
fn a_change_inside_a_block_that_the_chain_does_not_show() {
    for format in FORMATS {
        let reason = reason(format, |bytes| {
            let at = memchr::memmem::find(bytes, b"CREATE TABLE").unwrap();
            bytes[at] = b'c';
        });
        assert!(reason.contains("at offset 0: transactionInfo of block 0: expected"), "{reason}");
    }
}

#[test]
fn a_change_that_no_hash_of_a_block_covers() {
    for format in FORMATS {
        let reason = reason(format, |bytes| {
            let mut at = offset(bytes, 50);
            at += memchr::memmem::find(&bytes[at..], b"blockTimestamp:2").unwrap() + "blockTimestamp:2024-0".len();
            bytes[at] = b'1';
        });
        assert!(reason.contains("SHA-256 of the whole file is not the one recorded"), "{reason}");
    }
}

#[test]
fn bytes_after_the_last_block() {
    let reason = reason(OutputFormat::IonText, |bytes| bytes.extend(b"{not:a,block:1}"));
    assert!(reason.contains(" at offset "), "{reason}");
}

#[test]
fn a_segment_that_is_gone() {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "L1", 20);
    fs::remove_file(&site.segments()[0]).unwrap();
    let reason = cancelled(&engine, &site.request("L1", 31));
    assert!(reason.contains("is damaged: it cannot be read: No such file"), "{reason}");
    only_the_started_manifest_is_left(&site);
}

#[test]
fn damage_is_found_even_where_the_range_takes_another_part_of_the_segment() {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "L1", 200);
    let segment = site.segments().remove(0);
    let mut bytes = fs::read(&segment).unwrap();
    let at = memchr::memmem::find(&bytes, b"CREATE TABLE").unwrap();
    bytes[at] = b'c';
    fs::write(&segment, bytes).unwrap();
    let reason = cancelled(&engine, &site.request("L1", 3));
    assert!(reason.contains("is damaged"), "{reason}");
}

#[test]
fn damage_that_hides_blocks_from_the_range_is_found() {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "L1", 200);
    let segment = site.segments().remove(0);
    let bytes = fs::read(&segment).unwrap();
    fs::write(&segment, &bytes[..offset(&bytes, 100)]).unwrap();
    let reason = cancelled(&engine, &site.request("L1", 3));
    assert!(reason.contains("it ends before block 100"), "{reason}");
    only_the_started_manifest_is_left(&site);
}

#[test]
fn a_file_in_the_place_of_the_bucket() {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "L1", 20);
    fs::write(engine.bucket_dir(&bucket()), "in the way").unwrap();
    let reason = cancelled(&engine, &site.request("L1", 31));
    assert!(reason.contains("in bucket exports: a file is where a directory is needed"), "{reason}");
}

#[test]
fn a_directory_in_the_place_of_an_object() {
    let site = Site::new();
    let engine = site.open();
    let facts = sample(&engine, "L1", 20);
    let object = format!("2024/03/31/12/{}.0-19.ion", facts.strand_id);
    fs::create_dir_all(engine.bucket_dir(&bucket()).join(&object).join("x")).unwrap();
    let reason = cancelled(&engine, &site.request("L1", 31));
    assert!(reason.starts_with(&format!("cannot write {object} in bucket exports: ")), "{reason}");
    only_the_started_manifest_is_left(&site);
    assert_eq!(site.unfinished(), [] as [&Path; 0]);
}
