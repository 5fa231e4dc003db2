//! Copies an object within S3, without transferring its bytes.
//!
//! Nobody reads the bytes on the way, so everything depends on the version: the SHA-256 of the
//! original was proved when it was recorded with this `ETag`, and S3 is only ever asked to copy the
//! object that still has it. A copy without this condition would prove nothing, and some stores
//! ignore it: so the copy must have the `ETag` of the original, or, if that is not an MD5, the
//! original must still have it. If the `ETag` is an MD5, somebody who wrote both versions could
//! give them the same one; the SHA-256 of a receipt, and `verify`, tell them apart.

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{CompletedPart, MetadataDirective, ServerSideEncryption, TaggingDirective};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::encryption::{self, ObjectEncryption};
use super::writer::{ACL, Target, Upload};
use crate::store::s3::failure::{S3Cause, S3Failure};
use crate::store::s3::object::S3Object;
use crate::store::s3::sizes::Sizes;
use crate::store::{Copied, StoreError};

/// Characters of the original's name that are not encoded; the SDK sends the header unchanged.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
/// The maximum number of parts of an object.
const MOST_PARTS: u64 = 10_000;

impl Target {
    /// Copies an object of the same S3 here. A refusal by S3 is not a failure: the original may be readable for others
    /// than the writer, and then it can still be read and written.
    pub(super) async fn copy(&self, from: &S3Object, sizes: Sizes) -> Result<Copied, StoreError> {
        let single = from.size <= sizes.single_copy;
        let copied = if single { self.copy_whole(from).await } else { self.copy_parts(from, sizes.copy_part).await };
        match copied {
            Ok(found) => {
                self.judge(found).await?;
                self.judge_copy(from, single).await
            }
            Err(CopyError::Asked(failure)) if failure.is_refusal() => Ok(Copied::ReadInstead(failure.to_string())),
            Err(CopyError::Asked(failure)) => Err(StoreError::s3("copy", &self.bucket, self.key.as_str(), failure)),
            Err(CopyError::Joined(error)) => Err(error),
        }
    }

    async fn copy_whole(&self, from: &S3Object) -> Result<ObjectEncryption, CopyError> {
        let copied = self.connection.call(|client| {
            client
                .copy_object()
                .bucket(self.bucket.as_str())
                .key(self.key.as_str())
                .copy_source(source(from))
                .copy_source_if_match(&from.tag)
                .metadata_directive(MetadataDirective::Replace)
                .tagging_directive(TaggingDirective::Replace)
                .acl(ACL)
                .content_type(self.content_type)
                .set_server_side_encryption(encryption::method(&self.encryption))
                .set_ssekms_key_id(encryption::key(&self.encryption))
                .send()
        });
        let answer = copied.await?;
        Ok(ObjectEncryption::new(answer.server_side_encryption(), answer.ssekms_key_id()))
    }

    /// Copies part by part; on failure no parts are left.
    async fn copy_parts(&self, from: &S3Object, part: u64) -> Result<ObjectEncryption, CopyError> {
        let mut upload = self.begin().await?;
        let joined = match self.fill(&mut upload, from, part).await {
            Ok(()) => self.join(&upload).await.map_err(CopyError::Joined),
            Err(failure) => Err(failure.into()),
        };
        if joined.is_err() {
            self.clone().abort(upload.id).await;
        }
        joined
    }

    async fn fill(&self, upload: &mut Upload, from: &S3Object, part: u64) -> Result<(), S3Failure> {
        let part = part.max(from.size.div_ceil(MOST_PARTS));
        let mut next = 0;
        while next < from.size {
            let end = from.size.min(next + part);
            let number = i32::try_from(upload.sent.len() + 1).unwrap_or(i32::MAX);
            let copied = self.copy_part(&upload.id, number, from, (next, end)).await?;
            upload.sent.push(copied);
            upload.bytes += end - next;
            next = end;
        }
        Ok(())
    }

    async fn copy_part(
        &self,
        upload: &str,
        number: i32,
        from: &S3Object,
        (start, end): (u64, u64),
    ) -> Result<CompletedPart, S3Failure> {
        let copied = self.connection.call(|client| {
            client
                .upload_part_copy()
                .bucket(self.bucket.as_str())
                .key(self.key.as_str())
                .upload_id(upload)
                .part_number(number)
                .copy_source(source(from))
                .copy_source_if_match(&from.tag)
                .copy_source_range(format!("bytes={start}-{}", end - 1))
                .send()
        });
        let result = copied.await?.copy_part_result;
        let nameless = || S3Cause::Unfit("S3 copied a part and did not name it".to_owned());
        let result = result.ok_or_else(|| S3Failure::at_once(nameless()))?;
        Ok(CompletedPart::builder()
            .part_number(number)
            .set_e_tag(result.e_tag)
            .set_checksum_crc32(result.checksum_crc32)
            .build())
    }

