//! `man`: manual pages, one for each command, with the sections in the order of man-pages(7).
//!
//! Names, flags and their meaning come from the definition of the command line; exit codes,
//! variables, files and examples come from their tables.

mod files;
mod options;
mod sections;
mod text;

use std::io;
use std::path::{Path, PathBuf};

use clap::Args;
use clap_mangen::roff::Roff;

use self::text::prose;
use crate::cli::commands::reference;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::error::files::unusable;
use crate::cli::output::output_file::replace;
use qldb_journal::request::Field;

/// The date of the last release of these pages: pages made on different days are identical.
const DATE: &str = "2026-11-22";
/// The section of commands.
const SECTION: &str = "1";
/// The title of the manual, in the middle of a page's first line.
const MANUAL: &str = "QLDB exports";

/// Where to write the pages.
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Directory for all pages, one for each command; created if it does not exist. Without it, the main page goes to
    /// stdout
    #[arg(value_name = "DIR")]
    directory: Option<PathBuf>,
}

/// Prints the main page, or writes all pages.
pub(crate) fn run(context: &Context, args: &ManArgs, mut definition: clap::Command) -> Result<(), CliError> {
    definition.build();
    match &args.directory {
        None => Ok(context.printer.raw(&page(&definition, &definition)?)?),
        Some(directory) => {
            std::fs::create_dir_all(directory).map_err(failed(directory))?;
            write_all(&definition, &definition, directory)
        }
    }
}

fn write_all(program: &clap::Command, command: &clap::Command, directory: &Path) -> Result<(), CliError> {
    let path = directory.join(format!("{}.{SECTION}", name(command)));
    replace(&path, &page(program, command)?).map_err(failed(&path))?;
    let shown = command.get_subcommands().filter(|command| !command.is_hide_set());
    shown.into_iter().try_for_each(|subcommand| write_all(program, subcommand, directory))
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> CliError {
    let path = path.to_owned();
    move |source| unusable(Field::Named("DIR"), &path, source, "written", "name another folder")
}

/// The page of one command.
fn page(program: &clap::Command, command: &clap::Command) -> io::Result<Vec<u8>> {
    let page = reference::of(name(command));
    let mut roff = Roff::new();
    title(&mut roff, program, command);
    roff.control("SH", ["NAME"]);
    prose(&mut roff, &format!("{} - {}", name(command), about(command)));
    options::synopsis(&mut roff, command, page.usage);
    sections::description(&mut roff, command);
    options::options(&mut roff, command);
    sections::exit_status(&mut roff, page.areas);
    sections::environment(&mut roff, page.areas);
    sections::files(&mut roff, page.areas);
    sections::examples(&mut roff, page.examples);
    sections::see_also(&mut roff, command);
    let mut bytes = Vec::new();
    roff.to_writer(&mut bytes)?;
    Ok(bytes)
}

fn title(roff: &mut Roff, program: &clap::Command, command: &clap::Command) {
    let source = format!("{} {}", program.get_name(), program.get_version().unwrap_or_default());
    roff.control("TH", [name(command).to_uppercase().as_str(), SECTION, DATE, &source, MANUAL]);
    // Names of flags and variables must not be hyphenated.
    roff.control("nh", []).control("ad", ["l"]);
}

/// The name of a command's page: all its words, joined with hyphens.
fn name(command: &clap::Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

fn about(command: &clap::Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}
