//! The connection to an S3 endpoint: configuration, threads, credentials, and one way to make calls
//! that retries temporary failures.

use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_s3::Client;
use aws_sdk_s3::config::SharedInterceptor;
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_s3::primitives::DateTime;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use qldb_aws::{Caller, ConfigError, CredentialsFailure, Options, Resolved, Service, Surroundings};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::Semaphore;

use super::kept::Kept;
use super::owner::Owner;
use super::refusal::CallContext;
use super::uploads::Uploads;
use crate::store::Access;
use crate::store::s3::failure::{S3Cause, S3Failure};
use crate::store::s3::options::{S3OpenError, S3Options};
use crate::store::s3::patience::Patience;
use crate::store::s3::sizes::{AHEAD_OF_ALL, Sizes};

/// How long one attempt may take until its response begins. A part of an upload has 8 MiB.
const ATTEMPT_TIME: Duration = Duration::from_mins(2);
/// How long it may take to connect.
const CONNECT_TIME: Duration = Duration::from_secs(5);
/// The region if none is configured: S3-compatible stores rarely care.
const REGION: &str = "us-east-1";
/// The name of S3 if no endpoint is configured. Bucket names are unique across all regions.
const AMAZON: &str = "Amazon S3";

/// The threads that make the calls. They do not outlive the store, and do not block the thread that drops it.
struct Threads(Option<Runtime>);

impl Drop for Threads {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// What all connections of one store share.
struct Shared {
    config: SdkConfig,
    /// The region in which calls are made.
    region: String,
    handle: Handle,
    endpoint: String,
    ca_bundle: Option<String>,
    path_style: bool,
    patience: Patience,
    sizes: Sizes,
    /// Permits for ranges that are read ahead of their readers.
    ahead: Arc<Semaphore>,
    uploads: Uploads,
    /// How the objects that were read are protected.
    kept: Kept,
    /// Who pays for the calls, and whose the buckets must be.
    owner: Owner,
    /// Whether the store has reported that it does not support conditional writes.
    unconditional: AtomicBool,
    opened: DateTime,
    _threads: Threads,
}

/// A connection with certain credentials.
#[derive(Clone)]
pub(super) struct Connection {
    shared: Arc<Shared>,
    credentials: Option<SharedCredentialsProvider>,
    caller: Arc<Caller>,
    client: Arc<Mutex<Client>>,
}

impl Connection {
    /// Reads the configuration. S3 is not called.
    pub(super) fn open(options: &S3Options) -> Result<Self, S3OpenError> {
        let mut threads = Builder::new_multi_thread();
        let built = threads.worker_threads(2).thread_name("s3").enable_all().build();
        let runtime = built.map_err(S3OpenError::Threads)?;
        let handle = runtime.handle().clone();
        let threads = Threads(Some(runtime));
        let surroundings = handle.block_on(resolve(options))?;
        let Surroundings { config, endpoint: url, caller, ca_bundle, .. } = surroundings;
        let path_style = options.path_style || url.as_deref().is_some_and(needs_path_style);
        let endpoint = url.map_or_else(|| AMAZON.to_owned(), |url| url.trim_end_matches('/').to_owned());
        let S3Options { patience, sizes, .. } = *options;
        let ahead = Arc::new(Semaphore::new(AHEAD_OF_ALL));
        let (uploads, opened) = (Uploads::default(), DateTime::from(SystemTime::now()));
        let shared = Shared {
            region: config.region().map(ToString::to_string).unwrap_or_default(),
            config,
            handle,
            endpoint,
            ca_bundle,
            path_style,
            patience,
            sizes,
            ahead,
            uploads,
            kept: Kept::default(),
            owner: Owner::of(options),
            unconditional: AtomicBool::new(false),
            opened,
            _threads: threads,
        };
        let credentials = shared.config.credentials_provider();
        Ok(Self::new(Arc::new(shared), credentials, caller))
    }

