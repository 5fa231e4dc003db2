//! Journals of the engine: samples, and documents added to them.

use chrono::TimeDelta;
use qldb_endpoint::engine::{AppendOptions, Appended, Engine, LedgerError, Notice, SampleSpec, ServiceError};
use qldb_journal::request::UniqueId;
use qldb_journal::{BlockReader, Encoding, RawBlock};
use serde_json::Value;

use crate::engine_support::*;

const COMMITTED: AppendOptions = AppendOptions { batch: 40, committed: true };

fn journal(site: &Site) -> Vec<u8> {
    site.segments().iter().flat_map(|path| std::fs::read(path).unwrap()).collect()
}

fn blocks(site: &Site) -> Vec<RawBlock> {
    BlockReader::new(journal(site).as_slice(), Encoding::IonText).map(Result::unwrap).collect()
}

/// The blocks as JSON, through an export.
fn as_json(site: &Site, engine: &Engine) -> Vec<Value> {
    site.pass(TimeDelta::milliseconds(1));
    let request = with_format(&site.request("L1", 60), qldb_journal::request::OutputFormat::Json);
    completed(engine, &request);
    let mut objects: Vec<_> = site.objects().into_iter().filter(|(key, _)| key.contains(".json")).collect();
    objects.sort_by_key(|(key, _)| key.split('.').nth(1).unwrap().split('-').next().unwrap().parse::<u64>().unwrap());
    let lines: Vec<u8> = objects.into_iter().flat_map(|(_, object)| object).collect();
    lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect()
}

fn append(engine: &Engine, table: &str, documents: &str, options: AppendOptions) -> Result<Appended, LedgerError> {
    engine.append(&ledger("L1"), table, documents.as_bytes(), options)
}

fn refused(engine: &Engine, table: &str, documents: &str, options: AppendOptions) -> String {
    let before = engine.journal_facts(&ledger("L1")).unwrap();
    let error = append(engine, table, documents, options).unwrap_err();
    assert_eq!(engine.journal_facts(&ledger("L1")).unwrap(), before);
    error.to_string()
}

fn spec(name: &str, transactions: u64, seed: u64) -> SampleSpec {
    SampleSpec { name: ledger(name), transactions, days: 30, seed }
}

#[test]
fn a_sample_is_a_function_of_its_seed_but_for_its_strand() {
    let made = [7, 7, 8].map(|seed| {
        let site = Site::new();
        let strand = site.open().make_sample(&spec("L1", 100, seed)).unwrap().strand_id;
        (strand.to_string(), String::from_utf8(journal(&site)).unwrap())
    });
    let without_strand = made.each_ref().map(|(strand, journal)| journal.replace(strand, "STRAND"));
    assert_eq!(without_strand[0], without_strand[1]);
    assert_ne!(without_strand[0], without_strand[2]);
    assert_ne!(made[0].0, made[1].0, "objects of both may come to lie in one bucket");
}

#[test]
fn a_sample_is_within_its_days_in_order_and_consistent() {
    let site = Site::new();
    let engine = site.open();
    let facts = sample(&engine, "L1", 500);
    let blocks = blocks(&site);
    assert_eq!((facts.blocks, facts.first_sequence_no, facts.last_sequence_no), (500, Some(0), Some(499)));
    assert_eq!(facts.tables, ["DriversLicense", "Person", "Vehicle", "VehicleRegistration"]);
    assert_eq!(blocks[0].links.previous_block_hash, None);
    for pair in blocks.windows(2) {
        assert_eq!(pair[1].links.previous_block_hash, Some(pair[0].links.block_hash));
        assert!(pair[0].header.timestamp <= pair[1].header.timestamp);
    }
    let created = engine.describe_ledger(&ledger("L1")).unwrap().created;
    assert!(created < blocks[0].header.timestamp && blocks[499].header.timestamp < site.now());
    assert_eq!(facts.first_time, Some(blocks[0].header.timestamp));
    assert_eq!(facts.last_time, Some(blocks[499].header.timestamp));
}

#[test]
fn a_sample_has_every_kind_of_change_and_every_type_of_ion() {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "L1", 1000);
    let blocks = as_json(&site, &engine);
    assert_eq!(blocks.len(), 1000);
    let revisions: Vec<&Value> = blocks
        .iter()
        .filter_map(|block| block["revisions"].as_array())
        .flatten()
        .filter(|each| each["metadata"].is_object())
        .collect();
    let count = |wanted: fn(&&&Value) -> bool| revisions.iter().filter(wanted).count();
    assert!(count(|each| each["metadata"]["version"] == 0) > 500);
    assert!(count(|each| each["metadata"]["version"] != 0 && each["data"].is_object()) > 200);
    assert!(count(|each| each["data"].is_null()) > 20);
    assert!(blocks.iter().any(|block| block["transactionInfo"].is_null()));
    assert!(blocks.iter().any(|block| block["revisions"].as_array().is_some_and(|list| list.len() > 4)));
    let text = String::from_utf8(journal(&site)).unwrap();
    for piece in ["{{\"scratched", "(and heated", "km::", "null.timestamp", "nan", "e0,", "Built:", "T,", "Photo:{{"] {
        assert!(text.contains(piece), "{piece}");
    }
}

