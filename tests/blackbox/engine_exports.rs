//! The engine's export jobs: what they write, and their life cycle.

use chrono::TimeDelta;
use qldb_endpoint::engine::{ExportStatus, ServiceError};
use qldb_journal::internal::{TranscodedBytes, Transcoder};
use qldb_journal::request::{Encryption, ExportRequest, OutputFormat, Prefix, TimeRange};
use qldb_journal::{BlockReader, BlockWriter, Encoding, JournalError, RawBlock};

use crate::engine_support::*;

fn blocks(object: &[u8], encoding: Encoding) -> Vec<RawBlock> {
    BlockReader::new(object, encoding).map(Result::unwrap).collect()
}

#[test]
fn an_export_has_the_documented_keys_and_every_block_once_in_order() {
    let site = Site::new();
    let engine = site.open();
    several_segments(&engine, &site);
    let facts = engine.journal_facts(&ledger("L1")).unwrap();
    assert_eq!((facts.blocks, facts.segments), (47, 4));
    let request = ExportRequest { prefix: Prefix::parse("nightly/").unwrap(), ..site.request("L1", 60) };
    for (format, encoding, extension) in [
        (OutputFormat::IonText, Encoding::IonText, "ion"),
        (OutputFormat::IonBinary, Encoding::IonBinary, "ion"),
        (OutputFormat::Json, Encoding::Json, "json"),
    ] {
        let export = completed(&engine, &with_format(&request, format));
        let objects = site.objects();
        let (strand, id) = (&facts.strand_id, &export.id);
        let expected: Vec<String> = ["0-39", "40-42", "43-44", "45-46"]
            .iter()
            .map(|span| format!("nightly/2024/04/03/12/{strand}.{span}.{extension}"))
            .collect();
        let found: Vec<RawBlock> = expected.iter().flat_map(|key| blocks(&objects[key], encoding)).collect();
        assert!(found.iter().map(|block| block.header.sequence_no).eq(0..47));
        for pair in found.windows(2) {
            assert_eq!(pair[1].links.previous_block_hash, Some(pair[0].links.block_hash));
        }
        assert_eq!(found[0].links.previous_block_hash, None);
        assert!(objects.contains_key(&format!("nightly/{id}.started.manifest")));
        let manifest = &objects[&format!("nightly/{id}.{strand}.completed.manifest")];
        if format == OutputFormat::Json {
            let manifest: serde_json::Value = serde_json::from_slice(manifest).unwrap();
            assert_eq!(manifest["keys"], serde_json::json!(expected));
        }
        let progress = &export.progress;
        assert_eq!((progress.objects, progress.blocks, progress.finished), (4, 47, Some(site.now())));
        assert_eq!(progress.bytes, expected.iter().map(|key| objects[key].len() as u64).sum::<u64>());
        for key in &expected {
            std::fs::remove_file(engine.bucket_dir(&bucket()).join(key)).unwrap();
        }
    }
}

#[test]
fn every_line_of_a_json_export_is_an_object() {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "L1", 300);
    completed(&engine, &with_format(&site.request("L1", 31), OutputFormat::Json));
    let objects = site.objects();
    let data = objects.iter().find(|(key, _)| key.contains(".json")).unwrap().1;
    let lines: Vec<&[u8]> = data.split_inclusive(|byte| *byte == b'\n').collect();
    assert_eq!(lines.len(), 300);
    for line in lines {
        assert!(serde_json::from_slice::<serde_json::Value>(line).unwrap().is_object());
    }
}

#[test]
fn an_export_in_the_format_of_the_journal_is_a_copy_of_it() {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "L1", 100);
    completed(&engine, &site.request("L1", 31));
    let segment = std::fs::read(&site.segments()[0]).unwrap();
    assert!(site.objects().values().any(|object| *object == segment));
}

