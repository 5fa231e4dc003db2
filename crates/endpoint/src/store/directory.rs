//! Buckets as directories, objects as files.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::file::{self, NewFile, UNFINISHED};
use super::{Access, ObjectEntry, ObjectKey, ObjectOptions, ObjectStore, ObjectWriter, StoreError, StoreKind};
use qldb_journal::request::{BucketName, Encryption};

/// The maximum length of a file name on common file systems, in bytes.
const MAX_NAME: usize = 255;

/// A store whose buckets are the directories under one root. A bucket is created with its first object.
pub struct DirectoryStore {
    root: PathBuf,
}

impl DirectoryStore {
    /// Opens the store and removes what unfinished writes left in its buckets.
    pub fn open(root: PathBuf) -> io::Result<Self> {
        file::create_directories(&root)?;
        for entry in fs::read_dir(&root)? {
            file::sweep(&entry?.path())?;
        }
        Ok(Self { root })
    }

    /// Where the objects of a bucket are.
    pub fn bucket_path(&self, bucket: &BucketName) -> PathBuf {
        self.root.join(bucket.as_str())
    }

    fn writer(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        options: ObjectOptions<'_>,
    ) -> Result<DirectoryWriter, StoreError> {
        self.check(bucket, key, options.encryption)?;
        let target = self.unlinked(bucket, key)?;
        let out = NewFile::create(&self.bucket_path(bucket), target)
            .map_err(|error| StoreError::failed("write", bucket, key.as_str(), error))?;
        Ok(DirectoryWriter { out, new_at: None, bucket: bucket.clone(), key: key.clone() })
    }

    /// The path of an object to be written or removed: no part of it is a link.
    fn unlinked(&self, bucket: &BucketName, key: &ObjectKey) -> Result<PathBuf, StoreError> {
        let path = self.path(bucket, key)?;
        match file::link_between(&self.root, &path) {
            None => Ok(path),
            Some(link) => {
                let rule = format!("{} is a link, which is not followed where something is written", link.display());
                Err(StoreError::Unfit { bucket: bucket.clone(), key: key.as_str().to_owned(), rule })
            }
        }
    }

    fn path(&self, bucket: &BucketName, key: &ObjectKey) -> Result<PathBuf, StoreError> {
        match unfit(key.as_str()) {
            Some(rule) => {
                Err(StoreError::Unfit { bucket: bucket.clone(), key: key.as_str().to_owned(), rule: rule.to_owned() })
            }
            None => Ok(key.as_str().split('/').fold(self.bucket_path(bucket), |path, name| path.join(name))),
        }
    }
}

/// The rule that prevents a key from being a path, if there is one.
fn unfit(key: &str) -> Option<&'static str> {
    key.split('/').find_map(|name| match name {
        "" => Some("it has nothing before, after or between slashes"),
        "." | ".." => Some("it has . or .. between slashes"),
        UNFINISHED => Some("it uses the name that is kept for unfinished files"),
        _ if name.len() > MAX_NAME => Some("it has more than 255 bytes between slashes"),
        _ if name.contains(['\\', '\0']) => Some("it has a backslash"),
        _ => None,
    })
}

impl ObjectStore for DirectoryStore {
    fn kind(&self) -> StoreKind {
        StoreKind::Directory
    }

    fn for_export(self: Arc<Self>, _access: &Access<'_>) -> Arc<dyn ObjectStore> {
        self
    }

    fn check(&self, bucket: &BucketName, key: &ObjectKey, encryption: &Encryption) -> Result<(), StoreError> {
        if *encryption != Encryption::NoEncryption {
            return Err(StoreError::Encryption { bucket: bucket.clone(), encryption: encryption.clone() });
        }
        self.unlinked(bucket, key).map(|_| ())
    }

    fn create(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        options: ObjectOptions<'_>,
    ) -> Result<Box<dyn ObjectWriter>, StoreError> {
        Ok(Box::new(self.writer(bucket, key, options)?))
    }

    fn create_new(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        options: ObjectOptions<'_>,
    ) -> Result<Box<dyn ObjectWriter>, StoreError> {
        let writer = self.writer(bucket, key, options)?;
        Ok(Box::new(DirectoryWriter { new_at: Some(self.path(bucket, key)?), ..writer }))
    }

