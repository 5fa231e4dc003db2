//! Loads the configuration, and checks what can be checked without a call.

use std::fmt;
use std::path::Path;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::RegionProviderChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials as _, SharedCredentialsProvider};
use aws_runtime::env_config::file::EnvConfigFiles;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::os_shim_internal::{Env, Fs};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};

use crate::caller::Caller;
use crate::causes::of_credentials;
use crate::chain::described;
use crate::error::{ConfigError, CredentialsFailure, Origin, Service, variable};
use crate::plan::{Given, names};
use crate::proxy::check_proxy;
use crate::region::{Judgement, is_label, judge};
use crate::resolved::Resolved;
use crate::trust;

/// The SDK's name for the provider of a given key.
const GIVEN: &str = "given";

/// What the caller chose. Members that are `None` come from the environment, the shared configuration files or the
/// machine.
#[derive(Clone, Default)]
pub struct Options {
    /// The region.
    pub region: Option<String>,
    /// The profile. Its credentials are used instead of the environment's.
    pub profile: Option<String>,
    /// The endpoint's address.
    pub endpoint_url: Option<String>,
    /// A known access key: id and secret.
    pub key: Option<(String, String)>,
    /// Make no calls: a region that only the machine could provide stays unknown.
    pub offline: bool,
}

/// The debug output of the options does not contain the secret.
impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("region", &self.region)
            .field("profile", &self.profile)
            .field("endpoint_url", &self.endpoint_url)
            .field("key", &self.key.as_ref().map(|(id, _)| id))
            .field("offline", &self.offline)
            .finish()
    }
}

/// What is known before the first call.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The SDK's configuration, with the credentials of [`Surroundings::caller`].
    pub config: SdkConfig,
    /// The service's address, if one is configured; otherwise AWS's own is used.
    pub endpoint: Option<String>,
    /// The region, and who chose it; `None` if only the machine could provide one.
    pub region: Option<(String, Origin)>,
    /// The identity of calls.
    pub caller: Caller,
    /// Regions with similar names, if the region is unknown.
    pub unknown_region: Option<Vec<&'static str>>,
    /// The file of certificates to trust, if it is not the system's.
    pub ca_bundle: Option<String>,
}

/// The configuration for a service. `adjust` sets what is specific to the service, such as time limits.
pub async fn load(
    options: &Options,
    service: Service,
    adjust: impl FnOnce(ConfigLoader) -> ConfigLoader,
) -> Result<Surroundings, ConfigError> {
    let found = Configured::look(options).await?;
    let caller = match &options.key {
        Some(_) => Caller::with_key(),
        None => found.given().caller()?,
    };
    let config = found.config(options, adjust).await?;
    let endpoint = endpoint(options, service, &config);
    let region = found.region.as_ref().map(|(name, _)| name.as_str());
    check_proxy(&endpoint.clone().unwrap_or_else(|| service.address(region)))?;
    let unknown_region = judged(found.region.as_ref(), endpoint.as_deref())?;
    let ca_bundle = found.bundle().map(|(path, _)| path);
    Ok(Surroundings { config, endpoint, region: found.region, caller, unknown_region, ca_bundle })
}

/// The credentials that a profile has or obtains: its keys, those from a program, those of a role.
pub async fn credentials_of(profile: &str, region: Option<&str>) -> Result<Credentials, ConfigError> {
    let options =
        Options { profile: Some(profile.to_owned()), region: region.map(str::to_owned), ..Options::default() };
    let found = Configured::look(&options).await?;
    let caller = found.given().caller()?;
    let config = found.config(&options, |loader| loader).await?;
    let provider = config.credentials_provider().ok_or(CredentialsFailure::None)?;
    let asked = provider.provide_credentials().await;
    Ok(asked.map_err(|error| of_credentials(&error, Some(&caller)))?)
}

/// Whether a profile exists.
pub async fn check_profile(name: &str) -> Result<(), ConfigError> {
    let options = Options { profile: Some(name.to_owned()), ..Options::default() };
    Configured::look(&options).await.map(|_| ())
}

