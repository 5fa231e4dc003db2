//! What a writer of text or JSON has written, and where it stands: the
//! containers that are open, and whether a separator is due.

use super::Container;

/// The containers that are open.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    open: Vec<Container>,
    /// Whether a value stands before in the same container.
    after_value: bool,
}

impl Nesting {
    /// What must be separated from the next value: nothing, or a value inside
    /// this container, or (the inner none) one at the top level. The value stands there from now on.
    #[inline]
    pub(super) fn separates(&mut self) -> Option<Option<Container>> {
        std::mem::replace(&mut self.after_value, true).then(|| self.open.last().copied())
    }

    /// Notes the begin of a container.
    #[inline]
    pub(super) fn begin(&mut self, container: Container) {
        self.open.push(container);
        self.after_value = false;
    }

    /// Notes the end of a container. Gives the one that ends.
    #[inline]
    pub(super) fn end(&mut self) -> Option<Container> {
        let ended = self.open.pop();
        self.after_value |= ended.is_some();
        ended
    }

    /// What was written is taken away: nothing stands before the next value.
    pub(super) fn restart(&mut self) {
        self.after_value = false;
    }
}

/// What was written, with one top-level value a line where the writer is set to that.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    pub(super) out: Vec<u8>,
    pub(super) nesting: Nesting,
}

impl Lines {
    /// Ends a line: nothing stands before the next value.
    pub(crate) fn end(&mut self) {
        self.nesting.restart();
        self.out.push(b'\n');
    }

    /// How many bytes were written.
    pub(crate) fn len(&self) -> usize {
        self.out.len()
    }

    /// Takes back what was written since there were so many bytes, at the beginning of a line.
    pub(crate) fn back_to(&mut self, length: usize) {
        self.nesting = Nesting::default();
        self.out.truncate(length);
    }

    /// Gives what was written for an empty buffer, at the beginning of a line.
    pub(crate) fn swap(&mut self, buffer: &mut Vec<u8>) {
        std::mem::swap(&mut self.out, buffer);
    }

    /// What was written. It is UTF-8.
    pub(super) fn written(&self) -> &[u8] {
        &self.out
    }

    /// Forgets what was written, and keeps its memory.
    pub(super) fn clear(&mut self) {
        self.nesting.restart();
        self.out.clear();
    }

    /// What was written; nothing is left.
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.nesting.restart();
        std::mem::take(&mut self.out)
    }
}
