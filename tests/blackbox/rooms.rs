//! Within a crate, modules use each other in one direction: a circle is never larger than a module
//! and its children, and siblings are never in one among themselves.
//!
//! A use is followed to the module that defines the item, so that a parent's `pub use` hides no
//! circle; it counts whether it is an import or a path in the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::engine_support::files;

const CRATES: [&str; 5] = ["src", "crates/aws/src", "crates/endpoint/src", "crates/journal/src", "crates/tables/src"];

/// A module's path in its crate; the crate itself is empty.
type Module = Vec<String>;
type Words = Vec<String>;

/// What one file says about others.
#[derive(Default)]
struct Source {
    /// Each name that a `use` brings in, with its path.
    imports: BTreeMap<String, Words>,
    /// The paths that are brought in for this module alone, traits among them, whose names need not be mentioned.
    private: Vec<Words>,
    /// Modules all of whose names are brought in.
    globs: Vec<Words>,
    /// Paths in the code, and single names.
    mentions: BTreeSet<Words>,
    /// The names that are defined.
    defined: BTreeSet<String>,
}

/// The code alone: without comments, literals, and what is compiled for tests only.
fn code(text: &str) -> String {
    let (mut code, mut rest) = (String::new(), text);
    while let Some(letter) = rest.chars().next() {
        let skipped = match letter {
            '/' if rest.starts_with("//") => rest.find('\n'),
            '/' if rest.starts_with("/*") => rest.find("*/").map(|end| end + 2),
            'r' if !code.ends_with(|before: char| before.is_alphanumeric() || before == '_') => raw_string(rest),
            '"' => string(rest, '"'),
            // A lifetime has no second quote.
            '\'' => string(rest, '\'').filter(|end| rest[1..].starts_with('\\') || rest[1..*end].chars().count() == 2),
            _ => None,
        };
        if let Some(end) = skipped {
            code.push(' ');
            rest = &rest[end..];
        } else if ["#[cfg(test)]", "#[cfg(all(test"].iter().any(|mark| rest.starts_with(mark)) {
            rest = after_item(rest);
        } else {
            code.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    code
}

/// Where a literal between two such quotes ends.
fn string(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    text.char_indices().skip(1).find_map(|(at, letter)| {
        let is_end = letter == quote && !escaped;
        escaped = letter == '\\' && !escaped;
        is_end.then_some(at + 1)
    })
}

fn raw_string(text: &str) -> Option<usize> {
    let hashes = text[1..].chars().take_while(|letter| *letter == '#').count();
    let end = format!("\"{}", "#".repeat(hashes));
    let begin = 1 + hashes + 1;
    if !text[1 + hashes..].starts_with('"') {
        return None;
    }
    text[begin..].find(&end).map(|at| begin + at + end.len())
}

/// What follows an attribute and the item to which it belongs.
fn after_item(text: &str) -> &str {
    let item = text.find("]\n").map_or("", |end| text[end + 1..].trim_start());
    let is_import = item.starts_with("use ");
    let mut depth = 0;
    for (at, letter) in item.char_indices() {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        if depth == 0 && (letter == ';' || (letter == '}' && !is_import)) {
            return &item[at + 1..];
        }
    }
    ""
}

/// Words, `::`, and every other letter by itself.
fn tokens(code: &str) -> Vec<&str> {
    let is_word = |letter: char| letter.is_alphanumeric() || letter == '_';
    let (mut found, mut rest) = (Vec::new(), code.trim_start());
    while let Some(letter) = rest.chars().next() {
        let length = match letter {
            _ if is_word(letter) => rest.find(|letter| !is_word(letter)).unwrap_or(rest.len()),
            ':' if rest.starts_with("::") => 2,
            _ => letter.len_utf8(),
        };
        found.push(&rest[..length]);
        rest = rest[length..].trim_start();
    }
    found
}

fn is_word(token: &str) -> bool {
    token.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
}

impl Source {
    fn read(text: &str) -> Self {
        const DEFINING: [&str; 9] =
            ["fn", "struct", "enum", "trait", "type", "const", "static", "union", "macro_rules"];
        let code = code(text);
        let tokens = tokens(&code);
        let (mut found, mut at) = (Self::default(), 0);
        while let Some(token) = tokens.get(at) {
            if *token == "use" && tokens.get(at + 1).is_some_and(|next| *next != "<") {
                let is_private = at == 0 || !["pub", ")"].contains(&tokens[at - 1]);
                at = found.take_import(&tokens, at + 1, &[], is_private);
            } else if is_word(token) {
                if at > 0 && DEFINING.contains(&tokens[at - 1]) {
                    found.defined.insert((*token).to_owned());
                }
                // Where an item may be seen is not a use.
                let is_seen_in = *token == "in" && at > 0 && tokens[at - 1] == "(";
                let mut path = vec![(*token).to_owned()];
                while tokens.get(at + 1) == Some(&"::") && tokens.get(at + 2).is_some_and(|next| is_word(next)) {
                    path.push(tokens[at + 2].to_owned());
                    at += 2;
                }
                at += if is_seen_in { tokens[at..].iter().position(|next| *next == ")").unwrap_or(1) } else { 1 };
                // By itself, such a word says where an item may be seen, or is a value.
                if path.len() > 1 || !["crate", "self", "super"].contains(token) {
                    found.mentions.insert(path);
                }
            } else {
                at += 1;
            }
        }
        found
    }

    /// Takes a tree of imports such as `a::{b, c::d}`, and returns where it ends.
    fn take_import(&mut self, tokens: &[&str], mut at: usize, prefix: &[String], is_private: bool) -> usize {
        let mut path = prefix.to_vec();
        while let Some(token) = tokens.get(at) {
            at += 1;
            match *token {
                "::" => {}
                "*" => {
                    self.globs.push(path);
                    return at;
                }
                "{" => {
                    while tokens.get(at).is_some_and(|next| *next != "}") {
                        at = self.take_import(tokens, at, &path, is_private);
                        at += usize::from(tokens.get(at) == Some(&","));
                    }
                    return at + 1;
                }
                "as" => {
                    self.import(tokens[at], path, is_private);
                    return at + 1;
                }
                word if is_word(word) => path.push(word.to_owned()),
                _ => {
                    at -= 1;
                    break;
                }
            }
        }
        if path.last().is_some_and(|word| word == "self") {
            path.pop();
        }
        if let Some(name) = path.last().cloned() {
            self.import(&name, path, is_private);
        }
        at
    }

    fn import(&mut self, name: &str, path: Words, is_private: bool) {
        if is_private {
            self.private.push(path.clone());
        }
        self.imports.insert(name.to_owned(), path);
    }
}

/// The modules of a crate.
struct Crate(BTreeMap<Module, Source>);

impl Crate {
    fn read(folder: &Path) -> Self {
        let is_code = |file: &Path| {
            let inside = file.strip_prefix(folder).unwrap().with_extension("");
            let mut words = inside.iter().map(|word| word.to_str().unwrap());
            file.extension().is_some_and(|extension| extension == "rs") && !words.any(|word| word.ends_with("tests"))
        };
        let files = files(folder).into_iter().filter(|file| is_code(file));
        let named = |file: &Path| module(file.strip_prefix(folder).unwrap());
        Self(files.map(|file| (named(&file), Source::read(&fs::read_to_string(&file).unwrap()))).collect())
    }

    /// Each module with the others of which it uses something.
    fn uses(&self) -> BTreeMap<Module, BTreeSet<Module>> {
        let of = |(module, source): (&Module, &Source)| {
            // A name that is only passed on is not used.
            let imported = source.imports.keys().filter(|name| source.mentions.iter().any(|path| path[0] == **name));
            let imported = imported.map(|name| vec![name.clone()]);
            let words = source.mentions.iter().chain(&source.private).cloned().chain(imported);
            let found = words.filter_map(|words| self.resolved(module, &words, 0)).filter(|other| other != module);
            (module.clone(), found.collect())
        };
        self.0.iter().map(of).collect()
    }

    /// The module that defines what a path leads to, if it is in this crate.
    fn resolved(&self, at: &Module, path: &[String], depth: usize) -> Option<Module> {
        const DEEPEST: usize = 16;
        let (first, rest) = path.split_first()?;
        let source = self.0.get(at)?;
        let begin = match first.as_str() {
            "crate" => Vec::new(),
            "self" => at.clone(),
            "super" => at[..at.len().checked_sub(1)?].to_vec(),
            name if self.0.contains_key(&below(at, name)) && !rest.is_empty() => below(at, name),
            name => {
                let import = source.imports.get(name).filter(|_| depth < DEEPEST)?;
                let whole: Words = import.iter().chain(rest).cloned().collect();
                // An import of another crate's begins with its name.
                return (whole != path).then(|| self.resolved(at, &whole, depth + 1))?;
            }
        };
        self.below(begin, rest, depth)
    }

    fn below(&self, module: Module, path: &[String], depth: usize) -> Option<Module> {
        let Some((first, rest)) = path.split_first() else { return Some(module) };
        let inner = if first == "super" { module[..module.len() - 1].to_vec() } else { below(&module, first) };
        let source = self.0.get(&module)?;
        if self.0.contains_key(&inner) {
            return self.below(inner, rest, depth);
        }
        if source.imports.contains_key(first) {
            return self.resolved(&module, path, depth + 1);
        }
        let passed_on = || source.globs.iter().filter_map(|glob| self.resolved(&module, glob, depth + 1));
        let defines = |other: &Module| self.0.get(other).is_some_and(|source| source.defined.contains(first));
        if source.defined.contains(first) { Some(module) } else { passed_on().find(defines).or(Some(module)) }
    }
}

fn module(file: &Path) -> Module {
    let mut path: Module = file.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if matches!(path.last().unwrap().as_str(), "mod" | "lib" | "main") {
        path.pop();
    }
    path
}

fn below(module: &Module, name: &str) -> Module {
    [&module[..], &[name.to_owned()]].concat()
}

/// Every module to which uses lead from one.
fn reached<'a>(uses: &'a BTreeMap<Module, BTreeSet<Module>>, from: &'a Module) -> BTreeSet<&'a Module> {
    let (mut reached, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(next) = open.pop() {
        open.extend(uses.get(next).into_iter().flatten().filter(|other| reached.insert(*other)));
    }
    reached
}

/// The largest groups of modules in which each leads to every other.
fn circles(uses: &BTreeMap<Module, BTreeSet<Module>>) -> BTreeSet<BTreeSet<&Module>> {
    let reached: BTreeMap<&Module, BTreeSet<&Module>> =
        uses.keys().map(|module| (module, reached(uses, module))).collect();
    let is_in_circle = |module: &&Module| reached[*module].contains(*module);
    let circle = |module| reached[module].iter().copied().filter(|other| reached[*other].contains(module)).collect();
    reached.keys().copied().filter(is_in_circle).map(circle).collect()
}

fn shown(circle: &BTreeSet<&Module>) -> String {
    circle.iter().map(|module| format!("`{}`", module.join("::"))).collect::<Vec<_>>().join(", ")
}

fn is_allowed(circle: &BTreeSet<&Module>) -> bool {
    let top = *circle.iter().min_by_key(|module| module.len()).unwrap();
    let is_child = |module: &Module| module.split_last().is_some_and(|(_, above)| above == top);
    circle.iter().all(|module| *module == top || is_child(module))
}

#[test]
fn no_circle_is_larger_than_a_module_and_its_children() {
    for folder in CRATES {
        let uses = Crate::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).uses();
        assert!(uses.values().map(BTreeSet::len).sum::<usize>() > uses.len(), "{folder}: hardly any use is found");
        let large: Vec<String> = circles(&uses).iter().filter(|circle| !is_allowed(circle)).map(shown).collect();
        assert!(large.is_empty(), "{folder}: these modules use each other in a circle:\n{}", large.join("\n"));
    }
}

#[test]
fn siblings_use_each_other_in_only_one_direction() {
    for folder in CRATES {
        let mut uses = Crate::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).uses();
        uses.iter_mut().for_each(|(module, others)| others.retain(|other| !module.starts_with(other)));
        let circles: Vec<String> = circles(&uses).iter().map(shown).collect();
        assert!(circles.is_empty(), "{folder}: these modules use each other in a circle:\n{}", circles.join("\n"));
    }
}

#[test]
fn a_circle_is_found() {
    let of = |files: &[(&str, &str)]| {
        Crate(files.iter().map(|(name, text)| (module(Path::new(name)), Source::read(text))).collect()).uses()
    };
    let uses = of(&[
        ("lib.rs", "mod a; mod b; mod c; mod d; pub use c::C; pub use d::*;"),
        ("a.rs", "//! Uses `crate::d::D`.\nuse crate::b::{self, B, e::E as F};\nuse std::fs;\nfn of(_: B, _: F) {}"),
        (
            "b/mod.rs",
            "mod e; pub(in crate::d) use e::E;\nstruct B<'a>(&'a str);\nfn quoted() -> super::C { ['\"', '\\''] }",
        ),
        ("b/e.rs", "pub struct E;\n#[cfg(test)]\nmod tests { use crate::a; }"),
        ("c.rs", "pub struct C; fn c() -> &'static str { let _ = \"crate::d::D\"; crate::a::of() }"),
        ("d.rs", "pub struct D; use super::C; fn d(_: C) {}"),
    ]);
    let of = |name: &str| uses[&module(Path::new(name))].iter().map(|module| module.join("::")).collect::<Vec<_>>();
    assert_eq!(of("a.rs"), ["b", "b::e"]);
    assert_eq!((of("b/mod.rs"), of("b/e.rs")), (vec!["c".to_owned()], Vec::new()));
    assert_eq!((of("c.rs"), of("d.rs"), of("lib.rs")), (vec!["a".to_owned()], vec!["c".to_owned()], Vec::new()));
    let circles = circles(&uses);
    assert_eq!(circles.iter().map(shown).collect::<Vec<_>>(), ["`a`, `b`, `c`"]);
    assert!(!is_allowed(circles.first().unwrap()));
}
