//! Requests are signed with `aws-sigv4` as a client would sign them; then one thing at a time is
//! changed.

use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::header::AUTHORIZATION;

use super::super::signed::ALGORITHM;
use super::*;

const TARGET: &str = "/tags/arn%3Aaws%3Aqldb%3Aus-east-1%3A123456789012%3Aledger%2FL1?tagKeys=a%26b&tagKeys=c%20d";
const BODY: &[u8] = br#"{"Tags":{}}"#;

struct Client {
    key: &'static str,
    secret: &'static str,
    token: Option<&'static str>,
    region: &'static str,
    service: &'static str,
}

const CLIENT: Client =
    Client { key: "LOCALTESTKEY", secret: "secret", token: None, region: "us-east-1", service: "qldb" };

impl Client {
    fn headers(&self) -> HeaderMap {
        let credentials = AwsCredentials::new(self.key, self.secret, self.token.map(str::to_owned), None, "test");
        let identity: Identity = credentials.into();
        let parameters = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(now().into())
            .settings(SigningSettings::default())
            .build()
            .unwrap()
            .into();
        let plain = [("host", "127.0.0.1:8040"), ("content-type", "application/json")];
        let request = SignableRequest::new("POST", TARGET, plain.into_iter(), SignableBody::Bytes(BODY)).unwrap();
        let (instructions, _) = sign(request, &parameters).unwrap().into_parts();
        let mut headers = HeaderMap::new();
        let signed = instructions.headers().map(|(name, value)| (name.to_owned(), value.to_owned()));
        let plain = plain.map(|(name, value)| (name.to_owned(), value.to_owned()));
        for (name, value) in plain.into_iter().chain(signed) {
            headers.insert(axum::http::HeaderName::try_from(name).unwrap(), HeaderValue::try_from(value).unwrap());
        }
        headers
    }
}

fn now() -> DateTime<Utc> {
    "2024-03-02T12:00:00Z".parse().unwrap()
}

fn verifier() -> Verifier {
    Verifier::new(&Credentials::new(CLIENT.key, CLIENT.secret), CLIENT.region)
}

fn check(headers: &HeaderMap) -> Result<(), SignatureFault> {
    verifier().check(&Signed { method: "POST", target: TARGET, headers, body: BODY }, now())
}

/// The headers of a valid request with part of `Authorization` replaced.
fn with_authorization(change: impl Fn(&str) -> String) -> HeaderMap {
    let mut headers = CLIENT.headers();
    let changed = change(headers[AUTHORIZATION].to_str().unwrap());
    headers.insert(AUTHORIZATION, changed.try_into().unwrap());
    headers
}

#[test]
fn a_signed_request_is_accepted() {
    assert_eq!(check(&CLIENT.headers()), Ok(()));
}

#[test]
fn a_session_token_is_part_of_what_is_signed() {
    let mut headers = Client { token: Some("token"), ..CLIENT }.headers();
    assert!(headers[AUTHORIZATION].to_str().unwrap().contains("x-amz-security-token"));
    assert_eq!(check(&headers), Ok(()));
    headers.insert("x-amz-security-token", HeaderValue::from_static("another"));
    assert_eq!(check(&headers), Err(SignatureFault::Mismatch));
}

#[test]
fn headers_that_were_not_signed_may_change_on_the_way() {
    let mut headers = CLIENT.headers();
    headers.insert("user-agent", HeaderValue::from_static("a proxy's"));
    headers.insert("x-unknown", HeaderValue::from_bytes(&[0xe4]).unwrap());
    assert_eq!(check(&headers), Ok(()));
}

