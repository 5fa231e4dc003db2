//! The one owner of stdout and stderr.
//!
//! Results go to stdout, everything else to stderr. A reader that went away
//! ends the output, not the command. On a terminal, nothing that came from
//! outside can send an escape sequence.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressState, ProgressStyle};
use serde_json::Value;

use super::args::{Color, GlobalArgs};
use super::response::{self, Form, Query};
use super::screen::{self, Screen};
use super::table::Table;
use super::{environment, github, text};

/// What a spinner turns through, its rest last, where there is ASCII only.
const ASCII_TICKS: &str = "|/-\\ ";
const RED: &str = "\u{1b}[1;31m";
const YELLOW: &str = "\u{1b}[1;33m";
const PLAIN: &str = "\u{1b}[0m";

/// How to print: what was asked for on the command line.
#[derive(Debug)]
struct Manner {
    form: Form,
    /// What is picked from results; one that can't be read is a fault of the command line.
    query: Option<Query>,
    /// No notes.
    quiet: bool,
    /// The program's log, which a spinner would tear.
    verbose: bool,
    /// When to use colour.
    color: Color,
    /// No spinner.
    no_progress: bool,
}

impl Manner {
    fn of(global: &GlobalArgs, by_aws_name: bool) -> Self {
        Self {
            form: Form::of(global, by_aws_name),
            query: global.query.as_deref().and_then(|query| Query::parse(query).ok()),
            quiet: global.quiet,
            verbose: global.verbose,
            color: global.color,
            no_progress: global.no_progress,
        }
    }
}

/// Prints.
#[derive(Debug)]
pub(crate) struct Printer {
    manner: Manner,
    stdout_is_terminal: bool,
    stderr_is_terminal: bool,
    screen: Screen,
    reader_left: AtomicBool,
    spinner: Mutex<Option<ProgressBar>>,
}

impl Printer {
    /// A printer on the streams of the process.
    pub(crate) fn new(global: &GlobalArgs, by_aws_name: bool) -> Self {
        let manner = Manner::of(global, by_aws_name);
        let stdout_is_terminal = io::stdout().is_terminal();
        let screen = Screen {
            width: stdout_is_terminal.then(screen::stdout_width),
            color: may_color(manner.color, stdout_is_terminal),
            unicode: screen::is_unicode(),
        };
        Self {
            manner,
            stdout_is_terminal,
            screen,
            stderr_is_terminal: io::stderr().is_terminal(),
            reader_left: AtomicBool::new(false),
            spinner: Mutex::new(None),
        }
    }

    /// Whether results are for programs: given to [`Printer::json`], whatever becomes of them there.
    pub(crate) fn is_json(&self) -> bool {
        self.manner.form != Form::People
    }

    /// Whether stderr may be coloured.
    pub(crate) fn has_color(&self) -> bool {
        may_color(self.manner.color, self.stderr_is_terminal)
    }

    /// What can be shown on stdout.
    pub(crate) fn screen(&self) -> Screen {
        self.screen
    }

    /// Names and values, as a result.
    pub(crate) fn fields(&self, pairs: &[(&str, String)]) -> io::Result<()> {
        self.result(&text::fields(pairs, self.screen))
    }

    /// A table, as a result.
    pub(crate) fn table<const N: usize>(&self, table: &Table<N>) -> io::Result<()> {
        self.painted(&table.shown(self.screen))
    }

    /// Lines that were laid out for the screen, colours and all, out of cleaned text.
    pub(crate) fn painted(&self, lines: &str) -> io::Result<()> {
        self.to_stdout(format!("{lines}\n").as_bytes())
    }

    /// A result, one or more lines.
    pub(crate) fn result(&self, lines: &str) -> io::Result<()> {
        let shown = if self.stdout_is_terminal { text::lines(lines) } else { lines.into() };
        self.to_stdout(format!("{shown}\n").as_bytes())
    }

    /// A result for programs that wait for it: JSON in one line, so that who has the line has all of it.
    pub(crate) fn json_line(&self, value: &Value) -> io::Result<()> {
        if self.manner.form == Form::Json && self.manner.query.is_none() {
            return self.result(&value.to_string());
        }
        self.json(value)
    }

    /// A result for programs, in the form that was asked for. What cannot be picked from is told whole: it may be the
    /// only word of something that was begun.
    pub(crate) fn json(&self, value: &Value) -> io::Result<()> {
        let shown = response::shown(value, self.manner.form, self.manner.query.as_ref());
        let shown = shown.map_err(|reason| unfit(&reason, value))?;
        // An empty list has no line in the AWS CLI's text.
        if shown.is_empty() { Ok(()) } else { self.result(&shown) }
    }

    /// Bytes that were made to be redirected, such as a completion script.
    pub(crate) fn raw(&self, bytes: &[u8]) -> io::Result<()> {
        self.to_stdout(bytes)
    }

