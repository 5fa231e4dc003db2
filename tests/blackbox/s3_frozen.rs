//! What the S3 server of the tests keeps as Amazon's does: storage classes that
//! must be restored first, how far that is, and Object Lock.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use axum::http::{HeaderMap, HeaderValue, Method, Response};
use s3s::Body;

use crate::s3_server::{Call, error};

/// How an object is stored.
#[derive(Debug, Clone)]
struct Kept {
    class: String,
    /// The tier within `INTELLIGENT_TIERING`.
    tier: Option<String>,
    restore: Restore,
}

impl Kept {
    fn is_archived(&self) -> bool {
        self.tier.is_some() || ["GLACIER", "DEEP_ARCHIVE"].contains(&self.class.as_str())
    }
}

/// The progress of a restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Restore {
    None,
    /// It is done after this many listings.
    UnderWay(usize),
    Done,
}

/// The objects in such classes, by `/bucket/key`.
#[derive(Default)]
pub(crate) struct Frozen {
    kept: Mutex<BTreeMap<String, Kept>>,
    locks: Mutex<BTreeMap<String, HeaderMap>>,
    /// How many listings a restore takes.
    listings: Mutex<usize>,
}

impl Frozen {
    /// From now on, an object is in this class, and within it in this tier.
    pub(crate) fn freeze(&self, path: &str, class: &str, tier: Option<&str>) {
        let (class, tier) = (class.to_owned(), tier.map(str::to_owned));
        self.kept().insert(path.to_owned(), Kept { class, tier, restore: Restore::None });
    }

    /// From now on, a restore is done when the bucket was listed this often.
    pub(crate) fn take_listings(&self, count: usize) {
        *self.listings.lock().unwrap() = count;
    }

    /// From now on, an object is locked.
    pub(crate) fn lock(&self, path: &str, mode: &'static str, until: &'static str) {
        let mut headers = HeaderMap::new();
        headers.insert("x-amz-object-lock-mode", HeaderValue::from_static(mode));
        headers.insert("x-amz-object-lock-retain-until-date", HeaderValue::from_static(until));
        headers.insert("x-amz-version-id", HeaderValue::from_static("version-1"));
        self.locks.lock().unwrap().insert(path.to_owned(), headers);
    }

    fn kept(&self) -> MutexGuard<'_, BTreeMap<String, Kept>> {
        self.kept.lock().unwrap()
    }

    /// The response to a call that depends on the class of an object; `None` if the store below responds.
    pub(crate) fn answer(&self, call: &Call) -> Option<Response<Body>> {
        let path = decoded(&call.path);
        let mut kept = self.kept();
        let one = kept.get_mut(&path)?;
        let is_restore = call.query.split('&').any(|part| part == "restore" || part == "restore=");
        match (&call.method, one.restore) {
            (&Method::POST, Restore::UnderWay(_)) if is_restore => Some(error(409, "RestoreAlreadyInProgress")),
            (&Method::POST, _) if is_restore => {
                one.restore = Restore::UnderWay(*self.listings.lock().unwrap());
                let mut answer = Response::new(Body::from(String::new()));
                *answer.status_mut() = axum::http::StatusCode::ACCEPTED;
                Some(answer)
            }
            (&Method::GET, Restore::None | Restore::UnderWay(_)) if one.is_archived() => {
                Some(error(403, "InvalidObjectState"))
            }
            _ => None,
        }
    }

    /// The headers of HEAD and GET besides those of the store below.
    pub(crate) fn headers(&self, call: &Call) -> HeaderMap {
        let path = decoded(&call.path);
        let mut headers = self.locks.lock().unwrap().get(&path).cloned().unwrap_or_default();
        let Some(one) = self.kept().get(&path).cloned() else { return headers };
        let text = |text: &str| HeaderValue::from_str(text).unwrap();
        headers.insert("x-amz-storage-class", text(&one.class));
        match (&one.tier, one.restore) {
            (Some(_), Restore::Done) | (_, Restore::None) => {}
            (_, Restore::UnderWay(_)) => {
                headers.insert("x-amz-restore", text("ongoing-request=\"true\""));
            }
            (None, Restore::Done) => {
                let done = "ongoing-request=\"false\", expiry-date=\"Fri, 21 Dec 2040 00:00:00 GMT\"";
                headers.insert("x-amz-restore", text(done));
            }
        }
        if let Some(tier) = one.tier.filter(|_| one.restore != Restore::Done) {
            headers.insert("x-amz-archive-status", text(&tier));
        }
        headers
    }

    /// A listing with the classes of its objects, which advances every restore.
    pub(crate) fn listed(&self, call: &Call, listing: &str) -> String {
        let bucket = decoded(&call.path);
        let bucket = bucket.trim_end_matches('/');
        let wants_restores =
            call.headers.get("x-amz-optional-object-attributes").is_some_and(|wanted| wanted == "RestoreStatus");
        let mut text = listing.to_owned();
        for (path, one) in self.kept().iter_mut() {
            one.restore = match one.restore {
                Restore::UnderWay(left) if left > 1 => Restore::UnderWay(left - 1),
                Restore::UnderWay(_) => Restore::Done,
                other => other,
            };
            let Some(key) = path.strip_prefix(bucket).and_then(|key| key.strip_prefix('/')) else { continue };
            let said = match one.restore {
                _ if !wants_restores || one.tier.is_some() => "",
                Restore::None => "",
                Restore::UnderWay(_) => {
                    "<RestoreStatus><IsRestoreInProgress>true</IsRestoreInProgress></RestoreStatus>"
                }
                Restore::Done => {
                    "<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>\
                     2040-12-21T00:00:00.000Z</RestoreExpiryDate></RestoreStatus>"
                }
            };
            let name = format!("<Key>{key}</Key>");
            text = text.replace(&name, &format!("{name}<StorageClass>{}</StorageClass>{said}", one.class));
        }
        text
    }
}

fn decoded(path: &str) -> String {
    percent_encoding::percent_decode_str(path).decode_utf8().unwrap().into_owned()
}
