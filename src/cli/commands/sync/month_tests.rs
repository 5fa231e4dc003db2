//! A month of nightly runs against a growing ledger, over HTTP to an endpoint and an engine that
//! run on a test clock: some nights are skipped, some runs are killed, some run twice.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_smithy_async::time::{SharedTimeSource, TimeSource};
use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use super::archived::ArchivedExports;
use super::*;
use crate::client::sync::{Exported, Stretch, SyncObserver};
use crate::client::wait::{Limits, WallTime};
use crate::client::{Begun, Client, ClientError, ExportDescription, FixedCredentials, Pace, Target};
use qldb_endpoint::endpoint::{Credentials, Endpoint, Options};
use qldb_endpoint::engine::{AppendOptions, Config, Engine, NewLedger, PermissionsMode};
use qldb_endpoint::store::S3Options;
use qldb_journal::archive::source::{Folder, Source};
use qldb_journal::archive::verify::{Request, verify};
use qldb_journal::request::{BucketName, Encryption, LedgerName, Prefix, RoleArn, TimeRange};

/// A clock that stands still until the test moves it.
#[derive(Debug, Clone)]
struct Hands(Arc<Mutex<DateTime<Utc>>>);

impl Hands {
    fn read(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }

    fn set(&self, time: DateTime<Utc>) {
        *self.0.lock().unwrap() = time;
    }
}

impl TimeSource for Hands {
    fn now(&self) -> SystemTime {
        self.read().into()
    }
}

/// An endpoint that serves a data directory.
struct Service {
    engine: Arc<Engine>,
    url: String,
    credentials: Credentials,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Service {
    async fn start(data_dir: PathBuf, hands: &Hands) -> Self {
        let clock = hands.clone();
        let config = Config { data_dir, clock: Arc::new(move || clock.read()), s3: S3Options::default() };
        let engine = Engine::open(config).unwrap();
        let credentials = Credentials::load_or_create(engine.data_dir()).unwrap();
        let options = Options::new(credentials.clone());
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let endpoint = Endpoint::bind(Arc::clone(&engine), listen, options).await.unwrap();
        let url = endpoint.url();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(async move { endpoint.serve(async move { drop(stopped.await) }).await.unwrap() });
        Self { engine, url, credentials, stop, serving }
    }

    async fn client(&self, hands: &Hands) -> Client {
        let credentials = FixedCredentials {
            access_key_id: self.credentials.access_key_id.clone(),
            secret_access_key: self.credentials.secret_access_key.clone(),
        };
        let target = Target {
            region: Some("us-east-1".to_owned()),
            profile: None,
            endpoint_url: Some(self.url.clone()),
            credentials: Some(credentials),
        };
        Client::connect_by(target, Some(SharedTimeSource::new(hands.clone()))).await.unwrap()
    }

    async fn end(self) {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap();
        self.engine.shut_down();
    }
}

/// Signals when an export has begun.
#[derive(Default)]
struct Witness {
    first: bool,
    begun: Vec<TimeRange>,
    bell: Arc<Notify>,
}

impl SyncObserver for Witness {
    fn known(&mut self, _: &[TimeRange], _: &[String]) {}

    fn starts(&mut self, _: DateTime<Utc>) {}

    fn lost(&mut self, lost: &[Stretch], _: DateTime<Utc>) {
        panic!("nobody ever removed anything: {lost:?}");
    }

    fn early(&mut self, export: &Exported) {
        panic!("no clock was ever wrong: {export:?}");
    }

    fn first_run(&mut self, _: DateTime<Utc>, certain: bool) {
        assert!(certain, "the manifests can be read");
        self.first = true;
    }

    fn begun(&mut self, window: &TimeRange, _: &Begun) {
        self.begun.push(*window);
        self.bell.notify_one();
    }

    fn described(&mut self, _: &TimeRange, _: &ExportDescription) {}

    fn full(&mut self, running: &[ExportDescription]) {
        panic!("only this job exports, yet the ledger is full: {running:?}");
    }

