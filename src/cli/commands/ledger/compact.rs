//! `ledger compact`: joins small segments into a few large ones.

use serde_json::json;

use super::{NameArgs, open};
use crate::cli::context::Context;
use crate::cli::context::working::working;
use crate::cli::error::CliError;
use crate::cli::output::events::Event;
use crate::cli::output::text;
use qldb_endpoint::engine::Compacted;
use qldb_journal::request::{Faults, LedgerName};

/// Joins the segments of a ledger's journal.
pub(super) fn run(context: &Context, faults: Faults, args: &NameArgs) -> Result<(), CliError> {
    let name = args.only(faults)?;
    let ledgers = open(context)?;
    let compacted = working(context, "ledger compact", |done| ledgers.compact(&name, done))?;
    show(context, &name, &compacted)
}

fn show(context: &Context, name: &LedgerName, compacted: &Compacted) -> Result<(), CliError> {
    let Compacted { segments_before, segments_after, bytes } = compacted;
    let event = json!({
        "action": "compacted", "ledger": name.as_str(), "segmentsBefore": segments_before, "segments": segments_after,
    });
    context.emit(Event::Ledger, event);
    context.printer.made(&format!("the journal of ledger {name} has {}", text::count(*segments_after, "segment")));
    if context.printer.is_json() {
        let value = json!({
            "Name": name.as_str(), "SegmentsBefore": segments_before, "Segments": segments_after, "JoinedBytes": bytes,
        });
        return Ok(context.printer.json(&value)?);
    }
    let now = text::count(*segments_after, "segment");
    let line = if segments_before == segments_after {
        format!("{name}: nothing to join, {now}")
    } else {
        format!("{name}: {segments_before} segments became {now}, {} were joined", text::size(*bytes))
    };
    Ok(context.printer.result(&line)?)
}
