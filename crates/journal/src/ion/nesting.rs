//! The output of a writer of text or JSON, and its position: the open containers, and whether a
//! separator is due.

use super::Container;

/// The open containers.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    open: Vec<Container>,
    /// Whether a value precedes in the same container.
    after_value: bool,
}

impl Nesting {
    /// What must be separated from the next value: nothing, or a value inside this container, or (the inner `None`) one
    /// at the top level. The next value counts as written from now on.
    #[inline]
    pub(super) fn separates(&mut self) -> Option<Option<Container>> {
        std::mem::replace(&mut self.after_value, true).then(|| self.open.last().copied())
    }

    /// Notes the beginning of a container.
    #[inline]
    pub(super) fn begin(&mut self, container: Container) {
        self.open.push(container);
        self.after_value = false;
    }

    /// Notes the end of a container. Returns the one that ends.
    #[inline]
    pub(super) fn end(&mut self) -> Option<Container> {
        let ended = self.open.pop();
        self.after_value |= ended.is_some();
        ended
    }

    /// The output was taken: nothing precedes the next value.
    pub(super) fn restart(&mut self) {
        self.after_value = false;
    }
}

/// The output, with one top-level value per line if the writer is set to that.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    pub(super) out: Vec<u8>,
    pub(super) nesting: Nesting,
}

impl Lines {
    /// Ends a line: nothing precedes the next value.
    pub(crate) fn end(&mut self) {
        self.nesting.restart();
        self.out.push(b'\n');
    }

    /// The number of bytes written.
    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    /// Removes what was written since there were so many bytes, at the beginning of a line.
    pub(crate) fn back_to(&mut self, length: usize) {
        self.nesting = Nesting::default();
        self.out.truncate(length);
    }

    /// Exchanges the output for an empty buffer, at the beginning of a line.
    pub(crate) fn swap(&mut self, buffer: &mut Vec<u8>) {
        std::mem::swap(&mut self.out, buffer);
    }

    /// The bytes written so far, which are UTF-8.
    pub(super) fn written(&self) -> &[u8] {
        &self.out
    }

    /// Empties the buffer, and keeps its memory.
    pub(super) fn clear(&mut self) {
        self.nesting.restart();
        self.out.clear();
    }

    /// Returns the output, and leaves nothing.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.nesting.restart();
        std::mem::take(&mut self.out)
    }
}
