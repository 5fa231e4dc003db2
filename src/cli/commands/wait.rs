//! `wait`: follows a running export.

use clap::Args;

use crate::cli::commands::follow::{Followed, WaitingArgs, follow};
use crate::cli::commands::status::ExportArgs;
use crate::cli::context::Context;
use crate::cli::context::local::LocalTime;
use crate::cli::error::CliError;

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
    let ledger = export.ledger(context, &client).await?;
    context.with_local(|local| time.wake_when_idle(local));
    let followed = Followed { ledger: &ledger, id: &export.id, contacted: asked_for_ledger };
    follow(context, &client, followed, waiting, &time).await
}
