//! Suggestions for a command or flag that does not exist: some commands of the AWS CLI correspond
//! to others here, and other tools have other names for the same thing.
//!
//! For `cli`, which adds them to the parser's errors.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command, Error};

use crate::cli::global::typed::called;

const LEDGERS: &str = "`ledger sample NAME` creates one with sample data, `ledger import NAME PATH` one from archived \
                       exports, and `serve` answers CreateLedger";
const STREAMS: &str = "streams to Kinesis are not supported";
const PROOFS: &str = "`prove PATH` makes a proof out of an archive, `verify --block FILE` and `verify --revision FILE` check \
                      saved ones, and `serve` answers GetBlock and GetRevision";
const ANSWERED: &str = "`serve` answers this call, for every AWS SDK";

/// Commands as they are typed, and their equivalents here.
const COMMANDS: [(&str, &str); 26] = [
    ("create-ledger", LEDGERS),
    ("describe-ledger", "use `ledger describe NAME`"),
    ("list-ledgers", "use `ledger list`"),
    ("delete-ledger", "use `ledger delete NAME`"),
    ("get-digest", "use `ledger digest NAME`"),
    ("get-block", PROOFS),
    ("get-revision", PROOFS),
    ("update-ledger", ANSWERED),
    ("update-ledger-permissions-mode", ANSWERED),
    ("tag-resource", ANSWERED),
    ("untag-resource", ANSWERED),
    ("list-tags-for-resource", ANSWERED),
    ("stream-journal-to-kinesis", STREAMS),
    ("cancel-journal-kinesis-stream", STREAMS),
    ("describe-journal-kinesis-stream", STREAMS),
    ("list-journal-kinesis-streams-for-ledger", STREAMS),
    ("execute-statement", "statements are not executed here; `history` and `convert` read what the journal holds"),
    ("export", "use `start`"),
    ("exports", "use `list`"),
    ("list-exports", "use `list`"),
    ("describe", "use `status EXPORT_ID` for an export, `ledger describe NAME` for a ledger"),
    ("digest", "use `ledger digest NAME`"),
    ("append", "use `ledger append NAME --table TABLE FILE`"),
    ("import", "use `ledger import NAME PATH`"),
    ("sample", "use `ledger sample NAME`"),
    ("compact", "use `ledger compact NAME`"),
];

/// The same for commands under `ledger`.
const OF_LEDGER: [(&str, &str); 8] = [
    ("create", LEDGERS),
    ("new", LEDGERS),
    ("add", LEDGERS),
    ("show", "use `ledger describe NAME`"),
    ("get", "use `ledger describe NAME`"),
    ("rm", "use `ledger delete NAME`"),
    ("remove", "use `ledger delete NAME`"),
    ("drop", "use `ledger delete NAME`"),
];

/// Flags as they are typed, the flag that is meant if the command has it, and what that flag does.
const FLAGS: [(&str, &str, &str); 15] = [
    ("to", "until", "says where the range ends"),
    ("end", "until", "says where the range ends"),
    ("end-time", "until", "says where the range ends"),
    ("before", "until", "says where the range ends"),
    ("start", "from", "says where the range begins"),
    ("start-time", "from", "says where the range begins"),
    ("since", "from", "says where the range begins"),
    ("after", "from", "says where the range begins"),
    ("max-items", "max-results", "says how many there are on a page"),
    ("page-size", "max-results", "says how many there are on a page"),
    ("starting-token", "next-token", "asks for the next page"),
    ("dryrun", "dry-run", "shows the request without a call"),
    ("status", "query", "picks from the result, as with \"JournalS3Exports[?Status=='COMPLETED']\""),
    ("port", "listen", "says where to listen, as with 127.0.0.1:8040"),
    ("host", "listen", "says where to listen, as with 127.0.0.1:8040"),
];

/// Flags of the AWS CLI for things that are set in another way, or not at all.
const GLOBAL: [(&str, &str); 7] = [
    ("ca-bundle", "AWS_CA_BUNDLE names the file of certificates to trust, as ca_bundle in a profile does"),
    ("no-verify-ssl", "certificates are always checked; AWS_CA_BUNDLE names the file of those to trust"),
    ("no-sign-request", "every call to QLDB is signed; leave it out"),
    ("cli-read-timeout", "calls have a fixed time limit; AWS_MAX_ATTEMPTS sets how often they are tried"),
    ("cli-connect-timeout", "calls have a fixed time limit; AWS_MAX_ATTEMPTS sets how often they are tried"),
    ("cli-binary-format", "no flag takes bytes; leave it out"),
    ("no-cli-auto-prompt", "nothing is ever prompted for; leave it out"),
];

