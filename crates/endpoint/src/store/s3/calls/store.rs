//! The store itself: implements [`ObjectStore`] with calls to S3.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_s3::types::OptionalObjectAttributes;

use super::archived;
use super::connection::Connection;
use super::ranges::RangedReader;
use super::reader::S3Reader;
use super::sweep;
use super::writer::{S3Writer, Target};
use crate::store::s3::failure::{S3Cause, S3Failure};
use crate::store::s3::object::{ListedObject, S3Object, Version};
use crate::store::s3::options::{RestoreOrder, S3OpenError, S3Options};
use crate::store::{
    Access, Copied, ObjectEntry, ObjectKey, ObjectOptions, ObjectStore, ObjectWriter, StoreError, StoreKind,
};
use qldb_aws::Resolved;
use qldb_journal::archive::source::{Archived, Stored};
use qldb_journal::request::{BucketName, Encryption};

/// How long a bucket is tested before a job is accepted. Callers wait for it, and give up after 30 s.
const TRIAL_TIME: Duration = Duration::from_secs(20);
/// The default storage class.
const STANDARD: &str = "STANDARD";
/// The media type of a test upload, which never becomes an object.
const TRIAL_TYPE: &str = "application/octet-stream";

/// A store whose buckets are in S3.
#[derive(Clone)]
pub struct S3Store {
    connection: Connection,
    assume_roles: bool,
}

impl S3Store {
    /// Reads the configuration; S3 is not called yet.
    pub fn open(options: &S3Options) -> Result<Self, S3OpenError> {
        Ok(Self { connection: Connection::open(options)?, assume_roles: options.assume_roles })
    }

    /// Which S3 this is: the address of its endpoint, or `Amazon S3` if none is configured. The same text means that a
    /// bucket's name means the same bucket.
    pub fn endpoint(&self) -> &str {
        self.connection.endpoint()
    }

    /// What another process needs to read a bucket as this one does.
    pub(super) fn resolved(&self, bucket: &BucketName, prefix: &str) -> Result<Resolved, StoreError> {
        let asked = self.connection.run(self.connection.resolved());
        asked.map_err(|failure| StoreError::s3("list", bucket, prefix, failure))
    }

    /// The current version of an object; `None` if there is no such object.
    pub fn version(&self, bucket: &BucketName, key: &ObjectKey) -> Result<Option<Version>, StoreError> {
        let asked =
            self.connection.call(|client| client.head_object().bucket(bucket.as_str()).key(key.as_str()).send());
        match self.connection.run(asked) {
            Ok(head) => {
                let size = head.content_length().and_then(|length| u64::try_from(length).ok());
                Ok(Some(Version { tag: head.e_tag, size }))
            }
            Err(failure) if failure.is_missing() => Ok(None),
            Err(failure) => Err(StoreError::s3("read", bucket, key.as_str(), failure)),
        }
    }

    /// Opens an object that must still have the given version; it is an error if it changes while it is read. A large
    /// object is requested when it is first read, so only then may it be found missing or changed.
    pub fn open_version(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        version: &Version,
    ) -> Result<Box<dyn Read + Send>, StoreError> {
        let connection = self.connection.clone();
        let Some(size) = version.size.filter(|size| *size > connection.sizes().range) else {
            return Ok(Box::new(S3Reader::open(&connection, bucket, key, version, None)?));
        };
        let tag = match &version.tag {
            Some(tag) => Some(tag.clone()),
            // Not every store includes ETags in its listings.
            None => self.version(bucket, key)?.and_then(|version| version.tag),
        };
        if tag.is_none() {
            return Ok(Box::new(S3Reader::open(&connection, bucket, key, version, None)?));
        }
        let version = Version { tag, size: Some(size) };
        Ok(Box::new(RangedReader::new(connection, bucket, key, version, size)))
    }

