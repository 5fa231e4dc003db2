//! One process at a time works in a data directory.

use std::path::Path;

use super::error::OpenError;
use crate::store::{ProcessLock, Taken};

/// Takes the lock of a data directory, or names the process that holds it.
pub(super) fn take(data_dir: &Path) -> Result<ProcessLock, OpenError> {
    let path = data_dir.join("lock");
    match ProcessLock::take(&path) {
        Ok(Taken::Free(lock)) => Ok(lock),
        Ok(Taken::Held(holder)) => Err(OpenError::Locked { path: data_dir.to_owned(), holder }),
        Err(source) => Err(OpenError::Io { path, source }),
    }
}
