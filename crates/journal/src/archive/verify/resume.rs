//! What an interrupted verification already found: a file of JSON Lines, one
//! object a line, so that the next run reads only what was not finished.
//!
//! The file is believed: anybody who can write it can claim that an object was
//! checked. Keep it where only the verifier can write.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::object::Overlap;
use super::{Breaks, CheckedObject, Levels, Span};
use crate::archive::find::{DataObject, FoundExport};
use crate::archive::source::Source;
use crate::{
    Counts, Frontier, FrontierPart, Hash, Notable, NotableList, NotableRevision, Outline, TableCounts, Tables, Timeline,
};

/// The form of the file; a file of another form is refused.
const FORMAT: u32 = 4;

/// A state file that can't be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// It can't be read or written.
    #[error("{path}: {cause}")]
    Io {
        /// The file.
        path: String,
        /// Why.
        #[source]
        cause: io::Error,
    },
    /// It is of another verification.
    #[error("{0} belongs to a verification that asked for something else")]
    Other(String),
}

/// What identifies a verification: results of one can't be used for another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Header {
    format: u32,
    version: String,
    levels: String,
    tips: Vec<u64>,
    log: bool,
    digests: bool,
}

/// One object that was finished.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Line {
    export: String,
    file: String,
    size: u64,
    changed: u128,
    blocks: u64,
    counts: Vec<u64>,
    outlined_from: u64,
    timeline: (u32, i64, Vec<u64>),
    tables: Vec<(String, String, [u64; 4])>,
    other_tables: Option<[u64; 4]>,
    notable: [KeptList; 3],
    json: bool,
    sha256: Option<String>,
    span: Option<KeptSpan>,
    hashes: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct KeptSpan {
    first: u64,
    last: u64,
    first_previous: Option<String>,
    last_hash: String,
    first_time: DateTime<Utc>,
    last_time: DateTime<Utc>,
    frontier: Vec<KeptPart>,
    to_tips: Vec<(u64, Vec<KeptPart>)>,
}

/// Level, index, hash, and hash in the tree of RFC 6962.
type KeptPart = (u32, u64, String, Option<String>);

/// The state of a verification that may be interrupted.
pub struct Resume {
    path: PathBuf,
    known: HashMap<(String, String), Line>,
    file: Mutex<File>,
}

/// What a verification that may be interrupted was asked: results of another can't be used for it.
#[derive(Debug, Clone)]
pub struct ResumeAsked {
    /// The levels.
    pub levels: Levels,
    /// The last blocks of what was saved elsewhere.
    pub tips: Vec<u64>,
    /// Whether the tree of RFC 6962 is folded.
    pub log: bool,
    /// Whether the SHA-256 of objects is taken.
    pub digests: bool,
}

impl Resume {
    /// Opens the file, or begins it. A last line that was cut off is dropped.
    pub fn open(path: &Path, asked: &ResumeAsked) -> Result<Self, ResumeError> {
        let header = Header {
            format: FORMAT,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            levels: asked.levels.to_string(),
            tips: asked.tips.clone(),
            log: asked.log,
            digests: asked.digests,
        };
        let failed = |cause| ResumeError::Io { path: path.display().to_string(), cause };
        let mut file =
            OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
        let known = read(&mut file, &header).map_err(failed)?;
        let known = known.ok_or_else(|| ResumeError::Other(path.display().to_string()))?;
        Ok(Self { path: path.to_owned(), known, file: Mutex::new(file) })
    }

    /// What was found in an object, if it is still the same. An object with breaks is always read again.
    pub(super) fn known(
        &self,
        source: &dyn Source,
        exports: &[&FoundExport],
        object: &DataObject,
        overlap: Overlap,
    ) -> Option<CheckedObject> {
        let line = self.known.get(&(ids(exports), file_name(source, object)))?;
        let found = &object.file.found;
        let same = line.size == found.size && line.changed == found.changed;
        let enough = (!overlap.is_shared || !line.hashes.is_empty()) && line.outlined_from == overlap.new_from;
        (same && enough).then(|| line.checked()).flatten()
    }

    /// Keeps what was found in an object, durably.
    pub(super) fn keep(
        &self,
        source: &dyn Source,
        exports: &[&FoundExport],
        object: &DataObject,
        checked: &CheckedObject,
    ) -> Result<(), ResumeError> {
        if !checked.breaks.is_empty() {
            return Ok(());
        }
        let line = Line::of(file_name(source, object), exports, object, checked);
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        write_line(&mut file, &line).map_err(|cause| ResumeError::Io { path: self.path.display().to_string(), cause })
    }
}

/// The exports that list an object.
fn ids(exports: &[&FoundExport]) -> String {
    let ids: Vec<&str> = exports.iter().map(|export| export.id.as_str()).collect();
    ids.join(" ")
}

fn file_name(source: &dyn Source, object: &DataObject) -> String {
    format!("{}/{}", source.name(), object.file.found.key)
}

fn write_line(file: &mut File, line: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    file.write_all(&text)?;
    file.sync_data()
}

/// Reads the lines up to the last whole one, and leaves the file there. None if the header is another's.
fn read(file: &mut File, header: &Header) -> io::Result<Option<HashMap<(String, String), Line>>> {
    let mut known = HashMap::new();
    let mut reader = BufReader::new(&*file);
    let mut text = String::new();
    if reader.read_line(&mut text)? == 0 {
        write_line(file, header)?;
        return Ok(Some(known));
    }
    if serde_json::from_str::<Header>(&text).ok().as_ref() != Some(header) {
        return Ok(None);
    }
    let mut whole = text.len() as u64;
    loop {
        text.clear();
        reader.read_line(&mut text)?;
        let Some(line) = text.strip_suffix('\n').and_then(|line| serde_json::from_str::<Line>(line).ok()) else {
            break;
        };
        whole += text.len() as u64;
        known.insert((line.export.clone(), line.file.clone()), line);
    }
    file.set_len(whole)?;
    file.seek(SeekFrom::Start(whole))?;
    Ok(Some(known))
}