    fn new(shared: Arc<Shared>, credentials: Option<SharedCredentialsProvider>, caller: Caller) -> Self {
        let mut config = aws_sdk_s3::config::Builder::from(&shared.config)
            .force_path_style(shared.path_style)
            // There is one retry budget for everything, including bodies: see `call`.
            .retry_config(RetryConfig::disabled())
            .identity_cache(IdentityCache::lazy().build());
        if shared.owner.is_any() {
            config.push_interceptor(SharedInterceptor::new(shared.owner.clone()));
        }
        config.set_credentials_provider(credentials.clone());
        let client = Arc::new(Mutex::new(Client::from_conf(config.build())));
        Self { shared, credentials, caller: Arc::new(caller), client }
    }

    /// The same endpoint with the role of an export. The session is named after the export's id, and is renewed as long
    /// as the export runs.
    pub(super) fn assume(&self, access: &Access<'_>) -> Self {
        let provider = AssumeRoleProvider::builder(access.role.as_str())
            .session_name(access.session)
            .configure(&self.shared.config)
            .build();
        let role = self.run(provider);
        let caller = self.caller.assuming(access.role.as_str());
        Self::new(Arc::clone(&self.shared), Some(SharedCredentialsProvider::new(role)), caller)
    }

    /// What an error of the SDK means.
    pub(super) fn cause_of<E>(&self, error: &SdkError<E, HttpResponse>) -> S3Cause
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let Shared { endpoint, region, .. } = &*self.shared;
        let of_amazon = || format!("https://s3.{region}.amazonaws.com");
        let address = if endpoint == AMAZON { of_amazon() } else { endpoint.clone() };
        S3Cause::of(error, &CallContext { caller: &self.caller, region, proxy: qldb_aws::proxy_of(&address) })
    }

    /// Which S3 this is.
    pub(super) fn endpoint(&self) -> &str {
        &self.shared.endpoint
    }

    /// The sizes of the pieces in which objects are transferred.
    pub(super) fn sizes(&self) -> Sizes {
        self.shared.sizes
    }

    /// Permits for ranges that are read ahead of their readers.
    pub(super) fn ahead_of_all(&self) -> Arc<Semaphore> {
        Arc::clone(&self.shared.ahead)
    }

    /// How the objects that were read are protected.
    pub(super) fn kept(&self) -> &Kept {
        &self.shared.kept
    }

    /// The uploads that this process is working on.
    pub(super) fn uploads(&self) -> &Uploads {
        &self.shared.uploads
    }

    /// When the store was opened.
    pub(super) fn opened(&self) -> DateTime {
        self.shared.opened
    }

    /// Waits for a future. Must not be called from async code.
    pub(super) fn run<F: Future>(&self, future: F) -> F::Output {
        self.shared.handle.block_on(future)
    }

    /// The threads of this connection.
    pub(super) fn handle(&self) -> &Handle {
        &self.shared.handle
    }

    /// Whether the store may support the condition that a key is free.
    pub(super) fn is_conditional(&self) -> bool {
        !self.shared.unconditional.load(Ordering::Relaxed)
    }

    /// Records that it does not.
    pub(super) fn set_unconditional(&self) {
        self.shared.unconditional.store(true, Ordering::Relaxed);
    }

    /// The client, for a call that is tried once.
    pub(super) fn client(&self) -> Client {
        self.client.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Creates a client without credentials, which asks for new ones.
    fn renew(&self) {
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        let config = client.config().to_builder().identity_cache(IdentityCache::lazy().build()).build();
        *client = Client::from_conf(config);
    }

    /// Calls S3, and retries temporary failures until the budget is spent.
    pub(super) async fn call<T, E, F>(&self, call: impl Fn(Client) -> F) -> Result<T, S3Failure>
    where
        E: ProvideErrorMetadata + Error + 'static,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    {
        let mut attempts = self.attempts();
        loop {
            match call(self.client()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => attempts.bear(self.cause_of(&error)).await?,
            }
        }
    }

