//! What is verified can be kept: a keeper copies each object, and the copy is what is checked.

use std::io::{self, Read};

use super::{CheckedObject, VerifyError};
use crate::Encoding;
use crate::archive::find::DataObject;
use crate::archive::source::Source;

/// Keeps objects that are verified.
pub trait Keeper: Send + Sync {
    /// Opens an object. What is read of it is what is kept; nothing is where there is no second part.
    fn open(&self, source: &dyn Source, object: &DataObject) -> Result<Opened<'_>, VerifyError>;
}

/// An object that is read, and what becomes of it if it is kept.
pub type Opened<'a> = (Box<dyn Read + Send>, Option<Box<dyn KeptObject + 'a>>);

/// An object that is being checked. Dropped before [`KeptObject::end`], it is not wanted any more.
pub trait KeptObject {
    /// Ends the object. What was found in it comes with the hash of every block, and with how the blocks are written.
    fn end(self: Box<Self>, checked: &CheckedObject, encoding: Encoding) -> io::Result<()>;
}
