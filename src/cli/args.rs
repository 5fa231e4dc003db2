//! What can be typed: the one definition of commands and flags, from which
//! help, manual and completions are made.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::exit::Exit;
use super::object_store::StoreArgs;
use super::query::Query;
use super::{completions, environment, events, ledger, list, man, policy, serve, start, status, sync, verify, wait};
use qldb_journal::request::{Fault, Faults, Field, time};

/// Amazon QLDB journal exports: the call, and an endpoint that executes it
///
/// Each command and flag also answers to the AWS CLI's name for it, so that `aws qldb export-journal-to-s3 …` becomes
/// `qldb-export export-journal-to-s3 …` with the rest unchanged.
#[derive(Debug, Parser)]
#[command(name = "qldb-export", version, max_term_width = 100, disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Start an export
    ///
    /// The AWS CLI's name for it is export-journal-to-s3.
    #[command(alias = "export-journal-to-s3")]
    Start(Box<start::StartArgs>),
    /// Follow an export to its end
    Wait(wait::WaitArgs),
    /// Describe an export
    ///
    /// The AWS CLI's name for it is describe-journal-s3-export.
    #[command(alias = "describe-journal-s3-export")]
    Status(status::ExportArgs),
    /// List exports, of one ledger or of all, newest first
    ///
    /// The AWS CLI's names for it are list-journal-s3-exports and list-journal-s3-exports-for-ledger.
    #[command(aliases = ["list-journal-s3-exports", "list-journal-s3-exports-for-ledger"])]
    List(list::ListArgs),
    /// Export every window of time that is not exported yet, for cron
    ///
    /// Exports each window that is missing at this bucket and prefix up to now, two at a time, and follows the exports to
    /// their ends. What is done is read from the service's list of exports, which forgets them after 7 days, and, with
    /// --local or --archive, from the manifests at the destination; where nothing tells where the last export ended, it
    /// stops and says what to give. It stops at the first failure; the next run takes up what is missing. A second run
    /// at the same time does nothing and says so. Nothing to do is silence and exit code 0.
    Sync(Box<sync::SyncArgs>),
    /// Print the policies that the role and the caller of exports need
    ///
    /// Least privilege, as JSON for aws iam: trust is for create-role --assume-role-policy-document, permissions for
    /// put-role-policy, caller for the user or role that calls. Nothing is called.
    Policy(policy::PolicyArgs),
    /// Prove that archived exports are whole and unaltered
    ///
    /// Offline: nothing is asked but the archive itself. Exit code 0 says that everything that was asked for is
    /// proved; 10, 11 and 12 tell damage, loss, and what could not be checked.
    Verify(verify::VerifyArgs),
    /// Run the built-in endpoint
    Serve(serve::ServeArgs),
    /// Make, fill, import, list, recover and delete ledgers of the built-in endpoint
    Ledger(ledger::LedgerArgs),
    /// Print a completion script
    Completions(completions::CompletionsArgs),
    /// Print the manual page, or write all pages into a directory
    Man(man::ManArgs),
}

impl Command {
    /// The folders and places in S3 that the command reads archives from.
    pub(crate) fn archives(&self) -> &[PathBuf] {
        match self {
            Self::Verify(args) => args.archives(),
            Self::Sync(args) => args.archives(),
            Self::Ledger(args) => args.archives(),
            _ => &[],
        }
    }
}

/// Flags of every command.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
pub(crate) struct GlobalArgs {
    /// AWS region, instead of the environment's or the profile's
    #[arg(long, global = true, value_name = "REGION")]
    pub(crate) region: Option<String>,
    /// Profile of the shared AWS configuration files
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) profile: Option<String>,
    /// Address of the endpoint, instead of AWS's own
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) endpoint_url: Option<String>,
    /// Run the built-in endpoint inside this command
    ///
    /// It works on the data directory, and listens on a free port of 127.0.0.1 for as long as the command runs.
    #[arg(long, global = true)]
    pub(crate) local: bool,
    /// Data directory of the built-in endpoint
    ///
    /// If it is not given, QLDB_EXPORT_DATA_DIR names it, or else it is where the platform keeps a user's data.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// What results look like
    ///
    /// Text if not given. Under the AWS CLI's names for commands, and with --query, forms and default are the AWS CLI's:
    /// JSON, or AWS_DEFAULT_OUTPUT; text is values with tabs between them.
    #[arg(long, global = true, value_name = "FORMAT")]
    pub(crate) output: Option<Output>,
    /// Print only what a JMESPath expression picks from the result
    ///
    /// The AWS CLI has the same flag.
    #[arg(long, global = true, value_name = "JMESPATH", hide_short_help = true)]
    pub(crate) query: Option<String>,
    /// Write only errors to stderr, no notes and no progress
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Log what happens to stderr
    ///
    /// The report of `verify` then lists the files that it passed over.
    #[arg(long, short, global = true, alias = "debug")]
    pub(crate) verbose: bool,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// No spinner, and no lines of progress
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
    /// Write what happens to a file as well, as JSON, one object a line
    #[arg(long, global = true, value_name = "FILE", long_help = events::help())]
    pub(crate) events: Option<PathBuf>,
    /// How often a line says that a command goes on, where there is no spinner
    ///
    /// In a pipe, under CI and on a dumb terminal.
    #[arg(long, global = true, value_name = "DURATION", default_value = "60s", hide_short_help = true)]
    heartbeat: String,
    /// Accepted for the AWS CLI's sake
    ///
    /// There is never a pager.
    #[arg(long, global = true, hide_short_help = true)]
    no_cli_pager: bool,
}

