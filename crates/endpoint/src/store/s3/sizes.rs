//! The sizes of the pieces in which objects are transferred.

#[cfg(feature = "s3")]
/// The number of ranges ahead of all readers of one store: with 8 MiB each, 64 MiB.
pub(super) const AHEAD_OF_ALL: usize = 8;

/// Sizes in bytes. The defaults are right; tests set smaller ones to see the pieces.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// The size of each part of an upload except the last: at least 5 MiB, as S3 requires. For each object that is
    /// being written, at most two parts are in memory: one that is being filled, and one that is being sent.
    pub part: usize,
    /// Larger objects are copied within S3 in parts. S3 accepts 5 GiB in one call; this is less, so that one call
    /// finishes within the time of an attempt.
    pub single_copy: u64,
    /// The size of each such part except the last: at least 5 MiB, as S3 requires.
    pub copy_part: u64,
    /// Larger objects are read in ranges of this many bytes.
    pub range: u64,
}

impl Default for Sizes {
    fn default() -> Self {
        Self {
            part: 8 * 1024 * 1024,
            single_copy: 1024 * 1024 * 1024,
            copy_part: 512 * 1024 * 1024,
            range: 8 * 1024 * 1024,
        }
    }
}
