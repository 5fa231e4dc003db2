//! Which names were typed: commands and flags have the AWS CLI's names as well as their own, and a
//! message uses the name that the user typed.
//!
//! Determined once, from the definition of the command line; used by everything that mentions a
//! flag in a message.

use std::ffi::OsString;

use clap::{Arg, ArgMatches, Command};

/// The names that were typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Typed {
    /// The AWS CLI's name for the command, if it was used.
    aws_command: Option<String>,
    /// The flags of the command that have two names.
    flags: Vec<Alias>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Alias {
    own: String,
    other: String,
    typed: bool,
}

impl Typed {
    /// Reads a command line that the parser accepted. Its first word is the program's name.
    pub(crate) fn read(definition: &Command, matches: &ArgMatches, typed: &[OsString]) -> Self {
        let mut commands = vec![definition];
        let (mut command, mut below) = (definition, matches.subcommand());
        while let Some((name, matches)) = below {
            let Some(found) = command.find_subcommand(name) else { break };
            commands.push(found);
            (command, below) = (found, matches.subcommand());
        }
        Self::of(&commands, typed)
    }

    /// The flags of a command line that the parser refused, as far as they can be determined.
    pub(crate) fn guessed(definition: &Command, typed: &[OsString]) -> Self {
        Self::of(&called(definition, typed), typed)
    }

    fn of(commands: &[&Command], typed: &[OsString]) -> Self {
        let words: Vec<_> = typed.iter().skip(1).map(|word| word.to_string_lossy()).collect();
        let before_arguments = words.iter().take_while(|word| *word != "--");
        let flags: Vec<&str> = before_arguments.map(|word| word.split('=').next().unwrap_or(word)).collect();
        let mut aliases = Vec::new();
        for flag in commands.iter().flat_map(|command| command.get_arguments()) {
            let Some(own) = flag.get_long() else { continue };
            aliases.extend(flag.get_all_aliases().unwrap_or_default().into_iter().map(|other| {
                let other = format!("--{other}");
                Alias { own: format!("--{own}"), typed: flags.contains(&other.as_str()), other }
            }));
        }
        Self { aws_command: None, flags: aliases }
    }

    /// Adds the AWS CLI's name for the command, if it was used.
    pub(crate) fn by(self, aws_command: Option<String>) -> Self {
        Self { aws_command, ..self }
    }

    /// The AWS CLI's name by which the command was called, if it was.
    pub(crate) fn aws_command(&self) -> Option<&str> {
        self.aws_command.as_deref()
    }

    /// Whether a flag was typed by its other name, or would be, to match the command.
    pub(crate) fn is_as_aws(&self, own: &str) -> bool {
        self.aws_command.is_some() || self.other_name(own).is_some()
    }

    /// The other name of a flag, if it was used.
    pub(crate) fn other_name(&self, own: &str) -> Option<&str> {
        self.flags.iter().find(|flag| flag.own == own && flag.typed).map(|flag| flag.other.as_str())
    }

    /// A text with the names that were typed.
    pub(crate) fn renamed(&self, text: &str) -> String {
        let name = |word: &str| self.other_name(word.trim_end()).map(|name| word.replacen(word.trim_end(), name, 1));
        text.split_inclusive([' ', '=', '[', '\n']).map(|word| name(word).unwrap_or_else(|| word.to_owned())).collect()
    }

    /// The name of a flag that was not typed, to match the name of the command.
    pub(crate) fn missing_name(&self, own: &str) -> Option<&str> {
        self.aws_command.as_ref()?;
        self.flags.iter().find(|flag| flag.own == own).map(|flag| flag.other.as_str())
    }
}

