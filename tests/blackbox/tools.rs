//! Programs that some tests drive and that a machine need not have: shells, a
//! terminal, what reads manual pages.

use std::io::Write;

/// Set to `require` if all of them must be installed, so that no test is skipped.
const VARIABLE: &str = "QLDB_EXPORT_TEST_TOOLS";

/// Whether a program is installed. Reports a test that is skipped without it, and fails if none may be.
pub(crate) fn has(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if std::env::split_paths(&path).any(|directory| directory.join(program).is_file()) {
        return true;
    }
    let required = std::env::var(VARIABLE).is_ok_and(|value| value == "require");
    assert!(!required, "{program} is not installed, and {VARIABLE}=require asks for it");
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    // Past the test runner, which shows only the output of failing tests.
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {program} is not installed");
    false
}
