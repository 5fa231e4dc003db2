//! Exports of a journal that lies in the S3 they are written to: its objects are copied there, or read and written
//! where that cannot be.

use std::io::{Read, Write};
use std::sync::Arc;

use axum::http::Method;
use qldb_endpoint::engine::{Engine, Export, ExportStatus};
use qldb_endpoint::store::{
    Copied, ObjectKey, ObjectOptions, ObjectStore, S3Object, S3Options, S3Sizes, S3Store, Version,
};
use qldb_journal::request::{Encryption, ExportRequest, KmsKeyArn, OutputFormat};

use crate::engine_support::*;
use crate::s3_in_place::{archive, data_keys, exported, in_place, proved, under};
use crate::s3_server::{Call, Fault, S3Server};

const KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/k";

/// Part of the longest key, which is tried and never written.
const TRIAL: &str = ".18446744073709551615-";

/// A later site whose engine reads from the server in place, and writes to it.
fn writing(server: &S3Server) -> (Site, Arc<Engine>) {
    let site = Site::new();
    site.pass(chrono::TimeDelta::days(10));
    let engine = Engine::open_on(site.config(server.options()), Arc::new(server.store())).unwrap();
    in_place(&engine, server);
    (site, engine)
}

fn is_object(path: &str) -> bool {
    std::path::Path::new(path).extension().is_some_and(|extension| extension == "ion")
}

fn is_data(call: &Call) -> bool {
    call.path.contains(".ion")
}

/// The calls made while an export ran.
fn calls_of(server: &S3Server, engine: &Engine, request: &ExportRequest) -> (Export, Vec<Call>) {
    let before = server.calls().len();
    let export = export(engine, request);
    (export, server.calls().split_off(before))
}

/// How many data objects were read, and how many of their bytes were written.
fn travelled(calls: &[Call]) -> (usize, u64) {
    let data = || calls.iter().filter(|call| is_data(call));
    let read = data().filter(|call| call.method == Method::GET).count();
    (read, data().filter(|call| call.method == Method::PUT).map(Call::length).sum())
}

#[test]
fn objects_are_copied_inside_s3_as_requested() {
    let kms = Encryption::SseKms(KmsKeyArn::parse(KEY).unwrap());
    for (encryption, method) in
        [(Encryption::NoEncryption, None), (Encryption::SseS3, Some("AES256")), (kms, Some("aws:kms"))]
    {
        let (_, server) = exported(OutputFormat::IonText);
        let (site, engine) = writing(&server);
        let request = ExportRequest { encryption, ..under("copies/", &site.request("L1", 60)) };
        let (export, calls) = calls_of(&server, &engine, &request);
        assert_eq!(export.status, ExportStatus::Completed, "{:?}", export.progress.reason);
        assert_eq!((export.progress.objects, export.progress.blocks), (4, 47));
        assert_eq!(travelled(&calls), (0, 0));
        assert_eq!(calls.iter().filter(|call| call.copies()).count(), 4);
        let conditional = |call: &&Call| call.copies() && call.headers.contains_key("x-amz-copy-source-if-match");
        assert_eq!(calls.iter().filter(conditional).count(), 4);
        proved(&archive(&server, "copies/"));
        let sizes = |prefix| -> Vec<u64> {
            let length = |key| server.store().size(&bucket(), &key).unwrap().unwrap();
            data_keys(&server, prefix).into_iter().map(length).collect()
        };
        assert_eq!(sizes("copies/"), sizes("archive/"));
        assert_eq!(export.progress.bytes, sizes("archive/").iter().sum::<u64>());
        let kept = server.kept();
        for (path, headers) in
            kept.iter().filter(|(path, _)| path.contains("/copies/") && is_object(path) && !path.contains(TRIAL))
        {
            assert_eq!(headers["content-type"], "text/x-amzn-ion", "{path}");
            assert_eq!(headers["x-amz-acl"], "bucket-owner-full-control", "{path}");
            assert_eq!(
                headers.get("x-amz-server-side-encryption").map(|value| value.to_str().unwrap()),
                method,
                "{path}"
            );
        }
    }
}

