//! A receipt that is read back: what it asks for, in terms of flags.

use std::path::{Path, PathBuf};

use clap::ValueEnum as _;
use serde_json::Value;

use super::super::given::GivenDigest;
use super::super::page::asked::accepted;
use super::super::page::{TypedFlag, flag};
use super::super::receipt::{FORMAT, KIND};
use super::super::{Acceptable, VerifyArgs, anchored};
use super::form;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::output::output_file::is_same;
use qldb_journal::archive::verify::{Level, Levels, SavedAnchor, SavedDigest, Status};
use qldb_journal::request::{Fault, Faults, Field};

const FLAG: Field = Field::Named("--receipt-check");

pub(in crate::cli::commands::verify) const REMEDY: &str = "give a file that --receipt wrote";

/// The first format that records what was accepted, and which ledger and export were selected.
pub(super) const SAYS_ALL: u64 = 2;

/// A receipt.
pub(in crate::cli::commands::verify) struct Receipt {
    /// The file.
    pub(in crate::cli::commands::verify) name: String,
    pub(super) format: u64,
    pub(in crate::cli::commands::verify) value: Value,
}

impl Receipt {
    /// Reads the file that a flag names.
    pub(in crate::cli::commands::verify) fn read(flag: Field, path: &Path, faults: &mut Faults) -> Option<Self> {
        let name = path.display().to_string();
        let mut refuse = |rule: String, remedy: &str| {
            faults.push(Fault::malformed(flag, &name, rule, remedy));
            None
        };
        let value: Value = match std::fs::read(path).map(|bytes| serde_json::from_slice(&bytes)) {
            Ok(Ok(value)) => value,
            Ok(Err(error)) => return refuse(format!("is not JSON: {error}"), REMEDY),
            Err(error) => return refuse(format!("can't be read: {error}"), REMEDY),
        };
        if value["receipt"] != KIND {
            return refuse("is not a receipt".to_owned(), REMEDY);
        }
        match value["format"].as_u64() {
            Some(format) if (1..=u64::from(FORMAT)).contains(&format) => Some(Self { name, format, value }),
            format => {
                let format = format.map_or_else(|| value["format"].to_string(), |format| format.to_string());
                refuse(format!("is of format {format}, and this version knows 1 to {FORMAT}"), "use a newer version")
            }
        }
    }

    /// Whether an archive was read, and not only saved responses.
    pub(in crate::cli::commands::verify) fn is_of_archive(&self) -> bool {
        !self.value["report"].is_null()
    }

    /// The locations that were read.
    pub(in crate::cli::commands::verify) fn paths(&self) -> Vec<PathBuf> {
        self.list("paths").map(PathBuf::from).collect()
    }

    /// The files of one of its lists.
    pub(in crate::cli::commands::verify) fn files(&self, list: &str) -> impl Iterator<Item = &Value> {
        self.value[list].as_array().into_iter().flatten()
    }

    /// How many objects were read according to the receipt, but are not in its list.
    pub(in crate::cli::commands::verify) fn unlisted(&self) -> u64 {
        let said = self.value["report"]["objects"].as_u64().unwrap_or(u64::MAX);
        said.saturating_sub(self.files("objects").count() as u64)
    }

    /// The worst verdict of the archive and the saved responses.
    pub(in crate::cli::commands::verify) fn verdict(&self) -> Option<Status> {
        let answers = self.files("answers").map(|answer| &answer["report"]);
        let reports = std::iter::once(&self.value["report"]).chain(answers);
        reports.map(|report| status(&report["verdict"])).collect::<Option<Vec<_>>>()?.into_iter().max()
    }

