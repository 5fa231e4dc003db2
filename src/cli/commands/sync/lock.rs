//! Allows only one sync at a time for a ledger and a destination.

use std::path::Path;

use crate::cli::error::CliError;
use qldb_endpoint::store::file::{create_directories, create_private_directory, refuse_links};
use qldb_endpoint::store::{ProcessLock, Taken};
use qldb_journal::Hash;
use qldb_journal::request::ExportRequest;

/// The folder of the locks in the data directory.
const LOCKS: &str = "locks";

/// Takes the lock of a ledger, bucket and prefix, without waiting for it.
pub(super) fn take(data_dir: &Path, request: &ExportRequest) -> Result<Taken, CliError> {
    let path = data_dir.join(LOCKS).join(format!("sync-{}.lock", name(request)));
    let failed = |source| CliError::File { path: path.clone(), source };
    create_private_directory(data_dir).map_err(failed)?;
    refuse_links(data_dir, &path).map_err(failed)?;
    create_directories(&data_dir.join(LOCKS)).map_err(failed)?;
    ProcessLock::take(&path).map_err(failed)
}

/// The name for files of a ledger, bucket and prefix. Bucket and prefix can be too long for a file name, so their hash
/// stands for them.
pub(super) fn name(request: &ExportRequest) -> String {
    let ExportRequest { ledger, bucket, prefix, .. } = request;
    let hash = Hash::of(format!("{ledger}\n{bucket}\n{prefix}").as_bytes()).to_hex();
    format!("{ledger}-{}", hash.get(..16).unwrap_or(&hash))
}
