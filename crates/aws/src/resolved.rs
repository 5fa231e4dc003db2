//! How a service is reached, found out by one process so that another can do it
//! for it: its holder needs nothing of the first one's environment.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a call needs.
#[derive(Clone, Serialize, Deserialize)]
pub struct Resolved {
    /// The region.
    pub region: String,
    /// The service's address; AWS's own where there is none.
    pub endpoint_url: Option<String>,
    /// Whether AWS's endpoints are to be those with validated cryptography.
    pub use_fips: Option<bool>,
    /// Whether they are to be those that speak IPv6 as well.
    pub use_dual_stack: Option<bool>,
    /// The file of certificates to trust, instead of the system's.
    pub ca_bundle: Option<String>,
    /// The access key's id.
    pub access_key_id: String,
    /// The access key's secret.
    pub secret_access_key: String,
    /// The token that goes with temporary credentials. They are not renewed.
    pub session_token: Option<String>,
}

/// Nothing that is written of it holds the secret.
impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolved")
            .field("region", &self.region)
            .field("endpoint_url", &self.endpoint_url)
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}
