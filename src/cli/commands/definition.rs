//! The one definition of the command line, from which the parser, help, manual and completions are
//! made.
//!
//! For `cli`, which passes it to the commands that print it in another form.

use std::collections::BTreeSet;
use std::ffi::OsString;

use clap::{Arg, Command, CommandFactory};

use super::{Cli, reference};
use crate::cli::global::exit::Exit;
use crate::cli::global::scope::{self, Scope};
use crate::cli::global::{environment, presets};
use crate::cli::output::events;

/// The maximum width of a usage line.
const WIDTH: usize = 79;

/// The whole definition: what the parser accepts.
pub(crate) fn definition() -> Command {
    let program = program();
    let globals: Vec<Arg> = globals(&program).into_iter().cloned().collect();
    below(program, |command, page| {
        let areas = reference::of(page).areas;
        // The parser hands every global flag down, unless the command has a flag of the same name.
        command
            .args(globals.iter().filter(|flag| !scope::has_effect(id(flag), areas)).map(|flag| flag.clone().hide(true)))
    })
}

/// The same with only the flags that have an effect, for completions, which offer hidden flags too.
pub(crate) fn without_idle_flags() -> Command {
    let program = program();
    let globals: Vec<Arg> = globals(&program).into_iter().map(|flag| flag.clone().global(false)).collect();
    let program = program.mut_args(|flag| flag.global(false));
    below(program, |command, page| {
        let areas = reference::of(page).areas;
        command.args(globals.iter().filter(|flag| scope::has_effect(id(flag), areas)))
    })
}

/// The areas that the called command touches.
pub(crate) fn scope_of(matches: &clap::ArgMatches) -> Scope {
    let mut words = Vec::new();
    let mut below = matches.subcommand();
    while let Some((name, matches)) = below {
        words.push(name);
        below = matches.subcommand();
    }
    let page = std::iter::once(env!("CARGO_PKG_NAME")).chain(words.iter().copied()).collect::<Vec<_>>().join("-");
    Scope { command: words.join(" "), areas: reference::of(&page).areas }
}

/// The flags that the called command has and that have an effect there.
pub(crate) fn flags_of(definition: &Command, matches: &clap::ArgMatches) -> BTreeSet<String> {
    let (mut flags, mut command, mut matches) = (BTreeSet::new(), definition, matches);
    loop {
        for argument in command.get_arguments() {
            let Some(name) = argument.get_long().map(|name| format!("--{name}")) else { continue };
            // A global flag that has no effect here is hidden here.
            if argument.is_hide_set() {
                flags.remove(&name)
            } else {
                flags.insert(name)
            };
        }
        let below = matches.subcommand().and_then(|(name, matches)| Some((command.find_subcommand(name)?, matches)));
        let Some(next) = below else { return flags };
        (command, matches) = next;
    }
}

fn program() -> Command {
    let program = Cli::command().after_long_help(tables());
    let program = with_signs(program);
    let program =
        program.mut_args(|flag| if flag.get_id() == "events" { flag.long_help(events::help()) } else { flag });
    let name = program.get_name().to_owned();
    below(described(program, &name), described)
}

/// Lets a number with a sign be the value of the flag before it, so that the error comes from that flag's own rule.
fn with_signs(program: Command) -> Command {
    let signed = |flag: Arg| {
        let is_valued = flag.get_long().is_some() && flag.get_action().takes_values();
        if is_valued { flag.allow_negative_numbers(true) } else { flag }
    };
    below(program.mut_args(signed), |command, _| command.mut_args(signed))
}

fn globals(program: &Command) -> Vec<&Arg> {
    program.get_arguments().filter(|flag| flag.is_global_set()).collect()
}

fn id(flag: &Arg) -> &str {
    flag.get_id().as_str()
}

/// Changes every subcommand. Each is passed with the name of its manual page.
fn below(command: Command, change: impl Fn(Command, &str) -> Command + Copy) -> Command {
    fn walk(command: Command, page: &str, change: impl Fn(Command, &str) -> Command + Copy) -> Command {
        command.mut_subcommands(|below| {
            let page = format!("{page}-{}", below.get_name());
            walk(change(below, &page), &page, change)
        })
    }
    let page = command.get_name().to_owned();
    walk(command, &page, change)
}

/// A command with its usage line and examples.
fn described(command: Command, page: &str) -> Command {
    let usage = usage(&command, page);
    let command = if usage.is_empty() { command } else { command.override_usage(usage) };
    let before = command.get_after_long_help().map(|text| format!("{text}\n\n")).unwrap_or_default();
    command.after_long_help(format!("{before}{}", examples(page)))
}

