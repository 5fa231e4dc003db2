//! `start --dry-run`: what would be sent, to which endpoint and with which identity, as far as that
//! is known without a call.

use std::fmt;
use std::path::PathBuf;

use serde_json::json;

use crate::cli::context::{Context, unknown_region};
use crate::cli::error::CliError;
use crate::cli::output::text;
use crate::client::{Rehearsal, iso_8601, rehearse, rehearse_within};
use qldb_aws::{Caller, CredentialSource, Origin};
use qldb_endpoint::endpoint::DEFAULT_ACCOUNT_ID;
use qldb_journal::request::{ExportRequest, time};

/// Shows the request, and sends nothing.
pub(super) async fn run(context: &Context, request: &ExportRequest) -> Result<(), CliError> {
    let shown = if context.global.local { within(context, request).await? } else { outside(context, request).await? };
    let Shown { rehearsal, who, account, region, endpoint } = shown;
    let prepared = rehearsal.request;
    let range = &request.range;
    if context.printer.is_json() {
        let value = json!({
            "Method": prepared.method, "Path": prepared.path, "Body": prepared.body, "Endpoint": endpoint.url(),
            "Region": region.as_ref().map(|(name, _)| name), "Account": account.as_ref().map(|(id, _)| id),
            "Caller": who, "From": iso_8601(range.start()), "Until": iso_8601(range.end()),
        });
        return Ok(context.printer.json(&value)?);
    }
    let unknown = || "not known: give --region, set AWS_REGION, or name one in the profile".to_owned();
    let fields = [
        ("Caller", who),
        ("Account", account.map_or_else(|| "not known without a call".to_owned(), with_source)),
        ("Region", region.map_or_else(unknown, with_source)),
        ("Endpoint", endpoint.to_string()),
        ("Ledger", request.ledger.to_string()),
        ("From", time::display(range.start())),
        ("Until", time::display(range.end())),
        ("Destination", text::s3_address(&request.bucket, &request.prefix)),
    ];
    context.printer.fields(&fields)?;
    context.printer.result(&format!("\n{} {}", prepared.method, prepared.path))?;
    Ok(context.printer.json(&prepared.body)?)
}

/// What is shown; values with their origins.
struct Shown {
    rehearsal: Rehearsal,
    who: String,
    account: Option<(String, String)>,
    region: Option<(String, String)>,
    endpoint: Endpoint,
}

/// Where the request would go.
enum Endpoint {
    Address(String),
    /// The endpoint that the command starts itself, on a data directory. It has no address yet.
    BuiltIn(PathBuf),
    /// There is no region to derive it from.
    Unknown,
}

impl Endpoint {
    fn url(&self) -> Option<&str> {
        match self {
            Self::Address(url) => Some(url),
            Self::BuiltIn(_) | Self::Unknown => None,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(url) => f.write_str(url),
            Self::BuiltIn(data_dir) => write!(f, "the built-in one, on {}", data_dir.display()),
            Self::Unknown => f.write_str("not known without a region"),
        }
    }
}

async fn outside(context: &Context, request: &ExportRequest) -> Result<Shown, CliError> {
    let rehearsal = rehearse(context.remote_target(), request).await?;
    if let Some((region, near)) = rehearsal.unknown_region.as_ref().zip(rehearsal.region.as_ref()).map(swapped) {
        context.printer.caution(&unknown_region(region, near));
    }
    let account = rehearsal.caller.account().map(|account| (account.to_owned(), "the caller's".to_owned()));
    let of_role = || Some((request.role_arn.as_str().split(':').nth(4)?.to_owned(), "of --role-arn".to_owned()));
    let region = rehearsal.region.as_ref().map(|(name, origin)| (name.clone(), chosen_by(origin, "--region")));
    let endpoint = match rehearsal.region {
        Some(_) => Endpoint::Address(rehearsal.request.endpoint.clone()),
        None => Endpoint::Unknown,
    };
    Ok(Shown { who: described(&rehearsal.caller), account: account.or_else(of_role), region, endpoint, rehearsal })
}

/// The region's name with similar names.
fn swapped<'a>((near, region): (&'a Vec<&'static str>, &'a (String, Origin))) -> (&'a str, &'a [&'static str]) {
    (region.0.as_str(), near.as_slice())
}

/// With `--local`, there is neither an account nor an address before the command runs.
async fn within(context: &Context, request: &ExportRequest) -> Result<Shown, CliError> {
    let rehearsal = rehearse_within(&context.local_region(), request).await?;
    let data_dir = context.data_dir()?;
    let built_in = || "the built-in endpoint's".to_owned();
    Ok(Shown {
        who: "the key pair in the data directory".to_owned(),
        account: Some((DEFAULT_ACCOUNT_ID.to_owned(), built_in())),
        region: Some((context.local_region(), built_in())),
        endpoint: Endpoint::BuiltIn(data_dir),
        rehearsal,
    })
}

fn with_source((value, source): (String, String)) -> String {
    format!("{value} ({source})")
}

/// Where a value was chosen, in the command line's terms.
fn chosen_by(origin: &Origin, flag: &str) -> String {
    match origin {
        Origin::Given => flag.to_owned(),
        other => other.to_string(),
    }
}

/// The caller: where the credentials come from, and the roles that are assumed with them.
fn described(caller: &Caller) -> String {
    let first = match &caller.source {
        CredentialSource::Given => "a key that was given".to_owned(),
        CredentialSource::Environment(id) => format!("access key {id} of AWS_ACCESS_KEY_ID"),
        CredentialSource::Keys(profile, id) => format!("access key {id} of profile {profile}"),
        CredentialSource::SignIn(profile) => format!("profile {profile}, signed in to AWS IAM Identity Center"),
        CredentialSource::Process(profile) => format!("the credential_process of profile {profile}"),
        CredentialSource::Token(role) => format!("role {role}, with a token of an identity provider"),
        CredentialSource::Named(name) => format!("what {name} gives"),
        CredentialSource::Machine => "what this container or instance gives, if it is one".to_owned(),
    };
    let roles: Vec<String> = caller.roles.iter().map(|role| format!("role {}", role.arn)).collect();
    let assumed = if roles.is_empty() { first } else { format!("{}, assumed by {first}", roles.join(", then ")) };
    match &caller.profile {
        Some((name, origin)) => format!("{assumed} (profile {name}, by {})", chosen_by(origin, "--profile")),
        None => assumed,
    }
}
