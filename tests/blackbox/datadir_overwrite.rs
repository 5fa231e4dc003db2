//! Nothing is overwritten unseen: an export whose keys have other contents ends CANCELLED before
//! its started manifest.

use std::collections::BTreeMap;
use std::sync::Arc;

use qldb_endpoint::engine::{Engine, ExportStatus};
use qldb_endpoint::store::ObjectStore;
use qldb_journal::request::{BucketName, Encryption, ExportRequest, OutputFormat, Prefix};

use crate::engine_support::*;

fn under(prefix: &str, format: OutputFormat, request: &ExportRequest) -> ExportRequest {
    ExportRequest { prefix: Prefix::parse(prefix).unwrap(), format: Some(format), ..request.clone() }
}

fn refused(engine: &Engine, request: &ExportRequest) -> String {
    let export = export(engine, request);
    assert_eq!(export.status, ExportStatus::Cancelled);
    assert_eq!((export.progress.objects, export.progress.bytes), (0, 0));
    export.progress.reason.unwrap()
}

#[test]
fn two_formats_of_one_range_prefix_and_hour_do_not_meet() {
    use OutputFormat::{IonBinary, IonText};
    for (first, second) in [(IonText, IonBinary), (IonBinary, IonText)] {
        let site = Site::new();
        let engine = site.open();
        several_segments(&engine, &site);
        completed(&engine, &under("p/", first, &site.request("L1", 60)));
        let before = site.objects();
        let reason = refused(&engine, &under("p/", second, &site.request("L1", 60)));
        assert!(reason.contains(".0-39.ion in bucket exports already exists and has other content"), "{reason}");
        assert!(reason.contains("in another format in the same hour"), "{reason}");
        assert_eq!(site.objects(), before, "not even a manifest was written");
        completed(&engine, &under("q/", second, &site.request("L1", 60)));
        // JSON has its own keys, and an hour later all formats have.
        completed(&engine, &under("p/", OutputFormat::Json, &site.request("L1", 60)));
        site.pass(chrono::TimeDelta::hours(1));
        completed(&engine, &under("p/", second, &site.request("L1", 60)));
    }
}

#[test]
fn any_byte_that_differs_counts_and_the_same_content_does_not() {
    for format in [OutputFormat::IonText, OutputFormat::IonBinary, OutputFormat::Json] {
        let site = Site::new();
        let engine = site.open();
        several_segments(&engine, &site);
        let request = under("p/", format, &site.request("L1", 60));
        completed(&engine, &request);
        // Again: the same objects, and its own manifests.
        completed(&engine, &request);
        let objects = site.objects();
        let key = objects.keys().rfind(|key| !key.ends_with(".manifest")).unwrap();
        let path = site.data_dir().join("buckets/exports").join(key);
        let whole = &objects[key];
        let mut flipped = whole.clone();
        *flipped.last_mut().unwrap() ^= 1;
        let others: BTreeMap<&str, Vec<u8>> = BTreeMap::from([
            ("a byte more", [whole.as_slice(), b"\n"].concat()),
            ("a byte less", whole[..whole.len() - 1].to_vec()),
            ("another byte", flipped),
            ("nothing", Vec::new()),
        ]);
        for (what, bytes) in others {
            std::fs::write(&path, &bytes).unwrap();
            let before = site.objects();
            let reason = refused(&engine, &request);
            assert!(reason.contains(key), "{format:?}, {what}: {reason}");
            assert_eq!(site.objects(), before, "{format:?}, {what}");
        }
    }
}

#[test]
fn exports_that_run_at_the_same_time_take_turns() {
    for _ in 0..5 {
        let site = Site::new();
        let engine = site.open();
        sample(&engine, "L1", 400);
        let formats = [OutputFormat::IonText, OutputFormat::IonBinary];
        let ids = formats.map(|format| engine.start_export(under("p/", format, &site.request("L1", 31))).unwrap());
        engine.wait_idle();
        let ended = ids.each_ref().map(|id| engine.describe_export(&ledger("L1"), id).unwrap());
        let of = |status| ended.iter().filter(|export| export.status == status).count();
        assert_eq!((of(ExportStatus::Completed), of(ExportStatus::Cancelled)), (1, 1));
        let whole = ended.iter().find(|export| export.status == ExportStatus::Completed).unwrap();
        let objects = site.objects();
        let manifests: Vec<&String> = objects.keys().filter(|key| key.ends_with(".manifest")).collect();
        assert_eq!(manifests.len(), 2);
        assert!(manifests.iter().all(|key| key.contains(whole.id.as_str())));
    }
}

#[test]
fn two_samples_of_one_name_and_seed_share_no_key() {
    let sites = [Site::new(), Site::new()];
    let keys = sites.each_ref().map(|site| {
        let engine = site.open();
        sample(&engine, "L1", 20);
        completed(&engine, &site.request("L1", 31));
        site.objects().into_keys().collect::<Vec<_>>()
    });
    assert!(keys[0].iter().all(|key| !keys[1].contains(key)));
}

#[test]
fn in_s3_it_is_the_same() {
    let site = Site::new();
    let server = crate::s3_server::S3Server::new("exports");
    let store: Arc<dyn ObjectStore> = Arc::new(server.store());
    let engine = site.open_on(Arc::clone(&store));
    several_segments(&engine, &site);
    let request =
        |format| ExportRequest { encryption: Encryption::SseS3, ..under("p/", format, &site.request("L1", 60)) };
    completed(&engine, &request(OutputFormat::IonText));
    completed(&engine, &request(OutputFormat::IonText));
    let bucket = BucketName::parse("exports").unwrap();
    let before = store.list(&bucket, "").unwrap();
    let reason = refused(&engine, &request(OutputFormat::IonBinary));
    assert!(reason.contains("already exists and has other content"), "{reason}");
    assert_eq!(store.list(&bucket, "").unwrap(), before);
}

#[test]
fn a_role_that_may_write_and_not_look_overwrites_nothing_either() {
    let site = Site::new();
    let server = crate::s3_server::S3Server::new("exports");
    let store: Arc<dyn ObjectStore> = Arc::new(server.store());
    let engine = site.open_on(Arc::clone(&store));
    several_segments(&engine, &site);
    let request =
        |format| ExportRequest { encryption: Encryption::SseS3, ..under("p/", format, &site.request("L1", 60)) };
    completed(&engine, &request(OutputFormat::IonText));
    let bucket = BucketName::parse("exports").unwrap();
    let data = |entries: Vec<qldb_endpoint::store::ObjectEntry>| -> Vec<_> {
        entries.into_iter().filter(|entry| entry.key.as_str().contains(".ion")).collect()
    };
    let before = data(store.list(&bucket, "").unwrap());
    server
        .plan(|call| call.query.contains("list-type").then_some(crate::s3_server::Fault::Answer(403, "AccessDenied")));
    let refused = export(&engine, &request(OutputFormat::IonBinary));
    let reason = refused.progress.reason.unwrap();
    assert!(reason.contains("already exists and has other content"), "{reason}");
    // The same contents are fine, although they were not seen before.
    completed(&engine, &request(OutputFormat::IonText));
    server.plan(|_| None);
    assert_eq!(data(store.list(&bucket, "").unwrap()), before);
}