/// The commands that a line calls, from the program down, as far as they can be determined without the parser, which
/// refused the line.
pub(crate) fn called<'a>(definition: &'a Command, typed: &[OsString]) -> Vec<&'a Command> {
    let mut commands = vec![definition];
    let mut words = typed.iter().skip(1).map(|word| word.to_string_lossy()).take_while(|word| *word != "--");
    while let Some(word) = words.next() {
        if word.starts_with('-') {
            // Its value is not a command.
            if commands.iter().any(|command| expects_value(command, &word)) {
                words.next();
            }
            continue;
        }
        let Some(below) = commands.last().and_then(|command| command.find_subcommand(&*word)) else { break };
        commands.push(below);
    }
    commands
}

/// Whether the word after a flag is its value.
fn expects_value(command: &Command, flag: &str) -> bool {
    let is_it = |argument: &&Arg| match flag.strip_prefix("--") {
        Some(name) => {
            argument.get_long() == Some(name) || argument.get_all_aliases().unwrap_or_default().contains(&name)
        }
        None => argument.get_short().is_some_and(|short| flag.strip_prefix('-') == Some(&*short.to_string())),
    };
    command.get_arguments().find(is_it).is_some_and(|argument| argument.get_action().takes_values())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flag(own: &'static str, alias: &'static str) -> Arg {
        Arg::new(own).long(own).alias(alias)
    }

    fn definition() -> Command {
        let ledger = flag("ledger", "name");
        let range = [flag("from", "inclusive-start-time"), flag("until", "exclusive-end-time")];
        Command::new("qldb-export")
            .subcommand(Command::new("start").alias("export-journal-to-s3").arg(&ledger).args(range))
            .subcommand(Command::new("wait").arg(Arg::new("id")).arg(&ledger))
            .subcommand(Command::new("ledger").subcommand(Command::new("describe").arg(&ledger)))
    }

    fn read(line: &str) -> Typed {
        let typed: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        let definition = definition();
        let matches = definition.clone().try_get_matches_from(&typed).unwrap();
        Typed::read(&definition, &matches, &typed)
    }

    #[test]
    fn each_flag_has_the_name_that_was_typed() {
        let typed = read("qldb-export start --name l --until=now");
        assert_eq!((typed.aws_command(), typed.other_name("--ledger")), (None, Some("--name")));
        assert_eq!((typed.other_name("--until"), typed.missing_name("--from")), (None, None));
        let typed = read("qldb-export ledger describe --name l");
        assert_eq!((typed.aws_command(), typed.other_name("--ledger")), (None, Some("--name")));
        let typed = read("qldb-export export-journal-to-s3 --exclusive-end-time=now");
        assert_eq!(typed.missing_name("--from"), None);
        let typed = typed.by(Some("export-journal-to-s3".to_owned()));
        assert_eq!(typed.aws_command(), Some("export-journal-to-s3"));
        assert_eq!(typed.other_name("--until"), Some("--exclusive-end-time"));
        assert_eq!(typed.missing_name("--from"), Some("--inclusive-start-time"));
        assert!(typed.is_as_aws("--until") && !read("qldb-export start --until now").is_as_aws("--until"));
        assert_eq!(typed.renamed("Usage: --until <TIME>"), "Usage: --exclusive-end-time <TIME>");
        assert_eq!(read("qldb-export wait -- --name").other_name("--ledger"), None);
    }

    #[test]
    fn the_value_of_a_flag_is_not_taken_for_a_command() {
        let definition = definition().arg(Arg::new("data-dir").long("data-dir").global(true));
        for (line, expected) in [
            ("qldb-export --data-dir wait start --name", "qldb-export start"),
            ("qldb-export --data-dir=wait start --bogus", "qldb-export start"),
            ("qldb-export ledger --data-dir start describe --bogus", "qldb-export ledger describe"),
            ("qldb-export start --ledger wait", "qldb-export start"),
            ("qldb-export --bogus wait", "qldb-export wait"),
            ("qldb-export --data-dir wait", "qldb-export"),
        ] {
            let typed: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            let names: Vec<&str> = called(&definition, &typed).iter().map(|command| command.get_name()).collect();
            assert_eq!(names.join(" "), expected, "{line}");
        }
    }
}
