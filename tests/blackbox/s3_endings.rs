//! How exports into S3 end if the decisive response is lost, after a kill, and if credentials
//! expire meanwhile.

use std::collections::BTreeSet;
use std::io::Write;
use std::sync::Arc;

use axum::http::Method;
use qldb_endpoint::engine::{Engine, Export, ExportStatus};
use qldb_endpoint::store::{ObjectKey, ObjectOptions, ObjectStore, S3Options, S3Store};
use qldb_journal::request::{Encryption, ExportRequest, UniqueId};

use crate::engine_support::*;
use crate::s3_in_place::{archive, proved, under};
use crate::s3_server::{Call, Fault, S3Server};

const OPTIONS: ObjectOptions<'_> = ObjectOptions { content_type: "text/plain", encryption: &Encryption::NoEncryption };

fn journal() -> (Site, S3Server, Arc<Engine>) {
    let (site, server) = (Site::new(), S3Server::new("exports"));
    let engine = site.open_on(Arc::new(server.store()));
    several_segments(&engine, &site);
    (site, server, engine)
}

fn is_completed_manifest(call: &Call) -> bool {
    call.path.ends_with(".completed.manifest")
}

fn writes_manifest(call: &Call) -> bool {
    call.method == Method::PUT && is_completed_manifest(call)
}

fn keys(server: &S3Server) -> Vec<String> {
    server.store().list(&bucket(), "").unwrap().into_iter().map(|entry| entry.key.to_string()).collect()
}

fn has_manifest(server: &S3Server) -> bool {
    keys(server).iter().any(|key| key.ends_with(".completed.manifest"))
}

fn reason(export: Export) -> String {
    assert_eq!(export.status, ExportStatus::Cancelled);
    export.progress.reason.unwrap()
}

#[test]
fn a_completed_manifest_whose_answer_is_lost_is_found() {
    for encryption in [Encryption::NoEncryption, Encryption::SseS3] {
        let (site, server, engine) = journal();
        server.plan(|call| writes_manifest(call).then_some(Fault::LostAnswer));
        completed(&engine, &ExportRequest { encryption, ..site.request("L1", 60) });
        proved(&archive(&server, ""));
    }
}

#[test]
fn a_completed_manifest_that_is_not_there_makes_no_export_complete() {
    for fault in [Fault::Reset, Fault::Answer(503, "SlowDown"), Fault::Answer(500, "InternalError")] {
        let (site, server, engine) = journal();
        server.plan(move |call| writes_manifest(call).then_some(fault));
        let reason = reason(export(&engine, &site.request("L1", 60)));
        assert!(reason.contains(".completed.manifest in bucket exports: ") && !reason.contains("may lie"), "{reason}");
        assert!(!has_manifest(&server));
    }
}

#[test]
fn a_manifest_that_cannot_be_checked_is_removed_again() {
    let (site, server, engine) = journal();
    // It was written, and may not be inspected.
    server.plan(|call| {
        if writes_manifest(call) {
            return Some(Fault::LostAnswer);
        }
        (call.method == Method::HEAD && is_completed_manifest(call)).then_some(Fault::Answer(403, "AccessDenied"))
    });
    let reason = reason(export(&engine, &site.request("L1", 60)));
    assert!(reason.contains("no answer from S3") && !reason.contains("may lie"), "{reason}");
    server.plan(|_| None);
    assert!(!has_manifest(&server));
}

#[test]
fn a_manifest_without_the_requested_encryption_is_removed_again() {
    let (site, server, engine) = journal();
    server.forget_encryption_of(".completed.manifest");
    let request = ExportRequest { encryption: Encryption::SseS3, ..site.request("L1", 60) };
    let reason = reason(export(&engine, &request));
    assert!(reason.contains(".completed.manifest in bucket exports is not encrypted as asked"), "{reason}");
    assert!(!has_manifest(&server));
}

#[test]
fn what_cannot_be_determined_is_reported() {
    let (site, server, engine) = journal();
    let mut lost = false;
    server.plan(move |call| {
        if writes_manifest(call) {
            lost = true;
            return Some(Fault::LostAnswer);
        }
        lost.then_some(Fault::Answer(403, "AccessDenied"))
    });
    let reason = reason(export(&engine, &site.request("L1", 60)));
    for part in
        ["The completed manifest ", " may be in bucket exports nevertheless (", "although the export is not whole"]
    {
        assert!(reason.contains(part), "{reason}");
    }
}

#[test]
fn a_refused_manifest_is_surely_not_there() {
    let (site, server, engine) = journal();
    server.plan(|call| {
        (is_completed_manifest(call) && !call.query.contains("upload")).then_some(Fault::Answer(403, "AccessDenied"))
    });
    let before = server.calls().len();
    let reason = reason(export(&engine, &site.request("L1", 60)));
    assert!(reason.ends_with("S3 answered 403 AccessDenied as planned"), "{reason}");
    assert!(
        !server.calls()[before..]
            .iter()
            .any(|call| call.method == Method::DELETE && is_completed_manifest(call) && call.query.is_empty())
    );
}

/// Accepts an export that the next engine resumes.
fn interrupted(engine: Arc<Engine>, request: ExportRequest) -> UniqueId {
    engine.shut_down();
    let id = engine.start_export(request).unwrap();
    drop(engine);
    id
}

fn described(engine: &Engine, id: &UniqueId) -> Export {
    engine.wait_idle();
    engine.describe_export(&ledger("L1"), id).unwrap()
}

