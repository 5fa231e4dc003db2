//! The memory that a process has had. For benches, and tests that count what each object costs.

use std::fmt::Display;
use std::fs;

/// The most bytes that a process has had, as the system says; `None` if it has ended. The process is a number, or
/// `self`.
pub(crate) fn peak(process: impl Display) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    Some(kibibytes * 1024)
}
