//! What to do about calls that got no answer, or that the service failed to serve.

use super::{Advice, credentials};
use crate::cli::context::Context;
use crate::cli::output::text::shell_word;
use crate::client::{ClientError, ErrorResponse};
use qldb_aws::Proxy;

/// How a resolver reports an unknown name.
const UNRESOLVED: &str = "failed to lookup address";
/// How the SDK's TLS library reports an untrusted certificate.
const UNTRUSTED: &str = "invalid peer certificate: UnknownIssuer";

/// What to do about a call that the endpoint itself did not answer.
pub(super) fn on(error: &ClientError, context: &Context) -> Option<Advice> {
    match error {
        ClientError::Credentials(failure) => Some(credentials::on(failure)),
        ClientError::Throttled(_) => Some(Advice::new(
            "the service is throttling the calls of this account and region",
            "run the same command again in a minute; with AWS_MAX_ATTEMPTS=10 it retries for longer".to_owned(),
        )),
        ClientError::ServiceFault(answer) => Some(of_fault(answer, context)),
        ClientError::ProxyAnswered { endpoint, proxy, status } => Some(of_proxy(endpoint, proxy, *status)),
        ClientError::Unreachable { endpoint, proxy, reason }
        | ClientError::ServiceEnded { endpoint, proxy, reason } => of_silence(endpoint, proxy.as_ref(), reason),
        _ => None,
    }
}

fn of_fault(answer: &ErrorResponse, context: &Context) -> Advice {
    let started = answer.operation == "ExportJournalToS3";
    let ledger = context.subject().map(|request| format!("list --ledger {}", request.ledger));
    match (started, ledger) {
        (true, Some(list)) => Advice::new(
            "the service failed while handling the request, and may have started the export",
            format!("{}; run the same command again only if the export is not listed", context.invocation(&list)),
        ),
        _ if context.global.local => Advice::new(
            "the built-in endpoint failed; its log has details",
            "the same command with --verbose".to_owned(),
        ),
        _ => Advice::new(
            "the service failed without giving a reason",
            "run the same command again in a minute".to_owned(),
        ),
    }
}

fn of_proxy(endpoint: &str, proxy: &Proxy, status: u16) -> Advice {
    let host = host(endpoint);
    match status {
        407 => Advice::new(
            "the proxy requires authentication",
            format!("add a user and a password to {}: http://USER:PASSWORD@HOST:PORT", proxy.variable),
        ),
        400..500 => Advice::new(
            "the proxy does not allow calls to this address",
            format!("allow {host} in the proxy, or bypass the proxy with NO_PROXY={}", shell_word(host)),
        ),
        _ => Advice::new(
            "the proxy got no response from the endpoint",
            format!("if this machine can reach {host} directly, bypass the proxy with NO_PROXY={}", shell_word(host)),
        ),
    }
}

fn of_silence(endpoint: &str, proxy: Option<&Proxy>, reason: &str) -> Option<Advice> {
    if reason.contains(UNTRUSTED) {
        return Some(Advice::new(
            "the certificate is not signed by an authority that this machine trusts; a proxy may be intercepting TLS",
            "set AWS_CA_BUNDLE to a file with the authority's certificate in PEM form".to_owned(),
        ));
    }
    if let Some(proxy) = proxy {
        let host = host(endpoint);
        let next = match reason {
            _ if reason.contains("proxy authorization required") => {
                return Some(of_proxy(endpoint, proxy, 407));
            }
            _ => format!("check {}, or bypass the proxy with NO_PROXY={}", proxy.variable, shell_word(host)),
        };
        return Some(Advice::new("the proxy can't be reached, or did not connect to that address", next));
    }
    if reason.contains(UNRESOLVED) && !endpoint.contains(".amazonaws.com") {
        return Some(Advice::new(
            "the host name could not be resolved; nothing was sent",
            "check --endpoint-url or AWS_ENDPOINT_URL_QLDB, and the network".to_owned(),
        ));
    }
    on_this_machine(endpoint)
}

/// Nothing listens on this machine, where `serve` could.
fn on_this_machine(endpoint: &str) -> Option<Advice> {
    let address = endpoint.strip_prefix("http://")?;
    let here = ["127.0.0.1:", "localhost:", "[::1]:"].iter().any(|host| address.starts_with(host));
    let address = address.replacen("localhost", "127.0.0.1", 1);
    here.then(|| Advice::new("nothing on this machine listens there", format!("qldb-export serve --listen {address}")))
}

/// The host of an address, without its port.
fn host(endpoint: &str) -> &str {
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    match rest.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => rest,
    }
}
