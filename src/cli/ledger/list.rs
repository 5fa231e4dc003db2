//! `ledger list`.

use serde_json::json;

use super::open;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::text;
use crate::client::iso_8601;
use crate::engine::{Engine, Ledger, PageRequest};
use crate::request::{Faults, time};

/// Lists every ledger.
pub(super) fn run(context: &Context, faults: Faults) -> Result<(), CliError> {
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let ledgers = all(&*open(context)?)?;
    if context.printer.is_json() {
        context.printer.json(&json!({ "Ledgers": ledgers.iter().map(summary).collect::<Vec<_>>() }))?;
    } else if ledgers.is_empty() {
        context.printer.note("no ledgers");
    } else {
        let rows: Vec<_> = ledgers.iter().map(row).collect();
        context.printer.result(&text::table(["LEDGER", "STATE", "CREATED"], &rows))?;
    }
    Ok(())
}

fn all(engine: &Engine) -> Result<Vec<Ledger>, CliError> {
    let mut ledgers = Vec::new();
    let mut page = PageRequest::default();
    loop {
        let found = engine.list_ledgers(&page)?;
        ledgers.extend(found.items);
        match found.next_token {
            None => return Ok(ledgers),
            next_token => page.next_token = next_token,
        }
    }
}

/// The API's `LedgerSummary`.
fn summary(ledger: &Ledger) -> serde_json::Value {
    json!({
        "Name": ledger.name.as_str(),
        "State": ledger.state.as_str(),
        "CreationDateTime": iso_8601(ledger.created),
    })
}

fn row(ledger: &Ledger) -> [String; 3] {
    [ledger.name.to_string(), ledger.state.as_str().to_owned(), time::display(ledger.created)]
}
