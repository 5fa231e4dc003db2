//! The bytes of an object as they are read: counted, hashed if that is asked for, and with the
//! first ones kept.

use std::io::{self, Read};

use crate::Hash;
use crate::archive::foreign::BEGINNING;
use crate::sha256::HashingReader;

/// An object that is being read.
pub(in crate::archive::verify) struct Input<'a> {
    source: HashingReader<Box<dyn Read + Send>>,
    /// The first bytes, which show what it is if it is not what it should be.
    pub(super) beginning: Vec<u8>,
    progress: &'a (dyn Fn(u64) + Sync),
}

impl<'a> Input<'a> {
    /// Reads from the beginning; `progress` receives the number of bytes read.
    pub(in crate::archive::verify) fn new(
        source: Box<dyn Read + Send>,
        hash: bool,
        progress: &'a (dyn Fn(u64) + Sync),
    ) -> Self {
        Self { source: HashingReader::hashing_if(hash, source), beginning: Vec::new(), progress }
    }

    /// The number of bytes read.
    pub(super) fn bytes(&self) -> u64 {
        self.source.count()
    }

    /// The SHA-256 of what was read, if it was asked for.
    pub(in crate::archive::verify) fn finish(self) -> Option<Hash> {
        self.source.hash()
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        let room = BEGINNING.saturating_sub(self.beginning.len());
        self.beginning.extend(buffer.iter().take(count.min(room)));
        (self.progress)(count as u64);
        Ok(count)
    }
}
