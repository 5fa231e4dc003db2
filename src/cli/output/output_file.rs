//! Files that a command writes in addition to its result: receipts, reports, events, the state of a
//! verification.
//!
//! A regular file is written as a whole or left as it was, and replaces only a file of the same
//! kind. Devices, pipes and `-` are written through. A link is kept, and its target is replaced. No
//! folder is created, and nothing is written into an archive.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};

use crate::cli::error::flags::WithRemedy as _;
use crate::cli::error::{CliError, files};
use qldb_endpoint::store::file::sync_directory;
use qldb_journal::archive::UNFINISHED;
use qldb_journal::archive::verify::SavedAnchor;
use qldb_journal::internal::append_whole;
use qldb_journal::request::{Fault, Faults, Field};

/// How much of a file is read to determine what it is.
const BEGINNING: u64 = 4096;
/// How many links are followed.
const MOST_LINKS: usize = 40;

/// The kind of content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// The receipt of a verification.
    Receipt,
    /// Events, one a line.
    Events,
    /// The state of an interruptible verification.
    Resume,
    /// The report of a verification, for people.
    Report,
    /// An anchor, to be signed.
    Anchor,
    /// Metrics of a sync.
    Metrics,
}

impl FileKind {
    /// The flag that names the file.
    fn flag(self) -> &'static str {
        match self {
            Self::Receipt => "--receipt",
            Self::Events => "--events",
            Self::Resume => "--resume",
            Self::Report => "--report",
            Self::Anchor => "--anchor",
            Self::Metrics => "--metrics",
        }
    }

    /// What it is called.
    fn words(self) -> &'static str {
        match self {
            Self::Receipt => "a receipt",
            Self::Events => "events of this program",
            Self::Resume => "the state of a verification",
            Self::Report => "a report of this program",
            Self::Anchor => "an anchor",
            Self::Metrics => "a file of metrics of this program",
        }
    }

    /// Text that all files of the kind have near their beginning, and other files don't.
    fn marks(self) -> &'static [&'static str] {
        match self {
            Self::Report => &["qldb-exportreport,version"],
            // An anchor is short, and is recognised as a whole.
            Self::Anchor => &[],
            Self::Metrics => &["#TYPEqldb_export_"],
            Self::Receipt => &["\"receipt\":\"qldb-export"],
            Self::Events => &["\"type\":\"version\"", "\"program\":\"qldb-export\""],
            Self::Resume => &["\"format\":", "\"version\":", "\"levels\":", "\"digests\":"],
        }
    }

    /// Whether a file with this beginning is of this kind.
    fn is_begun_by(self, beginning: &[u8]) -> bool {
        let text: String = String::from_utf8_lossy(beginning).split_ascii_whitespace().collect();
        let begins = match self {
            // A page or a text.
            Self::Report => text.starts_with("<!DOCTYPEhtml><html") || text.starts_with("qldb-exportreport"),
            Self::Anchor => is_own_anchor(beginning),
            Self::Metrics => text.starts_with("#HELPqldb_export_"),
            _ => text.starts_with('{'),
        };
        begins && self.marks().iter().all(|mark| text.contains(mark))
    }
}

/// Where the bytes are written.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    Stdout,
    Stderr,
    /// Something that is written through directly.
    Through(PathBuf),
    /// A regular file, which may not exist yet; not a link.
    Whole(PathBuf),
}

/// A file that was checked before anything else is done.
#[derive(Debug, Clone)]
pub(crate) struct OutputFile {
    typed: PathBuf,
    kind: FileKind,
    target: Target,
    archives: Vec<PathBuf>,
}

impl OutputFile {
    /// Checks what was typed; `archives` are folders that are only read.
    pub(crate) fn check(typed: &Path, kind: FileKind, archives: &[PathBuf]) -> Result<Self, CliError> {
        let target = target(typed).map_err(|error| unusable(typed, kind, error))?;
        let file = Self { typed: typed.to_owned(), kind, target, archives: archives.to_vec() };
        file.refuse_unfit()?;
        Ok(file)
    }

    /// Refuses a file that another of these files would overwrite.
    pub(crate) fn refuse_same(files: &[Option<&Self>]) -> Result<(), CliError> {
        let files: Vec<&Self> = files.iter().copied().flatten().collect();
        for (index, file) in files.iter().enumerate() {
            let is_same = |other: &&&Self| matches!(file.target, Target::Whole(_)) && file.target == other.target;
            if let Some(other) = files.iter().take(index).find(is_same) {
                let rule = format!("is the file that {} names as well", other.kind.flag());
                return Err(file.fault(rule, "name another file"));
            }
        }
        Ok(())
    }

