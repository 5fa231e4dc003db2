//! The command line that is being typed: parsed as the parser would, up to the word at its end, and
//! what can go there.
//!
//! For the answer to the scripts, and for the sources of names.

use std::collections::HashMap;

use clap::{Arg, Command};

/// What kind of name is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameKind {
    /// A ledger.
    Ledger,
    /// An export.
    Export,
    /// A profile of the shared AWS configuration.
    Profile,
    /// Verification levels, separated by commas.
    Levels,
    /// A point in time.
    Time,
    /// A length of time.
    Length,
}

impl NameKind {
    /// The kind of name that an argument takes, if its names can be looked up.
    pub(super) fn at(command: &str, argument: &Arg) -> Option<Self> {
        match (command, argument.get_id().as_str()) {
            (_, "profile") => Some(Self::Profile),
            (_, "level") => Some(Self::Levels),
            (_, "from" | "until") => Some(Self::Time),
            (_, "last" | "timeout" | "window" | "lag") => Some(Self::Length),
            ("verify", "export") => Some(Self::Export),
            // Ledgers in an archive, and a ledger that is yet to be created.
            ("verify" | "sample", _) => None,
            (_, "ledger" | "name" | "name_flag") => Some(Self::Ledger),
            (_, "id" | "export_id") => Some(Self::Export),
            _ => None,
        }
    }
}

/// A command line up to the word that is being typed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// The commands, from the first to the one that is being typed.
    pub(super) commands: Vec<String>,
    /// Flags by name, with their values; empty for switches.
    pub(super) flags: HashMap<String, String>,
    /// What can go at the end.
    pub(super) wanted: Option<NameKind>,
    /// What has been typed of it.
    pub(super) typed: String,
}

impl Line {
    /// Reads words of which the last is still being typed.
    pub(super) fn read(definition: &Command, words: &[String]) -> Self {
        let Some((typed, before)) = words.split_last() else { return Self::default() };
        let mut reader =
            Reader { line: Self::default(), command: definition, awaited: None, arguments: 0, only_arguments: false };
        before.iter().for_each(|word| reader.take(word));
        reader.line.wanted = reader.wanted(typed);
        let is_joined = reader.awaited.is_none() && typed.starts_with("--");
        let value = typed.split_once('=').filter(|_| is_joined).map_or(typed.as_str(), |(_, value)| value);
        value.clone_into(&mut reader.line.typed);
        reader.line
    }

    /// A flag's value.
    pub(super) fn flag(&self, name: &str) -> Option<&str> {
        self.flags.get(name).map(String::as_str)
    }
}

/// Goes through the words as the parser would, but ignores errors.
struct Reader<'a> {
    line: Line,
    command: &'a Command,
    /// The flag whose value comes next.
    awaited: Option<&'a Arg>,
    /// How many positional arguments there were.
    arguments: usize,
    /// No flags follow `--`.
    only_arguments: bool,
}

impl<'a> Reader<'a> {
    fn take(&mut self, word: &str) {
        if let Some(flag) = self.awaited.take() {
            self.note(flag, word);
        } else if word == "--" {
            self.only_arguments = true;
        } else if word.starts_with('-') && word.len() > 1 && !self.only_arguments {
            self.take_flag(word);
        } else if let Some(below) = self.command.find_subcommand(word).filter(|_| self.arguments == 0) {
            self.command = below;
            self.line.commands.push(below.get_name().to_owned());
        } else {
            self.arguments += 1;
        }
    }

    fn take_flag(&mut self, word: &str) {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        match (self.flag(name), value) {
            (Some(flag), Some(value)) => self.note(flag, value),
            (Some(flag), None) if flag.get_action().takes_values() => self.awaited = Some(flag),
            (Some(flag), None) => self.note(flag, ""),
            (None, _) => {}
        }
    }

    fn note(&mut self, flag: &Arg, value: &str) {
        self.line.flags.insert(flag.get_id().as_str().to_owned(), value.to_owned());
    }

    /// A flag by any of its long names. No short flag takes a value.
    fn flag(&self, word: &str) -> Option<&'a Arg> {
        let name = word.strip_prefix("--")?;
        let is_named = |flag: &&Arg| {
            flag.get_long() == Some(name) || flag.get_all_aliases().is_some_and(|aliases| aliases.contains(&name))
        };
        self.command.get_arguments().find(is_named)
    }

    /// What can go at the word that is being typed.
    fn wanted(&self, typed: &str) -> Option<NameKind> {
        let argument = match (self.awaited, typed.split_once('=')) {
            (Some(flag), _) => Some(flag),
            (None, Some((name, _))) if name.starts_with("--") && !self.only_arguments => self.flag(name),
            _ if typed.starts_with('-') && !self.only_arguments => None,
            _ => self.command.get_positionals().nth(self.arguments),
        };
        argument.and_then(|argument| NameKind::at(self.command.get_name(), argument))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Line {
        let mut definition = crate::cli::commands::definition::definition();
        definition.build();
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        Line::read(&definition, &words)
    }

    #[test]
    fn ledgers_are_offered_as_a_ledger_s_name() {
        for line in [
            "start --ledger ",
            "start --ledger=",
            "--local start --bucket b --name ve",
            "export-journal-to-s3 --name=x",
            "ledger describe ",
            "--data-dir d ledger append d",
            "ledger digest --name ",
            "sync -q --ledger ",
        ] {
            assert_eq!(read(line).wanted, Some(NameKind::Ledger), "{line}");
        }
    }

    #[test]
    fn exports_are_offered_as_an_export_s_name() {
        for line in ["wait ", "status --ledger l ", "status --export-id ", "wait --local A", "wait -- -x"] {
            assert_eq!(read(line).wanted, Some(NameKind::Export), "{line}");
        }
    }

    #[test]
    fn profiles_levels_and_times_are_offered_as_values_of_their_flags() {
        for (line, wanted, typed) in [
            ("start --profile ", NameKind::Profile, ""),
            ("--profile=nig", NameKind::Profile, "nig"),
            ("verify --level objects,b", NameKind::Levels, "objects,b"),
            ("verify --level=objects,", NameKind::Levels, "objects,"),
            ("start --from ", NameKind::Time, ""),
            ("export-journal-to-s3 --exclusive-end-time=y", NameKind::Time, "y"),
            ("start --from -", NameKind::Time, "-"),
            ("start --last ", NameKind::Length, ""),
            ("verify --export ", NameKind::Export, ""),
        ] {
            let line_read = read(line);
            assert_eq!((line_read.wanted, line_read.typed.as_str()), (Some(wanted), typed), "{line}");
        }
    }

    #[test]
    fn nothing_goes_anywhere_else() {
        for line in [
            "",
            "st",
            "start ",
            "start --bucket ",
            "wait --ledger l id ",
            "wait -",
            "ledger sample ",
            "verify --ledger ",
            "ledger append name ",
            "list ",
            "nonsense --ledger ",
            "ledger import name --ledger ",
        ] {
            assert_eq!(read(line).wanted, None, "{line}");
        }
    }

    #[test]
    fn flags_are_read_in_any_place() {
        let line = read("--data-dir=/d ledger --local describe --endpoint-url http://h:1 ");
        assert_eq!(line.commands, ["ledger", "describe"]);
        assert_eq!((line.flag("data_dir"), line.flag("local")), (Some("/d"), Some("")));
        assert_eq!(line.flag("endpoint_url"), Some("http://h:1"));
    }
}
