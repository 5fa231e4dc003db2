//! How objects that were read are protected: what S3 reports with their bytes, so that no further
//! call is needed.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::types::ObjectLockLegalHoldStatus;
use chrono::DateTime;

use crate::store::ObjectKey;
use qldb_journal::archive::source::{Lock, Stored};
use qldb_journal::request::BucketName;

/// The version of an object in a bucket that never had versions.
const NO_VERSION: &str = "null";

/// What S3 reported, by bucket and key.
#[derive(Default)]
pub(super) struct Kept(Mutex<BTreeMap<(String, String), Stored>>);

impl Kept {
    /// Records what a response reports about its object. Most report nothing, and take no space.
    pub(super) fn note(&self, bucket: &BucketName, key: &ObjectKey, answer: &GetObjectOutput) {
        let until = answer.object_lock_retain_until_date();
        let until = until.and_then(|until| DateTime::from_timestamp(until.secs(), until.subsec_nanos()));
        let lock = answer.object_lock_mode().zip(until);
        let stored = Stored {
            version_id: answer.version_id().filter(|version| *version != NO_VERSION).map(str::to_owned),
            lock: lock.map(|(mode, until)| Lock { mode: mode.as_str().to_owned(), until }),
            is_held: answer.object_lock_legal_hold_status() == Some(&ObjectLockLegalHoldStatus::On),
        };
        if !stored.is_plain() {
            self.known().insert((bucket.to_string(), key.to_string()), stored);
        }
    }

    /// The objects of a bucket about which something is known, by key.
    pub(super) fn of_bucket(&self, bucket: &BucketName) -> BTreeMap<String, Stored> {
        let known = self.known();
        let own = known.iter().filter(|((of, _), _)| of == bucket.as_str());
        own.map(|((_, key), stored)| (key.clone(), stored.clone())).collect()
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<(String, String), Stored>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
