//! The bytes of an object as they are read: counted, hashed if that is asked for, and with the
//! first ones kept.

use std::io::{self, Read};

use aws_lc_rs::digest::{Context, SHA256};

use crate::Hash;
use crate::archive::foreign::BEGINNING;

/// An object that is being read.
pub(in crate::archive::verify) struct Input<'a> {
    source: Box<dyn Read + Send>,
    /// The number of bytes read.
    pub(super) read: u64,
    hash: Option<Context>,
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
        Self { source, read: 0, hash: hash.then(|| Context::new(&SHA256)), beginning: Vec::new(), progress }
    }

    /// The SHA-256 of what was read, if it was asked for.
    pub(in crate::archive::verify) fn finish(self) -> Option<String> {
        Hash::from_slice(self.hash?.finish().as_ref()).map(Hash::to_hex)
    }
}

impl Read for Input<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.read += count as u64;
        let room = BEGINNING.saturating_sub(self.beginning.len());
        self.beginning.extend(buffer.iter().take(count.min(room)));
        if let Some(hash) = &mut self.hash {
            hash.update(buffer.get(..count).unwrap_or_default());
        }
        (self.progress)(count as u64);
        Ok(count)
    }
}
