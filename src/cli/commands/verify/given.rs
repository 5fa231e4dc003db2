//! The digest that was given: from a file with a response of GetDigest, or from the command line
//! itself.

use std::fs::File;
use std::path::Path;

use serde_json::{Value, json};

use crate::cli::error::files;
use crate::cli::error::flags::WithRemedy as _;
use qldb_journal::Hash;
use qldb_journal::archive::verify::{SavedAnswerError, SavedDigest};
use qldb_journal::request::{Fault, Faults, Field};

/// A digest, and where it comes from.
#[derive(Debug, Clone)]
pub(crate) struct GivenDigest {
    pub(crate) saved: SavedDigest,
    /// The file, or the flags.
    pub(crate) source: String,
}

/// Far larger than any form of a response of GetDigest, in bytes.
const LARGEST: u64 = 64 << 10;

const REMEDY: &str = "give the base64 from GetDigest together with --tip, or a file with the response of GetDigest";

impl GivenDigest {
    /// The digest that was typed, or that a file holds; the file may hold its tip as well.
    pub(crate) fn read(typed: &str, tip: Option<&str>, faults: &mut Faults) -> Option<Self> {
        let tip = match tip.map(|tip| tip.parse().map_err(|_| tip)) {
            None => None,
            Some(Ok(tip)) => Some(tip),
            Some(Err(typed)) => {
                let rule = "is not the number of a block";
                faults.push(Fault::malformed(Field::Named("--tip"), typed, rule, "give digits"));
                return None;
            }
        };
        let path = Path::new(typed);
        let found = if path.exists() && !path.is_dir() {
            of_file(path, tip).map(|saved| Self { source: source_of_file(typed, &saved), saved })
        } else {
            typed_itself(typed, tip).map(|saved| Self { saved, source: "--digest and --tip".to_owned() })
        };
        match found {
            Ok(given) => Some(given),
            Err(own) => {
                own.into_iter().for_each(|fault| faults.push(fault));
                None
            }
        }
    }

    pub(crate) fn json(&self) -> Value {
        let SavedDigest { digest, tip, strand_id } = &self.saved;
        json!({ "digest": digest.to_base64(), "tip": tip, "strandId": strand_id, "source": self.source })
    }

    /// The digest, what it covers, and where it comes from.
    pub(crate) fn described(&self) -> String {
        let SavedDigest { digest, tip, strand_id } = &self.saved;
        let strand = strand_id.as_ref().map(|strand| format!(" of strand {strand}")).unwrap_or_default();
        format!("{}, over blocks 0 to {tip}{strand} (from {})", Hash::to_base64(*digest), self.source)
    }
}

/// A file with only the digest gets its tip from the command line.
fn source_of_file(typed: &str, saved: &SavedDigest) -> String {
    if saved.strand_id.is_some() { typed.to_owned() } else { format!("{typed} and --tip") }
}

fn typed_itself(typed: &str, tip: Option<u64>) -> Result<SavedDigest, Vec<Fault>> {
    let nothing = "is not base64 of 32 bytes, and there is no file of that name";
    let rule = if Path::new(typed).is_dir() { "is a folder" } else { nothing };
    let malformed = || Fault::malformed(Field::Named("--digest"), typed, rule, REMEDY);
    match (SavedDigest::new(typed, tip.unwrap_or_default()), tip) {
        (Ok(saved), Some(_)) => Ok(saved),
        (Ok(_), None) => Err(vec![without_tip()]),
        // Without a digest on the command line, the tip is not required: the file may have it.
        (Err(_), _) => Err(vec![malformed()]),
    }
}

fn without_tip() -> Fault {
    Fault::missing(Field::Named("--tip"), "give the number of the last block that the digest covers")
}

fn of_file(path: &Path, tip: Option<u64>) -> Result<SavedDigest, Vec<Fault>> {
    let shown = path.display().to_string();
    let fault = |rule: String| vec![Fault::malformed(Field::Named("--digest"), &shown, rule, REMEDY)];
    let read = File::open(path).and_then(|file| files::short(file, LARGEST));
    let bytes = read.map_err(|error| fault(format!("can't be read: {error}")))?;
    let bytes = bytes.map_err(|rule| fault(format!("{rule}, and so not a response of GetDigest")))?;
    SavedDigest::read(&bytes, tip).map_err(|error| match error {
        SavedAnswerError::NoTip => vec![without_tip()],
        SavedAnswerError::OtherTip { stated, given } => {
            let rule = format!("is not the tip of {shown}, which says block {stated}");
            vec![Fault::malformed(Field::Named("--tip"), &given.to_string(), rule, "leave --tip out")]
        }
        error => fault(format!("is {error}")),
    })
}