    /// Passes on everything whose key begins with `prefix`, page by page: there may be millions. A bucket that does not
    /// exist is an error.
    pub(super) fn list_each(
        &self,
        bucket: &BucketName,
        prefix: &str,
        take: &mut dyn FnMut(ListedObject),
    ) -> Result<(), StoreError> {
        let listed = self.connection.run(list_each(&self.connection, bucket, prefix, take));
        listed.map_err(|failure| StoreError::s3("list", bucket, prefix, failure))
    }

    /// Those of some objects that can't be read before they are restored.
    pub(super) fn archived(&self, bucket: &BucketName, listed: Vec<ListedObject>) -> Result<Vec<Archived>, StoreError> {
        let asked = self.connection.run(archived::among(&self.connection, bucket, listed));
        asked.map_err(|(key, failure)| StoreError::s3("look at", bucket, &key, failure))
    }

    /// Requests a restore of some objects, each once. `asked` is called for each with whether it was already being
    /// restored.
    pub fn restore(
        &self,
        objects: &[(BucketName, Archived)],
        order: RestoreOrder,
        asked: &(dyn Fn(bool) + Sync),
    ) -> Result<(), StoreError> {
        self.connection.run(archived::restore(&self.connection, objects, order, asked))
    }

    /// How the objects of a bucket that were read are protected, by key.
    pub(super) fn kept(&self, bucket: &BucketName) -> BTreeMap<String, Stored> {
        self.connection.kept().of_bucket(bucket)
    }

    fn target(&self, bucket: &BucketName, key: &ObjectKey, options: ObjectOptions<'_>) -> Target {
        Target {
            connection: self.connection.clone(),
            bucket: bucket.clone(),
            key: key.clone(),
            content_type: options.content_type,
            encryption: options.encryption.clone(),
            is_new: false,
        }
    }

    /// Begins an upload with all properties of a job's objects, and aborts it. So it needs no permission that the job
    /// does not need, and nothing ever becomes visible under the key.
    async fn try_target(target: Target) -> Result<(), StoreError> {
        let tried = async {
            target.connection.check_credentials().await?;
            target.begin().await
        };
        let upload = tried.await.map_err(|failure| target.failed(failure))?;
        let (id, found) = (upload.id, upload.found);
        let judged = if found.is_silent() { Ok(()) } else { target.judge_answer(&found) };
        target.abort(id).await;
        judged
    }
}

impl ObjectStore for S3Store {
    fn kind(&self) -> StoreKind {
        StoreKind::S3
    }

    fn for_export(self: Arc<Self>, access: &Access<'_>) -> Arc<dyn ObjectStore> {
        if !self.assume_roles {
            return self;
        }
        Arc::new(Self { connection: self.connection.assume(access), assume_roles: false })
    }

    fn check(&self, bucket: &BucketName, key: &ObjectKey, encryption: &Encryption) -> Result<(), StoreError> {
        let target = self.target(bucket, key, ObjectOptions { content_type: TRIAL_TYPE, encryption });
        let trial = async { tokio::time::timeout(TRIAL_TIME, Self::try_target(target)).await };
        self.connection.run(trial).unwrap_or_else(|_| {
            let reason = format!("none in {} s", TRIAL_TIME.as_secs());
            let failure = S3Failure::at_once(S3Cause::NoAnswer(reason));
            Err(StoreError::s3("write", bucket, key.as_str(), failure))
        })
    }

    fn create(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        options: ObjectOptions<'_>,
    ) -> Result<Box<dyn ObjectWriter>, StoreError> {
        Ok(Box::new(S3Writer::new(self.target(bucket, key, options))))
    }

    fn create_new(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        options: ObjectOptions<'_>,
    ) -> Result<Box<dyn ObjectWriter>, StoreError> {
        let target = Target { is_new: self.connection.is_conditional(), ..self.target(bucket, key, options) };
        Ok(Box::new(S3Writer::new(target)))
    }

    fn endpoint(&self) -> Option<&str> {
        Some(self.connection.endpoint())
    }

    fn copy(
        &self,
        from: &S3Object,
        bucket: &BucketName,
        key: &ObjectKey,
        options: ObjectOptions<'_>,
    ) -> Result<Copied, StoreError> {
        let target = self.target(bucket, key, options);
        self.connection.run(target.copy(from, self.connection.sizes()))
    }