/// Adds what was meant to a parser error, in place of names that only look similar.
pub(crate) fn add(error: &mut Error, definition: &Command, typed: &[OsString]) {
    let meant = match (error.kind(), error.get(ContextKind::InvalidSubcommand), error.get(ContextKind::InvalidArg)) {
        (ErrorKind::InvalidSubcommand, Some(ContextValue::String(name)), _) => of_command(name, definition, typed),
        (ErrorKind::UnknownArgument, _, Some(ContextValue::String(flag))) => of_flag(flag, definition, typed),
        _ => None,
    };
    let Some(meant) = meant else { return };
    for kind in [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg] {
        error.remove(kind);
    }
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![meant.into()]));
}

fn of_command(name: &str, definition: &Command, typed: &[OsString]) -> Option<String> {
    let below_ledger = called(definition, typed).get(1).is_some_and(|command| command.get_name() == "ledger");
    let table: &[(&str, &str)] = if below_ledger { &OF_LEDGER } else { &COMMANDS };
    lookup(table, name).map(str::to_owned)
}

fn of_flag(flag: &str, definition: &Command, typed: &[OsString]) -> Option<String> {
    if flag.strip_prefix('-').is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit())) {
        return of_sign(flag, typed);
    }
    let name = flag.strip_prefix("--")?.split('=').next()?;
    let command = *called(definition, typed).get(1..)?.last()?;
    let own = |(_, meant, does): &(&str, &str, &str)| {
        // The program's own flags work with every command.
        let mut flags = command.get_arguments().chain(definition.get_arguments());
        let meant = flags.find(|flag| flag.get_long() == Some(*meant))?;
        Some(format!("--{} {does}{}", meant.get_long()?, by_aws(meant)))
    };
    let of_command = FLAGS.iter().filter(|(typed, ..)| *typed == name).find_map(own);
    of_command.or_else(|| lookup(&GLOBAL, name).map(str::to_owned))
}

/// The AWS CLI's name for a flag.
fn by_aws(flag: &Arg) -> String {
    let names = flag.get_all_aliases().unwrap_or_default();
    names.first().map(|name| format!("; the AWS CLI's name for it is --{name}")).unwrap_or_default()
}

/// A duration with a sign before it, which the parser takes for a flag.
fn of_sign(flag: &str, typed: &[OsString]) -> Option<String> {
    let words: Vec<&str> = typed.iter().filter_map(|word| word.to_str()).collect();
    let (before, word) = words.windows(2).find_map(|pair| match pair {
        [before, word] if word.starts_with(flag) && before.starts_with("--") => Some((before, word)),
        _ => None,
    })?;
    Some(format!("a number or a length of time has no sign here: {before} {}", word.trim_start_matches('-')))
}

fn lookup<'a>(table: &[(&str, &'a str)], name: &str) -> Option<&'a str> {
    table.iter().find(|(typed, _)| *typed == name).map(|(_, meant)| *meant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::commands::definition::definition;

    #[test]
    fn what_is_meant_exists_and_what_is_typed_does_not() {
        let definition = definition();
        let ledger = definition.find_subcommand("ledger").unwrap();
        for (table, command) in [(&COMMANDS[..], &definition), (&OF_LEDGER[..], ledger)] {
            for (typed, meant) in table {
                assert!(command.find_subcommand(typed).is_none(), "{typed}");
                for words in meant.split('`').skip(1).step_by(2) {
                    let words: Vec<&str> = std::iter::once("qldb-export").chain(words.split(' ')).collect();
                    let parsed = definition.clone().try_get_matches_from(&words);
                    let kind = parsed.err().map(|error| error.kind());
                    assert!(
                        !matches!(kind, Some(ErrorKind::InvalidSubcommand | ErrorKind::UnknownArgument)),
                        "{words:?}: {kind:?}"
                    );
                }
            }
        }
        let commands: Vec<&Command> = definition.get_subcommands().chain([&definition]).collect();
        let has = |name: &str| {
            let is_it = |flag: &Arg| {
                flag.get_long() == Some(name) || flag.get_all_aliases().unwrap_or_default().contains(&name)
            };
            commands.iter().filter(|command| command.get_arguments().any(is_it)).count()
        };
        assert!(FLAGS.iter().all(|(_, meant, _)| has(meant) > 0));
        assert!(GLOBAL.iter().all(|(typed, _)| has(typed) == 0));
    }
}
