//! Reads a large object as ranges, with a few of them requested ahead of the reader.
//!
//! Memory is bounded: a reader has one range of its own, and the ranges ahead come from the store's
//! common budget. A range that fails is requested again by itself; all ranges are of the same
//! version, or the read fails.

use std::collections::VecDeque;
use std::io::{self, Read};

use bytes::{Buf, Bytes};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::{JoinError, JoinHandle};

use super::connection::Connection;
use super::reader::{S3Reader, failed};
use crate::store::ObjectKey;
use crate::store::s3::failure::{S3Cause, S3Failure};
use crate::store::s3::object::Version;
use qldb_journal::request::BucketName;

/// The maximum number of ranges of one object that are in flight.
const IN_FLIGHT: usize = 3;

/// An object that is read as ranges.
pub(super) struct RangedReader {
    connection: Connection,
    bucket: BucketName,
    key: ObjectKey,
    version: Version,
    size: u64,
    /// Where the next range begins.
    next: u64,
    /// The ranges in flight, in order.
    ahead: VecDeque<Ahead>,
    /// The rest of the current range, and its permit from the budget.
    chunk: Bytes,
    held: Option<OwnedSemaphorePermit>,
}

/// A range in flight.
struct Ahead {
    start: u64,
    task: JoinHandle<Result<Bytes, S3Failure>>,
    held: Option<OwnedSemaphorePermit>,
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl RangedReader {
    /// Begins with an object of this size, which must have an `ETag`: without one, ranges could be of different
    /// versions.
    pub(super) fn new(
        connection: Connection,
        bucket: &BucketName,
        key: &ObjectKey,
        version: Version,
        size: u64,
    ) -> Self {
        let (bucket, key, ahead) = (bucket.clone(), key.clone(), VecDeque::new());
        Self { connection, bucket, key, version, size, next: 0, ahead, chunk: Bytes::new(), held: None }
    }

    /// Requests ranges as far as the budget allows. If there is no current range, one is requested in any case: a
    /// reader that waited for others could wait for itself.
    fn look_ahead(&mut self) {
        while self.next < self.size && self.ahead.len() < IN_FLIGHT {
            let held = self.connection.ahead_of_all().try_acquire_owned().ok();
            let must = self.ahead.is_empty() && self.chunk.is_empty();
            if held.is_none() && !must {
                return;
            }
            let end = self.size.min(self.next + self.connection.sizes().range.max(1));
            let range = self.range((self.next, end));
            let (start, task) = (self.next, self.connection.handle().spawn(range));
            self.ahead.push_back(Ahead { start, task, held });
            self.next = end;
        }
    }

    /// Reads one range to its end.
    fn range(&self, (start, end): (u64, u64)) -> impl Future<Output = Result<Bytes, S3Failure>> + use<> {
        let (connection, bucket, key) = (self.connection.clone(), self.bucket.clone(), self.key.clone());
        let version = self.version.clone();
        async move {
            let reader = S3Reader::begin(connection, &bucket, &key, &version, (start, Some(end))).await?;
            // Before memory is reserved for them.
            if reader.left() == end - start {
                return reader.read_to_end().await.map(Bytes::from);
            }
            let reason = format!("S3 gave {} bytes of the {} from byte {start}", reader.left(), end - start);
            Err(S3Failure::at_once(S3Cause::Unfit(reason)))
        }
    }

    /// Waits for the next range.
    fn fill(&mut self) -> Result<(), S3Failure> {
        self.held = None;
        self.look_ahead();
        let Some(mut first) = self.ahead.pop_front() else { return Ok(()) };
        let lost = |error: JoinError| S3Failure::at_once(S3Cause::Unfit(error.to_string()));
        let arrived = self.connection.run(&mut first.task).map_err(lost).flatten();
        self.chunk = arrived.inspect_err(|_| self.go_back(first.start))?;
        self.held = first.held.take();
        self.look_ahead();
        Ok(())
    }

    /// A reader that continues after a failure must encounter the failed range again, not what follows it.
    fn go_back(&mut self, start: u64) {
        self.ahead.clear();
        self.next = start;
    }
}

impl Read for RangedReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.chunk.is_empty() && !buffer.is_empty() {
            self.fill().map_err(|failure| io::Error::other(failed(&self.bucket, &self.key, failure)))?;
        }
        let count = buffer.len().min(self.chunk.len());
        self.chunk.copy_to_slice(buffer.get_mut(..count).unwrap_or_default());
        if self.chunk.is_empty() {
            // The memory is freed now, not only when the reader continues.
            self.chunk = Bytes::new();
        }
        Ok(count)
    }
}
