//! Amazon's own suites for Ion: ion-tests and ion-hash-test, whose data are not
//! part of this repository. `QLDB_EXPORT_SUITES` names the folder that holds
//! both; without it this fails, and `cargo test` doesn't run it:
//!
//!     QLDB_EXPORT_SUITES=… cargo test -p qldb-journal --test suites
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "support/canonical.rs"]
mod canonical;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use canonical::{Canonical, read};
use qldb_journal::ion::{BINARY_VERSION_MARKER, Event, RawValue, Scalar, values};

/// Files of the suite that are judged otherwise than it says, and why.
const EXCEPTIONS: [(&str, &str); 2] =
    [("good/utf16.ion", "only UTF-8 is read"), ("good/utf32.ion", "only UTF-8 is read")];

fn suites() -> PathBuf {
    PathBuf::from(std::env::var_os("QLDB_EXPORT_SUITES").expect("QLDB_EXPORT_SUITES names the folder of the suites"))
}

/// The Ion files below a folder, by their path in the suite.
fn files(folder: &str) -> BTreeMap<String, Vec<u8>> {
    let root = suites().join("ion-tests/iontestdata");
    let mut found = BTreeMap::new();
    let mut folders = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "ion" || extension == "10n") {
                found.insert(relative(&path, &root), fs::read(&path).unwrap());
            }
        }
    }
    assert!(found.len() > 5, "{folder} has only {} files", found.len());
    found
}

fn relative(path: &Path, root: &Path) -> String {
    path.strip_prefix(root).unwrap().to_str().unwrap().to_owned()
}

/// What is wrong must be what is excepted, no more and no less.
fn conclude(folder: &str, wrong: BTreeMap<String, String>) {
    let mut expected: Vec<&str> = EXCEPTIONS.iter().map(|(name, _)| *name).collect();
    expected
        .retain(|name| name.strip_prefix(folder).is_some_and(|rest| folder != "good/" || !rest.contains("equivs/")));
    let found: Vec<&str> = wrong.keys().map(String::as_str).collect();
    assert_eq!(found, expected, "{wrong:#?}");
}

#[test]
fn good_files_are_read() {
    let wrong = files("good").into_iter().filter_map(|(name, bytes)| Some((name, read(&bytes).err()?)));
    conclude("good/", wrong.collect());
}

#[test]
fn bad_files_are_refused() {
    let wrong = files("bad").into_iter().filter_map(|(name, bytes)| Some((name, format!("{:?}", read(&bytes).ok()?))));
    conclude("bad/", wrong.collect());
}

/// Files of the same name in text and in binary hold the same.
#[test]
fn twins_are_equal() {
    let mut good = files("good");
    good.retain(|name, _| name.matches('/').count() == 1);
    let mut twins = 0;
    for (name, text) in good.iter().filter(|(name, _)| name.ends_with(".ion")) {
        if let Some(binary) = good.get(&name.replace(".ion", ".10n")) {
            let (mut text, mut binary) = (read(text).unwrap(), read(binary).unwrap());
            // The text of clobWithDel shows its one value in both forms.
            text.dedup();
            binary.dedup();
            assert_eq!(text, binary, "{name}");
            twins += 1;
        }
    }
    assert!(twins >= 3, "{twins}");
}

/// The members of each group of a file, in either encoding.
fn groups(bytes: &[u8]) -> Result<Vec<Vec<Vec<Canonical>>>, String> {
    values(bytes).map(|value| members(&value.map_err(|error| error.to_string())?)).collect()
}

/// The members of a group: the children, or the documents in the strings where the group says that they are.
fn members(group: &RawValue) -> Result<Vec<Vec<Canonical>>, String> {
    let mut reader = group.reader();
    let (mut has_documents, mut has_begun) = (false, false);
    let (mut members, mut builder) = (Vec::new(), canonical::Builder::default());
    while let Some(item) = reader.next_item().map_err(|error| error.to_string())? {
        if !std::mem::replace(&mut has_begun, true) {
            has_documents = item.annotations.iter().any(|name| name.as_deref() == Some("embedded_documents"));
            continue;
        }
        match item.event {
            // The end of the group.
            Event::End if builder.is_idle() => break,
            Event::Scalar(Scalar::String(text)) if has_documents => members.push(read(text.as_bytes())?),
            // What names the field of a group that is a struct is none of the member's.
            _ => {
                let field = if builder.is_idle() { None } else { item.field };
                members.extend(builder.take(&item.with_field(field)).map(|value| vec![value]));
            }
        }
    }
    Ok(members)
}

