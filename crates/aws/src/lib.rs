//! Reaches AWS as its own tools do: which region, with which identity, which certificates are
//! trusted, and through which proxy; and why that failed.
//!
//! An explicit choice overrides the surroundings, as in the AWS CLI: a profile named by the caller
//! provides the credentials, regardless of what the environment holds. For the client of QLDB and
//! for the store in S3, so that both behave alike. It knows nothing about the command line: errors
//! name profiles, variables and rules.
//!
//! Without the feature `sdk` nothing is loaded, and there are only the types.

#![forbid(unsafe_code)]

#[cfg(feature = "sdk")]
mod caller;
#[cfg(feature = "sdk")]
mod causes;
mod chain;
mod error;
#[cfg(feature = "sdk")]
mod load;
mod nearest;
#[cfg(feature = "sdk")]
mod plan;
#[cfg(feature = "sdk")]
mod proxy;
mod region;
mod resolved;
#[cfg(feature = "sdk")]
mod sign_in;
#[cfg(feature = "sdk")]
mod trust;

#[cfg(feature = "sdk")]
pub use caller::{Caller, CredentialSource, Role};
#[cfg(feature = "sdk")]
pub use causes::{of_credentials, was_never_sent};
pub use chain::{causes, described, with_causes};
pub use error::{ConfigError, CredentialsFailure, KeyPairPlace, Origin, Service, variable};
#[cfg(feature = "sdk")]
pub use load::{Options, Surroundings, check_profile, credentials_of, load, load_own, load_resolved, profiles};
pub use nearest::nearest;
#[cfg(feature = "sdk")]
pub use proxy::{Proxy, proxy_of};
pub use region::{Judgement, judge, known_regions, partition};
pub use resolved::Resolved;
