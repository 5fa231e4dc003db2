//! Where the socket lies: in the data directory, in a folder of its own that only the owner can enter. The system bounds
//! the length of a socket's path; where the data directory lies too deep, the socket lies among the temporary files, and
//! a file in the folder says where.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

/// The folder in the data directory.
const FOLDER: &str = "serving";
const SOCKET: &str = "socket";
/// Says where the socket lies, if not here.
const ELSEWHERE: &str = "elsewhere";
/// So long a path every Unix takes.
const LONGEST: usize = 100;

/// The socket of a data directory, if a process left one there. Whether anybody listens, only a call tells.
pub(super) fn socket(data_dir: &Path) -> Option<PathBuf> {
    let folder = data_dir.join(FOLDER);
    if let Ok(path) = fs::read_to_string(folder.join(ELSEWHERE)) {
        return Some(path.into());
    }
    Some(folder.join(SOCKET)).filter(|path| fs::symlink_metadata(path).is_ok())
}

/// A socket that commands can call, until it is dropped.
pub(super) struct Place {
    folder: PathBuf,
    elsewhere: Option<PathBuf>,
}

impl Place {
    /// Makes the socket. Only for who holds the data directory: one that was left there is replaced.
    pub(super) fn make(data_dir: &Path) -> io::Result<(Self, UnixListener)> {
        let folder = data_dir.join(FOLDER);
        private(&folder)?;
        let mut place = Self { folder: folder.clone(), elsewhere: None };
        place.clear();
        private(&folder)?;
        let mut socket = folder.join(SOCKET);
        if socket.as_os_str().len() > LONGEST {
            let other =
                std::env::temp_dir().join(format!("qldb-export-{}-{:016x}", std::process::id(), fastrand::u64(..)));
            private(&other)?;
            socket = other.join(SOCKET);
            place.elsewhere = Some(other);
            let text =
                socket.to_str().ok_or_else(|| io::Error::other("the path of the temporary files is not UTF-8"))?;
            fs::write(folder.join(ELSEWHERE), text)?;
        }
        let listener = UnixListener::bind(&socket)?;
        fs::set_permissions(&socket, fs::Permissions::from_mode(0o600))?;
        Ok((place, listener))
    }

    /// Removes what lies there; what cannot be removed is replaced by the next who makes one.
    fn clear(&self) {
        for folder in [Some(&self.folder), self.elsewhere.as_ref()].into_iter().flatten() {
            for name in [SOCKET, ELSEWHERE] {
                let _ = fs::remove_file(folder.join(name));
            }
            let _ = fs::remove_dir(folder);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Makes a folder that only its owner can enter. One that others can enter, or a link, is refused.
fn private(folder: &Path) -> io::Result<()> {
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        _ => {}
    }
    let metadata = fs::symlink_metadata(folder)?;
    if metadata.is_dir() && metadata.permissions().mode().trailing_zeros() >= 6 {
        return Ok(());
    }
    Err(io::Error::other(format!("{} is not a folder of its owner alone: remove it", folder.display())))
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
            let (place, _listener) = Place::make(&data_dir).unwrap();
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
        let (place, listener) = Place::make(directory.path()).unwrap();
        std::mem::forget(place);
        drop(listener);
        let (_place, _listener) = Place::make(directory.path()).unwrap();
        UnixStream::connect(socket(directory.path()).unwrap()).unwrap();
        let open = tempfile::tempdir().unwrap();
        fs::create_dir(open.path().join(FOLDER)).unwrap();
        fs::set_permissions(open.path().join(FOLDER), fs::Permissions::from_mode(0o755)).unwrap();
        // An empty one is made anew; one in which something lies stays, and is refused.
        fs::write(open.path().join(FOLDER).join("theirs"), "").unwrap();
        assert!(Place::make(open.path()).is_err());
    }
}
