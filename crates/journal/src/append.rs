//! Appends to files that others read while they grow: the file of a verification's progress, and
//! what the command line writes event by event.

use std::fs::File;
use std::io::{self, Seek as _, Write as _};

/// Writes at the end of a file, which must be its position: all of it or, such as on a full disk, nothing.
pub fn append_whole(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    let end = file.stream_position()?;
    let written = file.write_all(bytes);
    if written.is_err() {
        // The first error is the one to report.
        let _ = file.set_len(end);
    }
    written
}
