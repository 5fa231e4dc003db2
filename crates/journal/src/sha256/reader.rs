//! A reader that counts and hashes what is read through it.

use std::io::{self, Read};

use aws_lc_rs::digest::{Context, SHA256};

use crate::Hash;

/// The number of bytes that are read at once to get to the end.
const BUFFER: usize = 256 * 1024;

/// Counts the bytes that are read, and hashes them.
pub struct HashingReader<R> {
    input: R,
    bytes: u64,
    hash: Option<Context>,
}

impl<R: Read> HashingReader<R> {
    /// Counts and hashes an input.
    pub fn new(input: R) -> Self {
        Self::hashing_if(true, input)
    }

    /// Counts an input, and hashes it if `hashes`.
    pub(crate) fn hashing_if(hashes: bool, input: R) -> Self {
        Self { input, bytes: 0, hash: hashes.then(|| Context::new(&SHA256)) }
    }

    /// The number of bytes read so far.
    pub(crate) fn count(&self) -> u64 {
        self.bytes
    }

    /// The SHA-256 of what was read so far, if it was hashed.
    pub(crate) fn hash(self) -> Option<Hash> {
        Hash::from_slice(self.hash?.finish().as_ref())
    }

    /// Reads the rest, and returns the size and the SHA-256 of the whole.
    pub fn finish(mut self) -> io::Result<(u64, Hash)> {
        let mut rest = vec![0; BUFFER];
        while self.read(&mut rest)? > 0 {}
        // A SHA-256 has the length of a hash; an empty one would match nothing.
        Ok((self.bytes, self.hash().unwrap_or_else(|| Hash::of(b""))))
    }
}

impl<R: Read> Read for HashingReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.bytes += count as u64;
        if let Some(hash) = &mut self.hash {
            hash.update(buffer.get(..count).unwrap_or_default());
        }
        Ok(count)
    }
}
