//! Exports into S3, with every kind of fault, and archives read from it.

use std::io::Read;
use std::sync::Arc;

use axum::http::Method;
use qldb_endpoint::engine::{Engine, ExportStatus, ServiceError};
use qldb_endpoint::store::{ObjectStore, S3Options, S3Sizes, S3Store};
use qldb_endpoint::store::{S3Address, S3Source};
use qldb_journal::archive::source::Source;
use qldb_journal::archive::verify::{Report, Request, Status, VerifyError, verify};
use qldb_journal::request::{Encryption, ExportRequest, KmsKeyArn, OutputFormat, Prefix};

use crate::engine_support::*;
use crate::s3_server::{Call, Fault, S3Server};

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/k";

pub(crate) fn server() -> S3Server {
    S3Server::new(bucket().as_str())
}

/// An engine that writes to the server, with a journal in several segments.
fn engine(site: &Site, server: &S3Server) -> Arc<Engine> {
    let engine = site.open_on(Arc::new(server.store()));
    several_segments(&engine, site);
    engine
}

pub(crate) fn verified(sources: &[Box<dyn Source>]) -> Result<Report, VerifyError> {
    let accepted = qldb_journal::archive::verify::Accepted::ALL;
    verify(&Request::new(sources).sha256_of_objects(true).accepting(accepted))
}

pub(crate) fn source(server: &S3Server, prefix: &str) -> Vec<Box<dyn Source>> {
    let url = format!("s3://{}/{prefix}", bucket());
    vec![Box::new(S3Source::new(S3Address::parse(&url).unwrap(), server.store()))]
}

/// Whether a completed manifest marks an export as complete.
pub(crate) fn has_completed_manifest(server: &S3Server, prefix: &str) -> bool {
    let objects = server.store().list(&bucket(), prefix).unwrap();
    objects.iter().any(|entry| entry.key.as_str().ends_with(".completed.manifest"))
}

fn refusal(engine: &Engine, request: ExportRequest) -> String {
    match engine.start_export(request).unwrap_err() {
        ServiceError::InvalidParameter { message, .. } => message,
        other => panic!("{other:?}"),
    }
}

fn put_of_data(call: &Call) -> bool {
    call.method == Method::PUT && call.path.contains(".ion")
}

#[test]
fn an_export_is_verified_where_it_was_written() {
    let (site, server) = (Site::new(), server());
    let engine = engine(&site, &server);
    for (prefix, format) in
        [("t/", OutputFormat::IonText), ("b/", OutputFormat::IonBinary), ("", OutputFormat::IonText)]
    {
        let request = ExportRequest { prefix: Prefix::parse(prefix).unwrap(), ..site.request("L1", 60) };
        let export = completed(&engine, &with_format(&request, format));
        assert_eq!((export.progress.objects, export.progress.blocks), (4, 47));
        if !prefix.is_empty() {
            let report = verified(&source(&server, prefix)).unwrap();
            assert_eq!((report.verdict, report.blocks), (Status::Proved, 47), "{:#?}", report.breaks);
        }
    }
    assert_eq!(server.parts(), Vec::<std::path::PathBuf>::new());
    assert!(!site.data_dir().join("buckets/exports").exists());
}

#[test]
fn objects_have_media_type_acl_and_the_requested_encryption() {
    let (site, server) = (Site::new(), server());
    let engine = engine(&site, &server);
    let kms = Encryption::SseKms(KmsKeyArn::parse(KEY).unwrap());
    for (prefix, encryption, method, key) in [
        ("kms/", kms, Some("aws:kms"), Some(KEY)),
        ("s3/", Encryption::SseS3, Some("AES256"), None),
        ("none/", Encryption::NoEncryption, None, None),
    ] {
        let prefix_of_keys = Prefix::parse(prefix).unwrap();
        completed(&engine, &ExportRequest { prefix: prefix_of_keys, encryption, ..site.request("L1", 60) });
        let kept = server.kept();
        let of_export: Vec<_> = kept.iter().filter(|(path, _)| path.contains(&format!("/{prefix}"))).collect();
        // Four data objects, two manifests, and the trial.
        assert_eq!(of_export.len(), 7);
        for (path, headers) in of_export {
            let header = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
            assert_eq!(header("x-amz-server-side-encryption"), method, "{path}");
            assert_eq!(header("x-amz-server-side-encryption-aws-kms-key-id"), key, "{path}");
            assert_eq!(header("x-amz-acl"), Some("bucket-owner-full-control"), "{path}");
            let trial = path.contains(&u64::MAX.to_string());
            assert!(trial || header("content-type") == Some("text/x-amzn-ion"), "{path}");
        }
    }
}

