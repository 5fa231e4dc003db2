//! `ledger sample`.

use clap::Args;
use serde_json::json;

use super::{NameArgs, describe, open};
use crate::cli::context::Context;
use crate::cli::context::sample::{DAYS, SEED, TRANSACTIONS};
use crate::cli::context::working::working;
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::output::events::Event;
use qldb_endpoint::engine::SampleSpec;
use qldb_journal::request::{Fault, Faults, Field};

/// How large the sample is.
#[derive(Debug, Args)]
pub(crate) struct SampleArgs {
    #[command(flatten)]
    name: NameArgs,
    /// Number of transactions
    #[arg(long, value_name = "N", default_value_t = TRANSACTIONS.to_string())]
    transactions: String,
    /// Number of days over which they are spread, up to now
    #[arg(long, value_name = "DAYS", default_value_t = DAYS.to_string())]
    days: String,
    /// Seed of the random data; the same seed gives the same documents
    #[arg(long, value_name = "SEED", default_value_t = SEED.to_string())]
    seed: String,
}

/// Creates the ledger and fills it.
pub(super) fn run(context: &Context, faults: Faults, args: &SampleArgs) -> Result<(), CliError> {
    let spec = args.check(faults)?;
    let ledgers = open(context)?;
    let facts = working(context, "ledger sample", |_| ledgers.sample(&spec))?;
    context.emit(Event::Ledger, json!({ "action": "made", "ledger": spec.name.as_str(), "blocks": facts.blocks }));
    context.printer.made(&format!("the ledger {} was created", spec.name));
    if context.printer.is_json() {
        context.printer.json(&json!({ "Name": spec.name.as_str(), "Journal": describe::journal_json(&facts) }))?;
    } else {
        let mut fields = vec![("Ledger", spec.name.to_string())];
        fields.extend(describe::journal_fields(&facts));
        context.printer.fields(&fields)?;
    }
    Ok(())
}

impl SampleArgs {
    fn check(&self, mut faults: Faults) -> Result<SampleSpec, Faults> {
        let name = self.name.check(&mut faults);
        let transactions = number(&mut faults, "--transactions", &self.transactions);
        let days = number(&mut faults, "--days", &self.days);
        let seed = number(&mut faults, "--seed", &self.seed);
        match (name, transactions, days, seed) {
            (Some(name), Some(transactions), Some(days), Some(seed)) if faults.is_empty() => {
                Ok(SampleSpec { name, transactions, days, seed })
            }
            _ => Err(faults),
        }
    }
}

/// A whole number that was typed; the engine checks whether it is too small or too large.
pub(super) fn number<T: std::str::FromStr>(faults: &mut Faults, flag: &'static str, typed: &str) -> Option<T> {
    let fault = |_| Fault::malformed(Field::Named(flag), typed, "is not a whole number in range", "give digits");
    faults.note(typed.parse().map_err(fault))
}
