//! The only code that writes to stdout and stderr.
//!
//! Results go to stdout, everything else to stderr. If the reader goes away, the output ends but
//! not the command, unless the reader misses a change that was made. Text from outside can't send
//! an escape sequence to a terminal, be read as a command by a workflow's runner, or reveal a
//! secret in an error.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use crate::cli::global::args::Color;
use crate::cli::global::environment;
use crate::cli::global::query::Query;
use crate::cli::global::settings::Settings;
use crate::cli::output::response::{self, ResultFormat};
use crate::cli::output::said::{PLAIN, RED, YELLOW, is_dumb, may_color, said};
use crate::cli::output::screen::{self, Screen};
use crate::cli::output::table::Table;
use crate::cli::output::{github, text};

/// The frames of an ASCII spinner, its final state last.
const ASCII_TICKS: &str = "|/-\\ ";

/// The columns of the spinner itself and of the elapsed time, with spaces and one to spare.
const SPINNER_AND_TIME: usize = 8;

/// How to print, as the flags say.
#[derive(Debug)]
struct Manner {
    form: ResultFormat,
    /// What is selected from results.
    query: Option<Query>,
    /// No notes.
    quiet: bool,
    /// Logging is on; a spinner would garble the log.
    verbose: bool,
    /// When to use colour.
    color: Color,
    /// No spinner.
    no_progress: bool,
}

impl Manner {
    fn of(global: &Settings, by_aws_name: bool) -> Self {
        Self {
            form: ResultFormat::of(global, by_aws_name),
            query: global.query.clone(),
            quiet: global.quiet,
            verbose: global.verbose,
            color: global.color,
            no_progress: global.no_progress,
        }
    }
}

/// Prints all output.
#[derive(Debug)]
pub(crate) struct Printer {
    manner: Manner,
    stdout_is_terminal: bool,
    stderr_is_terminal: bool,
    screen: Screen,
    reader_left: AtomicBool,
    /// A change that was made and is not reported on stdout yet.
    made: Mutex<Option<String>>,
    spinner: Mutex<Option<ProgressBar>>,
}