    fn open(
        &self,
        bucket: &BucketName,
        key: &ObjectKey,
        part: Option<Range<u64>>,
    ) -> Result<Box<dyn Read + Send>, StoreError> {
        let path = self.path(bucket, key)?;
        read(&path, part).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => StoreError::NotFound { bucket: bucket.clone(), key: key.clone() },
            _ => StoreError::failed("read", bucket, key.as_str(), error),
        })
    }

    fn size(&self, bucket: &BucketName, key: &ObjectKey) -> Result<Option<u64>, StoreError> {
        match fs::metadata(self.path(bucket, key)?) {
            Ok(metadata) => Ok(metadata.is_file().then_some(metadata.len())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::failed("read", bucket, key.as_str(), error)),
        }
    }

    fn list(&self, bucket: &BucketName, prefix: &str) -> Result<Vec<ObjectEntry>, StoreError> {
        let mut found = Vec::new();
        walk(&self.bucket_path(bucket), "", prefix, &mut found)
            .map_err(|error| StoreError::failed("list", bucket, prefix, error))?;
        found.sort_by(|a, b| a.key.cmp(&b.key));
        Ok(found)
    }

    fn remove(&self, bucket: &BucketName, key: &ObjectKey) -> Result<(), StoreError> {
        match fs::remove_file(self.unlinked(bucket, key)?) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(StoreError::failed("remove", bucket, key.as_str(), error))
            }
            _ => Ok(()),
        }
    }
}

fn read(path: &Path, part: Option<Range<u64>>) -> io::Result<Box<dyn Read + Send>> {
    let mut file = File::open(path)?;
    let Some(part) = part else { return Ok(Box::new(file)) };
    file.seek(SeekFrom::Start(part.start))?;
    Ok(Box::new(file.take(part.end.saturating_sub(part.start))))
}

/// Collects the files under `directory` whose keys begin with `prefix`; `base` is the key of the directory itself, with
/// its final slash.
fn walk(directory: &Path, base: &str, prefix: &str, found: &mut Vec<ObjectEntry>) -> io::Result<()> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        // A name that is not UTF-8 can't be a key.
        let Some(name) = name.to_str().filter(|name| *name != UNFINISHED) else { continue };
        let key = format!("{base}{name}");
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            let folder = format!("{key}/");
            if folder.starts_with(prefix) || prefix.starts_with(&folder) {
                walk(&entry.path(), &folder, prefix, found)?;
            }
        } else if key.starts_with(prefix)
            && let Ok(key) = ObjectKey::parse(key)
        {
            found.push(ObjectEntry { key, size: metadata.len() });
        }
    }
    Ok(())
}

struct DirectoryWriter {
    out: NewFile,
    /// The path at which nothing may exist when the object is committed.
    new_at: Option<PathBuf>,
    bucket: BucketName,
    key: ObjectKey,
}

impl Write for DirectoryWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl ObjectWriter for DirectoryWriter {
    fn empty_file(&mut self) -> Option<&mut File> {
        Some(self.out.file())
    }

