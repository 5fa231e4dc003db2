//! A source that gives a few bytes at a time.

use std::io::{self, Read};

pub(crate) struct Dripping<'b> {
    pub(crate) bytes: &'b [u8],
    pub(crate) step: usize,
}

impl Read for Dripping<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let length = self.step.min(self.bytes.len()).min(out.len());
        out[..length].copy_from_slice(&self.bytes[..length]);
        self.bytes = &self.bytes[length..];
        Ok(length)
    }
}
