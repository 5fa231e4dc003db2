//! What to do about credentials that are missing, incomplete, expired or refused: each failure has
//! its own remedy.

use super::Advice;
use crate::cli::context::Context;
use crate::cli::error::configuration::did_you_mean;
use crate::cli::output::text::shell_word;
use qldb_aws::{Caller, CredentialSource, CredentialsFailure, KeyPairPlace, nearest};

/// What to do about missing credentials.
pub(super) fn on(failure: &CredentialsFailure) -> Advice {
    match failure {
        CredentialsFailure::HalfPair { place: KeyPairPlace::Environment, missing } => Advice::new(
            "an access key consists of an id and a secret, and only one of the two is set",
            format!("set {missing}, or unset AWS_ACCESS_KEY_ID to use a profile"),
        ),
        CredentialsFailure::HalfPair { place: KeyPairPlace::Profile(name), .. } => Advice::new(
            "an access key consists of an id and a secret, and the profile has only one of the two",
            format!("aws configure --profile {}", shell_word(name)),
        ),
        CredentialsFailure::NoSourceProfile { source_name, known, .. } => {
            let near = nearest(source_name, known.iter().map(String::as_str));
            let next = if near.is_empty() {
                format!("aws configure --profile {}, or another source_profile", shell_word(source_name))
            } else {
                did_you_mean(&near)
            };
            Advice::new("the role of a profile is assumed with the credentials of its source_profile", next)
        }
        CredentialsFailure::SignedOut { profile, .. } => {
            Advice::new("a sign-in lasts some hours, and is renewed in a browser", sign_in(profile))
        }
        CredentialsFailure::RoleNotGiven { profile, .. } => Advice::new(
            "the signed-in user has no access to this account, or not with that role",
            format!("check sso_account_id and sso_role_name of profile {profile}, or sign in as a user who has access"),
        ),
        CredentialsFailure::RoleRefused { role, caller, .. } => of_role(role.as_deref(), caller.as_deref()),
        CredentialsFailure::Process { profile, .. } => Advice::new(
            "the command ran, but did not print credentials in the format that AWS tools read",
            format!("run the credential_process of profile {profile} by hand"),
        ),
        CredentialsFailure::Unreachable { .. } => Advice::new(
            "the credentials provider did not answer",
            "check the network, HTTPS_PROXY and NO_PROXY, and run it again".to_owned(),
        ),
        CredentialsFailure::NoneInProfile { profile } => Advice::new(
            "the profile has no key, role, sign-in or process, and this machine provides no credentials",
            format!("aws configure --profile {}, or another --profile", shell_word(profile)),
        ),
        _ => Advice::new(
            "neither the environment, nor the shared configuration files, nor this machine provides working credentials",
            "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile that has some with --profile or \
             AWS_PROFILE"
                .to_owned(),
        ),
    }
}

/// What to do about an expired session.
pub(super) fn on_expiry(caller: Option<&Caller>) -> Advice {
    let next = match caller.map(|caller| &caller.source) {
        Some(CredentialSource::SignIn(profile)) => sign_in(profile),
        Some(CredentialSource::Environment(_)) => {
            "new values for AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; or unset them, and \
             aws sso login"
                .to_owned()
        }
        Some(CredentialSource::Keys(profile, _)) => {
            format!("new keys for profile {profile}: aws_session_token expires with them")
        }
        _ => "aws sso login, or new credentials".to_owned(),
    };
    Advice::new("the session's credentials have expired", next)
}

/// The command that shows the caller's identity.
pub(super) fn who_am_i(context: &Context) -> String {
    let profile = context.global.profile.as_deref().map(|name| format!(" --profile {}", shell_word(name)));
    format!("aws sts get-caller-identity{}", profile.unwrap_or_default())
}

fn sign_in(profile: &str) -> String {
    format!("aws sso login --profile {}", shell_word(profile))
}

fn of_role(role: Option<&str>, caller: Option<&str>) -> Advice {
    let role = role.unwrap_or("ROLE_ARN");
    let profile = caller.map(|profile| format!(" --profile {}", shell_word(profile))).unwrap_or_default();
    Advice::new(
        "the role does not trust the caller, or the caller lacks sts:AssumeRole",
        format!("aws sts assume-role --role-arn {} --role-session-name test{profile}", shell_word(role)),
    )
}
