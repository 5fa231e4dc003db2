//! What every black-box test needs: the binary, and a data directory of its own.

use std::process::Command;

use tempfile::TempDir;

/// A place of its own for one test: a data directory that goes with it.
pub(crate) struct Place {
    directory: TempDir,
}

impl Place {
    /// An empty data directory.
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    /// The data directory.
    pub(crate) fn path(&self) -> &std::path::Path {
        self.directory.path()
    }

    /// The built binary with this data directory and without the caller's AWS environment.
    pub(crate) fn command<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_qldb-export"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
            command.env_remove(name);
        }
        command.env("QLDB_EXPORT_DATA_DIR", self.path()).env("AWS_EC2_METADATA_DISABLED", "true").args(arguments);
        command
    }
}

#[test]
fn the_binary_is_built() {
    assert!(Place::new().command([]).output().is_ok());
}
