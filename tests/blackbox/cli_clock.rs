//! A clock before 1970, as on a machine with an empty battery: nothing panics, and anything that
//! can't be done says why.

use std::path::PathBuf;
use std::process::Command;

use super::canned::{Canned, EXPORT_ID, described, started};
use super::cli_request::RIGHT;
use super::support::{Place, Ran};
use super::tools;

/// Loaded before the C library, it turns the clock back by 80 years.
const SHIM: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>
int clock_gettime(clockid_t id, struct timespec *now) {
    int (*real)(clockid_t, struct timespec *) = dlsym(RTLD_NEXT, "clock_gettime");
    int failed = real(id, now);
    if (id == CLOCK_REALTIME) now->tv_sec -= 80 * 31556952LL;
    return failed;
}
"#;

fn shim(place: &Place) -> PathBuf {
    let (source, built) = (place.path().join("clock.c"), place.path().join("clock.so"));
    std::fs::write(&source, SHIM).unwrap();
    let cc = Command::new("cc").args(["-shared", "-fPIC", "-o"]).arg(&built).arg(&source).arg("-ldl").status();
    assert!(cc.unwrap().success());
    built
}

#[test]
fn a_clock_before_1970_ends_no_command_but_by_its_own_word() {
    if !tools::has("cc") {
        return;
    }
    let place = Place::new();
    let shim = shim(&place);
    let back = |mut command: Command| {
        command.env("LD_PRELOAD", &shim).current_dir(place.path());
        let ran = Ran::of(command);
        assert!(!ran.stderr.contains("panicked") && ran.code.is_some_and(|code| code != 101), "{ran:?}");
        ran
    };
    let run = |arguments: &[&str]| back(place.command(arguments.iter().copied()));
    let sampled = run(&["ledger", "sample", "demo", "--transactions", "20", "--days", "2"]);
    assert!(sampled.code == Some(0) && sampled.stdout.contains(" to 194"), "{sampled:?}");
    std::fs::write(place.path().join("document"), "{n:1}").unwrap();
    for arguments in [
        &["ledger", "list"][..],
        &["ledger", "describe", "demo"],
        &["ledger", "digest", "demo"],
        &["ledger", "append", "demo", "--table", "T", "document"],
        &["ledger", "list", "--events", "events"],
    ] {
        assert_eq!(run(arguments).code, Some(0), "{arguments:?}");
    }
    let role = "arn:aws:iam::123456789012:role/export";
    let destination = ["--ledger", "demo", "--bucket", "exports", "--prefix", "a/", "--role-arn", role];
    for arguments in [
        [&["start", "--local", "--last", "9d"][..], &destination].concat(),
        [&["sync", "--local"][..], &destination].concat(),
        vec!["list", "--local"],
        vec!["serve", "--listen", "127.0.0.1:0"],
    ] {
        let ran = run(&arguments);
        assert!(ran.code == Some(9) && ran.stderr.contains("this machine's clock says 194"), "{ran:?}");
    }
    let service = Canned::new(|request, _| match request {
        request if request.starts_with("POST ") => started(),
        _ => described("COMPLETED"),
    });
    let status = ["status", EXPORT_ID, "--ledger", "vehicle-registration"];
    assert_eq!(back(service.command(&place, status)).code, Some(0));
    // The range is in the future of this clock, and is refused.
    assert_eq!(back(service.command(&place, RIGHT)).code, Some(2));
    // An export made with a correct clock is verified with this one.
    let start = [&["start", "--local", "--wait", "--last", "36500d"][..], &destination].concat();
    assert_eq!(place.run(start).code, Some(0));
    let verified = run(&["verify", "buckets/exports", "--receipt", "receipt"]);
    assert_eq!(verified.code, Some(0), "{verified:?}");
    assert!(std::fs::read_to_string(place.path().join("receipt")).unwrap().contains("\"verifiedAt\": \"194"));
}
