//! Where texts wait for the verdict, so that memory does not hold them.

use std::io::{self, Read, Seek, SeekFrom, Write};

/// Texts that wait in a file, one behind the other.
pub(super) struct Spool<S> {
    file: S,
    length: u64,
}

impl<S> Spool<S> {
    /// An empty file.
    pub(super) fn of(file: S) -> Self {
        Self { file, length: 0 }
    }
}

impl<S: Write> Spool<S> {
    /// Adds a text; where it lies.
    pub(super) fn keep(&mut self, text: &[u8]) -> io::Result<(u64, u64)> {
        let place = (self.length, text.len() as u64);
        self.file.write_all(text)?;
        self.length += place.1;
        Ok(place)
    }
}

impl<S: Read + Seek> Spool<S> {
    /// A text that was added.
    pub(super) fn text(&mut self, (start, length): (u64, u64)) -> io::Result<String> {
        self.file.seek(SeekFrom::Start(start))?;
        let mut text = String::new();
        self.file.by_ref().take(length).read_to_string(&mut text)?;
        Ok(text)
    }
}