impl Printer {
    /// A printer on the streams of the process.
    pub(crate) fn new(global: &Settings, by_aws_name: bool) -> Self {
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
            made: Mutex::default(),
            spinner: Mutex::new(None),
        }
    }

    /// Whether results are for programs: passed to [`Printer::json`], however they are printed there.
    pub(crate) fn is_json(&self) -> bool {
        self.manner.form != ResultFormat::People
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

    /// Lines that were already laid out for the screen, with colours, from cleaned text.
    pub(crate) fn painted(&self, lines: &str) -> io::Result<()> {
        self.to_stdout(format!("{}\n", github::harmless(lines.into())).as_bytes())
    }

    /// A result, one or more lines.
    pub(crate) fn result(&self, lines: &str) -> io::Result<()> {
        let shown = if self.stdout_is_terminal { text::lines(lines) } else { text::piped_lines(lines) };
        self.to_stdout(format!("{}\n", github::harmless(shown)).as_bytes())
    }

    fn document(&self, json: &str) -> io::Result<()> {
        self.to_stdout(format!("{}\n", github::harmless_json(text::json(json))).as_bytes())
    }

    /// A result for programs that wait for it: JSON in one line, so that a reader that has the line has everything.
    pub(crate) fn json_line(&self, value: &Value) -> io::Result<()> {
        if self.manner.form == ResultFormat::Json && self.manner.query.is_none() {
            return self.document(&value.to_string());
        }
        self.json(value)
    }

    /// A result for programs, in the requested form. If a query can't be applied, the whole result is printed: it may
    /// be the only record of something that was started.
    pub(crate) fn json(&self, value: &Value) -> io::Result<()> {
        let shown = response::shown(value, self.manner.form, self.manner.query.as_ref());
        let shown = shown.map_err(|reason| unfit(&reason, value))?;
        match self.manner.form {
            // In the AWS CLI's text, an empty list prints nothing.
            ResultFormat::Tabs if shown.is_empty() => Ok(()),
            ResultFormat::Tabs => self.result(&shown),
            ResultFormat::People | ResultFormat::Json => self.document(&shown),
        }
    }

    /// Records a permanent change before its result is printed. From here on, a reader that went away is a failure,
    /// because it misses the change, and the error mentions the change.
    pub(crate) fn made(&self, what: &str) {
        *guard(&self.made) = Some(what.to_owned());
    }

    /// Records that stdout has accepted the report of the change.
    pub(crate) fn delivered(&self) {
        *guard(&self.made) = None;
    }

    /// The change that is not reported on stdout yet.
    pub(crate) fn made_so_far(&self) -> Option<String> {
        guard(&self.made).clone()
    }

    /// Bytes that are meant to be redirected, such as a completion script.
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
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe && guard(&self.made).is_none() => {
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

    /// A sign that something is still running, if lines replace a spinner.
    pub(crate) fn progress(&self, message: &str) {
        if !self.manner.no_progress {
            self.note(message);
        }
    }

    /// A warning about something that does not cause a failure.
    pub(crate) fn caution(&self, message: &str) {
        if !self.manner.quiet {
            self.warn(message);
        }
    }

    /// A warning about something that failed, or why the command will fail.
    pub(crate) fn warn(&self, message: &str) {
        self.to_stderr(&self.label("warning: ", YELLOW), message);
    }

    /// Why the command failed.
    pub(crate) fn error(&self, message: &str) {
        if github::is_here() {
            return self.line_to_stderr(&github::annotation(&said(message)));
        }
        self.to_stderr(&self.label("error: ", RED), message);
    }

    fn label(&self, word: &str, color: &str) -> String {
        if self.has_color() { format!("{color}{word}{PLAIN}") } else { word.to_owned() }
    }

    fn to_stderr(&self, label: &str, message: &str) {
        self.line_to_stderr(&format!("{label}{}", github::harmless(said(message).into())));
    }

    /// If stderr fails, there is nowhere left to report it.
    fn line_to_stderr(&self, line: &str) {
        let _ = self.beside_spinner(|| writeln!(io::stderr().lock(), "{line}"));
    }

    fn beside_spinner<T>(&self, write: impl FnOnce() -> T) -> T {
        match &*guard(&self.spinner) {
            Some(spinner) => spinner.suspend(write),
            None => write(),
        }
    }

    /// A spinner with the elapsed time, if somebody is watching a terminal that can show one.
    pub(crate) fn spin(&self) -> Option<ProgressBar> {
        let wanted = !self.manner.quiet && !self.manner.verbose && !self.manner.no_progress;
        let watched = self.stderr_is_terminal && !is_dumb() && environment::value(environment::CI).is_none();
        if !wanted || !watched {
            return None;
        }
        // A message that is wider than the terminal is cut, though `beside_elapsed` leaves nothing to cut: a line that
        // wraps can't be erased.
        let template = if self.has_color() {
            "{spinner:.cyan} {elapsed:>3} {wide_msg}"
        } else {
            "{spinner} {elapsed:>3} {wide_msg}"
        };
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner());
        let style = if self.screen.unicode { style } else { style.tick_chars(ASCII_TICKS) };
        let spinner = ProgressBar::new_spinner().with_style(style);
        spinner.enable_steady_tick(std::time::Duration::from_millis(120));
        *guard(&self.spinner) = Some(spinner.clone());
        Some(spinner)
    }

    /// Removes the spinner.
    pub(crate) fn stop_spinning(&self) {
        if let Some(spinner) = guard(&self.spinner).take() {
            spinner.finish_and_clear();
        }
    }
}

fn unfit(reason: &str, value: &Value) -> io::Error {
    let message = format!("--query does not fit the result: {reason}; the whole result is {value}");
    io::Error::new(io::ErrorKind::InvalidInput, message)
}

/// What a spinner shows beside its time, in one line: as many parts as fit, and at least the first. No part is cut, so
/// that no number is misread.
pub(crate) fn beside_elapsed(parts: &[String]) -> String {
    text::fitted(parts, screen::stderr_width().saturating_sub(SPINNER_AND_TIME))
}

/// Prints names for a shell to offer. If the shell is gone, it needs none.
pub(crate) fn offer(names: &str) {
    let _ = io::stdout().lock().write_all(names.as_bytes());
}

fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
