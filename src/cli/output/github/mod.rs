//! GitHub Actions: errors as annotations of the run, results as outputs of the step and as its
//! summary, in the forms that the runner reads: lines that begin with `::`, and files that
//! `GITHUB_OUTPUT` and `GITHUB_STEP_SUMMARY` name. Only our own annotations can be read as
//! commands. For the printer and the context.

mod known;
mod step;
mod summary;

use std::borrow::Cow;
use std::fs::OpenOptions;
use std::io::{self, Write};

use crate::cli::global::environment;

pub(crate) use step::Step;

/// The start of the older kind of command, anywhere in a line.
const OLD_COMMAND: &str = "##[";
/// The start of a command, after nothing but white space.
const COMMAND: &str = "::";

/// Whether this runs in a step of a workflow.
pub(crate) fn is_here() -> bool {
    environment::value(environment::GITHUB_ACTIONS).is_some_and(|value| value == "true")
}

/// An error as the runner shows it at the top of the run: one line, whatever the message contains.
pub(crate) fn annotation(message: &str) -> String {
    let message = message.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A").replace(OLD_COMMAND, "#\\#[");
    format!("::error title={}::{message}", env!("CARGO_PKG_NAME"))
}

/// Text in which the runner finds no command. The runner reads both streams; elsewhere the text is unchanged.
pub(crate) fn harmless(text: Cow<'_, str>) -> Cow<'_, str> {
    if is_here() { without_commands(text) } else { text }
}

/// JSON in which the runner finds no command, with the same value. None of its lines can begin with a command.
pub(crate) fn harmless_json(document: Cow<'_, str>) -> Cow<'_, str> {
    if is_here() && document.contains(OLD_COMMAND) {
        Cow::Owned(document.replace(OLD_COMMAND, "#\\u0023["))
    } else {
        document
    }
}

fn without_commands(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains(COMMAND) && !text.contains(OLD_COMMAND) {
        return text;
    }
    // The runner ends a line at each of these.
    let lines = text.split_inclusive(['\n', '\r']).map(|line| {
        let line = line.replace(OLD_COMMAND, "#\\#[");
        let blanks = line.len() - line.trim_start_matches(is_blank).len();
        match line.split_at(blanks) {
            (blanks, rest) if rest.starts_with(COMMAND) => format!("{blanks}\\{rest}"),
            _ => line,
        }
    });
    Cow::Owned(lines.collect())
}

/// Characters that a reader may skip at the beginning of a line.
fn is_blank(character: char) -> bool {
    character.is_whitespace() || character.is_control() || matches!(character, '\u{feff}' | '\u{200b}')
}

/// Passes a result to later steps, as `steps.ID.outputs.NAME`. Does nothing outside GitHub Actions.
pub(crate) fn output(name: &str, value: &str) -> io::Result<()> {
    append(environment::GITHUB_OUTPUT, || Ok(assignment(name, value, &delimiter()?)))
}

/// Adds to the step's summary on the run's page. Does nothing outside GitHub Actions.
fn summarize(markdown: &str) -> io::Result<()> {
    append(environment::GITHUB_STEP_SUMMARY, || Ok(markdown.to_owned()))
}

/// Appends to the file that the runner names in a variable, if it does.
fn append(variable: &str, text: impl FnOnce() -> io::Result<String>) -> io::Result<()> {
    let file = environment::value(variable).filter(|_| is_here());
    let Some(file) = file else { return Ok(()) };
    let mut file = OpenOptions::new().append(true).create(true).open(file)?;
    file.write_all(text()?.as_bytes())
}

/// An output in the form in which the runner reads it. A multi-line value is enclosed in unpredictable delimiters, so
/// that the text can't end it early and add outputs of its own.
fn assignment(name: &str, value: &str, delimiter: &str) -> String {
    if value.contains(['\n', '\r']) {
        format!("{name}<<{delimiter}\n{value}\n{delimiter}\n")
    } else {
        format!("{name}={value}\n")
    }
}

fn delimiter() -> io::Result<String> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits).map_err(|_| io::Error::other("the system gives no random numbers"))?;
    Ok(format!("end-{:032x}", u128::from_ne_bytes(bits)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_several_lines_is_one_annotation() {
        let shown = annotation("100% wrong:\r\n::warning::no");
        assert_eq!(shown, "::error title=qldb-export::100%25 wrong:%0D%0A::warning::no");
    }

    #[test]
    fn no_line_is_a_command() {
        for (text, shown) in [
            ("::stop-commands::x", "\\::stop-commands::x"),
            ("a\n \t\u{a0}::set-output name=a::b\n", "a\n \t\u{a0}\\::set-output name=a::b\n"),
            ("a\r\u{feff}::error::b", "a\r\u{feff}\\::error::b"),
            ("a ##[command]b ###[x", "a #\\#[command]b ##\\#[x"),
            ("arn:aws::a and ::b", "arn:aws::a and ::b"),
        ] {
            assert_eq!(without_commands(text.into()), shown);
        }
    }

    #[test]
    fn an_output_of_several_lines_cannot_end_itself() {
        assert_eq!(assignment("id", "a b", "end-1"), "id=a b\n");
        assert_eq!(assignment("id", "a\nother=b", "end-1"), "id<<end-1\na\nother=b\nend-1\n");
        assert_ne!(delimiter().unwrap(), delimiter().unwrap());
    }
}
