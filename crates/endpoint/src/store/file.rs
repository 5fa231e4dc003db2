//! Files that appear complete and durable, or not at all. For the directory store and for the
//! engine's segments.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

pub use qldb_journal::archive::UNFINISHED;

const BUFFER: usize = 128 * 1024;

/// A file that is being written. If dropped before [`NewFile::commit`], it leaves nothing behind.
pub struct NewFile {
    file: UnplacedFile,
    target: PathBuf,
}

/// A file that is being written, whose final path is decided later. If dropped before, it leaves nothing behind.
pub struct UnplacedFile {
    out: BufWriter<File>,
    temporary: Temporary,
}

/// A complete and durable file that is not visible yet. If dropped before [`SealedFile::place`], it leaves nothing
/// behind.
pub struct SealedFile(Temporary);

/// The path of an unfinished file, removed when dropped.
struct Temporary(PathBuf);

impl Temporary {
    /// Creates a new file in the directory for unfinished files.
    fn under(base: &Path) -> io::Result<(Self, File)> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let unfinished = base.join(UNFINISHED);
        refuse_links(base, &unfinished)?;
        create_directories(&unfinished)?;
        loop {
            let number = COUNTER.fetch_add(1, Ordering::Relaxed);
            let path = unfinished.join(format!("{}-{number}", std::process::id()));
            match File::options().read(true).write(true).create_new(true).open(&path) {
                // An earlier process with the same number left it behind.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                made => return made.map(|file| (Self(path), file)),
            }
        }
    }
}

/// Whether an unfinished file has a name that [`Temporary`] generates.
fn is_own(name: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    name.split_once('-').is_some_and(|(process, number)| is_number(process) && is_number(number))
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After a commit the path no longer exists; otherwise the sweep at the next open removes what stays.
        let _ = fs::remove_file(&self.0);
    }
}

impl NewFile {
    /// Begins a file for `target`, with its unfinished form under `base`, a directory on the same file system.
    pub fn create(base: &Path, target: PathBuf) -> io::Result<Self> {
        Ok(Self { file: UnplacedFile::create(base)?, target })
    }

    /// The file itself, for a caller that has written nothing yet: what is written to it comes before what is written
    /// here.
    pub fn file(&mut self) -> &mut File {
        self.file.file()
    }

    /// Makes the file durable and visible.
    pub fn commit(self) -> io::Result<()> {
        let Self { file, target } = self;
        file.seal()?.place(&target)?;
        sync_directory(directory_of(&target))
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl UnplacedFile {
    /// Begins a file under `base`, a directory on its future file system.
    pub fn create(base: &Path) -> io::Result<Self> {
        let (temporary, file) = Temporary::under(base)?;
        Ok(Self { out: BufWriter::with_capacity(BUFFER, file), temporary })
    }

    /// The file itself, for a caller that has written nothing yet: what is written to it comes before what is written
    /// here.
    pub fn file(&mut self) -> &mut File {
        self.out.get_mut()
    }

    /// Opens it for reading, with everything that was written.
    pub fn open(&mut self) -> io::Result<File> {
        self.out.flush()?;
        File::open(&self.temporary.0)
    }

    /// Completes the file: it is durable when this returns.
    pub fn seal(self) -> io::Result<SealedFile> {
        let Self { out, temporary } = self;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(SealedFile(temporary))
    }
}

impl Write for UnplacedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl SealedFile {
    /// Opens it for reading.
    pub fn open(&self) -> io::Result<File> {
        File::open(&self.0.0)
    }

    /// Makes it visible. That becomes durable when the directory is synced.
    pub fn place(self, target: &Path) -> io::Result<()> {
        create_directories(directory_of(target))?;
        fs::rename(&self.0.0, target)
    }
}

fn directory_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
}

/// A scratch file. It is removed when dropped.
pub struct ScratchFile {
    file: File,
    _temporary: Temporary,
}

impl ScratchFile {
    /// Creates an empty file under `base`.
    pub fn create(base: &Path) -> io::Result<Self> {
        let (temporary, file) = Temporary::under(base)?;
        Ok(Self { file, _temporary: temporary })
    }

    /// The file, open for reading and writing.
    pub fn file(&self) -> &File {
        &self.file
    }
}

/// Creates a directory and its parents, each durable in its parent.
pub fn create_directories(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    let parent = directory.parent().filter(|parent| !parent.as_os_str().is_empty());
    if let Some(parent) = parent {
        create_directories(parent)?;
    }
    match fs::create_dir(directory) {
        // Another thread may have been faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && directory.is_dir() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => parent.map_or(Ok(()), sync_directory),
    }
}

/// Creates a directory that only its owner may access. Its parents are created normally.
pub fn create_private_directory(directory: &Path) -> io::Result<()> {
    if directory.is_dir() {
        return Ok(());
    }
    let parent = directory.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.map_or(Ok(()), create_directories)?;
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    match builder.create(directory) {
        // Another process may have been faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && directory.is_dir() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => parent.map_or(Ok(()), sync_directory),
    }
}

/// Makes the entries of a directory durable.
pub fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

/// Removes what unfinished writes left under `base`: files with the names used here, and nothing else. Links are not
/// followed.
pub fn sweep(base: &Path) -> io::Result<()> {
    let unfinished = base.join(UNFINISHED);
    if !is_directory(base)? || !is_directory(&unfinished)? {
        return Ok(());
    }
    for entry in fs::read_dir(&unfinished)? {
        let entry = entry?;
        if entry.file_type()?.is_file() && entry.file_name().to_str().is_some_and(is_own) {
            fs::remove_file(entry.path())?;
        }
    }
    // Stays if somebody else has put something into it.
    let _ = fs::remove_dir(&unfinished);
    Ok(())
}

/// Whether there is a directory, and not a link to one.
pub fn is_directory(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(metadata.is_dir()),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
        Err(error) => Err(error),
    }
}

/// The first link on the path from a directory to something under it, including the latter.
pub fn link_between(root: &Path, path: &Path) -> Option<PathBuf> {
    let below = path.strip_prefix(root).ok()?;
    let mut place = root.to_owned();
    below.components().filter(|part| matches!(part, Component::Normal(_))).find_map(|part| {
        place.push(part);
        fs::symlink_metadata(&place).is_ok_and(|metadata| metadata.is_symlink()).then(|| place.clone())
    })
}

/// A link in the path of something to be written.
#[derive(Debug, thiserror::Error)]
#[error("{} is a link, which is not followed where something is written", .0.display())]
pub struct LinkInTheWay(pub PathBuf);

/// Refuses to write through a link: its target may belong to anybody.
pub fn refuse_links(root: &Path, path: &Path) -> io::Result<()> {
    link_between(root, path).map_or(Ok(()), |link| Err(io::Error::other(LinkInTheWay(link))))
}
