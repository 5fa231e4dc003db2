//! What was typed after `verify`, checked: every fault at once.
//!
//! For `verify`.

use super::args::VerifyArgs;
use super::given::GivenDigest;
use super::state::{self, State};
use super::{archive, part};
use crate::cli::commands::restoring::Restoring;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::error::flags::{self, WithRemedy as _};
use qldb_journal::archive::verify::{Level, Levels, Part, SavedAnchor, default_jobs};
use qldb_journal::request::{Fault, Faults, Field, UniqueId};

const EXPORT: Field = Field::Named("--export");

/// The arguments, checked.
pub(super) struct Checked {
    pub(super) jobs: usize,
    pub(super) levels: Levels,
    pub(super) digest: Option<GivenDigest>,
    pub(super) anchor: Option<SavedAnchor>,
    pub(super) export: Option<UniqueId>,
    pub(super) part: Option<Part>,
    /// How to handle objects that must be restored.
    pub(super) restoring: Restoring,
    /// What was found before.
    pub(super) state: State,
}

/// The number of threads.
pub(crate) fn jobs(typed: Option<&str>, faults: &mut Faults) -> Option<usize> {
    let Some(typed) = typed else { return Some(default_jobs()) };
    let fault = || Fault::malformed(Field::Named("--jobs"), typed, "is not a number of threads", "give 1 to 1024");
    faults.note(typed.parse().ok().filter(|jobs| (1..=1024).contains(jobs)).ok_or_else(fault))
}

impl VerifyArgs {
    /// Whether something says where the archive is.
    fn is_placed(&self, context: &Context) -> bool {
        !self.paths.is_empty() || self.export.is_some() || context.global.writes_directories()
    }

    pub(super) fn check(&self, context: &Context) -> Result<Checked, CliError> {
        let mut faults = context.global.faults();
        archive::idle_flags(context, self).into_iter().for_each(|fault| faults.push(fault));
        if !self.is_placed(context) && !self.has_saved() {
            faults.push(archive::unplaced(context));
        }
        let export = self.export.as_deref().map(UniqueId::parse).map(|read| {
            let remedy = Some(flags::EXPORT_ID.to_owned());
            read.map_err(|fault| Fault { field: EXPORT, remedy, ..fault })
        });
        let export = export.and_then(|export| faults.note(export));
        if self.has_saved() && !self.has_digest() {
            let remedy = "a saved answer is checked against a digest: give the one that was saved with it";
            faults.push(Fault::missing(Field::Named("--digest"), remedy));
        }
        let part = self.part.as_deref().and_then(|typed| faults.note(part::read(typed)));
        let state = state::of(&self.resume, part);
        part::idle_flags(self, part, &state).into_iter().for_each(|fault| faults.push(fault));
        let levels = self.levels(&mut faults);
        let anchor = self.anchors.check(self.is_placed(context), levels, &mut faults);
        let restoring = self.restoring.check(&self.paths, &mut faults);
        let jobs = jobs(self.jobs.as_deref(), &mut faults);
        let typed = self.digest.as_deref();
        let digest = typed.and_then(|typed| GivenDigest::read(typed, self.tip.as_deref(), &mut faults));
        let digest = digest.or_else(|| self.replayed_digest.clone());
        match (levels, jobs) {
            (Some(levels), Some(jobs)) if faults.is_empty() => {
                Ok(Checked { jobs, levels, digest, anchor, export, part, restoring, state })
            }
            _ => Err(faults.into()),
        }
    }

    fn levels(&self, faults: &mut Faults) -> Option<Levels> {
        let Some(typed) = &self.level else {
            let levels = Levels::without_digest();
            return Some(if self.has_digest() || self.anchors.anchored.is_some() {
                levels.with(Level::Digest)
            } else {
                levels
            });
        };
        let fault = |_| {
            let remedy = "give objects, blocks, contents, chain or digest, or several separated by commas";
            Fault::malformed(Field::Named("--level"), typed, "is not a level of verification", remedy)
        };
        let levels: Levels = faults.note(typed.parse().map_err(fault))?;
        if levels.has(Level::Digest) && !self.has_digest() && self.anchors.anchored.is_none() {
            let remedy = "the level digest needs the digest that was saved from the service, or --anchored";
            faults.push(Fault::missing(Field::Named("--digest"), remedy));
        }
        Some(levels)
    }
}
