//! Nothing is overwritten unless it is identical. Keys of data objects are a function of strand,
//! prefix, hour and block numbers, so an export in Ion text and one in Ion binary of the same range
//! in the same hour have the same keys (QLDB's own layout): the second one ends CANCELLED before it
//! writes anything.

use std::collections::HashMap;
use std::io::{self, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use super::export_run::ExportRun;
use super::jobs::Stop;
use super::object::{Object, ObjectAt};
use super::plan::ObjectPlan;
use super::segment::HashedReader;
use crate::store::{ObjectWriter, StoreError};
use qldb_journal::Encoding;

impl ExportRun<'_> {
    /// Ends the job if an object with other content has one of its keys. Identical content was written by an export of
    /// the same range, or by this one before it was interrupted.
    pub(super) fn refuse_others(&self, plans: &[ObjectPlan]) -> Result<(), Stop> {
        let bucket = &self.job.export.request.bucket;
        let listed = match self.store.list(bucket, &self.keys.data_objects()) {
            Ok(listed) => listed,
            // A role that may write but not read is all that QLDB requires.
            Err(error) if error.is_refusal() => {
                tracing::warn!(%bucket, %error, "existing objects under the keys of this export cannot be detected");
                return Ok(());
            }
            Err(error) => return Err(error.into()),
        };
        let sizes: HashMap<&str, u64> = listed.iter().map(|entry| (entry.key.as_str(), entry.size)).collect();
        for plan in plans {
            self.control.cancelled()?;
            let place = self.place(self.keys.data_object(plan.first, plan.last))?;
            if let Some(size) = sizes.get(place.key.as_str()) {
                self.refuse_other(plan, &place, *size)?;
            }
        }
        let _ = self.present.set(sizes.into_keys().map(str::to_owned).collect());
        Ok(())
    }

    /// Whether nothing had this key when the job began. If this can't be determined, what an earlier process of this
    /// job may have written is replaced.
    pub(super) fn is_new(&self, place: &ObjectAt) -> bool {
        self.present.get().map_or(!self.job.resumed, |present| !present.contains(place.key.as_str()))
    }

    /// Ends the job if an existing object of this size differs from what would be written.
    pub(super) fn refuse_other(&self, plan: &ObjectPlan, place: &ObjectAt, size: u64) -> Result<(), Stop> {
        if self.is_same(plan, place, size)? { Ok(()) } else { Err(Stop::Cancel(other_content(place))) }
    }

    /// Whether an object holds what would be written.
    fn is_same(&self, plan: &ObjectPlan, place: &ObjectAt, size: u64) -> Result<bool, Stop> {
        let open = || self.store.open(&place.bucket, &place.key, None).map_err(|error| unseen(place, error));
        if self.is_as_it_is(plan) {
            if size != plan.segment.bytes {
                return Ok(false);
            }
            let read = HashedReader::new(open()?).finish();
            let (bytes, sha256) = read.map_err(|error| unread(place, error))?;
            return Ok(plan.segment.agrees(bytes, sha256));
        }
        let differs = Arc::new(AtomicBool::new(false));
        let comparison = Comparison { existing: open()?, differs: Arc::clone(&differs) };
        let mut object = Object::new(Box::new(comparison), place.clone());
        let written = self.transfer(plan, &mut object);
        if differs.load(Ordering::Relaxed) {
            return Ok(false);
        }
        written?;
        Ok(object.bytes() == size)
    }
}

fn unread(place: &ObjectAt, error: io::Error) -> StoreError {
    StoreError::failed("read", &place.bucket, place.key.as_str(), error)
}

/// Why an existing object can't be compared. If the role may not read it, it is not trusted.
fn unseen(place: &ObjectAt, error: StoreError) -> Stop {
    if !error.is_refusal() {
        return error.into();
    }
    let ObjectAt { bucket, key } = place;
    Stop::Cancel(format!(
        "object {key} in bucket {bucket} already exists, and it can't be determined whether it is the same ({error})"
    ))
}

fn other_content(place: &ObjectAt) -> String {
    let ObjectAt { bucket, key } = place;
    format!(
        "object {key} in bucket {bucket} already exists and has other content, as an export of the same range in \
         another format in the same hour has"
    )
}

/// Compares what is written with what already exists.
struct Comparison {
    existing: Box<dyn Read + Send>,
    differs: Arc<AtomicBool>,
}

impl Write for Comparison {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut found = Vec::with_capacity(bytes.len());
        self.existing.by_ref().take(bytes.len() as u64).read_to_end(&mut found)?;
        if found == bytes {
            return Ok(bytes.len());
        }
        self.differs.store(true, Ordering::Relaxed);
        Err(io::Error::other("the existing object has other content"))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl ObjectWriter for Comparison {
    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        Ok(())
    }
}

/// The locations that running jobs write to, with their encodings. Jobs with the same keys and different encodings take
/// turns, so that the second one finds what the first one wrote.
#[derive(Default)]
pub(super) struct Claims {
    places: Mutex<HashMap<String, (Encoding, usize)>>,
    changed: Condvar,
}

/// A claim, released when dropped.
pub(super) struct Claim<'a> {
    claims: &'a Claims,
    place: String,
}

impl Claims {
    /// Claims a location, once nobody is writing there in another encoding.
    pub(super) fn claim(&self, place: String, encoding: Encoding) -> Claim<'_> {
        let places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let is_other = |places: &mut HashMap<String, (Encoding, usize)>| {
            places.get(&place).is_some_and(|(claimed, _)| *claimed != encoding)
        };
        let mut places = self.changed.wait_while(places, is_other).unwrap_or_else(PoisonError::into_inner);
        places.entry(place.clone()).or_insert((encoding, 0)).1 += 1;
        drop(places);
        Claim { claims: self, place }
    }
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut places = self.claims.places.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, count)) = places.get_mut(&self.place) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                places.remove(&self.place);
            }
        }
        drop(places);
        self.claims.changed.notify_all();
    }
}
