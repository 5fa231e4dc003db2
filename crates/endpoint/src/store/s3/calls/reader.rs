//! Reads one object in one pass, and resumes where it was interrupted, as long as it is still the
//! same object.

use std::io::{self, Read};
use std::ops::Range;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::primitives::ByteStream;
use bytes::{Buf as _, Bytes};

use super::connection::Connection;
use crate::store::s3::failure::{S3Cause, S3Failure};
use crate::store::s3::object::Version;
use crate::store::{ObjectKey, StoreError};
use qldb_journal::request::BucketName;

/// The bytes of an object, as they arrive.
pub(super) struct S3Reader {
    connection: Connection,
    bucket: BucketName,
    key: ObjectKey,
    version: Version,
    /// What is still to be read; the end is known after the first response.
    next: u64,
    end: u64,
    body: ByteStream,
    chunk: Bytes,
}

/// The beginning of a response.
struct Opened {
    version: Version,
    end: u64,
    body: ByteStream,
}

impl S3Reader {
    /// Requests an object or part of it.
    pub(super) fn open(
        connection: &Connection,
        bucket: &BucketName,
        key: &ObjectKey,
        version: &Version,
        part: Option<&Range<u64>>,
    ) -> Result<Self, StoreError> {
        let asked = part.map_or((0, None), |part| (part.start, Some(part.end)));
        let begun = Self::begin(connection.clone(), bucket, key, version, asked);
        connection.run(begun).map_err(|failure| failed(bucket, key, failure))
    }

    /// Requests the bytes from one position to another or to the end.
    pub(super) async fn begin(
        connection: Connection,
        bucket: &BucketName,
        key: &ObjectKey,
        version: &Version,
        asked: (u64, Option<u64>),
    ) -> Result<Self, S3Failure> {
        let Opened { version, end, body } = ask(&connection, bucket, key, version, asked).await?;
        let (bucket, key) = (bucket.clone(), key.clone());
        Ok(Self { connection, bucket, key, version, next: asked.0, end, body, chunk: Bytes::new() })
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> u64 {
        self.end.saturating_sub(self.next)
    }

    /// The rest of the bytes.
    pub(super) async fn read_to_end(mut self) -> Result<Vec<u8>, S3Failure> {
        let mut bytes = Vec::with_capacity(usize::try_from(self.left()).unwrap_or_default());
        loop {
            self.fill().await?;
            if self.chunk.is_empty() {
                return Ok(bytes);
            }
            self.next += self.chunk.len() as u64;
            bytes.extend_from_slice(&std::mem::take(&mut self.chunk));
        }
    }

    /// Waits until there are bytes, or until the object ends.
    async fn fill(&mut self) -> Result<(), S3Failure> {
        let connection = self.connection.clone();
        let mut attempts = connection.attempts();
        while self.chunk.is_empty() && self.next < self.end {
            let cause = match self.body.next().await {
                Some(Ok(chunk)) => {
                    self.chunk = chunk;
                    attempts.progress();
                    continue;
                }
                Some(Err(error)) => S3Cause::NoAnswer(format!("the object was cut off at byte {}: {error}", self.next)),
                None => S3Cause::NoAnswer(format!("the object was cut off at byte {} of {}", self.next, self.end)),
            };
            attempts.bear(cause).await?;
            let rest = (self.next, Some(self.end));
            self.body = ask(&connection, &self.bucket, &self.key, &self.version, rest).await?.body;
        }
        Ok(())
    }
}

impl Read for S3Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let connection = self.connection.clone();
        connection.run(self.fill()).map_err(|failure| io::Error::other(failed(&self.bucket, &self.key, failure)))?;
        let count = buffer.len().min(self.chunk.len());
        self.chunk.copy_to_slice(buffer.get_mut(..count).unwrap_or_default());
        self.next += count as u64;
        Ok(count)
    }
}

pub(super) fn failed(bucket: &BucketName, key: &ObjectKey, failure: S3Failure) -> StoreError {
    if failure.is_changed() {
        return StoreError::Changed { bucket: bucket.clone(), key: key.clone() };
    }
    if failure.is("NoSuchKey") {
        return StoreError::NotFound { bucket: bucket.clone(), key: key.clone() };
    }
    StoreError::s3("read", bucket, key.as_str(), failure)
}

/// Requests the bytes from `start` to `end`, of the recorded version.
async fn ask(
    connection: &Connection,
    bucket: &BucketName,
    key: &ObjectKey,
    version: &Version,
    (start, end): (u64, Option<u64>),
) -> Result<Opened, S3Failure> {
    let last = end.map(|end| end.saturating_sub(1));
    let range = (start > 0 || end.is_some())
        .then(|| format!("bytes={start}-{}", last.map(|last| last.to_string()).unwrap_or_default()));
    let asked = connection.call(|client| {
        let request = client.get_object().bucket(bucket.as_str()).key(key.as_str());
        request.set_if_match(version.tag.clone()).set_range(range.clone()).send()
    });
    let answer = match asked.await {
        // A part that begins after the end is empty.
        Err(failure) if failure.is("InvalidRange") => {
            return Ok(Opened { version: version.clone(), end: start, body: ByteStream::default() });
        }
        answer => answer?,
    };
    let length = length_of(&answer)?;
    let found = version_of(&answer, length);
    refuse_other(version, &found)?;
    if range.is_some() {
        refuse_other_range(&answer, start)?;
    }
    if start == 0 {
        connection.kept().note(bucket, key, &answer);
    }
    let tag = version.tag.clone().or(found.tag);
    Ok(Opened { version: Version { tag, size: found.size }, end: start + length, body: answer.body })
}

/// The length of a response. Without it, a truncated response would look like a complete one.
fn length_of(answer: &GetObjectOutput) -> Result<u64, S3Failure> {
    let length = answer.content_length().and_then(|length| u64::try_from(length).ok());
    let endless = || S3Cause::Unfit("S3 does not say how many bytes it gives".to_owned());
    length.ok_or_else(|| S3Failure::at_once(endless()))
}

/// The version that a response is from.
fn version_of(answer: &GetObjectOutput, length: u64) -> Version {
    let size = match answer.content_range() {
        None => Some(length),
        Some(range) => range.rsplit_once('/').and_then(|(_, size)| size.parse().ok()),
    };
    Version { tag: answer.e_tag().map(str::to_owned), size }
}

/// An object that was replaced must not be read on. Not every service honours the condition in the request.
fn refuse_other(wanted: &Version, found: &Version) -> Result<(), S3Failure> {
    let other_size = wanted.size.is_some() && found.size != wanted.size;
    let other_tag = wanted.tag.is_some() && found.tag.is_some() && found.tag != wanted.tag;
    if !other_size && !other_tag {
        return Ok(());
    }
    Err(S3Failure::at_once(S3Cause::Answer {
        status: 412,
        code: "PreconditionFailed".to_owned(),
        message: "the object is a different one now".to_owned(),
        elsewhere: None,
    }))
}

/// A response must begin with the first byte of the requested range.
fn refuse_other_range(answer: &GetObjectOutput, start: u64) -> Result<(), S3Failure> {
    if answer.content_range().and_then(first_byte) == Some(start) {
        return Ok(());
    }
    let found = answer.content_range().unwrap_or("the whole object");
    let reason = format!("S3 was asked for the bytes from {start} and gave {found}");
    Err(S3Failure::at_once(S3Cause::Unfit(reason)))
}

/// The first byte of a range, from a response's `bytes 0-9/20`.
fn first_byte(range: &str) -> Option<u64> {
    range.strip_prefix("bytes ")?.split_once('-')?.0.parse().ok()
}
