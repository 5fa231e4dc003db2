//! The destination of a conversion, and how it is written atomically: everything is written into a
//! folder beside the destination, and gets its name when it is complete.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use qldb_journal::archive::UNFINISHED;
use qldb_journal::archive::verify::Part;

use crate::TableError;
use crate::form::DESCRIPTION;

/// The lock file in it, held by the process that is writing.
const LOCK: &str = "lock";
/// The new content.
const NEW: &str = "new";
/// Temporary files, until the rest is written.
const ASIDE: &str = "aside";
/// Marks the new content as complete, while it is moved into place.
const WHOLE: &str = "whole";
/// The old content, while it is replaced.
const OLD: &str = "old";

/// Something that is written and gets its name when it is complete. If dropped before, it leaves nothing behind.
#[derive(Debug)]
pub struct Unfinished {
    to: PathBuf,
    folder: PathBuf,
    _lock: File,
}

impl Unfinished {
    /// Begins to write for a destination. First repairs what an earlier interrupted run left.
    pub fn begin(to: &Path) -> Result<Self, TableError> {
        Self::begin_as(to, UNFINISHED)
    }

    /// The same for a part of what others are writing at the same time.
    pub(crate) fn begin_part(to: &Path, part: Part) -> Result<Self, TableError> {
        Self::begin_as(to, &format!(".{}{UNFINISHED}", part.stem()))
    }

    fn begin_as(to: &Path, end: &str) -> Result<Self, TableError> {
        let name = to.file_name().ok_or_else(|| not_a_name(to))?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(end);
        let folder = to.with_file_name(hidden);
        // What another run has just removed is created again.
        let tried = (0..TRIES).find_map(|_| lock(to, &folder).transpose());
        let lock = tried.unwrap_or_else(|| Err(TableError::Busy(to.to_owned())))?;
        let unfinished = Self { to: to.to_owned(), folder, _lock: lock };
        unfinished.put_right().map_err(TableError::io(to))?;
        Ok(unfinished)
    }

    /// The path to write to.
    pub fn path(&self) -> PathBuf {
        self.folder.join(NEW)
    }

    /// The path of a file that is needed only while writing.
    pub fn aside(&self) -> PathBuf {
        self.folder.join(ASIDE)
    }

    /// Moves the written files into the existing folder. If a run is interrupted meanwhile, the next one completes it.
    pub(crate) fn publish_into(self) -> Result<(), TableError> {
        if let Some(path) = occupied(&self.path(), &self.to).map_err(TableError::io(&self.to))? {
            return Err(TableError::Exists(path));
        }
        self.publish_over()
    }

    /// The same, replacing files with the same names.
    pub(crate) fn publish_over(self) -> Result<(), TableError> {
        let whole = self.folder.join(WHOLE);
        let put = sync(&self.path()).and_then(|()| File::create(&whole)?.sync_all()).and_then(|()| self.put_into());
        put.map_err(TableError::io(&self.to))
    }

    fn put_into(&self) -> io::Result<()> {
        move_into(&self.path(), &self.to)?;
        sync_parent(&self.to)?;
        fs::remove_file(self.folder.join(WHOLE))
    }

    /// Gives the new content its name, replacing the old content if that is allowed.
    pub fn publish(self, may_replace: bool) -> Result<(), TableError> {
        let published = if may_replace { self.exchange() } else { self.name() };
        published.map_err(|error| {
            let is_taken = !may_replace && self.path().exists() && fs::symlink_metadata(&self.to).is_ok();
            if is_taken { TableError::Exists(self.to.clone()) } else { TableError::io(&self.to)(error) }
        })
    }

    /// Gives the new content a name that nothing else has except an empty folder, even if something is created there
    /// meanwhile.
    fn name(&self) -> io::Result<()> {
        let new = self.path();
        sync(&new)?;
        if new.is_dir() {
            fs::rename(&new, &self.to)?;
        } else {
            // Unlike a rename, a hard link never replaces what is there.
            match fs::hard_link(&new, &self.to) {
                Ok(()) => fs::remove_file(&new)?,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
                // Not every file system has hard links: exFAT and many network file systems don't.
                Err(_) => self.claim()?,
            }
        }
        sync_parent(&self.to)
    }

