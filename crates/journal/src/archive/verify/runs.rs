//! Objects with consecutive blocks, joined as soon as both neighbours are there, in any order: the
//! memory for the chain does not grow with the number of objects. For the join of the journals,
//! which handles everything that is not consecutive.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Span, chain};

/// Runs of objects without faults whose blocks are in no other object.
#[derive(Debug, Default)]
pub(super) struct Runs(BTreeMap<Arc<str>, BTreeMap<Begin, Run>>);

/// The first block of a run, and the number of its first object.
type Begin = (u64, usize);

/// Consecutive objects.
#[derive(Debug)]
pub(super) struct Run {
    /// The number of the first object.
    pub(super) object: usize,
    /// The number of blocks.
    pub(super) blocks: u64,
    pub(super) span: Span,
}

impl Run {
    fn begin(&self) -> Begin {
        (self.span.ends.first, self.object)
    }

    /// Whether another one begins with the next block, with nothing wrong between them.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::chain::{Link, Sought, join};
    use super::super::{Breaks, Ends};
    use super::*;
    use crate::{Frontier, Hash};

    const TIPS: [u64; 2] = [3, 11];

    /// How an object follows the previous one.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum Seam {
        Right,
        OtherHash,
        Earlier,
        Gap,
    }

    fn seams() -> impl Strategy<Value = Vec<(Seam, u64)>> {
        let seam = prop_oneof![9 => Just(Seam::Right), 1 => Just(Seam::OtherHash), 1 => Just(Seam::Earlier), 1 => Just(Seam::Gap)];
        proptest::collection::vec((seam, 1..5_u64), 1..30)
    }

    fn hash(number: u64) -> Hash {
        Hash::of(&number.to_be_bytes())
    }

    /// Objects with this many blocks each.
    fn objects(seams: &[(Seam, u64)]) -> Vec<Run> {
        let (mut next, mut time) = (0, 1_000_000);
        let object = |(object, (seam, blocks)): (usize, &(Seam, u64))| {
            next += u64::from(*seam == Seam::Gap);
            time = if *seam == Seam::Earlier { time - 1 } else { time + 1 };
            let (first, last) = (next, next + blocks - 1);
            next = last + 1;
            let previous = first.checked_sub(1).map(hash);
            let mut frontier = Frontier::new(true);
            let mut to_tips = Vec::new();
            for number in first..=last {
                frontier.push(number, hash(number));
                to_tips.extend(TIPS.contains(&number).then(|| (number, frontier.clone())));
            }
            let time = chrono::DateTime::from_timestamp(time, 0).unwrap();
            let first_previous = if *seam == Seam::OtherHash { Some(Hash::of(b"other")) } else { previous };
            let ends = Ends { first, last, first_previous, last_hash: hash(last) };
            Run { object, blocks: *blocks, span: Span { ends, first_time: time, last_time: time, frontier, to_tips } }
        };
        seams.iter().enumerate().map(object).collect()
    }

    /// The journal and its faults, as text.
    fn joined<'a>(runs: impl Iterator<Item = &'a Run>) -> String {
        let keys: Vec<String> = (0..30).map(|number| format!("object {number}")).collect();
        let links = runs.map(|Run { object, blocks, span }| Link {
            number: *object,
            key: &keys[*object],
            strand_id: "s",
            span,
            blocks: *blocks,
            hashes: &[],
        });
        let mut breaks = Breaks::default();
        let sought = Sought { tips: &TIPS, digest_tip: Some(TIPS[0]), has_log: true };
        let journals = join(links.collect(), sought, &mut breaks);
        format!("{journals:#?} {breaks:#?}")
    }

    proptest! {
        #[test]
        fn objects_joined_as_they_come_are_the_objects_one_by_one(
            (seams, order) in seams().prop_flat_map(|seams| {
                let order: Vec<usize> = (0..seams.len()).collect();
                (Just(seams), Just(order).prop_shuffle())
            }),
        ) {
            let expected = joined(objects(&seams).iter());
            let mut objects: Vec<Option<Run>> = objects(&seams).into_iter().map(Some).collect();
            let mut runs = Runs::default();
            let strand_id: Arc<str> = "s".into();
            order.iter().for_each(|number| runs.add(&strand_id, objects[*number].take().unwrap()));
            let count = 1 + seams.iter().skip(1).filter(|(seam, _)| *seam != Seam::Right).count();
            prop_assert_eq!(runs.iter().count(), count);
            prop_assert_eq!(joined(runs.iter().map(|(_, run)| run)), expected);
        }
    }
}
