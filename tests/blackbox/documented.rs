//! The manual lists every exit code that a command ends with: each run of a test is compared with
//! its page.

use std::fs;
use std::path::Path;
use std::process::Command;

/// The page of the command that was called; `None` if the arguments are those of the AWS CLI.
fn page(command: &Command) -> Option<String> {
    let of = |name: String| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("man").join(name)).ok();
    let words: Vec<_> = command.get_args().map(|word| word.to_string_lossy()).collect();
    let (at, page) =
        words.iter().enumerate().find_map(|(at, word)| Some((at, of(format!("qldb-export-{word}.1"))?)))?;
    let below = words.get(at + 1).and_then(|below| of(format!("qldb-export-{}-{below}.1", words[at])));
    Some(below.unwrap_or(page))
}

/// Fails if a run ended with a code that the manual page of its command does not have.
#[track_caller]
pub(crate) fn assert_documented(command: &Command, code: Option<i32>) {
    let is_ours = Path::new(command.get_program()) == Path::new(env!("CARGO_BIN_EXE_qldb-export"));
    let (Some(page), Some(code)) = (is_ours.then(|| page(command)).flatten(), code) else { return };
    let (_, section) = page.split_once(".SH \"EXIT STATUS\"").unwrap();
    let section = section.split(".SH").next().unwrap();
    assert!(section.contains(&format!("\\fB{code}\\fR\n")), "{command:?} ended with {code}, which its page lacks");
}
