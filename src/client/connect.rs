//! Creates a client for a target, with the standard AWS configuration, after checking everything
//! that each call needs.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::timeout::TimeoutConfig;
use aws_config::{ConfigLoader, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_async::time::SharedTimeSource;
use qldb_aws::{Caller, CredentialsFailure, Options, Service, Surroundings};

use super::ClientError;
use super::observe::RouteRecorder;

/// The time limit for one attempt of a retryable call.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// Which endpoint to call, and with which identity. Members that are `None` come from the environment, the shared
/// configuration files, SSO or the instance, as for every AWS tool.
#[derive(Debug, Clone, Default)]
pub struct Target {
    /// The region.
    pub region: Option<String>,
    /// The profile of the shared configuration files.
    pub profile: Option<String>,
    /// The endpoint's address.
    pub endpoint_url: Option<String>,
    /// Fixed credentials, instead of the default chain.
    pub credentials: Option<FixedCredentials>,
}

/// An access key that does not change.
#[derive(Clone)]
pub struct FixedCredentials {
    /// The access key's id.
    pub access_key_id: String,
    /// The access key's secret.
    pub secret_access_key: String,
}

impl FixedCredentials {
    /// The id and the secret of an access key.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Self { access_key_id: access_key_id.into(), secret_access_key: secret_access_key.into() }
    }
}

impl std::fmt::Debug for FixedCredentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FixedCredentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

/// A connection to a service that speaks QLDB's control plane.
#[derive(Debug, Clone)]
pub struct Client {
    pub(super) sdk: aws_sdk_qldb::Client,
    pub(super) destination: RouteRecorder,
    caller: Caller,
    unknown_region: Option<(String, Vec<&'static str>)>,
}

impl Client {
    /// Resolves the configuration, and checks that there is a region and that there are credentials, without calling
    /// the service. The SDK would report missing ones as a failure to send.
    pub async fn connect(target: Target) -> Result<Self, ClientError> {
        Self::connect_by(target, None).await
    }

    /// Like [`Client::connect`], but signs requests by another clock than the system's.
    pub(crate) async fn connect_by(target: Target, clock: Option<SharedTimeSource>) -> Result<Self, ClientError> {
        let surroundings = qldb_aws::load(&target.options(), Service::Qldb, |loader| adjusted(loader, clock)).await?;
        if surroundings.config.region().is_none() {
            return Err(ClientError::NoRegion);
        }
        Self::of(surroundings, RouteRecorder::default()).await
    }

    /// A client of an endpoint in this process, which ignores the surroundings: no profile, no proxy.
    pub(crate) async fn connect_within(url: &str, region: &str, key: &FixedCredentials) -> Result<Self, ClientError> {
        let key = (key.access_key_id.as_str(), key.secret_access_key.as_str());
        let surroundings = qldb_aws::load_own(url, region, key, |loader| adjusted(loader, None)).await;
        Self::of(surroundings, RouteRecorder::within()).await
    }

    async fn of(surroundings: Surroundings, destination: RouteRecorder) -> Result<Self, ClientError> {
        let Surroundings { config, caller, unknown_region, .. } = surroundings;
        let credentials = checked_credentials(&config, &caller).await?;
        let sdk_config = aws_sdk_qldb::config::Builder::from(&config)
            .credentials_provider(credentials)
            .interceptor(destination.clone())
            .build();
        let region = config.region().map(ToString::to_string).unwrap_or_default();
        let unknown_region = unknown_region.map(|near| (region, near));
        Ok(Self { sdk: aws_sdk_qldb::Client::from_conf(sdk_config), destination, caller, unknown_region })
    }

    /// The identity of the calls.
    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The region, if it is unknown, and the known regions with similar names.
    pub(crate) fn unknown_region(&self) -> Option<(&str, &[&'static str])> {
        self.unknown_region.as_ref().map(|(name, near)| (name.as_str(), near.as_slice()))
    }
}

impl Target {
    pub(super) fn options(&self) -> Options {
        let key = self.credentials.as_ref().map(|key| (key.access_key_id.clone(), key.secret_access_key.clone()));
        Options {
            region: self.region.clone(),
            profile: self.profile.clone(),
            endpoint_url: self.endpoint_url.clone(),
            key,
            offline: false,
        }
    }
}

fn adjusted(loader: ConfigLoader, clock: Option<SharedTimeSource>) -> ConfigLoader {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).build();
    let loader = loader.timeout_config(timeouts);
    match clock {
        Some(clock) => loader.time_source(clock),
        None => loader,
    }
}

async fn checked_credentials(config: &SdkConfig, caller: &Caller) -> Result<SharedCredentialsProvider, ClientError> {
    let provider = config.credentials_provider().ok_or(CredentialsFailure::None)?;
    let asked = provider.provide_credentials().await;
    let first = asked.map_err(|error| qldb_aws::of_credentials(&error, Some(caller)))?;
    Ok(SharedCredentialsProvider::new(Primed { first: Arc::new(Mutex::new(Some(first))), provider }))
}

/// Hands out the credentials that the check found first, and asks again only later, so that a command or an SSO portal
/// is not called twice for one call.
#[derive(Debug)]
struct Primed {
    first: Arc<Mutex<Option<Credentials>>>,
    provider: SharedCredentialsProvider,
}

impl ProvideCredentials for Primed {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let first = self.first.lock().unwrap_or_else(PoisonError::into_inner).take();
        match first {
            Some(credentials) => future::ProvideCredentials::ready(provider::Result::Ok(credentials)),
            None => self.provider.provide_credentials(),
        }
    }
}
