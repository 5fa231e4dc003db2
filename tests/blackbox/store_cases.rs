//! The same cases for every kind of store: a directory, `s3s` in this process, and the endpoint that
//! `QLDB_EXPORT_TEST_S3_ENDPOINT` names, with credentials from the environment as for every AWS tool.

use std::io::{Read, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Once};

use qldb_endpoint::store::{
    Access, DirectoryStore, ObjectEntry, ObjectKey, ObjectOptions, ObjectStore, ObjectWriter, S3Options, S3Store,
    StoreError, StoreKind,
};
use qldb_journal::request::{BucketName, Encryption};

use crate::s3_server::S3Server;

const OPTIONS: ObjectOptions<'_> = ObjectOptions { content_type: "text/plain", encryption: &Encryption::NoEncryption };

fn bucket() -> BucketName {
    BucketName::parse("exports").unwrap()
}

fn key(text: &str) -> ObjectKey {
    ObjectKey::parse(text).unwrap()
}

fn put(store: &dyn ObjectStore, name: &str, bytes: &[u8]) {
    let mut writer = store.create(&bucket(), &key(name), OPTIONS).unwrap();
    writer.write_all(bytes).unwrap();
    writer.commit().unwrap();
}

fn get(store: &dyn ObjectStore, name: &str, part: Option<std::ops::Range<u64>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    store.open(&bucket(), &key(name), part).unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

fn keys(store: &dyn ObjectStore, prefix: &str) -> Vec<String> {
    store.list(&bucket(), prefix).unwrap().into_iter().map(|entry| entry.key.to_string()).collect()
}

/// Names an S3 endpoint to run the cases against.
const ENDPOINT: &str = "QLDB_EXPORT_TEST_S3_ENDPOINT";
/// Reported once.
static NOT_ASKED: Once = Once::new();

/// Runs a case on each kind of store.
fn on_each(case: impl Fn(&dyn ObjectStore)) {
    let place = tempfile::tempdir().unwrap();
    case(&DirectoryStore::open(place.path().join("buckets")).unwrap());
    let server = S3Server::new("exports");
    case(&server.store());
    match std::env::var(ENDPOINT) {
        Ok(url) => case(&Elsewhere::new(&url)),
        Err(_) => NOT_ASKED.call_once(|| {
            // Past the test harness, which shows no output of a test that passes.
            let _ = writeln!(std::io::stderr(), "{ENDPOINT} is not set: no case runs against an endpoint elsewhere");
        }),
    }
}

/// A bucket at an endpoint elsewhere, made for one case, under the name that the cases use. It goes with everything
/// that is in it.
struct Elsewhere {
    store: S3Store,
    bucket: BucketName,
    runtime: tokio::runtime::Runtime,
    client: aws_sdk_s3::Client,
}

impl Elsewhere {
    fn new(url: &str) -> Self {
        static CASES: AtomicUsize = AtomicUsize::new(0);
        let name = format!("qldb-export-{}-{}", std::process::id(), CASES.fetch_add(1, Ordering::Relaxed));
        let options = S3Options { endpoint_url: Some(url.to_owned()), path_style: true, ..S3Options::default() };
        let store = S3Store::open(&options).unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let config =
            runtime.block_on(aws_config::defaults(aws_config::BehaviorVersion::latest()).endpoint_url(url).load());
        let config = aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build();
        let client = aws_sdk_s3::Client::from_conf(config);
        runtime.block_on(client.create_bucket().bucket(&name).send()).unwrap();
        Self { store, bucket: BucketName::parse(&name).unwrap(), runtime, client }
    }

    /// The bucket that replaces the one in the cases; any other is used as it is.
    fn bucket<'a>(&'a self, named: &'a BucketName) -> &'a BucketName {
        if *named == bucket() { &self.bucket } else { named }
    }
}

impl Drop for Elsewhere {
    fn drop(&mut self) {
        for entry in self.store.list(&self.bucket, "").unwrap_or_default() {
            let _ = self.store.remove(&self.bucket, &entry.key);
        }
        let _ = self.runtime.block_on(self.client.delete_bucket().bucket(self.bucket.as_str()).send());
    }
}

impl ObjectStore for Elsewhere {
    fn kind(&self) -> StoreKind {
        self.store.kind()
    }

    fn for_export(self: Arc<Self>, _: &Access<'_>) -> Arc<dyn ObjectStore> {
        self
    }

    fn check(&self, bucket: &BucketName, key: &ObjectKey, encryption: &Encryption) -> Result<(), StoreError> {
        self.store.check(self.bucket(bucket), key, encryption)
    }

    fn create(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        options: ObjectOptions<'_>,
    ) -> Result<Box<dyn ObjectWriter>, StoreError> {
        self.store.create(self.bucket(bucket), key, options)
    }

    fn open(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        part: Option<std::ops::Range<u64>>,
    ) -> Result<Box<dyn Read + Send>, StoreError> {
        self.store.open(self.bucket(bucket), key, part)
    }

    fn size(&self, bucket: &BucketName, key: &ObjectKey) -> Result<Option<u64>, StoreError> {
        self.store.size(self.bucket(bucket), key)
    }

    fn list(&self, bucket: &BucketName, prefix: &str) -> Result<Vec<ObjectEntry>, StoreError> {
        self.store.list(self.bucket(bucket), prefix)
    }

    fn remove(&self, bucket: &BucketName, key: &ObjectKey) -> Result<(), StoreError> {
        self.store.remove(self.bucket(bucket), key)
    }
}

#[test]
fn an_object_is_read_back_completely_and_in_part() {
    on_each(|store| {
        put(store, "nightly/a.ion", b"0123456789");
        assert_eq!(get(store, "nightly/a.ion", None), b"0123456789");
        assert_eq!(get(store, "nightly/a.ion", Some(2..5)), b"234");
        assert_eq!(get(store, "nightly/a.ion", Some(8..50)), b"89");
        assert_eq!(get(store, "nightly/a.ion", Some(3..3)), b"");
        assert_eq!(get(store, "nightly/a.ion", Some(20..30)), b"");
        assert_eq!(store.size(&bucket(), &key("nightly/a.ion")).unwrap(), Some(10));
        assert_eq!(store.size(&bucket(), &key("nightly/b.ion")).unwrap(), None);
    });
}

#[test]
fn an_empty_object_is_an_object() {
    on_each(|store| {
        put(store, "empty", b"");
        assert_eq!(get(store, "empty", None), b"");
        assert_eq!(store.size(&bucket(), &key("empty")).unwrap(), Some(0));
    });
}

#[test]
fn a_large_object_is_complete() {
    on_each(|store| {
        for length in [8 * 1024 * 1024, 8 * 1024 * 1024 + 1, 20_000_000] {
            let mut bytes = (0..=250_u8).collect::<Vec<_>>().repeat(length / 251 + 1);
            bytes.truncate(length);
            put(store, "large", &bytes);
            assert!(get(store, "large", None) == bytes, "{length}");
            assert_eq!(get(store, "large", Some(8_388_600..8_388_608)), &bytes[8_388_600..8_388_608]);
        }
    });
}

#[test]
fn an_object_is_replaced_by_the_next_under_its_key() {
    on_each(|store| {
        put(store, "a", b"one");
        put(store, "a", b"other");
        assert_eq!(get(store, "a", None), b"other");
    });
}

#[test]
fn nothing_is_seen_before_the_end_and_a_dropped_writer_leaves_nothing() {
    on_each(|store| {
        for length in [10, 18_000_000] {
            let mut writer = store.create(&bucket(), &key("a"), OPTIONS).unwrap();
            writer.write_all(&vec![7; length]).unwrap();
            assert!(keys(store, "").is_empty());
            drop(writer);
            assert!(keys(store, "").is_empty());
        }
    });
}

#[test]
fn a_listing_is_by_prefix_of_the_key_and_in_order() {
    on_each(|store| {
        for name in ["n/2", "n/1", "nightly", "o/3", "n/d/4"] {
            put(store, name, b"x");
        }
        assert_eq!(keys(store, "n/"), ["n/1", "n/2", "n/d/4"]);
        assert_eq!(keys(store, "n"), ["n/1", "n/2", "n/d/4", "nightly"]);
        assert_eq!(keys(store, "n/d/4"), ["n/d/4"]);
        assert_eq!(store.list(&BucketName::parse("other").unwrap(), "").unwrap(), []);
    });
}

#[test]
fn a_listing_goes_beyond_a_thousand_keys() {
    on_each(|store| {
        std::thread::scope(|scope| {
            for first in 0..8 {
                scope.spawn(move || (first..1_205).step_by(8).for_each(|n| put(store, &format!("many/{n:04}"), b"x")));
            }
        });
        let expected: Vec<String> = (0..1_205).map(|number| format!("many/{number:04}")).collect();
        assert_eq!(keys(store, "many/"), expected);
    });
}

#[test]
fn a_removed_object_is_gone_and_removing_it_again_is_not_an_error() {
    on_each(|store| {
        put(store, "a", b"x");
        store.remove(&bucket(), &key("a")).unwrap();
        store.remove(&bucket(), &key("a")).unwrap();
        let error = store.open(&bucket(), &key("a"), None).err().unwrap();
        assert!(matches!(error, StoreError::NotFound { .. }), "{error}");
    });
}

#[test]
fn a_trial_leaves_nothing() {
    on_each(|store| {
        store.check(&bucket(), &key("a"), &Encryption::NoEncryption).unwrap();
        assert!(keys(store, "").is_empty());
    });
}

#[test]
fn many_threads_write_and_read_at_once() {
    on_each(|store| {
        std::thread::scope(|scope| {
            for number in 0..8_u8 {
                scope.spawn(move || {
                    let (name, bytes) = (format!("t/{number}"), vec![number; 100_000]);
                    put(store, &name, &bytes);
                    assert_eq!(get(store, &name, None), bytes);
                });
            }
        });
        assert_eq!(keys(store, "t/").len(), 8);
    });
}

#[test]
fn a_store_can_be_dropped_inside_a_runtime() {
    let server = S3Server::new("exports");
    let store: Arc<dyn ObjectStore> = Arc::new(server.store());
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async move { drop(store) });
}
