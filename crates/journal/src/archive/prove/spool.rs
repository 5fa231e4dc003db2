//! Stores texts until the verdict, so that they take no memory.

use std::io::{self, Read, Seek, SeekFrom, Write};

/// Texts stored in a file, one after the other.
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
    /// Adds a text, and returns its position.
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
