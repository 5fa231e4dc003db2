//! The paths from some leaves of a tree to its root, collected while all its leaves arrive in
//! order: `archive::prove` makes proofs from them. Memory holds a frontier, and the siblings of the
//! wanted leaves; nothing grows with the others.

use std::collections::HashMap;

use super::{Frontier, Node};
use crate::{Hash, dot_optional};

/// The paths of some leaves in the tree over leaves 0 to the last one so far.
#[derive(Debug, Default)]
pub struct Paths {
    frontier: Frontier,
    /// The indexes of the wanted leaves, ascending.
    wanted: Vec<u64>,
    /// The siblings of nodes above wanted leaves, by level and index. Leaves with a common path share them.
    siblings: HashMap<(u32, u64), Hash>,
}

impl Paths {
    /// Adds the next leaf. Either its own path is wanted, or only its contribution to others.
    pub fn push(&mut self, position: u64, leaf: Hash, is_wanted: bool) {
        if is_wanted && self.wanted.last().is_none_or(|last| *last < position) {
            self.wanted.push(position);
        }
        let Self { frontier, wanted, siblings } = self;
        frontier.append_with(Node { level: 0, index: position, hash: leaf, log: None }, |left, right| {
            for (node, sibling) in [(left, right), (right, left)] {
                if node.holds_one_of(wanted) {
                    siblings.insert((sibling.level, sibling.index), sibling.hash);
                }
            }
        });
    }

    /// The root over all leaves so far; `None` if they do not run from leaf 0 on.
    pub fn root(&self) -> Option<Hash> {
        self.frontier.root()
    }

    /// The siblings on the path from a wanted leaf to the root, bottom up, as in [`super::path`]. `None` for other
    /// leaves, and if there is no root.
    pub fn path(&self, leaf: u64) -> Option<Vec<Hash>> {
        self.wanted.binary_search(&leaf).ok()?;
        self.root()?;
        let mut found = Vec::new();
        let (mut level, mut index) = (0, leaf);
        while let Some(sibling) = self.siblings.get(&(level, index ^ 1)) {
            found.push(*sibling);
            (level, index) = (level + 1, index / 2);
        }
        // This is the largest complete subtree above the leaf: everything to its right is one sibling, and then come
        // those on its left, the nearest first.
        // come those on its left, the nearest first.
        let nodes = &self.frontier.nodes;
        let top = nodes.iter().position(|node| (node.level, node.index) == (level, index))?;
        let (before, behind) = (nodes.get(..top)?, nodes.get(top + 1..)?);
        found.extend(behind.iter().rev().fold(None, |right, node| dot_optional(Some(node.hash), right)));
        found.extend(before.iter().rev().map(|node| node.hash));
        Some(found)
    }
}

impl Node {
    /// Whether one of some leaves, in ascending order, is below the node.
    fn holds_one_of(&self, leaves: &[u64]) -> bool {
        let first = leaves.partition_point(|leaf| u128::from(*leaf) < self.begin());
        leaves.get(first).is_some_and(|leaf| u128::from(*leaf) < self.end())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{fold_proof, path};
    use super::*;

    fn leaf(number: u64) -> Hash {
        Hash::of(&number.to_be_bytes())
    }

    proptest! {
        #[test]
        fn the_paths_of_some_leaves_are_those_in_the_whole_tree(wanted in proptest::collection::vec(any::<bool>(), 1..300)) {
            let leaves: Vec<Option<Hash>> = (0..wanted.len() as u64).map(|number| Some(leaf(number))).collect();
            let mut paths = Paths::default();
            for (number, is_wanted) in (0..).zip(&wanted) {
                paths.push(number, leaf(number), *is_wanted);
            }
            for (at, is_wanted) in wanted.iter().enumerate() {
                let found = paths.path(at as u64);
                prop_assert_eq!(&found, &path(&leaves, at).filter(|_| *is_wanted));
                if let Some(found) = found {
                    prop_assert_eq!(Some(fold_proof(leaves[at].unwrap(), &found)), paths.root());
                }
            }
        }
    }

    #[test]
    fn memory_is_that_of_the_wanted_leaves_alone() {
        let mut paths = Paths::default();
        (0..100_000).for_each(|number| paths.push(number, leaf(number), number == 77_777));
        assert!(paths.siblings.len() <= 17 && paths.frontier.nodes.len() <= 17, "{}", paths.siblings.len());
        assert!(paths.path(77_777).is_some() && paths.path(77_776).is_none());
    }

    #[test]
    fn a_journal_that_does_not_run_on_from_leaf_0_has_no_path() {
        for numbers in [vec![1, 2, 3], vec![0, 1, 3], vec![0, 0, 1], vec![0, 1, 1]] {
            let mut paths = Paths::default();
            numbers.iter().for_each(|number| paths.push(*number, leaf(*number), true));
            assert_eq!(paths.path(1), None, "{numbers:?}");
        }
    }
}
