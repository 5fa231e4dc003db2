//! `ledger append`.

use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::sample::number;
use super::{NameArgs, open};
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::text;
use crate::engine::{AppendOptions, Appended};
use crate::request::{Fault, Faults, Field, LedgerName, UniqueId};

/// Into which table, and from where.
#[derive(Debug, Args)]
pub(crate) struct AppendArgs {
    #[command(flatten)]
    name: NameArgs,
    /// Table to write to; made if it is not there
    #[arg(long, value_name = "TABLE")]
    table: Option<String>,
    /// How many documents one transaction has, at most; as many as QLDB allows if not given
    #[arg(long, value_name = "N")]
    batch: Option<String>,
    /// The values are committed revisions with the document's id in them: {metadata: {id: …}, data: {…}}
    ///
    /// So an existing document is updated, and one without data deleted.
    #[arg(long)]
    committed: bool,
    /// File with the documents; stdin if not given, or -
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
}

/// Appends the documents.
pub(super) fn run(context: &Context, faults: Faults, args: &AppendArgs) -> Result<(), CliError> {
    let (name, table, options) = args.check(faults)?;
    let documents = args.documents()?;
    let appended = open(context)?.append(&name, table, documents, options)?;
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
        let missing = || Fault::missing(Field::Flag("--table"), "name the table to write to");
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

    fn documents(&self) -> Result<Box<dyn Read>, CliError> {
        match self.file.as_ref().filter(|path| path.as_os_str() != "-") {
            None => Ok(Box::new(io::stdin().lock())),
            Some(path) => match File::open(path) {
                Ok(file) => Ok(Box::new(file)),
                Err(source) => Err(CliError::File { path: path.clone(), source }),
            },
        }
    }
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

/// One line for each document, and the sum on stderr.
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
