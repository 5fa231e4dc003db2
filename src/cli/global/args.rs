//! The global flags, as they are typed. [`Settings`](super::settings::Settings) holds what they
//! mean.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::store::StoreArgs;

/// The global flags, as they are typed.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Global options")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch on the command line")]
pub(crate) struct GlobalArgs {
    /// AWS region; overrides the environment and the profile
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
    /// It uses the data directory, and listens on a free port of 127.0.0.1 while the command runs.
    #[arg(long, global = true)]
    pub(crate) local: bool,
    /// Data directory of the built-in endpoint
    ///
    /// The default is QLDB_EXPORT_DATA_DIR, or else the platform's data directory for the user.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) store: StoreArgs,
    /// Output format
    ///
    /// The default is text. Under the AWS CLI's command names, and with --query, the formats and the default are the
    /// AWS CLI's: JSON, or AWS_DEFAULT_OUTPUT; text is tab-separated values.
    #[arg(long, global = true, value_name = "FORMAT")]
    pub(crate) output: Option<Output>,
    /// Print only the part of the result that a JMESPath expression selects
    ///
    /// The AWS CLI has the same flag.
    #[arg(long, global = true, value_name = "JMESPATH", hide_short_help = true)]
    pub(crate) query: Option<String>,
    /// Write only errors to stderr, no notes and no progress
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Log to stderr
    ///
    /// The report of `verify` then also lists the files that it skipped.
    #[arg(long, short, global = true, alias = "debug")]
    pub(crate) verbose: bool,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: Color,
    /// Show no spinner and no lines of progress
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
    /// Also write events to a file, as JSON Lines
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,
    /// How often to print a line while the command is running, if there is no spinner
    ///
    /// In a pipe, in CI and on a dumb terminal.
    #[arg(long, global = true, value_name = "DURATION", default_value = "60s", hide_short_help = true)]
    pub(crate) heartbeat: String,
    /// Accepted for compatibility with the AWS CLI
    ///
    /// There is never a pager.
    #[arg(long, global = true, hide_short_help = true)]
    no_cli_pager: bool,
}

/// The format of results.
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
    /// On a terminal, unless NO_COLOR is set; elsewhere if CLICOLOR_FORCE is set
    Auto,
    /// Always
    #[value(alias = "on")]
    Always,
    /// Never
    #[value(alias = "off")]
    Never,
}

/// When to use colour, as typed in a command line that could not be parsed.
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
