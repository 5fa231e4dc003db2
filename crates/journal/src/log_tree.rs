//! The Merkle tree of RFC 6962 over the hashes of blocks, as in transparency logs: leaves and nodes
//! are hashed with different prefixes, so that no node can pass for a leaf, and the order of the
//! leaves is covered.
//!
//! For [`super::merkle`], which folds it together with QLDB's own tree; both have the same shape.

use super::Hash;

const LEAF: u8 = 0;
const NODE: u8 = 1;

/// The hash of a leaf whose data is the hash of a block.
pub(super) fn leaf(block: Hash) -> Hash {
    let mut bytes = [LEAF; 1 + Hash::LENGTH];
    bytes.iter_mut().skip(1).zip(block.as_bytes()).for_each(|(to, byte)| *to = *byte);
    Hash::of(&bytes)
}

/// The hash of a node over two subtrees.
pub(super) fn node(left: Hash, right: Hash) -> Hash {
    let mut bytes = [NODE; 1 + 2 * Hash::LENGTH];
    let both = left.as_bytes().iter().chain(right.as_bytes());
    bytes.iter_mut().skip(1).zip(both).for_each(|(to, byte)| *to = *byte);
    Hash::of(&bytes)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The root as the RFC defines it: of no leaves, of one, and of two parts, where the size of the left one is the
    /// largest power of two that leaves something for the right one.
    pub(crate) fn root(blocks: &[Hash]) -> Hash {
        match blocks {
            [] => Hash::of(&[]),
            [one] => Hash::of(&[&[0], &one.as_bytes()[..]].concat()),
            several => {
                let left = several.len().next_power_of_two() / 2;
                let (left, right) = several.split_at(left);
                let [left, right] = [left, right].map(root);
                Hash::of(&[&[1], &left.as_bytes()[..], right.as_bytes()].concat())
            }
        }
    }

    #[test]
    fn the_rfc_s_own_prefixes_are_used() {
        // From certificate transparency's test data: the tree over one empty leaf has this form with other data.
        let block = Hash::of(b"block");
        assert_eq!(leaf(block), root(&[block]));
        assert_eq!(node(leaf(block), leaf(block)), root(&[block, block]));
    }
}