#[test]
fn a_range_selects_the_blocks_committed_in_it_and_no_others() {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "L1", 100);
    let all = blocks(&std::fs::read(&site.segments()[0]).unwrap(), Encoding::IonText);
    let (first, end) = (all[20].header.timestamp, all[50].header.timestamp);
    let request = ExportRequest { range: TimeRange::accepted(first, end), ..site.request("L1", 1) };
    let export = completed(&engine, &request);
    assert_eq!((export.progress.objects, export.progress.blocks), (1, 30));
    let objects = site.objects();
    let (key, data) = objects.iter().find(|(key, _)| key.contains(".ion")).unwrap();
    assert!(key.ends_with(".20-49.ion"), "{key}");
    let found = blocks(data, Encoding::IonText);
    assert!(found.iter().zip(&all[20..50]).all(|(found, own)| found.bytes() == own.bytes()));
    assert_eq!(found.len(), 30);
}

#[test]
fn a_range_without_blocks_has_an_empty_list_of_keys() {
    let site = Site::new();
    let engine = site.open();
    engine.create_ledger(new_ledger("empty")).unwrap();
    sample(&engine, "L1", 10);
    let before = TimeRange::accepted(time("1900-01-01T00:00:00Z"), time("1901-01-01T00:00:00Z"));
    for request in [site.request("empty", 1), ExportRequest { range: before, ..site.request("L1", 1) }] {
        let export = completed(&engine, &request);
        assert_eq!(export.progress.objects, 0);
        let objects = site.objects();
        let manifest =
            objects.iter().find(|(key, _)| key.starts_with(export.id.as_str()) && key.ends_with(".completed.manifest"));
        assert_eq!(manifest.unwrap().1, b"{keys:[]}\n");
    }
}

#[test]
fn a_start_before_the_ledger_means_its_beginning_and_is_shown_as_requested() {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "L1", 10);
    let range = TimeRange::accepted(time("1900-01-01T00:00:00Z"), site.now());
    let export = completed(&engine, &ExportRequest { range, ..site.request("L1", 1) });
    assert_eq!(export.progress.blocks, 10);
    assert_eq!(export.request.range, range);
}

#[test]
fn two_exports_of_a_ledger_run_at_a_time() {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "L1", 10);
    sample(&engine, "L2", 10);
    engine.shut_down();
    engine.start_export(site.request("L1", 1)).unwrap();
    engine.start_export(site.request("L1", 1)).unwrap();
    let third = engine.start_export(site.request("L1", 1)).unwrap_err();
    assert!(matches!(third, ServiceError::LimitExceeded { .. }));
    assert_eq!(third.to_string(), "Exceeded the limit of 2 concurrently running Journal export jobs");
    engine.start_export(site.request("L2", 1)).unwrap();
    drop(engine);
    let engine = site.open();
    engine.wait_idle();
    completed(&engine, &site.request("L1", 1));
}

#[test]
fn an_unfinished_export_is_resumed_at_the_next_open() {
    let site = Site::new();
    let engine = site.open();
    several_segments(&engine, &site);
    engine.shut_down();
    let request = site.request("L1", 60);
    let id = engine.start_export(request.clone()).unwrap();
    engine.wait_idle();
    assert_eq!(engine.describe_export(&request.ledger, &id).unwrap().status, ExportStatus::InProgress);
    drop(engine);
    site.pass(TimeDelta::hours(5));
    let engine = site.open();
    engine.wait_idle();
    let export = engine.describe_export(&request.ledger, &id).unwrap();
    assert_eq!((export.status, export.progress.blocks), (ExportStatus::Completed, 47));
    assert!(site.objects().keys().any(|key| key.starts_with("2024/04/03/12/")), "the hour is that of the request");
}

