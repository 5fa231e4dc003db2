//! How to reach a service, determined by one process so that another can do it on its behalf: the
//! other one needs nothing from the first one's environment.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a call needs.
#[derive(Clone, Serialize, Deserialize)]
pub struct Resolved {
    /// The region.
    pub region: String,
    /// The service's address; AWS's own if there is none.
    pub endpoint_url: Option<String>,
    /// Whether to use AWS's FIPS endpoints.
    pub use_fips: Option<bool>,
    /// Whether to use AWS's dual-stack endpoints.
    pub use_dual_stack: Option<bool>,
    /// The file of certificates to trust, instead of the system's.
    pub ca_bundle: Option<String>,
    /// The access key's id.
    pub access_key_id: String,
    /// The access key's secret.
    pub secret_access_key: String,
    /// The token of temporary credentials. They are not renewed.
    pub session_token: Option<String>,
}

/// The debug output does not contain the secret.
impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolved")
            .field("region", &self.region)
            .field("endpoint_url", &self.endpoint_url)
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}
