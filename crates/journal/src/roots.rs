//! The roots of many small trees, with their hashes computed together.

use std::ops::Range;

use super::Hash;
use super::hash::joined;
use super::sha256::Batch;

/// Lists of leaves, some of which may be empty; later their roots.
#[derive(Debug, Default)]
pub(crate) struct Roots {
    nodes: Vec<Option<Hash>>,
    lists: Vec<Range<usize>>,
    places: Vec<usize>,
    digests: Vec<[u8; Hash::LENGTH]>,
}

impl Roots {
    /// Adds a list, and returns its index.
    pub(crate) fn add(&mut self, leaves: impl IntoIterator<Item = Option<Hash>>) -> usize {
        let start = self.nodes.len();
        self.nodes.extend(leaves);
        self.lists.push(start..self.nodes.len());
        self.lists.len() - 1
    }

    /// Computes all roots. The batch must be empty before, and is empty afterwards.
    pub(crate) fn resolve(&mut self, batch: &mut Batch) {
        while self.fold_once(batch) {}
    }

    /// Joins neighbours in each list; an odd last one moves up unchanged. Returns whether there was anything to join.
    fn fold_once(&mut self, batch: &mut Batch) -> bool {
        self.places.clear();
        let mut is_done = true;
        for list in self.lists.iter_mut().filter(|list| list.len() > 1) {
            is_done = false;
            let mut target = list.start;
            for left in list.clone().step_by(2) {
                // Both indexes are within the list.
                let a = self.nodes[left];
                let b = if left + 1 < list.end { self.nodes[left + 1] } else { None };
                self.nodes[target] = a.or(b);
                if let (Some(a), Some(b)) = (a, b) {
                    batch.bytes().extend_from_slice(&joined(&a, &b));
                    batch.end();
                    self.places.push(target);
                }
                target += 1;
            }
            list.end = target;
        }
        self.digests.clear();
        batch.hash(&mut self.digests);
        for (place, digest) in self.places.iter().zip(&self.digests) {
            if let Some(node) = self.nodes.get_mut(*place) {
                *node = Some(Hash::from_bytes(*digest));
            }
        }
        !is_done
    }

    /// The root of a list; `None` if all its leaves are empty.
    pub(crate) fn root(&self, list: usize) -> Option<Hash> {
        self.nodes.get(self.lists.get(list)?.start).copied().flatten().filter(|_| !self.lists[list].is_empty())
    }

    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
        self.lists.clear();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::merkle_root_optional;
    use crate::sha256::Backend;

    proptest! {
        #[test]
        fn roots_together_are_the_roots_one_by_one(
            lists in proptest::collection::vec(proptest::collection::vec(proptest::option::of(any::<u8>()), 0..20), 0..8),
        ) {
            let lists: Vec<Vec<Option<Hash>>> = lists
                .iter()
                .map(|list| list.iter().map(|leaf| leaf.map(|leaf| Hash::of(&[leaf]))).collect())
                .collect();
            let mut roots = Roots::default();
            let numbers: Vec<usize> = lists.iter().map(|list| roots.add(list.iter().copied())).collect();
            roots.resolve(&mut Batch::new(Backend::best()));
            for (number, list) in numbers.into_iter().zip(&lists) {
                prop_assert_eq!(roots.root(number), merkle_root_optional(list));
            }
        }
    }
}
