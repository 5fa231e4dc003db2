//! The findings in the objects of an archive, joined as each object is done, in any order: little
//! is kept of an object without faults.

use std::collections::BTreeMap;

use super::chain::Link;
use super::checked_object::Seen;
use super::outlines::Outlines;
use super::runs::{Run, Runs};
use super::summaries::{ObjectSummary, Summaries};
use super::work::Places;
use super::{Breaks, CheckedObject};
use crate::archive::find::{DataObject, FoundExport};
use crate::{Counts, Notable, Outline};

/// An object together with its findings.
#[derive(Debug, Clone)]
pub struct Examined<'a> {
    /// The exports of the archive that list it: usually one. Exports of one range under one prefix in one hour have the
    /// same keys.
    pub exports: &'a [usize],
    /// The object.
    pub object: &'a DataObject,
    /// The findings.
    pub checked: ObjectSummary,
}

/// The findings in the objects: in each, and in all together.
#[derive(Default)]
pub(super) struct Findings {
    summaries: Summaries,
    /// The number of blocks; one that is in several objects counts for each.
    pub(super) blocks: u64,
    runs: Runs,
    /// Objects that are in no run, by their numbers: something is wrong with them, or others have some of their blocks.
    apart: BTreeMap<usize, Box<CheckedObject>>,
    counts: Counts,
    notable: Notable,
    outlines: Outlines,
}

impl Findings {
    /// No findings yet for this many objects, the first of which has this number.
    pub(super) fn of(begin: usize, objects: usize) -> Self {
        Self { summaries: Summaries::of(begin, objects), ..Self::default() }
    }

    /// Adds an object, each once.
    pub(super) fn add(&mut self, number: usize, object: &DataObject, mut checked: CheckedObject) {
        let Seen { counts, outline, notable } = checked.seen.take().map(|seen| *seen).unwrap_or_default();
        self.counts += counts;
        self.notable.merge(notable);
        self.outlines.add(number, outline);
        self.summaries.add(number, object, &checked);
        self.blocks = self.blocks.saturating_add(checked.blocks);
        match checked.span {
            Some(span) if checked.breaks.is_empty() && checked.hashes.is_empty() => {
                self.runs.add(&object.name.strand_id, Run { object: number, blocks: checked.blocks, span });
            }
            None if checked.breaks.is_empty() => {}
            span => drop(self.apart.insert(number, Box::new(CheckedObject { span, ..checked }))),
        }
    }

    /// The faults of objects, in the order of the archive.
    pub(super) fn breaks(&self) -> impl Iterator<Item = (usize, &Breaks)> {
        self.apart.iter().map(|(number, checked)| (*number, &checked.breaks)).filter(|(_, breaks)| !breaks.is_empty())
    }

    /// What is to be joined into journals.
    pub(super) fn links<'a>(&'a self, exports: &'a [FoundExport], places: &'a Places) -> Vec<Link<'a>> {
        let object = |number| places.get(exports, number).map(|(object, _)| object);
        let key = |number| object(number).map_or("", |object| object.file.found.key.as_str());
        let runs = self.runs.iter().map(|(strand_id, Run { object: number, blocks, span })| Link {
            number: *number,
            key: key(*number),
            strand_id,
            span,
            blocks: *blocks,
            hashes: &[],
        });
        let apart = self.apart.iter().filter_map(|(number, checked)| {
            let (object, span) = (object(*number)?, checked.span.as_ref()?);
            let (key, strand_id) = (object.file.found.key.as_str(), &*object.name.strand_id);
            Some(Link { number: *number, key, strand_id, span, blocks: checked.blocks, hashes: &checked.hashes })
        });
        runs.chain(apart).collect()
    }

    /// The totals of all objects, and the objects themselves.
    pub(super) fn end(self, places: Places) -> (Counts, Notable, Outline, ExaminedObjects) {
        let Self { summaries, counts, notable, outlines, .. } = self;
        (counts, notable, outlines.outline(), ExaminedObjects { summaries, places })
    }
}

/// The objects that were checked.
#[derive(Debug)]
pub(super) struct ExaminedObjects {
    summaries: Summaries,
    places: Places,
}

impl ExaminedObjects {
    /// Each of them, in the order of the archive with these exports.
    pub(super) fn iter<'a>(&'a self, archive: &'a [FoundExport]) -> impl Iterator<Item = Examined<'a>> {
        self.summaries.numbers().filter_map(|number| {
            let (object, exports) = self.places.get(archive, number)?;
            Some(Examined { exports, object, checked: self.summaries.get(number, &object.name)? })
        })
    }

    /// Every object of the archive, checked or not, with the numbers of the exports that list it.
    pub(super) fn listed<'a>(
        &'a self,
        archive: &'a [FoundExport],
    ) -> impl Iterator<Item = (&'a DataObject, &'a [usize])> {
        (0..self.places.len()).filter_map(|number| self.places.get(archive, number))
    }
}