    fn holds(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        bytes: &[u8],
        options: ObjectOptions<'_>,
    ) -> Result<bool, StoreError> {
        self.connection.run(self.target(bucket, key, options).holds(bytes))
    }

    fn sweep(
        &self,
        bucket: &BucketName,
        prefix: &str,
        is_own: &(dyn Fn(&str) -> bool + Sync),
    ) -> Result<usize, StoreError> {
        let swept = self.connection.run(sweep::sweep(&self.connection, bucket, prefix, is_own));
        swept.map_err(|failure| StoreError::s3("sweep", bucket, prefix, failure))
    }

    fn open(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        part: Option<Range<u64>>,
    ) -> Result<Box<dyn Read + Send>, StoreError> {
        if part.as_ref().is_some_and(Range::is_empty) {
            return Ok(Box::new(io::empty()));
        }
        Ok(Box::new(S3Reader::open(&self.connection, bucket, key, &Version::default(), part.as_ref())?))
    }

    fn size(&self, bucket: &BucketName, key: &ObjectKey) -> Result<Option<u64>, StoreError> {
        Ok(self.version(bucket, key)?.and_then(|version| version.size))
    }

    fn list(&self, bucket: &BucketName, prefix: &str) -> Result<Vec<ObjectEntry>, StoreError> {
        let mut entries: Vec<ObjectEntry> = Vec::new();
        let mut take = |object: ListedObject| {
            let size = object.version.size.unwrap_or_default();
            entries.extend(ObjectKey::parse(object.key).ok().map(|key| ObjectEntry { key, size }));
        };
        match self.connection.run(list_each(&self.connection, bucket, prefix, &mut take)) {
            Err(failure) if failure.is_missing() => return Ok(Vec::new()),
            listed => listed.map_err(|failure| StoreError::s3("list", bucket, prefix, failure))?,
        }
        entries.sort_by(|one, other| one.key.as_str().cmp(other.key.as_str()));
        Ok(entries)
    }

    fn remove(&self, bucket: &BucketName, key: &ObjectKey) -> Result<(), StoreError> {
        let asked =
            self.connection.call(|client| client.delete_object().bucket(bucket.as_str()).key(key.as_str()).send());
        match self.connection.run(asked) {
            Ok(_) => Ok(()),
            Err(failure) if failure.is_missing() => Ok(()),
            Err(failure) => Err(StoreError::s3("remove", bucket, key.as_str(), failure)),
        }
    }
}

/// All pages of a listing.
async fn list_each(
    connection: &Connection,
    bucket: &BucketName,
    prefix: &str,
    take: &mut dyn FnMut(ListedObject),
) -> Result<(), S3Failure> {
    let mut next: Option<String> = None;
    loop {
        let page = connection.call(|client| {
            let request = client.list_objects_v2().bucket(bucket.as_str()).prefix(prefix);
            let request = request.optional_object_attributes(OptionalObjectAttributes::RestoreStatus);
            request.set_continuation_token(next.clone()).send()
        });
        let page = page.await?;
        let token = page.next_continuation_token.filter(|_| page.is_truncated == Some(true));
        page.contents.unwrap_or_default().into_iter().filter_map(listed).for_each(&mut *take);
        match token {
            Some(token) if next.as_ref() != Some(&token) => next = Some(token),
            Some(_) => return Err(S3Failure::repeated_page()),
            None => return Ok(()),
        }
    }
}

fn listed(object: aws_sdk_s3::types::Object) -> Option<ListedObject> {
    let size = object.size.and_then(|size| u64::try_from(size).ok());
    let changed = object.last_modified.map_or(0, |time| time.as_nanos());
    let class = object.storage_class.map(|class| class.as_str().to_owned()).filter(|class| class != STANDARD);
    let restored = object.restore_status.and_then(|status| status.is_restore_in_progress).map(|is_made| !is_made);
    Some(ListedObject { key: object.key?, version: Version { tag: object.e_tag, size }, changed, class, restored })
}
