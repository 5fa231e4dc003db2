//! `verify --receipt-check`: repeats the verification of a receipt, and reports every difference.
//!
//! The repeated verification yields a receipt as well; the two are compared member by member.

mod compare;
mod form;
mod pairs;
mod receipt;
mod show;

use serde_json::Value;

use super::VerifyArgs;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use compare::{Comparison, compared};
use qldb_journal::archive::verify::Status;
use qldb_journal::request::{Faults, Field};
pub(super) use receipt::{REMEDY, Receipt};

const FLAG: Field = Field::Named("--receipt-check");

/// A verification that repeats a receipt.
pub(super) struct Replay {
    receipt: Receipt,
}

impl Replay {
    /// The arguments to use instead of those that were typed: the same, with the receipt's values in place of flags.
    pub(super) fn of(args: &VerifyArgs, mut faults: Faults) -> Result<(Self, VerifyArgs), CliError> {
        let path = args.receipt_check.as_deref().unwrap_or(std::path::Path::new(""));
        let read = Receipt::read(FLAG, path, &mut faults)
            .and_then(|receipt| receipt.replayed(args, &mut faults).map(|args| (Self { receipt }, args)));
        match read {
            Some(read) if faults.is_empty() => Ok(read),
            _ => Err(faults.into()),
        }
    }

    /// Compares the receipt with the receipt of the repeated verification, and prints the differences. Returns the
    /// worst of them, and why.
    pub(super) fn end(&self, context: &Context, now: &Value) -> Result<(Status, String), CliError> {
        let comparison = compared(&self.receipt.value, now);
        let printer = &context.printer;
        if printer.is_json() {
            printer.json(&show::machine(&self.receipt, now, &comparison))?;
        } else {
            printer.result(&show::people(&self.receipt, now, &comparison, printer.screen()))?;
        }
        Ok((comparison.status(), self.why(&comparison)))
    }

    fn why(&self, comparison: &Comparison) -> String {
        let (status, name) = (comparison.status().as_str(), &self.receipt.name);
        let Some(first) = comparison.weightiest().map(show::line) else {
            let lacking = comparison.lacking.join(", ");
            return format!("{status}: not all that {name} must say can be compared: it lacks {lacking}");
        };
        let among = match comparison.differences.len() {
            1 => String::new(),
            count => format!("one of {count} differences: "),
        };
        format!("{status}: not as {name} says: {among}{first}")
    }
}
