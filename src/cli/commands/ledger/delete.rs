//! `ledger delete`.

use clap::Args;
use serde_json::json;

use super::{NameArgs, open};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::output::events::Event;
use qldb_endpoint::engine::LedgerState;
use qldb_journal::request::Faults;

/// Which ledger, and whether to override its protection.
#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    #[command(flatten)]
    name: NameArgs,
    /// Turn deletion protection off first
    #[arg(long)]
    force: bool,
}

/// Deletes the ledger and its journal.
pub(super) fn run(context: &Context, faults: Faults, args: &DeleteArgs) -> Result<(), CliError> {
    let name = args.name.only(faults)?;
    let ledgers = open(context)?;
    if !args.force && ledgers.ledger(&name)?.deletion_protection {
        context.printer.note("the ledger has deletion protection; --force turns it off first");
    }
    if args.force {
        ledgers.unprotect(&name)?;
    }
    ledgers.delete(&name)?;
    context.emit(Event::Ledger, json!({ "action": "deleted", "ledger": name.as_str() }));
    context.printer.made(&format!("the ledger {name} was deleted"));
    if context.printer.is_json() {
        // The API's response is empty; this is what DescribeLedger's summary would say.
        context.printer.json(&json!({ "Name": name.as_str(), "State": LedgerState::Deleted.as_str() }))?;
    }
    context.printer.note(&format!("deleted ledger {name}"));
    Ok(())
}
