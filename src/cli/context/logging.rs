//! The program's log on stderr, at the level that was asked for.

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

use crate::cli::global::settings::Settings;
use crate::cli::output::said::Log;

/// The parts of the SDK that are logged with --verbose.
const SDK: [&str; 2] = ["aws_config", "aws_smithy_runtime"];

/// Starts logging. A server logs what it does; other commands log only problems.
pub(crate) fn start(global: &Settings, serves: bool) {
    let wanted = match (global.quiet, global.verbose, serves) {
        (true, _, _) => ours(Level::ERROR),
        (_, true, _) => ours(Level::DEBUG).with_targets(SDK.map(|target| (target, Level::DEBUG))),
        (_, _, true) => ours(Level::INFO),
        _ => ours(Level::ERROR),
    };
    // Without colours, which could not be told apart from those in quoted text.
    let lines = fmt::layer().with_writer(|| Log).with_ansi(false).with_filter(wanted);
    // Only a test that runs two commands in one process would find a subscriber installed.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}

/// What our own crates log, from a level on.
fn ours(level: Level) -> Targets {
    Targets::new().with_target("qldb_export", level).with_target("qldb_endpoint", level)
}
