//! `completions`: scripts made from the definition of the command line.

use clap::Args;
use clap_complete::Shell;

use super::args;
use super::context::Context;
use super::error::CliError;

/// For which shell.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// Shell to complete in
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Prints the script.
pub(crate) fn run(context: &Context, args: &CompletionsArgs) -> Result<(), CliError> {
    let mut script = Vec::new();
    let mut definition = args::definition();
    let name = definition.get_name().to_owned();
    clap_complete::generate(args.shell, &mut definition, name, &mut script);
    Ok(context.printer.raw(&script)?)
}