    fn commit(self: Box<Self>) -> Result<(), StoreError> {
        let Self { out, new_at, bucket, key } = *self;
        if new_at.is_some_and(|path| fs::symlink_metadata(path).is_ok_and(|found| !found.is_dir())) {
            return Err(StoreError::Exists { bucket, key });
        }
        out.commit().map_err(|error| StoreError::failed("write", &bucket, key.as_str(), error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPTIONS: ObjectOptions<'_> =
        ObjectOptions { content_type: "text/plain", encryption: &Encryption::NoEncryption };

    fn bucket() -> BucketName {
        BucketName::parse("exports").unwrap()
    }

    fn key(text: &str) -> ObjectKey {
        ObjectKey::parse(text).unwrap()
    }

    fn store() -> (tempfile::TempDir, DirectoryStore) {
        let place = tempfile::tempdir().unwrap();
        let store = DirectoryStore::open(place.path().join("buckets")).unwrap();
        (place, store)
    }

    fn put(store: &DirectoryStore, name: &str, bytes: &[u8]) {
        let mut writer = store.create(&bucket(), &key(name), OPTIONS).unwrap();
        writer.write_all(bytes).unwrap();
        writer.commit().unwrap();
    }

    fn get(store: &DirectoryStore, name: &str, part: Option<Range<u64>>) -> String {
        let mut text = String::new();
        store.open(&bucket(), &key(name), part).unwrap().read_to_string(&mut text).unwrap();
        text
    }

    fn files(directory: &Path) -> usize {
        fs::read_dir(directory).map_or(0, |entries| {
            entries.map(|entry| entry.unwrap().path()).map(|path| if path.is_dir() { files(&path) } else { 1 }).sum()
        })
    }

    #[test]
    fn an_object_is_read_back_completely_and_in_part() {
        let (_place, store) = store();
        put(&store, "nightly/a.ion", b"0123456789");
        assert_eq!(get(&store, "nightly/a.ion", None), "0123456789");
        assert_eq!(get(&store, "nightly/a.ion", Some(2..5)), "234");
        assert_eq!(get(&store, "nightly/a.ion", Some(8..50)), "89");
        assert_eq!(store.size(&bucket(), &key("nightly/a.ion")).unwrap(), Some(10));
        assert_eq!(store.size(&bucket(), &key("nightly")).unwrap(), None);
    }

    #[test]
    fn a_dropped_writer_leaves_nothing() {
        let (place, store) = store();
        let mut writer = store.create(&bucket(), &key("a"), OPTIONS).unwrap();
        writer.write_all(&vec![7; 1_000_000]).unwrap();
        assert_eq!(store.list(&bucket(), "").unwrap(), []);
        drop(writer);
        assert_eq!(files(place.path()), 0);
    }

    #[test]
    fn leftovers_of_a_crash_are_removed_at_the_next_open() {
        let (place, store) = store();
        let writer = store.create(&bucket(), &key("a"), OPTIONS).unwrap();
        std::mem::forget(writer);
        assert_eq!(files(place.path()), 1);
        DirectoryStore::open(place.path().join("buckets")).unwrap();
        assert_eq!(files(place.path()), 0);
    }

    #[test]
    fn a_listing_is_by_prefix_of_the_key_and_in_order() {
        let (_place, store) = store();
        for name in ["n/2", "n/1", "nightly", "o/3", "n/d/4"] {
            put(&store, name, b"x");
        }
        let keys = |prefix| -> Vec<String> {
            store.list(&bucket(), prefix).unwrap().into_iter().map(|entry| entry.key.to_string()).collect()
        };
        assert_eq!(keys("n/"), ["n/1", "n/2", "n/d/4"]);
        assert_eq!(keys("n"), ["n/1", "n/2", "n/d/4", "nightly"]);
        assert_eq!(keys("n/d/4"), ["n/d/4"]);
        assert_eq!(store.list(&BucketName::parse("other").unwrap(), "").unwrap(), []);
    }

    #[test]
    fn a_removed_object_is_gone_and_removing_it_again_is_not_an_error() {
        let (_place, store) = store();
        put(&store, "a", b"x");
        store.remove(&bucket(), &key("a")).unwrap();
        store.remove(&bucket(), &key("a")).unwrap();
        let error = store.open(&bucket(), &key("a"), None).err().unwrap();
        assert!(matches!(error, StoreError::NotFound { .. }));
    }

    #[test]
    fn keys_that_are_not_paths_are_refused() {
        let (_place, store) = store();
        let long = "a".repeat(256);
        for name in ["/a", "a//b", "a/", "a/./b", "../b", "..", &long, "a\\b", ".qldb-export-unfinished/x"] {
            let error = store.check(&bucket(), &key(name), &Encryption::NoEncryption).unwrap_err();
            assert!(matches!(error, StoreError::Unfit { .. }), "{name:?}: {error}");
        }
    }

    #[test]
    fn a_directory_does_not_claim_to_encrypt() {
        let (_place, store) = store();
        let error = store.check(&bucket(), &key("a"), &Encryption::SseS3).unwrap_err().to_string();
        assert!(error.contains("SSE_S3") && error.contains("encrypts nothing"), "{error}");
    }

    #[test]
    fn an_error_names_bucket_key_and_cause() {
        let (place, store) = store();
        fs::write(place.path().join("buckets/exports"), "in the way").unwrap();
        let error = store.create(&bucket(), &key("n/a"), OPTIONS).err().unwrap().to_string();
        assert!(
            error.starts_with("cannot write n/a in bucket exports: a file is where a directory is needed"),
            "{error}"
        );
    }
}