    fn to_stdout(&self, bytes: &[u8]) -> io::Result<()> {
        if self.reader_left.load(Ordering::Relaxed) {
            return Ok(());
        }
        let written = self.beside_spinner(|| {
            let mut stdout = io::stdout().lock();
            stdout.write_all(bytes).and_then(|()| stdout.flush())
        });
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.reader_left.store(true, Ordering::Relaxed);
                Ok(())
            }
            other => other,
        }
    }

    /// Something worth knowing.
    pub(crate) fn note(&self, message: &str) {
        if !self.manner.quiet {
            self.to_stderr("", message);
        }
    }

    /// That something goes on, where lines stand for a spinner.
    pub(crate) fn progress(&self, message: &str) {
        if !self.manner.no_progress {
            self.note(message);
        }
    }

    /// Something to look after that fails nothing.
    pub(crate) fn caution(&self, message: &str) {
        if !self.manner.quiet {
            self.warn(message);
        }
    }

    /// Something that failed, or why the command will.
    pub(crate) fn warn(&self, message: &str) {
        self.to_stderr(&self.label("warning: ", YELLOW), message);
    }

    /// Why the command failed.
    pub(crate) fn error(&self, message: &str) {
        if github::is_here() {
            return self.to_stderr("", &github::annotation(message));
        }
        self.to_stderr(&self.label("error: ", RED), message);
    }

    fn label(&self, word: &str, color: &str) -> String {
        if self.has_color() { format!("{color}{word}{PLAIN}") } else { word.to_owned() }
    }

    /// Whatever goes wrong with stderr, there is nobody to tell.
    fn to_stderr(&self, label: &str, message: &str) {
        let message = text::lines(message);
        let _ = self.beside_spinner(|| writeln!(io::stderr().lock(), "{label}{message}"));
    }

    fn beside_spinner<T>(&self, write: impl FnOnce() -> T) -> T {
        match &*self.spinner.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(spinner) => spinner.suspend(write),
            None => write(),
        }
    }

    /// A spinner with the elapsed time, where somebody watches a terminal that can show one.
    pub(crate) fn spin(&self) -> Option<ProgressBar> {
        let wanted = !self.manner.quiet && !self.manner.verbose && !self.manner.no_progress;
        let watched = self.stderr_is_terminal && !is_dumb() && environment::value(environment::CI).is_none();
        if !wanted || !watched {
            return None;
        }
        // A message that is wider than the terminal is cut: a line that wraps can't be taken away again.
        let template = if self.has_color() {
            "{spinner:.cyan} {elapsed:>3} {wide_msg}"
        } else {
            "{spinner} {elapsed:>3} {wide_msg}"
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner());
        let style = if self.screen.unicode { style } else { style.tick_chars(ASCII_TICKS) };
        let spinner = ProgressBar::new_spinner().with_style(style);
        spinner.enable_steady_tick(std::time::Duration::from_millis(120));
        *self.spinner.lock().unwrap_or_else(PoisonError::into_inner) = Some(spinner.clone());
        Some(spinner)
    }

    /// A spinner that goes on to rate and remaining time once a length is known.
    pub(crate) fn bar(&self) -> Option<ProgressBar> {
        let bar = self.spin()?;
        let template = "{spinner} {elapsed:>3} {msg}{rest}";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        let style = style.with_key("rest", |state: &ProgressState, out: &mut dyn fmt::Write| {
            if state.len().is_some_and(|length| length > 0) {
                // Writing to the terminal's line does not fail.
                let rate = text::size(rate(state.per_sec()));
                let _ = write!(out, ", {rate}/s, {} to go", text::length(state.eta()));
            }
        });
        bar.set_style(if self.screen.unicode { style } else { style.tick_chars(ASCII_TICKS) });
        Some(bar)
    }

    /// Takes the spinner away.
    pub(crate) fn stop_spinning(&self) {
        if let Some(spinner) = self.spinner.lock().unwrap_or_else(PoisonError::into_inner).take() {
            spinner.finish_and_clear();
        }
    }
}

fn unfit(reason: &str, value: &Value) -> io::Error {
    let message = format!("--query does not fit the result: {reason}; the whole of it is {value}");
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

/// Prints names for a shell to offer. One that has gone has no use for them.
pub(crate) fn offer(names: &str) {
    let _ = io::stdout().lock().write_all(names.as_bytes());
}

/// Tells GitHub Actions of an error that has been printed already.
pub(crate) fn annotate(message: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", github::annotation(&text::lines(message)));
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate for people; the cast saturates")]
fn rate(per_second: f64) -> u64 {
    per_second as u64
}

fn may_color(asked: Color, is_terminal: bool) -> bool {
    match asked {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => is_terminal && !is_dumb() && environment::value(environment::NO_COLOR).is_none(),
    }
}

fn is_dumb() -> bool {
    environment::value(environment::TERM).is_some_and(|term| term == "dumb")
}