    /// Refuses what `--receipt` does not write, when the receipt is trusted and not repeated.
    pub(in crate::cli::commands::verify) fn check(&self, flag: Field, faults: &mut Faults) {
        let wrong = form::wrong(&self.value);
        let mut refuse = |rule: String| faults.push(Fault::malformed(flag, &self.name, rule, AS_WRITTEN));
        wrong.iter().for_each(|member| refuse(not_of_receipts(member)));
        if !wrong.is_empty() || !self.is_of_archive() {
            return;
        }
        let Some(verdict) = self.verdict() else { return refuse(not_of_receipts("report.verdict")) };
        let listed = |list: &str| self.files(list).count();
        if listed("objects") == 0 && (self.unlisted() == 0 || listed("manifests") == 0) {
            return refuse("lists no object".to_owned());
        }
        let levels = self.value["report"]["levels"].as_object().into_iter().flatten();
        let levels: Option<Vec<Status>> =
            levels.filter(|(_, level)| !level.is_null()).map(|(_, level)| status(level)).collect();
        match levels.map(|levels| levels.into_iter().max()) {
            None => refuse(not_of_receipts("report.levels")),
            Some(None) if verdict == Status::Proved => refuse("is proved, and names no level that is".to_owned()),
            Some(Some(worst)) if worst > verdict => {
                let (verdict, worst) = (verdict.as_str(), worst.as_str());
                refuse(format!("has the verdict {verdict}, and a level that is {worst}"));
            }
            Some(_) => {}
        }
    }

    /// The arguments with which `verify` repeats the receipt.
    pub(super) fn replayed(&self, args: &VerifyArgs, faults: &mut Faults) -> Option<VerifyArgs> {
        form::wrong(&self.value).into_iter().for_each(|member| self.refuse(member, faults));
        self.refuse_said(args, faults);
        refuse_own(args, faults);
        let accept = self.list("accepted").map(|name| Acceptable::from_str(&name, false).map_err(|_| name));
        let accept: Vec<Acceptable> = accept.filter_map(|read| self.known(read, faults)).collect();
        let (block, revision) = (self.answer("block"), self.answer("revision"));
        let (paths, is_of_archive) = (self.paths(), self.is_of_archive());
        let (digest, anchor) = (self.digest(faults)?, self.anchor(faults)?);
        self.refuse_unfit_anchor(args, digest.is_some() || anchor.is_some(), faults);
        let own = |member: &str, typed: &Option<String>| text(&self.value[member]).or_else(|| typed.clone());
        Some(VerifyArgs {
            paths: if args.paths.is_empty() && is_of_archive { paths } else { args.paths.clone() },
            export: own("export", &args.export),
            level: text(&self.value["levelsAskedFor"]),
            digest: None,
            tip: None,
            block,
            revision,
            ledger: own("ledger", &args.ledger),
            receipt: args.receipt.clone(),
            receipt_check: args.receipt_check.clone(),
            checksums: Vec::new(),
            print_batch_manifest: None,
            report: args.report.clone(),
            restoring: args.restoring.clone(),
            anchors: args.anchors.replaying(anchor),
            resume: args.resume.clone(),
            part: None,
            complete: args.complete,
            jobs: args.jobs.clone(),
            accept: if self.format < SAYS_ALL { args.accept.clone() } else { accept },
            replayed_digest: digest,
            beside_receipt: self.beside(args),
        })
    }

    /// The flags that were typed for what the receipt does not record.
    fn beside(&self, args: &VerifyArgs) -> Vec<TypedFlag> {
        let mut typed: Vec<TypedFlag> = flag("--anchored", args.anchors.anchored.as_ref()).into_iter().collect();
        if self.format < SAYS_ALL {
            typed.extend(flag("--export", args.export.as_ref()));
            typed.extend(flag("--ledger", args.ledger.as_ref()));
            typed.extend(accepted(&args.accept));
        }
        typed
    }

    /// Refuses flags that would override the receipt.
    fn refuse_said(&self, args: &VerifyArgs, faults: &mut Faults) {
        let said = self.format >= SAYS_ALL;
        let typed = [
            ("--level", args.level.is_some()),
            ("--digest", args.digest.is_some()),
            ("--tip", args.tip.is_some()),
            ("--block", args.block.is_some()),
            ("--revision", args.revision.is_some()),
            ("--part", args.part.is_some()),
            ("--accept", said && !args.accept.is_empty()),
            ("--ledger", said && args.ledger.is_some()),
            ("--export", said && args.export.is_some()),
        ];
        for (flag, _) in typed.into_iter().filter(|(_, typed)| *typed) {
            let rule = "can't be used with --receipt-check: the receipt says it";
            faults.push(Fault { value: None, ..Fault::malformed(Field::Named(flag), "", rule, "leave it out") });
        }
        if self.value["report"].is_null() && !args.paths.is_empty() {
            let rule = "is an archive, and the receipt is of saved answers alone";
            let path = args.paths.first().map(|path| path.display().to_string()).unwrap_or_default();
            faults.push(Fault::malformed(Field::Named("PATH"), &path, rule, "leave it out"));
        }
    }

