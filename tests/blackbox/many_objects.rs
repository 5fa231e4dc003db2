//! The memory that each object of an archive costs, determined from the difference that more
//! objects make, independently of the machine's speed.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::process::{Command, Stdio};

use crate::canned::{Canned, Reply};
use crate::support::{Place, Ran};
use crate::verify_bench::{HOUR, Layout, STRAND, journal};

const FEW: u64 = 2_000;
const MANY: u64 = 12_000;
/// The number of bytes per object. For a million it is about 450, since large allocations are returned to the system.
const MOST: u64 = 768;
/// The number of keys on a page of a listing.
const PAGE: u64 = 1_000;

fn key(number: u64) -> String {
    format!("{HOUR}{STRAND}.{number}-{number}.ion")
}

/// The manifests of an export with this many objects, by key.
fn manifests(objects: u64) -> [(String, String); 2] {
    let layout = Layout::default();
    let id = layout.export_id();
    let keys: Vec<String> = (0..objects).map(|number| format!("\"{}\"", key(number))).collect();
    [
        (format!("{id}.started.manifest"), layout.started()),
        (format!("{id}.{STRAND}.completed.manifest"), format!("{{keys:[{}]}}", keys.join(","))),
    ]
}

/// The peak memory of a command, in bytes, up to when it writes its receipt: it waits there until the receipt is read.
fn peak(place: &Place, mut command: Command) -> u64 {
    let pipe = place.path().join("receipt");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut child = command.arg("--receipt").arg(&pipe).stdout(Stdio::null()).spawn().unwrap();
    let mut receipt = File::open(&pipe).unwrap();
    receipt.read_exact(&mut [0]).unwrap();
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    io::copy(&mut receipt, &mut io::sink()).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

fn bytes_for_each(peak: impl Fn(u64) -> u64) -> u64 {
    peak(MANY).saturating_sub(peak(FEW)) / (MANY - FEW)
}

/// A store with generated objects.
fn store(objects: u64) -> Canned {
    let manifests = manifests(objects);
    let sizes = manifests.clone().map(|(key, text)| (key, text.len()));
    let listed = move |number: u64| match number.checked_sub(objects) {
        None => (key(number), 100),
        Some(manifest) => sizes[usize::try_from(manifest).unwrap()].clone(),
    };
    Canned::new(move |request, _| {
        let (path, query) = request.split_once('?').unwrap_or((request, ""));
        if query.contains("list-type=2") {
            let token = query.split('&').find_map(|part| part.strip_prefix("continuation-token="));
            return page(token.map_or(0, |token| token.parse().unwrap()), objects + 2, &listed);
        }
        let asked = manifests.iter().find(|(key, _)| path.ends_with(key));
        asked.map_or(Reply::Http(404, "", String::new()), |(_, text)| Reply::Http(200, "", text.clone()))
    })
}

fn page(begin: u64, all: u64, listed: &impl Fn(u64) -> (String, usize)) -> Reply {
    let end = (begin + PAGE).min(all);
    let contents = (begin..end).map(listed).map(|(key, size)| {
        format!(
            "<Contents><Key>{key}</Key><LastModified>2024-03-31T12:00:00.000Z</LastModified>\
             <ETag>&quot;0123456789abcdef0123456789abcdef&quot;</ETag><Size>{size}</Size>\
             <StorageClass>STANDARD</StorageClass></Contents>"
        )
    });
    let next = format!("<NextContinuationToken>{end}</NextContinuationToken>");
    let next = if end < all { next } else { String::new() };
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult><Name>exports</Name>\
         <IsTruncated>{}</IsTruncated>{next}{}</ListBucketResult>",
        end < all,
        contents.collect::<String>()
    );
    Reply::Http(200, "", body)
}

#[test]
fn a_listing_in_s3_and_what_its_manifests_say_take_few_bytes_for_each_object() {
    let peak_of = |objects| {
        let (place, store) = (Place::new(), store(objects));
        let mut command = store.command(&place, ["verify", "s3://exports/", "--level", "objects"]);
        command.env("AWS_ENDPOINT_URL_S3", store.url());
        peak(&place, command)
    };
    let bytes = bytes_for_each(peak_of);
    assert!(bytes < MOST, "{bytes}");
}

#[test]
fn parts_that_are_joined_take_few_bytes_for_each_object() {
    let peak_of = |objects| {
        let place = Place::new();
        let folder = place.path().join("archive");
        fs::create_dir_all(folder.join(HOUR)).unwrap();
        for (number, line) in (0..).zip(journal(STRAND, objects, "x", true)) {
            fs::write(folder.join(key(number)), line).unwrap();
        }
        manifests(objects).iter().for_each(|(key, text)| fs::write(folder.join(key), text).unwrap());
        let verify = |more: &[&str]| {
            let state = place.path().join("state");
            let arguments = ["verify", folder.to_str().unwrap(), "--resume", state.to_str().unwrap()];
            place.command(arguments.into_iter().chain(more.iter().copied()))
        };
        let read = Ran::of(verify(&["--part", "1/1"]));
        assert_eq!(read.code, Some(0), "{}", read.stderr);
        peak(&place, verify(&[]))
    };
    let bytes = bytes_for_each(peak_of);
    assert!(bytes < MOST, "{bytes}");
}