/// The configuration that another process determined: from the surroundings, only the proxies are used.
pub async fn load_resolved(
    resolved: &Resolved,
    adjust: impl FnOnce(ConfigLoader) -> ConfigLoader,
) -> Result<Surroundings, ConfigError> {
    check_proxy(&resolved.endpoint_url.clone().unwrap_or_else(|| Service::S3.address(Some(&resolved.region))))?;
    let Resolved { region, endpoint_url, access_key_id, secret_access_key, session_token, ca_bundle, .. } = resolved;
    let credentials = Credentials::new(access_key_id, secret_access_key, session_token.clone(), None, GIVEN);
    let mut loader = adjust(aws_config::defaults(BehaviorVersion::latest()))
        .region(Region::new(region.clone()))
        .credentials_provider(credentials)
        .use_fips(resolved.use_fips.unwrap_or_default())
        .use_dual_stack(resolved.use_dual_stack.unwrap_or_default());
    if let Some(path) = ca_bundle {
        loader = loader.http_client(trust::client_trusting(Path::new(path), Origin::Given)?);
    }
    let mut config = loader.load().await.into_builder();
    // This process's own settings are not those of the other one.
    config.set_endpoint_url(endpoint_url.clone()).set_service_config(Some(Unconfigured));
    Ok(Surroundings {
        config: config.build(),
        endpoint: endpoint_url.clone(),
        region: Some((region.clone(), Origin::Given)),
        caller: Caller::with_key(),
        unknown_region: None,
        ca_bundle: ca_bundle.clone(),
    })
}

/// The configuration for an endpoint in this process: nothing from the surroundings is used, neither profiles nor
/// proxies.
pub async fn load_own(
    url: &str,
    region: &str,
    key: (&str, &str),
    adjust: impl FnOnce(ConfigLoader) -> ConfigLoader,
) -> Surroundings {
    let credentials = Credentials::new(key.0, key.1, None, None, GIVEN);
    let loader = adjust(aws_config::defaults(BehaviorVersion::latest()))
        .region(Region::new(region.to_owned()))
        .endpoint_url(url)
        .credentials_provider(credentials)
        .use_fips(false)
        .use_dual_stack(false)
        .http_client(trust::client_without_proxies());
    Surroundings {
        config: loader.load().await,
        endpoint: Some(url.to_owned()),
        region: Some((region.to_owned(), Origin::Given)),
        caller: Caller::with_key(),
        unknown_region: None,
        ca_bundle: None,
    }
}

/// Has no endpoint for any service.
#[derive(Debug)]
struct Unconfigured;

impl LoadServiceConfig for Unconfigured {
    fn load_config(&self, _key: ServiceConfigKey<'_>) -> Option<String> {
        None
    }
}

/// What was found in the environment and the shared configuration files.
struct Configured {
    profiles: ProfileSet,
    /// The effective profile.
    selected: String,
    /// Who chose it; `None` if nobody did.
    origin: Option<Origin>,
    region: Option<(String, Origin)>,
}

impl Configured {
    async fn look(options: &Options) -> Result<Self, ConfigError> {
        let given = options.profile.clone().filter(|name| !name.is_empty()).map(|name| (name, Origin::Given));
        let chosen = given.or_else(|| set(variable::PROFILE).map(|name| (name, Origin::Variable(variable::PROFILE))));
        let (selected, origin) = match chosen {
            Some((name, origin)) => (name, Some(origin)),
            None => ("default".to_owned(), None),
        };
        let profiles = profiles(Some(&selected)).await?;
        if let Some(origin) = &origin
            && profiles.get_profile(&selected).is_none()
        {
            let known = names(&profiles);
            return Err(ConfigError::NoSuchProfile { name: selected, origin: origin.clone(), known });
        }
        let region = region(options, &profiles);
        Ok(Self { profiles, selected, origin, region })
    }

    fn given(&self) -> Given<'_> {
        Given { variable: &set, profiles: &self.profiles, origin: self.origin.clone() }
    }

    /// The SDK's configuration.
    async fn config(
        &self,
        options: &Options,
        adjust: impl FnOnce(ConfigLoader) -> ConfigLoader,
    ) -> Result<SdkConfig, ConfigError> {
        let client = self.client()?;
        let mut loader = adjust(aws_config::defaults(BehaviorVersion::latest())).profile_name(&self.selected);
        if let Some((region, _)) = &self.region {
            loader = loader.region(Region::new(region.clone()));
        } else if options.offline {
            loader = loader.region(RegionProviderChain::first_try(None::<Region>));
        }
        if let Some(url) = &options.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        if let Some((id, secret)) = &options.key {
            loader = loader.credentials_provider(Credentials::new(id, secret, None, None, GIVEN));
        }
        if let Some(client) = &client {
            loader = loader.http_client(client.clone());
        }
        let config = loader.load().await;
        if self.origin != Some(Origin::Given) || options.key.is_some() {
            return Ok(config);
        }
        let provider = of_profile_alone(&self.selected, &config, client);
        Ok(config.into_builder().credentials_provider(provider).build())
    }

    /// The HTTP client, if it is not the SDK's own.
    fn client(&self) -> Result<Option<SharedHttpClient>, ConfigError> {
        let bundle = self.bundle();
        bundle.map(|(path, origin)| trust::client_trusting(Path::new(&path), origin)).transpose()
    }

    /// The file of certificates to trust, and who chose it.
    fn bundle(&self) -> Option<(String, Origin)> {
        let of_profile = || {
            let path = self.profiles.get("ca_bundle").filter(|path| !path.is_empty())?;
            Some((path.to_owned(), Origin::Profile(self.selected.clone())))
        };
        let of_variable = set(variable::CA_BUNDLE).map(|path| (path, Origin::Variable(variable::CA_BUNDLE)));
        of_variable.or_else(of_profile)
    }
}

