//! Formats everything that is not a result: without secrets, without characters that do more than
//! be read, and in colour if wanted. For the printer, for the command-line parser, and for the log.

use std::io::{self, IsTerminal, Write};

use crate::cli::global::args::Color;
use crate::cli::global::{environment, secret};
use crate::cli::output::{github, text};

pub(super) const RED: &str = "\u{1b}[1;31m";
pub(super) const YELLOW: &str = "\u{1b}[1;33m";
pub(super) const PLAIN: &str = "\u{1b}[0m";

/// A message in lines, cleaned of anything that does more than be read.
pub(super) fn said(message: &str) -> String {
    text::lines(&secret::masked(message)).into_owned()
}

/// Prints the parser's output: help and version, or what is wrong with the command line. A reader that went away is not
/// a failure.
pub(crate) fn answer(answer: &clap::Error, color: Color) {
    let rendered = answer.render();
    if !answer.use_stderr() {
        let colored = may_color(color, io::stdout().is_terminal());
        let shown = if colored { rendered.ansi().to_string() } else { rendered.to_string() };
        let _ = io::stdout().lock().write_all(shown.as_bytes());
        return;
    }
    // It contains what was typed.
    let message = said(&rendered.to_string());
    let shown = github::harmless(message.as_str().into());
    let label = "error: ";
    let shown = match shown.strip_prefix(label) {
        Some(rest) if may_color(color, io::stderr().is_terminal()) => format!("{RED}{label}{PLAIN}{rest}"),
        _ => shown.into_owned(),
    };
    let _ = io::stderr().lock().write_all(shown.as_bytes());
    if github::is_here() {
        let first = message.lines().next().unwrap_or_default();
        let _ = writeln!(io::stderr().lock(), "{}", github::annotation(first));
    }
}

/// The program's log: on stderr, cleaned like everything else.
pub(crate) struct Log;

impl Write for Log {
    /// An event arrives as a whole.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let shown = said(&String::from_utf8_lossy(event));
        io::stderr().lock().write_all(github::harmless(shown.into()).as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().lock().flush()
    }
}

/// Whether to use colour.
pub(super) fn may_color(asked: Color, is_terminal: bool) -> bool {
    match asked {
        Color::Always => true,
        Color::Never => false,
        Color::Auto if environment::value(environment::NO_COLOR).is_some() => false,
        Color::Auto if is_forced() => true,
        Color::Auto => is_terminal && !is_dumb(),
    }
}

fn is_forced() -> bool {
    environment::value(environment::CLICOLOR_FORCE).is_some_and(|value| value != "0")
}

/// Whether the terminal is declared dumb.
pub(super) fn is_dumb() -> bool {
    environment::value(environment::TERM).is_some_and(|term| term == "dumb")
}
