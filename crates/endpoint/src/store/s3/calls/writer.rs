//! Writes one object: in a single call if it is small, in parts if it is not.

use std::io::{self, Write};

use aws_sdk_s3::operation::complete_multipart_upload::CompleteMultipartUploadOutput;
use aws_sdk_s3::operation::create_multipart_upload::CreateMultipartUploadOutput;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart, ObjectCannedAcl};
use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::connection::Connection;
use super::encryption::{self, ObjectEncryption};
use crate::store::s3::failure::{S3Cause, S3Failure};
use crate::store::{ObjectKey, ObjectWriter, StoreError};
use qldb_journal::request::{BucketName, Encryption};

/// What bucket owners get (docs/qldb.md 2.4): full control, no matter who writes.
pub(super) const ACL: ObjectCannedAcl = ObjectCannedAcl::BucketOwnerFullControl;

/// Where an object is written, and with which properties.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) connection: Connection,
    pub(super) bucket: BucketName,
    pub(super) key: ObjectKey,
    pub(super) content_type: &'static str,
    pub(super) encryption: Encryption,
    /// Whether the key must be free.
    pub(super) is_new: bool,
}

/// The condition that a key is free, in the form of a header.
const NOTHING: &str = "*";

impl Target {
    /// Puts the whole object. S3 checks its CRC-32 before it responds.
    async fn put(&self, bytes: Bytes) -> Result<(), StoreError> {
        let put = self.connection.call(|client| {
            client
                .put_object()
                .bucket(self.bucket.as_str())
                .key(self.key.as_str())
                .acl(ACL)
                .content_type(self.content_type)
                .set_server_side_encryption(encryption::method(&self.encryption))
                .set_ssekms_key_id(encryption::key(&self.encryption))
                .set_if_none_match(self.is_new.then(|| NOTHING.to_owned()))
                .body(ByteStream::from(bytes.clone()))
                .send()
        });
        let answer = match put.await {
            Ok(answer) => answer,
            Err(failure) if self.is_new && failure.is_unknown_condition() => {
                self.connection.set_unconditional();
                let unconditional = Self { is_new: false, ..self.clone() };
                return Box::pin(unconditional.put(bytes)).await;
            }
            Err(failure) if self.is_new && failure.is_changed() => return self.judge_existing(&bytes).await,
            Err(failure) => return Err(self.failed(failure)),
        };
        self.judge(ObjectEncryption::new(answer.server_side_encryption(), answer.ssekms_key_id())).await
    }

    /// Whether the existing object is what should have been written. It may be this very object, if the response to a
    /// first try was lost.
    async fn judge_existing(&self, bytes: &[u8]) -> Result<(), StoreError> {
        if matches!(self.holds(bytes).await, Ok(true)) { Ok(()) } else { Err(self.exists()) }
    }

    fn exists(&self) -> StoreError {
        StoreError::Exists { bucket: self.bucket.clone(), key: self.key.clone() }
    }

    /// Begins a multipart upload.
    pub(super) async fn begin(&self) -> Result<Upload, S3Failure> {
        let _beginning = self.connection.uploads().beginning().await;
        let begun = self.connection.call(|client| {
            client
                .create_multipart_upload()
                .bucket(self.bucket.as_str())
                .key(self.key.as_str())
                .acl(ACL)
                .content_type(self.content_type)
                .set_server_side_encryption(encryption::method(&self.encryption))
                .set_ssekms_key_id(encryption::key(&self.encryption))
                .send()
        });
        let answer = begun.await?;
        let found = ObjectEncryption::new(answer.server_side_encryption(), answer.ssekms_key_id());
        let CreateMultipartUploadOutput { upload_id, .. } = answer;
        let nameless = || S3Cause::Unfit("S3 began an upload and did not name it".to_owned());
        let id = upload_id.ok_or_else(|| S3Failure::at_once(nameless()))?;
        self.connection.uploads().add(&id);
        Ok(Upload { id, found, sent: Vec::new(), bytes: 0 })
    }

    async fn send_part(self, upload: String, number: i32, bytes: Bytes) -> Result<CompletedPart, S3Failure> {
        let sent = self.connection.call(|client| {
            client
                .upload_part()
                .bucket(self.bucket.as_str())
                .key(self.key.as_str())
                .upload_id(&upload)
                .part_number(number)
                .body(ByteStream::from(bytes.clone()))
                .send()
        });
        let answer = sent.await?;
        Ok(CompletedPart::builder()
            .part_number(number)
            .set_e_tag(answer.e_tag)
            .set_checksum_crc32(answer.checksum_crc32)
            .build())
    }

    /// Joins the parts into one object, and checks it.
    async fn complete(&self, upload: &Upload) -> Result<(), StoreError> {
        let found = self.join(upload).await?;
        self.judge(found).await
    }

    /// Joins the parts. If the response to a first try was lost, the second one is refused, because the upload no
    /// longer exists: then the object shows whether it was this one.
    pub(super) async fn join(&self, upload: &Upload) -> Result<ObjectEncryption, StoreError> {
        let found = self.join_parts(upload).await?;
        self.connection.uploads().forget(&upload.id);
        Ok(found)
    }

