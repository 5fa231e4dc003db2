//! SYNOPSIS and OPTIONS, from the definition of the command line.

use clap::{Arg, Command};
use clap_mangen::roff::{Inline, Roff, bold, italic, roman};

use super::text::{indented, item, paragraphs};

/// How the command is typed: each line has the required arguments, and the first also has the other flags and a
/// placeholder for the global ones.
pub(super) fn synopsis(roff: &mut Roff, command: &Command, usage: &[&[&str]]) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
    roff.control("SH", ["SYNOPSIS"]).control("SY", [name]);
    let required: &[&str] = usage.first().copied().unwrap_or_default();
    required_words(roff, command, required);
    let is_required = |argument: &&Arg| required.contains(&argument.get_id().as_str());
    let is_own = |argument: &&Arg| {
        shown(argument) && !argument.is_positional() && heading(argument).is_none() && argument.get_id() != "help"
    };
    let own = command.get_arguments().filter(|argument| is_own(argument) && !is_required(argument));
    own.for_each(|option| optional(roff, option));
    if command.get_arguments().any(|argument| heading(argument).is_some()) {
        roff.text([roman("["), italic("global options"), roman("]")]);
    }
    let positionals = command.get_positionals().filter(|argument| shown(argument) && !is_required(argument));
    positionals.for_each(|argument| {
        roff.text(bracketed(argument.is_required_set(), value(argument)));
    });
    if command.has_subcommands() {
        roff.text([italic("command")]);
    }
    roff.control("YS", []);
    for line in usage.iter().skip(1) {
        roff.control("SY", [name]);
        required_words(roff, command, line);
        roff.text([roman("["), italic("options"), roman("]")]);
        roff.control("YS", []);
    }
}

fn required_words(roff: &mut Roff, command: &Command, words: &[&str]) {
    for word in words {
        let argument = command.get_arguments().find(|argument| argument.get_id() == *word);
        roff.text(argument.map_or_else(|| vec![bold(*word)], term));
    }
}

fn bracketed(required: bool, term: Vec<Inline>) -> Vec<Inline> {
    if required {
        return term;
    }
    std::iter::once(roman("[")).chain(term).chain([roman("]")]).collect()
}

/// A flag in brackets, with its value on the same line. The definition requires no flag: the local checks report
/// everything that is missing, all at once.
fn optional(roff: &mut Roff, option: &Arg) {
    let names = names(option).join("|").replace('-', "\\-");
    let values: Vec<&str> = if option.get_action().takes_values() {
        option.get_value_names().unwrap_or_default().iter().map(clap::builder::Str::as_str).collect()
    } else {
        Vec::new()
    };
    roff.control("OP", std::iter::once(names.as_str()).chain(values));
}

/// What each flag and argument does, under the headings of the help.
pub(super) fn options(roff: &mut Roff, command: &Command) {
    roff.control("SH", ["OPTIONS"]);
    let arguments: Vec<&Arg> = command.get_arguments().filter(|argument| shown(argument)).collect();
    let positionals = arguments.iter().filter(|argument| argument.is_positional());
    positionals.for_each(|argument| described(roff, argument));
    let own = arguments.iter().filter(|argument| !argument.is_positional() && heading(argument).is_none());
    own.for_each(|argument| described(roff, argument));
    let mut global = arguments.iter().filter(|argument| heading(argument).is_some()).peekable();
    if let Some(heading) = global.peek().and_then(|argument| heading(argument)) {
        roff.control("SS", [heading]);
    }
    global.for_each(|argument| described(roff, argument));
}

fn shown(argument: &Arg) -> bool {
    !argument.is_hide_set()
}

fn heading(argument: &Arg) -> Option<&str> {
    argument.get_help_heading()
}

/// A flag's names as they are typed, the short one first.
fn names(argument: &Arg) -> Vec<String> {
    let short = argument.get_short().map(|letter| format!("-{letter}"));
    short.into_iter().chain(argument.get_long().map(|name| format!("--{name}"))).collect()
}

/// A flag with its value, or a positional argument.
fn term(argument: &Arg) -> Vec<Inline> {
    let mut term = Vec::new();
    for name in names(argument) {
        term.extend([roman(", "), bold(name)].into_iter().skip(usize::from(term.is_empty())));
    }
    let value = value(argument);
    if !term.is_empty() && !value.is_empty() {
        term.push(roman(" "));
    }
    term.extend(value);
    term
}

/// The name of an argument's value, if it takes one.
fn value(argument: &Arg) -> Vec<Inline> {
    if !argument.get_action().takes_values() {
        return Vec::new();
    }
    let names = argument.get_value_names().unwrap_or_default();
    let mut shown: Vec<Inline> = names.iter().map(|name| italic(name.as_str())).collect();
    if argument.get_num_args().is_some_and(|count| count.max_values() > names.len().max(1)) {
        shown.push(roman(" ..."));
    }
    shown
}

fn described(roff: &mut Roff, argument: &Arg) {
    let help = argument.get_long_help().or_else(|| argument.get_help()).map(ToString::to_string);
    let mut paragraphs = paragraphs(&help.unwrap_or_default()).into_iter();
    let first = paragraphs.next().unwrap_or_default();
    item(roff, term(argument), &format!("{first}{}", default(argument)));
    paragraphs.for_each(|paragraph| indented(roff, &paragraph));
    possible_values(roff, argument);
}

fn default(argument: &Arg) -> String {
    if argument.is_hide_default_value_set() || !argument.get_action().takes_values() {
        return String::new();
    }
    let values: Vec<_> = argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
    if values.is_empty() { String::new() } else { format!(" The default is `{}`.", values.join(" ")) }
}

fn possible_values(roff: &mut Roff, argument: &Arg) {
    let values = argument.get_possible_values();
    if values.is_empty() || !argument.get_action().takes_values() || argument.is_hide_possible_values_set() {
        return;
    }
    roff.control("RS", []);
    for value in values.iter().filter(|value| !value.is_hide_set()) {
        let meaning = value.get_help().map(|help| format!("{help}.")).unwrap_or_default();
        item(roff, vec![bold(value.get_name())], &meaning);
    }
    roff.control("RE", []);
}