#[test]
fn an_export_that_a_crash_cut_off_ends_with_the_same_objects() {
    let site = Site::new();
    let engine = site.open();
    several_segments(&engine, &site);
    let request = with_format(&site.request("L1", 60), OutputFormat::IonBinary);
    let export = completed(&engine, &request);
    drop(engine);
    let whole = site.objects();
    // The state after a crash: some objects exist, one is half-written, the end is not recorded.
    let sql = "UPDATE exports SET status = 'IN_PROGRESS', finished = NULL, objects = 2";
    assert_eq!(site.catalog().execute(sql, []).unwrap(), 1);
    let root = site.data_dir().join("buckets/exports");
    for key in whole.keys().filter(|key| key.ends_with(".completed.manifest") || key.contains(".45-46.")) {
        std::fs::remove_file(root.join(key)).unwrap();
    }
    let unfinished = root.join(".qldb-export-unfinished");
    std::fs::create_dir_all(&unfinished).unwrap();
    std::fs::write(unfinished.join("1-1"), "half").unwrap();
    let engine = site.open();
    engine.wait_idle();
    assert_eq!(site.objects(), whole);
    let again = engine.describe_export(&request.ledger, &export.id).unwrap();
    assert_eq!(again.progress.objects, 4);
    assert_eq!(again.status, ExportStatus::Completed);
}

#[test]
fn what_is_added_after_an_export_was_accepted_is_not_part_of_the_export() {
    let site = Site::new();
    let engine = site.open();
    several_segments(&engine, &site);
    engine.shut_down();
    let request = site.request("L1", 60);
    let id = engine.start_export(request.clone()).unwrap();
    // A clock that was set back puts the new block into the range of the export.
    site.pass(TimeDelta::milliseconds(-1));
    let options = qldb_endpoint::engine::AppendOptions::default();
    engine.append(&ledger("L1"), "Added", "{late:true}".as_bytes(), options).unwrap();
    let last = engine.journal_facts(&ledger("L1")).unwrap().last_time.unwrap();
    assert!(request.range.contains(last));
    drop(engine);
    let engine = site.open();
    engine.wait_idle();
    assert_eq!(engine.describe_export(&request.ledger, &id).unwrap().progress.blocks, 47);
    assert_eq!(completed(&engine, &request).progress.blocks, 48);
}

#[test]
fn lists_are_newest_first_in_pages_and_by_ledger() {
    let site = Site::new();
    let engine = site.open();
    engine.create_ledger(new_ledger("L1")).unwrap();
    engine.create_ledger(new_ledger("L2")).unwrap();
    let mut ids = Vec::new();
    for number in 0..5 {
        let name = if number % 2 == 0 { "L1" } else { "L2" };
        ids.insert(0, completed(&engine, &site.request(name, 1)).id);
    }
    let list = |name: Option<&str>, size| {
        let (mut found, mut token) = (Vec::new(), None);
        loop {
            let page = engine.list_exports(name.map(ledger).as_ref(), &page(Some(size), token)).unwrap();
            found.extend(page.items.into_iter().map(|export| export.id));
            token = page.next_token;
            if token.is_none() {
                return found;
            }
        }
    };
    assert_eq!(list(None, 2), ids);
    assert_eq!(list(None, 100), ids);
    assert_eq!(list(Some("L1"), 1), [ids[0].clone(), ids[2].clone(), ids[4].clone()]);
    let ledgers = engine.list_ledgers(&page(Some(1), None)).unwrap().next_token;
    assert!(matches!(engine.list_exports(None, &page(None, ledgers)), Err(ServiceError::InvalidParameter { .. })));
}

