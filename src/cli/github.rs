//! GitHub Actions: errors as annotations of the run, results as outputs of the
//! step. Both as the runner reads them: lines that begin with `::`, and a file
//! that `GITHUB_OUTPUT` names.

use std::fs::OpenOptions;
use std::io::{self, Write};

use super::environment;

/// Whether a step of a workflow runs this.
pub(crate) fn is_here() -> bool {
    environment::value(environment::GITHUB_ACTIONS).is_some_and(|value| value == "true")
}

/// An error as the runner shows it at the top of the run. One line, whatever the message holds.
pub(crate) fn annotation(message: &str) -> String {
    let message = message.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    format!("::error title={}::{message}", env!("CARGO_PKG_NAME"))
}

/// Gives a result to the steps that follow, as `steps.ID.outputs.NAME`. Outside of GitHub Actions it does nothing.
pub(crate) fn output(name: &str, value: &str) -> io::Result<()> {
    let file = environment::value(environment::GITHUB_OUTPUT).filter(|_| is_here());
    let Some(file) = file else { return Ok(()) };
    let mut file = OpenOptions::new().append(true).create(true).open(file)?;
    file.write_all(format!("{name}={value}\n").as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_of_several_lines_is_one_annotation() {
        let shown = annotation("100% wrong:\r\n::warning::no");
        assert_eq!(shown, "::error title=qldb-export::100%25 wrong:%0D%0A::warning::no");
    }
}
