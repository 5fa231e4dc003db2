//! What else receives the items of blocks while they are checked, so that whoever wants their
//! contents need not read the bytes again. For the check itself, and for takers of verified blocks.

use crate::ion::{Found, IonError, Item, Run, Stranger, TakeItems};

/// Receives the items of blocks in the pass that checks them, before anything is known about the verdict.
pub trait Beside: TakeItems {
    /// The block whose items were passed has ended. If it is not whole, it can't be read: it counts as if none of its
    /// items had been passed.
    fn end_block(&mut self, is_whole: bool);

    /// Whether it needs every item, also those that the check takes several at once.
    #[inline]
    fn wants_items(&self) -> bool {
        true
    }
}

/// Receives nothing.
pub(crate) struct Nobody;

impl TakeItems for Nobody {
    #[inline]
    fn take(&mut self, _: usize, _: &Item<'_>) -> Result<(), IonError> {
        Ok(())
    }

    #[inline]
    fn take_stranger(&mut self, _: Stranger) {}
}

impl Beside for Nobody {
    #[inline]
    fn end_block(&mut self, _: bool) {}

    #[inline]
    fn wants_items(&self) -> bool {
        false
    }
}

/// Passes each item to the check, and then to what receives it beside.
pub(super) struct Both<'b, C, B: ?Sized> {
    pub(super) check: &'b mut C,
    pub(super) beside: &'b mut B,
}

impl<C: TakeItems, B: Beside + ?Sized> TakeItems for Both<'_, C, B> {
    #[inline]
    fn take(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError> {
        self.check.take(at, item)?;
        self.beside.take(at, item)
    }

    #[inline]
    fn take_stranger(&mut self, stranger: Stranger) {
        self.check.take_stranger(stranger);
    }

    #[inline]
    fn expected(&self) -> Option<&'static Run> {
        if self.beside.wants_items() { None } else { self.check.expected() }
    }

    #[inline]
    fn take_run(&mut self, found: &Found<'_>) {
        self.check.take_run(found);
    }
}
