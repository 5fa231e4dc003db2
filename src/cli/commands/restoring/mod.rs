//! Archives in S3 whose objects are in storage classes that must be restored before they can be
//! read. For the commands that read archives: before anything is read, all such objects are listed
//! at once; `--restore` asks S3 to restore them, and `--wait` waits for the copies.

mod ask;
mod needed;
mod show;
mod wait;

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::cli::commands::follow::{Waiting, WaitingArgs};
use crate::cli::context::Context;
use crate::cli::context::object_store::{self, Sources};
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use qldb_endpoint::store::RestoreOrder;
use qldb_journal::archive::source::Archived;
use qldb_journal::archive::verify::VerifyError;
use qldb_journal::request::{Fault, Faults, Field};

pub(crate) use needed::Needed;

/// The flags about objects that must be restored first.
#[expect(clippy::doc_markdown, reason = "the comments are the help")]
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RestoreArgs {
    /// Ask S3 to restore objects in GLACIER or DEEP_ARCHIVE for DAYS days
    ///
    /// Without it, an archive with such objects is not read: all of them are listed, with their bytes and the commands
    /// that restore them, and the exit code is 4. Without --wait, the exit code is also 4 after the request, until the
    /// objects are restored. S3 charges for restores; objects with a restored copy count as readable.
    #[arg(long, value_name = "DAYS")]
    restore: Option<String>,
    /// How fast to restore; Standard if not given
    ///
    /// Bulk is the cheapest, and takes up to 48 hours. Expedited does not work for objects in DEEP_ARCHIVE.
    #[arg(long, value_name = "TIER")]
    tier: Option<TierName>,
    /// Wait until S3 has restored what was requested, now or earlier, and then read
    #[arg(long)]
    wait: bool,
    #[command(flatten)]
    waiting: WaitingArgs,
}

/// S3's own terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TierName {
    #[value(name = "Bulk", alias = "bulk")]
    Bulk,
    #[value(name = "Standard", alias = "standard")]
    Standard,
    #[value(name = "Expedited", alias = "expedited")]
    Expedited,
}

impl TierName {
    fn word(self) -> &'static str {
        match self {
            Self::Bulk => "Bulk",
            Self::Standard => "Standard",
            Self::Expedited => EXPEDITED,
        }
    }
}

/// The tier that does not work for the deep archives.
const EXPEDITED: &str = "Expedited";
/// The prefix of the deep archives' names: the class itself, and the tier of another class.
const DEEP: &str = "DEEP_ARCHIVE";

/// The arguments, checked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Restoring {
    /// What to request.
    order: Option<RestoreOrder>,
    /// How to wait; `None` if not at all.
    wait: Option<Waiting>,
}

const RESTORE: Field = Field::Named("--restore");

impl RestoreArgs {
    /// Each of the flags, and whether it was typed.
    pub(crate) fn given(&self) -> [(&'static str, bool); 5] {
        [
            ("--restore", self.restore.is_some()),
            ("--tier", self.tier.is_some()),
            ("--wait", self.wait),
            ("--timeout", self.waiting.timeout.is_some()),
            ("--poll-interval", self.waiting.poll_interval.is_some()),
        ]
    }

    /// Reads the flags. Objects outside S3 need no restoring.
    pub(crate) fn check(&self, paths: &[PathBuf], faults: &mut Faults) -> Restoring {
        let given = self.given();
        let [_, tier, _, timeout, interval] = given;
        let is_local = !paths.is_empty() && paths.iter().all(|path| object_store::address(path).is_none());
        let mut idle = |(flag, _): (&'static str, bool), rule: &str, remedy: &str| {
            faults.push(Fault { value: None, ..Fault::malformed(Field::Named(flag), "", rule, remedy) });
        };
        for one in given.into_iter().filter(|(_, is_given)| *is_given && is_local) {
            idle(one, "is for archives in S3", "leave it out, or give s3://BUCKET/PREFIX");
        }
        if tier.1 && self.restore.is_none() {
            idle(tier, "has no effect without --restore", "give --restore DAYS as well, or leave it out");
        }
        for one in [timeout, interval].into_iter().filter(|(_, is_given)| *is_given && !self.wait) {
            idle(one, "has no effect without --wait", "give --wait as well, or leave it out");
        }
        let waiting = self.waiting.check(faults);
        let days = self.restore.as_deref().and_then(|typed| faults.note(days(typed)));
        let tier = self.tier.unwrap_or(TierName::Standard).word();
        Restoring { order: days.map(|days| RestoreOrder { days, tier }), wait: self.wait.then_some(waiting) }
    }
}

/// How many days the copies are kept.
fn days(typed: &str) -> Result<i32, Fault> {
    let fault = || Fault::malformed(RESTORE, typed, "is not a number of days", "give 1 or more, such as 7");
    typed.parse().ok().filter(|days| *days > 0).ok_or_else(fault)
}

/// The sources of an archive, once everything that is needed from them can be read. Blocks; must not be called from
/// async code.
pub(crate) fn readable(
    context: &Context,
    sources: Sources,
    needed: &Needed,
    restoring: Restoring,
) -> Result<Sources, CliError> {
    let archived = needed.archived(&sources).map_err(VerifyError::Source)?;
    if archived.is_empty() {
        return Ok(sources);
    }
    let asked = restoring.order.map(|order| ask::restore(context, &archived, order)).transpose()?;
    let is_under_way = asked.is_some() || archived.iter().all(|object| object.is_restoring);
    if let Some(waiting) = restoring.wait.filter(|_| is_under_way) {
        return wait::until_readable(context, sources, needed.clone(), &archived, waiting);
    }
    if context.printer.is_json() {
        context.printer.json(&show::machine(&archived, asked.as_ref()))?;
    }
    Err(show::error(&archived, asked.as_ref(), restoring))
}

/// Whether an object is in a class or tier without fast restores.
fn is_deep(object: &Archived) -> bool {
    object.class.starts_with(DEEP) || object.tier.as_deref().is_some_and(|tier| tier.starts_with(DEEP))
}
