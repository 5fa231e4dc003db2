//! Stores objects while they are verified: a keeper copies each object, and the copy is what is
//! checked.

use std::io::{self, Read};

use super::CheckedObject;
use super::error::VerifyError;
use crate::Encoding;
use crate::archive::find::DataObject;
use crate::archive::source::Source;

/// Stores objects that are being verified.
pub trait Keeper: Send + Sync {
    /// Opens an object. The bytes that are read are the bytes that are stored; nothing is stored if there is no second
    /// part.
    fn open(&self, source: &dyn Source, object: &DataObject) -> Result<Opened<'_>, VerifyError>;
}

/// An object to read, and the copy if it is stored.
pub type Opened<'a> = (Box<dyn Read + Send>, Option<Box<dyn KeptObject + 'a>>);

/// An object that is being checked. If it is dropped before [`KeptObject::end`], the copy is discarded.
pub trait KeptObject {
    /// Completes the object, with the result of the check, including the hash of every block, and with the encoding of
    /// the blocks.
    fn end(self: Box<Self>, checked: &CheckedObject, encoding: Encoding) -> io::Result<()>;
}
