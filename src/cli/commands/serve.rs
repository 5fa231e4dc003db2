//! `serve`: run the built-in endpoint for other processes.

use std::net::SocketAddr;

use clap::Args;
use serde_json::json;

use crate::cli::context::local::{open_engine, options};
use crate::cli::context::{self, Context};
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::global::environment::{ACCESS_KEY_ID, DEFAULT_REGION, ENDPOINT_URL, REGION, SECRET_ACCESS_KEY};
use crate::cli::global::signal::Signals;
use crate::cli::output::events::Event;
use crate::cli::output::text;
use qldb_endpoint::endpoint::{Endpoint, Options};
use qldb_journal::request::{Fault, Faults, Field};

/// Where to listen.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address and port to listen on; port 0 picks a free one
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8040")]
    listen: String,
}

impl ServeArgs {
    fn check(&self, mut faults: Faults) -> Result<SocketAddr, Faults> {
        let parsed = self.listen.parse();
        let remedy = "give an address and a port, such as 127.0.0.1:8040";
        let fault = |_| Fault::malformed(Field::Named("--listen"), &self.listen, "is no address to listen on", remedy);
        match faults.note(parsed.map_err(fault)) {
            Some(listen) if faults.is_empty() => Ok(listen),
            _ => Err(faults),
        }
    }
}

/// Serves until a signal comes.
pub(crate) fn run(context: &Context, args: &ServeArgs) -> Result<(), CliError> {
    let listen = args.check(context.global.faults())?;
    let runtime = context::runtime()?;
    let outcome = runtime.block_on(serve(context, listen));
    runtime.shutdown_background();
    outcome
}

async fn serve(context: &Context, listen: SocketAddr) -> Result<(), CliError> {
    let mut signals = Signals::catch().map_err(|error| CliError::System(format!("no signal handler: {error}")))?;
    let engine = open_engine(context).await?;
    let options = options(context, &engine)?;
    let endpoint = Endpoint::bind(engine.clone(), listen, options.clone()).await?;
    if !endpoint.local_addr().ip().is_loopback() {
        let address = endpoint.local_addr();
        context.printer.caution(&format!("{address} is open to other machines, and the connection is not encrypted"));
    }
    announce(context, &endpoint.url(), &options)?;
    context.emit(Event::Listening, json!({ "url": endpoint.url(), "region": options.region }));
    let served = endpoint.serve(async move {
        let signal = signals.next().await;
        tracing::info!("{signal}: finishing the object in hand; the rest goes on with the next start");
        signals.leave_at_next();
    });
    let outcome = served.await;
    let _ = tokio::task::spawn_blocking(move || engine.shut_down()).await;
    Ok(outcome?)
}

/// Lines for `eval`, which make any SDK in that shell use this endpoint.
fn announce(context: &Context, url: &str, options: &Options) -> Result<(), CliError> {
    let variables = [
        (ENDPOINT_URL, url),
        (REGION, &options.region),
        // The AWS CLI 1 and botocore read only this one.
        (DEFAULT_REGION, &options.region),
        (ACCESS_KEY_ID, &options.credentials.access_key_id),
        (SECRET_ACCESS_KEY, &options.credentials.secret_access_key),
    ];
    if context.printer.is_json() {
        let members = variables.map(|(name, value)| (name.to_owned(), json!(value)));
        return Ok(context.printer.json_line(&members.into_iter().collect())?);
    }
    let lines = variables.map(|(name, value)| format!("export {name}={}", text::shell_word(value)));
    Ok(context.printer.result(&lines.join("\n"))?)
}
