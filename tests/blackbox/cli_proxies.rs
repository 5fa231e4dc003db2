//! Proxies and certificates from the surroundings: respected if a call leaves this machine, never
//! by `--local`, and named in each of their errors.

use std::fs;
use std::process::Command;

use super::canned::{Canned, Reply, started};
use super::cli_request::RIGHT;
use super::proxy::HttpProxy;
use super::support::{Place, Ran};
use super::tls_server::{TlsServer, authority};

fn empty_service() -> Canned {
    Canned::new(|_, _| Reply::Http(200, "", "{\"JournalS3Exports\":[]}".to_owned()))
}

/// A command that calls an address with some key.
fn calling<'a>(place: &Place, url: &str, arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = place.command(arguments);
    command.env("AWS_ACCESS_KEY_ID", "key").env("AWS_SECRET_ACCESS_KEY", "secret").env("AWS_REGION", "us-east-1");
    command.env("AWS_ENDPOINT_URL_QLDB", url).env("AWS_MAX_ATTEMPTS", "1");
    command
}

fn list(url: &str, variables: &[(&str, &str)]) -> Ran {
    let place = Place::new();
    let mut command = calling(&place, url, ["list"]);
    command.envs(variables.iter().copied());
    Ran::of(command)
}

#[test]
fn calls_use_the_environment_s_proxy_and_honour_no_proxy() {
    let (service, proxy) = (empty_service(), HttpProxy::new());
    let through = list(&service.url(), &[("HTTP_PROXY", &proxy.url())]);
    assert_eq!((through.code, proxy.asked().len()), (Some(0), 1), "{}", through.stderr);
    let past = list(&service.url(), &[("HTTP_PROXY", &proxy.url()), ("NO_PROXY", "127.0.0.1")]);
    assert_eq!((past.code, proxy.asked().len()), (Some(0), 1), "{}", past.stderr);
    assert_eq!(service.requests().len(), 2);
}

#[test]
fn the_built_in_endpoint_is_never_reached_through_a_proxy() {
    let proxy = HttpProxy::refusing(403);
    let place = Place::new();
    for arguments in [vec!["list", "--local"], RIGHT.iter().copied().chain(["--local", "--wait"]).collect()] {
        let mut command = place.command(arguments.iter().copied());
        for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"] {
            command.env(name, proxy.url());
        }
        let ran = Ran::of(command);
        assert_eq!(ran.code, Some(0), "{arguments:?}: {}", ran.stderr);
    }
    assert_eq!(proxy.asked(), [""; 0]);
}

#[test]
fn a_proxy_s_response_is_reported_as_the_proxy_s() {
    for (status, next) in
        [(403, "allow 127.0.0.1 in the proxy"), (407, "a user and a password"), (503, "NO_PROXY=127.0.0.1")]
    {
        let (service, proxy) = (empty_service(), HttpProxy::refusing(status));
        let with_password = proxy.url().replace("http://", "http://me:hidden@");
        let ran = list(&service.url(), &[("HTTP_PROXY", &with_password)]);
        assert_eq!(ran.code, Some(9), "{status}: {}", ran.stderr);
        let said =
            format!("the proxy {} (HTTP_PROXY) answered HTTP {status} in place of {}", proxy.url(), service.url());
        assert!(ran.stderr.contains(&said) && ran.stderr.contains(next), "{said}, {next}:\n{}", ran.stderr);
        assert!(!ran.stderr.contains("hidden"), "{}", ran.stderr);
        assert_eq!(service.requests(), [""; 0]);
    }
}

#[test]
fn a_proxy_that_makes_no_tunnel_or_is_not_there_is_named() {
    let refusing = HttpProxy::refusing(502);
    let gone = "http://127.0.0.1:1";
    for (proxy, variable) in [(refusing.url().as_str(), "HTTPS_PROXY"), (gone, "HTTPS_PROXY"), (gone, "ALL_PROXY")] {
        let ran = list("https://localhost:8040", &[(variable, proxy)]);
        let said = format!("https://localhost:8040 could not be reached through the proxy {proxy} ({variable})");
        assert_eq!(ran.code, Some(9), "{}", ran.stderr);
        assert!(ran.stderr.contains(&said) && ran.stderr.contains("NO_PROXY=localhost"), "{said}:\n{}", ran.stderr);
    }
}

