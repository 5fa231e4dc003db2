//! Files among an archive's own that are neither part of it nor damage to it: leftovers of
//! operating systems and editors, dangling links, files of other kinds. They are skipped and
//! counted, and never ignored silently.

use serde::Serialize;

use super::UNFINISHED;

/// Something that was skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stranger {
    /// Its path below its source; a folder stands for everything in it.
    pub key: String,
    /// What it is.
    pub what: &'static str,
}

/// Everything that was skipped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Strangers {
    /// How many there are.
    pub count: u64,
    /// The first [`Strangers::MOST_LISTED`] of them.
    pub listed: Vec<Stranger>,
}

impl Strangers {
    /// How many are kept by name: an archive may be among any number of other files.
    pub const MOST_LISTED: usize = 1_000;

    pub(super) fn add(&mut self, stranger: Stranger) {
        self.count += 1;
        if self.listed.len() < Self::MOST_LISTED {
            self.listed.push(stranger);
        }
    }
}

/// A link without a target.
pub(super) const DANGLING: &str = "a dangling link";
/// A link that would be followed forever.
pub(super) const LOOP: &str = "a link to a folder that contains it";
/// A folder that many links lead to.
pub(super) const READ_ALREADY: &str = "a link to a folder that was read under several other names";
/// A socket, a pipe, a device.
pub(super) const SPECIAL: &str = "neither a file nor a folder";
/// A file that is not part of an export.
pub(super) const OTHER: &str = "not a file of an export";

const APPLE_DOUBLE: &str = "an AppleDouble companion file of macOS";
const DESKTOP: &str = "a desktop's settings for a folder";
const SYSTEM: &str = "a folder of the operating system";
const LOCK: &str = "an editor's lock";
const BACKUP: &str = "an editor's backup";
const DELETED: &str = "a deleted file that somebody still has open over NFS";
const VERSIONS: &str = "files of a version control system";
const BEING_WRITTEN: &str = "a folder for files that are being written";

/// What a folder is that is never entered, by its name.
pub(super) fn of_folder(name: &str) -> Option<&'static str> {
    let system = ["lost+found", "$RECYCLE.BIN", "System Volume Information", ".Spotlight-V100", ".fseventsd", "@eaDir"];
    match name {
        "__MACOSX" | ".AppleDouble" => Some(APPLE_DOUBLE),
        ".git" | ".hg" | ".svn" => Some(VERSIONS),
        UNFINISHED => Some(BEING_WRITTEN),
        _ if system.contains(&name) || name == ".Trash" || name == ".Trashes" || name.starts_with(".Trash-") => {
            Some(SYSTEM)
        }
        _ => None,
    }
}

/// What a file is that belongs to no archive, by its own name.
fn of_file(name: &str) -> Option<&'static str> {
    let desktop = [".DS_Store", ".localized", ".directory"].contains(&name)
        || ["thumbs.db", "ehthumbs.db", "desktop.ini"].iter().any(|known| name.eq_ignore_ascii_case(known));
    if name.starts_with("._") {
        Some(APPLE_DOUBLE)
    } else if desktop {
        Some(DESKTOP)
    } else if name.starts_with(".#") || name.starts_with(".~lock.") {
        Some(LOCK)
    } else if name.ends_with('~') || (name.starts_with('#') && name.ends_with('#')) || is_swap(name) {
        Some(BACKUP)
    } else {
        is_silly_rename(name).then_some(DELETED)
    }
}

/// What a key is that belongs to no archive, by its folders and its name.
pub(super) fn of_key(key: &str) -> Option<&'static str> {
    let (folders, name) = key.rsplit_once('/').unwrap_or(("", key));
    folders.split('/').find_map(of_folder).or_else(|| of_file(name))
}

/// `.name.swp`, and the letters with which Vim continues.
fn is_swap(name: &str) -> bool {
    let extension = name.strip_prefix('.').and_then(|rest| rest.rsplit_once('.')).map(|(_, extension)| extension);
    extension.is_some_and(|extension| {
        extension.len() == 3
            && extension.starts_with("sw")
            && extension.ends_with(|last: char| last.is_ascii_lowercase())
    })
}

fn is_silly_rename(name: &str) -> bool {
    name.strip_prefix(".nfs").is_some_and(|rest| rest.len() >= 8 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_systems_and_editors_leave_are_known() {
        let own = "8UyXulxccYLAsbN1aon7e4.started.manifest";
        for key in [
            &format!("a/._{own}"),
            &format!("__MACOSX/{own}"),
            &format!("a/__MACOSX/b/{own}"),
            &format!(".#{own}"),
            &format!("{own}~"),
            &format!("#{own}#"),
            &format!(".{own}.swp"),
            &format!(".{own}.swo"),
            "lost+found/#12345",
            ".DS_Store",
            "a/THUMBS.DB",
            "desktop.ini",
            ".nfs000000000123abcd",
            ".git/objects/x",
        ] {
            assert!(of_key(key).is_some(), "{key}");
        }
    }

    #[test]
    fn a_file_that_may_belong_to_an_archive_is_not_foreign() {
        let data = "2024/03/31/12/JdxjkR9bSYB5jMHWcI464T.0-3.ion";
        for key in
            [data, "x~/8UyXulxccYLAsbN1aon7e4.started.manifest", "#p#/a.ion", ".hidden/a.ion", "README.md", "a.swp"]
        {
            assert_eq!(of_key(key), None, "{key}");
        }
    }
}