#[test]
fn a_sample_is_cut_into_segments_of_bounded_size() {
    let site = Site::new();
    let engine = site.open();
    let facts = sample(&engine, "L1", 5000);
    assert!(facts.segments > 1, "{facts:?}");
    let sizes: Vec<u64> = site.segments().iter().map(|path| std::fs::metadata(path).unwrap().len()).collect();
    assert!(sizes.iter().all(|size| *size < 8 << 20));
    assert!(sizes[..sizes.len() - 1].iter().all(|size| *size >= 4 << 20));
    assert_eq!(sizes.iter().sum::<u64>(), facts.bytes);
}

#[test]
fn samples_that_cannot_be_are_refused_and_leave_nothing() {
    let site = Site::new();
    let engine = site.open();
    for wrong in [SampleSpec { transactions: 0, ..spec("L1", 1, 1) }, SampleSpec { days: 0, ..spec("L1", 1, 1) }] {
        assert!(matches!(engine.make_sample(&wrong), Err(LedgerError::Invalid(_))));
    }
    assert!(engine.is_empty().unwrap());
    engine.make_sample(&spec("L1", 1, 1)).unwrap();
    let again = engine.make_sample(&spec("L1", 1, 1)).unwrap_err();
    assert!(matches!(again, LedgerError::Service(ServiceError::ResourceAlreadyExists { .. })));
}

#[test]
fn documents_are_inserted_in_batches_after_the_table_is_made() {
    let site = Site::new();
    let engine = site.open();
    engine.create_ledger(new_ledger("L1")).unwrap();
    let documents = "{\"n\": 1}\n{\"n\": 2}\n{n:3, t:2024-03-01T}\n";
    let appended = append(&engine, "T", documents, AppendOptions { batch: 2, committed: false }).unwrap();
    assert_eq!((appended.blocks, appended.inserted), (3, 3));
    assert_eq!((appended.first_sequence_no, appended.last_sequence_no), (Some(0), Some(2)));
    let blocks = as_json(&site, &engine);
    assert_eq!(blocks[0]["transactionInfo"]["statements"][0]["statement"], "CREATE TABLE T");
    let ids: Vec<&str> = appended.documents.iter().map(UniqueId::as_str).collect();
    assert_eq!(blocks[1]["revisions"][1]["metadata"]["id"], ids[1]);
    assert_eq!(blocks[2]["revisions"][0]["data"], serde_json::json!({"n": 3, "t": "2024-03-01"}));
    assert_eq!(blocks[1]["transactionInfo"]["documents"][ids[0]]["tableName"], "T");
    assert_eq!(engine.journal_facts(&ledger("L1")).unwrap().tables, ["T"]);
    let more = append(&engine, "T", "{n:4}", AppendOptions::default()).unwrap();
    assert_eq!(more.blocks, 1);
}

#[test]
fn the_committed_view_updates_and_deletes_by_id() {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "L1", 50);
    let id = append(&engine, "T", "{n:1}", AppendOptions::default()).unwrap().documents.remove(0);
    append(&engine, "Other", "{n:1}", AppendOptions::default()).unwrap();
    let documents = format!(
        "{{metadata:{{id:\"{id}\"}},data:{{n:2}}}}\n{{metadata:{{id:\"{id}\"}},data:{{n:3}}}}\n{{data:{{m:1}}}}"
    );
    let appended = append(&engine, "T", &documents, COMMITTED).unwrap();
    assert_eq!((appended.updated, appended.inserted, appended.deleted, appended.blocks), (2, 1, 0, 2));
    let appended = append(&engine, "T", &format!("{{metadata:{{id:\"{id}\"}}}}"), COMMITTED).unwrap();
    assert_eq!((appended.deleted, appended.blocks), (1, 1));
    let blocks = as_json(&site, &engine);
    let versions: Vec<(u64, bool)> = blocks
        .iter()
        .filter_map(|block| block["revisions"].as_array())
        .flatten()
        .filter(|revision| revision["metadata"]["id"] == id.as_str())
        .map(|revision| (revision["metadata"]["version"].as_u64().unwrap(), revision.get("data").is_some()))
        .collect();
    assert_eq!(versions, [(0, true), (1, true), (2, true), (3, false)]);
    let again = refused(&engine, "T", &format!("\n{{metadata:{{id:\"{id}\"}},data:{{}}}}"), COMMITTED);
    assert_eq!(again, format!("line 2: the document {id} was deleted"));
}

