//! The joined findings of several verifications: the parts of a divided one, or states of
//! interrupted ones. They are read and never written.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::index::Index;
use super::line::Line;
use super::{Header, ResumeAsked, next_line, other};
use crate::Hash;
use crate::archive::find::DataObject;
use crate::archive::source::{Source, SourceError};
use crate::archive::verify::CheckedObject;
use crate::archive::verify::error::{ResumeError, VerifyError};
use crate::archive::verify::listers::Listers;
use crate::archive::verify::object::{Input, Overlap};
use crate::archive::verify::part::{self, Part};
use crate::sha256::HashingReader;

/// A file on whose lines a verdict is based.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Believed {
    /// The file, as it was named.
    pub file: String,
    /// Its part, if it is of one.
    pub part: Option<Part>,
    /// The SHA-256 of its bytes, as they were when it was opened.
    pub sha256: String,
    /// The number of objects that were not read because of it.
    pub objects: u64,
}

/// The contents of several files.
pub struct Joined {
    files: Vec<StateFile>,
    /// The positions of the lines, as if the files were concatenated.
    index: Index,
    is_complete: bool,
}

struct StateFile {
    name: String,
    part: Option<Part>,
    sha256: String,
    /// Its position among the concatenated files.
    begin: u64,
    file: Mutex<BufReader<File>>,
    believed: AtomicU64,
}

/// What is known of an object.
pub(in crate::archive::verify) enum Known {
    /// It was read, and these are the findings.
    Checked(Box<CheckedObject>),
    /// It was read, and something is wrong with it: only reading it shows what.
    Broken,
    /// It was not read, or it is not what was read.
    Unknown,
}

impl Joined {
    /// Reads files, each with its name.
    pub fn open(files: &[(String, PathBuf)], asked: &ResumeAsked) -> Result<Self, ResumeError> {
        let mut joined = Self { files: Vec::new(), index: Index::default(), is_complete: false };
        let mut begin = 0;
        for (name, path) in files {
            let failed = |cause| ResumeError::Io { path: name.clone(), cause };
            let file = File::open(path).map_err(failed)?;
            let mut reader = BufReader::new(HashingReader::new(&file));
            let mut text = Vec::new();
            reader.read_until(b'\n', &mut text).map_err(failed)?;
            let found: Option<Header> = serde_json::from_slice(&text).ok();
            let part = found.as_ref().and_then(|found| found.part);
            let asked = Header::new(asked, part);
            let (digests, log) = (asked.digests, asked.log);
            // A part that also took the SHA-256, or computed one more tree, did no less.
            let fits = found.as_ref().is_some_and(|found| Header { log, digests, ..found.clone() } == asked);
            let does_less = |found: &Header| (digests && !found.digests) || (log && !found.log);
            if !fits || found.as_ref().is_some_and(does_less) {
                return Err(other(Path::new(name), found.as_ref(), &asked));
            }
            joined.index_lines(&mut reader, begin + text.len() as u64).map_err(failed)?;
            let (bytes, sha256) = reader.into_inner().finish().map_err(failed)?;
            let (sha256, file) = (sha256.to_hex(), Mutex::new(BufReader::new(file)));
            let believed = AtomicU64::new(0);
            joined.files.push(StateFile { name: name.clone(), part, sha256, begin, file, believed });
            begin += bytes;
        }
        joined.index.sort();
        Ok(joined)
    }

    /// Whether a file begins like the state of a verification.
    pub fn is_state(path: &Path) -> io::Result<bool> {
        Ok(header(path)?.is_some())
    }

    /// Whether it begins like that of one part.
    pub fn is_of_part(path: &Path) -> io::Result<bool> {
        Ok(header(path)?.is_some_and(|header| header.part.is_some()))
    }

    /// Reads the objects that no file covers, instead of ending with what is missing.
    #[must_use]
    pub fn complete(self, is_complete: bool) -> Self {
        Self { is_complete, ..self }
    }

    pub(in crate::archive::verify) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// The parts that objects belong to, by their positions among all, whose sizes these are. `None` if the files are
    /// not of one division.
    pub(in crate::archive::verify) fn parts_of(
        &self,
        objects: &[usize],
        sizes: impl Iterator<Item = u64> + Clone,
    ) -> Vec<Part> {
        let mut parts = self.files.iter().filter_map(|file| file.part);
        let Some(first) = parts.next() else { return Vec::new() };
        if parts.any(|part| part.of() != first.of()) {
            return Vec::new();
        }
        let division: Vec<u32> = part::division(sizes, first.of()).collect();
        let mut parts: Vec<Part> =
            objects.iter().filter_map(|number| division.get(*number)).map(|index| first.sibling(*index)).collect();
        parts.dedup();
        parts
    }

