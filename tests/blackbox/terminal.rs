//! What people see: transcripts of whole commands on a terminal of 80 columns
//! and in a pipe, held against `tests/golden`. The terminal is tmux.

use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::canned::{Canned, EXPORT_ID, described, started};
use super::golden;
use super::support::{Place, alike};
use super::tools;

const PROMPT: &str = "$";
const START: &str = "qldb-export start --ledger vehicle-registration --from 2019-09-18 --until 2019-09-19 --bucket exports --prefix nightly/ --role-arn arn:aws:iam::123456789012:role/export --wait --poll-interval 10ms";
const LOCAL: &str = "qldb-export start --local --ledger vehicle-registration --last 7d --bucket exports --prefix nightly/ --role-arn arn:aws:iam::123456789012:role/export --wait";

/// A shell in a terminal with 80 columns and 24 rows.
struct Terminal {
    socket: String,
    _place: Place,
}

impl Terminal {
    /// Opens one in its own place, with the environment of a command.
    fn open(place: Place, like: &Command, locale: &str) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let terminal = Self { socket: format!("qldb-export-test-{}-{number}", std::process::id()), _place: place };
        let mut tmux = terminal.tmux();
        tmux.args(["-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24"]);
        alike(&mut tmux, like).env("LC_ALL", locale);
        for name in ["CI", "GITHUB_ACTIONS", "ENV", "TMUX"] {
            tmux.env_remove(name);
        }
        assert!(tmux.arg(format!("exec env PS1='{PROMPT} ' sh")).status().unwrap().success());
        terminal.shows(|screen| screen == PROMPT);
        terminal
    }

    fn tmux(&self) -> Command {
        let mut tmux = Command::new("tmux");
        tmux.args(["-u", "-L", &self.socket]);
        tmux
    }

    fn keys(&self, keys: &[&str]) {
        assert!(self.tmux().arg("send-keys").args(keys).status().unwrap().success());
    }

    fn enter(&self, line: &str) {
        self.keys(&["-l", line]);
        self.keys(&["Enter"]);
    }

    /// The text on the screen, with wrapped lines joined.
    fn screen(&self) -> String {
        let output = self.tmux().args(["capture-pane", "-p", "-J"]).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n").trim_end().to_owned()
    }

    /// Waits until the screen is as expected, and returns it.
    #[track_caller]
    fn shows(&self, fits: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let screen = self.screen();
            if fits(&screen) {
                return screen;
            }
            assert!(begun.elapsed() < Duration::from_mins(1), "the screen stays\n{screen}");
            sleep(Duration::from_millis(20));
        }
    }

    /// Runs a line to its end, and returns the screen with the exit code on it.
    #[track_caller]
    fn to_the_end(&self) -> String {
        self.shows(|screen| screen.ends_with(&format!("\n{PROMPT}")));
        self.enter("echo exit code $?");
        let screen = self.shows(|screen| {
            let last: Vec<&str> = screen.lines().rev().take(2).collect();
            last[0] == PROMPT && last[1].starts_with("exit code ")
        });
        screen.trim_end_matches(PROMPT).to_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.tmux().arg("kill-server").output();
    }
}

/// A service whose export runs until it is released.
fn held() -> (Canned, Arc<AtomicBool>) {
    let released = Arc::<AtomicBool>::default();
    let over = Arc::clone(&released);
    let service = Canned::new(move |request, _| {
        let status = if over.load(Ordering::Relaxed) { "COMPLETED" } else { "IN_PROGRESS" };
        if request.starts_with("POST ") { started() } else { described(status) }
    });
    (service, released)
}

fn held_terminal(locale: &str) -> (Terminal, Canned, Arc<AtomicBool>) {
    let (service, released) = held();
    let place = Place::new();
    let like = service.command(&place, []);
    (Terminal::open(place, &like, locale), service, released)
}

fn spins(screen: &str) -> bool {
    screen.lines().last().is_some_and(|line| line.contains("s export") && line.contains("IN_PROGRESS"))
}

/// What a line prints when it is not on a terminal: stdout, then stderr.
fn in_a_pipe(like: &Command, typed: &str) -> String {
    let mut shell = Command::new("sh");
    alike(&mut shell, like).args(["-c", typed]).env("LC_ALL", "C.UTF-8");
    let output = shell.output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    let code = output.status.code().unwrap();
    format!("$ {typed}\n--- stdout\n{stdout}--- stderr\n{stderr}--- exit code {code}\n")
}

#[test]
fn an_export_by_the_built_in_endpoint_looks_so_on_a_terminal() {
    if !tools::has("tmux") {
        return;
    }
    let place = Place::new();
    let like = place.command([]);
    let terminal = Terminal::open(place, &like, "C.UTF-8");
    terminal.enter(LOCAL);
    golden::hold("local-on-a-terminal.txt", &terminal.to_the_end());
}

#[test]
fn an_export_by_the_built_in_endpoint_looks_so_in_a_pipe() {
    let place = Place::new();
    golden::hold("local-in-a-pipe.txt", &in_a_pipe(&place.command([]), LOCAL));
}

#[test]
fn the_spinner_on_a_terminal_leaves_no_trace() {
    if !tools::has("tmux") {
        return;
    }
    let (terminal, _service, released) = held_terminal("C.UTF-8");
    terminal.enter(START);
    golden::hold("start-while-it-waits.txt", &terminal.shows(spins));
    released.store(true, Ordering::Relaxed);
    golden::hold("start-on-a-terminal.txt", &terminal.to_the_end());
}

