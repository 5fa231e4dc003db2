//! What else receives the items of blocks while they are checked, so that whoever wants their
//! contents need not read the bytes again. For the check itself, and for takers of verified blocks.

use crate::ion::{IonError, Item, Run, Stranger, TakeItems, Value};

/// Receives the items of blocks in the pass that checks them, before anything is known about the verdict.
pub trait Beside: TakeItems {
    /// The block whose items were passed has ended. If it is not whole, it can't be read: it counts as if none of its
    /// items had been passed.
    fn end_block(&mut self, is_whole: bool);
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

    #[inline]
    fn take_run(&mut self, _: usize, _: &'static Run, _: &[Value<'_>]) -> Result<(), IonError> {
        Ok(())
    }
}

impl Beside for Nobody {
    #[inline]
    fn end_block(&mut self, _: bool) {}
}

/// Passes each item to the check, and then to what receives it beside.
pub(super) struct Both<'b, C, B: ?Sized> {
    pub(super) check: &'b mut C,
    pub(super) beside: &'b mut B,
}

impl<C: TakeItems, B: TakeItems + ?Sized> TakeItems for Both<'_, C, B> {
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
        self.check.expected()
    }

    #[inline]
    fn take_run(&mut self, at: usize, run: &'static Run, values: &[Value<'_>]) -> Result<(), IonError> {
        self.check.take_run(at, run, values)?;
        self.beside.take_run(at, run, values)
    }
}