    /// The files, and how far each was trusted.
    pub(in crate::archive::verify) fn believed(&self) -> Vec<Believed> {
        let believed = |file: &StateFile| Believed {
            file: file.name.clone(),
            part: file.part,
            sha256: file.sha256.clone(),
            objects: file.believed.load(Ordering::Relaxed),
        };
        self.files.iter().map(believed).collect()
    }

    /// Records where the lines of the next file are, up to the last complete one.
    fn index_lines(&mut self, reader: &mut impl BufRead, mut at: u64) -> io::Result<()> {
        let mut text = Vec::new();
        while let Some(line) = next_line(reader, &mut text)? {
            self.index.add(&line, at);
            at += text.len() as u64;
        }
        Ok(())
    }

    /// What the files say about an object, if it is the one that they describe: read at the same place and not changed
    /// since, or with the same bytes.
    pub(in crate::archive::verify) fn known(
        &self,
        source: &dyn Source,
        listers: &Listers<'_>,
        object: &DataObject,
        overlap: Overlap,
    ) -> Result<Known, VerifyError> {
        let lines = self.lines_of(listers, object, overlap)?;
        let name = source.name();
        let same_place: Vec<&(usize, Line)> = lines.iter().filter(|(_, line)| line.is_of(&name, object)).collect();
        if !same_place.is_empty() {
            return Ok(self.believe(&same_place));
        }
        if lines.iter().all(|(_, line)| line.sha256().is_none()) {
            return Ok(Known::Unknown);
        }
        let sha256 = sha256_of(source, object)?.map(Hash::to_hex);
        let is_same = |line: &Line| line.sha256().is_some() && line.sha256() == sha256.as_deref();
        Ok(self.believe(&lines.iter().filter(|(_, line)| is_same(line)).collect::<Vec<_>>()))
    }

    /// What lines about the same bytes say together: what one found wrong, no other makes right.
    fn believe(&self, lines: &[&(usize, Line)]) -> Known {
        if lines.iter().any(|(_, line)| line.has_breaks()) {
            return Known::Broken;
        }
        let found = lines.iter().find_map(|(file, line)| Some((file, line.checked()?)));
        let Some((file, checked)) = found else { return Known::Unknown };
        if let Some(file) = self.files.get(*file) {
            file.believed.fetch_add(1, Ordering::Relaxed);
        }
        Known::Checked(Box::new(checked))
    }

    /// The lines about an object of this name and size, each with the number of its file.
    fn lines_of(
        &self,
        listers: &Listers<'_>,
        object: &DataObject,
        overlap: Overlap,
    ) -> Result<Vec<(usize, Line)>, ResumeError> {
        let mut lines = Vec::new();
        for at in self.index.places_of(&listers.ids, &object.file.found.key) {
            let number = self.files.partition_point(|file| file.begin <= at).saturating_sub(1);
            let Some(file) = self.files.get(number) else { continue };
            let line = file.line(at).map_err(|cause| ResumeError::Io { path: file.name.clone(), cause })?;
            let line = line.filter(|line| line.is_about(listers, object) && line.suits(listers, object, overlap));
            lines.extend(line.map(|line| (number, line)));
        }
        Ok(lines)
    }
}

/// The longest first line that a state has.
const LONGEST_HEADER: u64 = 4096;

/// The first line of a file, if it is a state.
fn header(path: &Path) -> io::Result<Option<Header>> {
    let mut text = Vec::new();
    BufReader::new(File::open(path)?.take(LONGEST_HEADER)).read_until(b'\n', &mut text)?;
    Ok(serde_json::from_slice(&text).ok())
}

impl StateFile {
    fn line(&self, at: u64) -> io::Result<Option<Line>> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(at.saturating_sub(self.begin)))?;
        next_line(&mut *file, &mut Vec::new())
    }
}

fn sha256_of(source: &dyn Source, object: &DataObject) -> Result<Option<Hash>, VerifyError> {
    let key = &object.file.found.key;
    let failed = |cause| SourceError { name: format!("{}/{key}", source.name()), cause };
    let mut input = Input::new(source.open(key).map_err(VerifyError::Source)?, true, &|_| ());
    io::copy(&mut input, &mut io::sink()).map_err(failed).map_err(VerifyError::Source)?;
    Ok(input.finish())
}
