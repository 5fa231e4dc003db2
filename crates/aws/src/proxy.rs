//! Which proxy a request goes through, as decided by the SDK's own client.

use std::fmt;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;

use crate::error::ConfigError;

/// A proxy, without its user and password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proxy {
    /// Its address.
    pub address: String,
    /// The environment variable that names it.
    pub variable: &'static str,
}

impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the proxy {} ({})", self.address, self.variable)
    }
}

/// The proxy for requests to an address; `None` if they are direct.
pub fn proxy_of(url: &str) -> Option<Proxy> {
    let target: Uri = url.parse().ok()?;
    let taken = Matcher::from_env().intercept(&target)?;
    let address = taken.uri().to_string().trim_end_matches('/').to_owned();
    Some(Proxy { address, variable: variable_of(target.scheme_str()?)? })
}

/// Whether the proxy that the environment names for an address can be used. The SDK's client ignores one that can't,
/// and connects directly.
pub(crate) fn check_proxy(url: &str) -> Result<(), ConfigError> {
    let Ok(target) = url.parse::<Uri>() else { return Ok(()) };
    let Some(variable) = target.scheme_str().and_then(variable_of) else { return Ok(()) };
    // Only the exceptions matter here: any proxy will do to find out whether one is used.
    let exceptions = ["NO_PROXY", "no_proxy"].into_iter().find_map(|name| std::env::var(name).ok());
    let any = Matcher::builder().all("http://proxy").no(exceptions.unwrap_or_default()).build();
    let value = std::env::var(variable).unwrap_or_default();
    match fault(&value).filter(|_| any.intercept(&target).is_some()) {
        Some(rule) => Err(ConfigError::Proxy { variable, rule }),
        None => Ok(()),
    }
}

/// What is wrong with the address of a proxy.
fn fault(address: &str) -> Option<&'static str> {
    let has_place = |uri: &Uri| {
        let (host, place) =
            (uri.host().unwrap_or_default(), uri.authority().map_or("", |authority| authority.as_str()));
        let place = place.rsplit('@').next().unwrap_or_default();
        !host.is_empty() && (place == host || uri.port_u16().is_some())
    };
    let parsed = address.parse::<Uri>().ok().filter(has_place);
    match parsed.as_ref().map(Uri::scheme_str) {
        Some(None | Some("http" | "https")) => None,
        Some(Some(scheme)) if scheme.starts_with("socks") => {
            Some("names a SOCKS proxy, and only HTTP proxies can be used")
        }
        _ => Some("is not the address of an HTTP proxy"),
    }
}

/// The first variable that is set is used, upper case first.
fn variable_of(scheme: &str) -> Option<&'static str> {
    let own = if scheme == "https" { ["HTTPS_PROXY", "https_proxy"] } else { ["HTTP_PROXY", "http_proxy"] };
    let all = ["ALL_PROXY", "all_proxy"];
    own.into_iter().chain(all).find(|name| std::env::var(name).is_ok_and(|value| !value.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_proxy_is_found() {
        for address in ["http://proxy:3128", "https://user:word@proxy", "proxy.example:8080", "http://[::1]:3128/"] {
            assert_eq!(fault(address), None, "{address}");
        }
        for address in ["not a url", "http://", "http://proxy:port", "/proxy", "ftp://proxy", "socks5://proxy:1080"] {
            assert!(fault(address).is_some(), "{address}");
        }
    }
}