    /// Gives a file its name in two steps: an empty file claims the name if it is free, and is then replaced.
    fn claim(&self) -> io::Result<()> {
        drop(File::create_new(&self.to)?);
        fs::rename(self.path(), &self.to).inspect_err(|_| drop(fs::remove_file(&self.to)))
    }

    fn exchange(&self) -> io::Result<()> {
        let (new, old) = (self.path(), self.folder.join(OLD));
        sync(&new)?;
        let is_there = fs::symlink_metadata(&self.to).is_ok();
        // A file atomically replaces another; a folder can't.
        if is_there && new.is_dir() {
            fs::rename(&self.to, &old)?;
        }
        if let Err(error) = fs::rename(&new, &self.to) {
            if old.exists() {
                fs::rename(&old, &self.to)?;
            }
            return Err(error);
        }
        sync_parent(&self.to)
    }

    /// A run that was interrupted between two renames leaves the old content under neither name.
    fn put_right(&self) -> io::Result<()> {
        let old = self.folder.join(OLD);
        if old.exists() && fs::symlink_metadata(&self.to).is_err() {
            fs::rename(&old, &self.to)?;
        }
        if self.folder.join(WHOLE).exists() && self.to.is_dir() {
            self.put_into()?;
        }
        self.clear()
    }

    fn clear(&self) -> io::Result<()> {
        for path in [NEW, OLD, ASIDE, WHOLE].map(|name| self.folder.join(name)) {
            match fs::symlink_metadata(&path) {
                Ok(found) if found.is_dir() => fs::remove_dir_all(&path)?,
                Ok(_) => fs::remove_file(&path)?,
                Err(_) => {}
            }
        }
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        // What can't be removed now is removed by the next run.
        let _ = self.clear();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// How often a folder is tried that another run is just removing.
const TRIES: usize = 100;

/// Creates the folder, and takes its lock; `None` if another run that ended removed both meanwhile.
fn lock(to: &Path, folder: &Path) -> Result<Option<File>, TableError> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(TableError::io(to)(error)),
        _ => {}
    }
    let path = folder.join(LOCK);
    let lock = match OpenOptions::new().write(true).create(true).truncate(false).open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened.map_err(TableError::io(&path))?,
    };
    match lock.try_lock() {
        Ok(()) => Ok(is_at(&lock, &path).then_some(lock)),
        Err(TryLockError::WouldBlock) => Err(TableError::Busy(to.to_owned())),
        Err(TryLockError::Error(cause)) => Err(TableError::io(&path)(cause)),
    }
}

/// Whether a path still leads to an open file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let place = |found: fs::Metadata| (found.dev(), found.ino());
    file.metadata().ok().map(place).is_some_and(|open| fs::metadata(path).ok().map(place) == Some(open))
}

/// Windows can't remove an open file.
#[cfg(not(unix))]
fn is_at(_: &File, path: &Path) -> bool {
    path.exists()
}

fn not_a_name(to: &Path) -> TableError {
    TableError::io(to)(io::Error::new(io::ErrorKind::InvalidInput, "not the name of a file or folder"))
}

/// A name in a folder that a file to be moved there already has, apart from the descriptions.
fn occupied(from: &Path, to: &Path) -> io::Result<Option<PathBuf>> {
    let mut folders = vec![from.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let path = entry?.path();
            let below = path.strip_prefix(from).unwrap_or(&path);
            let target = to.join(below);
            if path.is_dir() {
                folders.push(path);
            } else if below != Path::new(DESCRIPTION) && fs::symlink_metadata(&target).is_ok() {
                return Ok(Some(target));
            }
        }
    }
    Ok(None)
}

/// Moves the files of a folder into another: those at its top last, because they describe the contents.
fn move_into(from: &Path, to: &Path) -> io::Result<()> {
    let entries: Vec<fs::DirEntry> = fs::read_dir(from)?.collect::<Result<_, _>>()?;
    let (folders, files): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| entry.path().is_dir());
    for folder in folders {
        let inner = to.join(folder.file_name());
        fs::create_dir_all(&inner)?;
        move_into(&folder.path(), &inner)?;
    }
    for file in files {
        fs::rename(file.path(), to.join(file.file_name()))?;
    }
    sync_folder(to)
}

/// Flushes a file, or every file of a folder, to disk.
fn sync(path: &Path) -> io::Result<()> {
    if !path.is_dir() {
        return File::open(path)?.sync_all();
    }
    for entry in fs::read_dir(path)? {
        sync(&entry?.path())?;
    }
    sync_folder(path)
}

