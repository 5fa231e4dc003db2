//! The identity of a call, as far as it is known without making a call.

use crate::error::Origin;

/// Where credentials come from, and the roles that are assumed with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The effective profile, and who chose it; `None` if nobody did.
    pub profile: Option<(String, Origin)>,
    /// The source of the first credentials.
    pub source: CredentialSource,
    /// The roles that are assumed with them, in order.
    pub roles: Vec<Role>,
    /// The account that the source gives.
    pub(crate) stated_account: Option<String>,
}

/// A role to be assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// The profile that names it; `None` if the caller does.
    pub profile: Option<String>,
}

/// The source of the first credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialSource {
    /// A key that the caller gave.
    Given,
    /// Environment variables with a key with this id.
    Environment(String),
    /// A profile with a key with this id.
    Keys(String, String),
    /// A profile that is signed in to AWS IAM Identity Center.
    SignIn(String),
    /// A command that a profile names.
    Process(String),
    /// A token from an identity provider, for this role.
    Token(String),
    /// What a profile names as its source, such as `Ec2InstanceMetadata`.
    Named(String),
    /// The container or the instance on which the program runs, if it runs on one.
    Machine,
}

impl Caller {
    /// A caller with a given key.
    pub(crate) fn with_key() -> Self {
        Self { profile: None, source: CredentialSource::Given, roles: Vec::new(), stated_account: None }
    }

    /// The same caller, after assuming another role.
    #[must_use]
    pub fn assuming(&self, arn: &str) -> Self {
        let mut caller = self.clone();
        caller.roles.push(Role { arn: arn.to_owned(), profile: None });
        caller
    }

    /// The role with which the call is made, if it is known.
    pub fn role(&self) -> Option<&str> {
        let of_source = match &self.source {
            CredentialSource::Token(role) => Some(role.as_str()),
            _ => None,
        };
        self.roles.last().map(|role| role.arn.as_str()).or(of_source)
    }

    /// The account in which the call is made, if it is known.
    pub fn account(&self) -> Option<&str> {
        let of_role = self.role().and_then(|arn| arn.split(':').nth(4)).filter(|account| !account.is_empty());
        of_role.or_else(|| self.stated_account.as_deref().filter(|_| self.roles.is_empty()))
    }

    /// The profile whose credentials are used to assume the last role; `None` if no profile has them.
    pub(crate) fn assumes_with(&self) -> Option<&str> {
        let before = self.roles.len().checked_sub(2).and_then(|index| self.roles.get(index));
        let of_source = match &self.source {
            CredentialSource::Keys(profile, _)
            | CredentialSource::SignIn(profile)
            | CredentialSource::Process(profile) => Some(profile.as_str()),
            _ => None,
        };
        before.and_then(|role| role.profile.as_deref()).or(of_source)
    }

    /// The profile without credentials, if one was chosen and only the machine is left.
    pub(crate) fn without_any(&self) -> Option<&str> {
        let is_left = self.source == CredentialSource::Machine;
        self.profile.as_ref().filter(|_| is_left).map(|(name, _)| name.as_str())
    }
}
