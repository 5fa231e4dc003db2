//! `ledger …`: the ledgers of the built-in endpoint, through the engine on the data directory, or
//! through the `serve` that holds it.

mod append;
mod compact;
mod delete;
mod describe;
mod digest;
mod import;
mod ledgers;
mod list;
mod recover;
pub(crate) mod running;
mod sample;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::cli::context::{Context, passing};
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use ledgers::Ledgers;
use qldb_endpoint::engine::{LedgerError, ServiceError};
use qldb_journal::request::{Fault, Faults, Field, LedgerName};

/// What to do with ledgers.
#[derive(Debug, Args)]
pub(crate) struct LedgerArgs {
    #[command(subcommand)]
    command: LedgerCommand,
}

impl LedgerArgs {
    /// What is only read.
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
    /// For this, the whole journal is read and checked, on all cores: the blocks over time, and the documents and
    /// revisions by table, are counted as the journal states them. A journal that can't be read through is described
    /// without them, and the command fails.
    Describe(NameArgs),
    /// Create a ledger with sample data: vehicles, their owners, licences and registrations
    Sample(sample::SampleArgs),
    /// Append documents to a table, from a file or stdin: Ion, or JSON Lines
    Append(append::AppendArgs),
    /// Create a ledger from archived exports, or add later ones to it
    ///
    /// The archive is verified first, and added only if it is proved.
    Import(import::ImportArgs),
    /// Print the digest of a ledger's journal
    Digest(NameArgs),
    /// Join the small segments of a ledger's journal into a few large ones
    ///
    /// Each append creates a segment, and an export writes an object for each segment. No block is changed, so digests,
    /// proofs and the blocks of exports stay the same; exports then have fewer and larger objects. Segments are joined
    /// up to 4 MiB. Segments that were imported in place are left alone.
    Compact(NameArgs),
    /// Recreate the catalog from the journals, after it was lost or replaced by an older one
    ///
    /// Every block of a journal that the catalog does not know is verified: journals are archives, and prove
    /// themselves. The names and settings of ledgers are stored next to them. Whatever does not verify is left alone.
    Recover(recover::RecoverArgs),
    /// Delete a ledger and its journal
    Delete(delete::DeleteArgs),
}

/// How these commands name the ledger's argument; in other commands it is `--ledger`.
const NAME: Field = Field::Named("NAME");

/// A ledger's name, as it was typed.
fn parse_name(typed: &str) -> Result<LedgerName, Fault> {
    let remedy = || Some("give the ledger's name, such as vehicle-registration".into());
    LedgerName::parse(typed).map_err(|fault| Fault { field: NAME, remedy: remedy(), ..fault })
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
    /// The name, recorded as a fault if it is missing or wrong.
    fn check(&self, faults: &mut Faults) -> Option<LedgerName> {
        let name = self.name.as_ref().or(self.name_flag.as_ref());
        let missing = || Err(Fault::missing(NAME, "give the ledger's name"));
        faults.note(name.map_or_else(missing, |name| parse_name(name)))
    }

    /// The name, for commands that do not require it.
    fn optional(&self, faults: &mut Faults) -> Option<LedgerName> {
        let is_given = self.name.is_some() || self.name_flag.is_some();
        is_given.then(|| self.check(faults)).flatten()
    }

    /// The name, if it is the only argument.
    fn only(&self, faults: Faults) -> Result<LedgerName, Faults> {
        let mut faults = faults;
        match self.check(&mut faults) {
            Some(name) if faults.is_empty() => Ok(name),
            _ => Err(faults),
        }
    }
}

/// Runs the command; again if a `serve` that was to run it stopped before it accepted it.
#[expect(clippy::needless_pass_by_value, reason = "as the other commands are run")]
pub(crate) fn run(context: &Context, args: LedgerArgs) -> Result<(), CliError> {
    let outcome = passing::wait(passing::is_unheard, || dispatch(context, &args.command));
    if let Err(error) = &outcome {
        look_for_ledger(context, error);
    }
    outcome
}

fn dispatch(context: &Context, command: &LedgerCommand) -> Result<(), CliError> {
    let faults = context.global.faults();
    match command {
        LedgerCommand::List => list::run(context, faults),
        LedgerCommand::Describe(args) => describe::run(context, faults, args),
        LedgerCommand::Sample(args) => sample::run(context, faults, args),
        LedgerCommand::Append(args) => append::run(context, faults, args),
        LedgerCommand::Import(args) => import::run(context, faults, args),
        LedgerCommand::Digest(args) => digest::run(context, faults, args),
        LedgerCommand::Compact(args) => compact::run(context, faults, args),
        LedgerCommand::Recover(args) => recover::run(context, faults, args),
        LedgerCommand::Delete(args) => delete::run(context, faults, args),
    }
}

/// If a ledger does not exist, records the existing ones, for advice.
fn look_for_ledger(context: &Context, error: &CliError) {
    if !error.is_of_missing_ledger() {
        return;
    }
    let (CliError::Service(ServiceError::ResourceNotFound { resource_name, .. })
    | CliError::Ledger(LedgerError::Service(ServiceError::ResourceNotFound { resource_name, .. }))) = error
    else {
        return;
    };
    if let Ok(ledgers) = Ledgers::open(context).and_then(|ledgers| ledgers.list()) {
        context.note_ledgers(resource_name, ledgers.iter().map(|ledger| ledger.name.as_str()));
    }
}

fn open(context: &Context) -> Result<Ledgers<'_>, CliError> {
    Ledgers::open(context)
}
