//! `__complete`, which the scripts run while the user types: reads an unfinished command line and
//! prints the names that can go at its end.
//!
//! The user must not notice if it finds none: it prints no error, always exits with 0, and never
//! takes longer than [`PATIENCE`].

use std::process::ExitCode;
use std::sync::mpsc;
use std::time::Duration;

use clap::Command;

use super::line::Line;
use super::names;
use crate::cli::global::exit::Exit;
use crate::cli::output::printer;

/// The word with which the scripts call. It is not a command, so it appears in no help and no manual.
const WORD: &str = "__complete";
/// The longest time that a user who pressed a key has to wait.
const PATIENCE: Duration = Duration::from_secs(1);

/// Answers a completion script, if one is calling.
pub(crate) fn answer(definition: fn() -> Command) -> Option<ExitCode> {
    let mut words = std::env::args_os().skip(1).map(|word| word.to_string_lossy().into_owned());
    if words.next()? != WORD {
        return None;
    }
    let words: Vec<String> = words.collect();
    let (sender, receiver) = mpsc::channel();
    // Whatever the thread is waiting for, the process ends when the time is up.
    std::thread::spawn(move || {
        let _ = sender.send(found(definition(), &words));
    });
    let names = receiver.recv_timeout(PATIENCE).unwrap_or_default();
    if !names.is_empty() {
        printer::offer(&names);
    }
    Some(Exit::Done.into())
}

fn found(mut definition: Command, words: &[String]) -> String {
    definition.build();
    let line = Line::read(&definition, words);
    line.wanted.map(|wanted| names::lines(&line, wanted)).unwrap_or_default()
}
