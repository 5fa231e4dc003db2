//! SHA-256 hashes and how QLDB joins them (docs/qldb.md 4.1).

use aws_lc_rs::digest::{SHA256, digest};

/// A SHA-256 hash.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash([u8; Self::LENGTH]);

impl Hash {
    /// The number of bytes in a hash.
    pub const LENGTH: usize = 32;
    /// The number of characters in its base64 form, the last of which only fills.
    pub(crate) const BASE64_LENGTH: usize = 44;

    /// The SHA-256 of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        let mut hash = [0; Self::LENGTH];
        hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
        Self(hash)
    }

    /// A hash that was computed elsewhere.
    pub const fn from_bytes(bytes: [u8; Self::LENGTH]) -> Self {
        Self(bytes)
    }

    /// A hash from a slice; `None` if the length is not 32.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }

    /// The base64 form, as Ion text and JSON show it.
    pub fn to_base64(self) -> String {
        base64_simd::STANDARD.encode_to_string(self.0)
    }

    /// Appends the base64 form.
    #[doc(hidden)]
    pub fn push_base64(self, out: &mut Vec<u8>) {
        base64_simd::STANDARD.encode_append(self.0, out);
    }

    /// The hexadecimal form, as `sha256sum` prints it.
    pub fn to_hex(self) -> String {
        let digits = self.0.iter().flat_map(|byte| [byte >> 4, byte & 0xF]);
        digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect()
    }

    /// Reads the hexadecimal form.
    #[doc(hidden)]
    pub fn from_hex(text: &str) -> Option<Self> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let byte = |[high, low]: &[u8; 2]| u8::try_from(digit(*high)? << 4 | digit(*low)?).ok();
        let bytes: Vec<u8> = pairs.iter().map(byte).collect::<Option<_>>()?;
        Self::from_slice(&bytes).filter(|_| rest.is_empty())
    }

    /// Parses the base64 form.
    pub fn from_base64(text: &str) -> Option<Self> {
        use base64::Engine as _;
        Self::from_slice(&base64::engine::general_purpose::STANDARD.decode(text).ok()?)
    }
}

/// A hash for a message: its base64 form, or a note that there is none.
pub fn shown(hash: Option<Hash>) -> String {
    hash.map_or_else(|| "nothing".to_owned(), Hash::to_base64)
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.to_base64())
    }
}

/// Joins two hashes: the smaller one first, compared as signed bytes from the last to the first, then SHA-256 of both.
/// Commutative, not associative.
pub fn dot(a: Hash, b: Hash) -> Hash {
    Hash::of(&joined(&a, &b))
}

/// The input that [`dot`] hashes.
#[inline]
pub(crate) fn joined(a: &Hash, b: &Hash) -> [u8; 2 * Hash::LENGTH] {
    let (first, second) = if before(a, b) { (a, b) } else { (b, a) };
    let mut joined = [0; 2 * Hash::LENGTH];
    joined[..Hash::LENGTH].copy_from_slice(&first.0);
    joined[Hash::LENGTH..].copy_from_slice(&second.0);
    joined
}

/// [`dot`] where either side may be empty: an empty side leaves the other unchanged.
pub fn dot_optional(a: Option<Hash>, b: Option<Hash>) -> Option<Hash> {
    match (a, b) {
        (Some(a), Some(b)) => Some(dot(a, b)),
        (one, None) | (None, one) => one,
    }
}

#[inline]
fn before(a: &Hash, b: &Hash) -> bool {
    // Two different hashes almost always differ in their last bytes.
    let (one, other) = (last_bytes(a), last_bytes(b));
    if one == other { before_in_full(a, b) } else { one < other }
}

/// The last bytes as a number that orders them as signed bytes from the last to the first.
#[inline]
fn last_bytes(hash: &Hash) -> u64 {
    const SIGNS: u64 = 0x8080_8080_8080_8080;
    hash.0.last_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes) ^ SIGNS)
}

/// The same for any hashes.
#[cold]
fn before_in_full(a: &Hash, b: &Hash) -> bool {
    let signed = |byte: &u8| byte.cast_signed();
    a.0.iter().rev().map(signed).lt(b.0.iter().rev().map(signed))
}

/// The root of the tree over some leaves: neighbours are joined by [`dot`], and an odd last one moves up unchanged.
/// Without leaves there is no root.
pub fn merkle_root(leaves: &[Hash]) -> Option<Hash> {
    let present: Vec<Option<Hash>> = leaves.iter().copied().map(Some).collect();
    merkle_root_optional(&present)
}

/// [`merkle_root`] over leaves that may be empty.
pub fn merkle_root_optional(leaves: &[Option<Hash>]) -> Option<Hash> {
    let mut level = leaves.to_vec();
    while level.len() > 1 {
        level = level_above(&level);
    }
    level.first().copied().flatten()
}

/// The nodes above one level of the tree.
pub(crate) fn level_above(level: &[Option<Hash>]) -> Vec<Option<Hash>> {
    let node = |pair: &[Option<Hash>]| pair.iter().copied().reduce(dot_optional).flatten();
    level.chunks(2).map(node).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dot_commutes_and_orders_bytes_as_signed() {
        let (a, b) = (Hash([0x7f; 32]), Hash([0x80; 32]));
        assert_eq!(dot(a, b), dot(b, a));
        assert_eq!(dot(a, b), Hash::of(&[[0x80; 32], [0x7f; 32]].concat()));
    }

    proptest! {
        #[test]
        fn the_last_bytes_decide_as_all_bytes_do(one: [u8; 32], other: [u8; 32], alike in 0..=32_usize) {
            let mut alike_at_the_end = other;
            alike_at_the_end[32 - alike..].copy_from_slice(&one[32 - alike..]);
            for other in [other, alike_at_the_end] {
                prop_assert_eq!(before(&Hash(one), &Hash(other)), before_in_full(&Hash(one), &Hash(other)));
                prop_assert_eq!(joined(&Hash(one), &Hash(other)), joined(&Hash(other), &Hash(one)));
            }
        }
    }

    #[test]
    fn an_odd_leaf_moves_up_unchanged_and_no_leaf_has_no_root() {
        let [a, b, c] = [Hash::of(b"a"), Hash::of(b"b"), Hash::of(b"c")];
        assert_eq!(merkle_root(&[]), None);
        assert_eq!(merkle_root(&[a]), Some(a));
        assert_eq!(merkle_root(&[a, b, c]), Some(dot(dot(a, b), c)));
    }

    #[test]
    fn empty_entries_are_passed_over() {
        let [a, b] = [Hash::of(b"a"), Hash::of(b"b")];
        assert_eq!(merkle_root_optional(&[Some(a), None, Some(b), None]), Some(dot(a, b)));
    }
}