#[test]
fn an_object_without_the_requested_encryption_cancels_the_export() {
    let (site, server) = (Site::new(), server());
    let engine = engine(&site, &server);
    server.forget_encryption();
    for encryption in [Encryption::SseS3, Encryption::SseKms(KmsKeyArn::parse(KEY).unwrap())] {
        let export = export(&engine, &ExportRequest { encryption, ..site.request("L1", 60) });
        let reason = export.progress.reason.unwrap();
        assert_eq!(export.status, ExportStatus::Cancelled);
        assert!(reason.contains("is not encrypted as asked") && reason.contains("no encryption"), "{reason}");
    }
    assert!(!has_completed_manifest(&server, ""));
}

#[test]
fn a_bucket_that_cannot_be_written_to_is_refused_before_the_job_is_accepted() {
    let (site, server) = (Site::new(), server());
    let engine = engine(&site, &server);
    let other = ExportRequest {
        bucket: qldb_journal::request::BucketName::parse("missing").unwrap(),
        ..site.request("L1", 60)
    };
    let message = refusal(&engine, other);
    assert_eq!(message, "QLDB encountered an error validating S3 configuration: NoSuchBucket as planned");
    for (status, code, configuration) in
        [(403, "AccessDenied", true), (301, "PermanentRedirect", true), (400, "InvalidRequest", false)]
    {
        server.plan(move |_| Some(Fault::Answer(status, code)));
        let message = refusal(&engine, site.request("L1", 60));
        let expected = if configuration {
            format!("QLDB encountered an error validating S3 configuration: {code} as planned")
        } else {
            format!(
                "Unexpected response from Amazon S3 while validating the S3 configuration. Response from S3: {code} as planned"
            )
        };
        assert_eq!(message, expected);
    }
    server.plan(|_| Some(Fault::Reset));
    let message = refusal(&engine, site.request("L1", 60));
    assert!(message.starts_with("Unexpected response from Amazon S3 while validating"), "{message}");
    assert!(engine.list_exports(None, &page(None, None)).unwrap().items.is_empty());
}

#[test]
fn a_store_that_is_not_there_is_refused() {
    let site = Site::new();
    let options = S3Options { endpoint_url: Some("http://127.0.0.1:9".to_owned()), ..server().options() };
    let engine = site.open_on(Arc::new(S3Store::open(&options).unwrap()));
    sample(&engine, "L1", 10);
    let message = refusal(&engine, site.request("L1", 60));
    assert!(message.contains("Response from S3: none:"), "{message}");
}

#[test]
fn a_cancelled_export_names_object_answer_tries_and_time() {
    let (site, server) = (Site::new(), server());
    let engine = engine(&site, &server);
    server.plan(|call| put_of_data(call).then_some(Fault::Answer(503, "SlowDown")));
    let export = export(&engine, &site.request("L1", 60));
    let reason = export.progress.reason.unwrap();
    assert_eq!(export.status, ExportStatus::Cancelled);
    for part in ["cannot write 2024/04/03/12/", ".ion in bucket exports", "503 SlowDown as planned", "(3 tries in "] {
        assert!(reason.contains(part), "{reason}");
    }
}

#[test]
fn parts_are_sent_again_and_what_cannot_be_sent_leaves_no_parts() {
    use std::io::Write;
    let server = server();
    // The smallest part that S3 accepts. The usual sizes are tried in the cases for all stores.
    let part = 5 * 1024 * 1024;
    let sizes = S3Sizes { part, ..S3Sizes::default() };
    let small_parts = S3Options { sizes, ..server.options() };
    let store = S3Store::open(&small_parts).unwrap();
    let options = qldb_endpoint::store::ObjectOptions { content_type: "text/plain", encryption: &Encryption::SseS3 };
    let key = qldb_endpoint::store::ObjectKey::parse("large").unwrap();
    let bytes: Vec<u8> = (0..=248_u8).collect::<Vec<_>>().repeat(2 * part / 249 + 1);
    let write = || -> Result<(), String> {
        let mut writer = store.create(&bucket(), &key, options).map_err(|error| error.to_string())?;
        writer.write_all(&bytes).map_err(|error| error.to_string())?;
        writer.commit().map_err(|error| error.to_string())
    };
    // Begin, three parts, complete.
    for place in 0..5 {
        for fault in [Fault::Answer(500, "InternalError"), Fault::Reset, Fault::LostAnswer] {
            server.plan(move |call| (call.number == place).then_some(fault));
            write().unwrap_or_else(|error| panic!("{place} {fault:?}: {error}"));
            server.plan(|_| None);
            let mut read = Vec::new();
            store.open(&bucket(), &key, None).unwrap().read_to_end(&mut read).unwrap();
            assert!(read == bytes, "{place} {fault:?}");
            store.remove(&bucket(), &key).unwrap();
        }
    }
    for place in 1..5 {
        server.plan(move |call| {
            let aborts = call.method == Method::DELETE;
            (call.number >= place && !aborts).then_some(Fault::Answer(503, "SlowDown"))
        });
        write().unwrap_err();
        server.plan(|_| None);
        assert!(store.list(&bucket(), "").unwrap().is_empty());
        assert!(server.calls().iter().any(|call| call.method == Method::DELETE && call.query.contains("uploadId")));
    }
}

