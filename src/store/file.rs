//! Files that appear whole and durable, or not at all. For the directory store
//! and for the engine's segments.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// The directory that holds unfinished files, beside the finished ones. What
/// is left in it after a crash is rubbish.
pub const UNFINISHED: &str = ".qldb-export-unfinished";

const BUFFER: usize = 128 * 1024;

/// A file that is being written. Dropped before [`NewFile::commit`], it leaves nothing.
pub struct NewFile {
    out: BufWriter<File>,
    temporary: Temporary,
    target: PathBuf,
}

/// The path of an unfinished file, removed when dropped.
struct Temporary(PathBuf);

impl Temporary {
    /// A path that nothing has, in the directory for unfinished files.
    fn under(base: &Path) -> io::Result<Self> {
        static COUNTER: AtomicU64 = AtomicU64::new(0);
        let unfinished = base.join(UNFINISHED);
        create_directories(&unfinished)?;
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        Ok(Self(unfinished.join(format!("{}-{number}", std::process::id()))))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After a commit the path is gone; otherwise the sweep at the next open takes what stays.
        let _ = fs::remove_file(&self.0);
    }
}

impl NewFile {
    /// Begins a file that will lie at `target`, with its unfinished form under `base`,
    /// a directory of the same file system.
    pub fn create(base: &Path, target: PathBuf) -> io::Result<Self> {
        let temporary = Temporary::under(base)?;
        let file = File::create(&temporary.0)?;
        Ok(Self { out: BufWriter::with_capacity(BUFFER, file), temporary, target })
    }

    /// Makes the file durable and visible.
    pub fn commit(self) -> io::Result<()> {
        let Self { out, temporary, target } = self;
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        drop(file);
        let directory = target.parent().unwrap_or(Path::new("."));
        create_directories(directory)?;
        fs::rename(&temporary.0, &target)?;
        sync_directory(directory)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// A file to put something aside in. It goes when it is dropped.
pub struct ScratchFile {
    file: File,
    _temporary: Temporary,
}

impl ScratchFile {
    /// Makes an empty one under `base`.
    pub fn create(base: &Path) -> io::Result<Self> {
        let temporary = Temporary::under(base)?;
        let file = File::options().read(true).write(true).create_new(true).open(&temporary.0)?;
        Ok(Self { file, _temporary: temporary })
    }

    /// The file, open for reading and writing.
    pub fn file(&self) -> &File {
        &self.file
    }
}

/// Makes a directory and those above it, each durable in its parent.
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

/// Makes the entries of a directory durable.
pub fn sync_directory(directory: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(directory)?.sync_all() } else { Ok(()) }
}

/// Removes what unfinished writes left under `base`.
pub fn sweep(base: &Path) -> io::Result<()> {
    match fs::remove_dir_all(base.join(UNFINISHED)) {
        Err(error) if !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Err(error),
        _ => Ok(()),
    }
}
