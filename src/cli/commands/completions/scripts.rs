//! The scripts: `clap_complete` generates them, and for bash, zsh and fish, calls for names that
//! only the endpoint or the data directory knows are added.

use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, ValueHint};
use clap_complete::Shell;

use super::line::NameKind;
use qldb_journal::request::{EncryptionType, OutputFormat};

const BASH: &str = include_str!("names.bash");
const ZSH: &str = include_str!("names.zsh");
const FISH: &str = include_str!("names.fish");
/// How bash's generator spells a program name with a hyphen where it defines a subcommand (`clap_complete` 4.6.11), so
/// that the subcommand is never found.
const BASH_TORN: &str = "qldb__subcmd__export__subcmd__";
/// How it spells the name everywhere else.
const BASH_WHOLE: &str = "qldb__export__subcmd__";
/// The first line of the zsh function that has the whole command line.
const ZSH_START: &str = "    local ret=1\n";
/// The whole command line up to the cursor, for a function that is called with part of it.
const ZSH_LINE: &str = "    local -a _qldb_export_line=(\"${(@Q)words[1,CURRENT-1]}\" \"$PREFIX\")\n";
/// No other argument has this hint, so what a generator makes of it marks where names go.
const MARK: ValueHint = ValueHint::Username;
/// What zsh's generator makes of the mark.
const ZSH_MARK: &str = ":_users'";
/// What fish's generator makes of the mark.
const FISH_MARK: &str = " -a \"(__fish_complete_users)\"";

/// The script for one shell.
pub(super) fn of(shell: Shell, definition: Command) -> Vec<u8> {
    let (named, appendix) = match shell {
        Shell::Bash => (false, BASH.to_owned()),
        Shell::Zsh => (true, String::new()),
        Shell::Fish => (true, format!("{FISH}{}", fish_arguments(definition.clone()))),
        _ => (false, String::new()),
    };
    let script = String::from_utf8_lossy(&generated(shell, definition, named)).into_owned();
    let script = match shell {
        Shell::Bash => script.replace(BASH_TORN, BASH_WHOLE),
        Shell::Zsh => zsh(&script),
        Shell::Fish => script.replace(FISH_MARK, " -k -a \"(__qldb_export_names)\""),
        _ => script,
    };
    (script + &appendix).into_bytes()
}

fn generated(shell: Shell, definition: Command, named: bool) -> Vec<u8> {
    let mut script = Vec::new();
    let mut definition = tuned(definition, named);
    let name = definition.get_name().to_owned();
    clap_complete::generate(shell, &mut definition, name, &mut script);
    script
}

/// The definition, adjusted for what a shell can use and the parser does not need.
fn tuned(command: Command, named: bool) -> Command {
    let name = command.get_name().to_owned();
    let command = command.mut_args(|argument| tuned_argument(&name, argument, named));
    command.mut_subcommands(|subcommand| tuned(subcommand, named))
}

/// Offers the API's words where they are accepted, and no files where none are.
fn tuned_argument(command: &str, argument: Arg, named: bool) -> Arg {
    let is_name = named && NameKind::at(command, &argument).is_some();
    match argument.get_id().as_str() {
        _ if is_name => argument.value_hint(MARK),
        "format" => argument.value_parser(PossibleValuesParser::new(OutputFormat::ALL.map(OutputFormat::as_str))),
        "encryption" => {
            argument.value_parser(PossibleValuesParser::new(EncryptionType::ALL.map(EncryptionType::as_str)))
        }
        _ if argument.get_value_hint() == ValueHint::Unknown && argument.get_action().takes_values() => {
            argument.value_hint(ValueHint::Other)
        }
        _ => argument,
    }
}

/// Puts the function that asks for names before the one that calls it.
fn zsh(script: &str) -> String {
    let script = script.replace(ZSH_MARK, ":_qldb-export_names'");
    let script = script.replacen(ZSH_START, &format!("{ZSH_START}{ZSH_LINE}"), 1);
    script.replacen("\n_qldb-export() {", &format!("\n{ZSH}\n_qldb-export() {{"), 1)
}

/// fish's generator leaves positional arguments out.
fn fish_arguments(definition: Command) -> String {
    let mut definition = tuned(definition, true);
    definition.build();
    let mut lines = String::new();
    for command in definition.get_subcommands() {
        let using = format!("__fish_qldb_export_using_subcommand {}", command.get_name());
        fish_arguments_of(command, &using, &mut lines);
        for below in command.get_subcommands() {
            let using = format!("{using}; and __fish_seen_subcommand_from {}", below.get_name());
            fish_arguments_of(below, &using, &mut lines);
        }
    }
    lines
}

fn fish_arguments_of(command: &Command, using: &str, lines: &mut String) {
    let takes_files = command.get_positionals().any(|argument| argument.get_value_hint() == ValueHint::AnyPath);
    let no_files = if takes_files { "" } else { " -f" };
    for argument in command.get_positionals() {
        let values: Vec<String> = argument.get_possible_values().iter().map(fish_value).collect();
        let offered = match argument.get_value_hint() {
            MARK => format!("{no_files} -k -a '(__qldb_export_names)'"),
            _ if !values.is_empty() => format!(" -f -a \"{}\"", values.join("\n")),
            _ => continue,
        };
        lines.extend(["complete -c qldb-export -n \"", using, "\"", &offered, "\n"]);
    }
}

fn fish_value(value: &clap::builder::PossibleValue) -> String {
    let help = value.get_help().map(|help| help.to_string().replace('\'', "\\'")).unwrap_or_default();
    format!("{}\\t'{help}'", value.get_name())
}