#[test]
fn ctrl_c_on_a_terminal_says_how_to_continue() {
    if !tools::has("tmux") {
        return;
    }
    let (terminal, _service, released) = held_terminal("C.UTF-8");
    terminal.enter(START);
    terminal.shows(spins);
    terminal.keys(&["C-c"]);
    golden::hold("start-interrupted.txt", &terminal.to_the_end());
    terminal.enter("clear");
    terminal.shows(|screen| screen == PROMPT);
    terminal.enter(&format!("qldb-export wait {EXPORT_ID} --ledger vehicle-registration --poll-interval 10ms"));
    terminal.shows(spins);
    released.store(true, Ordering::Relaxed);
    golden::hold("wait-on-a-terminal.txt", &terminal.to_the_end());
}

#[test]
fn a_terminal_that_knows_ascii_only_gets_ascii_only() {
    if !tools::has("tmux") {
        return;
    }
    let (terminal, _service, released) = held_terminal("C");
    terminal.enter(START);
    assert!(terminal.shows(spins).is_ascii());
    released.store(true, Ordering::Relaxed);
    assert!(terminal.to_the_end().is_ascii());
}

#[test]
fn the_end_of_verify_on_a_terminal_is_its_levels_and_its_verdict() {
    if !tools::has("tmux") {
        return;
    }
    let place = Place::new();
    let like = place.command([]);
    assert_eq!(place.run(["ledger", "sample", "vehicle-registration", "--days", "9"]).code, Some(0));
    let terminal = Terminal::open(place, &like, "C.UTF-8");
    terminal.enter(&LOCAL.replace("--wait", "--quiet"));
    terminal.shows(|screen| screen.ends_with(&format!("\n{PROMPT}")));
    terminal.enter("clear; qldb-export verify --local");
    let screen = terminal.shows(|screen| screen.contains("Verdict: ") && screen.ends_with(&format!("\n{PROMPT}")));
    let lines: Vec<&str> = screen.lines().collect();
    assert!(lines.len() <= 24, "{screen}");
    let end = "LEVEL     RESULT         WHY\nobjects   proved\nblocks    proved\ncontents  proved\nchain     proved\n\
               digest    not asked for\n\nVerdict: proved\n$";
    assert!(screen.ends_with(end), "{screen}");
}

#[test]
fn a_list_on_a_terminal_keeps_what_distinguishes_exports() {
    if !tools::has("tmux") {
        return;
    }
    let place = Place::new();
    let like = place.command([]);
    assert_eq!(place.run(["ledger", "sample", "vehicle-registration", "--days", "9"]).code, Some(0));
    for (from, until) in [("-5d", "-4d"), ("-3d", "-2d")] {
        let range = LOCAL.replace("--last 7d", &format!("--from {from} --until {until}"));
        let ran = place.run(range.split(' ').skip(1).filter(|word| *word != "--wait"));
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
    let terminal = Terminal::open(place, &like, "C.UTF-8");
    terminal.enter("clear; qldb-export list --local");
    let screen = terminal.shows(|screen| screen.ends_with(&format!("\n{PROMPT}")));
    let [heading, first, second, _] = screen.lines().collect::<Vec<_>>()[..] else { panic!("{screen}") };
    assert!(heading.contains("FROM") && heading.contains("UNTIL"), "{screen}");
    assert!(screen.lines().all(|line| line.chars().count() <= 80), "{screen}");
    let range = |line: &str| line.split_whitespace().skip(2).map(str::to_owned).collect::<Vec<_>>();
    assert_ne!(range(first), range(second), "{screen}");
    assert!(range(first)[0].starts_with("20") && range(first)[1].starts_with("20"), "{screen}");
}

/// A service whose export runs, and reports its progress, until it is released.
fn with_progress() -> (Canned, Arc<AtomicBool>) {
    let released = Arc::<AtomicBool>::default();
    let over = Arc::clone(&released);
    let service = Canned::new(move |request, _| {
        let status = if over.load(Ordering::Relaxed) { "COMPLETED" } else { "IN_PROGRESS" };
        if request.starts_with("POST ") {
            return started();
        }
        described(status).with_header(r#"x-qldb-export-progress: {"objects":2,"blocks":123456789,"bytes":1468006}"#)
    });
    (service, released)
}

#[test]
fn a_spinner_ends_between_its_numbers() {
    if !tools::has("tmux") {
        return;
    }
    let (service, released) = with_progress();
    let place = Place::new();
    let like = service.command(&place, []);
    let terminal = Terminal::open(place, &like, "C.UTF-8");
    terminal.enter(START);
    let screen = terminal.shows(|screen| spins(screen) && screen.ends_with("blocks"));
    let spinner = screen.lines().last().unwrap();
    assert!(spinner.ends_with("IN_PROGRESS, 2 objects, 123456789 blocks"), "what has no room is left out: {spinner}");
    assert!(spinner.chars().count() <= 80, "{spinner}");
    released.store(true, Ordering::Relaxed);
    terminal.to_the_end();
}

#[test]
fn a_pipe_gets_lines() {
    let (service, released) = held();
    released.store(true, Ordering::Relaxed);
    let place = Place::new();
    golden::hold("start-in-a-pipe.txt", &in_a_pipe(&service.command(&place, []), START));
    let wait = format!("qldb-export wait {EXPORT_ID} --ledger vehicle-registration --poll-interval 10ms");
    golden::hold("wait-in-a-pipe.txt", &in_a_pipe(&service.command(&place, []), &wait));
}
