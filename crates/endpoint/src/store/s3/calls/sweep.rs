//! Multipart uploads that a process began but did not live to complete or abort. They are
//! invisible, but their owner pays for them.
//!
//! Data objects have the same keys in every export of a journal that was requested in the same hour
//! under the same prefix, so another process may be working on one: an upload that began after this
//! process opened its store can't be one that an earlier process left.

use aws_sdk_s3::types::MultipartUpload;

use super::connection::Connection;
use crate::store::s3::failure::S3Failure;
use qldb_journal::request::BucketName;

/// Aborts the uploads under keys that begin with `prefix` and that `is_own` accepts, but none that this process is
/// working on. Returns how many there were.
pub(super) async fn sweep(
    connection: &Connection,
    bucket: &BucketName,
    prefix: &str,
    is_own: &(dyn Fn(&str) -> bool + Sync),
) -> Result<usize, S3Failure> {
    // While this is held no upload is begun, so each is either known or another process's.
    let known = connection.uploads().hold().await;
    let left: Vec<(String, String)> = list(connection, bucket, prefix)
        .await?
        .into_iter()
        .filter(|upload| upload.initiated.is_none_or(|begun| begun.as_nanos() < connection.opened().as_nanos()))
        .filter_map(|upload| Some((upload.key?, upload.upload_id?)))
        .filter(|(key, id)| is_own(key) && !known.has(id))
        .collect();
    for (key, id) in &left {
        let aborted = connection
            .call(|client| client.abort_multipart_upload().bucket(bucket.as_str()).key(key).upload_id(id).send());
        match aborted.await {
            // Another process was faster.
            Err(failure) if failure.is_missing() => {}
            aborted => drop(aborted?),
        }
    }
    Ok(left.len())
}

/// All pages of the list of uploads.
async fn list(connection: &Connection, bucket: &BucketName, prefix: &str) -> Result<Vec<MultipartUpload>, S3Failure> {
    let mut found = Vec::new();
    let mut next: (Option<String>, Option<String>) = (None, None);
    loop {
        let page = connection.call(|client| {
            let request = client.list_multipart_uploads().bucket(bucket.as_str()).prefix(prefix);
            request.set_key_marker(next.0.clone()).set_upload_id_marker(next.1.clone()).send()
        });
        let page = page.await?;
        found.extend(page.uploads.unwrap_or_default());
        let markers = (page.next_key_marker, page.next_upload_id_marker);
        if page.is_truncated != Some(true) {
            return Ok(found);
        }
        if markers == next {
            return Err(S3Failure::repeated_page());
        }
        next = markers;
    }
}
