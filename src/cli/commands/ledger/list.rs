//! `ledger list`.

use serde_json::json;

use super::open;
use crate::cli::commands::list::moment;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::output::table::{Cell, Hue, Table, Yield};
use crate::client::iso_8601;
use qldb_endpoint::engine::{Engine, Ledger, LedgerState, PageRequest};
use qldb_journal::request::Faults;

/// What is shortened or dropped on a narrow terminal.
const YIELDS: [Yield; 2] = [Yield::Shorten(2), Yield::Drop(2)];

/// Lists every ledger.
pub(super) fn run(context: &Context, faults: Faults) -> Result<(), CliError> {
    if !faults.is_empty() {
        return Err(faults.into());
    }
    let ledgers = open(context)?.list()?;
    if context.printer.is_json() {
        context.printer.json(&json!({ "Ledgers": ledgers.iter().map(summary).collect::<Vec<_>>() }))?;
    } else if ledgers.is_empty() {
        context.printer.note("no ledgers");
    } else {
        let table = Table::new(["LEDGER", "STATE", "CREATED"]);
        context.printer.table(&table.yields(&YIELDS).rows(ledgers.iter().map(row)))?;
    }
    Ok(())
}

/// All pages of the list.
pub(super) fn all(engine: &Engine) -> Result<Vec<Ledger>, CliError> {
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

fn row(ledger: &Ledger) -> [Cell; 3] {
    let hue = match ledger.state {
        LedgerState::Active => Hue::Good,
        LedgerState::Creating => Hue::Open,
        LedgerState::Deleting | LedgerState::Deleted => Hue::Bad,
    };
    [Cell::new(ledger.name.as_str()), Cell::new(ledger.state.as_str()).hued(Some(hue)), moment(ledger.created)]
}