#[test]
fn a_resumed_and_cancelled_job_leaves_no_manifest_of_the_earlier_run() {
    let (site, server, engine) = journal();
    let strand = engine.journal_facts(&ledger("L1")).unwrap().strand_id;
    let id = interrupted(engine, site.request("L1", 60));
    // As if the process had died between the manifest and the catalog.
    let key = ObjectKey::parse(format!("{id}.{strand}.completed.manifest")).unwrap();
    let mut writer = server.store().create(&bucket(), &key, OPTIONS).unwrap();
    writer.write_all(b"{keys:[]}").unwrap();
    writer.commit().unwrap();
    server.plan(|call| {
        (call.method == Method::PUT && call.path.contains(".43-44.ion")).then_some(Fault::Answer(403, "AccessDenied"))
    });
    let engine = site.open_on(Arc::new(server.store()));
    assert!(reason(described(&engine, &id)).contains(".43-44.ion"));
    assert!(!has_manifest(&server));
}

/// Leaves an upload behind, like a killed process.
fn abandon(server: &S3Server, key: &str) {
    let mut writer = server.store().create(&bucket(), &ObjectKey::parse(key).unwrap(), OPTIONS).unwrap();
    writer.write_all(&vec![7; 9_000_000]).unwrap();
    std::mem::forget(writer);
}

#[test]
fn uploads_that_a_killed_process_left_are_aborted_and_those_of_others_stay() {
    let (site, server, engine) = journal();
    let strand = engine.journal_facts(&ledger("L1")).unwrap().strand_id;
    let id = interrupted(engine, under("n/", &site.request("L1", 60)));
    let object = |blocks: &str| format!("n/2024/04/03/12/{strand}.{blocks}.ion");
    let own = [object("43-44"), object("0-39"), format!("n/{id}.{strand}.completed.manifest")];
    // A range that this job does not have, an hour that it does not have, a name that continues.
    let others = [object("43-45"), object("43-44").replace("/12/", "/11/"), format!("{}.bak", object("43-44"))];
    own.iter().chain(&others).for_each(|key| abandon(&server, key));
    let engine = site.open_on(Arc::new(server.store()));
    let export = described(&engine, &id);
    assert_eq!(export.status, ExportStatus::Completed, "{:?}", export.progress.reason);
    let objects: BTreeSet<String> = keys(&server).into_iter().filter(|key| key.contains("/12/")).collect();
    assert!(objects.contains(&own[0]) && objects.contains(&own[1]), "{objects:?}");
    assert_eq!(server.uploads(), others.iter().map(|key| format!("/exports/{key}")).collect());
    proved(&archive(&server, "n/"));
}

#[test]
fn an_upload_of_another_process_that_was_begun_meanwhile_stays() {
    let (site, server, engine) = journal();
    let strand = engine.journal_facts(&ledger("L1")).unwrap().strand_id;
    let id = interrupted(engine, under("n/", &site.request("L1", 60)));
    let key = |blocks: &str| format!("n/2024/04/03/12/{strand}.{blocks}.ion");
    abandon(&server, &key("0-39"));
    let store = server.store();
    // The next millisecond, which the server reports.
    let opened = chrono::Utc::now().timestamp_millis();
    while chrono::Utc::now().timestamp_millis() <= opened {
        std::thread::yield_now();
    }
    abandon(&server, &key("43-44"));
    let engine = site.open_on(Arc::new(store));
    assert_eq!(described(&engine, &id).status, ExportStatus::Completed);
    assert_eq!(server.uploads(), BTreeSet::from([format!("/exports/{}", key("43-44"))]));
}

#[test]
fn a_role_that_may_not_list_uploads_is_not_a_reason_to_fail() {
    let (site, server, engine) = journal();
    let id = interrupted(engine, site.request("L1", 60));
    server.plan(|call| {
        (call.method == Method::GET && call.query.contains("uploads")).then_some(Fault::Answer(403, "AccessDenied"))
    });
    let engine = site.open_on(Arc::new(server.store()));
    assert_eq!(described(&engine, &id).status, ExportStatus::Completed);
}

#[test]
fn a_role_is_assumed_again_when_its_session_is_about_to_end() {
    let (site, server, engine) = journal();
    drop(engine);
    server.let_sessions_last(5);
    let store = S3Store::open(&S3Options { assume_roles: true, ..server.options() }).unwrap();
    let engine = site.open_on(Arc::new(store));
    completed(&engine, &site.request("L1", 60));
    let token = |call: &Call| call.headers.get("x-amz-security-token").map(|token| token.to_str().unwrap().to_owned());
    let written = |call: &&Call| call.method == Method::PUT && call.path.starts_with("/exports/");
    let tokens: Vec<Option<String>> = server.calls().iter().filter(written).map(token).collect();
    let distinct: BTreeSet<&Option<String>> = tokens.iter().collect();
    assert!(server.sessions() >= 2 && distinct.len() >= 2 && !distinct.contains(&None), "{tokens:?}");
    proved(&archive(&server, ""));
    // Sessions that last are used until they end.
    let before = server.sessions();
    server.let_sessions_last(3600);
    completed(&engine, &under("again/", &site.request("L1", 60)));
    // One to see whether the role can be assumed, one to try the bucket with it, one for the job.
    assert_eq!(server.sessions() - before, 3);
}

#[test]
fn a_session_that_ends_before_its_time_is_renewed() {
    let (site, server, engine) = journal();
    drop(engine);
    let store = S3Store::open(&S3Options { assume_roles: true, ..server.options() }).unwrap();
    let engine = site.open_on(Arc::new(store));
    let expired = |call: &Call| call.headers.get("x-amz-security-token").is_some_and(|token| token == "session-2");
    server
        .plan(move |call| (expired(call) && call.path.contains(".ion")).then_some(Fault::Answer(400, "ExpiredToken")));
    completed(&engine, &site.request("L1", 60));
    assert!(server.sessions() >= 3);
    proved(&archive(&server, ""));
}
