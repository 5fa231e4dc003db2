//! From a target to a client, with the standard AWS configuration, and with
//! what every call needs checked before the first call.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig, timeout::TimeoutConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_async::time::SharedTimeSource;

use super::observe::Destination;
use super::{ClientError, error};

/// How long one attempt of a call that may be repeated takes at most.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(30);

/// Where to call, and as whom. What is `None` comes from the environment, the
/// shared configuration files, SSO or the instance, as for every AWS tool.
#[derive(Debug, Clone, Default)]
pub struct Target {
    /// The region.
    pub region: Option<String>,
    /// The profile of the shared configuration files.
    pub profile: Option<String>,
    /// The endpoint's address.
    pub endpoint_url: Option<String>,
    /// Credentials that are known, instead of those of the chain.
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

/// A connection to whatever speaks QLDB's control plane.
#[derive(Debug, Clone)]
pub struct Client {
    pub(super) sdk: aws_sdk_qldb::Client,
    pub(super) destination: Destination,
}

impl Client {
    /// Resolves the configuration, and checks that there are a region and credentials, without calling the
    /// service. The SDK would report a missing one as a failure to send.
    pub async fn connect(target: Target) -> Result<Self, ClientError> {
        Self::connect_by(target, None).await
    }

    /// As [`Client::connect`], with requests that are signed by another clock than the system's.
    pub(crate) async fn connect_by(target: Target, clock: Option<SharedTimeSource>) -> Result<Self, ClientError> {
        let config = resolve(target, clock).await;
        if config.region().is_none() {
            return Err(ClientError::NoRegion);
        }
        let credentials = checked_credentials(&config).await?;
        let destination = Destination::default();
        let sdk_config = aws_sdk_qldb::config::Builder::from(&config)
            .credentials_provider(credentials)
            .interceptor(destination.clone())
            .build();
        Ok(Self { sdk: aws_sdk_qldb::Client::from_conf(sdk_config), destination })
    }
}

async fn resolve(target: Target, clock: Option<SharedTimeSource>) -> SdkConfig {
    let timeouts = TimeoutConfig::builder().operation_attempt_timeout(ATTEMPT_TIMEOUT).build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts);
    if let Some(region) = target.region {
        loader = loader.region(Region::new(region));
    }
    if let Some(profile) = target.profile {
        loader = loader.profile_name(profile);
    }
    if let Some(url) = target.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if let Some(fixed) = target.credentials {
        let key = Credentials::new(fixed.access_key_id, fixed.secret_access_key, None, None, "fixed");
        loader = loader.credentials_provider(key);
    }
    if let Some(clock) = clock {
        loader = loader.time_source(clock);
    }
    loader.load().await
}

async fn checked_credentials(config: &SdkConfig) -> Result<SharedCredentialsProvider, ClientError> {
    let Some(provider) = config.credentials_provider() else {
        return Err(ClientError::NoCredentials { reason: "no provider is configured".to_owned() });
    };
    let first = provider
        .provide_credentials()
        .await
        .map_err(|error| ClientError::NoCredentials { reason: error::root(&error) })?;
    Ok(SharedCredentialsProvider::new(Primed { first: Arc::new(Mutex::new(Some(first))), provider }))
}

/// Hands out the credentials that the check found, then asks again, so that a
/// command or an SSO portal is not asked twice for one call.
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