#[test]
fn a_proxy_that_cannot_be_one_is_named_and_not_passed_over() {
    let service = empty_service();
    for proxy in ["not a url", "http://", "http://proxy:port", "ftp://proxy:21", "socks5://127.0.0.1:1080", "/proxy"] {
        for variable in ["HTTP_PROXY", "http_proxy", "ALL_PROXY"] {
            let ran = list(&service.url(), &[(variable, proxy)]);
            assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""), "{variable}={proxy}: {}", ran.stderr);
            let said = [format!("error: {variable} "), format!("set {variable} to one such as http://HOST:PORT")];
            assert!(said.iter().all(|said| ran.stderr.contains(said)), "{variable}={proxy}: {}", ran.stderr);
        }
        let read = {
            let place = Place::new();
            let mut command = calling(&place, &service.url(), ["verify", "s3://exports/"]);
            command.env("HTTPS_PROXY", proxy);
            Ran::of(command)
        };
        assert_eq!(read.code, Some(2), "{proxy}: {}", read.stderr);
    }
    assert_eq!(service.requests(), [""; 0]);
    // Where it would not be used, it does not matter.
    for unasked in [&[("HTTPS_PROXY", "not a url")][..], &[("HTTP_PROXY", "not a url"), ("NO_PROXY", "127.0.0.1")]] {
        let ran = list(&service.url(), unasked);
        assert_eq!(ran.code, Some(0), "{unasked:?}: {}", ran.stderr);
    }
    let place = Place::new();
    let mut local = place.command(["list", "--local"]);
    local.env("HTTP_PROXY", "not a url").env("HTTPS_PROXY", "not a url");
    let local = Ran::of(local);
    assert_eq!(local.code, Some(0), "{}", local.stderr);
}

#[test]
fn an_authority_is_trusted_if_the_environment_or_the_profile_names_it() {
    let server = TlsServer::new();
    let bundle = authority().display().to_string();
    let untrusted = list(&server.url(), &[]);
    assert_eq!(untrusted.code, Some(9), "{}", untrusted.stderr);
    assert!(untrusted.stderr.contains("next: set AWS_CA_BUNDLE"), "{}", untrusted.stderr);
    let trusted = list(&server.url(), &[("AWS_CA_BUNDLE", &bundle)]);
    assert_eq!(trusted.code, Some(0), "{}", trusted.stderr);
    // Through a tunnel as well.
    let proxy = HttpProxy::new();
    let tunnelled = list(&server.url(), &[("AWS_CA_BUNDLE", &bundle), ("HTTPS_PROXY", &proxy.url())]);
    assert_eq!(tunnelled.code, Some(0), "{}", tunnelled.stderr);
    assert!(proxy.asked()[0].starts_with("CONNECT localhost:"), "{:?}", proxy.asked());
    let place = Place::new();
    place.configure(&format!("[profile corp]\nca_bundle = {bundle}\n"));
    let of_profile = Ran::of(calling(&place, &server.url(), ["list", "--profile", "corp"]));
    assert_eq!(of_profile.code, Some(6), "the profile has no key: {}", of_profile.stderr);
    let mut command = calling(&place, &server.url(), ["list"]);
    command.env("AWS_PROFILE", "corp");
    let of_profile = Ran::of(command);
    assert_eq!(of_profile.code, Some(0), "{}", of_profile.stderr);
}

#[test]
fn an_invalid_bundle_is_refused_before_any_call() {
    let service = empty_service();
    let place = Place::new();
    let text = place.path().join("text.pem");
    fs::write(&text, "no certificate").unwrap();
    let broken = place.path().join("broken.pem");
    fs::write(&broken, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    for path in [text, broken, place.path().join("missing.pem")] {
        let ran = list(&service.url(), &[("AWS_CA_BUNDLE", path.to_str().unwrap())]);
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains("AWS_CA_BUNDLE") && ran.stderr.contains("PEM form"), "{}", ran.stderr);
    }
    assert_eq!(service.requests(), [""; 0]);
}

#[test]
fn only_what_may_have_been_sent_may_have_been_started() {
    let start = |url: &str, variables: &[(&str, &str)]| {
        let place = Place::new();
        let mut command = calling(&place, url, RIGHT);
        command.envs(variables.iter().copied());
        let ran = Ran::of(command);
        assert_eq!(ran.code, Some(9), "{}", ran.stderr);
        ran.stderr
    };
    let may_be = "may have been started";
    let unknown = start("http://nobody.invalid:8040", &[]);
    assert!(!unknown.contains(may_be) && unknown.contains("nothing was sent"), "{unknown}");
    let gone = start("http://127.0.0.1:1", &[]);
    assert!(!gone.contains(may_be), "{gone}");
    let untrusted = start(&TlsServer::new().url(), &[]);
    assert!(!untrusted.contains(may_be), "{untrusted}");
    let service = Canned::new(|_, _| started());
    let forbidden = start(&service.url(), &[("HTTP_PROXY", &HttpProxy::refusing(403).url())]);
    assert!(!forbidden.contains(may_be), "{forbidden}");
    // A gateway that times out may have forwarded the request.
    let gave_up = start(&service.url(), &[("HTTP_PROXY", &HttpProxy::refusing(504).url())]);
    assert!(gave_up.contains(may_be) && gave_up.contains("the proxy"), "{gave_up}");
    let lost = Canned::new(|_, _| Reply::HangUp);
    assert!(start(&lost.url(), &[]).contains(may_be));
}
