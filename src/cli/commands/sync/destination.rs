//! Where earlier exports can be read: the folder of a bucket, or the bucket itself.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::context::object_store::{address, source};
use crate::cli::context::subset::Subset;
use crate::cli::error::CliError;
use crate::cli::global::settings::Settings;
use qldb_journal::archive::source::{Folder, Source};
use qldb_journal::request::Field;

/// Manifests and objects under a folder or an S3 address.
#[derive(Clone)]
pub(super) struct Destination {
    source: Arc<dyn Source>,
    /// The folder, if it is one.
    folder: Option<PathBuf>,
}

impl Destination {
    /// Opens what was typed, or what the built-in endpoint writes to. Blocks; must not be called from async code.
    pub(super) fn open(global: &Settings, path: &Path, field: Field) -> Result<Self, CliError> {
        if address(path).is_none() {
            return Ok(Self::folder(path.to_owned()));
        }
        Ok(Self { source: Arc::from(source(global, path, field)?), folder: None })
    }

    /// A folder.
    pub(super) fn folder(path: PathBuf) -> Self {
        Self { source: Arc::new(Folder::new(&path)), folder: Some(path) }
    }

    /// The arguments with which `verify` reads it.
    pub(super) fn name(&self) -> String {
        self.source.name()
    }

    /// Whether there is anything to read: a bucket in a directory is created with its first object, while one in S3
    /// exists beforehand. A folder that does not exist yet is an empty archive.
    pub(super) fn is_there(&self) -> bool {
        self.folder.as_ref().is_none_or(|folder| folder.is_dir())
    }

    /// Everything that is there.
    pub(super) fn whole(&self) -> Box<dyn Source> {
        Box::new(Subset::whole(Arc::clone(&self.source)))
    }

    /// Some of the files there, as if there were no others.
    pub(super) fn only(&self, keys: BTreeSet<String>) -> Box<dyn Source> {
        Box::new(Subset::only(Arc::clone(&self.source), keys))
    }
}
