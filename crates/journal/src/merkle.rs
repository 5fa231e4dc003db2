//! The tree over the block hashes of a journal: its root is the digest, a path
//! in it is a proof (docs/qldb.md 4.6, 4.7).

mod paths;

pub use paths::Paths;

use super::hash::level_above;
use super::{Hash, dot, dot_optional};

/// A whole subtree: leaves `index * 2^level` up to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Node {
    level: u32,
    index: u64,
    hash: Hash,
}

impl Node {
    /// Wider than a number: the last number of all has an end as well.
    fn begin(&self) -> u128 {
        u128::from(self.index) << self.level
    }

    fn end(&self) -> u128 {
        (u128::from(self.index) + 1) << self.level
    }
}

/// What is left of the tree over a run of leaves: its largest whole subtrees, in
/// order. A few hashes, however long the run; runs that meet are joined in any
/// grouping with the same result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    nodes: Vec<Node>,
}

impl Frontier {
    /// Adds the next leaf; for the first, `position` says which it is.
    pub fn push(&mut self, position: u64, leaf: Hash) {
        self.append(Node { level: 0, index: position, hash: leaf });
    }

    /// Joins the run that begins where this one ends. None if it begins elsewhere.
    #[must_use]
    pub fn join(mut self, next: &Self) -> Option<Self> {
        let meets = match (self.nodes.last(), next.nodes.first()) {
            (Some(last), Some(first)) => last.end() == first.begin(),
            _ => true,
        };
        self.extend(next);
        meets.then_some(self)
    }

    /// Adds a run wherever it begins; where it does not meet this one, there is no root.
    pub fn extend(&mut self, next: &Self) {
        next.nodes.iter().for_each(|node| self.append(*node));
    }

    /// Adds a subtree, and joins siblings into their parent as long as there are any.
    fn append(&mut self, node: Node) {
        self.append_with(node, |_, _| {});
    }

    /// The same, and shows each pair before it is joined.
    fn append_with(&mut self, mut node: Node, mut joining: impl FnMut(&Node, &Node)) {
        while let Some(left) = self.nodes.last().copied() {
            let siblings = left.level == node.level && left.index % 2 == 0 && node.index == left.index + 1;
            if !siblings {
                break;
            }
            self.nodes.pop();
            joining(&left, &node);
            node = Node { level: node.level + 1, index: node.index / 2, hash: dot(left.hash, node.hash) };
        }
        self.nodes.push(node);
    }

    /// The root over leaves 0 up to the last; none if the run does not begin at 0.
    pub fn root(&self) -> Option<Hash> {
        let begins_at_zero = self.nodes.first().is_some_and(|node| node.index == 0);
        let runs_on = self.nodes.iter().zip(self.nodes.iter().skip(1)).all(|(one, next)| one.end() == next.begin());
        let fold = |right: Option<Hash>, node: &Node| dot_optional(Some(node.hash), right);
        (begins_at_zero && runs_on).then(|| self.nodes.iter().rev().fold(None, fold)).flatten()
    }

    /// The subtrees as level, index and hash, for keeping.
    pub fn parts(&self) -> impl Iterator<Item = (u32, u64, Hash)> {
        self.nodes.iter().map(|node| (node.level, node.index, node.hash))
    }

    /// A frontier that was kept. None if a level is higher than any tree.
    pub fn from_parts(parts: impl IntoIterator<Item = (u32, u64, Hash)>) -> Option<Self> {
        let node = |(level, index, hash)| (level < u64::BITS).then_some(Node { level, index, hash });
        Some(Self { nodes: parts.into_iter().map(node).collect::<Option<_>>()? })
    }
}

/// The siblings on the way from a leaf to the root, bottom up. An odd last node
/// has none on its level, and empty leaves leave none. None if there is no such leaf.
pub fn path(leaves: &[Option<Hash>], leaf: usize) -> Option<Vec<Hash>> {
    leaves.get(leaf)?;
    let mut siblings = Vec::new();
    let (mut level, mut at) = (leaves.to_vec(), leaf);
    while level.len() > 1 {
        siblings.extend(level.get(at ^ 1).copied().flatten());
        level = level_above(&level);
        at /= 2;
    }
    Some(siblings)
}

/// How many siblings [`path`] gives for a leaf of the tree over leaves 0 up to `last`. None if the tree has no such leaf.
pub fn path_length(leaf: u64, last: u64) -> Option<usize> {
    if leaf > last {
        return None;
    }
    let levels = (0..u64::BITS - last.leading_zeros()).filter(|level| (leaf >> level) ^ 1 <= last >> level);
    Some(levels.count())
}

