//! How to reach S3.

use std::{fmt, io};

use qldb_aws::{ConfigError, Resolved};

use super::patience::Patience;
use super::sizes::Sizes;

/// The environment variables for the address of S3, the more specific one first.
pub const ENDPOINT_VARIABLES: [&str; 2] = ["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"];

/// How to reach S3. Members that are `None` come from the environment, the shared configuration files, SSO or the
/// instance, as for every AWS tool.
#[derive(Clone, Default)]
pub struct S3Options {
    /// The region.
    pub region: Option<String>,
    /// The profile of the shared configuration files.
    pub profile: Option<String>,
    /// The endpoint's address.
    pub endpoint_url: Option<String>,
    /// A known access key: id and secret.
    pub credentials: Option<(String, String)>,
    /// How another process reaches S3, which replaces everything found here.
    #[doc(hidden)]
    pub resolved: Option<Resolved>,
    /// Put the bucket into the path, even if the endpoint's host is a name. With an address or `localhost` it is always
    /// there.
    pub path_style: bool,
    /// Whether exports assume the role that their request names.
    pub assume_roles: bool,
    /// Pay for requests and transfer, if the bucket's owner does not.
    pub request_payer: bool,
    /// The account that every bucket must belong to; S3 refuses other buckets.
    pub expected_bucket_owner: Option<String>,
    /// How long to retry.
    #[doc(hidden)]
    pub patience: Patience,
    /// The sizes of the pieces in which objects are transferred.
    #[doc(hidden)]
    pub sizes: Sizes,
}

/// How objects are to be restored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestoreOrder {
    /// How many days the copies are kept.
    pub days: i32,
    /// How fast, in S3's terms: `Bulk`, `Standard`, `Expedited`.
    pub tier: &'static str,
}

/// The debug output of the options does not contain the secret.
impl fmt::Debug for S3Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3Options")
            .field("region", &self.region)
            .field("profile", &self.profile)
            .field("endpoint_url", &self.endpoint_url)
            .field("access_key", &self.credentials.as_ref().map(|(id, _)| id))
            .field("resolved", &self.resolved)
            .field("path_style", &self.path_style)
            .field("assume_roles", &self.assume_roles)
            .field("request_payer", &self.request_payer)
            .field("expected_bucket_owner", &self.expected_bucket_owner)
            .field("patience", &self.patience)
            .field("sizes", &self.sizes)
            .finish()
    }
}

/// Why S3 can't be called.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum S3OpenError {
    /// The system provides no threads for the calls.
    #[error("can't start threads: {0}")]
    Threads(#[source] io::Error),
    /// The AWS configuration is wrong.
    #[error(transparent)]
    Configuration(#[from] ConfigError),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_written_without_the_secret() {
        let credentials = Some(("AKID".to_owned(), "hidden".to_owned()));
        let text = format!("{:?}", S3Options { credentials, ..S3Options::default() });
        assert!(text.contains("AKID") && !text.contains("hidden"), "{text}");
    }
}
