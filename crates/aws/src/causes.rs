//! What the SDK's errors mean: why there are no credentials, and whether a request can have left
//! this machine.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use hyper_util::client::legacy;

use crate::caller::{Caller, CredentialSource};
use crate::chain::causes;
use crate::error::CredentialsFailure;
use crate::proxy::proxy_of;
use crate::sign_in;

/// Whether a request failed before a byte of it could be sent: no connection was made, or there was nothing to sign it
/// with. Timeouts of the connector are connection timeouts.
pub fn was_never_sent(cause: &ConnectorError) -> bool {
    let at_connecting = |cause: &(dyn Error + 'static)| {
        cause.downcast_ref::<legacy::Error>().is_some_and(legacy::Error::is_connect) || cause.is::<CredentialsError>()
    };
    cause.is_timeout() || causes(cause).any(at_connecting)
}

/// Why a caller has no credentials.
pub fn of_credentials(error: &CredentialsError, caller: Option<&Caller>) -> CredentialsFailure {
    let source = caller.map(|caller| &caller.source);
    if let Some(refused) = causes(error).find_map(|cause| refusal(cause, caller)) {
        return refused;
    }
    let root = || causes(error).last().map(ToString::to_string).unwrap_or_default();
    if let (CredentialsError::CredentialsNotLoaded(_), Some(CredentialSource::Machine)) = (error, source) {
        let profile = caller.and_then(Caller::without_any).map(str::to_owned);
        return profile.map_or(CredentialsFailure::None, |profile| CredentialsFailure::NoneInProfile { profile });
    }
    if causes(error).any(is_silence) || matches!(error, CredentialsError::ProviderTimedOut(_)) {
        let proxy = proxy_of(&address_of_sts()).map(|proxy| proxy.to_string());
        return CredentialsFailure::Unreachable { proxy, reason: root() };
    }
    match source {
        Some(CredentialSource::SignIn(profile)) => of_sign_in(error, profile),
        Some(CredentialSource::Process(profile)) => {
            CredentialsFailure::Process { profile: profile.clone(), reason: root() }
        }
        _ => CredentialsFailure::Other { reason: root() },
    }
}

/// An address for assuming roles: to see which proxy is on the way, any AWS host will do.
fn address_of_sts() -> String {
    std::env::var("AWS_ENDPOINT_URL_STS").unwrap_or_else(|_| "https://sts.amazonaws.com".to_owned())
}

/// The error with which STS refused a role; not every store that imitates STS uses its format.
fn refusal(cause: &(dyn Error + 'static), caller: Option<&Caller>) -> Option<CredentialsFailure> {
    let by_role = cause.downcast_ref::<SdkError<AssumeRoleError, HttpResponse>>().and_then(answer);
    let by_token = || cause.downcast_ref::<SdkError<AssumeRoleWithWebIdentityError, HttpResponse>>().and_then(answer);
    let (code, message) = by_role.or_else(by_token)?;
    Some(CredentialsFailure::RoleRefused {
        role: caller.and_then(Caller::role).map(str::to_owned),
        caller: caller.and_then(Caller::assumes_with).map(str::to_owned),
        code: Some(code),
        message,
    })
}

fn answer<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> Option<(String, String)> {
    let SdkError::ServiceError(answer) = error else { return None };
    let status = answer.raw().status().as_u16();
    let code = answer.err().code().map_or_else(|| of_status(status), str::to_owned);
    let message = answer.err().message().unwrap_or("STS refused sts:AssumeRole").to_owned();
    Some((code, message))
}

fn of_status(status: u16) -> String {
    if status == 403 { "AccessDenied".to_owned() } else { format!("HTTP{status}") }
}

/// Whether nothing answered.
fn is_silence(cause: &(dyn Error + 'static)) -> bool {
    cause.downcast_ref::<ConnectorError>().is_some_and(|error| error.is_io() || error.is_timeout())
}

/// IAM Identity Center fails in three ways: nobody is signed in, the sign-in has expired, or the user does not have the
/// role.
fn of_sign_in(error: &CredentialsError, profile: &str) -> CredentialsFailure {
    let mut texts: Vec<String> = causes(error).skip(1).map(ToString::to_string).collect();
    texts.dedup();
    let profile = profile.to_owned();
    let said = |words: [&str; 2]| texts.iter().any(|text| words.iter().any(|word| text.contains(word)));
    if said(["ForbiddenException", "ResourceNotFoundException"]) {
        return CredentialsFailure::RoleNotGiven { profile, reason: texts.pop().unwrap_or_default() };
    }
    let reason = if said(["expired", "UnauthorizedException"]) {
        sign_in::OVER.to_owned()
    } else if said(["failed to load the cached SSO token", "failed to read"]) {
        "there is no session".to_owned()
    } else {
        texts.join(": ")
    };
    CredentialsFailure::SignedOut { profile, reason }
}
