//! Whose credentials a call carries, as far as that is known without a call.

use crate::error::Origin;

/// Where credentials come from, and the roles that are assumed with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The profile that is in force, and who chose it; none where nobody did.
    pub profile: Option<(String, Origin)>,
    /// Where the first credentials come from.
    pub source: CredentialSource,
    /// The roles that are assumed with them, in order.
    pub roles: Vec<Role>,
    /// The account that the source states.
    pub(crate) stated_account: Option<String>,
}

/// A role that is assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// The profile that names it; none where the caller does.
    pub profile: Option<String>,
}

/// Where the first credentials come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialSource {
    /// A key that the caller gave.
    Given,
    /// Environment variables with a key of this id.
    Environment(String),
    /// A profile with a key of this id.
    Keys(String, String),
    /// A profile that is signed in to AWS IAM Identity Center.
    SignIn(String),
    /// A command that a profile names.
    Process(String),
    /// A token of an identity provider, for this role.
    Token(String),
    /// What a profile names as its source, such as `Ec2InstanceMetadata`.
    Named(String),
    /// The container or the instance that the program runs in, if it runs in one.
    Machine,
}

impl Caller {
    /// Somebody with a key that is known.
    pub(crate) fn with_key() -> Self {
        Self { profile: None, source: CredentialSource::Given, roles: Vec::new(), stated_account: None }
    }

    /// The same caller, after it has assumed one role more.
    #[must_use]
    pub fn assuming(&self, arn: &str) -> Self {
        let mut caller = self.clone();
        caller.roles.push(Role { arn: arn.to_owned(), profile: None });
        caller
    }

    /// The role under which the call is made, where it is known.
    pub fn role(&self) -> Option<&str> {
        let of_source = match &self.source {
            CredentialSource::Token(role) => Some(role.as_str()),
            _ => None,
        };
        self.roles.last().map(|role| role.arn.as_str()).or(of_source)
    }

    /// The account in which the call is made, where it is known.
    pub fn account(&self) -> Option<&str> {
        let of_role = self.role().and_then(|arn| arn.split(':').nth(4)).filter(|account| !account.is_empty());
        of_role.or_else(|| self.stated_account.as_deref().filter(|_| self.roles.is_empty()))
    }

    /// The profile whose credentials ask for the last role; none where no profile has them.
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

    /// The profile that has no credentials, where one was chosen and everything else is left.
    pub(crate) fn without_any(&self) -> Option<&str> {
        let is_left = self.source == CredentialSource::Machine;
        self.profile.as_ref().filter(|_| is_left).map(|(name, _)| name.as_str())
    }
}
