//! `man`: manual pages made from the definition of the command line, with the
//! tables of exit codes and environment variables on the first.

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::context::Context;
use super::error::CliError;
use super::exit::Exit;
use super::{args, environment};

/// Where to.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Directory for all pages, one a command; the first page goes to stdout if not given
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

/// Prints the first page, or writes all.
pub(crate) fn run(context: &Context, args: &ManArgs) -> Result<(), CliError> {
    let mut definition = args::definition();
    definition.build();
    match &args.directory {
        None => Ok(context.printer.raw(&page(&definition)?)?),
        Some(directory) => {
            std::fs::create_dir_all(directory).map_err(failed(directory))?;
            write_all(&definition, directory)
        }
    }
}

fn write_all(command: &clap::Command, directory: &Path) -> Result<(), CliError> {
    let path = directory.join(Man::new(command.clone()).get_filename());
    std::fs::write(&path, page(command)?).map_err(failed(&path))?;
    command.get_subcommands().try_for_each(|subcommand| write_all(subcommand, directory))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> CliError {
    let path = path.to_owned();
    move |source| CliError::File { path, source }
}

fn page(command: &clap::Command) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let man = Man::new(command.clone());
    man.render_title(&mut bytes)?;
    man.render_name_section(&mut bytes)?;
    man.render_synopsis_section(&mut bytes)?;
    man.render_description_section(&mut bytes)?;
    man.render_options_section(&mut bytes)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut bytes)?;
    }
    let is_first = command.get_name() == "qldb-export";
    let closing = if is_first { tables() } else { reference() };
    closing.to_writer(&mut bytes)?;
    Ok(bytes)
}

fn tables() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["EXIT STATUS"]);
    for exit in Exit::ALL {
        item(&mut roff, &exit.code().to_string(), exit.meaning());
    }
    roff.control("SH", ["ENVIRONMENT"]);
    for (name, meaning) in environment::TABLE {
        item(&mut roff, name, meaning);
    }
    roff
}

fn item(roff: &mut Roff, term: &str, meaning: &str) {
    roff.control("TP", []).text([bold(term)]).text([roman(meaning)]);
}

fn reference() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["SEE ALSO"])
        .text([bold("qldb-export"), roman("(1), for exit codes and environment variables")]);
    roff
}