#[test]
fn what_is_cut_or_written_in_another_format_is_read() {
    let (_, server) = exported(OutputFormat::IonText);
    let (site, engine) = writing(&server);
    let binary = with_format(&under("b/", &site.request("L1", 60)), OutputFormat::IonBinary);
    let (export, calls) = calls_of(&server, &engine, &binary);
    assert_eq!(export.status, ExportStatus::Completed);
    assert!(travelled(&calls).0 >= 4 && !calls.iter().any(Call::copies));
    // The first segment spans thirty days before the tenth.
    let (export, calls) = calls_of(&server, &engine, &under("cut/", &site.request("L1", 20)));
    assert_eq!(export.status, ExportStatus::Completed);
    assert_eq!(calls.iter().filter(|call| call.copies()).count(), 3);
    assert!(travelled(&calls).1 > 0);
    proved(&archive(&server, "cut/"));
}

#[test]
fn a_role_that_may_not_copy_gets_what_the_reader_reads() {
    for code in ["AccessDenied", "NotImplemented"] {
        let (_, server) = exported(OutputFormat::IonText);
        let (site, engine) = writing(&server);
        let status = if code == "AccessDenied" { 403 } else { 501 };
        server.plan(move |call| call.copies().then_some(Fault::Answer(status, code)));
        let (export, calls) = calls_of(&server, &engine, &under("sent/", &site.request("L1", 60)));
        assert_eq!(export.status, ExportStatus::Completed, "{:?}", export.progress.reason);
        assert_eq!(calls.iter().filter(|call| call.copies()).count(), 4, "{code}");
        assert_eq!(travelled(&calls).0, 4);
        proved(&archive(&server, "sent/"));
    }
}

#[test]
fn a_copy_that_cannot_be_looked_at_is_written_over() {
    let (_, server) = exported(OutputFormat::IonText);
    let (site, engine) = writing(&server);
    server.plan(|call| (call.method == Method::HEAD).then_some(Fault::Answer(403, "AccessDenied")));
    let (export, calls) = calls_of(&server, &engine, &under("sent/", &site.request("L1", 60)));
    assert_eq!(export.status, ExportStatus::Completed, "{:?}", export.progress.reason);
    assert_eq!(travelled(&calls).0, 4);
    proved(&archive(&server, "sent/"));
}

#[test]
fn an_error_in_an_answer_that_began_with_200_is_an_error() {
    let (_, server) = exported(OutputFormat::IonText);
    let (site, engine) = writing(&server);
    let mut left = 2;
    server.plan(move |call| {
        left -= i32::from(call.copies());
        (call.copies() && left >= 0).then_some(Fault::Answer(200, "InternalError"))
    });
    let (export, calls) = calls_of(&server, &engine, &under("copies/", &site.request("L1", 60)));
    assert_eq!(export.status, ExportStatus::Completed, "{:?}", export.progress.reason);
    assert_eq!((travelled(&calls), calls.iter().filter(|call| call.copies()).count()), ((0, 0), 6));
    proved(&archive(&server, "copies/"));
    server.plan(|call| call.copies().then_some(Fault::Answer(200, "InternalError")));
    let (export, _) = calls_of(&server, &engine, &under("none/", &site.request("L1", 60)));
    let reason = export.progress.reason.unwrap();
    assert_eq!(export.status, ExportStatus::Cancelled);
    assert!(reason.contains("cannot copy none/") && reason.contains("InternalError as planned (3 tries"), "{reason}");
}

#[test]
fn faults_are_borne() {
    for fault in [Fault::Answer(503, "SlowDown"), Fault::Reset, Fault::LostAnswer, Fault::CutAfter(0)] {
        let (_, server) = exported(OutputFormat::IonText);
        let (site, engine) = writing(&server);
        let mut seen = std::collections::BTreeSet::new();
        server.plan(move |call| (call.copies() && seen.insert(call.path.clone())).then_some(fault));
        let (export, calls) = calls_of(&server, &engine, &under("copies/", &site.request("L1", 60)));
        assert_eq!(export.status, ExportStatus::Completed, "{fault:?} {:?}", export.progress.reason);
        assert_eq!(travelled(&calls), (0, 0), "{fault:?}");
        proved(&archive(&server, "copies/"));
    }
}

