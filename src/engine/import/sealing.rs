//! Makes copies durable while others are made: who does it waits for the disk, and no core need wait with them.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use super::stage::ObjectId;
use crate::store::file::{SealedFile, UnplacedFile};

/// So many wait for the disk side by side: file systems make files durable together that are asked for together.
const THREADS: usize = 4;
/// So many files are whole and wait for a thread at most, each of them open.
const WAITING: usize = 16;

type Waiting = (ObjectId, UnplacedFile);

/// The threads, and what they have done.
pub(super) struct Sealing {
    sender: Mutex<Option<SyncSender<Waiting>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    shared: Arc<Shared>,
}

struct Shared {
    receiver: Mutex<Receiver<Waiting>>,
    sealed: Mutex<HashMap<ObjectId, io::Result<SealedFile>>>,
    is_given_up: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sealing {
    /// Begins the threads.
    pub(super) fn begin() -> io::Result<Self> {
        let (sender, receiver) = sync_channel(WAITING);
        let (receiver, sealed) = (Mutex::new(receiver), Mutex::default());
        let shared = Arc::new(Shared { receiver, sealed, is_given_up: AtomicBool::new(false) });
        let sealing = Self { sender: Mutex::new(Some(sender)), threads: Mutex::default(), shared };
        for _ in 0..THREADS {
            let shared = Arc::clone(&sealing.shared);
            let thread = Builder::new().name("import".to_owned()).spawn(move || shared.seal_all())?;
            lock(&sealing.threads).push(thread);
        }
        Ok(sealing)
    }

    /// Has a file made durable.
    pub(super) fn add(&self, id: ObjectId, file: UnplacedFile) -> io::Result<()> {
        let sender = lock(&self.sender).clone();
        let sent = sender.map(|sender| sender.send((id, file)));
        sent.and_then(Result::ok).ok_or_else(|| io::Error::other("nothing is made durable any more"))
    }

    /// Waits until all files are durable.
    pub(super) fn end(&self) {
        drop(lock(&self.sender).take());
        let threads = std::mem::take(&mut *lock(&self.threads));
        for thread in threads {
            // One that panicked has sealed nothing, and what is not sealed is made again.
            let _ = thread.join();
        }
    }

    /// A file that was made durable.
    pub(super) fn take(&self, id: &ObjectId) -> Option<io::Result<SealedFile>> {
        lock(&self.shared.sealed).remove(id)
    }

    /// Removes every file, also those that are still to come.
    pub(super) fn give_up(&self) {
        self.shared.is_given_up.store(true, Ordering::Relaxed);
        lock(&self.shared.sealed).clear();
    }
}

impl Drop for Sealing {
    fn drop(&mut self) {
        self.give_up();
        self.end();
    }
}

impl Shared {
    fn seal_all(&self) {
        while let Some((id, file)) = self.next() {
            if self.is_given_up.load(Ordering::Relaxed) {
                continue;
            }
            let sealed = file.seal();
            let mut all = lock(&self.sealed);
            if !self.is_given_up.load(Ordering::Relaxed) {
                all.insert(id, sealed);
            }
        }
    }

    fn next(&self) -> Option<Waiting> {
        lock(&self.receiver).recv().ok()
    }
}
