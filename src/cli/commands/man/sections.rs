//! The sections that are not about flags: description, exit codes, environment, files and examples.

use clap::Command;
use clap_mangen::roff::{Roff, bold, italic, roman};

use super::files;
use super::text::{item, paragraphs, prose};
use super::{SECTION, name};
use crate::cli::commands::examples::Example;
use crate::cli::commands::reference;
use crate::cli::global::area::Area;
use crate::cli::global::environment;
use crate::cli::global::exit::Exit;

/// The name of the main page.
const FIRST: &str = "qldb-export";

/// The description, and the subcommands.
pub(super) fn description(roff: &mut Roff, command: &Command) {
    roff.control("SH", ["DESCRIPTION"]);
    let help = command.get_long_about().or_else(|| command.get_about()).map(ToString::to_string);
    let mut paragraphs = paragraphs(&help.unwrap_or_default()).into_iter();
    prose(roff, &paragraphs.next().unwrap_or_default());
    paragraphs.for_each(|paragraph| {
        roff.control("PP", []);
        prose(roff, &paragraph);
    });
    if command.has_subcommands() {
        roff.control("SS", ["Commands"]);
    }
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        let about = below.get_about().map(ToString::to_string).unwrap_or_default();
        item(roff, vec![bold(name(below)), roman(format!("({SECTION})"))], &format!("{about}."));
    }
}

/// Every exit code of a command that touches these areas.
pub(super) fn exit_status(roff: &mut Roff, areas: &[Area]) {
    roff.control("SH", ["EXIT STATUS"]);
    for exit in Exit::ALL.iter().filter(|exit| Area::meet(exit.areas(), areas)) {
        item(roff, vec![bold(exit.code().to_string())], &sentence(exit.meaning()));
    }
}

/// Every environment variable that a command that touches these areas respects.
pub(super) fn environment(roff: &mut Roff, areas: &[Area]) {
    roff.control("SH", ["ENVIRONMENT"]);
    for (variable, _, meaning) in environment::TABLE.iter().filter(|(_, of, _)| Area::meet(of, areas)) {
        item(roff, vec![bold(*variable)], &sentence(meaning));
    }
}

/// Every file that a command that touches these areas reads or keeps.
pub(super) fn files(roff: &mut Roff, areas: &[Area]) {
    let mut files = files::TABLE.iter().filter(|(_, of, _)| Area::meet(of, areas)).peekable();
    if files.peek().is_none() {
        return;
    }
    roff.control("SH", ["FILES"]);
    for (path, _, meaning) in files {
        item(roff, vec![italic(*path)], meaning);
    }
}

/// Command lines that the tests run.
pub(super) fn examples(roff: &mut Roff, examples: &[Example]) {
    roff.control("SH", ["EXAMPLES"]);
    for (number, (purpose, lines)) in examples.iter().enumerate() {
        if number > 0 {
            roff.control("PP", []);
        }
        prose(roff, &format!("{purpose}:"));
        roff.control("PP", []).control("RS", ["4"]).control("EX", []);
        lines.iter().for_each(|line| {
            roff.text([roman(*line)]);
        });
        roff.control("EE", []).control("RE", []);
    }
}

/// The main page, the page of the parent command, and those of subcommands and related commands.
pub(super) fn see_also(roff: &mut Roff, command: &Command) {
    let mut names: Vec<&str> = reference::of(name(command)).see_also.to_vec();
    let below = command.get_subcommands().filter(|below| !below.is_hide_set()).map(name);
    names.extend(below);
    if name(command) != FIRST {
        names.push(FIRST);
    }
    names.sort_unstable();
    names.dedup();
    roff.control("SH", ["SEE ALSO"]);
    let last = names.len().saturating_sub(1);
    for (number, name) in names.iter().enumerate() {
        let end = if number == last { "" } else { "," };
        roff.control("BR", [*name, &format!("({SECTION}){end}")]);
    }
}

/// Turns a phrase from the tables into a sentence.
fn sentence(phrase: &str) -> String {
    let mut letters = phrase.chars();
    let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
    format!("{first}{}.", letters.as_str())
}
