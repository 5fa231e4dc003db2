//! Where the program's log goes: stderr, as much as was asked for.

use tracing_subscriber::EnvFilter;

use crate::cli::global::args::GlobalArgs;
use crate::cli::output::said::Log;

/// Starts logging. A server tells what it does; the other commands speak up when something is amiss.
pub(crate) fn start(global: &GlobalArgs, serves: bool) {
    let filter = match (global.quiet, global.verbose, serves) {
        (true, _, _) => ours("error"),
        (_, true, _) => ours("debug") + ",aws_config=debug,aws_smithy_runtime=debug",
        (_, _, true) => ours("info"),
        _ => ours("error"),
    };
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(filter))
        .with_writer(|| Log)
        // What the log quotes could not be told from its own colours.
        .with_ansi(false)
        .finish();
    // Only a test that runs two commands in one process would meet the first one's subscriber.
    let _ = tracing::subscriber::set_global_default(subscriber);
}

/// What our own crates say, from a level on.
fn ours(level: &str) -> String {
    format!("qldb_export={level},qldb_endpoint={level}")
}