#[test]
fn a_finished_export_is_known_for_seven_days() {
    let site = Site::new();
    let engine = site.open();
    engine.create_ledger(new_ledger("L1")).unwrap();
    let request = site.request("L1", 1);
    let export = completed(&engine, &request);
    site.pass(TimeDelta::days(7) - TimeDelta::milliseconds(1));
    assert!(engine.describe_export(&request.ledger, &export.id).is_ok());
    site.pass(TimeDelta::milliseconds(1));
    let gone = engine.describe_export(&request.ledger, &export.id).unwrap_err();
    assert!(
        matches!(gone, ServiceError::ResourceNotFound { ref resource_name, .. } if resource_name == export.id.as_str())
    );
    assert!(engine.list_exports(None, &page(None, None)).unwrap().items.is_empty());
    assert!(engine.list_exports(Some(&request.ledger), &page(None, None)).unwrap().items.is_empty());
    drop(engine);
    site.open();
    let left: i64 = site.catalog().query_row("SELECT count(*) FROM exports", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}

#[test]
fn an_export_is_found_under_its_own_ledger_only() {
    let site = Site::new();
    let engine = site.open();
    engine.create_ledger(new_ledger("L1")).unwrap();
    engine.create_ledger(new_ledger("L2")).unwrap();
    let export = completed(&engine, &site.request("L1", 1));
    let other = engine.describe_export(&ledger("L2"), &export.id).unwrap_err();
    assert!(matches!(other, ServiceError::ResourceNotFound { .. }));
}

#[test]
fn a_directory_refuses_encryption_and_keys_that_it_cannot_hold() {
    let site = Site::new();
    let engine = site.open();
    engine.create_ledger(new_ledger("L1")).unwrap();
    let encrypted = ExportRequest { encryption: Encryption::SseS3, ..site.request("L1", 1) };
    let error = engine.start_export(encrypted).unwrap_err();
    assert!(
        matches!(error, ServiceError::InvalidParameter { ref parameter, .. } if parameter == "ObjectEncryptionType")
    );
    assert!(error.to_string().contains("encrypts nothing") && error.to_string().contains("NO_ENCRYPTION"), "{error}");
    for prefix in ["/", "a//b", "a\\b"] {
        let request = ExportRequest { prefix: Prefix::parse(prefix).unwrap(), ..site.request("L1", 1) };
        let error = engine.start_export(request).unwrap_err();
        assert!(
            matches!(error, ServiceError::InvalidParameter { ref parameter, .. } if parameter == "Prefix"),
            "{error}"
        );
    }
    assert!(engine.list_exports(None, &page(None, None)).unwrap().items.is_empty());
}

/// The bytes of an object in another encoding, block by block.
fn rewritten(object: &[u8], from: Encoding, to: Encoding) -> Vec<u8> {
    let mut writer = BlockWriter::new(Vec::new(), to);
    BlockReader::new(object, from).for_each(|block| writer.write(&block.unwrap()).unwrap());
    writer.finish().unwrap()
}

fn transcoded(object: &[u8], from: Encoding, output: &mut TranscodedBytes) -> Result<Vec<u8>, JournalError> {
    let mut transcoder = Transcoder::new(object, from, output);
    let mut whole = Vec::new();
    while let Some(part) = transcoder.read_part()? {
        whole.extend_from_slice(part);
    }
    Ok(whole)
}

#[test]
fn transcoding_in_one_pass_equals_reading_and_writing_block_by_block() {
    let site = Site::new();
    sample(&site.open(), "long", 4_000);
    let text: Vec<u8> = site.segments().iter().flat_map(|path| std::fs::read(path).unwrap()).collect();
    let binary = rewritten(&text, Encoding::IonText, Encoding::IonBinary);
    // Several buffers of the reader, and several groups of a binary object.
    assert!(text.len() > 8 << 20 && binary.len() > 4 << 20, "{} {}", text.len(), binary.len());
    for (object, from, to) in [
        (&text, Encoding::IonText, Encoding::IonBinary),
        (&text, Encoding::IonText, Encoding::Json),
        (&binary, Encoding::IonBinary, Encoding::IonText),
        (&binary, Encoding::IonBinary, Encoding::Json),
    ] {
        // One after another uses the same memory, also after one that failed in the middle.
        let mut output = TranscodedBytes::new(to);
        let broken = transcoded(&object[..object.len() - 1], from, &mut output);
        // In text, the line break is not part of the block.
        assert_eq!(broken.is_err(), from == Encoding::IonBinary, "{:?}", broken.err());
        for length in [object.len(), 0, object.len()] {
            let object = &object[..length];
            let found = transcoded(object, from, &mut output).unwrap();
            assert!(found == rewritten(object, from, to), "{from:?} to {to:?}, {length} bytes");
        }
    }
}