/// Flushes the folder of a path to disk.
pub(crate) fn sync_parent(path: &Path) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    sync_folder(parent.unwrap_or(Path::new(".")))
}

/// Windows has no equivalent for folders.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let home = tempfile::tempdir().unwrap();
        let to = home.path().join("out");
        (home, to)
    }

    fn names(home: &tempfile::TempDir) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(home.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_is_published_has_its_name_and_what_is_dropped_leaves_nothing() {
        let (home, to) = folder();
        let unfinished = Unfinished::begin(&to).unwrap();
        fs::write(unfinished.path(), "half").unwrap();
        assert!(matches!(Unfinished::begin(&to), Err(TableError::Busy(_))));
        drop(unfinished);
        assert_eq!(names(&home), [""; 0]);
        for text in ["one", "two"] {
            let unfinished = Unfinished::begin(&to).unwrap();
            fs::write(unfinished.path(), text).unwrap();
            unfinished.publish(true).unwrap();
            assert_eq!(fs::read_to_string(&to).unwrap(), text);
        }
        assert_eq!(names(&home), ["out"]);
    }

    /// If cron starts the same conversion twice, one of them writes, and the other reports that.
    #[test]
    fn of_runs_that_begin_and_end_at_once_one_has_the_place_at_a_time() {
        let (home, to) = folder();
        let mine = home.path().join("mine");
        let begin_often = || {
            for _ in 0..2000 {
                match Unfinished::begin(&to) {
                    Ok(unfinished) => {
                        drop(File::create_new(&mine).expect("nobody else has the place"));
                        fs::write(unfinished.path(), "new").expect("the folder is there");
                        fs::remove_file(&mine).unwrap();
                    }
                    Err(TableError::Busy(_)) => {}
                    Err(error) => panic!("{error:?}"),
                }
            }
        };
        std::thread::scope(|scope| (0..3).for_each(|_| drop(scope.spawn(begin_often))));
        assert_eq!(names(&home), [""; 0]);
    }

    #[test]
    fn what_is_made_meanwhile_is_not_replaced() {
        for is_folder in [false, true] {
            let (home, to) = folder();
            let unfinished = Unfinished::begin(&to).unwrap();
            if is_folder {
                fs::create_dir(unfinished.path()).unwrap();
            } else {
                fs::write(unfinished.path(), "new").unwrap();
            }
            fs::write(&to, "mine").unwrap();
            assert!(matches!(unfinished.publish(false), Err(TableError::Exists(_))));
            assert_eq!((fs::read_to_string(&to).unwrap().as_str(), names(&home)), ("mine", vec!["out".to_owned()]));
        }
        let (home, to) = folder();
        let unfinished = Unfinished::begin(&to).unwrap();
        fs::write(unfinished.path(), "new").unwrap();
        unfinished.publish(false).unwrap();
        assert_eq!((fs::read_to_string(&to).unwrap().as_str(), names(&home)), ("new", vec!["out".to_owned()]));
    }

    /// As on file systems without hard links, which are not available everywhere for a test.
    #[test]
    fn without_other_names_a_name_is_claimed_and_what_has_it_stays() {
        let (home, to) = folder();
        let unfinished = Unfinished::begin(&to).unwrap();
        fs::write(unfinished.path(), "new").unwrap();
        fs::write(&to, "mine").unwrap();
        assert_eq!(unfinished.claim().unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read_to_string(&to).unwrap(), "mine");
        fs::remove_file(&to).unwrap();
        unfinished.claim().unwrap();
        drop(unfinished);
        assert_eq!((fs::read_to_string(&to).unwrap().as_str(), names(&home)), ("new", vec!["out".to_owned()]));
    }

    #[test]
    fn a_folder_that_was_giving_way_when_a_run_was_cut_off_is_there_again() {
        let (home, to) = folder();
        let hidden = home.path().join(".out.qldb-export-unfinished");
        fs::create_dir_all(hidden.join(OLD)).unwrap();
        fs::create_dir_all(hidden.join(NEW)).unwrap();
        fs::write(hidden.join(OLD).join("kept"), "").unwrap();
        drop(Unfinished::begin(&to).unwrap());
        assert_eq!(names(&home), ["out"]);
        assert!(to.join("kept").exists());
    }
}
