//! Fuzzes on stable Rust: `fuzz TARGET`. See the README in this folder.
//!
//! An input depends only on the corpus, the seed and the number of the run, so that every run can be
//! repeated. Inputs that fail are saved.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a development tool, which may stop at any error"
)]

mod archive;
mod ledger;
mod mutate;
mod readers;
mod wire;

#[path = "../../crates/journal/tests/support/canonical.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod canonical;
#[path = "../../crates/journal/tests/support/dripping.rs"]
mod dripping;
#[path = "../../crates/journal/tests/support/judge.rs"]
mod judge;
#[path = "../../crates/journal/tests/support/peer.rs"]
mod peer;
#[path = "../../crates/journal/tests/support/soup.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod soup;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use soup::Random;

/// Something to fuzz. It is given one input after another.
trait Target {
    /// Inputs to start with, besides the files of the corpus.
    fn seeds(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    /// Checks one input; the error says what doesn't hold.
    fn check(&mut self, input: &[u8]) -> Result<(), String>;

    /// Checks what must hold after all inputs.
    fn finish(&mut self) -> Result<(), String> {
        Ok(())
    }
}

fn target(name: &str) -> Option<Box<dyn Target>> {
    Some(match name {
        "text" => Box::new(readers::Text),
        "binary" => Box::new(readers::Binary),
        "blocks" => Box::new(readers::Blocks),
        "archive" => Box::new(archive::Archive::new(archive::Part::Objects)),
        "manifests" => Box::new(archive::Archive::new(archive::Part::Manifests)),
        "answers" => Box::new(archive::Answers::new()),
        "http" => Box::new(wire::Wire::new()),
        "append" => Box::new(ledger::Append::new()),
        _ => return None,
    })
}

const USAGE: &str = "fuzz TARGET [--corpus FOLDER] [--seed NUMBER] [--runs NUMBER] [--seconds NUMBER] [--save FOLDER]\n\
                     fuzz TARGET --input FILE\n\
                     TARGET: text, binary, blocks, archive, manifests, answers, http, append";
/// The longest time that an input may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The input that is being checked, and since when.
static CURRENT: Mutex<Option<(Instant, Vec<u8>)>> = Mutex::new(None);

/// The number of panics, in any thread. Those of ion-rs don't count.
static PANICS: AtomicUsize = AtomicUsize::new(0);

struct Options {
    corpus: PathBuf,
    seed: u64,
    runs: usize,
    time: Duration,
    save: PathBuf,
    input: Option<PathBuf>,
}

fn options(name: &str, mut arguments: impl Iterator<Item = String>) -> Option<Options> {
    let home = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut options = Options {
        corpus: home.join("corpus").join(name),
        seed: 1,
        runs: usize::MAX,
        time: Duration::from_secs(10),
        save: home.join("failures"),
        input: None,
    };
    let (mut runs, mut seconds) = (None, None);
    while let Some(flag) = arguments.next() {
        let value = arguments.next()?;
        match flag.as_str() {
            "--corpus" => options.corpus = value.into(),
            "--seed" => options.seed = value.parse().ok()?,
            "--runs" => runs = Some(value.parse().ok()?),
            "--seconds" => seconds = Some(value.parse().ok()?),
            "--save" => options.save = value.into(),
            "--input" => options.input = Some(value.into()),
            _ => return None,
        }
    }
    options.time = seconds.map_or(if runs.is_some() { Duration::MAX } else { options.time }, Duration::from_secs);
    options.runs = runs.unwrap_or(options.runs);
    Some(options)
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let name = arguments.next().unwrap_or_default();
    let (Some(mut target), Some(options)) = (target(&name), options(&name, arguments)) else {
        eprintln!("{USAGE}");
        return ExitCode::from(2);
    };
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        // ion-rs panics on text that is not UTF-8, and is compared with all the same.
        if !panic.location().is_some_and(|place| place.file().contains("ion-rs-")) {
            PANICS.fetch_add(1, Ordering::SeqCst);
            usual(panic);
        }
    }));
    watch(&name, &options.save);
    let found = match &options.input {
        Some(file) => check(&mut *target, &std::fs::read(file).unwrap()),
        None => run(&mut *target, &name, &options),
    };
    match found.and_then(|()| target.finish()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{name}: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Checks one input; a panic is a failure, too.
fn check(target: &mut dyn Target, input: &[u8]) -> Result<(), String> {
    let panics = PANICS.load(Ordering::SeqCst);
    *CURRENT.lock().unwrap() = Some((Instant::now(), input.to_vec()));
    let found = catch_unwind(AssertUnwindSafe(|| target.check(input))).unwrap_or_else(|_| Err("a panic".to_owned()));
    if PANICS.load(Ordering::SeqCst) > panics {
        return Err("a panic, see above".to_owned());
    }
    *CURRENT.lock().unwrap() = None;
    found
}

/// Ends the program if an input takes too long.
fn watch(name: &str, save: &Path) {
    let file = save.join(format!("{name}-slow"));
    std::thread::spawn(move || {
        loop {
            std::thread::sleep(Duration::from_secs(1));
            if let Some((_, input)) = CURRENT.lock().unwrap().as_ref().filter(|(since, _)| since.elapsed() > PATIENCE) {
                std::fs::create_dir_all(file.parent().unwrap()).unwrap();
                std::fs::write(&file, input).unwrap();
                eprintln!("an input took longer than {PATIENCE:?}: {}", file.display());
                std::process::exit(1);
            }
        }
    });
}

fn run(target: &mut dyn Target, name: &str, options: &Options) -> Result<(), String> {
    let mut corpus = files(&options.corpus);
    corpus.extend(target.seeds());
    let begin = Instant::now();
    let mut random = Random::new(options.seed);
    let (mut number, mut whole) = (0, corpus.clone().into_iter());
    while number < options.runs && begin.elapsed() < options.time {
        // First each input as it is.
        let input = whole.next().unwrap_or_else(|| mutate::next(&corpus, &mut random));
        if let Err(failure) = check(target, &input) {
            std::fs::create_dir_all(&options.save).unwrap();
            let file = options.save.join(format!("{name}-{}-{number}", options.seed));
            std::fs::write(&file, &input).unwrap();
            return Err(format!(
                "run {number} of seed {}: {failure}\nrepeat it: fuzz {name} --input {}",
                options.seed,
                file.display()
            ));
        }
        number += 1;
    }
    println!("{name}: {number} inputs of seed {} in {:.1?}", options.seed, begin.elapsed());
    Ok(())
}

/// The contents of a folder's files, ordered by name.
fn files(folder: &Path) -> Vec<Vec<u8>> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    paths.sort();
    paths.iter().map(|path| std::fs::read(path).unwrap()).collect()
}
