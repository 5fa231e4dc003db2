//! Within a crate, sibling modules use each other in one direction only: a circle is never larger
//! than a module and its descendants.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::engine_support::files;

const CRATES: [&str; 5] = ["src", "crates/aws/src", "crates/endpoint/src", "crates/journal/src", "crates/tables/src"];

/// A module's path in its crate; the crate itself is empty.
type Module = Vec<String>;

/// Each module with the others that it names in its imports.
fn imports(folder: &Path) -> BTreeMap<Module, BTreeSet<Module>> {
    let is_code = |file: &std::path::PathBuf| {
        file.extension().is_some_and(|extension| extension == "rs")
            && !file.file_stem().unwrap().to_str().unwrap().ends_with("tests")
    };
    let texts: BTreeMap<Module, String> = files(folder)
        .into_iter()
        .filter(is_code)
        .map(|file| (module(file.strip_prefix(folder).unwrap()), fs::read_to_string(&file).unwrap()))
        .collect();
    let modules: BTreeSet<Module> = texts.keys().cloned().collect();
    texts.iter().map(|(module, text)| (module.clone(), imported(module, text, &modules))).collect()
}

fn module(file: &Path) -> Module {
    let mut path: Module = file.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if matches!(path.last().unwrap().as_str(), "mod" | "lib") {
        path.pop();
    }
    path
}

fn imported(module: &Module, text: &str, modules: &BTreeSet<Module>) -> BTreeSet<Module> {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap();
    let mut found = BTreeSet::new();
    for line in code.split(';') {
        let Some((before, tree)) = line.split_once("use ") else { continue };
        let last = before.lines().last().unwrap_or_default().trim();
        if !matches!(last, "" | "pub" | "pub(crate)" | "pub(super)") {
            continue;
        }
        for path in expanded(&tree.split_whitespace().collect::<String>()) {
            found.extend(resolved(module, &path, modules));
        }
    }
    // A module's ancestors are not its siblings.
    found.retain(|other| other != module && !module.starts_with(other));
    found
}

/// The paths of a tree of imports: `a::{b,c::d}` has two.
fn expanded(tree: &str) -> Vec<String> {
    let Some((head, rest)) = tree.split_once('{') else { return vec![tree.to_owned()] };
    let (mut depth, mut part, mut paths) = (0, String::new(), Vec::new());
    for character in rest.strip_suffix('}').unwrap_or(rest).chars().chain([',']) {
        depth += i32::from(character == '{') - i32::from(character == '}');
        if character == ',' && depth == 0 {
            paths.extend(expanded(&part).into_iter().map(|path| format!("{head}{path}")));
            part.clear();
        } else {
            part.push(character);
        }
    }
    paths
}

/// The module to which a path leads, if it is in this crate.
fn resolved(module: &Module, path: &str, modules: &BTreeSet<Module>) -> Option<Module> {
    let mut words = path.split("::").peekable();
    let mut target: Module = match *words.peek()? {
        "crate" => words.next().map(|_| Vec::new())?,
        "super" => module.clone(),
        first => {
            let inner = [&module[..], &[first.to_owned()]].concat();
            modules.contains(&inner).then(|| module.clone())?
        }
    };
    while words.next_if_eq(&"super").is_some() {
        target.pop();
    }
    target.extend(words.map(str::to_owned));
    while !modules.contains(&target) {
        target.pop()?;
    }
    Some(target)
}

/// Modules from which imports lead back to themselves.
fn circles(imports: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<Module> {
    let reached = |from: &Module| {
        let mut reached = BTreeSet::new();
        let mut open: Vec<&Module> = imports[from].iter().collect();
        while let Some(next) = open.pop() {
            if reached.insert(next) {
                open.extend(&imports[next]);
            }
        }
        reached
    };
    imports.keys().filter(|module| reached(module).contains(module)).cloned().collect()
}

#[test]
fn neighbours_use_each_other_in_one_direction_alone() {
    for folder in CRATES {
        let imports = imports(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder));
        assert!(imports.values().any(|others| !others.is_empty()), "{folder}: no imports were found");
        let circles: Vec<String> = circles(&imports).iter().map(|module| module.join("::")).collect();
        assert!(circles.is_empty(), "{folder}: these modules import each other in a circle: {}", circles.join(", "));
    }
}

#[test]
fn a_circle_is_found() {
    let modules: BTreeSet<Module> =
        ["a", "b", "c"].map(|name| vec![name.to_owned()]).into_iter().chain([Vec::new()]).collect();
    let of = |module: &str, text: &str| {
        let module = vec![module.to_owned()];
        (module.clone(), imported(&module, text, &modules))
    };
    let imports = BTreeMap::from([
        of("a", "use crate::b::{B, C};\nuse std::fs;"),
        of("b", "pub(crate) use super::{c::C, D};"),
        of("c", "use super::a;"),
    ]);
    assert_eq!(circles(&imports).len(), 3);
    assert_eq!(expanded("a::{b,c::{d,e}}"), ["a::b", "a::c::d", "a::c::e"]);
}
