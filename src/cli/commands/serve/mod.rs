//! `serve`: run the built-in endpoint for other processes.

mod callers;
mod notify;

use std::net::SocketAddr;
use std::sync::Arc;

use clap::Args;
use serde_json::json;

use crate::cli::commands::ledger::running::CommandServer;
use crate::cli::context::local::{open_engine, options};
use crate::cli::context::{self, Context};
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::global::environment::{ACCESS_KEY_ID, DEFAULT_REGION, ENDPOINT_URL, REGION, SECRET_ACCESS_KEY};
use crate::cli::output::events::Event;
use crate::cli::output::text;
use callers::CallerCredentials;
use qldb_endpoint::endpoint::{Endpoint, Options};
use qldb_endpoint::engine::Engine;
use qldb_journal::request::{Fault, Faults, Field};

/// Where to listen, and which callers to accept.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address and port to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8040")]
    listen: String,
    /// Which credentials callers sign with: environment, profile:NAME, file, or file:PATH
    ///
    /// With file, a key pair that is created for the data directory, stored in it and printed. With environment, the
    /// key in AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; with profile:NAME, the key of a profile
    /// in the shared AWS configuration files; with file:PATH, the key in a JSON file that only its owner can read, in
    /// the format of credential_process. Callers then use their existing credentials, for QLDB as for S3, and none are
    /// printed. Files and profiles are read again periodically, and when a request is signed with another key, so that
    /// rotated keys are accepted.
    #[arg(long, value_name = "WHERE", default_value = "file", hide_short_help = true)]
    credentials_from: String,
}

impl ServeArgs {
    fn check(&self, mut faults: Faults) -> Result<(SocketAddr, CallerCredentials), Faults> {
        let parsed = self.listen.parse();
        let remedy = "give an address and a port, such as 127.0.0.1:8040";
        let fault =
            |_| Fault::malformed(Field::Named("--listen"), &self.listen, "is not an address to listen on", remedy);
        let listen = faults.note(parsed.map_err(fault));
        match (listen, faults.note(CallerCredentials::parse(&self.credentials_from))) {
            (Some(listen), Some(origin)) if faults.is_empty() => Ok((listen, origin)),
            _ => Err(faults),
        }
    }
}

/// Serves until a signal arrives.
pub(crate) fn run(context: &Context, args: &ServeArgs) -> Result<(), CliError> {
    let (listen, origin) = args.check(context.global.faults())?;
    let runtime = context::runtime()?;
    let outcome = runtime.block_on(serve(context, listen, &origin));
    runtime.shutdown_background();
    outcome
}

async fn serve(context: &Context, listen: SocketAddr, origin: &CallerCredentials) -> Result<(), CliError> {
    let mut signals = context::signals()?;
    let engine = open_engine(context).await?;
    let options = origin.options(context, options(context, &engine)?).await?;
    let endpoint = Endpoint::bind(engine.clone(), listen, options.clone()).await?;
    if !endpoint.local_addr().ip().is_loopback() {
        let address = endpoint.local_addr();
        context.printer.caution(&format!("{address} is open to other machines, and the connection is not encrypted"));
    }
    // Before the address is announced, so that every caller can reach it.
    let desk = open_desk(context, &engine);
    announce(context, &endpoint.url(), &options, origin)?;
    context.emit(Event::Listening, json!({ "url": endpoint.url(), "region": options.region }));
    notify::ready(context);
    let served = endpoint.serve(async move {
        let signal = signals.next().await;
        tracing::info!("{signal}: finishing the current object; the rest resumes at the next start");
        signals.leave_at_next();
    });
    let outcome = served.await;
    notify::stopping(context);
    if let Some(desk) = desk {
        desk.close().await;
    }
    let _ = tokio::task::spawn_blocking(move || engine.shut_down()).await;
    Ok(outcome?)
}

/// Listens for `ledger` commands on this data directory. If that fails, those commands are refused, and everything else
/// works as usual.
fn open_desk(context: &Context, engine: &Arc<Engine>) -> Option<CommandServer> {
    let opened = CommandServer::open(context, engine);
    opened
        .inspect_err(|error| context.printer.warn(&format!("`ledger` commands can't reach this `serve`: {error}")))
        .ok()
}

/// Lines for `eval`, which point every SDK in that shell at this endpoint. Callers that have their own credentials keep
/// them.
fn announce(context: &Context, url: &str, options: &Options, origin: &CallerCredentials) -> Result<(), CliError> {
    let mut variables = vec![
        (ENDPOINT_URL, url),
        (REGION, &options.region),
        // The AWS CLI 1 and botocore read only this variable.
        (DEFAULT_REGION, &options.region),
    ];
    if !origin.is_theirs() {
        variables.push((ACCESS_KEY_ID, &options.credentials.access_key_id));
        variables.push((SECRET_ACCESS_KEY, &options.credentials.secret_access_key));
    }
    if context.printer.is_json() {
        let members = variables.into_iter().map(|(name, value)| (name.to_owned(), json!(value)));
        return Ok(context.printer.json_line(&members.collect())?);
    }
    let lines = variables.iter().map(|(name, value)| format!("export {name}={}", text::shell_word(value)));
    Ok(context.printer.result(&lines.collect::<Vec<_>>().join("\n"))?)
}
