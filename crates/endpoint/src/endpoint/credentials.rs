//! The key pair that an endpoint accepts: a caller's own, or the data directory's.
//!
//! The latter is created on first use and stored beside the catalog, readable only by its owner, so
//! that a restarted `serve` still accepts the environment that it printed before.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// The file's name in the data directory.
const FILE_NAME: &str = "credentials.json";
/// Marks a key of this endpoint, so that nobody takes it for an AWS key (which begin with `AKIA` or `ASIA`).
const KEY_ID_PREFIX: &str = "LOCAL";
/// Together with the prefix, an access key id has 20 characters, like AWS's.
const KEY_ID_RANDOM: usize = 15;
/// 30 bytes are 40 characters of base64, like AWS's secrets.
const SECRET_BYTES: usize = 30;

/// An access key id and its secret.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credentials {
    /// Sent with every request.
    pub access_key_id: String,
    /// Signs every request; is never sent.
    pub secret_access_key: String,
    /// The token of temporary credentials.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session_token: Option<String>,
    /// When they expire, if they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<DateTime<Utc>>,
}

/// Why the key pair could not be read or created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CredentialsError {
    /// The file exists but could not be read, or could not be written.
    #[error("the endpoint's credentials in {} could not be read or written", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
    /// Others can read the file, which `ssh` would also refuse.
    #[error(
        "the endpoint's credentials in {} can be read by others (mode {mode:04o})",
        path.display()
    )]
    Open {
        /// The file.
        path: PathBuf,
        /// Its mode.
        mode: u32,
    },
    /// The file contains something else.
    #[error("{} does not hold the endpoint's credentials", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Their source has no credentials, or none that can be read.
    #[error("{0}")]
    Unavailable(String),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes to make credentials from")]
    NoRandomness,
}

impl Credentials {
    /// A key pair that does not expire.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        let (access_key_id, secret_access_key) = (access_key_id.into(), secret_access_key.into());
        Self { access_key_id, secret_access_key, session_token: None, expires: None }
    }

    /// Reads the key pair of a data directory; creates one if there is none yet.
    pub fn load_or_create(data_dir: &Path) -> Result<Self, CredentialsError> {
        let path = data_dir.join(FILE_NAME);
        if let Some(mode) = Self::open_mode(&path) {
            return Err(CredentialsError::Open { path, mode });
        }
        match fs::read(&path) {
            Ok(text) => serde_json::from_slice(&text)
                .map_err(|source| CredentialsError::Malformed { path, source: source.into() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let made = Self::random()?;
                made.save(&path).map_err(|source| CredentialsError::Io { path, source })?;
                Ok(made)
            }
            Err(source) => Err(CredentialsError::Io { path, source }),
        }
    }

    /// The mode of a file that anyone but its owner can read or write.
    #[cfg(unix)]
    #[doc(hidden)]
    pub fn open_mode(path: &Path) -> Option<u32> {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(path).ok()?.permissions().mode() & 0o777;
        // The lowest six bits are for the group and for others.
        (mode.trailing_zeros() < 6).then_some(mode)
    }

    /// On other systems, files have no such mode.
    #[cfg(not(unix))]
    #[doc(hidden)]
    pub fn open_mode(_path: &Path) -> Option<u32> {
        None
    }

    fn random() -> Result<Self, CredentialsError> {
        let mut bytes = [0; KEY_ID_RANDOM + SECRET_BYTES];
        getrandom::fill(&mut bytes).map_err(|_| CredentialsError::NoRandomness)?;
        let (id, secret) = bytes.split_at(KEY_ID_RANDOM);
        let letters = id.iter().map(|byte| char::from(b'A' + byte % 26));
        let access_key_id: String = KEY_ID_PREFIX.chars().chain(letters).collect();
        Ok(Self::new(access_key_id, STANDARD.encode(secret)))
    }

    /// As a whole or not at all: a temporary file beside it, flushed, then renamed.
    fn save(&self, path: &Path) -> io::Result<()> {
        let temporary = path.with_extension("json.tmp");
        let written = private(&temporary).and_then(|mut file| {
            file.write_all(&serde_json::to_vec_pretty(self)?)?;
            file.sync_all()
        });
        let placed = written.and_then(|()| fs::rename(&temporary, path));
        if placed.is_err() {
            // The first error is the one to report; a file that was never created can't be removed either.
            let _ = fs::remove_file(&temporary);
        }
        placed?;
        path.parent().map_or(Ok(()), |directory| File::open(directory)?.sync_all())
    }
}

/// A new file that only its owner may read.
fn private(path: &Path) -> io::Result<File> {
    // A file that a killed process left behind may have other permissions.
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("access_key_id", &self.access_key_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_start_finds_what_the_first_created() {
        let directory = tempfile::tempdir().unwrap();
        let made = Credentials::load_or_create(directory.path()).unwrap();
        assert_eq!(Credentials::load_or_create(directory.path()).unwrap(), made);
        assert_eq!((made.access_key_id.len(), made.secret_access_key.len()), (20, 40));
        let files: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(files, [FILE_NAME], "nothing else may stay behind");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_them_even_after_a_killed_start() {
        use std::os::unix::fs::PermissionsExt;
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("credentials.json.tmp"), "half").unwrap();
        Credentials::load_or_create(directory.path()).unwrap();
        let mode = fs::metadata(directory.path().join(FILE_NAME)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn every_directory_has_its_own_and_the_secret_is_not_shown() {
        let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let one = Credentials::load_or_create(one.path()).unwrap();
        assert_ne!(one, Credentials::load_or_create(two.path()).unwrap());
        assert!(!format!("{one:?}").contains(&one.secret_access_key));
    }

    #[test]
    fn a_file_that_holds_something_else_is_named_and_kept() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(FILE_NAME), "{}").unwrap();
        let error = Credentials::load_or_create(directory.path()).unwrap_err();
        assert!(error.to_string().contains(FILE_NAME), "{error}");
        assert_eq!(fs::read_to_string(directory.path().join(FILE_NAME)).unwrap(), "{}");
    }
}
