//! Which objects of an archive a command is going to read, among those that must be restored first.

use std::collections::BTreeSet;

use crate::cli::context::subset::keys_of;
use qldb_journal::archive::Kind;
use qldb_journal::archive::find::find;
use qldb_journal::archive::source::{Archived, Source, SourceError};
use qldb_journal::request::UniqueId;

/// What a command reads.
#[derive(Debug, Clone)]
pub(crate) struct Needed {
    /// Only exports of this ledger.
    pub(crate) ledger: Option<String>,
    /// Only this export.
    pub(crate) export: Option<UniqueId>,
    /// Whether data objects are read, and not only the manifests.
    pub(crate) data: bool,
}

impl Needed {
    /// The objects that are needed but can't be read yet, each once. As long as a manifest is among them, it is unknown
    /// which data objects are needed, so everything that could belong to an export counts.
    pub(super) fn archived(&self, sources: &[Box<dyn Source>]) -> Result<Vec<Archived>, SourceError> {
        let mut archived = Vec::new();
        for (number, source) in sources.iter().enumerate() {
            archived.extend(source.archived()?.into_iter().map(|object| (number, object)));
        }
        if archived.is_empty() {
            return Ok(Vec::new());
        }
        let is_manifest = |object: &Archived| Kind::of(&object.name) == Some(Kind::Manifest);
        if !self.data {
            archived.retain(|(_, object)| is_manifest(object));
        } else if !archived.iter().any(|(_, object)| is_manifest(object)) {
            let listed = self.listed(sources)?;
            archived.retain(|(number, object)| listed.get(*number).is_some_and(|keys| keys.contains(&object.name)));
        }
        let mut known = BTreeSet::new();
        let objects = archived.into_iter().map(|(_, object)| object);
        Ok(objects.filter(|object| known.insert((object.bucket.clone(), object.key.clone()))).collect())
    }

    /// The keys that the selected exports list, source by source.
    fn listed(&self, sources: &[Box<dyn Source>]) -> Result<Vec<BTreeSet<String>>, SourceError> {
        let mut exports = find(sources, self.ledger.as_deref())?.exports;
        exports.retain(|export| self.export.as_ref().is_none_or(|id| export.id == id.as_str()));
        Ok((0..sources.len()).map(|number| keys_of(exports.iter(), number)).collect())
    }
}