    fn troubled(&mut self, error: &ClientError) {
        panic!("{error}");
    }
}

fn at(day: u32, hour: u32, minute: u32) -> DateTime<Utc> {
    let midnight: DateTime<Utc> = "2024-03-01T00:00:00Z".parse().unwrap();
    midnight + TimeDelta::days(i64::from(day) - 1) + TimeDelta::minutes(i64::from(hour * 60 + minute))
}

fn job() -> SyncJob {
    let request = ExportRequest {
        ledger: LedgerName::parse("vehicles").unwrap(),
        range: TimeRange::accepted(at(1, 0, 0), at(2, 0, 0)),
        bucket: BucketName::parse("exports").unwrap(),
        prefix: Prefix::parse("nightly/").unwrap(),
        encryption: Encryption::NoEncryption,
        role_arn: RoleArn::parse("arn:aws:iam::123456789012:role/export").unwrap(),
        format: None,
    };
    let windows = Windows::parse(Field::Named("--window"), "1d").unwrap();
    SyncJob { request, windows, lag: TimeDelta::minutes(5), from: None, archive: None, verify: true, measure: false }
}

/// One run, as cron would start it: under the lock.
async fn nightly(service: &Service, hands: &Hands, witness: &mut Witness) -> Option<Outcome> {
    let job = job();
    let Taken::Free(_lock) = lock::take(service.engine.data_dir(), &job.request).unwrap() else { return None };
    let client = service.client(hands).await;
    let place = Destination::folder(service.engine.bucket_dir(&job.request.bucket));
    let limits = Limits { timeout: Some(Duration::from_mins(2)), contacted: true };
    let wait = Wait { limits, pace: || Pace::new(Duration::from_millis(5)), time: &WallTime::start() };
    let mut record = Record::load(service.engine.data_dir(), &job.request).unwrap();
    Some(job.run(&client, Some(&place), hands.read(), wait, (&mut record, witness)).await.unwrap())
}

/// A run that must succeed.
async fn good(service: &Service, hands: &Hands) -> Vec<TimeRange> {
    let mut witness = Witness::default();
    let outcome = nightly(service, hands, &mut witness).await.unwrap();
    outcome.exported.unwrap();
    if let Some(Verification { report, verdict, .. }) = outcome.proof.unwrap() {
        assert_eq!(verdict, Status::Proved, "{:#?} {:?}", report.breaks, report.levels);
    }
    assert!(outcome.awaited.is_empty());
    assert_eq!(witness.first, hands.read() < at(3, 0, 0), "earlier exports are known from the second night on");
    witness.begun
}

/// A run that is killed as soon as it has begun an export.
async fn killed(service: &Service, hands: &Hands) {
    let mut witness = Witness::default();
    let bell = Arc::clone(&witness.bell);
    tokio::select! {
        biased;
        () = bell.notified() => {}
        outcome = nightly(service, hands, &mut witness) => assert!(outcome.is_some(), "the lock is free"),
    }
}

/// Two runs at the same time: while one has an export in progress, another one begins.
async fn doubled(service: &Service, hands: &Hands) {
    let (mut first, mut second) = (Witness::default(), Witness::default());
    let bell = Arc::clone(&first.bell);
    let late = async {
        bell.notified().await;
        nightly(service, hands, &mut second).await
    };
    let (one, other) = tokio::join!(nightly(service, hands, &mut first), late);
    one.unwrap().exported.unwrap();
    assert!(other.is_none() || second.begun.is_empty(), "the second run began {:?}", second.begun);
}

fn live_through(service: &Service, hands: &Hands, day: u32) {
    // Sundays are quiet, so that some exports hold no block.
    let hours: &[u32] = if day.is_multiple_of(7) { &[] } else { &[11, 15, 23] };
    for hour in hours {
        hands.set(at(day, *hour, 59));
        let document = |number: u32| format!("{{day: {day}, hour: {hour}, number: {number}}}");
        let documents = [0, 1, 2, 3].map(document).join("\n");
        let options = AppendOptions { batch: 2, ..AppendOptions::default() };
        service.engine.append(&job().request.ledger, "Events", documents.as_bytes(), options).unwrap();
    }
    hands.set(at(day + 1, 0, 10));
}

/// What happens in each of the nights.
enum Night {
    Runs,
    Skipped,
    Killed,
    /// The endpoint is killed with it.
    KilledWhole,
    Doubled,
}

impl Night {
    fn of(day: u32) -> Self {
        match day {
            // There are more skipped nights in a row than the service lists ended exports for.
            4 | 5 | 11..=19 | 24 => Self::Skipped,
            7 | 20 => Self::Killed,
            9 | 22 => Self::KilledWhole,
            2 | 21 | 27 => Self::Doubled,
            _ => Self::Runs,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_of_skipped_killed_and_doubled_runs_exports_each_day_once_and_without_gap() {
    let directory = tempfile::tempdir().unwrap();
    let hands = Hands(Arc::new(Mutex::new(at(1, 10, 17))));
    let mut service = Service::start(directory.path().join("data"), &hands).await;
    let ledger = NewLedger {
        name: job().request.ledger,
        permissions_mode: PermissionsMode::Standard,
        deletion_protection: false,
        kms_key: None,
        tags: BTreeMap::new(),
    };
    service.engine.create_ledger(ledger).unwrap();
    for day in 1..=30 {
        live_through(&service, &hands, day);
        match Night::of(day) {
            Night::Runs => assert!(!good(&service, &hands).await.is_empty(), "nothing was exported on day {day}"),
            Night::Skipped => {}
            Night::Killed => killed(&service, &hands).await,
            Night::KilledWhole => {
                killed(&service, &hands).await;
                service.end().await;
                service = Service::start(directory.path().join("data"), &hands).await;
            }
            Night::Doubled => Box::pin(doubled(&service, &hands)).await,
        }
    }
    assert_eq!(good(&service, &hands).await, [], "a run with nothing to do began an export");
    let days: Vec<TimeRange> = (1..=30).map(|day| TimeRange::accepted(at(day, 0, 0), at(day + 1, 0, 0))).collect();
    let folder = service.engine.bucket_dir(&job().request.bucket);
    let place = Destination::folder(folder.clone());
    let exported = ArchivedExports::read(&place, &job().request).unwrap().exported();
    let exported: Vec<TimeRange> = exported.into_iter().map(|export| export.range).collect();
    assert_eq!(exported, days);
    prove_whole(&service, &folder);
    service.end().await;
}

/// The folder holds one unbroken journal, from its first block to its last.
fn prove_whole(service: &Service, folder: &Path) {
    let sources: Vec<Box<dyn Source>> = vec![Box::new(Folder::new(folder))];
    let report = verify(&Request::new(&sources)).unwrap();
    assert_eq!(report.verdict, Status::Proved, "{:#?} {:?}", report.breaks, report.levels);
    assert_eq!(report.exports.len(), 30);
    let facts = service.engine.journal_facts(&job().request.ledger).unwrap();
    let journal = report.only_journal().expect("one journal");
    assert_eq!((journal.first, Some(journal.last)), (0, facts.last_sequence_no));
    assert_eq!(report.blocks, facts.blocks);
}
