//! What `convert`, `history` and `prove` require of the archive that they read: it is verified in
//! the same pass, as `verify` does.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use crate::cli::commands::restoring::{Needed, RestoreArgs, Restoring, readable};
use crate::cli::commands::verify::given::GivenDigest;
use crate::cli::commands::verify::locks::Stores;
use crate::cli::commands::verify::page::{Repeated, asked, flag};
use crate::cli::commands::verify::reason;
use crate::cli::commands::verify::receipt::Selection;
use crate::cli::commands::verify::{Acceptable, Anchoring, Earlier, Question, accepted, jobs, verified};
use crate::cli::context::Context;
use crate::cli::context::object_store::{Sources, sources};
use crate::cli::error::CliError;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::output::breaks;
use qldb_journal::archive::verify::{BlockTaker, Level, Levels, Report, Status};
use qldb_journal::request::{Fault, Faults, Field};

/// How an archive is verified while another command reads it.
#[derive(Debug, Args)]
pub(crate) struct ProvingArgs {
    /// Only exports of this ledger
    #[arg(long, value_name = "NAME", alias = "name")]
    ledger: Option<String>,
    /// A digest saved from the service: base64, or a file with the response of GetDigest
    ///
    /// As for verify: the whole journal, from block 0, must hash to it.
    #[arg(long, value_name = "DIGEST")]
    digest: Option<String>,
    /// The last block that a digest covers, if the digest is given as base64
    #[arg(long, value_name = "N")]
    tip: Option<String>,
    /// Accept a known exception that would leave the contents unproved
    ///
    /// As for verify: hash-only-blocks are blocks that hold only hashes, redactions-elsewhere revisions that blocks
    /// outside the archive redacted.
    #[arg(long, value_name = "NAME")]
    accept: Vec<Acceptable>,
    /// Number of threads that read [default: one for each core]
    #[arg(long, value_name = "N", hide_short_help = true)]
    jobs: Option<String>,
    #[command(flatten)]
    restoring: RestoreArgs,
}

/// The arguments, checked.
pub(crate) struct Proving {
    pub(crate) digest: Option<GivenDigest>,
    jobs: usize,
    restoring: Restoring,
}

impl Proving {
    /// The digest that was given.
    pub(crate) fn digest(&self) -> Option<&GivenDigest> {
        self.digest.as_ref()
    }
}

impl ProvingArgs {
    pub(crate) fn check(&self, paths: &[PathBuf], faults: &mut Faults) -> Option<Proving> {
        if paths.is_empty() {
            faults.push(Fault::missing(Field::Named("PATH"), "give the folder that holds the exports"));
        }
        if self.tip.is_some() && self.digest.is_none() {
            faults.push(Fault::missing(Field::Named("--digest"), "give the digest that --tip is the tip of"));
        }
        let restoring = self.restoring.check(paths, faults);
        let digest = match &self.digest {
            Some(typed) => Some(GivenDigest::read(typed, self.tip.as_deref(), faults)?),
            None => None,
        };
        Some(Proving { digest, jobs: jobs(self.jobs.as_deref(), faults)?, restoring })
    }

    /// The `verify` command that repeats this verification.
    pub(crate) fn repeated<'a>(&self, context: &'a Context, paths: &'a [PathBuf]) -> Repeated<'a> {
        let given = [("--ledger", &self.ledger), ("--digest", &self.digest), ("--tip", &self.tip)];
        let given = given.into_iter().filter_map(|(name, value)| flag(name, value.as_ref()));
        Repeated { paths, flags: given.chain(asked::accepted(&self.accept)).collect(), global: &context.global }
    }

    /// What a receipt says was asked for.
    pub(crate) fn asked(&self) -> Selection<'_> {
        Selection { ledger: self.ledger.as_deref(), export: None, accept: &self.accept }
    }

    /// Why the archive is not proved, in one line.
    pub(crate) fn why(&self, report: &Report, paths: &[PathBuf]) -> String {
        reason::why(report, paths, self.ledger.as_deref())
    }

    /// Verifies on every level, and passes each block on.
    pub(crate) fn run(
        &self,
        context: &Context,
        paths: &[PathBuf],
        proving: Proving,
        taker: Arc<dyn BlockTaker>,
        advice: &'static str,
    ) -> Result<(Report, Stores), CliError> {
        let sources = self.sources(context, paths, &proving)?;
        let question = Question { taker: Some(taker), advice, ..self.question(proving) };
        let (report, sources) = verified(context, sources, question)?;
        Ok((report, Stores::of(&sources)))
    }

    /// Opens the archive, once its objects can be read.
    pub(crate) fn sources(&self, context: &Context, paths: &[PathBuf], proving: &Proving) -> Result<Sources, CliError> {
        let needed = Needed { ledger: self.ledger.clone(), export: None, data: true };
        readable(context, sources(&context.global, paths)?, &needed, proving.restoring)
    }

    /// What is asked of the archive: everything that it can prove, and the digest if one was given.
    pub(crate) fn question(&self, proving: Proving) -> Question {
        let levels = Levels::without_digest();
        Question {
            levels: if proving.digest.is_some() { levels.with(Level::Digest) } else { levels },
            ledger: self.ledger.clone(),
            digest: proving.digest.map(|given| given.saved),
            anchoring: Anchoring::default(),
            // What was read is reported with its hash.
            digest_bytes: true,
            earlier: Earlier::None,
            part: None,
            jobs: proving.jobs,
            accepted: accepted(&self.accept),
            keeper: None,
            taker: None,
            advice: "",
        }
    }
}

/// Prints what is wrong with an archive, if its report is not printed.
pub(crate) fn note_breaks(context: &Context, report: &Report) {
    if report.verdict != Status::Proved {
        report.breaks.iter().for_each(|one| context.printer.note(&breaks::line(one)));
    }
}