/// Every length that a path has in the tree over leaves 0 up to `last`: one for each of its largest whole subtrees,
/// whose leaves are alike.
pub fn path_lengths(last: u64) -> impl Iterator<Item = usize> {
    let leaves = u128::from(last) + 1;
    let first_of = move |level: u32| leaves >> level & 1 == 1;
    let first = (0..=u64::BITS).filter(move |level| first_of(*level)).map(move |level| (leaves >> level ^ 1) << level);
    first.filter_map(move |leaf| path_length(u64::try_from(leaf).ok()?, last))
}

/// Where a proof leads: the leaf joined with each sibling in turn.
pub fn fold_proof(leaf: Hash, proof: &[Hash]) -> Hash {
    proof.iter().fold(leaf, |node, sibling| dot(node, *sibling))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::merkle_root;

    fn leaves(count: usize) -> Vec<Hash> {
        (0..count).map(|number| Hash::of(&number.to_be_bytes())).collect()
    }

    fn frontier(leaves: &[Hash], from: usize, to: usize) -> Frontier {
        let mut frontier = Frontier::default();
        (from..to).for_each(|at| frontier.push(at as u64, leaves[at]));
        frontier
    }

    #[test]
    fn the_root_is_that_of_the_whole_tree_however_the_run_is_cut() {
        for count in 1..40 {
            let leaves = leaves(count);
            let expected = merkle_root(&leaves);
            assert_eq!(frontier(&leaves, 0, count).root(), expected);
            for first in 0..count {
                for second in first..count {
                    let [a, b, c] =
                        [(0, first), (first, second), (second, count)].map(|(from, to)| frontier(&leaves, from, to));
                    let left = a.clone().join(&b).unwrap().join(&c).unwrap();
                    assert_eq!(left.root(), expected);
                    assert_eq!(a.join(&b.join(&c).unwrap()).unwrap(), left);
                }
            }
        }
    }

    #[test]
    fn runs_that_do_not_meet_are_not_joined_and_a_partial_run_has_no_root() {
        let leaves = leaves(9);
        assert_eq!(frontier(&leaves, 0, 3).join(&frontier(&leaves, 4, 9)), None);
        assert_eq!(frontier(&leaves, 1, 9).root(), None);
        assert_eq!(Frontier::default().root(), None);
    }

    #[test]
    fn a_run_up_to_the_last_number_of_all_is_joined_and_a_level_that_no_tree_has_is_refused() {
        let [one, other] = [u64::MAX - 1, u64::MAX].map(|position| {
            let mut frontier = Frontier::default();
            frontier.push(position, Hash::of(b"leaf"));
            frontier
        });
        assert_eq!(one.join(&other).unwrap().root(), None);
        assert_eq!(Frontier::from_parts([(u64::BITS, 0, Hash::of(b"leaf"))]), None);
    }

    #[test]
    fn every_path_leads_to_the_root() {
        for count in 1..40 {
            let leaves = leaves(count);
            let present: Vec<Option<Hash>> = leaves.iter().copied().map(Some).collect();
            for (at, leaf) in leaves.iter().enumerate() {
                assert_eq!(Some(fold_proof(*leaf, &path(&present, at).unwrap())), merkle_root(&leaves));
            }
            assert_eq!(path(&present, count), None);
        }
    }

    proptest! {
        #[test]
        fn the_length_of_a_path_is_known_without_the_tree(count in 1..300_usize, at in 0..300_usize) {
            let present: Vec<Option<Hash>> = leaves(count).into_iter().map(Some).collect();
            let (leaf, last) = (at as u64, count as u64 - 1);
            prop_assert_eq!(path_length(leaf, last), path(&present, at).map(|siblings| siblings.len()));
        }

        #[test]
        fn every_length_of_a_tree_is_that_of_some_leaf(last in 0..2_000_u64) {
            let lengths: BTreeSet<usize> = path_lengths(last).collect();
            prop_assert_eq!(lengths, (0..=last).filter_map(|leaf| path_length(leaf, last)).collect::<BTreeSet<_>>());
        }

        #[test]
        fn a_leaf_of_any_tree_has_at_least_a_sibling_for_each_of_its_bits(last in any::<u64>(), leaf in any::<u64>()) {
            let length = path_length(leaf, last);
            prop_assert_eq!(length.is_some(), leaf <= last);
            prop_assert!(length.is_none_or(|length| (leaf.count_ones() as usize..=64).contains(&length)));
            prop_assert_eq!(path_length(leaf, leaf), Some(leaf.count_ones() as usize));
        }
    }

    #[test]
    fn paths_have_lengths_up_to_the_last_number_of_all() {
        assert_eq!(path_length(0, 0), Some(0));
        assert_eq!(path_length(u64::MAX, u64::MAX), Some(64));
        assert_eq!(path_lengths(u64::MAX).collect::<Vec<_>>(), [64]);
        assert_eq!(path_lengths(0).collect::<Vec<_>>(), [0]);
        assert_eq!(path_length(1 << 63, 1 << 63), Some(1));
    }
}