impl Line {
    fn of(file: String, exports: &[&FoundExport], object: &DataObject, checked: &CheckedObject) -> Self {
        Self {
            export: ids(exports),
            file,
            size: object.file.found.size,
            changed: object.file.found.changed,
            blocks: checked.blocks,
            counts: checked.counts.to_list(),
            outlined_from: checked.outlined_from,
            timeline: kept_timeline(&checked.outline.timeline),
            tables: checked
                .outline
                .tables
                .named()
                .iter()
                .map(|(name, table)| (name.clone(), table.id.clone(), kept_table(table)))
                .collect(),
            other_tables: checked.outline.tables.others().map(kept_table),
            notable: kept_notable(&checked.notable),
            json: checked.json,
            sha256: checked.sha256.clone(),
            span: checked.span.as_ref().map(KeptSpan::of),
            hashes: checked.hashes.iter().map(|hash| hash.to_base64()).collect(),
        }
    }

    fn checked(&self) -> Option<CheckedObject> {
        Some(CheckedObject {
            span: match &self.span {
                Some(kept) => Some(kept.span()?),
                None => None,
            },
            blocks: self.blocks,
            counts: Counts::from_list(&self.counts)?,
            outline: self.outline()?,
            notable: notable(&self.notable),
            outlined_from: self.outlined_from,
            json: self.json,
            breaks: Breaks::default(),
            sha256: self.sha256.clone(),
            hashes: self.hashes.iter().map(|hash| Hash::from_base64(hash)).collect::<Option<_>>()?,
        })
    }
}

impl Line {
    fn outline(&self) -> Option<Outline> {
        let (exponent, first, counts) = self.timeline.clone();
        let named = self.tables.iter().map(|(name, id, counts)| (name.clone(), table(id.clone(), *counts)));
        let others = self.other_tables.map(|counts| table(String::new(), counts));
        let tables = Tables::from_parts(named.collect(), others.unwrap_or_default())?;
        Some(Outline { timeline: Timeline::from_parts(exponent, first, counts)?, tables })
    }
}

/// How many there are, and those that are listed.
type KeptList = (u64, Vec<KeptRevision>);
/// Strand, block, place in it, document, version, table.
type KeptRevision = (String, u64, u64, String, Option<u64>, Option<String>);

fn kept_notable(notable: &Notable) -> [KeptList; 3] {
    [&notable.redacted, &notable.deleted, &notable.without_data].map(|list| {
        let kept = list.listed().cloned().map(|one| {
            let NotableRevision { strand_id, sequence_no, place, document_id, version, table } = one;
            (strand_id, sequence_no, place, document_id, version, table)
        });
        (list.count(), kept.collect())
    })
}

fn notable(kept: &[KeptList; 3]) -> Notable {
    let [redacted, deleted, without_data] = kept.clone().map(|(count, listed)| {
        let listed = listed.into_iter().map(|(strand_id, sequence_no, place, document_id, version, table)| {
            NotableRevision { strand_id, sequence_no, place, document_id, version, table }
        });
        NotableList::from_parts(count, listed)
    });
    Notable { redacted, deleted, without_data }
}

fn kept_timeline(timeline: &Timeline) -> (u32, i64, Vec<u64>) {
    let (exponent, first, counts) = timeline.parts();
    (exponent, first, counts.to_vec())
}

fn kept_table(counts: &TableCounts) -> [u64; 4] {
    [counts.documents, counts.revisions, counts.deleted, counts.redacted]
}

fn table(id: String, [documents, revisions, deleted, redacted]: [u64; 4]) -> TableCounts {
    TableCounts { id, documents, revisions, deleted, redacted }
}

impl KeptSpan {
    fn of(span: &Span) -> Self {
        Self {
            first: span.first,
            last: span.last,
            first_previous: span.first_previous.map(Hash::to_base64),
            last_hash: span.last_hash.to_base64(),
            first_time: span.first_time,
            last_time: span.last_time,
            frontier: kept(&span.frontier),
            to_tips: span.to_tips.iter().map(|(tip, frontier)| (*tip, kept(frontier))).collect(),
        }
    }

    fn span(&self) -> Option<Span> {
        Some(Span {
            first: self.first,
            last: self.last,
            first_previous: match &self.first_previous {
                Some(hash) => Some(Hash::from_base64(hash)?),
                None => None,
            },
            last_hash: Hash::from_base64(&self.last_hash)?,
            first_time: self.first_time,
            last_time: self.last_time,
            frontier: frontier(&self.frontier)?,
            to_tips: self.to_tips.iter().map(|(tip, parts)| Some((*tip, frontier(parts)?))).collect::<Option<_>>()?,
        })
    }
}

fn kept(frontier: &Frontier) -> Vec<KeptPart> {
    let part = |(level, index, hash, log): FrontierPart| (level, index, hash.to_base64(), log.map(Hash::to_base64));
    frontier.parts().map(part).collect()
}

fn frontier(parts: &[KeptPart]) -> Option<Frontier> {
    let part = |(level, index, hash, log): &KeptPart| {
        let log = match log {
            Some(log) => Some(Hash::from_base64(log)?),
            None => None,
        };
        Some((*level, *index, Hash::from_base64(hash)?, log))
    };
    Frontier::from_parts(parts.iter().map(part).collect::<Option<Vec<_>>>()?)
}
