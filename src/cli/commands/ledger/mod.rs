//! `ledger …`: the ledgers of the built-in endpoint, through the engine on the
//! data directory.

mod append;
mod delete;
mod describe;
mod digest;
mod import;
mod list;
mod recover;
mod sample;

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Subcommand};

use crate::cli::context::Context;
use crate::cli::context::object_store;
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use qldb_endpoint::engine::Engine;
use qldb_journal::request::{Fault, Faults, Field, LedgerName};

/// What to do with ledgers.
#[derive(Debug, Args)]
pub(crate) struct LedgerArgs {
    #[command(subcommand)]
    command: LedgerCommand,
}

impl LedgerArgs {
    /// What is read and not written to.
    pub(crate) fn archives(&self) -> &[PathBuf] {
        match &self.command {
            LedgerCommand::Import(args) => args.archives(),
            _ => &[],
        }
    }
}

/// The commands on ledgers.
#[derive(Debug, Subcommand)]
enum LedgerCommand {
    /// List the ledgers
    List,
    /// Describe a ledger and its journal
    ///
    /// The whole journal is read and checked for that, on all cores: blocks over time, and documents and revisions by
    /// table, are counted as it states them. One that cannot be read through is described without them, and is a
    /// failure.
    Describe(NameArgs),
    /// Make a ledger with sample data: vehicles, their owners, licences and registrations
    Sample(sample::SampleArgs),
    /// Append documents to a table, from a file or stdin: Ion, or JSON Lines
    Append(append::AppendArgs),
    /// Make a ledger of archived exports, or add the next ones to it
    ///
    /// The archive is verified first; only one that is proved is added.
    Import(import::ImportArgs),
    /// Print the digest of a ledger's journal
    Digest(NameArgs),
    /// Make the catalog anew from the journals, after it was lost or set back
    ///
    /// Every block of a journal that the catalog does not know is verified: journals are archives, and prove
    /// themselves. Names and settings of ledgers are kept beside them. What does not verify is left as it lies.
    Recover(recover::RecoverArgs),
    /// Delete a ledger and its journal
    Delete(delete::DeleteArgs),
}

/// Which ledger.
#[derive(Debug, Args)]
pub(crate) struct NameArgs {
    /// Name of the ledger
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// The AWS CLI's way to give NAME
    ///
    /// In all its commands.
    #[arg(long = "name", value_name = "NAME", hide_short_help = true, conflicts_with = "name", id = "name_flag")]
    name_flag: Option<String>,
}

impl NameArgs {
    /// The name, noted as a fault where it is missing or wrong.
    fn check(&self, faults: &mut Faults) -> Option<LedgerName> {
        let name = self.name.as_ref().or(self.name_flag.as_ref());
        let missing = || Err(Fault::missing(Field::Ledger, "give the ledger's name"));
        faults.note(name.map_or_else(missing, |name| LedgerName::parse(name)))
    }

    /// The name, where it may be left out.
    fn optional(&self, faults: &mut Faults) -> Option<LedgerName> {
        let is_given = self.name.is_some() || self.name_flag.is_some();
        is_given.then(|| self.check(faults)).flatten()
    }

    /// The name alone.
    fn only(&self, faults: Faults) -> Result<LedgerName, Faults> {
        let mut faults = faults;
        match self.check(&mut faults) {
            Some(name) if faults.is_empty() => Ok(name),
            _ => Err(faults),
        }
    }
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: LedgerArgs) -> Result<(), CliError> {
    let faults = context.global.faults();
    match args.command {
        LedgerCommand::List => list::run(context, faults),
        LedgerCommand::Describe(args) => describe::run(context, faults, &args),
        LedgerCommand::Sample(args) => sample::run(context, faults, &args),
        LedgerCommand::Append(args) => append::run(context, faults, &args),
        LedgerCommand::Import(args) => import::run(context, faults, &args),
        LedgerCommand::Digest(args) => digest::run(context, faults, &args),
        LedgerCommand::Recover(args) => recover::run(context, faults, &args),
        LedgerCommand::Delete(args) => delete::run(context, faults, &args),
    }
}

fn open(context: &Context) -> Result<Arc<Engine>, CliError> {
    let engine = object_store::open_engine(context.data_dir()?, &context.global)?;
    context.tell_notices(&engine);
    Ok(engine)
}
