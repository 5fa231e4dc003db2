//! The `verify` command that repeats what was typed.

use std::path::PathBuf;

use clap::ValueEnum as _;

use super::repeat::{Repeated, TypedFlag, flag};
use crate::cli::commands::verify::{Acceptable, VerifyArgs};
use crate::cli::context::Context;

impl VerifyArgs {
    /// The same question about the locations that were read.
    pub(in crate::cli::commands::verify) fn repeated<'a>(
        &self,
        context: &'a Context,
        paths: &'a [PathBuf],
    ) -> Repeated<'a> {
        let mut flags: Vec<TypedFlag> = Vec::new();
        if self.receipt_check.is_some() {
            // Everything else is in the receipt.
            flags.extend(flag("--receipt-check", self.receipt_check.as_ref()));
            flags.extend(self.beside_receipt.iter().cloned());
            return Repeated { paths, flags, global: &context.global };
        }
        flags.extend(flag("--export", self.export.as_ref().filter(|_| !paths.is_empty())));
        flags.extend(flag("--level", self.level.as_ref()));
        flags.extend(flag("--digest", self.digest.as_ref()));
        flags.extend(flag("--tip", self.tip.as_ref()));
        flags.extend(flag("--anchored", self.anchors.anchored.as_ref()));
        flags.extend(flag("--block", self.block.as_ref()));
        flags.extend(flag("--revision", self.revision.as_ref()));
        flags.extend(flag("--ledger", self.ledger.as_ref()));
        flags.extend(accepted(&self.accept));
        Repeated { paths, flags, global: &context.global }
    }
}

/// The exceptions that were accepted.
pub(crate) fn accepted(named: &[Acceptable]) -> impl Iterator<Item = TypedFlag> {
    let values = named.iter().filter_map(Acceptable::to_possible_value);
    values.filter_map(|value| flag("--accept", Some(value.get_name())))
}