const HEARTBEAT_FLAG: Field = Field::Named("--heartbeat");
/// How often a line says that a command goes on, unless told otherwise. The flag's default says the same.
pub(crate) const HEARTBEAT: Duration = Duration::from_mins(1);

/// The form of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people
    Text,
    /// The API's response, as the AWS CLI prints it
    Json,
}

/// When to use colour.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is
    Auto,
    /// Always
    #[value(alias = "on")]
    Always,
    /// Never
    #[value(alias = "off")]
    Never,
}

impl GlobalArgs {
    /// How often a line says that a command goes on; none if what was typed is no length of time.
    pub(crate) fn heartbeat(&self) -> Option<Duration> {
        time::parse_length(HEARTBEAT_FLAG, &self.heartbeat).ok()
    }

    /// What is wrong with these flags by themselves.
    pub(crate) fn faults(&self) -> Faults {
        let mut faults = Faults::none();
        self.store.check(&mut faults);
        if let Some(query) = &self.query {
            faults.note(Query::parse(query));
        }
        faults.note(time::parse_length(HEARTBEAT_FLAG, &self.heartbeat));
        if let Some(url) = &self.endpoint_url {
            if self.local {
                let rule = "does not go with --local";
                faults.push(Fault::malformed(Field::Named("--endpoint-url"), url, rule, "give one of the two"));
            }
            if !is_http(url) {
                let (rule, remedy) = ("is not the address of an endpoint", "give it as http://127.0.0.1:8040");
                faults.push(Fault::malformed(Field::Named("--endpoint-url"), url, rule, remedy));
            }
        }
        faults
    }
}

fn is_http(url: &str) -> bool {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    rest.and_then(|rest| rest.split('/').next()).is_some_and(|host| {
        !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte))
    })
}

/// Whether a command was called by the AWS CLI's name for it: an alias of the definition, which no command of ours has
/// for anything else.
pub(crate) fn is_by_aws_name(definition: &clap::Command, command: &str, typed: &[OsString]) -> bool {
    let Some(command) = definition.find_subcommand(command) else { return false };
    let names_it =
        |word: &&OsString| *word == command.get_name() || command.get_all_aliases().any(|alias| *word == alias);
    typed.iter().find(names_it).is_some_and(|word| word != command.get_name())
}

/// When to use colour, as it was typed in a line that could not be read as a whole.
pub(crate) fn typed_color(typed: &[OsString]) -> Color {
    let words: Vec<&str> = typed.iter().map_while(|word| word.to_str()).take_while(|word| *word != "--").collect();
    let apart = words.windows(2).filter_map(|pair| match pair {
        ["--color", value] => Some(*value),
        _ => None,
    });
    let joined = words.iter().filter_map(|word| word.strip_prefix("--color="));
    let last = apart.chain(joined).last();
    last.and_then(|value| Color::from_str(value, false).ok()).unwrap_or(Color::Auto)
}

/// The whole definition, with the tables that close the long help.
pub(crate) fn definition() -> clap::Command {
    <Cli as clap::CommandFactory>::command().after_long_help(tables())
}

fn tables() -> String {
    let codes = Exit::ALL.map(|exit| format!("  {:>3}  {}", exit.code(), exit.meaning()));
    let variables = environment::TABLE.map(|(name, _, meaning)| format!("  {name:<38}  {meaning}"));
    format!("Exit codes:\n{}\n\nEnvironment:\n{}", codes.join("\n"), variables.join("\n"))
}
