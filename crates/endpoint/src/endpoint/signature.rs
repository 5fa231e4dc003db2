//! AWS Signature Version 4, on the service's side: a request is signed again with the shared
//! secret, and the two signatures are compared.
//!
//! The canonical request is that of `aws-sigv4`, over the method, the raw path and query, the
//! headers that the caller claims to have signed, and the body's SHA-256.

use aws_credential_types::Credentials as AwsCredentials;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use axum::http::HeaderMap;
use axum::http::header::HOST;
use chrono::{DateTime, TimeDelta, Utc};

use super::credentials::Credentials;
use super::presented::{DATE_FORMAT, DATE_HEADER, Presented, Scope, incomplete};
use super::signed::{SIGNING_NAME, SignatureFault, Signed};

/// How far a request's time may differ from the service's, in either direction.
const MAX_SKEW: TimeDelta = TimeDelta::minutes(15);

/// Checks requests against one key pair in one region.
#[derive(Debug)]
pub(crate) struct Verifier {
    credentials: Credentials,
    region: String,
}

impl Verifier {
    /// A verifier that accepts these credentials, scoped to this region.
    pub(crate) fn new(credentials: &Credentials, region: &str) -> Self {
        Self { credentials: credentials.clone(), region: region.to_owned() }
    }

    /// When the credentials expire, if they do.
    pub(super) fn expires(&self) -> Option<DateTime<Utc>> {
        self.credentials.expires
    }

    /// Accepts the request, or says why not.
    pub(crate) fn check(&self, request: &Signed<'_>, now: DateTime<Utc>) -> Result<(), SignatureFault> {
        let given = Presented::read(request)?;
        if given.scope.access_key_id != self.credentials.access_key_id {
            return Err(SignatureFault::UnknownKey);
        }
        self.check_scope(&given.scope, given.signed_at)?;
        check_time(&given, now)?;
        let expected = self.sign(request, &given)?;
        verify_slices_are_equal(expected.as_bytes(), given.signature.as_bytes())
            .map_err(|_| SignatureFault::Mismatch)?;
        self.check_token(given.token.as_deref(), now)
    }

    /// Temporary credentials are valid with their token, and until they expire.
    fn check_token(&self, given: Option<&str>, now: DateTime<Utc>) -> Result<(), SignatureFault> {
        if let Some(token) = &self.credentials.session_token {
            let given = given.unwrap_or_default();
            verify_slices_are_equal(token.as_bytes(), given.as_bytes()).map_err(|_| SignatureFault::UnknownKey)?;
        }
        match self.credentials.expires {
            Some(expires) if expires <= now => Err(SignatureFault::Expired),
            _ => Ok(()),
        }
    }

    fn check_scope(&self, scope: &Scope, signed_at: DateTime<Utc>) -> Result<(), SignatureFault> {
        let out_of_scope = |text: String| Err(SignatureFault::OutOfScope(text));
        if scope.region != self.region {
            let (given, own) = (&scope.region, &self.region);
            return out_of_scope(format!("Credential should be scoped to a valid region: {own}, not {given}."));
        }
        if scope.service != SIGNING_NAME {
            return out_of_scope(format!("Credential should be scoped to correct service: {SIGNING_NAME}."));
        }
        let day = signed_at.format("%Y%m%d").to_string();
        if scope.date != day {
            let given = &scope.date;
            return out_of_scope(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: {given} is not {day}."
            ));
        }
        Ok(())
    }

    fn sign(&self, request: &Signed<'_>, given: &Presented<'_>) -> Result<String, SignatureFault> {
        let mut settings = SigningSettings::default();
        // Only what the caller signed goes in, so nothing has to be excluded.
        settings.excluded_headers = None;
        let mut token = None;
        if let Some(expires) = given.expires {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = Some(expires);
            // In a header it is one of the signed ones; in the query the signer adds it itself.
            token.clone_from(&given.token);
        }
        let Credentials { access_key_id, secret_access_key, .. } = &self.credentials;
        let identity: Identity = AwsCredentials::from_keys(access_key_id, secret_access_key, token).into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(&self.region)
            .name(SIGNING_NAME)
            .time(given.signed_at.into())
            .settings(settings)
            .build()
            .map_err(|_| SignatureFault::Mismatch)?
            .into();
        let headers = signed_values(request.headers, &given.signed_headers)?;
        let body = SignableBody::Bytes(request.body);
        SignableRequest::new(request.method, given.target.as_ref(), headers.into_iter(), body)
            .and_then(|canonical| sign(canonical, &parameters))
            .map(|signed| signed.signature().to_owned())
            .map_err(|_| SignatureFault::Mismatch)
    }
}

/// The headers with these names; the date is left out, because the signer adds it itself.
fn signed_values<'a>(headers: &'a HeaderMap, names: &'a [String]) -> Result<Vec<(&'a str, &'a str)>, SignatureFault> {
    if !names.iter().any(|name| name == HOST.as_str()) || !headers.contains_key(HOST) {
        return Err(incomplete("'Host' must be a 'SignedHeader' in the AWS Authorization."));
    }
    let mut values = Vec::with_capacity(names.len());
    for name in names.iter().filter(|name| *name != DATE_HEADER) {
        for value in headers.get_all(name) {
            values.push((name.as_str(), value.to_str().map_err(|_| SignatureFault::Mismatch)?));
        }
    }
    Ok(values)
}

/// A request is valid for a quarter of an hour in either direction, and a URL for as long as it says.
fn check_time(given: &Presented<'_>, now: DateTime<Utc>) -> Result<(), SignatureFault> {
    let signed_at = given.signed_at;
    let (signed, own) = (signed_at.format(DATE_FORMAT), now.format(DATE_FORMAT));
    let out_of_scope = |text: String| Err(SignatureFault::OutOfScope(text));
    if signed_at - now > MAX_SKEW {
        return out_of_scope(format!("Signature not yet current: {signed} is more than 15 min. after {own}"));
    }
    match given.expires.and_then(|expires| TimeDelta::from_std(expires).ok()) {
        None if now - signed_at > MAX_SKEW => {
            out_of_scope(format!("Signature expired: {signed} is more than 15 min. before {own}"))
        }
        Some(expires) if now - signed_at > expires => {
            let seconds = expires.num_seconds();
            out_of_scope(format!("Signature expired: {signed} is more than {seconds} seconds before {own}"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
