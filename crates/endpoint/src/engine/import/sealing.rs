//! Makes copies durable, and computes their SHA-256, while others are verified: waiting for the
//! disk needs no core, and the SHA-256 of many files can be computed together.

use std::collections::HashMap;
use std::fs::File;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

use crate::store::file::{SealedFile, UnplacedFile};
use qldb_journal::Hash;
use qldb_journal::internal::sha256;

/// How many threads wait for the disk in parallel: file systems make several files durable together.
const THREADS: usize = 4;
/// How many finished files may be queued for a thread, each of them open.
const WAITING: usize = 16;

/// For how many files the SHA-256 is computed together.
const TOGETHER: usize = 16;

/// The source and the key of an object.
pub(super) type ObjectId = (usize, String);

type Waiting = (ObjectId, UnplacedFile);

/// A durable copy, with its size and hash.
pub(super) struct Sealed {
    pub(super) file: SealedFile,
    pub(super) bytes: u64,
    pub(super) sha256: Hash,
}

/// The threads, and what they have done.
pub(super) struct Sealing {
    sender: Mutex<Option<SyncSender<Waiting>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
    shared: Arc<Shared>,
}

struct Shared {
    /// Durable files that are queued until there are enough.
    durable: Mutex<Vec<(ObjectId, SealedFile)>>,
    sealed: Mutex<HashMap<ObjectId, io::Result<Sealed>>>,
    is_given_up: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Sealing {
    /// Starts the threads.
    pub(super) fn begin() -> io::Result<Self> {
        let (sender, receiver) = sync_channel(WAITING);
        let shared = Arc::new(Shared {
            durable: Mutex::default(),
            sealed: Mutex::default(),
            is_given_up: AtomicBool::new(false),
        });
        let sealing = Self { sender: Mutex::new(Some(sender)), threads: Mutex::default(), shared };
        // It is owned by the threads: when none of them is left, nothing waits for one.
        let receiver = Arc::new(Mutex::new(receiver));
        for _ in 0..THREADS {
            let (shared, receiver) = (Arc::clone(&sealing.shared), Arc::clone(&receiver));
            let thread = Builder::new().name("import".to_owned()).spawn(move || shared.seal_all(&receiver))?;
            lock(&sealing.threads).push(thread);
        }
        Ok(sealing)
    }

    /// Queues a file to be made durable.
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
            // If a thread panicked, its file is not sealed, and is made again.
            let _ = thread.join();
        }
        self.shared.hash(std::mem::take(&mut *lock(&self.shared.durable)));
    }

    /// A file that was made durable.
    pub(super) fn take(&self, id: &ObjectId) -> Option<io::Result<Sealed>> {
        lock(&self.shared.sealed).remove(id)
    }

    /// Removes every file, including those still to come.
    pub(super) fn give_up(&self) {
        self.shared.is_given_up.store(true, Ordering::Relaxed);
        lock(&self.shared.durable).clear();
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
    fn seal_all(&self, receiver: &Mutex<Receiver<Waiting>>) {
        let next = || lock(receiver).recv().ok();
        while let Some((id, file)) = next() {
            if self.is_given_up.load(Ordering::Relaxed) {
                continue;
            }
            match file.seal() {
                Ok(file) => self.hash(self.enough(id, file)),
                Err(error) => self.keep(id, Err(error)),
            }
        }
    }

    /// Adds a durable file, and returns the queued ones if there are enough to be hashed together.
    fn enough(&self, id: ObjectId, file: SealedFile) -> Vec<(ObjectId, SealedFile)> {
        let mut durable = lock(&self.durable);
        durable.push((id, file));
        if durable.len() < TOGETHER { Vec::new() } else { std::mem::take(&mut *durable) }
    }

    fn hash(&self, files: Vec<(ObjectId, SealedFile)>) {
        let opened: Vec<io::Result<File>> = files.iter().map(|(_, file)| file.open()).collect();
        let mut hashes = sha256::of_files(opened.iter().filter_map(|file| file.as_ref().ok())).into_iter();
        for ((id, file), opened) in files.into_iter().zip(&opened) {
            let found = match opened {
                Ok(_) => hashes.next().unwrap_or_else(|| Err(io::Error::other("its SHA-256 was not taken"))),
                Err(error) => Err(io::Error::new(error.kind(), error.to_string())),
            };
            self.keep(id, found.map(|(bytes, sha256)| Sealed { file, bytes, sha256 }));
        }
    }

    fn keep(&self, id: ObjectId, sealed: io::Result<Sealed>) {
        let mut all = lock(&self.sealed);
        if !self.is_given_up.load(Ordering::Relaxed) {
            all.insert(id, sealed);
        }
    }
}
