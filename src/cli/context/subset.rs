//! Some of the files in a location, read as if there were no others.
//!
//! For the commands that prove some exports among many.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use qldb_journal::archive::find::FoundExport;
use qldb_journal::archive::source::{Found, Source, SourceError, Stored};

/// A source, or some of its files.
pub(crate) struct Subset {
    source: Arc<dyn Source>,
    keys: Option<BTreeSet<String>>,
}

impl Subset {
    /// All files there.
    pub(crate) fn whole(source: Arc<dyn Source>) -> Self {
        Self { source, keys: None }
    }

    /// The files with these keys.
    pub(crate) fn only(source: Arc<dyn Source>, keys: BTreeSet<String>) -> Self {
        Self { source, keys: Some(keys) }
    }
}

impl Source for Subset {
    fn name(&self) -> String {
        self.source.name()
    }

    fn list(&self) -> Result<Vec<Found>, SourceError> {
        let mut found = self.source.list()?;
        found.retain(|file| self.keys.as_ref().is_none_or(|keys| keys.contains(&file.key)));
        Ok(found)
    }

    fn open(&self, key: &str) -> Result<Box<dyn Read + Send>, SourceError> {
        self.source.open(key)
    }

    fn path(&self, key: &str) -> Option<PathBuf> {
        self.source.path(key)
    }

    fn real(&self, key: &str) -> PathBuf {
        self.source.real(key)
    }

    fn stored(&self) -> BTreeMap<String, Stored> {
        self.source.stored()
    }
}

/// The keys of all files that belong to some exports, if they are in one of the sources.
pub(crate) fn keys_of<'a>(exports: impl Iterator<Item = &'a FoundExport>, source: usize) -> BTreeSet<String> {
    let mut keys = BTreeSet::new();
    for export in exports {
        let manifests = export.manifests.iter().map(|(file, _)| file);
        let files = manifests.chain(export.objects.iter().map(|object| &object.file));
        keys.extend(files.filter(|file| file.source == source).map(|file| file.found.key.clone()));
    }
    keys
}