    /// The file itself, if the kind needs a file that can also be read.
    pub(crate) fn regular(&self) -> Result<&Path, CliError> {
        match &self.target {
            Target::Whole(path) => Ok(path),
            _ => Err(self.fault("is not a regular file".to_owned(), "name a file that can be read again")),
        }
    }

    /// Writes the complete content of the file.
    pub(crate) fn write(&self, bytes: &[u8]) -> Result<(), CliError> {
        self.begin(bytes).map(|_| ())
    }

    /// The same for content that is generated while it is written.
    pub(crate) fn write_with(&self, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), CliError> {
        self.begin_with(fill).map(|_| ())
    }

    /// Writes the beginning of the file, and returns it for the rest.
    pub(crate) fn begin(&self, bytes: &[u8]) -> Result<Box<dyn Write + Send>, CliError> {
        self.begin_with(|out| out.write_all(bytes))
    }

    fn begin_with(
        &self,
        fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    ) -> Result<Box<dyn Write + Send>, CliError> {
        // Time may have passed since the first check.
        self.refuse_unfit()?;
        let begun = match &self.target {
            Target::Stdout => through(io::stdout(), fill),
            Target::Stderr => through(io::stderr(), fill),
            Target::Through(path) => File::options().append(true).open(path).and_then(|file| through(file, fill)),
            Target::Whole(path) => replaced(path, fill, self.kind == FileKind::Metrics),
        };
        begun.map_err(|source| self.unusable(source))
    }

    fn refuse_unfit(&self) -> Result<(), CliError> {
        let (Target::Whole(path) | Target::Through(path)) = &self.target else { return Ok(()) };
        if let Some(archive) = self.archives.iter().find(|archive| lies_in(path, archive)) {
            let rule = format!("is in {}, which is read and not written to", archive.display());
            return Err(self.fault(rule, "name a file elsewhere"));
        }
        let metadata = match fs::metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            Err(source) => return Err(self.unusable(source)),
        };
        if metadata.is_dir() {
            return Err(self.fault("is a folder".to_owned(), "name a file"));
        }
        if metadata.is_file() && matches!(self.target, Target::Whole(_)) {
            return self.refuse_other(path, &metadata);
        }
        Ok(())
    }

    /// Refuses to replace a file that this program did not write for the same purpose.
    fn refuse_other(&self, path: &Path, metadata: &fs::Metadata) -> Result<(), CliError> {
        if metadata.permissions().readonly() {
            return Err(self.fault("is write-protected".to_owned(), "name another file, or remove it first"));
        }
        let mut beginning = Vec::new();
        let read = File::open(path).and_then(|file| file.take(BEGINNING).read_to_end(&mut beginning));
        read.map_err(|source| self.unusable(source))?;
        if beginning.is_empty() || self.kind.is_begun_by(&beginning) {
            return Ok(());
        }
        let is_signed = || SavedAnchor::read("", &beginning).is_ok_and(|saved| saved.signatures > 0);
        if self.kind == FileKind::Anchor && is_signed() {
            let rule = "holds an anchor with signatures, which is not overwritten";
            return Err(self.fault(rule.to_owned(), "name another file"));
        }
        let rule = format!("already exists and is not {}", self.kind.words());
        Err(self.fault(rule, "name another file, or remove it first"))
    }

    fn unusable(&self, source: io::Error) -> CliError {
        unusable(&self.typed, self.kind, source)
    }

    fn fault(&self, rule: String, remedy: &'static str) -> CliError {
        let typed = self.typed.display().to_string();
        Faults::from(Fault::malformed(Field::Named(self.kind.flag()), &typed, rule, remedy)).into()
    }
}

/// A path at which no file can be written is a fault of what was typed.
fn unusable(typed: &Path, kind: FileKind, source: io::Error) -> CliError {
    let field = Field::Named(kind.flag());
    let no_folder = source.get_ref().and_then(|cause| cause.downcast_ref::<NoFolder>()).map(NoFolder::to_string);
    match no_folder {
        Some(rule) => {
            Faults::from(Fault::malformed(field, &typed.display().to_string(), rule, "make the folder first")).into()
        }
        None => files::unusable(field, typed, source, "written", "name another file"),
    }
}

/// The folder of the file.
#[derive(Debug, thiserror::Error)]
#[error("is in the folder {}, which does not exist and is not created", .0.display())]
struct NoFolder(PathBuf);

/// Whether these bytes are exactly an anchor that this program wrote: without signatures, and without other lines.
fn is_own_anchor(bytes: &[u8]) -> bool {
    let is_own = |saved: &SavedAnchor| saved.anchor.digest.is_some() && saved.anchor.text().as_bytes() == bytes;
    SavedAnchor::read("", bytes).is_ok_and(|saved| is_own(&saved))
}

