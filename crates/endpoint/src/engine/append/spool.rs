//! Stores operations in a file until all of them were checked, so that memory does not grow with
//! the input.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use crate::engine::error::LedgerError;
use crate::store::file::ScratchFile;
use qldb_journal::request::UniqueId;

use super::input::Operation;

const FAILED: &str = "cannot put the documents aside";

/// Operations that are written to a scratch file.
pub(super) struct Spool {
    out: BufWriter<File>,
    count: u64,
    scratch: ScratchFile,
}

impl Spool {
    /// Creates an empty spool under a directory.
    pub(super) fn create(directory: &Path) -> Result<Self, LedgerError> {
        let scratch = ScratchFile::create(directory).map_err(LedgerError::io(FAILED))?;
        let out = scratch.file().try_clone().map_err(LedgerError::io(FAILED))?;
        Ok(Self { out: BufWriter::new(out), count: 0, scratch })
    }

    /// Stores another operation.
    pub(super) fn put(&mut self, operation: &Operation) -> Result<(), LedgerError> {
        let id = operation.id.as_ref().map(|id| id.as_str().as_bytes());
        self.count += 1;
        self.field(Some(operation.place.as_bytes()))
            .and_then(|()| self.field(id))
            .and_then(|()| self.field(operation.data.as_deref()))
            .map_err(LedgerError::io(FAILED))
    }

    /// Bytes after their length plus one, so that 0 means `None`.
    fn field(&mut self, bytes: Option<&[u8]>) -> io::Result<()> {
        let length = bytes.map_or(0, |bytes| bytes.len() as u64 + 1);
        self.out.write_all(&length.to_le_bytes())?;
        self.out.write_all(bytes.unwrap_or_default())
    }

    /// Ends writing: the stored operations are returned in the same order.
    pub(super) fn operations(self) -> Result<Spooled, LedgerError> {
        let Self { out, count, scratch } = self;
        let rewound = out.into_inner().map_err(io::IntoInnerError::into_error).and_then(|mut file| {
            file.rewind()?;
            Ok(file)
        });
        let input = BufReader::new(rewound.map_err(LedgerError::io(FAILED))?);
        Ok(Spooled { input, left: count, _scratch: scratch })
    }
}

/// Operations that are read from a scratch file.
pub(super) struct Spooled {
    input: BufReader<File>,
    left: u64,
    _scratch: ScratchFile,
}

impl Spooled {
    fn operation(&mut self) -> io::Result<Operation> {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).map_err(io::Error::other);
        let place = self.field()?.map_or_else(|| Ok(String::new()), text)?;
        let id = self.field()?.map(text).transpose()?;
        let id = id.map(|id| UniqueId::parse(&id)).transpose().map_err(|fault| io::Error::other(fault.to_string()))?;
        Ok(Operation { place, id, data: self.field()? })
    }

    fn field(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut length = [0; 8];
        self.input.read_exact(&mut length)?;
        let Some(length) = u64::from_le_bytes(length).checked_sub(1) else { return Ok(None) };
        let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        self.input.read_exact(&mut bytes)?;
        Ok(Some(bytes))
    }
}

impl Iterator for Spooled {
    type Item = Result<Operation, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        Some(self.operation().map_err(LedgerError::io(FAILED)))
    }
}
