//! Ledgers whose journal is in S3: imported in place, read by everything that reads journals, and
//! strict about objects that are no longer those that were imported.

use std::io::{Read, Write};
use std::sync::Arc;

use qldb_endpoint::engine::{AppendOptions, Engine, ExportStatus, ImportError, Imported, Refusal, RefusedJournal};
use qldb_endpoint::store::{ObjectKey, ObjectOptions, ObjectStore, S3Options};
use qldb_endpoint::store::{S3Address, S3Source};
use qldb_journal::archive::source::{Folder, Source};
use qldb_journal::archive::verify::{Report, Request, Status, verify};
use qldb_journal::internal::BlockAddress;
use qldb_journal::request::{Encryption, OutputFormat};

use crate::engine_support::*;
use crate::s3_server::{Fault, S3Server};

pub(crate) fn proved(sources: &[Box<dyn Source>]) -> Report {
    let report = verify(&Request::new(sources).sha256_of_objects(true)).unwrap();
    assert_eq!(report.verdict, Status::Proved, "{:#?}", report.breaks);
    report
}

pub(crate) fn archive(server: &S3Server, prefix: &str) -> Vec<Box<dyn Source>> {
    vec![Box::new(S3Source::new(S3Address::parse(&format!("s3://{}/{prefix}", bucket())).unwrap(), server.store()))]
}

/// A server with an export of a journal in four segments, under `archive/`.
pub(crate) fn exported(format: OutputFormat) -> (Site, S3Server) {
    let (site, server) = (Site::new(), S3Server::new(bucket().as_str()));
    let engine = site.open_on(Arc::new(server.store()));
    several_segments(&engine, &site);
    completed(&engine, &under("archive/", &with_format(&site.request("L1", 60), format)));
    (site, server)
}

pub(crate) fn under(
    prefix: &str,
    request: &qldb_journal::request::ExportRequest,
) -> qldb_journal::request::ExportRequest {
    qldb_journal::request::ExportRequest {
        prefix: qldb_journal::request::Prefix::parse(prefix).unwrap(),
        ..request.clone()
    }
}

/// Imports the server's archive in place, as the ledger `L1`.
pub(crate) fn in_place(engine: &Engine, server: &S3Server) -> Imported {
    let sources = archive(server, "archive/");
    engine.import(&ledger("L1"), &proved(&sources), &sources, true).unwrap()
}

/// A later site whose engine reads in place from the server, and writes to directories.
pub(crate) fn reading(server: &S3Server) -> (Site, Arc<Engine>) {
    let site = Site::new();
    site.pass(chrono::TimeDelta::days(10));
    let engine = Engine::open(site.config(server.options())).unwrap();
    (site, engine)
}

/// The keys of the data objects under a prefix, in the order of their blocks.
pub(crate) fn data_keys(server: &S3Server, prefix: &str) -> Vec<ObjectKey> {
    let entries = server.store().list(&bucket(), prefix).unwrap();
    let mut keys: Vec<ObjectKey> = entries.into_iter().map(|entry| entry.key).collect();
    keys.retain(|key| std::path::Path::new(key.as_str()).extension().is_some_and(|extension| extension == "ion"));
    keys.sort_by_key(|key| key.as_str().rsplit('.').nth(1).unwrap().split('-').next().unwrap().parse::<u64>().unwrap());
    keys
}

pub(crate) fn put(server: &S3Server, key: &ObjectKey, bytes: &[u8]) {
    let options = ObjectOptions { content_type: "text/plain", encryption: &Encryption::NoEncryption };
    let mut writer = server.store().create(&bucket(), key, options).unwrap();
    writer.write_all(bytes).unwrap();
    writer.commit().unwrap();
}

fn cancelled(engine: &Engine, site: &Site) -> String {
    let export = export(engine, &site.request("L1", 60));
    assert_eq!(export.status, ExportStatus::Cancelled);
    export.progress.reason.unwrap()
}