#[test]
fn an_object_that_changed_is_not_copied() {
    let (_, server) = exported(OutputFormat::IonText);
    let (site, engine) = writing(&server);
    let key = data_keys(&server, "archive/")[0].clone();
    put(&server.store(), &key, b"other");
    let (export, _) = calls_of(&server, &engine, &under("copies/", &site.request("L1", 60)));
    let reason = export.progress.reason.unwrap();
    assert_eq!(export.status, ExportStatus::Cancelled);
    assert!(reason.contains(&format!("object {key} in bucket exports is not the one that was imported")), "{reason}");
}

#[test]
fn a_copy_without_the_requested_encryption_fails_the_export() {
    let (_, server) = exported(OutputFormat::IonText);
    let (site, engine) = writing(&server);
    server.forget_encryption();
    let request = ExportRequest { encryption: Encryption::SseS3, ..under("copies/", &site.request("L1", 60)) };
    let (export, _) = calls_of(&server, &engine, &request);
    assert!(export.progress.reason.unwrap().contains("is not encrypted as asked"));
}

#[test]
fn the_ledger_s_own_objects_are_not_written_over() {
    let (first, server) = exported(OutputFormat::IonText);
    let site = first;
    let other = Site::new();
    other.pass(site.now() - other.now());
    let engine = Engine::open_on(other.config(server.options()), Arc::new(server.store())).unwrap();
    in_place(&engine, &server);
    let (export, calls) = calls_of(&server, &engine, &under("archive/", &other.request("L1", 60)));
    let reason = export.progress.reason.unwrap();
    assert_eq!(export.status, ExportStatus::Cancelled);
    assert!(reason.contains("is part of the ledger"), "{reason}");
    assert!(!calls.iter().any(|call| is_data(call) && call.method == Method::PUT));
    // An export that was begun there and not completed would be missing from the archive.
    proved(&archive(&server, "archive/"));
    completed(&engine, &under("elsewhere/", &other.request("L1", 60)));
}

fn put(store: &S3Store, key: &ObjectKey, bytes: &[u8]) {
    let options = ObjectOptions { content_type: "text/plain", encryption: &Encryption::NoEncryption };
    let mut writer = store.create(&bucket(), key, options).unwrap();
    writer.write_all(bytes).unwrap();
    writer.commit().unwrap();
}

/// A store that copies in parts of 5 MiB, an object that needs three of them, and the destination.
fn large(server: &S3Server) -> (S3Store, S3Object, Vec<u8>, ObjectKey) {
    let sizes = S3Sizes { single_copy: 6_000_000, copy_part: 5 * 1024 * 1024, ..S3Sizes::default() };
    let store = S3Store::open(&S3Options { sizes, ..server.options() }).unwrap();
    let bytes: Vec<u8> = (0..=248_u8).cycle().take(12_000_000).collect();
    let key = ObjectKey::parse("a large/ä").unwrap();
    put(&store, &key, &bytes);
    let Version { tag, size } = store.version(&bucket(), &key).unwrap().unwrap();
    let (endpoint, tag, size) = (server.url.clone(), tag.unwrap(), size.unwrap());
    let object = S3Object { endpoint, bucket: bucket(), key, tag, size };
    (store, object, bytes, ObjectKey::parse("copy").unwrap())
}

fn copy(store: &S3Store, from: &S3Object, to: &ObjectKey) -> Result<Copied, String> {
    let options = ObjectOptions { content_type: "text/plain", encryption: &Encryption::SseS3 };
    store.copy(from, &bucket(), to, options).map_err(|error| error.to_string())
}