#[test]
fn reading_resumes_where_it_was_interrupted() {
    let (site, server) = (Site::new(), server());
    let engine = engine(&site, &server);
    completed(&engine, &site.request("L1", 60));
    for fault in [Fault::CutAfter(0), Fault::CutAfter(1_000), Fault::Reset, Fault::Answer(503, "SlowDown")] {
        let mut seen = std::collections::BTreeSet::new();
        // The first call for each object fails.
        server.plan(move |call| {
            (call.method == Method::GET && seen.insert((call.path.clone(), call.query.len()))).then_some(fault)
        });
        let report = verified(&source(&server, "")).unwrap();
        assert_eq!((report.verdict, report.blocks), (Status::Proved, 47), "{fault:?}: {:#?}", report.breaks);
    }
}

#[test]
fn a_source_that_stays_away_is_an_error_and_no_damage() {
    let (site, server) = (Site::new(), server());
    let engine = engine(&site, &server);
    completed(&engine, &site.request("L1", 60));
    server.plan(|call| call.path.contains(".43-44.ion").then_some(Fault::Answer(503, "SlowDown")));
    let error = verified(&source(&server, "")).unwrap_err();
    let text = format!("{error} {error:?}");
    assert!(text.contains("s3://exports/") && text.contains("43-44.ion") && text.contains("503 SlowDown"), "{text}");
}

#[test]
fn an_object_that_changes_under_the_reader_is_an_error() {
    let server = server();
    let place = server.bucket(bucket().as_str()).join("a");
    std::fs::write(&place, vec![1; 100_000]).unwrap();
    let changing = place.clone();
    let mut asked = 0;
    server.plan(move |_| {
        asked += 1;
        if asked == 1 {
            return Some(Fault::CutAfter(50_000));
        }
        std::fs::write(&changing, vec![2; 100_000]).unwrap();
        None
    });
    let key = qldb_endpoint::store::ObjectKey::parse("a").unwrap();
    let mut reader = server.store().open(&bucket(), &key, None).unwrap();
    let error = reader.read_to_end(&mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("a in bucket exports changed while it was read"), "{error}");
}

#[test]
fn an_object_that_changed_since_it_was_listed_is_an_error() {
    let server = server();
    let place = server.bucket(bucket().as_str()).join("a");
    std::fs::write(&place, "one").unwrap();
    let sources = source(&server, "");
    assert_eq!(sources[0].list().unwrap()[0].size, 3);
    std::fs::write(&place, "other").unwrap();
    let error = sources[0].open("a").err().unwrap();
    assert!(format!("{error}").contains("changed"), "{error}");
}

#[test]
fn an_archive_in_s3_becomes_a_ledger() {
    let (site, server) = (Site::new(), server());
    let first = engine(&site, &server);
    completed(&first, &site.request("L1", 60));
    let sources = source(&server, "");
    let report = verified(&sources).unwrap();
    let other = Site::new();
    let imported = other.open().import(&ledger("back"), &report, &sources, false).unwrap();
    assert_eq!((imported.blocks, imported.segments), (47, 4));
    let facts = other.open().journal_facts(&ledger("back")).unwrap();
    assert_eq!(facts.blocks, first.journal_facts(&ledger("L1")).unwrap().blocks);
}

#[test]
fn an_interrupted_export_is_not_resumed_on_another_kind_of_store() {
    let (site, server) = (Site::new(), server());
    let first = engine(&site, &server);
    // What is accepted from now on is left for the next open.
    first.shut_down();
    let id = first.start_export(site.request("L1", 60)).unwrap();
    let status = |engine: &Engine| engine.describe_export(&ledger("L1"), &id).unwrap().status;
    assert_eq!(status(&first), ExportStatus::InProgress);
    drop(first);
    let directory = site.open();
    directory.wait_idle();
    assert_eq!(status(&directory), ExportStatus::InProgress);
    drop(directory);
    assert!(!site.data_dir().join("buckets/exports").exists());
    let again = site.open_on(Arc::new(server.store()));
    again.wait_idle();
    assert_eq!(status(&again), ExportStatus::Completed);
    assert_eq!(verified(&source(&server, "")).unwrap().verdict, Status::Proved);
}
