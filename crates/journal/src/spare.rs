//! Values that are kept for the memory that they have allocated, and used by one thread at a time.
//! For every crate whose threads do the same work again and again.

use std::sync::{Mutex, PoisonError};

/// Spare values: as many as were ever in use at the same time.
#[derive(Debug)]
pub struct Spare<T>(Mutex<Vec<T>>);

impl<T> Default for Spare<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T> Spare<T> {
    /// Lends a value, which is a new one if all others are in use.
    pub fn with<R>(&self, new: impl FnOnce() -> T, use_it: impl FnOnce(&mut T) -> R) -> R {
        let spare = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = spare().pop();
        let mut value = kept.unwrap_or_else(new);
        let result = use_it(&mut value);
        spare().push(value);
        result
    }
}
