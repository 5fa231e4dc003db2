//! `completions`: scripts generated from the definition of the command line, and the names of
//! ledgers and exports that the scripts ask this program for while the user types.

mod asked;
mod line;
mod names;
mod scripts;

pub(crate) use asked::answer;

use clap::{Args, Command};
use clap_complete::Shell;

use crate::cli::context::Context;
use crate::cli::error::CliError;

/// The shell to generate a script for.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Shell to generate the script for
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Prints the script.
pub(crate) fn run(context: &Context, args: &CompletionsArgs, definition: Command) -> Result<(), CliError> {
    Ok(context.printer.raw(&scripts::of(args.shell, definition))?)
}