/// The shortest valid form of a command, where the parser itself does not require all of it.
fn usage(command: &Command, page: &str) -> String {
    const INDENT: &str = "\n       ";
    let lines: Vec<String> = reference::of(page).usage.iter().map(|line| usage_line(command, page, line)).collect();
    lines.join(INDENT)
}

fn usage_line(command: &Command, page: &str, required: &[&str]) -> String {
    const INDENT: &str = "\n           ";
    let typed = page.strip_prefix(env!("CARGO_PKG_NAME")).unwrap_or_default().replace('-', " ");
    let argument = |id: &str| command.get_arguments().find(|argument| argument.get_id() == id);
    let (known, literal): (Vec<&str>, Vec<&str>) = required.iter().partition(|word| argument(word).is_some());
    let mut words = vec![format!("{}{typed}", env!("CARGO_PKG_NAME"))];
    words.extend(literal.into_iter().map(str::to_owned));
    words.push("[OPTIONS]".to_owned());
    words.extend(known.into_iter().filter_map(argument).map(term));
    if reference::of(page).usage.len() == 1 {
        let optional = command.get_positionals().filter(|argument| !required.contains(&id(argument)));
        words.extend(optional.map(|argument| format!("[{}]", term(argument).trim_matches(['<', '>']))));
    }
    let (mut text, mut width) = (String::new(), "Usage:".len());
    for word in words {
        if width + 1 + word.len() > WIDTH {
            text.push_str(INDENT);
            width = INDENT.len();
        } else if !text.is_empty() {
            text.push(' ');
        }
        width += 1 + word.len();
        text.push_str(&word);
    }
    text
}

/// A flag with its value, or a positional argument.
fn term(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default().iter().map(|name| format!("<{name}>"));
    let several = argument.get_num_args().is_some_and(|count| count.max_values() > 1);
    let value = names.collect::<Vec<_>>().join(" ") + if several { "..." } else { "" };
    argument.get_long().map(|name| format!("--{name} {value}")).unwrap_or(value)
}

/// The first examples of a command, as they appear at the end of its help.
fn examples(page: &str) -> String {
    const MOST: usize = 3;
    let shown = reference::of(page).examples.iter().take(MOST).map(|(purpose, lines)| {
        let lines: Vec<String> = lines.iter().map(|line| format!("    {line}")).collect();
        format!("  {purpose}:\n{}", lines.join("\n"))
    });
    format!("Examples:\n{}", shown.collect::<Vec<_>>().join("\n\n"))
}

/// The AWS CLI's name by which a parsed line calls its command, if it does: the alias without which the line does not
/// parse.
pub(crate) fn aws_name(definition: &Command, command: &str, typed: &[OsString]) -> Option<String> {
    let aliases: Vec<String> = definition.find_subcommand(command)?.get_all_aliases().map(str::to_owned).collect();
    let parses_with = |alias: Option<&String>| {
        let only = |command: Command| {
            let bare = command.alias(None::<&'static str>);
            alias.into_iter().fold(bare, Command::alias)
        };
        definition.clone().mut_subcommand(command, only).try_get_matches_from(typed).is_ok()
    };
    if aliases.is_empty() || parses_with(None) {
        return None;
    }
    aliases.into_iter().find(|alias| parses_with(Some(alias)))
}

fn tables() -> String {
    let codes = Exit::ALL.map(|exit| format!("  {:>3}  {}", exit.code(), exit.meaning()));
    let variables = environment::TABLE.map(|(name, _, meaning)| format!("  {name:<38}  {meaning}"));
    format!(
        "Exit codes:\n{}\n\nEnvironment:\n{}\n\nProfile:\n  {}",
        codes.join("\n"),
        variables.join("\n"),
        presets::IN_PROFILE
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_global_flag_says_where_it_has_an_effect() {
        let definition = definition();
        let globals: Vec<&str> = globals(&definition).iter().map(|flag| flag.get_id().as_str()).collect();
        assert!(globals.len() > 10 && globals.iter().all(|flag| scope::knows(flag)), "{globals:?}");
    }

    #[test]
    fn every_required_argument_of_a_usage_line_is_one() {
        fn check(command: &Command, page: &str) {
            for word in reference::of(page).usage.iter().flat_map(|line| line.iter()) {
                let known = command.get_arguments().any(|argument| argument.get_id() == *word);
                let value =
                    command.get_positionals().flat_map(Arg::get_possible_values).any(|one| one.matches(word, false));
                assert!(known || value, "{page}: {word}");
            }
            command.get_subcommands().for_each(|below| check(below, &format!("{page}-{}", below.get_name())));
        }
        check(&definition(), "qldb-export");
    }
}
