//! The checked-in completions and manual pages are those that the binary makes.
//!
//! After a change of the command line, run
//! `QLDB_EXPORT_REFRESH=1 cargo test --test blackbox cli_generated` and commit what it wrote.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::support::Place;

/// Compares a folder of the repository with what should be in it, or brings it up to date.
fn must_hold(folder: &str, made: &BTreeMap<String, String>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    if std::env::var_os("QLDB_EXPORT_REFRESH").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        made.iter().for_each(|(name, content)| fs::write(folder.join(name), content).unwrap());
    }
    let kept = read(&folder);
    let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&kept), names(made), "refresh {}", folder.display());
    for (name, content) in made {
        assert!(kept[name] == *content, "{name} is not current: see how to refresh it at the top of this file");
    }
}

fn read(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(path).unwrap()))
        .collect()
}

#[test]
fn completions_are_current() {
    let place = Place::new();
    let scripts = [
        ("bash", "qldb-export.bash"),
        ("zsh", "_qldb-export"),
        ("fish", "qldb-export.fish"),
        ("powershell", "_qldb-export.ps1"),
        ("elvish", "qldb-export.elv"),
    ];
    let made = scripts.map(|(shell, name)| (name.to_owned(), place.run(["completions", shell]).stdout));
    must_hold("completions", &made.into());
}

#[test]
fn manual_pages_are_current() {
    let place = Place::new();
    let folder = place.path().join("man");
    assert_eq!(place.run(["man", folder.to_str().unwrap()]).code, Some(0));
    let made = read(&folder);
    assert_eq!(place.run(["man"]).stdout, made["qldb-export.1"]);
    must_hold("man", &made);
}
