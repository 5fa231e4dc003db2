//! The built-in endpoint, run by `serve` for as long as a test needs it.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use super::support::{Place, Ran};

/// A `serve` that runs.
pub(crate) struct Serving {
    child: Child,
    /// What it printed for `eval`, by name.
    pub(crate) variables: Vec<(String, String)>,
}

impl Serving {
    /// Serves the data directory of a place on a free port.
    pub(crate) fn new(place: &Place) -> Self {
        Self::of(place.command(["serve", "--listen", "127.0.0.1:0", "--quiet"]))
    }

    /// Runs such a `serve`.
    pub(crate) fn of(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
        let variables = std::array::from_fn::<_, 5, _>(|_| {
            let line = lines.next().unwrap().unwrap();
            let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        });
        Self { child, variables: variables.to_vec() }
    }

    /// The binary, as someone runs it who evaluated the printed lines.
    pub(crate) fn command<'a>(&self, place: &Place, arguments: impl IntoIterator<Item = &'a str>) -> Command {
        let mut command = place.command(arguments);
        command.envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }

    /// The process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Stops it gracefully.
    #[cfg(unix)]
    pub(crate) fn terminate(self) -> Ran {
        signal("-TERM", self.id());
        self.terminate_after_signal()
    }

    /// Waits for its end, after a signal.
    #[cfg(unix)]
    pub(crate) fn terminate_after_signal(mut self) -> Ran {
        let code = self.child.wait().unwrap().code();
        let mut stdout = String::new();
        self.child.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        Ran { code, stdout, stderr: String::new() }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process.
#[cfg(unix)]
pub(crate) fn signal(name: &str, process: u32) {
    assert!(Command::new("kill").args([name, &process.to_string()]).status().unwrap().success());
}