#[test]
fn a_document_of_the_sample_can_be_updated_by_its_id() {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "L1", 200);
    let blocks = as_json(&site, &engine);
    let revisions: Vec<&Value> = blocks.iter().filter_map(|block| block["revisions"].as_array()).flatten().collect();
    let updated = revisions.iter().find(|each| each["metadata"]["version"] == 1 && each["data"]["VIN"].is_string());
    let id = updated.unwrap()["metadata"]["id"].as_str().unwrap();
    let last = revisions.iter().rfind(|each| each["metadata"]["id"] == id).unwrap();
    let table = blocks.iter().find_map(|block| block["transactionInfo"]["documents"][id]["tableName"].as_str());
    let document = format!("{{metadata:{{id:\"{id}\"}},data:{{VIN:\"new\"}}}}");
    if last["data"].is_object() {
        append(&engine, table.unwrap(), &document, COMMITTED).unwrap();
        let blocks = as_json(&site, &engine);
        let version = &blocks.last().unwrap()["revisions"][0]["metadata"]["version"];
        assert_eq!(version.as_u64().unwrap(), last["metadata"]["version"].as_u64().unwrap() + 1);
    }
    let wrong = refused(&engine, "Person", &document, COMMITTED);
    assert!(wrong.starts_with("line 1: the document"), "{wrong}");
}

#[test]
fn a_fault_anywhere_adds_nothing() {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "L1", 10);
    let files = site.segments();
    let unknown = "8UyXulxccYLAsbN1aon7e4";
    let plain = AppendOptions::default();
    assert!(refused(&engine, "T", "{a:1}\n{b:2}\n[3]", plain).starts_with("line 3: "));
    assert!(refused(&engine, "T", "{a:1}\n{b:", plain).starts_with("line 2: "));
    let missing = format!("{{data:{{}}}}\n{{metadata:{{id:\"{unknown}\"}},data:{{}}}}");
    assert!(refused(&engine, "T", &missing, COMMITTED).starts_with(&format!("line 2: there is no document {unknown}")));
    assert!(refused(&engine, "1T", "{a:1}", plain).contains("is not a table's name"));
    assert!(refused(&engine, "T", "{a:1}", AppendOptions { batch: 41, committed: false }).contains("1 to 40"));
    assert_eq!(site.segments(), files);
    assert_eq!(site.unfinished(), [] as [std::path::PathBuf; 0]);
}

#[test]
fn an_empty_input_adds_no_block_and_no_table() {
    let site = Site::new();
    let engine = site.open();
    engine.create_ledger(new_ledger("L1")).unwrap();
    let appended = append(&engine, "T", "\n", AppendOptions::default()).unwrap();
    assert_eq!(appended, Appended::default());
    assert_eq!(engine.journal_facts(&ledger("L1")).unwrap().tables, [] as [&str; 0]);
}

#[test]
fn a_transaction_stays_below_four_megabytes() {
    let site = Site::new();
    let engine = site.open();
    engine.create_ledger(new_ledger("L1")).unwrap();
    let document = format!("{{a:\"{}\"}}\n", "x".repeat(120 * 1024));
    let appended = append(&engine, "T", &document.repeat(40), AppendOptions::default()).unwrap();
    assert_eq!((appended.inserted, appended.blocks), (40, 3));
    assert!(blocks(&site).iter().all(|block| block.bytes().len() < 4 << 20));
}

#[test]
fn what_an_interrupted_addition_left_is_put_aside_at_the_next_open() {
    let site = Site::new();
    sample(&site.open(), "L1", 10);
    let segment = site.segments().remove(0);
    let left = segment.with_file_name("10-12.ion");
    std::fs::write(&left, "{}").unwrap();
    let engine = site.open();
    assert!(segment.exists() && !left.exists());
    let aside = site.data_dir().join("unknown").join(left.strip_prefix(site.data_dir()).unwrap());
    assert_eq!(std::fs::read(&aside).unwrap(), b"{}");
    let canonical = std::fs::canonicalize(&aside).unwrap();
    assert_eq!(engine.notices(), [Notice::PutAside(canonical)]);
    // The name is free again.
    append(&engine, "T", "{n:1}\n{n:2}", AppendOptions { batch: 1, committed: false }).unwrap();
    assert!(left.exists());
}
