//! One message at a time, with aws-lc: using SHA instructions if there are any, otherwise the
//! fastest code for a single stream.

use aws_lc_rs::digest::{SHA256, digest};

use super::{Block, Digest};

/// The digest of a padded message.
pub(super) fn hash(padded: &[Block]) -> Digest {
    let bytes = padded.as_flattened();
    // The padding ends with the length in bits.
    let bits = bytes.last_chunk().map_or(0, |length| u64::from_be_bytes(*length));
    let length = usize::try_from(bits / 8).unwrap_or(usize::MAX);
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, bytes.get(..length).unwrap_or_default()).as_ref());
    hash
}
