//! One sync at a time for a ledger and a destination.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;

use crate::cli::error::CliError;
use crate::journal::Hash;
use crate::request::ExportRequest;

/// The folder of the locks in the data directory.
const LOCKS: &str = "locks";

/// Held until dropped. The system lets go of it when the process dies, however it dies.
pub(super) struct Lock {
    _file: File,
}

/// How the attempt to take the lock went.
pub(super) enum Taken {
    /// It is ours.
    Free(Lock),
    /// A process holds it, this one as far as it is known.
    Held(Option<u32>),
}

/// Takes the lock of a ledger, bucket and prefix, without waiting for it.
pub(super) fn take(data_dir: &Path, request: &ExportRequest) -> Result<Taken, CliError> {
    let path = data_dir.join(LOCKS).join(name(request));
    let failed = |source| CliError::File { path: path.clone(), source };
    std::fs::create_dir_all(data_dir.join(LOCKS)).map_err(failed)?;
    let options = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
    let mut file = options.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {
            sign(&mut file).map_err(failed)?;
            Ok(Taken::Free(Lock { _file: file }))
        }
        Err(TryLockError::WouldBlock) => Ok(Taken::Held(holder(&mut file))),
        Err(TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// Bucket and prefix can be longer than a file's name may be, so that their hash stands for them.
fn name(request: &ExportRequest) -> String {
    let ExportRequest { ledger, bucket, prefix, .. } = request;
    let hash = Hash::of(format!("{ledger}\n{bucket}\n{prefix}").as_bytes()).to_hex();
    format!("sync-{ledger}-{}.lock", hash.get(..16).unwrap_or(&hash))
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
