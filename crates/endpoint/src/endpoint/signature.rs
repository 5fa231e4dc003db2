//! AWS Signature Version 4, the service's half: a request is signed again with
//! the secret that both sides know, and the two signatures are compared.
//!
//! The canonical request is `aws-sigv4`'s own, over the method, the raw path and
//! query, the headers that the caller says it signed, and the body's SHA-256.

use std::time::SystemTime;

use aws_credential_types::Credentials as AwsCredentials;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use aws_smithy_runtime_api::client::identity::Identity;
use axum::http::HeaderMap;
use axum::http::header::{AUTHORIZATION, HOST};
use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::credentials::Credentials;

/// The only algorithm of the API model.
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// The service's name in a credential's scope (docs/qldb.md 1.1).
const SIGNING_NAME: &str = "qldb";
/// How a credential's scope ends.
const TERMINATOR: &str = "aws4_request";
/// When the request was signed.
const DATE_HEADER: &str = "x-amz-date";
const DATE_FORMAT: &str = "%Y%m%dT%H%M%SZ";
/// How far a request's time may be from the service's, either way.
const MAX_SKEW: TimeDelta = TimeDelta::minutes(15);

/// Why a request's signature is not accepted. The texts follow AWS's own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SignatureFault {
    /// No `Authorization` header.
    #[error("Missing Authentication Token")]
    Missing,
    /// The `Authorization` header lacks a part, or a part is malformed.
    #[error("{0}")]
    Incomplete(String),
    /// An access key that this endpoint did not give out.
    #[error("The security token included in the request is invalid.")]
    UnknownKey,
    /// The scope names another region, service or day; or the time is too far away.
    #[error("{0}")]
    OutOfScope(String),
    /// Everything is there, and the signature is another one.
    #[error(
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method."
    )]
    Mismatch,
}

/// A request as it came in, as far as its signature covers it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signed<'a> {
    /// The method.
    pub(crate) method: &'a str,
    /// The path and query, still percent-encoded.
    pub(crate) target: &'a str,
    /// All headers.
    pub(crate) headers: &'a HeaderMap,
    /// The whole body.
    pub(crate) body: &'a [u8],
}

/// Checks requests against one key pair in one region.
#[derive(Debug)]
pub(crate) struct Verifier {
    access_key_id: String,
    identity: Identity,
    region: String,
}

impl Verifier {
    /// A verifier that accepts these credentials, scoped to this region.
    pub(crate) fn new(credentials: &Credentials, region: &str) -> Self {
        let Credentials { access_key_id, secret_access_key } = credentials;
        let known = AwsCredentials::from_keys(access_key_id, secret_access_key, None);
        Self { access_key_id: access_key_id.clone(), identity: known.into(), region: region.to_owned() }
    }

    /// Accepts the request, or says why not.
    pub(crate) fn check(&self, request: &Signed<'_>, now: DateTime<Utc>) -> Result<(), SignatureFault> {
        let header = request.headers.get(AUTHORIZATION).ok_or(SignatureFault::Missing)?;
        let header = header.to_str().map_err(|_| incomplete("Authorization header is not ASCII text."))?;
        let given = Authorization::parse(header)?;
        if given.scope.access_key_id != self.access_key_id {
            return Err(SignatureFault::UnknownKey);
        }
        let signed_at = signed_at(request.headers)?;
        self.check_scope(&given.scope, signed_at)?;
        check_time(signed_at, now)?;
        let expected = self.sign(request, &given.signed_headers, signed_at.into())?;
        verify_slices_are_equal(expected.as_bytes(), given.signature.as_bytes()).map_err(|_| SignatureFault::Mismatch)
    }

