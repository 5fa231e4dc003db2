//! Folds runs of consecutive leaves at once, because many hashes can be computed together.

use super::{Frontier, Node};
use crate::Hash;
use crate::hash::joined;
use crate::sha256::{Backend, Batch};

/// How many leaves are queued.
const MOST: usize = 1024;

/// Leaves that are queued for a [`Frontier`].
#[derive(Debug, Default)]
pub(crate) struct Leaves {
    /// The position of the first.
    first: u64,
    hashes: Vec<Hash>,
}

impl Leaves {
    /// Queues a leaf. The queued leaves are folded first if it does not follow them, or if there are many.
    pub(crate) fn push(&mut self, position: u64, leaf: Hash, frontier: &mut Frontier) {
        let is_next = self.first.checked_add(self.hashes.len() as u64) == Some(position);
        if !is_next || self.hashes.len() >= MOST {
            self.add_to(frontier);
        }
        if self.hashes.is_empty() {
            self.first = position;
        }
        self.hashes.push(leaf);
    }

    /// Folds the queued leaves.
    pub(crate) fn add_to(&mut self, frontier: &mut Frontier) {
        frontier.push_all(self.first, &self.hashes);
        self.hashes.clear();
    }
}

impl Frontier {
    /// Adds consecutive leaves, the first at this position.
    fn push_all(&mut self, position: u64, leaves: &[Hash]) {
        // A few leaves are not worth the effort, and the other tree has its own hashes.
        if self.has_log || leaves.len() < 4 {
            (position..=u64::MAX).zip(leaves).for_each(|(position, leaf)| self.push(position, *leaf));
            return;
        }
        let mut batch = Batch::new(Backend::best());
        let (mut digests, mut lasts) = (Vec::new(), Vec::new());
        let (mut level, mut first, mut nodes) = (0, position, leaves.to_vec());
        let node = |level, index, hash| Node { level, index, hash, log: None };
        while let Some(&hash) = nodes.first() {
            // A node whose sibling comes before these leaves, or after them, is left over on its level.
            let is_right = first % 2 == 1;
            if is_right {
                self.append(node(level, first, hash));
            }
            let pairs = nodes.get(usize::from(is_right)..).unwrap_or_default();
            let (pairs, last) = pairs.as_chunks();
            if let [last] = last {
                lasts.push(node(level, first + (nodes.len() as u64 - 1), *last));
            }
            for [left, right] in pairs {
                batch.bytes().extend_from_slice(&joined(left, right));
                batch.end();
            }
            digests.clear();
            batch.hash(&mut digests);
            nodes = digests.iter().map(|digest| Hash::from_bytes(*digest)).collect();
            (level, first) = (level + 1, first / 2 + u64::from(is_right));
        }
        lasts.into_iter().rev().for_each(|node| self.append(node));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn leaves_together_are_the_leaves_one_by_one(
            first in prop_oneof![0..70_u64, any::<u64>(), (u64::MAX - 70)..=u64::MAX],
            count in 0..3000_usize, gap in proptest::option::of((0..3000_usize, 0..9_u64)), has_log: bool,
        ) {
            let mut positions: Vec<u64> = (first..=u64::MAX).take(count).collect();
            if let Some((at, distance)) = gap {
                positions.iter_mut().skip(at).for_each(|position| *position = position.saturating_add(distance));
            }
            let leaf = |position: &u64| Hash::of(&position.to_be_bytes());
            let (mut expected, mut found) = (Frontier::new(has_log), Frontier::new(has_log));
            let mut leaves = Leaves::default();
            for position in &positions {
                expected.push(*position, leaf(position));
                leaves.push(*position, leaf(position), &mut found);
            }
            leaves.add_to(&mut found);
            prop_assert_eq!(found, expected);
        }
    }
}
