//! `ledger recover`: rebuilds a catalog that was lost or replaced by an older one from the
//! journals.

use clap::Args;
use serde_json::{Value, json};

use super::NameArgs;
use crate::cli::context::object_store::engine_config;
use crate::cli::context::working::working;
use crate::cli::context::{Context, passing};
use crate::cli::error::{CliError, remedies};
use crate::cli::output::events::Event;
use crate::cli::output::text;
use qldb_endpoint::engine::{Engine, RecoveredLedger, Recovery, RefusedJournal};
use qldb_journal::Hash;
use qldb_journal::request::{Faults, LedgerName};

/// Which ledger; if none is given, all that the catalog does not know.
#[derive(Debug, Args)]
pub(crate) struct RecoverArgs {
    #[command(flatten)]
    name: NameArgs,
}

/// Verifies the journals that the catalog does not know, and adds them to it.
pub(super) fn run(context: &Context, mut faults: Faults, args: &RecoverArgs) -> Result<(), CliError> {
    let name = args.name.optional(&mut faults);
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let data_dir = context.data_dir()?;
    let recover = || -> Result<Recovery, CliError> {
        Ok(Engine::recover(engine_config(data_dir.clone(), &context.global), name.as_ref())?)
    };
    let recovery = working(context, "ledger recover", |_| passing::wait(passing::is_held, recover))?;
    for ledger in &recovery.recovered {
        context.emit(Event::Ledger, json!({ "action": "recovered", "ledger": ledger.name.as_str() }));
    }
    show(context, &recovery)?;
    if recovery.refused.is_empty() { Ok(()) } else { Err(CliError::Unrecovered(recovery.refused)) }
}

fn show(context: &Context, recovery: &Recovery) -> Result<(), CliError> {
    let Recovery { recovered, known, refused, put_aside } = recovery;
    for path in put_aside {
        context.printer.note(&format!("the previous catalog is now {}", path.display()));
    }
    if context.printer.is_json() {
        let ledgers = recovered.iter().map(shown).chain(known.iter().map(shown_known));
        let refused = refused.iter().map(shown_refused);
        let value = json!({ "Ledgers": ledgers.collect::<Value>(), "Refused": refused.collect::<Value>() });
        return Ok(context.printer.json(&value)?);
    }
    let lines = recovered.iter().map(line).chain(known.iter().map(|name| format!("{name}: already in the catalog")));
    let lines: Vec<String> = lines.collect();
    if !lines.is_empty() {
        context.printer.result(&lines.join("\n"))?;
    } else if refused.is_empty() {
        context.printer.note("there is no journal to recover");
    }
    Ok(())
}

fn line(ledger: &RecoveredLedger) -> String {
    let name = &ledger.name;
    let blocks = match (ledger.blocks, ledger.last_block_hash) {
        (Some((first, last)), Some(hash)) => format!(
            "blocks {first} to {last} verified in {}, ending with {}",
            text::count(ledger.segments, "segment"),
            hash.to_base64()
        ),
        _ => "no blocks".to_owned(),
    };
    let settings = if ledger.without_record { "; its settings were lost, and are now the defaults" } else { "" };
    format!("{name}: recovered, {blocks}{settings}")
}

fn shown(ledger: &RecoveredLedger) -> Value {
    json!({
        "Name": ledger.name.as_str(),
        "Recovered": true,
        "StrandId": ledger.strand_id.as_str(),
        "Segments": ledger.segments,
        "FirstSequenceNo": ledger.blocks.map(|(first, _)| first),
        "LastSequenceNo": ledger.blocks.map(|(_, last)| last),
        "LastBlockHash": ledger.last_block_hash.map(Hash::to_base64),
        "SettingsLost": ledger.without_record,
    })
}

fn shown_known(name: &LedgerName) -> Value {
    json!({ "Name": name.as_str(), "Recovered": false })
}

fn shown_refused(refused: &RefusedJournal) -> Value {
    json!({
        "Name": refused.name.as_ref().map(LedgerName::as_str),
        "Journal": refused.journal.display().to_string(),
        "Reason": remedies::refusal(&refused.why),
    })
}
