//! Objects whose blocks follow one another, joined as soon as both sides are there, in whatever order they come: what
//! is kept of the chain does not grow with the number of objects. For the join of the journals, which decides about
//! everything that does not follow.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Span, chain};

/// Runs of objects with which nothing is wrong, and whose blocks no other object holds.
#[derive(Debug, Default)]
pub(super) struct Runs(BTreeMap<Arc<str>, BTreeMap<Begin, Run>>);

/// The first block of a run, and the number of its first object.
type Begin = (u64, usize);

/// Objects that follow one another.
#[derive(Debug)]
pub(super) struct Run {
    /// The number of the first object.
    pub(super) object: usize,
    /// How many blocks there are.
    pub(super) blocks: u64,
    pub(super) span: Span,
}

impl Run {
    fn begin(&self) -> Begin {
        (self.span.ends.first, self.object)
    }

    /// Whether another begins with the block behind the last one, with nothing wrong between them.
    fn leads_to(&self, next: &Self) -> bool {
        let follows = self.span.ends.last.checked_add(1) == Some(next.span.ends.first);
        let seam = || chain::seam("", (self.span.ends.last_hash, self.span.last_time), &next.span);
        follows && seam().iter().all(Option::is_none)
    }

    fn extend(&mut self, next: Self) {
        self.blocks = self.blocks.saturating_add(next.blocks);
        self.span.extend(next.span);
    }
}

impl Runs {
    /// Adds an object, each once.
    pub(super) fn add(&mut self, strand_id: &Arc<str>, object: Run) {
        let runs = self.0.entry(Arc::clone(strand_id)).or_default();
        let before = runs.range(..object.begin()).next_back().filter(|(_, before)| before.leads_to(&object));
        let mut run = match before.map(|(begin, _)| *begin).and_then(|begin| runs.remove(&begin)) {
            Some(mut before) => {
                before.extend(object);
                before
            }
            None => object,
        };
        let behind = runs.range(run.begin()..).next().filter(|(_, behind)| run.leads_to(behind));
        if let Some(behind) = behind.map(|(begin, _)| *begin).and_then(|begin| runs.remove(&begin)) {
            run.extend(behind);
        }
        runs.insert(run.begin(), run);
    }

    /// The runs of all strands.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Run)> {
        self.0.iter().flat_map(|(strand_id, runs)| runs.values().map(move |run| (&**strand_id, run)))
    }
}
