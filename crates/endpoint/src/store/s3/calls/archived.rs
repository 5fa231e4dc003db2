//! Objects in storage classes that must be restored before S3 delivers them: finding them, and
//! requesting a copy of each.

use std::io;
use std::sync::Arc;

use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::types::{GlacierJobParameters, RestoreRequest, Tier};
use tokio::sync::Semaphore;
use tokio::task::{JoinError, JoinSet};

use super::connection::Connection;
use crate::store::StoreError;
use crate::store::s3::failure::{S3Cause, S3Failure};
use crate::store::s3::object::ListedObject;
use crate::store::s3::options::RestoreOrder;
use qldb_journal::archive::source::Archived;
use qldb_journal::request::BucketName;

/// The classes whose objects can't be read directly.
const ARCHIVES: [&str; 2] = ["GLACIER", "DEEP_ARCHIVE"];
/// The class whose objects S3 moves into archives by itself, if the bucket is configured like that; HEAD shows which.
const TIERING: &str = "INTELLIGENT_TIERING";
/// How many objects are queried at once.
const AT_ONCE: usize = 16;
/// S3's error code for an object that is already being restored.
const UNDER_WAY: &str = "RestoreAlreadyInProgress";

/// Whether an object may have to be restored before it can be read.
pub(super) fn may_be(object: &ListedObject) -> bool {
    match object.class.as_deref() {
        Some(TIERING) => true,
        Some(class) => ARCHIVES.contains(&class) && object.restored != Some(true),
        None => false,
    }
}

/// Those of some objects that [`may_be`] in an archive that can't be read. A failure includes the key that it is about.
pub(super) async fn among(
    connection: &Connection,
    bucket: &BucketName,
    doubtful: Vec<ListedObject>,
) -> Result<Vec<Archived>, (String, S3Failure)> {
    let (mut unclear, mut archived): (Vec<_>, Vec<_>) =
        doubtful.into_iter().partition(|object| object.class.as_deref() == Some(TIERING));
    // If a store's listing does not show restores, one of those objects reveals that, and each must be queried.
    let silent = archived.iter().find(|object| object.restored.is_none()).cloned();
    if let Some(object) = silent {
        let heads = heads(connection, bucket, vec![object]).await?;
        if heads.iter().any(|(_, head)| head.restore().is_some()) {
            unclear.append(&mut archived);
        }
    }
    let mut found: Vec<Archived> = archived
        .into_iter()
        .map(|object| {
            let (class, is_restoring) = (object.class.clone().unwrap_or_default(), object.restored == Some(false));
            of(bucket, object, class, None, is_restoring)
        })
        .collect();
    found.extend(
        heads(connection, bucket, unclear)
            .await?
            .into_iter()
            .filter_map(|(object, head)| archived_object(bucket, object, &head)),
    );
    found.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(found)
}

/// What HEAD says about an object; `None` if it can be read.
fn archived_object(bucket: &BucketName, object: ListedObject, head: &HeadObjectOutput) -> Option<Archived> {
    let restore = head.restore().unwrap_or_default();
    let is_restoring = restore.contains("ongoing-request=\"true\"");
    let tier = head.archive_status().map(|tier| tier.as_str().to_owned());
    let class = object.class.clone().unwrap_or_default();
    let needs = if class == TIERING { tier.is_some() } else { restore.is_empty() || is_restoring };
    needs.then(|| of(bucket, object, class, tier, is_restoring))
}

fn of(bucket: &BucketName, object: ListedObject, class: String, tier: Option<String>, is_restoring: bool) -> Archived {
    let size = object.version.size.unwrap_or_default();
    Archived { bucket: bucket.to_string(), name: object.key.clone(), key: object.key, size, class, tier, is_restoring }
}

/// Queries some objects with HEAD, several at once. An object that no longer exists needs no restore.
async fn heads(
    connection: &Connection,
    bucket: &BucketName,
    objects: Vec<ListedObject>,
) -> Result<Vec<(ListedObject, HeadObjectOutput)>, (String, S3Failure)> {
    let (room, mut asking) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    let handle = connection.handle();
    for object in objects {
        let (connection, bucket, room) = (connection.clone(), bucket.clone(), Arc::clone(&room));
        let ask = async move {
            let _place = room.acquire().await;
            let asked = connection.call(|client| client.head_object().bucket(bucket.as_str()).key(&object.key).send());
            let asked = asked.await;
            (object, asked)
        };
        asking.spawn_on(ask, handle);
    }
    let mut answered = Vec::new();
    while let Some(joined) = asking.join_next().await {
        let (object, asked) = joined.map_err(|error| (String::new(), lost(&error)))?;
        match asked {
            Ok(head) => answered.push((object, head)),
            Err(failure) if failure.is_missing() => {}
            Err(failure) => return Err((object.key, failure)),
        }
    }
    Ok(answered)
}

/// Requests a restore of each object, several at once. After a failure, no further objects are requested.
pub(super) async fn restore(
    connection: &Connection,
    objects: &[(BucketName, Archived)],
    order: RestoreOrder,
    asked: &(dyn Fn(bool) + Sync),
) -> Result<(), StoreError> {
    let (room, mut asking) = (Arc::new(Semaphore::new(AT_ONCE)), JoinSet::new());
    let Some((bucket, _)) = objects.first() else { return Ok(()) };
    let handle = connection.handle();
    for (bucket, object) in objects {
        let (connection, room) = (connection.clone(), Arc::clone(&room));
        let (bucket, object) = (bucket.clone(), object.clone());
        let restoring = async move {
            let _place = room.acquire().await;
            let answer = restore_one(&connection, &object, order).await;
            answer.map_err(|failure| StoreError::s3("restore", &bucket, &object.key, failure))
        };
        asking.spawn_on(restoring, handle);
    }
    while let Some(joined) = asking.join_next().await {
        // It is unknown which object a lost task was about.
        let answer = joined.unwrap_or_else(|error| {
            Err(StoreError::Failed {
                action: "restore",
                bucket: bucket.clone(),
                key: String::new(),
                source: io::Error::other(error),
            })
        });
        asked(answer?);
    }
    Ok(())
}

/// Whether it was already being restored.
async fn restore_one(connection: &Connection, object: &Archived, order: RestoreOrder) -> Result<bool, S3Failure> {
    let unfit = |error: String| S3Failure::at_once(S3Cause::Unfit(error));
    let tier = GlacierJobParameters::builder().tier(Tier::from(order.tier)).build();
    let tier = tier.map_err(|error| unfit(error.to_string()))?;
    let request = RestoreRequest::builder().glacier_job_parameters(tier);
    // S3 moves these back permanently, and refuses a number of days.
    let days = (object.class != TIERING).then_some(order.days);
    let request = request.set_days(days).build();
    let asked = connection.call(|client| {
        client.restore_object().bucket(&object.bucket).key(&object.key).restore_request(request.clone()).send()
    });
    match asked.await {
        Ok(_) => Ok(false),
        Err(failure) if failure.is(UNDER_WAY) => Ok(true),
        Err(failure) => Err(failure),
    }
}

fn lost(error: &JoinError) -> S3Failure {
    S3Failure::at_once(S3Cause::Unfit(error.to_string()))
}