    /// The retry budget of something that is about to be tried for the first time.
    pub(super) fn attempts(&self) -> Attempts<'_> {
        Attempts { connection: self, tries: 0, started: Instant::now() }
    }

    /// Whether there are credentials; with a role, whether it can be assumed.
    pub(super) async fn check_credentials(&self) -> Result<(), S3Failure> {
        self.ask_credentials().await.map(|_| ())
    }

    /// The credentials, which may have to be requested.
    async fn ask_credentials(&self) -> Result<Credentials, S3Failure> {
        let missing = || S3Failure::at_once(S3Cause::Credentials(Box::new(CredentialsFailure::None)));
        let provider = self.credentials.as_ref().ok_or_else(missing)?;
        provider.provide_credentials().await.map_err(|error| {
            let failure = qldb_aws::of_credentials(&error, Some(&self.caller));
            S3Failure::at_once(S3Cause::Credentials(Box::new(failure)))
        })
    }

    /// What another process needs to make the same calls.
    pub(super) async fn resolved(&self) -> Result<Resolved, S3Failure> {
        let credentials = self.ask_credentials().await?;
        let Shared { config, region, endpoint, ca_bundle, .. } = &*self.shared;
        Ok(Resolved {
            region: region.clone(),
            endpoint_url: Some(endpoint.clone()).filter(|endpoint| endpoint != AMAZON),
            use_fips: config.use_fips(),
            use_dual_stack: config.use_dual_stack(),
            ca_bundle: ca_bundle.clone(),
            access_key_id: credentials.access_key_id().to_owned(),
            secret_access_key: credentials.secret_access_key().to_owned(),
            session_token: credentials.session_token().map(str::to_owned),
        })
    }
}

/// The tries of one call, and when the first began.
pub(super) struct Attempts<'a> {
    connection: &'a Connection,
    tries: u32,
    started: Instant,
}

impl Attempts<'_> {
    /// Pauses after a try that failed; fails if no other try is worthwhile.
    pub(super) async fn bear(&mut self, cause: S3Cause) -> Result<(), S3Failure> {
        self.tries += 1;
        let elapsed = self.started.elapsed();
        let pause = self.connection.shared.patience.pause(self.tries, elapsed).filter(|_| cause.passes());
        let expired = cause.is_expiry();
        let failure = S3Failure { cause, tries: self.tries, elapsed };
        let Some(pause) = pause else { return Err(failure) };
        tracing::warn!(%failure, ?pause, "retrying S3");
        if expired {
            self.connection.renew();
        }
        tokio::time::sleep(pause).await;
        Ok(())
    }

    /// Whether this is not the first try.
    pub(super) fn again(&self) -> bool {
        self.tries > 0
    }

    /// Bytes arrived: a call that makes progress gets the whole budget again.
    pub(super) fn progress(&mut self) {
        (self.tries, self.started) = (0, Instant::now());
    }
}

async fn resolve(options: &S3Options) -> Result<Surroundings, ConfigError> {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIME)
        .read_timeout(options.patience.silence)
        .operation_attempt_timeout(ATTEMPT_TIME)
        .build();
    if let Some(resolved) = &options.resolved {
        return qldb_aws::load_resolved(resolved, |loader| loader.timeout_config(timeouts)).await;
    }
    let chosen = Options {
        region: options.region.clone(),
        profile: options.profile.clone(),
        endpoint_url: options.endpoint_url.clone(),
        key: options.credentials.clone(),
        offline: false,
    };
    let mut surroundings = qldb_aws::load(&chosen, Service::S3, |loader| loader.timeout_config(timeouts)).await?;
    if surroundings.config.region().is_none() {
        surroundings.config = surroundings.config.into_builder().region(Region::from_static(REGION)).build();
    }
    Ok(surroundings)
}

/// Whether the host can't be prefixed with a bucket name: it is an address, or this machine.
fn needs_path_style(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    if authority.starts_with('[') {
        return true;
    }
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    host == "localhost" || host.parse::<std::net::Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_this_machine_take_the_bucket_in_the_path() {
        for url in ["http://127.0.0.1:9000", "http://localhost:4566/", "http://[::1]:9000", "http://10.0.0.1"] {
            assert!(needs_path_style(url), "{url}");
        }
        for url in ["https://s3.eu-central-1.amazonaws.com", "https://minio.example:9000", "https://localhost.example"]
        {
            assert!(!needs_path_style(url), "{url}");
        }
    }
}
