//! Checks an object that was written: whether it exists, and is encrypted as requested.

use aws_sdk_s3::operation::head_object::HeadObjectOutput;

use super::encryption::ObjectEncryption;
use super::reader::{S3Reader, failed};
use super::writer::Target;
use crate::store::StoreError;
use crate::store::s3::object::Version;
use qldb_journal::request::Encryption;

impl Target {
    /// S3's HEAD response for the object.
    pub(super) async fn head(&self) -> Result<HeadObjectOutput, StoreError> {
        let asked = self
            .connection
            .call(|client| client.head_object().bucket(self.bucket.as_str()).key(self.key.as_str()).send());
        asked.await.map_err(|failure| StoreError::s3("look at", &self.bucket, self.key.as_str(), failure))
    }

    /// Whether the object exists with these bytes, encrypted as requested.
    pub(super) async fn holds(&self, bytes: &[u8]) -> Result<bool, StoreError> {
        let head = match self.head().await {
            Err(StoreError::S3 { failure, .. }) if failure.is_missing() => return Ok(false),
            head => head?,
        };
        let found = ObjectEncryption::new(head.server_side_encryption(), head.ssekms_key_id());
        let size = head.content_length().and_then(|size| u64::try_from(size).ok());
        if size != Some(bytes.len() as u64) || !found.fits(&self.encryption) {
            return Ok(false);
        }
        let version = Version { tag: head.e_tag, size };
        let connection = self.connection.clone();
        let read = async {
            let reader = S3Reader::begin(connection, &self.bucket, &self.key, &version, (0, None)).await?;
            reader.read_to_end().await
        };
        let read = read.await.map_err(|failure| failed(&self.bucket, &self.key, failure))?;
        Ok(read == bytes)
    }

    /// Makes sure that the object is encrypted as requested. Stores that did not report it are asked again.
    pub(super) async fn judge(&self, mut found: ObjectEncryption) -> Result<(), StoreError> {
        if found.is_silent() && self.encryption != Encryption::NoEncryption {
            let head = self.head().await?;
            found = ObjectEncryption::new(head.server_side_encryption(), head.ssekms_key_id());
        }
        self.judge_answer(&found)
    }

    /// Whether a response names the requested encryption.
    pub(super) fn judge_answer(&self, found: &ObjectEncryption) -> Result<(), StoreError> {
        if found.fits(&self.encryption) {
            return Ok(());
        }
        Err(StoreError::NotEncrypted {
            bucket: self.bucket.clone(),
            key: self.key.clone(),
            encryption: self.encryption.clone(),
            found: found.describe(),
        })
    }
}
