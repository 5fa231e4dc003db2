//! The memory that each object of an archive costs, determined from the difference that more
//! objects make, independently of the machine's speed.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::process::{Command, Stdio};

use crate::canned::Canned;
use crate::listed::{BUCKET, store};
use crate::memory;
use crate::objects::Objects;
use crate::support::{Place, Ran};

const FEW: u64 = 2_000;
const MANY: u64 = 32_000;
/// The number of bytes per object; between so many objects, what else takes memory at the moment of a peak is a small
/// part of it. For a million it is fewer, since large allocations are returned to the system.
const MOST: u64 = 512;

/// The peak memory of a command, in bytes, up to when it writes its receipt: it waits there until the receipt is read.
fn peak(place: &Place, mut command: Command) -> u64 {
    let pipe = place.path().join("receipt");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut child = command.arg("--receipt").arg(&pipe).stdout(Stdio::null()).spawn().unwrap();
    let mut receipt = File::open(&pipe).unwrap();
    receipt.read_exact(&mut [0]).unwrap();
    let peak = memory::peak(child.id()).unwrap();
    io::copy(&mut receipt, &mut io::sink()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    peak
}

fn bytes_for_each(peak: impl Fn(u64) -> u64) -> u64 {
    peak(MANY).saturating_sub(peak(FEW)) / (MANY - FEW)
}

/// A folder with some objects.
fn objects(place: &Place, count: u64) -> Objects {
    Objects::write(place.path(), count);
    Objects::open(place.path())
}

/// A command about everything in a store.
fn about(store: &Canned, place: &Place, words: &[&str]) -> Command {
    let address = format!("s3://{BUCKET}/");
    let mut command = store.command(place, ["verify", &address].into_iter().chain(words.iter().copied()));
    command.env("AWS_ENDPOINT_URL_S3", store.url());
    command
}

#[test]
fn a_listing_in_s3_and_what_its_manifests_say_take_few_bytes_for_each_object() {
    let peak_of = |count| {
        let place = Place::new();
        let store = store(objects(&place, count));
        peak(&place, about(&store, &place, &["--level", "objects"]))
    };
    let bytes = bytes_for_each(peak_of);
    assert!(bytes < MOST, "{bytes}");
}

/// Reads some objects in a folder as the only part, so that joining reads none.
fn join_of_one_part(place: &Place, count: u64) -> Command {
    let (folder, objects) = (place.path().join("archive"), objects(place, count));
    for (key, _) in (0..objects.files()).map(|number| objects.file(number)) {
        let path = folder.join(&key);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, objects.content(&key)).unwrap();
    }
    let verify = |more: &[&str]| {
        let state = place.path().join("state");
        let arguments = ["verify", folder.to_str().unwrap(), "--resume", state.to_str().unwrap()];
        place.command(arguments.into_iter().chain(more.iter().copied()))
    };
    let read = Ran::of(verify(&["--part", "1/1"]));
    assert_eq!(read.code, Some(0), "{}", read.stderr);
    verify(&[])
}

#[test]
fn parts_that_are_joined_take_few_bytes_for_each_object() {
    let peak_of = |count| {
        let place = Place::new();
        let command = join_of_one_part(&place, count);
        peak(&place, command)
    };
    let bytes = bytes_for_each(peak_of);
    assert!(bytes < MOST, "{bytes}");
}
