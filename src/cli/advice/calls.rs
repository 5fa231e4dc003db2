//! What to do about calls that got no answer, or that the service failed to serve.

use super::{Advice, credentials};
use crate::cli::context::Context;
use crate::cli::output::text::shell_word;
use crate::client::{Answer, ClientError};
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
            "there are more calls in this account and region than the service takes",
            "the same command in a minute; AWS_MAX_ATTEMPTS=10 before it tries for longer".to_owned(),
        )),
        ClientError::ServiceFault(answer) => Some(of_fault(answer, context)),
        ClientError::ProxyAnswered { endpoint, proxy, status } => Some(of_proxy(endpoint, proxy, *status)),
        ClientError::Unreachable { endpoint, proxy, reason }
        | ClientError::ServiceEnded { endpoint, proxy, reason } => of_silence(endpoint, proxy.as_ref(), reason),
        _ => None,
    }
}

fn of_fault(answer: &Answer, context: &Context) -> Advice {
    let started = answer.operation == "ExportJournalToS3";
    let ledger = context.subject().map(|request| format!("list --ledger {}", request.ledger));
    match (started, ledger) {
        (true, Some(list)) => Advice::new(
            "the service failed while it took the request, and may have started the export",
            format!("{}, and only if it is not there the same command again", context.invocation(&list)),
        ),
        _ if context.global.local => {
            Advice::new("the built-in endpoint failed; its log says more", "the same command with --verbose".to_owned())
        }
        _ => Advice::new("the service failed, and did not say why", "the same command in a minute".to_owned()),
    }
}

fn of_proxy(endpoint: &str, proxy: &Proxy, status: u16) -> Advice {
    let host = host(endpoint);
    match status {
        407 => Advice::new(
            "the proxy asks who you are",
            format!("give {} a user and a password: http://USER:PASSWORD@HOST:PORT", proxy.variable),
        ),
        400..500 => Advice::new(
            "the proxy does not let calls through to this address",
            format!("have it allow {host}, or let NO_PROXY={} go past it", shell_word(host)),
        ),
        _ => Advice::new(
            "the proxy got no answer from there",
            format!("if this machine reaches {host} by itself, NO_PROXY={} goes past the proxy", shell_word(host)),
        ),
    }
}

fn of_silence(endpoint: &str, proxy: Option<&Proxy>, reason: &str) -> Option<Advice> {
    if reason.contains(UNTRUSTED) {
        return Some(Advice::new(
            "its certificate is not signed by an authority that this machine trusts, as with a proxy that intercepts TLS",
            "AWS_CA_BUNDLE=FILE, with the certificate of who signed it in PEM form".to_owned(),
        ));
    }
    if let Some(proxy) = proxy {
        let host = host(endpoint);
        let next = match reason {
            _ if reason.contains("proxy authorization required") => {
                return Some(of_proxy(endpoint, proxy, 407));
            }
            _ => format!("look at {}, or let NO_PROXY={} go past it", proxy.variable, shell_word(host)),
        };
        return Some(Advice::new("the proxy can't be reached, or did not connect to that address", next));
    }
    if reason.contains(UNRESOLVED) && !endpoint.contains(".amazonaws.com") {
        return Some(Advice::new(
            "the name of the host is not known here; nothing was sent",
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
