//! A file that one process at a time holds. For the data directory, and for
//! commands of which only one may run.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;

/// Held until dropped. The system lets go of it when the process dies, however it dies.
pub struct ProcessLock {
    file: File,
}

impl Drop for ProcessLock {
    /// Gives the lock back at once: a child process between its fork and its start still holds the file open, and with it
    /// the lock.
    fn drop(&mut self) {
        // An error leaves it to the end of the file's use.
        let _ = self.file.unlock();
    }
}

/// How the attempt to take a lock went.
pub enum Taken {
    /// It is ours.
    Free(ProcessLock),
    /// A process holds it: its id, as far as it is known.
    Held(Option<u32>),
}

impl ProcessLock {
    /// Takes the lock of a file, which is made if it is not there, without waiting for it.
    /// A link is refused, because the file that it leads to would be written over.
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