#[test]
fn each_part_that_is_signed_is_covered() {
    let headers = CLIENT.headers();
    let good = Signed { method: "POST", target: TARGET, headers: &headers, body: BODY };
    let longer = format!("{TARGET}&tagKeys=e");
    let elsewhere = TARGET.replace("L1", "L2");
    for changed in [
        Signed { method: "DELETE", ..good },
        Signed { target: &elsewhere, ..good },
        Signed { target: &longer, ..good },
        Signed { target: "/tags/x", ..good },
        Signed { body: br#"{"Tags":{"a":"b"}}"#, ..good },
        Signed { body: b"", ..good },
    ] {
        assert_eq!(verifier().check(&changed, now()), Err(SignatureFault::Mismatch), "{changed:?}");
    }
}

#[test]
fn each_signed_header_is_covered() {
    for (name, value) in [("host", "elsewhere"), ("content-type", "text/plain"), ("x-amz-date", "20240302T120001Z")] {
        let mut headers = CLIENT.headers();
        headers.insert(name, HeaderValue::from_static(value));
        assert_eq!(check(&headers), Err(SignatureFault::Mismatch), "{name}");
        headers.append(name, HeaderValue::from_static("twice"));
        assert!(check(&headers).is_err(), "{name} twice");
    }
    let mut headers = CLIENT.headers();
    headers.remove("content-type");
    assert_eq!(check(&headers), Err(SignatureFault::Mismatch));
}

#[test]
fn another_secret_or_signature_is_refused() {
    assert_eq!(check(&Client { secret: "guess", ..CLIENT }.headers()), Err(SignatureFault::Mismatch));
    let shortened = with_authorization(|text| text[..text.len() - 1].to_owned());
    assert_eq!(check(&shortened), Err(SignatureFault::Mismatch));
    let emptied = with_authorization(|text| text.split("Signature=").next().unwrap().to_owned() + "Signature=");
    assert_eq!(check(&emptied), Err(SignatureFault::Mismatch));
}

#[test]
fn another_key_region_service_or_day_is_refused() {
    assert_eq!(check(&Client { key: "OTHER", ..CLIENT }.headers()), Err(SignatureFault::UnknownKey));
    for headers in [
        Client { region: "eu-west-1", ..CLIENT }.headers(),
        Client { service: "qldb-session", ..CLIENT }.headers(),
        with_authorization(|text| text.replace("/20240302/", "/20240301/")),
    ] {
        assert!(matches!(check(&headers), Err(SignatureFault::OutOfScope(_))));
    }
}

#[test]
fn a_request_is_good_for_a_quarter_of_an_hour_either_way() {
    let headers = CLIENT.headers();
    let at = |time| {
        let request = Signed { method: "POST", target: TARGET, headers: &headers, body: BODY };
        verifier().check(&request, time)
    };
    for limit in [MAX_SKEW, -MAX_SKEW] {
        assert_eq!(at(now() + limit), Ok(()));
        let beyond = limit + TimeDelta::seconds(limit.num_seconds().signum());
        assert!(matches!(at(now() + beyond), Err(SignatureFault::OutOfScope(_))), "{beyond}");
    }
}

#[test]
fn a_request_without_signature_is_refused() {
    let mut headers = CLIENT.headers();
    headers.remove(AUTHORIZATION);
    assert_eq!(check(&headers), Err(SignatureFault::Missing));
}

#[test]
fn a_header_that_lacks_a_part_is_incomplete() {
    let without_date = {
        let mut headers = CLIENT.headers();
        headers.remove("x-amz-date");
        headers
    };
    for headers in [
        without_date,
        with_authorization(|_| "Basic bm9ib2R5".to_owned()),
        with_authorization(|_| ALGORITHM.to_owned()),
        with_authorization(|text| text.replace("Credential=", "Credentials=")),
        with_authorization(|text| text.replace("SignedHeaders=", "Signed=")),
        with_authorization(|text| text.replace("Signature=", "Sign=")),
        with_authorization(|text| text.replace("/aws4_request", "")),
        with_authorization(|text| text.replace("host;", "")),
        with_authorization(|text| text.replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")),
    ] {
        assert!(matches!(check(&headers), Err(SignatureFault::Incomplete(_))), "{:?}", headers.get(AUTHORIZATION));
    }
}

/// A request that was signed in its query: the target with the signature, and the only header.
fn presigned(client: &Client, seconds: u64) -> (String, HeaderMap) {
    let credentials = AwsCredentials::new(client.key, client.secret, client.token.map(str::to_owned), None, "test");
    let identity: Identity = credentials.into();
    let mut settings = SigningSettings::default();
    settings.signature_location = SignatureLocation::QueryParams;
    settings.expires_in = Some(Duration::from_secs(seconds));
    let parameters = v4::SigningParams::builder()
        .identity(&identity)
        .region(client.region)
        .name(client.service)
        .time(now().into())
        .settings(settings)
        .build()
        .unwrap()
        .into();
    let host = [("host", "127.0.0.1:8040")];
    let request = SignableRequest::new("GET", TARGET, host.into_iter(), SignableBody::Bytes(b"")).unwrap();
    let (instructions, _) = sign(request, &parameters).unwrap().into_parts();
    let encode =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let pairs = instructions.params().iter().map(|(name, value)| format!("&{name}={}", encode(value)));
    let mut headers = HeaderMap::new();
    headers.insert("host", HeaderValue::from_static("127.0.0.1:8040"));
    (format!("{TARGET}{}", pairs.collect::<String>()), headers)
}

fn check_presigned(target: &str, headers: &HeaderMap, at: DateTime<Utc>) -> Result<(), SignatureFault> {
    verifier().check(&Signed { method: "GET", target, headers, body: b"" }, at)
}

#[test]
fn a_presigned_request_is_good_for_as_long_as_it_says() {
    let (target, headers) = presigned(&CLIENT, 3600);
    for (seconds, is_good) in [(0, true), (3600, true), (-900, true), (3601, false), (-901, false)] {
        let checked = check_presigned(&target, &headers, now() + TimeDelta::seconds(seconds));
        assert_eq!(checked.is_ok(), is_good, "{seconds}: {checked:?}");
        assert!(is_good || matches!(checked, Err(SignatureFault::OutOfScope(_))));
    }
    let (target, headers) = presigned(&Client { token: Some("a token/+="), ..CLIENT }, 60);
    assert_eq!(check_presigned(&target, &headers, now()), Ok(()));
}

#[test]
fn each_part_of_a_presigned_request_is_covered() {
    let (target, headers) = presigned(&CLIENT, 3600);
    for (from, to) in [("L1", "L2"), ("a%26b", "a%26c"), ("Expires=3600", "Expires=3601")] {
        assert!(target.contains(from), "{target}");
        let changed = target.replace(from, to);
        assert_eq!(check_presigned(&changed, &headers, now()), Err(SignatureFault::Mismatch), "{changed}");
    }
    let request = Signed { method: "DELETE", target: &target, headers: &headers, body: b"" };
    assert_eq!(verifier().check(&request, now()), Err(SignatureFault::Mismatch));
    let request = Signed { method: "GET", target: &target, headers: &headers, body: b"x" };
    assert_eq!(verifier().check(&request, now()), Err(SignatureFault::Mismatch));
    let (target, headers) = presigned(&Client { secret: "guess", ..CLIENT }, 3600);
    assert_eq!(check_presigned(&target, &headers, now()), Err(SignatureFault::Mismatch));
}

#[test]
fn a_presigned_request_that_lacks_a_part_or_is_signed_twice_is_incomplete() {
    let (target, headers) = presigned(&CLIENT, 3600);
    let names = [
        "X-Amz-Algorithm",
        "X-Amz-Credential",
        "X-Amz-Date",
        "X-Amz-Expires",
        "X-Amz-SignedHeaders",
        "X-Amz-Signature",
    ];
    for name in names {
        let without = target.replace(&format!("&{name}="), "&other=");
        assert_ne!(without, target);
        let checked = check_presigned(&without, &headers, now());
        assert!(matches!(checked, Err(SignatureFault::Incomplete(_))), "{name}: {checked:?}");
    }
    for seconds in ["0", "604801", "-1", "soon"] {
        let changed = target.replace("Expires=3600", &format!("Expires={seconds}"));
        assert!(matches!(check_presigned(&changed, &headers, now()), Err(SignatureFault::Incomplete(_))), "{seconds}");
    }
    let mut twice = CLIENT.headers();
    twice.extend(headers);
    assert!(matches!(check_presigned(&target, &twice, now()), Err(SignatureFault::Incomplete(_))));
}

#[test]
fn a_repeated_part_of_a_signature_is_refused_anywhere() {
    let incomplete = |checked: Result<(), SignatureFault>, what: &str| {
        assert!(matches!(checked, Err(SignatureFault::Incomplete(_))), "{what}: {checked:?}");
    };
    let (target, headers) = presigned(&Client { token: Some("a token/+="), ..CLIENT }, 3600);
    let query = target.split_once('?').unwrap().1;
    let signed: Vec<&str> = query.split('&').filter(|pair| pair.starts_with("X-Amz-")).collect();
    assert_eq!(signed.len(), 7, "{target}");
    for pair in signed {
        for again in [pair.to_owned(), pair.replacen('=', "=0", 1), pair.replacen("X-Amz", "%58-Amz", 1)] {
            for repeated in [format!("{target}&{again}"), target.replacen('?', &format!("?{again}&"), 1)] {
                incomplete(check_presigned(&repeated, &headers, now()), &repeated);
            }
        }
    }
    for part in ["Credential=other/", "SignedHeaders=host", "Signature=0"] {
        let headers = with_authorization(|text| format!("{text}, {part}"));
        incomplete(check(&headers), part);
    }
    for name in ["authorization", "x-amz-date"] {
        let mut headers = CLIENT.headers();
        let value = headers.get(name).unwrap().clone();
        headers.append(name, value);
        incomplete(check(&headers), name);
    }
}

#[test]
fn temporary_credentials_are_good_with_their_token_until_they_expire() {
    let mut credentials = Credentials::new(CLIENT.key, CLIENT.secret);
    credentials.session_token = Some("token".to_owned());
    credentials.expires = Some(now() + TimeDelta::seconds(1));
    let verifier = Verifier::new(&credentials, CLIENT.region);
    let check = |token, seconds| {
        let headers = Client { token, ..CLIENT }.headers();
        let request = Signed { method: "POST", target: TARGET, headers: &headers, body: BODY };
        verifier.check(&request, now() + TimeDelta::seconds(seconds))
    };
    assert_eq!(check(Some("token"), 0), Ok(()));
    assert_eq!(check(Some("another"), 0), Err(SignatureFault::UnknownKey));
    assert_eq!(check(None, 0), Err(SignatureFault::UnknownKey));
    assert_eq!(check(Some("token"), 1), Err(SignatureFault::Expired));
}
