//! What readers of items provide, and what takes them: the seam between the readers of text and
//! binary and everything that is done with values.

use std::sync::Arc;

use super::error::IonError;
use super::run::{Found, NamedValue, Run};
use super::strange::Stranger;
use super::symbols::SymbolTable;
use super::value::Item;

/// Takes items as a reader reads them.
#[doc(hidden)]
pub trait TakeItems {
    /// Takes the next item, which ends at an offset; an error ends the reading.
    fn take(&mut self, at: usize, item: &Item<'_>) -> Result<(), IonError>;

    /// Takes a field instead of its item, which must have the same result.
    #[inline]
    fn take_field(&mut self, at: usize, field: &NamedValue<'_>) -> Result<(), IonError> {
        self.take(at, &field.item())
    }

    /// Notes something that QLDB does not write and that no item shows, before the last item.
    fn take_stranger(&mut self, stranger: Stranger);

    /// The values that may come next, and that are better taken together. If exactly these come, [`TakeItems::take_run`]
    /// takes them; taking their items one by one must have the same result.
    #[inline]
    fn expected(&self) -> Option<&'static Run> {
        None
    }

    /// Takes the expected values. Nothing about them is an error.
    #[inline]
    fn take_run(&mut self, _found: &Found<'_>) {}
}

/// What both readers provide, one item at a time.
#[doc(hidden)]
pub trait ReadItems {
    /// The next item, or `None` at the end. Version markers and local symbol tables at the top level are applied, and
    /// not returned.
    fn next_item(&mut self) -> Result<Option<Item<'_>>, IonError>;

    /// The offset of the first byte that was not read yet.
    fn offset(&self) -> usize;

    /// The number of open containers.
    fn depth(&self) -> usize;

    /// Where the last top-level value begins; if there is none, where the part begins that more bytes may continue. If
    /// the bytes ended too early, reading again from there, under the current symbols, gives the same result as if they
    /// had not.
    fn value_start(&self) -> usize;

    /// Where the blank space before that value begins: reading again from there also finds anything unusual in it.
    fn resume_point(&self) -> usize;

    /// The first thing since the last call that QLDB does not write and that no item shows.
    fn take_stranger(&mut self) -> Option<Stranger>;

    /// The symbols in effect here.
    fn symbols(&self) -> &Arc<SymbolTable>;

    /// The same, to be replaced.
    fn symbols_mut(&mut self) -> &mut Arc<SymbolTable>;

    /// Reads up to the end of the current container, and passes every item to the taker, including the end. Items and
    /// errors are those of [`ReadItems::next_item`]; this may be faster.
    fn drain(&mut self, taker: &mut impl TakeItems) -> Result<(), IonError> {
        let depth = self.depth();
        while self.depth() >= depth {
            if !self.drain_quickly(depth, taker)? {
                self.give_next(taker)?;
            }
        }
        Ok(())
    }

    /// Passes on items of the usual forms until fewer containers than `depth` are open. False if the next item has
    /// another form.
    fn drain_quickly(&mut self, _depth: usize, _taker: &mut impl TakeItems) -> Result<bool, IonError> {
        Ok(false)
    }

    /// Passes on the runs that are expected here, one after another, while at least `depth` containers are open.
    #[inline]
    fn give_runs(&mut self, depth: usize, taker: &mut impl TakeItems) {
        while self.depth() >= depth
            && let Some(run) = taker.expected()
        {
            if !self.give_run(run, taker) {
                break;
            }
        }
    }

    /// Passes on a run if all of it comes next. False if it does not; then nothing was read.
    fn give_run(&mut self, _run: &'static Run, _taker: &mut impl TakeItems) -> bool {
        false
    }

    /// Passes the next item of a container to the taker.
    #[inline]
    fn give_next(&mut self, taker: &mut impl TakeItems) -> Result<(), IonError> {
        let at = self.offset();
        let item = self.next_item()?.ok_or_else(|| IonError::ended(at, "a container has no end"))?;
        taker.take(at, &item)?;
        if let Some(stranger) = self.take_stranger() {
            taker.take_stranger(stranger);
        }
        Ok(())
    }

    /// Reads up to the end of the current container.
    fn skip_container(&mut self) -> Result<(), IonError> {
        let depth = self.depth();
        while self.depth() >= depth && self.next_item()?.is_some() {}
        Ok(())
    }
}
