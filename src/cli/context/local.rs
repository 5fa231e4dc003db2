//! `--local`: the built-in endpoint inside this command, on a free port of the loopback interface.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, oneshot};
use tokio::task::JoinHandle;

use super::Context;
use super::object_store;
use super::passing;
use super::sample::usual_sample;
use crate::cli::error::CliError;
use crate::cli::output::text;
use crate::client::ExportDescription;
use crate::client::wait::{Time, WallTime};
use qldb_endpoint::endpoint::{Credentials, Endpoint, EndpointError, Options};
use qldb_endpoint::engine::Engine;
use qldb_endpoint::store::StoreKind;
use qldb_journal::request::{BucketName, ExportRequest, LedgerName};

/// The ledger of AWS's own tutorials, created if there is no ledger yet.
const SAMPLE: &str = "vehicle-registration";

/// An endpoint that this process runs for itself.
pub(crate) struct Local {
    engine: Arc<Engine>,
    credentials: Credentials,
    url: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), EndpointError>>,
}

impl Local {
    /// Opens the data directory and serves it.
    pub(crate) async fn open(context: &Context) -> Result<Self, CliError> {
        let engine = open_engine(context).await?;
        let options = options(context, &engine)?;
        let credentials = options.credentials.clone();
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let endpoint = Endpoint::bind(Arc::clone(&engine), listen, options).await?;
        let url = endpoint.url();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(endpoint.serve(async move {
            let _ = stopped.await;
        }));
        Ok(Self { engine, credentials, url, stop, serving })
    }

    /// The credentials with which requests are signed.
    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The endpoint's address.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// Where exports with the same bucket and prefix are: a folder, or an S3 address.
    pub(crate) fn place_of_exports(&self, request: &ExportRequest) -> PathBuf {
        let ExportRequest { bucket, prefix, .. } = request;
        match self.engine.store_kind() {
            StoreKind::Directory => self.engine.bucket_dir(bucket),
            StoreKind::S3 => text::s3_address(bucket, prefix).into(),
        }
    }

    /// Where the objects of an export are.
    pub(crate) fn place_of(&self, description: &ExportDescription) -> Option<String> {
        let ExportDescription { bucket, prefix, .. } = description;
        match self.engine.store_kind() {
            StoreKind::Directory => self.directory_of(description).map(|directory| directory.display().to_string()),
            StoreKind::S3 => Some(text::s3_address(bucket, prefix)),
        }
    }

    /// The folder of the export's prefix, as far as the prefix names a folder.
    fn directory_of(&self, description: &ExportDescription) -> Option<PathBuf> {
        let bucket = self.engine.bucket_dir(&BucketName::parse(&description.bucket).ok()?);
        let folder = description.prefix.rsplit_once('/').map_or("", |(folder, _)| folder);
        Some(bucket.join(folder)).filter(|path| path.is_dir()).or(Some(bucket))
    }

    /// Shuts down in order: the object in progress is finished, and the rest is left for the next start.
    pub(crate) async fn close(self) {
        let _ = self.stop.send(());
        let _ = self.serving.await;
        let engine = self.engine;
        let _ = tokio::task::spawn_blocking(move || engine.shut_down()).await;
    }
}

/// Opens the engine on the data directory, away from the threads that serve. An empty directory gets the sample ledger.
pub(crate) async fn open_engine(context: &Context) -> Result<Arc<Engine>, CliError> {
    let data_dir = context.data_dir()?;
    let global = context.global.clone();
    let opening = tokio::task::spawn_blocking(move || -> Result<_, CliError> {
        let open = || object_store::open_engine(data_dir.clone(), &global);
        let engine = passing::wait(passing::is_held, open)?;
        let made = if engine.is_empty()? { Some(make_sample(&engine)?) } else { None };
        Ok((engine, made))
    });
    let (engine, made) = opening.await.map_err(|error| CliError::System(error.to_string()))??;
    context.show_notices(&engine);
    if let Some(blocks) = made {
        let directory = engine.data_dir().display();
        let blocks = text::count(blocks, "transaction");
        context.printer.note(&format!("created the sample ledger {SAMPLE}, with {blocks}, in {directory}"));
    }
    Ok(engine)
}

fn make_sample(engine: &Engine) -> Result<u64, CliError> {
    let name = LedgerName::parse(SAMPLE).map_err(qldb_journal::request::Faults::from)?;
    Ok(engine.make_sample(&usual_sample(name))?.blocks)
}

/// The endpoint's settings.
pub(crate) fn options(context: &Context, engine: &Engine) -> Result<Options, CliError> {
    let credentials = Credentials::load_or_create(engine.data_dir())?;
    Ok(Options { region: context.local_region(), ..Options::new(credentials) })
}

/// The clock of a wait, which ends early when a local export ends.
pub(crate) struct LocalTime {
    wall: WallTime,
    idle: Arc<Notify>,
}

impl LocalTime {
    /// Starts now.
    pub(crate) fn start() -> Self {
        Self { wall: WallTime::start(), idle: Arc::default() }
    }

    /// Pauses end when no export is running any more.
    pub(crate) fn wake_when_idle(&self, local: &Local) {
        let (engine, idle) = (Arc::clone(&local.engine), Arc::clone(&self.idle));
        tokio::task::spawn_blocking(move || {
            engine.wait_idle();
            idle.notify_one();
        });
    }

    /// Waits until no export is running any more, once; forever if nothing wakes it.
    pub(crate) async fn idle(&self) {
        self.idle.notified().await;
    }
}

impl Time for LocalTime {
    fn elapsed(&self) -> Duration {
        self.wall.elapsed()
    }

    async fn sleep(&self, length: Duration) {
        tokio::select! {
            () = self.idle() => {}
            () = self.wall.sleep(length) => {}
        }
    }

    async fn pass(&self, length: Duration) {
        self.wall.sleep(length).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_end_of_an_export_ends_a_pause_and_no_time_out() {
        let time = LocalTime::start();
        time.idle.notify_one();
        time.pass(Duration::from_millis(20)).await;
        assert!(time.elapsed() >= Duration::from_millis(20));
        time.sleep(Duration::from_hours(1)).await;
        assert!(time.elapsed() < Duration::from_hours(1));
    }
}
