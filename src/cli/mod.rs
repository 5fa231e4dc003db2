//! The command line: one file per subcommand, and one printer for all output.
//!
//! Used only by `main`.

mod advice;
mod commands;
mod context;
mod error;
mod global;
mod output;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::process::ExitCode;

use clap::FromArgMatches;
use clap::error::{ContextKind, ContextValue};
use serde_json::json;

use commands::{
    Cli, Command, completions, convert, definition, history, keys, ledger, list, man, policy, prove, serve, start,
    status, sync, tips, verify, wait,
};
use context::{Context, logging};
use error::{CliError, configuration};
use global::exit::Exit;
use global::scope::Scope;
use global::settings::Settings;
use global::typed::Typed;
use global::{args, secret};
use output::{events, said};

/// Parses the command line, runs the command and reports how it ended.
pub fn main() -> ExitCode {
    if let Some(answered) = completions::answer(definition::definition) {
        return answered;
    }
    let typed: Vec<OsString> = std::env::args_os().collect();
    match parsed(&typed) {
        Ok(read) => run(read).into(),
        Err(error) => {
            // Help and version are reported as errors, too.
            let error = as_typed(error, &typed);
            said::answer(&error, args::typed_color(&typed));
            if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() }
        }
    }
}

/// A command line that was parsed.
struct Read {
    cli: Cli,
    /// The areas that its command touches.
    scope: Scope,
    /// The names by which the command and its flags were called.
    typed: Typed,
    /// The flags that its command accepts.
    flags: BTreeSet<String>,
}

/// Parses the command line. The first word is the program's name.
fn parsed(typed: &[OsString]) -> Result<Read, clap::Error> {
    let definition = definition::definition();
    let matches = definition.clone().try_get_matches_from(typed)?;
    let command = matches.subcommand_name().unwrap_or_default();
    let names = Typed::read(&definition, &matches, typed).by(definition::aws_name(&definition, command, typed));
    let scope = definition::scope_of(&matches);
    let flags = definition::flags_of(&definition, &matches);
    Ok(Read { cli: Cli::from_arg_matches(&matches)?, scope, typed: names, flags })
}

/// The parser's error, with the names of flags as they were typed.
fn as_typed(mut error: clap::Error, typed: &[OsString]) -> clap::Error {
    let definition = definition::definition();
    let names = Typed::guessed(&definition, typed);
    tips::add(&mut error, &definition, typed);
    for kind in [ContextKind::InvalidArg, ContextKind::PriorArg, ContextKind::Usage] {
        let renamed = match error.get(kind) {
            Some(ContextValue::String(shown)) => Some(ContextValue::String(names.renamed(shown))),
            Some(ContextValue::Strings(all)) => {
                Some(ContextValue::Strings(all.iter().map(|shown| names.renamed(shown)).collect()))
            }
            // Without styles, which error output never shows.
            Some(ContextValue::StyledStr(shown)) => {
                Some(ContextValue::StyledStr(names.renamed(&shown.to_string()).into()))
            }
            _ => None,
        };
        if let Some(renamed) = renamed {
            error.insert(kind, renamed);
        }
    }
    error
}

fn run(Read { cli, scope, typed, flags }: Read) -> Exit {
    // Like `aws help`, commands that only print help ignore everything else.
    let is_help = matches!(cli.command, Command::Completions(_) | Command::Man(_));
    let fault = configuration::fault_of_profile(cli.global.profile.as_deref().filter(|_| !is_help));
    let context = Context::new(Settings::of(cli.global, &scope).with(fault), typed, flags);
    logging::start(&context.global, matches!(cli.command, Command::Serve(_)));
    let outcome = context.open_events(cli.command.archives()).and_then(|()| dispatch(&context, cli.command));
    let outcome = outcome.map_err(|error| error.with_names(&context.typed));
    let exit = outcome.as_ref().map_or_else(CliError::exit, |()| Exit::Done);
    let message = outcome.as_ref().err().map(|error| secret::masked(&message_of(&context, error)).into_owned());
    if let (Err(error), Some(message)) = (&outcome, &message) {
        report(&context, error, message);
    }
    context.emit(events::Event::End, json!({ "exitCode": exit.code(), "error": message }));
    exit
}

/// The error message. If a change was made and only printing its result, or writing a file beside it, failed, the message
/// includes the change.
fn message_of(context: &Context, error: &CliError) -> String {
    let message = error.explained();
    let made = context.printer.made_so_far().filter(|_| matches!(error, CliError::Stdout(_) | CliError::File { .. }));
    made.map_or(message.clone(), |made| format!("{message}; {made}"))
}

/// Reports the error and what to do about it. Someone who pressed Ctrl-C needs no message.
fn report(context: &Context, error: &CliError, message: &str) {
    match advice::on(error, context) {
        _ if matches!(error, CliError::Stopped(_)) => {}
        Some(advice) => context.printer.error(&format!("{message}\n{advice}")),
        None => context.printer.error(message),
    }
}

fn dispatch(context: &Context, command: Command) -> Result<(), CliError> {
    match command {
        Command::Start(args) => context.run(start::run(context, &args)),
        Command::Wait(args) => context.run(wait::run(context, &args)),
        Command::Status(args) => context.run(status::run(context, &args)),
        Command::List(args) => match args.keys() {
            Some((place, ledger)) => keys::run(context, place, ledger),
            None => context.run(list::run(context, &args)),
        },
        Command::Sync(args) => sync::run(context, &args),
        Command::Policy(args) => policy::run(context, &args),
        Command::Verify(args) => verify::run(context, *args),
        Command::Convert(args) => convert::run(context, *args),
        Command::History(args) => history::run(context, &args),
        Command::Prove(args) => prove::run(context, &args),
        Command::Serve(args) => serve::run(context, &args),
        Command::Ledger(args) => ledger::run(context, args),
        Command::Completions(_) | Command::Man(_) if !context.global.faults().is_empty() => {
            Err(context.global.faults().into())
        }
        Command::Completions(args) => completions::run(context, &args, definition::without_idle_flags()),
        Command::Man(args) => man::run(context, &args, definition::definition()),
    }
}
