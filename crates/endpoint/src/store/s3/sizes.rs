//! How large the pieces are in which objects travel.

#[cfg(feature = "s3")]
/// Ranges ahead of all readers of one store together: with 8 MiB each, 64 MiB.
pub(super) const AHEAD_OF_ALL: usize = 8;

/// Sizes in bytes. The defaults are right; tests set smaller ones to see the pieces.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// The bytes of each part of an upload but the last: 5 MiB at least, as S3 has it. Of each object that is being
    /// written at most two are in memory: one that is filled, and one that is on its way.
    pub part: usize,
    /// Larger objects are copied inside S3 in parts. S3 takes 5 GiB in one call; this is less, so that one call is
    /// over within the time of an attempt.
    pub single_copy: u64,
    /// The bytes of each such part but the last: 5 MiB at least, as S3 has it.
    pub copy_part: u64,
    /// Objects that are larger are read in ranges of so many bytes.
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