#[test]
fn a_large_object_is_copied_in_parts_and_faults_leave_none() {
    let server = S3Server::new("exports");
    let (store, from, bytes, to) = large(&server);
    // Begin, three parts, complete, an inspection of the copy.
    for place in 0..6 {
        for fault in
            [Fault::Answer(503, "SlowDown"), Fault::Answer(200, "InternalError"), Fault::Reset, Fault::LostAnswer]
        {
            // A response to HEAD has no body that could contain an error.
            if place == 5 && fault == Fault::Answer(200, "InternalError") {
                continue;
            }
            server.plan(move |call| (call.number == place).then_some(fault));
            assert_eq!(copy(&store, &from, &to), Ok(Copied::Done), "{place} {fault:?}");
            server.plan(|_| None);
            let mut read = Vec::new();
            store.open(&bucket(), &to, None).unwrap().read_to_end(&mut read).unwrap();
            assert!(read == bytes, "{place} {fault:?}");
            store.remove(&bucket(), &to).unwrap();
        }
    }
    let copies = server.calls().into_iter().filter(Call::copies);
    assert!(copies.into_iter().all(|call| call.query.contains("partNumber") && call.length() == 0));
    for (place, fault) in
        (1..5).flat_map(|place| [(place, Fault::Answer(503, "SlowDown")), (place, Fault::Answer(403, "AccessDenied"))])
    {
        server.plan(move |call| (call.number >= place && call.method != Method::DELETE).then_some(fault));
        let outcome = copy(&store, &from, &to);
        server.plan(|_| None);
        let refused = matches!(outcome, Ok(Copied::ReadInstead(_)));
        assert!(outcome.is_err() || refused && fault == Fault::Answer(403, "AccessDenied"), "{place} {outcome:?}");
        assert_eq!(store.size(&bucket(), &to).unwrap(), None);
        let aborts = |call: &Call| call.method == Method::DELETE && call.query.contains("uploadId");
        assert!(server.calls().iter().any(aborts));
    }
}

#[test]
fn only_the_version_that_is_meant_is_copied() {
    let server = S3Server::new("exports");
    let (store, from, _, to) = large(&server);
    put(&store, &from.key, b"other");
    let whole = S3Object { size: 5, ..from.clone() };
    assert!(matches!(copy(&store, &whole, &to), Ok(Copied::ReadInstead(reason)) if reason.contains("412")));
    assert_eq!(store.size(&bucket(), &to).unwrap(), None);
}

#[test]
fn a_copy_in_parts_is_not_trusted_if_the_store_ignores_the_condition() {
    let server = S3Server::new("exports");
    let (store, from, bytes, to) = large(&server);
    assert_eq!(copy(&store, &from, &to), Ok(Copied::Done));
    // Of the same length; the server copies parts of it under any condition.
    put(&store, &from.key, &vec![1; bytes.len()]);
    let outcome = copy(&store, &from, &to);
    assert!(matches!(&outcome, Ok(Copied::ReadInstead(reason)) if reason.contains("the original ")), "{outcome:?}");
}

#[test]
fn nothing_is_copied_if_it_cannot_be_seen_what_the_copy_would_replace() {
    let (_, server) = exported(OutputFormat::IonText);
    let (site, engine) = writing(&server);
    let request = |format| under("sent/", &with_format(&site.request("L1", 60), format));
    let denied = |call: &Call| call.query.contains("list-type").then_some(Fault::Answer(403, "AccessDenied"));
    server.plan(denied);
    let (export, calls) = calls_of(&server, &engine, &request(OutputFormat::IonText));
    assert_eq!(export.status, ExportStatus::Completed, "{:?}", export.progress.reason);
    assert_eq!(calls.iter().filter(|call| call.copies()).count(), 0);
    server.plan(|_| None);
    proved(&archive(&server, "sent/"));
    site.pass(chrono::TimeDelta::hours(1));
    completed(&engine, &request(OutputFormat::IonBinary));
    let before = server.store().list(&bucket(), "sent/").unwrap();
    server.plan(denied);
    let (export, _) = calls_of(&server, &engine, &request(OutputFormat::IonText));
    assert_eq!(export.status, ExportStatus::Cancelled);
    assert!(export.progress.reason.unwrap().contains("already exists and has other content"));
    server.plan(|_| None);
    let after = server.store().list(&bucket(), "sent/").unwrap();
    assert!(before.iter().all(|entry| after.contains(entry)));
}
