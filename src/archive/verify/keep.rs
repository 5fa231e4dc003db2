//! What a verification reads can be kept, so that whoever wants the objects does not read them a second time.

use std::io;

use super::CheckedObject;
use crate::archive::find::DataObject;
use crate::journal::Encoding;

/// Keeps objects while they are verified.
pub trait Keeper: Send + Sync {
    /// Begins to keep an object; none if nothing of it is wanted.
    fn begin(&self, object: &DataObject) -> io::Result<Option<Box<dyn KeptObject + '_>>>;
}

/// An object that is being kept. Dropped before [`KeptObject::end`], it is not wanted any more.
pub trait KeptObject {
    /// Takes the next bytes, which are those that are checked.
    fn take(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Ends the object. What was found in it comes with the hash of every block, and with how the blocks are written.
    fn end(self: Box<Self>, checked: &CheckedObject, encoding: Encoding) -> io::Result<()>;
}
