//! What [`Wide`] is on a CPU of another kind: nothing.

use crate::Hash;
use crate::sha256::Backend;

/// Proof of CPU features that this CPU does not have.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wide {}

impl Wide {
    pub(super) fn of(_: Backend) -> Option<Self> {
        None
    }

    pub(super) fn push_escaped<'h>(self, _: impl ExactSizeIterator<Item = &'h [u8; Hash::LENGTH]>, _: &mut Vec<u8>) {
        match self {}
    }

    pub(super) fn plain(self, _: &[u8], _: u8) -> usize {
        match self {}
    }

    pub(super) fn decode_hash(self, _: &[u8; Hash::BASE64_LENGTH], _: &mut [u8; Hash::LENGTH]) -> bool {
        match self {}
    }
}
