//! Determines the caller from the environment and the shared configuration files, by the rules of
//! the AWS CLI and the SDK, without a call.
//!
//! The environment's key comes first, unless the caller named a profile: then only that profile
//! counts, and what the machine provides.

use aws_config::profile::{Profile, ProfileSet};

use crate::caller::{Caller, CredentialSource, Role};
use crate::error::{CredentialsFailure, KeyPairPlace, Origin, variable};
use crate::sign_in;

const KEY_ID: &str = "aws_access_key_id";
const SECRET: &str = "aws_secret_access_key";
const ROLE: &str = "role_arn";
const SOURCE_PROFILE: &str = "source_profile";
const TOKEN_FILE: &str = "web_identity_token_file";
/// The settings that make a profile one of IAM Identity Center.
const SIGN_IN: [&str; 2] = ["sso_session", "sso_start_url"];

/// The source of credentials, the roles that are assumed with them, and the account that the source gives.
type Resolution = (CredentialSource, Vec<Role>, Option<String>);

/// The inputs of the plan.
pub(crate) struct Given<'a> {
    /// An environment variable's value, if it is set and not empty.
    pub(crate) variable: &'a dyn Fn(&str) -> Option<String>,
    /// The profiles, and which is effective.
    pub(crate) profiles: &'a ProfileSet,
    /// Who chose the effective profile; `None` if nobody did.
    pub(crate) origin: Option<Origin>,
}

impl Given<'_> {
    /// The identity that a call will have.
    pub(crate) fn caller(&self) -> Result<Caller, CredentialsFailure> {
        let selected = self.profiles.selected_profile();
        let profile = self.origin.clone().map(|origin| (selected.to_owned(), origin));
        let is_explicit = self.origin == Some(Origin::Given);
        let caller = |(source, roles, stated_account)| Caller { profile, source, roles, stated_account };
        if !is_explicit && let Some(key) = self.key_of_environment()? {
            let account = (self.variable)("AWS_ACCOUNT_ID");
            return Ok(caller((CredentialSource::Environment(key), Vec::new(), account)));
        }
        if let Some(found) = self.of_profiles(selected)? {
            return Ok(caller(found));
        }
        let token = (self.variable)("AWS_WEB_IDENTITY_TOKEN_FILE").filter(|_| !is_explicit);
        let source = match token.and_then(|_| (self.variable)("AWS_ROLE_ARN")) {
            Some(role) => CredentialSource::Token(role),
            None if !is_explicit && (self.variable)(variable::SECRET_ACCESS_KEY).is_some() => {
                let missing = variable::ACCESS_KEY_ID;
                return Err(CredentialsFailure::HalfPair { place: KeyPairPlace::Environment, missing });
            }
            None => CredentialSource::Machine,
        };
        Ok(caller((source, Vec::new(), None)))
    }

    /// The id of the environment's key. A secret alone is ignored if a profile has a key, as in the AWS CLI.
    fn key_of_environment(&self) -> Result<Option<String>, CredentialsFailure> {
        let Some(id) = (self.variable)(variable::ACCESS_KEY_ID) else { return Ok(None) };
        if (self.variable)(variable::SECRET_ACCESS_KEY).is_some() {
            return Ok(Some(id));
        }
        Err(CredentialsFailure::HalfPair { place: KeyPairPlace::Environment, missing: variable::SECRET_ACCESS_KEY })
    }

    /// What a profile leads to: the source of its credentials, the roles on the way, and the account.
    fn of_profiles(&self, selected: &str) -> Result<Option<Resolution>, CredentialsFailure> {
        let mut roles = Vec::new();
        let mut visited = Vec::new();
        let Some(mut profile) = self.profiles.get_profile(selected) else { return Ok(None) };
        loop {
            let name = profile.name();
            if !visited.is_empty()
                && let Some(keys) = keys(profile)?
            {
                roles.reverse();
                return Ok(Some((keys, roles, account(profile))));
            }
            if visited.contains(&name) {
                let reason = format!("the source_profile of {name} leads back to it");
                return Err(CredentialsFailure::Other { reason });
            }
            visited.push(name);
            let role = profile.get(ROLE).filter(|_| profile.get(TOKEN_FILE).is_none());
            let next = role.and_then(|_| profile.get(SOURCE_PROFILE));
            roles.extend(role.map(|arn| Role { arn: arn.to_owned(), profile: Some(name.to_owned()) }));
            profile = match next {
                Some(next) if next != name => self.source_of(name, next)?,
                _ => break,
            };
        }
        roles.reverse();
        Ok(source(profile)?.map(|source| (source, roles, account(profile))))
    }

    fn source_of(&self, profile: &str, next: &str) -> Result<&Profile, CredentialsFailure> {
        self.profiles.get_profile(next).ok_or_else(|| CredentialsFailure::NoSourceProfile {
            profile: profile.to_owned(),
            source_name: next.to_owned(),
            known: names(self.profiles),
        })
    }
}

/// The names of all profiles.
pub(crate) fn names(profiles: &ProfileSet) -> Vec<String> {
    let mut names: Vec<String> = profiles.profiles().map(str::to_owned).collect();
    names.sort();
    names
}

/// Where a profile gets its own credentials, in the SDK's order.
fn source(profile: &Profile) -> Result<Option<CredentialSource>, CredentialsFailure> {
    let name = || profile.name().to_owned();
    if let Some(named) = profile.get("credential_source") {
        return Ok(Some(CredentialSource::Named(named.to_owned())));
    }
    if let (Some(role), Some(_)) = (profile.get(ROLE), profile.get(TOKEN_FILE)) {
        return Ok(Some(CredentialSource::Token(role.to_owned())));
    }
    if SIGN_IN.iter().any(|key| profile.get(key).is_some()) {
        // The SDK itself checks whether a session has expired.
        let without_session = profile.get("sso_start_url").filter(|_| profile.get("sso_session").is_none());
        if without_session.is_some_and(sign_in::is_over) {
            let reason = sign_in::OVER.to_owned();
            return Err(CredentialsFailure::SignedOut { profile: name(), reason });
        }
        return Ok(Some(CredentialSource::SignIn(name())));
    }
    if profile.get("credential_process").is_some() {
        return Ok(Some(CredentialSource::Process(name())));
    }
    keys(profile)
}

/// The key pair of a profile.
fn keys(profile: &Profile) -> Result<Option<CredentialSource>, CredentialsFailure> {
    let half = |missing| {
        let place = KeyPairPlace::Profile(profile.name().to_owned());
        Err(CredentialsFailure::HalfPair { place, missing })
    };
    match (profile.get(KEY_ID), profile.get(SECRET)) {
        (Some(id), Some(_)) => Ok(Some(CredentialSource::Keys(profile.name().to_owned(), id.to_owned()))),
        (Some(_), None) => half(SECRET),
        (None, Some(_)) => half(KEY_ID),
        (None, None) => Ok(None),
    }
}

fn account(profile: &Profile) -> Option<String> {
    ["sso_account_id", "aws_account_id"].iter().find_map(|key| profile.get(key)).map(str::to_owned)
}
