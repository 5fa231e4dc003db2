//! The result of reading one part of an archive.

use super::findings::{Examined, ExaminedObjects, Findings};
use super::part::Part;
use super::work::Places;
use crate::archive::find::FoundExport;

/// The result of reading a part of an archive. Not a verdict: that needs all parts.
#[derive(Debug)]
#[non_exhaustive]
pub struct PartReport {
    /// The part.
    pub part: Part,
    /// The number of its objects.
    pub objects: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The number of blocks in them.
    pub blocks: u64,
    /// The keys of objects that something is wrong with.
    pub broken: Vec<String>,
    /// The number of objects in the archive.
    pub objects_of_all: u64,
    /// Their bytes.
    pub bytes_of_all: u64,
    exports: Vec<FoundExport>,
    examined: ExaminedObjects,
}

impl PartReport {
    pub(super) fn new(
        part: Part,
        exports: Vec<FoundExport>,
        (objects_of_all, bytes_of_all): (u64, u64),
        broken: Vec<String>,
        (found, places): (Findings, Places),
    ) -> Self {
        let blocks = found.blocks;
        let (_, _, _, examined) = found.end(places);
        let mut report =
            Self { part, objects: 0, bytes: 0, blocks, broken, objects_of_all, bytes_of_all, exports, examined };
        (report.objects, report.bytes) =
            report.read().fold((0, 0), |(objects, bytes), one| (objects + 1, bytes + one.object.file.found.size));
        report
    }

    /// The objects that were read.
    pub fn read(&self) -> impl Iterator<Item = Examined<'_>> {
        self.examined.iter(&self.exports)
    }
}
