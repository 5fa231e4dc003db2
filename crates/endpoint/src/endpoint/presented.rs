//! The signature that a request presents: in the `Authorization` header, or in the query, if the
//! request was signed beforehand and passed on as a URL.

use std::borrow::Cow;
use std::time::Duration;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use chrono::{DateTime, NaiveDateTime, Utc};

use super::route::{decode, query_pairs};
use super::signed::{ALGORITHM, SIGNING_NAME, SignatureFault, Signed};

/// The end of a credential's scope.
const TERMINATOR: &str = "aws4_request";
/// When the request was signed.
pub(super) const DATE_HEADER: &str = "x-amz-date";
pub(super) const DATE_FORMAT: &str = "%Y%m%dT%H%M%SZ";
/// The token of temporary credentials.
const TOKEN_HEADER: &str = "x-amz-security-token";
/// The parameters of a signature in the query.
const PARAMETERS: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
    "X-Amz-Security-Token",
];
/// The longest validity of a URL: 7 days, as everywhere in AWS.
const LONGEST: u64 = 7 * 24 * 60 * 60;

/// A signature and what it claims.
pub(super) struct Presented<'a> {
    pub(super) scope: Scope,
    pub(super) signed_headers: Vec<String>,
    pub(super) signature: String,
    pub(super) signed_at: DateTime<Utc>,
    pub(super) token: Option<String>,
    /// How long a URL is valid; `None` if the signature is in a header.
    pub(super) expires: Option<Duration>,
    /// The signed path and query.
    pub(super) target: Cow<'a, str>,
}

/// Whose key it is, and what it is valid for.
pub(super) struct Scope {
    pub(super) access_key_id: String,
    pub(super) date: String,
    pub(super) region: String,
    pub(super) service: String,
}

impl<'a> Presented<'a> {
    /// Reads the signature of a request.
    pub(super) fn read(request: &Signed<'a>) -> Result<Self, SignatureFault> {
        refuse_repeated(request.headers)?;
        let (path, query) = request.target.split_once('?').unwrap_or((request.target, ""));
        let is_in_query = query_pairs(query).any(|(name, _)| PARAMETERS.contains(&decode(name).as_str()));
        match (request.headers.get(AUTHORIZATION), is_in_query) {
            (None, false) => Err(SignatureFault::Missing),
            (Some(_), true) => Err(incomplete(
                "Only one authentication mechanism may be given: the Authorization header or query parameters.",
            )),
            (Some(header), false) => {
                let header = header.to_str().map_err(|_| incomplete("Authorization header is not ASCII text."))?;
                Self::of_header(header, request)
            }
            (None, true) => Self::of_query(path, query),
        }
    }

    fn of_header(header: &str, request: &Signed<'a>) -> Result<Self, SignatureFault> {
        let Some(parameters) = header.strip_prefix(ALGORITHM).filter(|rest| rest.starts_with(' ')) else {
            return Err(incomplete(&format!("Authorization header requires the algorithm {ALGORITHM}.")));
        };
        let find = |name: &str| {
            let pairs = parameters.split(',').filter_map(|pair| pair.trim().split_once('='));
            let mut values = pairs.filter(|(key, _)| *key == name).map(|(_, value)| value);
            match (values.next(), values.next()) {
                (Some(value), None) => Ok(value),
                (None, _) => Err(incomplete(&format!("Authorization header requires '{name}' parameter."))),
                _ => Err(incomplete(&format!("Authorization header has more than one '{name}' parameter."))),
            }
        };
        let date = header_text(request.headers, DATE_HEADER).and_then(read_date).ok_or_else(|| {
            incomplete("Authorization header requires existence of an 'X-Amz-Date' header, such as 20240301T123456Z.")
        });
        Ok(Self {
            scope: Scope::parse(find("Credential")?)?,
            signed_headers: find("SignedHeaders")?.split(';').map(str::to_owned).collect(),
            signature: find("Signature")?.to_owned(),
            signed_at: date?,
            token: header_text(request.headers, TOKEN_HEADER).map(str::to_owned),
            expires: None,
            target: Cow::Borrowed(request.target),
        })
    }

    fn of_query(path: &str, query: &str) -> Result<Self, SignatureFault> {
        for name in PARAMETERS {
            // Readers disagree about which of two to take.
            if query_pairs(query).filter(|(key, _)| decode(key) == name).count() > 1 {
                return Err(incomplete(&format!("AWS query-string parameters must include '{name}' once.")));
            }
        }
        let value =
            |name: &str| query_pairs(query).find(|(key, _)| decode(key) == name).map(|(_, value)| decode(value));
        let find = |name: &str| {
            value(name).ok_or_else(|| incomplete(&format!("AWS query-string parameters must include '{name}'.")))
        };
        if find("X-Amz-Algorithm")? != ALGORITHM {
            return Err(incomplete(&format!("'X-Amz-Algorithm' must be {ALGORITHM}.")));
        }
        let date = read_date(&find("X-Amz-Date")?);
        let expires = find("X-Amz-Expires")?.parse().ok().filter(|seconds| (1..=LONGEST).contains(seconds));
        let rest = query_pairs(query).filter(|(name, _)| !PARAMETERS.contains(&decode(name).as_str()));
        let rest: Vec<String> = rest.map(|(name, value)| format!("{name}={value}")).collect();
        let target = if rest.is_empty() { path.to_owned() } else { format!("{path}?{}", rest.join("&")) };
        Ok(Self {
            scope: Scope::parse(&find("X-Amz-Credential")?)?,
            signed_headers: find("X-Amz-SignedHeaders")?.split(';').map(str::to_owned).collect(),
            signature: find("X-Amz-Signature")?,
            signed_at: date.ok_or_else(|| incomplete("'X-Amz-Date' must be a time such as 20240301T123456Z."))?,
            token: value("X-Amz-Security-Token"),
            expires: Some(Duration::from_secs(
                expires.ok_or_else(|| incomplete(&format!("'X-Amz-Expires' must be 1 to {LONGEST} seconds.")))?,
            )),
            target: Cow::Owned(target),
        })
    }
}

impl Scope {
    fn parse(credential: &str) -> Result<Self, SignatureFault> {
        match credential.split('/').collect::<Vec<_>>()[..] {
            [access_key_id, date, region, service, TERMINATOR] => Ok(Self {
                access_key_id: access_key_id.to_owned(),
                date: date.to_owned(),
                region: region.to_owned(),
                service: service.to_owned(),
            }),
            _ => Err(incomplete(&format!(
                "Credential must have the form KEY/YYYYMMDD/REGION/{SIGNING_NAME}/{TERMINATOR}."
            ))),
        }
    }
}

/// Refuses repeated headers of which the signature covers only one.
fn refuse_repeated(headers: &HeaderMap) -> Result<(), SignatureFault> {
    let single = [AUTHORIZATION.as_str(), DATE_HEADER, TOKEN_HEADER];
    match single.into_iter().find(|name| headers.get_all(*name).iter().count() > 1) {
        Some(name) => Err(incomplete(&format!("The header '{name}' must be given once."))),
        None => Ok(()),
    }
}

fn header_text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

fn read_date(text: &str) -> Option<DateTime<Utc>> {
    NaiveDateTime::parse_from_str(text, DATE_FORMAT).ok().map(|time| time.and_utc())
}

pub(super) fn incomplete(text: &str) -> SignatureFault {
    SignatureFault::Incomplete(text.to_owned())
}