#[test]
fn a_journal_in_s3_is_exported_proved_and_added_to() {
    for format in [OutputFormat::IonText, OutputFormat::IonBinary] {
        let (first, server) = exported(format);
        let (site, engine) = reading(&server);
        let imported = in_place(&engine, &server);
        assert_eq!((imported.created, imported.blocks, imported.segments), (true, 47, 4));
        assert_eq!(site.segments(), [] as [std::path::PathBuf; 0]);
        let digest = engine.digest(&ledger("L1")).unwrap();
        assert_eq!(digest, first.open().digest(&ledger("L1")).unwrap());
        let address = |number| BlockAddress { strand_id: digest.strand_id.to_string(), sequence_no: number };
        let block = engine.block(&ledger("L1"), &address(44), Some(&address(digest.tip))).unwrap();
        assert!(block.text.contains("sequenceNo:44") && block.proof.is_some(), "{}", block.text);
        let id =
            qldb_journal::request::UniqueId::parse(&block.text.split("metadata:{id:\"").nth(1).unwrap()[..22]).unwrap();
        engine.revision(&ledger("L1"), &address(44), &id, None).unwrap();
        assert_eq!(engine.journal_facts(&ledger("L1")).unwrap().segments, 4);

        // The next revision of a document that is in S3.
        let next = format!("{{metadata:{{id:\"{id}\"}},data:{{n:9}}}}");
        let options = AppendOptions { committed: true, ..AppendOptions::default() };
        let appended = engine.append(&ledger("L1"), "Added", next.as_bytes(), options).unwrap();
        assert_eq!((appended.updated, appended.first_sequence_no), (1, Some(47)));
        site.pass(chrono::TimeDelta::seconds(1));
        for format in OutputFormat::ALL {
            let prefix = format!("{}/", format.as_str());
            let export = completed(&engine, &under(&prefix, &with_format(&site.request("L1", 60), format)));
            assert_eq!(export.progress.blocks, 48);
        }
        for format in [OutputFormat::IonText, OutputFormat::IonBinary] {
            proved(&[Box::new(Folder::new(engine.bucket_dir(&bucket()).join(format.as_str())))]);
        }
        drop(engine);
        // The catalog still knows where everything is.
        let again = Engine::open(site.config(server.options())).unwrap();
        assert_eq!(completed(&again, &under("again/", &site.request("L1", 3))).progress.blocks, 1);
        engine_is_undone(&again, &server);
    }
}

/// Deleting the ledger leaves the objects alone.
fn engine_is_undone(engine: &Engine, server: &S3Server) {
    let before = data_keys(server, "archive/");
    engine.delete_ledger(&ledger("L1")).unwrap();
    assert_eq!(data_keys(server, "archive/"), before);
    in_place(engine, server);
}

#[test]
fn an_engine_that_needs_no_s3_opens_without_it() {
    let (_, server) = exported(OutputFormat::IonText);
    let (site, engine) = reading(&server);
    let before = server.calls().len();
    several_segments(&engine, &site);
    completed(&engine, &site.request("L1", 60));
    assert_eq!(server.calls().len(), before);
}

#[test]
fn only_the_part_that_the_ledger_lacks_is_copied() {
    let (first, server) = exported(OutputFormat::IonText);
    let (site, engine) = reading(&server);
    in_place(&engine, &server);
    // An export that begins inside the journal's last object and extends further.
    let origin = first.open_on(Arc::new(server.store()));
    for _ in 0..2 {
        origin.append(&ledger("L1"), "Added", b"{n:7}".as_slice(), AppendOptions::default()).unwrap();
    }
    first.pass(chrono::TimeDelta::seconds(1));
    let joined = Site::new();
    let middle = joined.open();
    let directory = completed_everything(&origin, &first);
    let sources = archive(&server, &directory);
    middle.import(&ledger("L1"), &proved(&sources), &sources, false).unwrap();
    let again = engine.import(&ledger("L1"), &proved(&sources), &sources, true).unwrap();
    assert_eq!(again.blocks, 2);
    assert_eq!(engine.digest(&ledger("L1")).unwrap(), middle.digest(&ledger("L1")).unwrap());
    completed(&engine, &site.request("L1", 60));
}

fn completed_everything(engine: &Engine, site: &Site) -> String {
    completed(engine, &under("more/", &site.request("L1", 60)));
    "more/".to_owned()
}

#[test]
fn an_object_that_changed_or_is_gone_ends_the_export_and_says_what_to_do() {
    let (_, server) = exported(OutputFormat::IonText);
    let (site, engine) = reading(&server);
    in_place(&engine, &server);
    let key = data_keys(&server, "archive/")[1].clone();
    let address = format!("s3://{}/{key}", bucket());
    let mut bytes = Vec::new();
    server.store().open(&bucket(), &key, None).unwrap().read_to_end(&mut bytes).unwrap();
    let altered = String::from_utf8(bytes.clone()).unwrap().replacen("INSERT", "UPSERT", 1);

    put(&server, &key, altered.as_bytes());
    let reason = cancelled(&engine, &site);
    let expected =
        format!("segment {address} cannot be read: object {key} in bucket exports is not the one that was imported");
    assert!(reason.starts_with(&expected), "{reason}");
    assert!(reason.ends_with("it has changed since"), "{reason}");
    let error = engine
        .append(
            &ledger("L1"),
            "Added",
            b"{metadata:{id:\"AAAAAAAAAAAAAAAAAAAAAA\"},data:{n:1}}".as_slice(),
            AppendOptions { committed: true, ..AppendOptions::default() },
        )
        .unwrap_err();
    assert!(error.to_string().contains("is not the one that was imported in place"), "{error}");

    server.store().remove(&bucket(), &key).unwrap();
    let reason = cancelled(&engine, &site);
    assert!(
        reason.contains(&format!("object {key} in bucket exports, which was imported in place, is gone")),
        "{reason}"
    );

    put(&server, &key, &bytes);
    let export = export(&engine, &under("whole/", &site.request("L1", 60)));
    assert_eq!(export.status, ExportStatus::Completed, "{:?}", export.progress.reason);
}

