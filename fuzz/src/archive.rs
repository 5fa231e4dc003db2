//! Archives and saved responses: changed content is never proved.

use std::path::PathBuf;
use std::sync::Arc;

use qldb_endpoint::engine::Engine;
use qldb_journal::archive::verify::{SavedAnswer, SavedDigest, Status, check_saved};
use qldb_journal::request::OutputFormat;
use tempfile::TempDir;

use super::ledger::{self, FORMATS};
use qldb_journal::ion::{Event, TextWriter, values};

use super::{Target, canonical};

/// Which files of an archive are changed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Objects,
    Manifests,
}

/// A small archive in each format.
pub(crate) struct Archive {
    part: Part,
    directory: TempDir,
    files: Vec<Original>,
}

/// A file that inputs replace.
struct Original {
    folder: PathBuf,
    file: PathBuf,
    bytes: Vec<u8>,
    /// Whether its archive is proved without a change. JSON never is.
    is_proved: bool,
}

impl Archive {
    pub(crate) fn new(part: Part) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let engine: Arc<Engine> = ledger::engine(directory.path(), ledger::then);
        ledger::sample(&engine, 6);
        let mut files = Vec::new();
        for format in FORMATS {
            let folder = ledger::export(&engine, format);
            let is_proved = Self::is_proved(&folder);
            assert_eq!(is_proved, format != OutputFormat::Json, "{format:?}");
            for file in ledger::files(&folder) {
                let is_manifest = file.to_string_lossy().ends_with("manifest");
                if is_manifest == (part == Part::Manifests) {
                    let bytes = std::fs::read(&file).unwrap();
                    files.push(Original { folder: folder.clone(), file, bytes, is_proved });
                }
            }
        }
        engine.shut_down();
        Self { part, directory, files }
    }

    fn is_proved(folder: &std::path::Path) -> bool {
        ledger::verified(folder).is_ok_and(|report| report.verdict == Status::Proved)
    }
}

impl Target for Archive {
    fn seeds(&self) -> Vec<Vec<u8>> {
        self.files.iter().map(|original| original.bytes.clone()).collect()
    }

    /// Replaces the file that the input resembles most; the archive must not be proved unless the content is the same.
    fn check(&mut self, input: &[u8]) -> Result<(), String> {
        assert!(self.directory.path().is_dir());
        let likeness = |bytes: &[u8]| bytes.iter().zip(input).take_while(|(one, other)| one == other).count();
        let Some(Original { folder, file, bytes: original, is_proved }) =
            self.files.iter().max_by_key(|original| likeness(&original.bytes))
        else {
            return Err("the archive has no such file".to_owned());
        };
        std::fs::write(file, input).unwrap();
        let proved = Self::is_proved(folder);
        std::fs::write(file, original).unwrap();
        let is_equal = || hashed(input).is_ok_and(|values| Ok(values) == hashed(original));
        if input == original && proved != *is_proved {
            return Err(format!("{} is not proved without a change", file.display()));
        }
        if proved && self.part == Part::Objects && input != original && !is_equal() {
            return Err(format!("{} is proved, though it was changed from\n{}", file.display(), hexadecimal(original)));
        }
        Ok(())
    }
}

/// The blocks of an object, without the two values that neither a hash nor anything else covers in a block without
/// revisions: the transaction's id and the time.
fn hashed(object: &[u8]) -> Result<Vec<canonical::Canonical>, String> {
    let mut writer = TextWriter::default();
    for value in values(object) {
        let value = value.map_err(|error| error.to_string())?;
        let mut reader = value.reader();
        let mut depth = 0_usize;
        while let Some(item) = reader.next_item().map_err(|error| error.to_string())? {
            depth -= usize::from(item.event == Event::End);
            let uncovered = depth == 1 && matches!(item.field.flatten(), Some("transactionId" | "blockTimestamp"));
            if !(uncovered && matches!(item.event, Event::Scalar(_))) {
                writer.write(&item);
            }
            depth += usize::from(matches!(item.event, Event::Begin(_)));
        }
    }
    canonical::read(&writer.take())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// Responses of GetBlock and GetRevision, saved by the AWS CLI.
pub(crate) struct Answers {
    digest: SavedDigest,
    originals: [(SavedAnswer, &'static [u8]); 2],
}

impl Answers {
    pub(crate) fn new() -> Self {
        let digest =
            SavedDigest::from_response(include_bytes!("../../tests/vectors/awscli-get-digest-123.json")).unwrap();
        let originals: [(_, &[u8]); 2] = [
            (SavedAnswer::Block, include_bytes!("../../tests/vectors/awscli-get-block-100.json")),
            (SavedAnswer::Revision, include_bytes!("../../tests/vectors/awscli-get-revision-100.json")),
        ];
        Self { digest, originals }
    }
}

impl Target for Answers {
    fn seeds(&self) -> Vec<Vec<u8>> {
        self.originals.iter().map(|(_, bytes)| bytes.to_vec()).collect()
    }

    fn check(&mut self, input: &[u8]) -> Result<(), String> {
        for (answer, original) in self.originals {
            let Ok(report) = check_saved(answer, "saved", input, &self.digest) else { continue };
            let proved = report.in_journal && report.content_proved && report.breaks.is_empty();
            if proved && covered(input) != covered(original) {
                return Err(format!("{answer:?} is proved, though it was changed"));
            }
        }
        // A saved digest is foreign input, too.
        drop(SavedDigest::from_response(input));
        Ok(())
    }
}

/// What a hash covers in a response, without white space. `NOT_COVERED_IN_ANSWERS` lists the rest.
fn covered(json: &[u8]) -> String {
    // The names of members are matched in any case, because SDKs differ in theirs.
    let mut text: String = String::from_utf8_lossy(json).split_whitespace().collect();
    for name in ["Revision", "Block", "Proof", "IonText"] {
        let quoted = format!("\"{}\"", name.to_ascii_lowercase());
        let places: Vec<usize> = text.to_ascii_lowercase().match_indices(&quoted).map(|(at, _)| at + 1).collect();
        places.into_iter().for_each(|at| text.replace_range(at..at + name.len(), name));
    }
    for (begin, end) in [("blockTimestamp:", ","), ("strandId:", ","), ("sequenceNo:", "}"), ("transactionId:", ",")] {
        let mut kept = String::new();
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once(begin) {
            kept.push_str(before);
            rest = after.split_once(end).map_or("", |(_, after)| after);
        }
        text = kept + rest;
    }
    // The Ion texts may or may not be wrapped in objects of their own.
    text.replace("\"IonText\":", "").replace(['{', '}'], "")
}
