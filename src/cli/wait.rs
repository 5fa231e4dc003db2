//! `wait`: follow an export that runs.

use clap::Args;

use super::context::Context;
use super::error::CliError;
use super::follow::{Followed, WaitingArgs, follow};
use super::local::LocalTime;
use super::status::ExportArgs;

/// Which export, and for how long.
#[derive(Debug, Args)]
pub(crate) struct WaitArgs {
    #[command(flatten)]
    export: ExportArgs,
    #[command(flatten)]
    waiting: WaitingArgs,
}

/// Follows the export and prints its outcome.
pub(crate) async fn run(context: &Context, args: &WaitArgs) -> Result<(), CliError> {
    let mut faults = context.global.faults();
    let waiting = args.waiting.check(&mut faults);
    let export = args.export.check(faults)?;
    let time = LocalTime::start();
    let client = context.connect().await?;
    let asked_for_ledger = export.ledger.is_none();
    let ledger = export.ledger(&client).await?;
    context.with_local(|local| time.wake_when_idle(local));
    let followed = Followed { ledger: &ledger, id: &export.id, contacted: asked_for_ledger };
    follow(context, &client, followed, waiting, &time).await
}