    async fn join_parts(&self, upload: &Upload) -> Result<ObjectEncryption, StoreError> {
        let mut attempts = self.connection.attempts();
        let mut is_new = self.is_new;
        let parts = CompletedMultipartUpload::builder().set_parts(Some(upload.sent.clone())).build();
        loop {
            let client = self.connection.client();
            let request = client.complete_multipart_upload().bucket(self.bucket.as_str()).key(self.key.as_str());
            let request = request.set_if_none_match(is_new.then(|| NOTHING.to_owned()));
            match request.upload_id(&upload.id).multipart_upload(parts.clone()).send().await {
                Ok(answer) => return Ok(found_in(&answer)),
                Err(error) => {
                    let cause = self.connection.cause_of(&error);
                    if attempts.again() && !cause.passes() && self.is_there(upload).await {
                        return Ok(ObjectEncryption::default());
                    }
                    let failure = S3Failure::at_once(cause.clone());
                    if is_new && failure.is_changed() {
                        return Err(self.exists());
                    }
                    if is_new && failure.is_unknown_condition() {
                        self.connection.set_unconditional();
                        is_new = false;
                        continue;
                    }
                    attempts.bear(cause).await.map_err(|failure| self.failed(failure))?;
                }
            }
        }
    }

    /// Whether the object under the key has the parts and the size of an upload.
    async fn is_there(&self, upload: &Upload) -> bool {
        let Ok(head) = self.head().await else { return false };
        let size = head.content_length().and_then(|size| u64::try_from(size).ok());
        let parts = format!("-{}", upload.sent.len());
        let same_parts = head.e_tag().is_some_and(|tag| tag.trim_matches('"').ends_with(&parts));
        same_parts && size == Some(upload.bytes)
    }

    /// Removes the parts of an upload that will not be completed. Otherwise their owner would pay for them.
    pub(super) async fn abort(self, upload: String) {
        let aborted = self.connection.call(|client| {
            client
                .abort_multipart_upload()
                .bucket(self.bucket.as_str())
                .key(self.key.as_str())
                .upload_id(&upload)
                .send()
        });
        let aborted = aborted.await;
        self.connection.uploads().forget(&upload);
        // If it no longer exists, it was completed before its object was found to be wrong, and has no parts.
        if let Some(failure) = aborted.err().filter(|failure| !failure.is_missing()) {
            let (bucket, key) = (&self.bucket, &self.key);
            tracing::warn!(%bucket, %key, upload, %failure, "an upload could not be aborted; its parts stay");
        }
    }

    pub(super) fn failed(&self, failure: S3Failure) -> StoreError {
        StoreError::s3(StoreError::WRITE, &self.bucket, self.key.as_str(), failure)
    }
}

fn found_in(answer: &CompleteMultipartUploadOutput) -> ObjectEncryption {
    ObjectEncryption::new(answer.server_side_encryption(), answer.ssekms_key_id())
}

/// A multipart upload.
pub(super) struct Upload {
    pub(super) id: String,
    /// What S3 reported about the encryption when it was begun.
    pub(super) found: ObjectEncryption,
    pub(super) sent: Vec<CompletedPart>,
    pub(super) bytes: u64,
}

/// An object that is being written.
pub(super) struct S3Writer {
    target: Target,
    buffer: Vec<u8>,
    upload: Option<Upload>,
    /// The part that is being sent.
    sending: Option<JoinHandle<Result<CompletedPart, S3Failure>>>,
}

impl S3Writer {
    /// Begins an object. Nothing is sent yet.
    pub(super) fn new(target: Target) -> Self {
        Self { target, buffer: Vec::new(), upload: None, sending: None }
    }

    /// Sends the buffer as the next part, once the one before it has arrived.
    fn send(&mut self) -> Result<(), S3Failure> {
        let connection = self.target.connection.clone();
        if self.upload.is_none() {
            self.upload = Some(connection.run(self.target.begin())?);
        }
        self.await_part()?;
        let bytes = Bytes::from(std::mem::take(&mut self.buffer));
        if let Some(upload) = &mut self.upload {
            upload.bytes += bytes.len() as u64;
            let number = i32::try_from(upload.sent.len() + 1).unwrap_or(i32::MAX);
            let part = self.target.clone().send_part(upload.id.clone(), number, bytes);
            self.sending = Some(connection.handle().spawn(part));
        }
        Ok(())
    }

    fn await_part(&mut self) -> Result<(), S3Failure> {
        let Some(sending) = self.sending.take() else { return Ok(()) };
        let sent = self.target.connection.run(sending);
        let lost = |error: tokio::task::JoinError| S3Failure::at_once(S3Cause::Unfit(error.to_string()));
        let part = sent.map_err(lost)??;
        if let Some(upload) = &mut self.upload {
            upload.sent.push(part);
        }
        Ok(())
    }
}

impl Write for S3Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let part = self.target.connection.sizes().part;
        if self.buffer.len() >= part {
            self.send().map_err(io::Error::other)?;
        }
        let count = bytes.len().min(part.saturating_sub(self.buffer.len()));
        self.buffer.extend_from_slice(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ObjectWriter for S3Writer {
    fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        let connection = self.target.connection.clone();
        if self.upload.is_none() {
            let bytes = Bytes::from(std::mem::take(&mut self.buffer));
            return connection.run(self.target.put(bytes));
        }
        let sent = self.send().and_then(|()| self.await_part());
        sent.map_err(|failure| self.target.failed(failure))?;
        match &self.upload {
            Some(upload) => connection.run(self.target.complete(upload))?,
            None => return Ok(()),
        }
        self.upload = None;
        Ok(())
    }
}

impl Drop for S3Writer {
    fn drop(&mut self) {
        let Some(Upload { id, .. }) = self.upload.take() else { return };
        let sending = self.sending.take();
        let target = self.target.clone();
        let connection = target.connection.clone();
        let abort = async move {
            // A part that arrived after the abort would stay.
            if let Some(sending) = sending {
                sending.abort();
                let _ = sending.await;
            }
            target.abort(id).await;
        };
        // Waited for, so that it is done before the process ends; an async thread can't wait.
        if Handle::try_current().is_err() {
            connection.run(abort);
        } else {
            drop(connection.handle().spawn(abort));
        }
    }
}
