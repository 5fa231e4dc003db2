//! Where a writer of text or JSON stands: the containers that are open, and
//! whether a separator is due.

use super::{Container, Event};

/// The containers that are open.
#[derive(Debug, Default)]
pub(super) struct Nesting {
    open: Vec<Container>,
    /// Whether a value stands before in the same container.
    after_value: bool,
}

impl Nesting {
    /// What must be separated from the next value: nothing, or a value inside
    /// this container, or (the inner none) one at the top level.
    pub(super) fn separates(&self) -> Option<Option<Container>> {
        self.after_value.then(|| self.open.last().copied())
    }

    /// Notes an event. Gives the container that it ends.
    pub(super) fn note(&mut self, event: &Event<'_>) -> Option<Container> {
        match event {
            Event::Begin(container) => {
                self.open.push(*container);
                self.after_value = false;
                None
            }
            Event::Scalar(_) => {
                self.after_value = true;
                None
            }
            Event::End => {
                let ended = self.open.pop();
                self.after_value |= ended.is_some();
                ended
            }
        }
    }

    /// What was written is taken away: nothing stands before the next value.
    pub(super) fn restart(&mut self) {
        self.after_value = false;
    }
}