    /// Inspects the copy. If its correctness is in doubt, it has to be overwritten.
    async fn judge_copy(&self, from: &S3Object, single: bool) -> Result<Copied, StoreError> {
        let head = match self.head().await {
            Ok(head) => head,
            Err(error) => return Ok(Copied::ReadInstead(format!("the copy cannot be looked at: {error}"))),
        };
        if let Some(doubt) = self.doubt(&head, from) {
            return Ok(Copied::ReadInstead(doubt));
        }
        if single && is_of_bytes(&from.tag) && same_tag(head.e_tag(), &from.tag) {
            return Ok(Copied::Done);
        }
        self.judge_original(from, single && is_of_bytes(&from.tag) && !by_kms(&head)).await
    }

    /// What is wrong with a copy at first sight.
    fn doubt(&self, copy: &HeadObjectOutput, from: &S3Object) -> Option<String> {
        let size = copy.content_length().and_then(|size| u64::try_from(size).ok());
        if size != Some(from.size) {
            let size = size.map_or_else(|| "an unknown number of".to_owned(), |size| size.to_string());
            return Some(format!("the copy has {size} bytes, and the original {}", from.size));
        }
        let found = copy.content_type().filter(|found| *found != self.content_type)?;
        Some(format!("the copy has the media type {found}, and {} was asked for", self.content_type))
    }

    /// If its `ETag` says nothing, a copy is only as good as the condition under which it was made. Not every store
    /// respects that condition, so the original must still be the recorded one. `comparable` means that the copy would
    /// have the original's `ETag` if KMS had not encrypted the original.
    async fn judge_original(&self, from: &S3Object, comparable: bool) -> Result<Copied, StoreError> {
        let asked = self.connection.call(|client| {
            let request = client.head_object().bucket(from.bucket.as_str()).key(from.key.as_str());
            request.if_match(&from.tag).send()
        });
        let doubt = match asked.await {
            Ok(head) if !same_tag(head.e_tag(), &from.tag) => "the original is a different one now".to_owned(),
            Ok(head) if comparable && !by_kms(&head) => "the copy has another ETag than the original".to_owned(),
            Ok(_) => return Ok(Copied::Done),
            Err(failure) => format!("the original cannot be looked at: {failure}"),
        };
        Ok(Copied::ReadInstead(doubt))
    }
}

/// Why a copy was not made.
enum CopyError {
    /// A call failed before anything was visible.
    Asked(S3Failure),
    /// The parts could not be joined.
    Joined(StoreError),
}

impl From<S3Failure> for CopyError {
    fn from(failure: S3Failure) -> Self {
        Self::Asked(failure)
    }
}

/// The original in the form for the header.
fn source(from: &S3Object) -> String {
    utf8_percent_encode(&format!("{}/{}", from.bucket, from.key), PLAIN).to_string()
}

fn same_tag(one: Option<&str>, other: &str) -> bool {
    one.is_some_and(|one| one.trim_matches('"') == other.trim_matches('"'))
}

/// Whether an `ETag` can be the MD5 of the bytes: that of an object in parts never is.
fn is_of_bytes(tag: &str) -> bool {
    !tag.contains('-')
}

fn by_kms(head: &HeadObjectOutput) -> bool {
    let kms = [ServerSideEncryption::AwsKms, ServerSideEncryption::AwsKmsDsse];
    head.server_side_encryption().is_some_and(|method| kms.contains(method))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::ObjectKey;
    use qldb_journal::request::BucketName;

    #[test]
    fn the_original_is_named_in_the_letters_of_a_header() {
        let from = S3Object {
            endpoint: String::new(),
            bucket: BucketName::parse("exports").unwrap(),
            key: ObjectKey::parse("a b/ä+?.1-2.ion").unwrap(),
            tag: String::new(),
            size: 0,
        };
        assert_eq!(source(&from), "exports/a%20b/%C3%A4%2B%3F.1-2.ion");
    }
}
