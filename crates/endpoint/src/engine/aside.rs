//! Moves aside what is in the data directory and belongs to nobody, without ever removing it: its
//! owner can find it again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::store::file;

/// The folder in the data directory for what the catalog does not know.
pub(super) const UNKNOWN: &str = "unknown";

/// Moves something below the data directory into the folder for unknown files, and returns its new path. A link is
/// moved as a link.
pub(super) fn put_aside(data_dir: &Path, path: &Path) -> io::Result<PathBuf> {
    let below = path.strip_prefix(data_dir).map_err(io::Error::other)?;
    let root = data_dir.join(UNKNOWN);
    let wanted = root.join(below);
    file::refuse_links(data_dir, wanted.parent().unwrap_or(&root))?;
    file::create_directories(wanted.parent().unwrap_or(&root))?;
    let target = free(&wanted);
    fs::rename(path, &target)?;
    tracing::warn!(path = %path.display(), now = %target.display(), "put aside, because the catalog does not know it");
    Ok(target)
}

/// The path itself, or the first similar one that is free.
fn free(wanted: &Path) -> PathBuf {
    let numbered = |number: u32| {
        let mut name = wanted.as_os_str().to_owned();
        if number > 1 {
            name.push(format!(".{number}"));
        }
        PathBuf::from(name)
    };
    let taken = |path: &PathBuf| fs::symlink_metadata(path).is_ok();
    (1..u32::MAX).map(numbered).find(|path| !taken(path)).unwrap_or_else(|| wanted.to_owned())
}
