//! An export into S3 beside a plain upload of the same bytes with the SDK alone: both into the same server in this
//! process, in turn. Prints one JSON object for `benches/run`.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, missing_docs)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3::primitives::ByteStream;
use chrono::{TimeDelta, Utc};
use qldb_endpoint::engine::{Config, Engine, ExportStatus, SampleSpec, system_clock};
use qldb_journal::request::{BucketName, Encryption, ExportRequest, LedgerName, Prefix, RoleArn, TimeRange};

#[allow(dead_code, reason = "the tests freeze objects with it")]
#[path = "../tests/blackbox/s3_frozen.rs"]
mod s3_frozen;
#[allow(dead_code, reason = "the tests plan faults with it")]
#[path = "../tests/blackbox/s3_server.rs"]
mod s3_server;

use s3_server::{ACCESS_KEY, S3Server};

const BUCKET: &str = "exports";
const LEDGER: &str = "bench";

fn main() {
    // `cargo test --benches` only wants to know that it builds.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let (runs, transactions) =
        (number("QLDB_EXPORT_BENCH_RUNS", 5), number("QLDB_EXPORT_BENCH_TRANSACTIONS", 600_000) / 10);
    let bench = Bench::new(transactions);
    let mut times = [Vec::new(), Vec::new()];
    let mut bytes = [0; 2];
    for turn in 0..=runs {
        for (place, side) in [Bench::export, Bench::upload].into_iter().enumerate() {
            let begun = Instant::now();
            side(&bench);
            let seconds = begun.elapsed().as_secs_f64();
            bytes[place] = bench.empty_bucket();
            // The first turn warms up.
            if turn > 0 {
                times[place].push(seconds);
            }
        }
    }
    let [ours, theirs] = times.map(median);
    println!("{}", serde_json::json!({"seconds": [ours, theirs], "bytes": bytes, "objects": bench.files.len()}));
}

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    let middle = times.len() / 2;
    if times.len() % 2 == 1 { times[middle] } else { f64::midpoint(times[middle - 1], times[middle]) }
}

/// A server, a ledger, and what an export of it consists of.
struct Bench {
    server: S3Server,
    engine: Arc<Engine>,
    files: Vec<(String, PathBuf)>,
    runtime: tokio::runtime::Runtime,
    client: Client,
    place: tempfile::TempDir,
}

impl Bench {
    fn new(transactions: u64) -> Self {
        let (server, place) = (S3Server::new(BUCKET), tempfile::tempdir().unwrap());
        let config = Config { data_dir: place.path().join("data"), clock: system_clock(), s3: server.options() };
        let engine = Engine::open_on(config, Arc::new(server.store())).unwrap();
        let name = LedgerName::parse(LEDGER).unwrap();
        engine.make_sample(&SampleSpec { name, transactions, days: 30, seed: 7 }).unwrap();
        let client = client(&server.url);
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let mut bench = Self { server, engine, files: Vec::new(), runtime, client, place };
        bench.export();
        let kept = bench.place.path().join("kept");
        std::fs::rename(bench.server.bucket(BUCKET), &kept).unwrap();
        std::fs::create_dir(bench.server.bucket(BUCKET)).unwrap();
        bench.files = files(&kept).into_iter().map(|path| (key(&kept, &path), path)).collect();
        bench
    }

    /// Ours.
    fn export(&self) {
        let now = Utc::now();
        let request = ExportRequest {
            ledger: LedgerName::parse(LEDGER).unwrap(),
            range: TimeRange::new(now - TimeDelta::days(60), now, now).unwrap(),
            bucket: BucketName::parse(BUCKET).unwrap(),
            prefix: Prefix::default(),
            encryption: Encryption::NoEncryption,
            role_arn: RoleArn::parse("arn:aws:iam::123456789012:role/export").unwrap(),
            format: None,
        };
        let ledger = request.ledger.clone();
        let id = self.engine.start_export(request).unwrap();
        self.engine.wait_idle();
        let export = self.engine.describe_export(&ledger, &id).unwrap();
        assert_eq!(export.status, ExportStatus::Completed, "{:?}", export.progress.reason);
    }

    /// The peer: as many uploads at a time as an export has threads, and nothing but the SDK.
    fn upload(&self) {
        let next = AtomicUsize::new(0);
        let work = || {
            while let Some((key, path)) = self.files.get(next.fetch_add(1, Ordering::Relaxed)) {
                self.runtime.block_on(async {
                    let body = ByteStream::from(std::fs::read(path).unwrap());
                    self.client.put_object().bucket(BUCKET).key(key).body(body).send().await.unwrap();
                });
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..std::thread::available_parallelism().map_or(1, Into::into) {
                scope.spawn(work);
            }
        });
    }

    /// How many bytes the server has got; it has none afterwards.
    fn empty_bucket(&self) -> u64 {
        let bucket = self.server.bucket(BUCKET);
        let bytes = files(&bucket).iter().map(|path| path.metadata().unwrap().len()).sum();
        std::fs::remove_dir_all(&bucket).unwrap();
        std::fs::create_dir(&bucket).unwrap();
        bytes
    }
}

fn client(url: &str) -> Client {
    let credentials = Credentials::new(ACCESS_KEY.0, ACCESS_KEY.1, None, None, "bench");
    let config = aws_sdk_s3::Config::builder().behavior_version(BehaviorVersion::latest()).endpoint_url(url);
    let config = config.region(Region::new("us-east-1")).credentials_provider(credentials).force_path_style(true);
    Client::from_conf(config.build())
}

fn key(root: &Path, path: &Path) -> String {
    path.strip_prefix(root).unwrap().to_str().unwrap().to_owned()
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}
