//! The multipart uploads that this process is working on.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use tokio::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The ids of uploads that were begun and neither completed nor aborted.
#[derive(Default)]
pub(super) struct Uploads {
    /// Held for reading while an upload is begun and not registered yet.
    beginning: RwLock<()>,
    ids: Mutex<HashSet<String>>,
}

/// The uploads at a time when none is being begun.
pub(super) struct UploadsGuard<'a> {
    uploads: &'a Uploads,
    _beginning: RwLockWriteGuard<'a, ()>,
}

impl Uploads {
    /// To be held while an upload is begun, until it is registered.
    pub(super) async fn beginning(&self) -> RwLockReadGuard<'_, ()> {
        self.beginning.read().await
    }

    /// Waits until no upload is being begun, and prevents new ones as long as the result is held.
    pub(super) async fn hold(&self) -> UploadsGuard<'_> {
        UploadsGuard { uploads: self, _beginning: self.beginning.write().await }
    }

    /// Registers an upload that was begun.
    pub(super) fn add(&self, id: &str) {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned());
    }

    /// Removes an upload that was completed or aborted.
    pub(super) fn forget(&self, id: &str) {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

impl UploadsGuard<'_> {
    /// Whether this process is working on an upload.
    pub(super) fn has(&self, id: &str) -> bool {
        self.uploads.ids.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }
}