#[test]
fn other_bytes_under_the_recorded_etag_are_found_and_located() {
    let (_, server) = exported(OutputFormat::IonText);
    let (site, engine) = reading(&server);
    in_place(&engine, &server);
    let key = data_keys(&server, "archive/")[0].clone();
    // Without the store's knowledge: its ETag stays.
    let path = server.bucket("exports").join(key.as_str());
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("CREATE", "cREATE", 1)).unwrap();
    let reason = cancelled(&engine, &site);
    let place = format!("segment s3://exports/{key} is damaged at offset 0: transactionInfo of block 0");
    assert!(reason.starts_with(&place), "{reason}");
}

#[test]
fn an_unreachable_store_is_not_damage() {
    let (_, server) = exported(OutputFormat::IonText);
    let (site, engine) = reading(&server);
    in_place(&engine, &server);
    server.plan(|call| call.path.contains(".43-44.ion").then_some(Fault::Answer(503, "SlowDown")));
    let reason = cancelled(&engine, &site);
    assert!(reason.contains(".43-44.ion cannot be read: cannot read archive/"), "{reason}");
    assert!(reason.contains("S3 answered 503 SlowDown as planned (3 tries in "), "{reason}");
    assert!(!reason.contains("damaged"), "{reason}");
}

#[test]
fn another_endpoint_than_the_recorded_one_is_named() {
    let (_, server) = exported(OutputFormat::IonText);
    let (site, engine) = reading(&server);
    in_place(&engine, &server);
    drop(engine);
    let other = S3Server::new("exports");
    let engine = Engine::open(site.config(other.options())).unwrap();
    let reason = cancelled(&engine, &site);
    let said = format!("was imported in place from {}, but S3 is now {}", server.url, other.url);
    assert!(reason.contains(&said), "{reason}");
    drop(engine);
    let options = S3Options { endpoint_url: Some(format!("{}/", server.url)), ..server.options() };
    let engine = Engine::open(site.config(options)).unwrap();
    completed(&engine, &site.request("L1", 60));
}

#[test]
fn an_object_that_changes_between_proof_and_import_is_refused() {
    let (_, server) = exported(OutputFormat::IonText);
    let (_site, engine) = reading(&server);
    let sources = archive(&server, "archive/");
    let report = proved(&sources);
    put(&server, &data_keys(&server, "archive/")[2], b"something else");
    let refused = engine.import(&ledger("L1"), &report, &sources, true);
    assert!(matches!(refused, Err(ImportError::Changed(_))), "{refused:?}");
    assert!(engine.is_empty().unwrap());
}

#[test]
fn a_lost_catalog_is_rebuilt_from_a_journal_in_s3() {
    let (_, server) = exported(OutputFormat::IonText);
    let (site, engine) = reading(&server);
    in_place(&engine, &server);
    engine.append(&ledger("L1"), "Added", b"{n:9}".as_slice(), AppendOptions::default()).unwrap();
    site.pass(chrono::TimeDelta::milliseconds(1));
    let digest = engine.digest(&ledger("L1")).unwrap();
    drop(engine);
    std::fs::remove_file(site.data_dir().join("catalog.db")).unwrap();
    // If S3 does not respond, nothing is damaged; an object that changed is.
    server.plan(|_| Some(Fault::Answer(503, "SlowDown")));
    let recover = || Engine::recover(site.config(server.options()), None).unwrap();
    assert!(matches!(recover().refused[..], [RefusedJournal { why: Refusal::Unreadable(_), .. }]));
    server.plan(|_| None);
    let key = data_keys(&server, "archive/")[0].clone();
    let mut bytes = Vec::new();
    server.store().open(&bucket(), &key, None).unwrap().read_to_end(&mut bytes).unwrap();
    put(&server, &key, b"{}");
    assert!(matches!(recover().refused[..], [RefusedJournal { why: Refusal::Damaged(_), .. }]));
    put(&server, &key, &bytes);
    let recovery = recover();
    assert!(recovery.refused.is_empty(), "{:?}", recovery.refused);
    assert_eq!(recovery.recovered[0].blocks, Some((0, digest.tip)));
    let engine = Engine::open(site.config(server.options())).unwrap();
    assert_eq!(engine.digest(&ledger("L1")).unwrap(), digest);
    completed(&engine, &site.request("L1", 90));
}
