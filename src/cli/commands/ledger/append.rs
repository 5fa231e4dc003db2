//! `ledger append`.

use std::io::{self, IsTerminal, Read};
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::sample::number;
use super::{NameArgs, open};
use crate::cli::context::Context;
use crate::cli::context::working::working;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::error::{CliError, files};
use crate::cli::output::events::Event;
use crate::cli::output::text;
use qldb_endpoint::engine::{AppendOptions, Appended};
use qldb_journal::request::{Fault, Faults, Field, LedgerName, UniqueId};

/// Which table, and which input.
#[derive(Debug, Args)]
pub(crate) struct AppendArgs {
    #[command(flatten)]
    name: NameArgs,
    /// Table to write to; created if it does not exist
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
    /// Maximum number of documents in one transaction; QLDB's limit if not given
    #[arg(long, value_name = "N")]
    batch: Option<String>,
    /// Read committed revisions, which include the document's id: {metadata: {id: …}, data: {…}}
    ///
    /// A revision updates the document with its id, and one without data deletes it.
    #[arg(long)]
    committed: bool,
    /// File with the documents; stdin if not given, or if -
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Appends the documents.
pub(super) fn run(context: &Context, faults: Faults, args: &AppendArgs) -> Result<(), CliError> {
    let (name, table, options) = args.check(faults)?;
    let documents = args.documents()?;
    let ledgers = open(context)?;
    let append = || ledgers.append(&name, table, documents, options);
    // A user who is typing the documents needs no spinner in between.
    let typed = args.reads_stdin() && io::stdin().is_terminal();
    let appended = if typed { append() } else { working(context, "ledger append", |_| append()) }?;
    context.emit(Event::Ledger, event(&appended, &name));
    let documents = appended.inserted + appended.updated + appended.deleted;
    context.printer.made(&format!("the documents were written to ledger {name}: {}", text::count(documents, "change")));
    if context.printer.is_json() {
        context.printer.json(&shown(&appended))?;
    } else {
        show(context, &appended, &name)?;
    }
    Ok(())
}

impl AppendArgs {
    fn check(&self, mut faults: Faults) -> Result<(LedgerName, &str, AppendOptions), Faults> {
        let name = self.name.check(&mut faults);
        let missing = || Fault::missing(Field::Named("--table"), "name the table to write to");
        let table = faults.note(self.table.as_deref().ok_or_else(missing));
        let usual = AppendOptions::default();
        let batch = self.batch.as_ref().map_or(Some(usual.batch), |typed| number(&mut faults, "--batch", typed));
        match (name, table, batch) {
            (Some(name), Some(table), Some(batch)) if faults.is_empty() => {
                Ok((name, table, AppendOptions { batch, committed: self.committed }))
            }
            _ => Err(faults),
        }
    }

    fn reads_stdin(&self) -> bool {
        self.file.as_ref().is_none_or(|path| path.as_os_str() == "-")
    }

    fn documents(&self) -> Result<Box<dyn Read>, CliError> {
        match self.file.as_ref().filter(|path| path.as_os_str() != "-") {
            None => Ok(Box::new(io::stdin().lock())),
            Some(path) => {
                let remedy = "give the file with the documents, or - for stdin";
                Ok(Box::new(files::open(Field::Named("FILE"), path, remedy)?))
            }
        }
    }
}

fn event(appended: &Appended, ledger: &LedgerName) -> serde_json::Value {
    json!({
        "action": "appended",
        "ledger": ledger.as_str(),
        "blocks": appended.blocks,
        "inserted": appended.inserted,
        "updated": appended.updated,
        "deleted": appended.deleted,
    })
}

fn shown(appended: &Appended) -> serde_json::Value {
    json!({
        "DocumentIds": appended.documents.iter().map(UniqueId::as_str).collect::<Vec<_>>(),
        "Inserted": appended.inserted,
        "Updated": appended.updated,
        "Deleted": appended.deleted,
        "Blocks": appended.blocks,
        "FirstSequenceNo": appended.first_sequence_no,
        "LastSequenceNo": appended.last_sequence_no,
    })
}

/// One line for each document, and the totals on stderr.
fn show(context: &Context, appended: &Appended, ledger: &LedgerName) -> Result<(), CliError> {
    let Appended { documents, inserted, updated, deleted, blocks, .. } = appended;
    let ids: Vec<&str> = documents.iter().map(UniqueId::as_str).collect();
    if !ids.is_empty() {
        context.printer.result(&ids.join("\n"))?;
    }
    let blocks = text::count(*blocks, "block");
    context.printer.note(&format!("{ledger}: {inserted} inserted, {updated} updated, {deleted} deleted, in {blocks}"));
    Ok(())
}
