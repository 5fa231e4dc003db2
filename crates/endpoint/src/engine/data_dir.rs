//! The data directory itself: created, closed to others, and held by one process at a time.

use std::fs;
use std::path::{Path, PathBuf};

use super::aside::UNKNOWN;
use super::error::OpenError;
use super::segment::JOURNALS;
use super::{BUCKETS, CATALOG, Notice};
use crate::store::{ProcessLock, Taken, file};

const LOCK: &str = "lock";
/// What a data directory holds besides the catalog: the endpoint's credentials, the locks of `sync`, and, while it is
/// being served, the socket that commands call.
#[cfg(unix)]
const KNOWN: [&str; 7] = [LOCK, BUCKETS, JOURNALS, UNKNOWN, "credentials.json", "locks", "serving"];

/// A data directory that this process holds.
pub(super) struct DataDir {
    /// Its path, with links resolved.
    pub(super) path: PathBuf,
    pub(super) lock: ProcessLock,
    pub(super) notices: Vec<Notice>,
}

impl DataDir {
    /// Creates the directory if it does not exist, accessible only to its owner, and takes its lock.
    pub(super) fn take(path: &Path) -> Result<Self, OpenError> {
        let failed = |source| OpenError::Io { path: path.to_owned(), source };
        file::create_private_directory(path).map_err(failed)?;
        let path = fs::canonicalize(path).map_err(failed)?;
        let lock = take_lock(&path)?;
        for kept in [JOURNALS, BUCKETS] {
            let kept = path.join(kept);
            file::refuse_links(&path, &kept).map_err(|source| OpenError::Io { path: kept, source })?;
        }
        let notices = if close(&path) { Vec::new() } else { vec![Notice::Open(path.clone())] };
        Ok(Self { path, lock, notices })
    }
}

fn take_lock(data_dir: &Path) -> Result<ProcessLock, OpenError> {
    let path = data_dir.join(LOCK);
    match ProcessLock::take(&path) {
        Ok(Taken::Free(lock)) => Ok(lock),
        Ok(Taken::Held(holder)) => Err(OpenError::Locked { path: data_dir.to_owned(), holder }),
        Err(source) => Err(OpenError::Io { path, source }),
    }
}

/// The permission bits of a mode for everybody but the owner.
#[cfg(unix)]
const OTHERS: u32 = 6;

/// Removes the permissions of others, and returns whether they have none now. A directory that holds other things than
/// a data directory does, such as somebody's home, is left as it is.
#[cfg(unix)]
fn close(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let Ok(metadata) = fs::metadata(path) else { return false };
    let mode = metadata.permissions().mode();
    mode.trailing_zeros() >= OTHERS
        || (is_ours(path) && fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700)).is_ok())
}

#[cfg(not(unix))]
fn close(_path: &Path) -> bool {
    true
}

/// Whether the directory holds only what a data directory holds.
#[cfg(unix)]
fn is_ours(path: &Path) -> bool {
    let is_known = |name: &str| name.starts_with(CATALOG) || KNOWN.contains(&name);
    fs::read_dir(path).is_ok_and(|mut entries| {
        entries.all(|entry| entry.is_ok_and(|entry| entry.file_name().to_str().is_some_and(is_known)))
    })
}