/// Whether two paths lead to the same regular file.
pub(crate) fn is_same(one: &Path, other: &Path) -> bool {
    let file = |path: &Path| fs::canonicalize(path).ok().filter(|path| path.is_file());
    file(one).is_some_and(|one| file(other) == Some(one))
}

/// Whether a path, which is canonical, lies in a folder.
pub(crate) fn lies_in(path: &Path, archive: &Path) -> bool {
    fs::canonicalize(archive).is_ok_and(|archive| path.starts_with(archive))
}

/// Whether a path ends in a slash, so that only a folder can be meant.
pub(crate) fn names_a_folder(path: &Path) -> bool {
    path.as_os_str().as_encoded_bytes().last().is_some_and(|last| std::path::is_separator(char::from(*last)))
}

fn through(
    mut out: impl Write + Send + 'static,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<Box<dyn Write + Send>> {
    fill(&mut out)?;
    out.flush()?;
    Ok(Box::new(out))
}

/// What a path leads to.
fn target(typed: &Path) -> io::Result<Target> {
    match typed.to_str() {
        Some("-" | "/dev/stdout" | "/dev/fd/1" | "/proc/self/fd/1") => return Ok(Target::Stdout),
        Some("/dev/stderr" | "/dev/fd/2" | "/proc/self/fd/2") => return Ok(Target::Stderr),
        _ => {}
    }
    // A file that is already open is written to directly, even if it is a regular file.
    if ["/dev/fd", "/proc"].iter().any(|open| typed.starts_with(open)) {
        return Ok(Target::Through(typed.to_owned()));
    }
    let path = unlinked(std::path::absolute(typed)?)?;
    match fs::metadata(&path) {
        Ok(metadata) if !metadata.is_file() && !metadata.is_dir() => Ok(Target::Through(path)),
        _ => Ok(Target::Whole(path)),
    }
}

/// Follows links to their target, which need not exist; its folder must.
fn unlinked(mut path: PathBuf) -> io::Result<PathBuf> {
    for _ in 0..MOST_LINKS {
        let Some(Component::Normal(name)) = path.components().next_back() else { return fs::canonicalize(&path) };
        let folder = path.parent().unwrap_or(Path::new("/"));
        let folder = fs::canonicalize(folder).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => io::Error::new(io::ErrorKind::NotFound, NoFolder(folder.to_owned())),
            _ => error,
        })?;
        let found = folder.join(name);
        match fs::read_link(&found) {
            Ok(next) => path = folder.join(next),
            // Not a link, or nothing there yet.
            Err(_) => return Ok(found),
        }
    }
    Err(io::Error::other("too many links follow each other"))
}

/// Writes a whole file, replacing whatever file is there.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replaced(path, |out| out.write_all(bytes), false).map(drop)
}

/// Replaces or creates a file: as a whole, durably, and with its previous permissions. On failure the previous file
/// stays.
fn replaced(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    is_for_others: bool,
) -> io::Result<Box<dyn Write + Send>> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let (temporary, file) = unfinished(folder)?;
    let finished = fill(path, &file, content, is_for_others).and_then(|()| fs::rename(&temporary, path));
    if let Err(error) = finished {
        // The first error is the one to report.
        let _ = fs::remove_file(&temporary);
        return Err(error);
    }
    sync_directory(folder)?;
    Ok(Box::new(Appended(file)))
}

/// A regular file to which more is appended: each time as a whole or, such as on a full disk, not at all.
struct Appended(File);

impl Write for Appended {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        append_whole(&mut self.0, bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

fn fill(
    path: &Path,
    mut file: &File,
    content: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    is_for_others: bool,
) -> io::Result<()> {
    match fs::metadata(path) {
        Ok(metadata) => file.set_permissions(metadata.permissions())?,
        Err(_) if is_for_others => open_to_readers(file)?,
        Err(_) => {}
    }
    content(&mut file)?;
    file.sync_all()
}

/// The collector of metrics runs as another user, whatever umask cron or a service has.
fn open_to_readers(file: &File) -> io::Result<()> {
    #[cfg(unix)]
    file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
    let _ = file;
    Ok(())
}

fn unfinished(folder: &Path) -> io::Result<(PathBuf, File)> {
    let process = std::process::id();
    let mut number = 0u32;
    loop {
        let path = folder.join(format!("{UNFINISHED}-{process}-{number}"));
        match File::options().write(true).create_new(true).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            made => return made.map(|file| (path, file)),
        }
    }
}
