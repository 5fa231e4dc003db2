//! Where the program's log goes: stderr, as much as was asked for.

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

use crate::cli::global::settings::Settings;
use crate::cli::output::said::Log;

/// What of the SDK is logged with --verbose.
const SDK: [&str; 2] = ["aws_config", "aws_smithy_runtime"];

/// Starts logging. A server reports what it does; the other commands speak up when something is amiss.
pub(crate) fn start(global: &Settings, serves: bool) {
    let wanted = match (global.quiet, global.verbose, serves) {
        (true, _, _) => ours(Level::ERROR),
        (_, true, _) => ours(Level::DEBUG).with_targets(SDK.map(|target| (target, Level::DEBUG))),
        (_, _, true) => ours(Level::INFO),
        _ => ours(Level::ERROR),
    };
    // Without colours: what the log quotes could not be distinguished from its own.
    let lines = fmt::layer().with_writer(|| Log).with_ansi(false).with_filter(wanted);
    // Only a test that runs two commands in one process would meet the first one's subscriber.
    let _ = tracing_subscriber::registry().with(lines).try_init();
}

/// What our own crates say, from a level on.
fn ours(level: Level) -> Targets {
    Targets::new().with_target("qldb_export", level).with_target("qldb_endpoint", level)
}
