//! Where the socket is: in the data directory, in a folder of its own that only the owner can
//! enter. The system limits the length of a socket's path; if the data directory's path is too
//! long, the socket is among the temporary files, and a file in the folder gives its path.

use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// The folder in the data directory.
const FOLDER: &str = "serving";
const SOCKET: &str = "socket";
/// Gives the path of the socket, if it is not here.
const ELSEWHERE: &str = "elsewhere";
/// A path length that every Unix accepts.
const LONGEST: usize = 100;

/// The socket of a data directory, if a process of a user who may write to it left one there. Only a call can find out
/// whether anybody listens.
pub(super) fn socket(data_dir: &Path) -> Option<PathBuf> {
    let folder = data_dir.join(FOLDER);
    if !is_private(&folder, data_dir) {
        return None;
    }
    let socket = match elsewhere(&folder) {
        Some(other) => Some(other.join(SOCKET)).filter(|_| is_private(&other, data_dir)),
        None => Some(folder.join(SOCKET)),
    };
    socket.filter(|path| fs::symlink_metadata(path).is_ok())
}

/// The folder that holds the socket, if it is not this one.
fn elsewhere(folder: &Path) -> Option<PathBuf> {
    fs::read_to_string(folder.join(ELSEWHERE)).ok().map(PathBuf::from)
}

/// A socket that commands can call, until it is dropped.
pub(super) struct Socket {
    folder: PathBuf,
    elsewhere: Option<PathBuf>,
}

impl Socket {
    /// Creates the socket. Only for the process that holds the data directory: a socket that was left there is
    /// replaced.
    pub(super) fn make(data_dir: &Path) -> io::Result<(Self, UnixListener)> {
        let folder = data_dir.join(FOLDER);
        Self::clear_left(&folder, data_dir)?;
        private(&folder)?;
        let mut place = Self { folder: folder.clone(), elsewhere: None };
        let mut socket = folder.join(SOCKET);
        if socket.as_os_str().len() > LONGEST {
            let other =
                std::env::temp_dir().join(format!("qldb-export-{}-{:016x}", std::process::id(), fastrand::u64(..)));
            let text =
                other.to_str().ok_or_else(|| io::Error::other("the path of the temporary files is not UTF-8"))?;
            // This comes first, so that the next `serve` finds it wherever this one dies.
            fs::write(folder.join(ELSEWHERE), text)?;
            private(&other)?;
            socket = other.join(SOCKET);
            place.elsewhere = Some(other);
        }
        let listener = UnixListener::bind(&socket)?;
        fs::set_permissions(&socket, fs::Permissions::from_mode(0o600))?;
        Ok((place, listener))
    }

    /// Removes what a killed process left there. A folder that somebody else made, or can enter, is refused.
    fn clear_left(folder: &Path, data_dir: &Path) -> io::Result<()> {
        if fs::symlink_metadata(folder).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
            return Ok(());
        }
        if !is_private(folder, data_dir) {
            return Err(in_the_way(folder));
        }
        let elsewhere = elsewhere(folder).filter(|other| is_private(other, data_dir));
        Self { folder: folder.to_owned(), elsewhere }.clear();
        Ok(())
    }

    /// Removes the files there; the next process that creates a socket replaces whatever can't be removed.
    fn clear(&self) {
        for folder in [Some(&self.folder), self.elsewhere.as_ref()].into_iter().flatten() {
            for name in [SOCKET, ELSEWHERE] {
                let _ = fs::remove_file(folder.join(name));
            }
            let _ = fs::remove_dir(folder);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Creates a folder that only its owner can enter. An existing one is refused, because nobody knows what is in it.
fn private(folder: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(0o700).create(folder).map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => in_the_way(folder),
        _ => error,
    })
}

fn in_the_way(folder: &Path) -> io::Error {
    io::Error::other(format!("{} is not a folder of this program and its user alone: remove it", folder.display()))
}

/// Whether it is a folder, not a link to one, that only its owner can enter, and that belongs to this user or to
/// somebody who can write to the data directory anyway: its owner, or root.
fn is_private(folder: &Path, data_dir: &Path) -> bool {
    let is_trusted = |owner: u32| {
        let of_data_dir = fs::metadata(data_dir).map(|metadata| metadata.uid());
        owner == rustix::process::geteuid().as_raw() || owner == 0 || of_data_dir.is_ok_and(|one| one == owner)
    };
    let is_closed = |metadata: &Metadata| metadata.permissions().mode().trailing_zeros() >= 6;
    fs::symlink_metadata(folder)
        .is_ok_and(|metadata| metadata.is_dir() && is_closed(&metadata) && is_trusted(metadata.uid()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn a_socket_is_found_whatever_the_length_of_its_path_and_goes_with_its_place() {
        for depth in [1, 40] {
            let directory = tempfile::tempdir().unwrap();
            let data_dir = directory.path().join(vec!["folder"; depth].join("/"));
            fs::create_dir_all(&data_dir).unwrap();
            assert_eq!(socket(&data_dir), None);
            let (place, _listener) = Socket::make(&data_dir).unwrap();
            let found = socket(&data_dir).unwrap();
            UnixStream::connect(&found).unwrap();
            for path in [found.as_path(), found.parent().unwrap(), &data_dir.join(FOLDER)] {
                assert!(fs::metadata(path).unwrap().permissions().mode().trailing_zeros() >= 6, "{}", path.display());
            }
            drop(place);
            assert_eq!((socket(&data_dir), found.exists()), (None, false));
            assert_eq!(fs::read_dir(&data_dir).unwrap().count(), 0);
        }
    }

    #[test]
    fn a_socket_that_was_left_is_replaced_and_a_folder_of_others_refused() {
        let directory = tempfile::tempdir().unwrap();
        let (place, listener) = Socket::make(directory.path()).unwrap();
        std::mem::forget(place);
        drop(listener);
        let (_place, _listener) = Socket::make(directory.path()).unwrap();
        UnixStream::connect(socket(directory.path()).unwrap()).unwrap();
        let open = tempfile::tempdir().unwrap();
        fs::create_dir(open.path().join(FOLDER)).unwrap();
        fs::set_permissions(open.path().join(FOLDER), fs::Permissions::from_mode(0o755)).unwrap();
        // An empty folder is recreated; one that holds something stays, and is refused.
        fs::write(open.path().join(FOLDER).join("theirs"), "").unwrap();
        assert!(Socket::make(open.path()).is_err());
    }
}
