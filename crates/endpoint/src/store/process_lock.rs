//! A file that only one process at a time can hold. For the data directory, and for commands of
//! which only one may run.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;

/// Held until dropped. The system releases it when the process ends, in whatever way.
pub struct ProcessLock {
    file: File,
}

impl Drop for ProcessLock {
    /// Releases the lock at once: a child process between fork and exec still holds the file open, and with it the
    /// lock.
    fn drop(&mut self) {
        // On an error, the lock is released when the file is closed.
        let _ = self.file.unlock();
    }
}

/// The result of trying to take a lock.
pub enum Taken {
    /// It was taken.
    Free(ProcessLock),
    /// Another process holds it: its id, if it is known.
    Held(Option<u32>),
}

impl ProcessLock {
    /// Takes the lock of a file, which is created if it does not exist, without waiting. A link is refused, because its
    /// target would be overwritten.
    pub fn take(path: &Path) -> io::Result<Taken> {
        super::file::refuse_links(path.parent().unwrap_or(path), path)?;
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        match file.try_lock() {
            Ok(()) => {
                sign(&mut file)?;
                Ok(Taken::Free(Self { file }))
            }
            Err(TryLockError::WouldBlock) => Ok(Taken::Held(holder(&mut file))),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

fn holder(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn sign(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    writeln!(file, "{}", std::process::id())
}