/// The region, and who chose it.
fn region(options: &Options, profiles: &ProfileSet) -> Option<(String, Origin)> {
    let given = options.region.clone().filter(|name| !name.is_empty()).map(|name| (name, Origin::Given));
    let of = |variable| set(variable).map(|name| (name, Origin::Variable(variable)));
    given
        .or_else(|| of(variable::REGION))
        .or_else(|| of(variable::DEFAULT_REGION))
        .or_else(|| region_of_profile(profiles))
}

/// The region of a profile, or of those that its `source_profile` leads to, as in the SDK.
fn region_of_profile(profiles: &ProfileSet) -> Option<(String, Origin)> {
    let mut visited = Vec::new();
    let mut name = profiles.selected_profile();
    while !visited.contains(&name) {
        visited.push(name);
        let profile = profiles.get_profile(name)?;
        if let Some(region) = profile.get("region") {
            return Some((region.to_owned(), Origin::Profile(name.to_owned())));
        }
        name = profile.get("source_profile")?;
    }
    None
}

/// The profiles of the shared configuration files, with the given one selected, or else the environment's. It is not
/// checked whether that one exists.
pub async fn profiles(selected: Option<&str>) -> Result<ProfileSet, ConfigError> {
    let selected = selected.map(|name| name.to_owned().into());
    let (files, variables, usual) = (Fs::real(), Env::real(), EnvConfigFiles::default());
    let loaded = aws_config::profile::load(&files, &variables, &usual, selected).await;
    loaded.map_err(|error| ConfigError::Files { reason: described(&error) })
}

/// The credentials of a profile that the caller named: the environment's are not used, as in the AWS CLI.
fn of_profile_alone(profile: &str, config: &SdkConfig, client: Option<SharedHttpClient>) -> SharedCredentialsProvider {
    let mut provider = ProviderConfig::without_region()
        .with_region(config.region().cloned())
        .with_behavior_version(Some(BehaviorVersion::latest()))
        .with_use_fips(config.use_fips())
        .with_use_dual_stack(config.use_dual_stack());
    if let Some(client) = client {
        provider = provider.with_http_client(client);
    }
    let of_profile = ProfileFileCredentialsProvider::builder().configure(&provider).profile_name(profile).build();
    let of_container = EcsCredentialsProvider::builder().configure(&provider).build();
    let of_instance = ImdsCredentialsProvider::builder().configure(&provider).build();
    let chain = CredentialsProviderChain::first_try("Profile", of_profile)
        .or_else("EcsContainer", of_container)
        .or_else("Ec2InstanceMetadata", of_instance);
    SharedCredentialsProvider::new(chain)
}

/// The service's address, if one is given: determined as in the SDK, which does not expose it.
fn endpoint(options: &Options, service: Service, config: &SdkConfig) -> Option<String> {
    let of_service = || {
        let key = ServiceConfigKey::builder().service_id(service.id()).env("AWS_ENDPOINT_URL").profile("endpoint_url");
        config.service_config()?.load_config(key.build().ok()?)
    };
    let given = options.endpoint_url.clone().or_else(of_service);
    given.or_else(|| config.endpoint_url().map(str::to_owned)).filter(|url| !url.is_empty())
}

/// A region's name only matters if it leads to an AWS endpoint; other endpoints may use any name that the AWS CLI
/// accepts.
fn judged(region: Option<&(String, Origin)>, endpoint: Option<&str>) -> Result<Option<Vec<&'static str>>, ConfigError> {
    let Some((name, origin)) = region else { return Ok(None) };
    match judge(name) {
        Judgement::Known => Ok(None),
        _ if endpoint.is_some() && is_label(name) => Ok(None),
        Judgement::Unknown(near) => Ok(Some(near)),
        Judgement::Mistyped(near) => {
            Err(ConfigError::MistypedRegion { name: name.clone(), origin: origin.clone(), near })
        }
    }
}

/// A variable's value, if it is set and not empty.
fn set(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}
