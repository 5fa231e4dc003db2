//! An object of an export while it is written.

use std::fs::File;
use std::io::{self, Read, Write};

use crate::store::{ObjectKey, ObjectWriter, StoreError};
use qldb_journal::request::BucketName;

/// How much is copied before checking whether to continue.
const AT_ONCE: u64 = 32 << 20;

/// Where an object is to be written.
#[derive(Clone)]
pub(super) struct ObjectAt {
    pub(super) bucket: BucketName,
    pub(super) key: ObjectKey,
}

impl ObjectAt {
    pub(super) fn failed(&self, error: io::Error) -> StoreError {
        StoreError::failed("write", &self.bucket, self.key.as_str(), error)
    }
}

/// An object that is being written, and how much of it.
pub(super) struct Object {
    writer: Box<dyn ObjectWriter>,
    pub(super) place: ObjectAt,
    bytes: u64,
}

impl Object {
    pub(super) fn new(writer: Box<dyn ObjectWriter>, place: ObjectAt) -> Self {
        Self { writer, place, bytes: 0 }
    }

    /// Has the kernel copy a file to here, sharing its blocks if the file system can, and returns the copy to be
    /// proved. `None` if the object is not a file, or `go_on` returns false.
    pub(super) fn copy_of(&mut self, from: &File, go_on: impl Fn() -> bool) -> io::Result<Option<File>> {
        let Some(file) = self.writer.empty_file() else { return Ok(None) };
        loop {
            let count = io::copy(&mut from.take(AT_ONCE), file)?;
            self.bytes += count;
            if count == 0 {
                return file.try_clone().map(Some);
            }
            if !go_on() {
                return Ok(None);
            }
        }
    }

    /// Completes it.
    pub(super) fn commit(self) -> Result<(), StoreError> {
        self.writer.commit()
    }

    /// How much was written.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes
    }

    pub(super) fn failed(&self, error: io::Error) -> StoreError {
        self.place.failed(error)
    }
}

impl Write for Object {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.writer.write(bytes)?;
        self.bytes += count as u64;
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}
