//! The SDK's HTTP client with another trust store than the system's, or without proxies.

use std::path::Path;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Builder, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::error::{ConfigError, Origin};

/// A client that trusts only the certificates in a bundle, as the AWS CLI does with `AWS_CA_BUNDLE`.
pub(crate) fn client_trusting(path: &Path, origin: Origin) -> Result<SharedHttpClient, ConfigError> {
    let failed = |reason: String| ConfigError::CaBundle { path: path.display().to_string(), origin, reason };
    let bundle = std::fs::read(path).map_err(|error| error.to_string()).and_then(checked).map_err(failed)?;
    let trusted = TrustStore::empty().with_pem_certificate(bundle);
    Ok(client(ProxyConfig::from_env(), trusted))
}

/// A client that connects directly, regardless of proxies in the environment.
pub(crate) fn client_without_proxies() -> SharedHttpClient {
    // The endpoint in this process uses plain HTTP: there is no certificate to trust.
    client(ProxyConfig::disabled(), TrustStore::empty())
}

/// The bundle, after every certificate in it was parsed: the SDK's client panics if one can't be.
fn checked(bundle: Vec<u8>) -> Result<Vec<u8>, String> {
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&bundle) {
        let certificate = certificate.map_err(|error| format!("it is not PEM: {error}"))?;
        store.add(certificate).map_err(|error| format!("a certificate in it is not one: {error}"))?;
    }
    if store.is_empty() { Err("it holds no certificate in PEM form".to_owned()) } else { Ok(bundle) }
}

/// The same way as the SDK builds its default client.
fn client(proxies: ProxyConfig, trusted: TrustStore) -> SharedHttpClient {
    Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = ConnectorBuilder::default().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
        // Building it never fails at present.
        if let Ok(context) = TlsContext::builder().with_trust_store(trusted.clone()).build() {
            connector = connector.tls_context(context);
        }
        connector.set_connector_settings(settings.cloned());
        if let Some(components) = components {
            connector.set_sleep_impl(components.sleep_impl());
        }
        connector.set_proxy_config(Some(proxies.clone()));
        connector.build()
    })
}
