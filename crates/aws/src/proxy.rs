//! Which proxy a request goes through, as the SDK's own client decides it.

use std::fmt;

use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;

/// A proxy, without what signs somebody in to it.
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

/// The proxy through which requests to an address go; none if they go straight there.
pub fn proxy_of(url: &str) -> Option<Proxy> {
    let target: Uri = url.parse().ok()?;
    let taken = Matcher::from_env().intercept(&target)?;
    let address = taken.uri().to_string().trim_end_matches('/').to_owned();
    Some(Proxy { address, variable: variable_of(target.scheme_str()?)? })
}

/// The first variable that is set counts, and upper case comes first.
fn variable_of(scheme: &str) -> Option<&'static str> {
    let own = if scheme == "https" { ["HTTPS_PROXY", "https_proxy"] } else { ["HTTP_PROXY", "http_proxy"] };
    let all = ["ALL_PROXY", "all_proxy"];
    own.into_iter().chain(all).find(|name| std::env::var(name).is_ok_and(|value| !value.is_empty()))
}
