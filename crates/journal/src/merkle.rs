//! The tree over the block hashes of a journal: its root is the digest, and a path in it is a proof
//! (docs/qldb.md 4.6, 4.7).

mod leaves;
mod paths;

pub(crate) use leaves::Leaves;
pub use paths::Paths;

use super::hash::level_above;
use super::{Hash, dot, dot_optional, log_tree};

/// A complete subtree: leaves from `index * 2^level` to the next multiple.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Node {
    level: u32,
    index: u64,
    hash: Hash,
    /// The hash in the RFC 6962 tree, which has the same shape.
    log: Option<Hash>,
}

impl Node {
    /// Wider than an index, so that the last possible one has an end as well.
    fn begin(&self) -> u128 {
        u128::from(self.index) << self.level
    }

    fn end(&self) -> u128 {
        (u128::from(self.index) + 1) << self.level
    }
}

/// A complete subtree as level, index, hash, and hash in the RFC 6962 tree.
pub type FrontierPart = (u32, u64, Hash, Option<Hash>);

/// The folded tree over a run of leaves: its largest complete subtrees, in order. It needs only a few hashes, however
/// long the run; adjacent runs can be joined in any grouping with the same result.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    nodes: Vec<Node>,
    /// Whether the RFC 6962 tree is folded as well.
    has_log: bool,
}

impl Frontier {
    /// No leaves yet; with `has_log`, the RFC 6962 tree is folded as well.
    pub fn new(has_log: bool) -> Self {
        Self { nodes: Vec::new(), has_log }
    }

    /// Adds the next leaf; for the first one, `position` is its index.
    pub fn push(&mut self, position: u64, leaf: Hash) {
        let log = self.has_log.then(|| log_tree::leaf(leaf));
        self.append(Node { level: 0, index: position, hash: leaf, log });
    }

    /// Joins the run that begins where this one ends. `None` if it begins elsewhere.
    #[must_use]
    pub fn join(mut self, next: &Self) -> Option<Self> {
        let meets = match (self.nodes.last(), next.nodes.first()) {
            (Some(last), Some(first)) => last.end() == first.begin(),
            _ => true,
        };
        self.extend(next);
        meets.then_some(self)
    }

    /// Adds a run wherever it begins; if it is not adjacent, there is no root.
    pub fn extend(&mut self, next: &Self) {
        next.nodes.iter().for_each(|node| self.append(*node));
    }

    /// Adds a subtree, and joins siblings into their parent as long as there are any.
    fn append(&mut self, node: Node) {
        self.append_with(node, |_, _| {});
    }

    /// The same, and passes each pair to a callback before it is joined.
    fn append_with(&mut self, mut node: Node, mut joining: impl FnMut(&Node, &Node)) {
        while let Some(left) = self.nodes.last().copied() {
            let siblings = left.level == node.level && left.index % 2 == 0 && node.index == left.index + 1;
            if !siblings {
                break;
            }
            self.nodes.pop();
            joining(&left, &node);
            node = Node {
                level: node.level + 1,
                index: node.index / 2,
                hash: dot(left.hash, node.hash),
                log: left.log.zip(node.log).map(|(left, right)| log_tree::node(left, right)),
            };
        }
        self.nodes.push(node);
    }

    /// The root over leaves 0 to the last; `None` if the run does not begin at 0.
    pub fn root(&self) -> Option<Hash> {
        let fold = |right: Option<Hash>, node: &Node| dot_optional(Some(node.hash), right);
        self.is_whole().then(|| self.nodes.iter().rev().fold(None, fold)).flatten()
    }

    /// The root of the RFC 6962 tree over the same leaves; `None` if the run does not begin at 0, or if that tree was
    /// not folded.
    pub fn log_root(&self) -> Option<Hash> {
        let mut from_the_right = self.nodes.iter().rev().map(|node| node.log).filter(|_| self.is_whole());
        let last = from_the_right.next()??;
        from_the_right.try_fold(last, |right, left| Some(log_tree::node(left?, right)))
    }

