//! How the time and the memory of a divided verification follow from the number
//! of objects: an archive of many small ones, which lie in one file and whose
//! listing is made up, is planned, read in parts, and joined, each in a process of
//! its own. Prints one JSON object for each number; `benches/run parts` shows them.
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use qldb_journal::archive::source::Source;
use qldb_journal::archive::verify::{Joined, Levels, Part, Request, Resume, ResumeAsked, Status, verify, verify_part};
use serde_json::{Value, json};

#[path = "made/memory.rs"]
mod memory;
#[path = "made/objects.rs"]
mod objects;

use objects::Objects;

/// How many parts the archive is read in.
const PARTS: u32 = 4;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test --benches` only wants to know that it builds.
    if let Some(at) = arguments.iter().position(|argument| argument == "--child") {
        return child(&arguments[at + 1], Path::new(&arguments[at + 2]));
    }
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    for objects in arguments.iter().filter_map(|argument| argument.parse().ok()) {
        measure(objects);
    }
}

fn measure(objects: u64) {
    let folder = tempfile::tempdir().unwrap();
    Objects::write(folder.path(), objects);
    fs::create_dir(folder.path().join("states")).unwrap();
    let ask = |what: &str| -> Value {
        let ran = Command::new(std::env::current_exe().unwrap()).arg("--child").arg(what).arg(folder.path()).output();
        let ran = ran.unwrap();
        assert!(ran.status.success(), "{what}: {}", String::from_utf8_lossy(&ran.stderr));
        serde_json::from_slice(&ran.stdout).unwrap()
    };
    let plan = ask("plan");
    let parts: Vec<Value> = (1..=PARTS).map(|number| ask(&number.to_string())).collect();
    println!("{}", json!({ "objects": objects, "plan": plan, "parts": parts, "join": ask("join") }));
}

/// What one process does, and what it takes.
fn child(what: &str, folder: &Path) {
    let begun = Instant::now();
    let sources: Vec<Box<dyn Source>> = vec![Box::new(Objects::open(folder))];
    let request = Request::new(&sources).sha256_of_objects(true);
    let asked = ResumeAsked { levels: Levels::without_digest(), tips: Vec::new(), log: true, digests: true };
    let states = folder.join("states");
    match what {
        // A part without objects to speak of: what is left is the plan.
        "plan" => {
            let part = Part::new(1, 1_000_000).unwrap();
            let state = Resume::of_part(&folder.join("plan"), &asked, part).unwrap();
            verify_part(&request.log_root(true).resume(&state), part).unwrap();
        }
        "join" => {
            let files = fs::read_dir(&states).unwrap().map(|entry| entry.unwrap().path());
            let files: Vec<(String, PathBuf)> = files.map(|path| (path.display().to_string(), path)).collect();
            let joined = Joined::open(&files, &asked).unwrap();
            let report = verify(&request.joined(&joined)).unwrap();
            assert_eq!(report.verdict, Status::Proved, "{:?}", report.breaks);
        }
        number => {
            let part = Part::new(number.parse().unwrap(), PARTS).unwrap();
            let state = Resume::of_part(&states.join(part.stem()), &asked, part).unwrap();
            verify_part(&request.log_root(true).resume(&state), part).unwrap();
        }
    }
    println!(
        "{}",
        json!({ "seconds": begun.elapsed().as_secs_f64(), "mebibytes": memory::peak("self").unwrap() >> 20 })
    );
}