    fn check_scope(&self, scope: &Scope<'_>, signed_at: DateTime<Utc>) -> Result<(), SignatureFault> {
        let out_of_scope = |text: String| Err(SignatureFault::OutOfScope(text));
        if scope.region != self.region {
            let (given, own) = (scope.region, &self.region);
            return out_of_scope(format!("Credential should be scoped to a valid region: {own}, not {given}."));
        }
        if scope.service != SIGNING_NAME {
            return out_of_scope(format!("Credential should be scoped to correct service: {SIGNING_NAME}."));
        }
        let day = signed_at.format("%Y%m%d").to_string();
        if scope.date != day {
            let given = scope.date;
            return out_of_scope(format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: {given} is not {day}."
            ));
        }
        Ok(())
    }

    fn sign(&self, request: &Signed<'_>, names: &[&str], time: SystemTime) -> Result<String, SignatureFault> {
        let mut settings = SigningSettings::default();
        // Only what the caller signed goes in, so nothing is left to leave out.
        settings.excluded_headers = None;
        let parameters = v4::SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name(SIGNING_NAME)
            .time(time)
            .settings(settings)
            .build()
            .map_err(|_| SignatureFault::Mismatch)?
            .into();
        let headers = signed_values(request.headers, names)?;
        let body = SignableBody::Bytes(request.body);
        SignableRequest::new(request.method, request.target, headers.into_iter(), body)
            .and_then(|canonical| sign(canonical, &parameters))
            .map(|signed| signed.signature().to_owned())
            .map_err(|_| SignatureFault::Mismatch)
    }
}

/// The headers of these names; the date is left out, because the signer puts it in itself.
fn signed_values<'a>(headers: &'a HeaderMap, names: &[&'a str]) -> Result<Vec<(&'a str, &'a str)>, SignatureFault> {
    if !names.contains(&HOST.as_str()) || !headers.contains_key(HOST) {
        return Err(incomplete("'Host' must be a 'SignedHeader' in the AWS Authorization."));
    }
    let mut values = Vec::with_capacity(names.len());
    for &name in names.iter().filter(|&&name| name != DATE_HEADER) {
        for value in headers.get_all(name) {
            values.push((name, value.to_str().map_err(|_| SignatureFault::Mismatch)?));
        }
    }
    Ok(values)
}

fn signed_at(headers: &HeaderMap) -> Result<DateTime<Utc>, SignatureFault> {
    let text = headers.get(DATE_HEADER).and_then(|value| value.to_str().ok());
    text.and_then(|text| NaiveDateTime::parse_from_str(text, DATE_FORMAT).ok()).map(|time| time.and_utc()).ok_or_else(
        || incomplete("Authorization header requires existence of an 'X-Amz-Date' header, such as 20240301T123456Z."),
    )
}

fn check_time(signed_at: DateTime<Utc>, now: DateTime<Utc>) -> Result<(), SignatureFault> {
    let (given, own) = (signed_at.format(DATE_FORMAT), now.format(DATE_FORMAT));
    if now - signed_at > MAX_SKEW {
        return Err(SignatureFault::OutOfScope(format!(
            "Signature expired: {given} is more than 15 min. before {own}"
        )));
    }
    if signed_at - now > MAX_SKEW {
        return Err(SignatureFault::OutOfScope(format!(
            "Signature not yet current: {given} is more than 15 min. after {own}"
        )));
    }
    Ok(())
}

/// What an `Authorization` header says.
struct Authorization<'a> {
    scope: Scope<'a>,
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

/// Whose key it is, and what it is good for.
struct Scope<'a> {
    access_key_id: &'a str,
    date: &'a str,
    region: &'a str,
    service: &'a str,
}

impl<'a> Authorization<'a> {
    fn parse(header: &'a str) -> Result<Self, SignatureFault> {
        let Some(parameters) = header.strip_prefix(ALGORITHM).filter(|rest| rest.starts_with(' ')) else {
            return Err(incomplete(&format!("Authorization header requires the algorithm {ALGORITHM}.")));
        };
        let find = |name: &str| {
            let mut pairs = parameters.split(',').filter_map(|pair| pair.trim().split_once('='));
            pairs
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value)
                .ok_or_else(|| incomplete(&format!("Authorization header requires '{name}' parameter.")))
        };
        Ok(Self {
            scope: Scope::parse(find("Credential")?)?,
            signed_headers: find("SignedHeaders")?.split(';').collect(),
            signature: find("Signature")?,
        })
    }
}

impl<'a> Scope<'a> {
    fn parse(credential: &'a str) -> Result<Self, SignatureFault> {
        match credential.split('/').collect::<Vec<_>>()[..] {
            [access_key_id, date, region, service, TERMINATOR] => Ok(Self { access_key_id, date, region, service }),
            _ => Err(incomplete(&format!(
                "Credential must have the form KEY/YYYYMMDD/REGION/{SIGNING_NAME}/{TERMINATOR}."
            ))),
        }
    }
}

fn incomplete(text: &str) -> SignatureFault {
    SignatureFault::Incomplete(text.to_owned())
}

#[cfg(test)]
#[path = "signature_tests.rs"]
mod tests;