    /// Whether the leaves run from 0 on without a gap.
    fn is_whole(&self) -> bool {
        let begins_at_zero = self.nodes.first().is_some_and(|node| node.index == 0);
        begins_at_zero && self.nodes.iter().zip(self.nodes.iter().skip(1)).all(|(one, next)| one.end() == next.begin())
    }

    /// Frees memory that is not needed if nothing more is added: there can be many small objects.
    pub(crate) fn shrink(&mut self) {
        self.nodes.shrink_to_fit();
    }

    /// The subtrees, for storing.
    pub fn parts(&self) -> impl Iterator<Item = FrontierPart> {
        self.nodes.iter().map(|node| (node.level, node.index, node.hash, node.log))
    }

    /// A frontier from stored parts. `None` if a level is higher than any tree.
    pub fn from_parts(parts: impl IntoIterator<Item = FrontierPart>) -> Option<Self> {
        let node = |(level, index, hash, log)| (level < u64::BITS).then_some(Node { level, index, hash, log });
        let mut nodes: Vec<Node> = parts.into_iter().map(node).collect::<Option<_>>()?;
        nodes.shrink_to_fit();
        Some(Self { has_log: nodes.iter().any(|node| node.log.is_some()), nodes })
    }
}

/// The siblings on the path from a leaf to the root, bottom up. An odd last node has none on its level, and empty
/// leaves yield none. `None` if there is no such leaf.
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

/// The number of siblings that [`path`] returns for a leaf of the tree over leaves 0 to `last`. `None` if the tree has
/// no such leaf.
pub fn path_length(leaf: u64, last: u64) -> Option<usize> {
    if leaf > last {
        return None;
    }
    let levels = (0..u64::BITS - last.leading_zeros()).filter(|level| (leaf >> level) ^ 1 <= last >> level);
    Some(levels.count())
}

/// Every possible length of a path in the tree over leaves 0 to `last`: one for each of its largest complete subtrees,
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
        assert_eq!(Frontier::from_parts([(u64::BITS, 0, Hash::of(b"leaf"), None)]), None);
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

    fn logged(leaves: &[Hash], from: usize, to: usize) -> Frontier {
        let mut frontier = Frontier::new(true);
        (from..to).for_each(|at| frontier.push(at as u64, leaves[at]));
        frontier
    }

    #[test]
    fn a_tree_that_was_not_folded_from_0_on_has_no_root_of_rfc_6962() {
        let leaves = leaves(9);
        assert_eq!(frontier(&leaves, 0, 9).log_root(), None);
        assert_eq!(logged(&leaves, 1, 9).log_root(), None);
        assert_eq!(Frontier::new(true).log_root(), None);
        // A tree that was folded only in part.
        assert_eq!(logged(&leaves, 0, 4).join(&frontier(&leaves, 4, 9)).unwrap().log_root(), None);
    }

    proptest! {
        #[test]
        fn the_root_of_rfc_6962_is_that_of_its_own_words_however_the_run_is_cut_and_kept(
            count in 1..400_usize, cuts in proptest::collection::vec(0..400_usize, 0..6),
        ) {
            let leaves = leaves(count);
            let mut ends: Vec<usize> = cuts.into_iter().map(|cut| cut.min(count)).chain([0, count]).collect();
            ends.sort_unstable();
            let runs = ends.windows(2).map(|run| logged(&leaves, run[0], run[1]));
            let kept = runs.map(|run| Frontier::from_parts(run.parts()).unwrap());
            let whole = kept.fold(Frontier::new(true), |whole, run| whole.join(&run).unwrap());
            prop_assert_eq!(whole.log_root(), Some(log_tree::tests::root(&leaves)));
            prop_assert_eq!(whole.root(), merkle_root(&leaves));
            // A few hashes, however long the run.
            prop_assert!(whole.parts().count() <= 9);
        }

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