/// Whether two members are equal, as values and by their hashes, which must agree about it.
fn are_equal(one: &[Canonical], other: &[Canonical]) -> bool {
    let texts = one.iter().map(|value| &value.text).eq(other.iter().map(|value| &value.text));
    let hashes = one.iter().map(|value| &value.hash).eq(other.iter().map(|value| &value.hash));
    assert_eq!(texts, hashes, "the values and their hashes disagree: {one:?} and {other:?}");
    texts
}

/// Two members of one group that are not as they should be.
fn odd_pair(bytes: &[u8], should_be_equal: bool) -> Option<String> {
    let groups = match groups(bytes) {
        Ok(groups) => groups,
        Err(error) => return Some(error),
    };
    for group in groups {
        assert!(group.len() > 1 || should_be_equal, "a group has one member: {group:?}");
        for (index, one) in group.iter().enumerate() {
            if let Some(other) = group.iter().skip(index + 1).find(|other| are_equal(one, other) != should_be_equal) {
                return Some(format!("{one:?} and {other:?}"));
            }
        }
    }
    None
}

#[test]
fn members_of_a_group_of_equivalents_are_equal() {
    let wrong = files("good/equivs").into_iter().filter_map(|(name, bytes)| Some((name, odd_pair(&bytes, true)?)));
    conclude("good/equivs/", wrong.collect());
}

#[test]
fn members_of_a_group_of_others_differ() {
    let wrong = files("good/non-equivs").into_iter().filter_map(|(name, bytes)| Some((name, odd_pair(&bytes, false)?)));
    conclude("good/non-equivs/", wrong.collect());
}

/// Timestamps that are one instant with different offsets are different values, which all are read.
#[test]
fn timelines_are_read() {
    for (name, bytes) in files("good/timestamp") {
        assert!(groups(&bytes).is_ok(), "{name}");
    }
}

fn hash_suite(name: &str) -> Vec<RawValue> {
    let bytes = fs::read(suites().join("ion-hash-test").join(name)).unwrap();
    values(bytes.as_slice()).map(Result::unwrap).collect()
}

/// SHA-256 by the number of the vector.
fn expected_hashes() -> BTreeMap<u64, String> {
    let list = hash_suite("expected-sha256.json");
    let mut reader = list[0].reader();
    let (mut hashes, mut number) = (BTreeMap::new(), 0);
    while let Some(item) = reader.next_item().unwrap() {
        match (item.field.flatten(), &item.event) {
            (Some("n"), Event::Scalar(Scalar::Int(n))) => number = n.as_u64().unwrap(),
            (Some("sha256"), Event::Scalar(Scalar::String(hash))) => drop(hashes.insert(number, (*hash).to_owned())),
            _ => {}
        }
    }
    hashes
}

/// The value that a vector asks to hash: in the field `ion`, or its binary form in the field `10n`.
fn asked(vector: &RawValue) -> Canonical {
    let mut reader = vector.reader();
    let (mut depth, mut is_binary, mut is_asked) = (0, false, false);
    let (mut builder, mut binary) = (canonical::Builder::default(), BINARY_VERSION_MARKER.to_vec());
    while let Some(item) = reader.next_item().unwrap() {
        let field = item.field.flatten();
        if depth == 1 && builder.is_idle() {
            (is_asked, is_binary) = (field == Some("ion"), field == Some("10n"));
        }
        match &item.event {
            _ if is_asked => {
                let field = if builder.is_idle() { None } else { item.field };
                if let Some(value) = builder.take(&item.with_field(field)) {
                    return value;
                }
            }
            Event::Scalar(Scalar::Int(byte)) if is_binary => binary.push(u8::try_from(byte.as_u64().unwrap()).unwrap()),
            Event::Begin(_) => depth += 1,
            Event::End => depth -= 1,
            Event::Scalar(_) => {}
        }
    }
    read(&binary).unwrap().pop().unwrap()
}

#[test]
fn hashes_are_those_of_the_suite() {
    let (expected, vectors) = (expected_hashes(), hash_suite("ion_hash_tests.ion"));
    assert!(expected.len() >= 166, "{}", expected.len());
    for (number, hash) in expected {
        let vector = &vectors[usize::try_from(number).unwrap()];
        let found = asked(vector);
        assert_eq!(found.hash, hash, "vector {number}, {}: {}", String::from_utf8_lossy(&vector.bytes), found.text);
    }
}
