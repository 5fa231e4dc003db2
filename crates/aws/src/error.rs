//! Why AWS can't be reached: what is wrong with the configuration, and why there are no
//! credentials.

use std::fmt;

/// The environment variables that are read here, in addition to those that the SDK reads.
pub mod variable {
    /// Names the profile.
    pub const PROFILE: &str = "AWS_PROFILE";
    /// Names the region.
    pub const REGION: &str = "AWS_REGION";
    /// Names the region, if the variable above does not.
    pub const DEFAULT_REGION: &str = "AWS_DEFAULT_REGION";
    /// Names the bundle of certificates to trust.
    pub const CA_BUNDLE: &str = "AWS_CA_BUNDLE";
    /// The access key's id.
    pub const ACCESS_KEY_ID: &str = "AWS_ACCESS_KEY_ID";
    /// The access key's secret.
    pub const SECRET_ACCESS_KEY: &str = "AWS_SECRET_ACCESS_KEY";
}

/// Who chose a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// The caller.
    Given,
    /// An environment variable.
    Variable(&'static str),
    /// A profile of the shared configuration files.
    Profile(String),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given => f.write_str("as given"),
            Self::Variable(name) => f.write_str(name),
            Self::Profile(name) => write!(f, "profile {name}"),
        }
    }
}

/// Which service an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// QLDB's control plane.
    Qldb,
    /// S3.
    S3,
}

impl Service {
    /// The service's id in the SDK and in configuration files.
    pub fn id(self) -> &'static str {
        match self {
            Self::Qldb => "QLDB",
            Self::S3 => "S3",
        }
    }

    /// The service's AWS address, for selecting a proxy.
    #[cfg(feature = "sdk")]
    pub(crate) fn address(self, region: Option<&str>) -> String {
        format!("https://{}.{}.amazonaws.com", self.id().to_ascii_lowercase(), region.unwrap_or("us-east-1"))
    }
}

/// What is wrong with the configuration, before any call is made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// No profile has this name.
    #[error("there is no profile {name:?}")]
    NoSuchProfile {
        /// The name.
        name: String,
        /// Who chose it.
        origin: Origin,
        /// The existing profiles.
        known: Vec<String>,
    },
    /// The shared configuration files can't be read.
    #[error("the shared AWS configuration can't be read: {reason}")]
    Files {
        /// Why.
        reason: String,
    },
    /// No region has such a name.
    #[error("{name:?} is not an AWS region")]
    MistypedRegion {
        /// The name.
        name: String,
        /// Who chose it.
        origin: Origin,
        /// Regions with similar names.
        near: Vec<&'static str>,
    },
    /// The bundle of certificates can't be used.
    #[error("the certificates in {path} can't be trusted: {reason}")]
    CaBundle {
        /// The file.
        path: String,
        /// Who chose it.
        origin: Origin,
        /// Why.
        reason: String,
    },
    /// A proxy that can't be used. If it were ignored, the call would bypass it.
    #[error("{variable} {rule}")]
    Proxy {
        /// The variable that names it.
        variable: &'static str,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// There are no usable credentials.
    #[error(transparent)]
    Credentials(#[from] CredentialsFailure),
}

/// Where half of a key pair was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPairPlace {
    /// In environment variables.
    Environment,
    /// In a profile.
    Profile(String),
}

/// Why there are no usable credentials.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsFailure {
    /// One half of a key pair is present, the other is missing.
    #[error("half of a key pair is set{}: {missing} is missing", in_place(.place))]
    HalfPair {
        /// Where.
        place: KeyPairPlace,
        /// The missing half, by its name there.
        missing: &'static str,
    },
    /// A profile refers to one that does not exist.
    #[error("profile {profile} has the source_profile {source_name:?}, which does not exist")]
    NoSourceProfile {
        /// The profile.
        profile: String,
        /// The profile that it names.
        source_name: String,
        /// The existing profiles.
        known: Vec<String>,
    },
    /// The sign-in to IAM Identity Center (SSO) has expired, or there was none.
    #[error("profile {profile} is not signed in to AWS IAM Identity Center: {reason}")]
    SignedOut {
        /// The profile that needs to be signed in.
        profile: String,
        /// What was found.
        reason: String,
    },
    /// IAM Identity Center does not give the signed-in user this role.
    #[error("AWS IAM Identity Center does not give profile {profile} its role: {reason}")]
    RoleNotGiven {
        /// The profile.
        profile: String,
        /// Its error.
        reason: String,
    },
    /// STS does not let the caller assume a role.
    #[error("the role{} can't be assumed: {}", named(.role.as_deref()), answered(.code.as_deref(), .message))]
    RoleRefused {
        /// The role, if it is known.
        role: Option<String>,
        /// The profile whose credentials were used, if there is one.
        caller: Option<String>,
        /// The error code of STS.
        code: Option<String>,
        /// Its message.
        message: String,
    },
    /// The command that a profile names for its credentials did not provide any.
    #[error("the credential_process of profile {profile} gave no credentials: {reason}")]
    Process {
        /// The profile.
        profile: String,
        /// Why.
        reason: String,
    },
    /// The source of the credentials can't be reached.
    #[error("the credentials could not be asked for{}: {reason}", through(.proxy.as_deref()))]
    Unreachable {
        /// The proxy on the way, as it is named in a sentence.
        proxy: Option<String>,
        /// What happened to the connection.
        reason: String,
    },
    /// The chosen profile has none.
    #[error("profile {profile} has no credentials")]
    NoneInProfile {
        /// The profile.
        profile: String,
    },
    /// Nothing provides any.
    #[error("no AWS credentials were found")]
    None,
    /// Anything else.
    #[error("no usable AWS credentials: {reason}")]
    Other {
        /// The SDK's error.
        reason: String,
    },
}

impl CredentialsFailure {
    /// Whether the failure may go away by itself.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}

fn in_place(place: &KeyPairPlace) -> String {
    match place {
        KeyPairPlace::Environment => String::new(),
        KeyPairPlace::Profile(name) => format!(" in profile {name}"),
    }
}

fn through(proxy: Option<&str>) -> String {
    proxy.map_or_else(String::new, |proxy| format!(" through {proxy}"))
}

fn named(role: Option<&str>) -> String {
    role.map_or_else(String::new, |role| format!(" {role}"))
}

fn answered(code: Option<&str>, message: &str) -> String {
    code.map_or_else(|| message.to_owned(), |code| format!("{code} {message}").trim_end().to_owned())
}
