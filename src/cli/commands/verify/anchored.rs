//! Anchors: `--anchor` writes the text that others sign, `--anchored` reads one.

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::{Value, json};

use crate::cli::context::Context;
use crate::cli::error::flags::WithRemedy as _;
use crate::cli::error::{CliError, files};
use crate::cli::output::output_file::{OutputFile, is_same};
use qldb_journal::Hash;
use qldb_journal::archive::verify::{Anchor, Level, Levels, Report, SavedAnchor, Status};
use qldb_journal::request::{Fault, Faults, Field};

/// Far larger than any anchor, in bytes, with however many signatures.
const LARGEST: u64 = 1 << 20;

const REMEDY: &str = "give the file that --anchor wrote, as it is or with the signatures of a signed note behind it";

/// The flags about anchors.
#[derive(Debug, Clone, Args)]
pub(super) struct AnchorArgs {
    /// Write a few lines that stand for the whole journal, for others to sign or timestamp; - is stdout
    ///
    /// The file is a C2SP tlog-checkpoint with the ledger and strand, the number of blocks, the root of the RFC 6962
    /// tree over their hashes, and the journal's digest. It is written only if blocks and chain are proved from block 0
    /// on.
    #[arg(long, value_name = "FILE")]
    pub(super) anchor: Option<PathBuf>,
    /// Check that the archive still hashes to an anchor, plain or as a signed note
    ///
    /// For a longer archive, its first blocks are compared, as with a digest. Check the signatures, and their times,
    /// with the tools that made them.
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(super) anchored: Option<PathBuf>,
    /// The anchor that was given, according to a receipt.
    #[arg(skip)]
    replayed: Option<SavedAnchor>,
}

impl AnchorArgs {
    /// These flags, with the receipt's anchor if none was typed.
    pub(super) fn replaying(&self, saved: Option<SavedAnchor>) -> Self {
        match saved {
            Some(saved) if self.anchored.is_none() => {
                Self { anchored: Some(PathBuf::from(&saved.name)), replayed: Some(saved), ..self.clone() }
            }
            _ => self.clone(),
        }
    }

    /// The anchor that was given. Both flags need an archive, and different files; an anchor needs the level digest.
    pub(super) fn check(&self, is_placed: bool, levels: Option<Levels>, faults: &mut Faults) -> Option<SavedAnchor> {
        let given = [("--anchor", &self.anchor), ("--anchored", &self.anchored)];
        for (flag, _) in given.into_iter().filter(|(_, path)| path.is_some() && !is_placed) {
            let remedy = format!("{flag} is about an archive: give the folder that holds the exports");
            faults.push(Fault::missing(Field::Named("PATH"), &remedy));
        }
        if let Some(saved) = &self.replayed {
            return Some(saved.clone());
        }
        let anchored = self.anchored.as_deref()?;
        if levels.is_some_and(|levels| !levels.has(Level::Digest)) {
            let rule = "has no effect without the level digest";
            let remedy = "leave --level out, or add digest to it";
            faults.push(Fault { value: None, ..Fault::malformed(Field::Named("--anchored"), "", rule, remedy) });
        }
        if let Some(path) = self.anchor.as_deref().filter(|path| is_same(path, anchored)) {
            let rule = "is the file that --anchored checks, which is not overwritten";
            let path = path.display().to_string();
            faults.push(Fault::malformed(Field::Named("--anchor"), &path, rule, "name another file"));
        }
        read(anchored, faults)
    }

    /// Prints where the requested anchor is.
    pub(super) fn note(&self, context: &Context, written: &Result<bool, CliError>) {
        let Some(path) = &self.anchor else { return };
        context.printer.note(&match written {
            Ok(true) => format!("the anchor is in {}", path.display()),
            _ => "no anchor was written".to_owned(),
        });
    }
}

/// The anchor in a file.
fn read(path: &Path, faults: &mut Faults) -> Option<SavedAnchor> {
    let name = path.display().to_string();
    let mut fault = |rule: String| {
        faults.push(Fault::malformed(Field::Named("--anchored"), &name, rule, REMEDY));
        None
    };
    match File::open(path).and_then(|file| files::short(file, LARGEST)) {
        Err(error) => fault(format!("can't be read: {error}")),
        Ok(Err(rule)) => fault(format!("{rule}, and so not an anchor")),
        Ok(Ok(bytes)) => match SavedAnchor::read(&name, &bytes) {
            Ok(saved) => Some(saved),
            Err(error) => fault(format!("is {error}")),
        },
    }
}

/// Writes the anchor of an archive that is proved from block 0 on, and returns whether it was written. Any other
/// archive has none.
pub(super) fn write(file: &OutputFile, report: &Report) -> Result<bool, CliError> {
    match Anchor::of(report) {
        Ok(anchor) => file.write(anchor.text().as_bytes()).map(|()| true),
        // The reason why it is not proved is reported separately.
        Err(_) if report.verdict != Status::Proved => Ok(false),
        Err(cause) => {
            let reason = format!("as far as --anchor asks: {cause}; no anchor was written");
            Err(CliError::NotProvedFor(Status::Unproved, reason))
        }
    }
}

/// The given anchor, in one line.
pub(super) fn described(saved: &SavedAnchor) -> String {
    let Anchor { ledger, strand_id, root, .. } = &saved.anchor;
    let (root, tip) = (root.to_base64(), saved.anchor.tip());
    let signatures = match saved.signatures {
        0 => String::new(),
        1 => "; its signature is not checked here".to_owned(),
        several => format!("; its {several} signatures are not checked here"),
    };
    format!("{root}, over blocks 0 to {tip} of strand {strand_id} of ledger {ledger} (from {}{signatures})", saved.name)
}

/// The anchor in a report, as written by `json`; `None` if the value is not an anchor.
pub(super) fn of_json(given: &Value, receipt: &str) -> Option<SavedAnchor> {
    let text = |member: &str| given[member].as_str();
    let hash = |member: &str| text(member).and_then(Hash::from_base64);
    let digest = if given["digest"].is_null() { None } else { Some(hash("digest")?) };
    let (ledger, strand_id) = (text("ledger")?.to_owned(), text("strandId")?.to_owned());
    let anchor = Anchor { ledger, strand_id, blocks: given["blocks"].as_u64()?, root: hash("root")?, digest };
    let name = format!("{}, as {receipt} says", text("source")?);
    // A value that no file can contain is not an anchor.
    let read = SavedAnchor::read(&name, anchor.text().as_bytes()).ok().filter(|read| read.anchor == anchor)?;
    Some(SavedAnchor { signatures: given["signatures"].as_u64()?, ..read })
}

/// For programs.
pub(super) fn json(saved: &SavedAnchor) -> Value {
    let Anchor { ledger, strand_id, blocks, root, digest } = &saved.anchor;
    json!({
        "ledger": ledger,
        "strandId": strand_id,
        "blocks": blocks,
        "root": root.to_base64(),
        "digest": digest.map(Hash::to_base64),
        "signatures": saved.signatures,
        "source": saved.name,
    })
}