    /// An anchor is checked on the level digest: the level must be asked for if an anchor is typed, and needs an anchor
    /// or a digest if it is asked for.
    fn refuse_unfit_anchor(&self, args: &VerifyArgs, says_one: bool, faults: &mut Faults) {
        let asked = self.value["levelsAskedFor"].as_str().and_then(|asked| asked.parse::<Levels>().ok());
        let Some(asks_digest) = asked.map(|asked| asked.has(Level::Digest)) else { return };
        if args.anchors.anchored.is_some() && !asks_digest {
            let rule = "can't be used with --receipt-check: the receipt does not ask for the level digest";
            let remedy = "leave it out, or check the anchor without --receipt-check";
            faults.push(Fault { value: None, ..Fault::malformed(Field::Named("--anchored"), "", rule, remedy) });
        }
        if args.anchors.anchored.is_none() && asks_digest && !says_one {
            let remedy =
                "the receipt asks for the level digest, and has neither a digest nor an anchor: give the anchor";
            faults.push(Fault::missing(Field::Named("--anchored"), remedy));
        }
    }

    /// The anchor that was given then.
    #[expect(clippy::option_option, reason = "an anchor that can't be read is not one that was not given")]
    fn anchor(&self, faults: &mut Faults) -> Option<Option<SavedAnchor>> {
        let given = &self.value["report"]["anchorGiven"];
        if given.is_null() {
            return Some(None);
        }
        let saved = anchored::of_json(given, &self.name);
        if saved.is_none() {
            self.refuse("report.anchorGiven", faults);
        }
        saved.map(Some)
    }

    /// The digest that was given then; `Some(None)` if none was. `None` if it can't be read.
    #[expect(clippy::option_option, reason = "a digest that can't be read is not one that was not given")]
    fn digest(&self, faults: &mut Faults) -> Option<Option<GivenDigest>> {
        let given = &self.value["digestGiven"];
        let has_answers = self.value["answers"].as_array().is_some_and(|answers| !answers.is_empty());
        // Saved responses are checked against a digest.
        if given.is_null() && !has_answers {
            return Some(None);
        }
        let tip = given["tip"].as_u64();
        let saved = tip.and_then(|tip| SavedDigest::new(given["digest"].as_str()?, tip).ok());
        let Some(saved) = saved else {
            self.refuse("digestGiven", faults);
            return None;
        };
        let source = format!("{}, as {} says", given["source"].as_str().unwrap_or_default(), self.name);
        Some(Some(GivenDigest { saved: SavedDigest { strand_id: text(&given["strandId"]), ..saved }, source }))
    }

    /// The file of a saved response.
    fn answer(&self, kind: &str) -> Option<PathBuf> {
        let answers = self.value["answers"].as_array()?;
        let answer = answers.iter().find(|answer| answer["report"]["answer"] == kind)?;
        text(&answer["file"]).map(PathBuf::from)
    }

    fn known<T>(&self, read: Result<T, String>, faults: &mut Faults) -> Option<T> {
        if read.is_err() {
            self.refuse("accepted", faults);
        }
        read.ok()
    }

    fn refuse(&self, member: &str, faults: &mut Faults) {
        faults.push(Fault::malformed(FLAG, &self.name, not_of_receipts(member), AS_WRITTEN));
    }

    fn list(&self, member: &str) -> impl Iterator<Item = String> {
        let list = self.value[member].as_array().cloned().unwrap_or_default();
        list.into_iter().filter_map(|one| text(&one))
    }
}

const AS_WRITTEN: &str = "give the file as --receipt wrote it";

fn not_of_receipts(member: &str) -> String {
    format!("has a member {member} that no receipt has")
}

fn status(value: &Value) -> Option<Status> {
    let all = [Status::Proved, Status::Unproved, Status::Incomplete, Status::Damaged];
    all.into_iter().find(|status| *value == status.as_str())
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Refuses to overwrite the receipt that is read.
fn refuse_own(args: &VerifyArgs, faults: &mut Faults) {
    let (Some(written), Some(read)) = (&args.receipt, &args.receipt_check) else { return };
    if is_same(written, read) {
        let rule = "is the file that --receipt-check reads, which is not overwritten";
        let written = written.display().to_string();
        faults.push(Fault::malformed(Field::Named("--receipt"), &written, rule, "name another file"));
    }
}
