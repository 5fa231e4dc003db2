//! `sync` never leaves a gap silently, and exports nothing twice that it can know about.

use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};

use super::canned::{Canned, EXPORT_ID, Reply, described, description, started};
use super::cli_local::files;
use super::cli_sync::{sampled, sync_and};
use super::support::{Place, Ran};

const QUICK: [&str; 3] = ["--poll-interval", "1ms", "--quiet"];

fn listing(exports: &str) -> Reply {
    Reply::Http(200, "", format!("{{\"JournalS3Exports\":[{exports}]}}"))
}

/// A service that completes every export at once, and lists what it is given.
fn service(listed: &Arc<Mutex<String>>) -> Canned {
    let listed = Arc::clone(listed);
    Canned::new(move |request, _| match request {
        request if request.starts_with("POST ") => started(),
        request if request.ends_with("journal-s3-exports") => listing(&listed.lock().unwrap()),
        "GET /ledgers/vehicle-registration" => {
            let created = (Utc::now() - TimeDelta::days(2)).timestamp();
            Reply::Http(200, "", format!("{{\"CreationDateTime\":{created}}}"))
        }
        _ => described("COMPLETED"),
    })
}

/// A service that has forgotten everything.
fn forgetful() -> Canned {
    service(&Arc::default())
}

fn run(service: &Canned, place: &Place, more: &[&str]) -> Ran {
    let mut command = service.command(place, sync_and(&[&QUICK, more].concat()));
    command.current_dir(place.path());
    Ran::of(command)
}

/// The windows that were exported.
fn windows(ran: &Ran) -> Vec<(DateTime<Utc>, DateTime<Utc>)> {
    let time = |text: Option<&str>| text.unwrap().parse().unwrap();
    let window = |line: &str| {
        let mut parts = line.split("  ").skip(1);
        (time(parts.next()), time(parts.next()))
    };
    ran.stdout.lines().map(window).collect()
}

fn midnight(days_ago: i64) -> DateTime<Utc> {
    (Utc::now().date_naive() - TimeDelta::days(days_ago)).and_time(chrono::NaiveTime::MIN).and_utc()
}

#[test]
fn without_a_last_export_it_stops_and_says_what_to_give() {
    let (service, place) = (forgetful(), Place::new());
    let ran = run(&service, &place, &[]);
    assert_eq!((ran.code, ran.stdout.as_str(), service.starts()), (Some(2), "", 0), "{}", ran.stderr);
    for part in ["--from is required", "--archive", "s3://BUCKET/PREFIX", "7 days"] {
        assert!(ran.stderr.contains(part), "{part} is not in {}", ran.stderr);
    }
}

#[test]
fn nine_nights_down_leave_no_gap_and_export_nothing_twice() {
    let (service, place) = (forgetful(), Place::new());
    // As if it had last been run nine days ago.
    let before = run(&service, &place, &["--from", "-20d", "--lag", "9d"]);
    assert_eq!(before.code, Some(0), "{}", before.stderr);
    let reached = windows(&before).last().unwrap().1;
    let after = run(&service, &place, &["--from", "-3d"]);
    assert_eq!((after.code, after.stderr.as_str()), (Some(0), ""), "{}", after.stderr);
    let found = windows(&after);
    assert_eq!((found.first().unwrap().0, found.last().unwrap().1), (reached, midnight(0)), "{found:?}");
    assert!(found.windows(2).all(|pair| pair[0].1 == pair[1].0), "{found:?}");
    for more in [&[][..], &["--from", "-3d"], &["--from", "-15d"]] {
        assert_eq!(run(&service, &place, more).stdout, "", "{more:?}");
    }
    // It continues without --from as well: the record says where.
    let other = Place::new();
    assert_eq!(run(&service, &other, &["--from", "-20d", "--lag", "9d"]).code, Some(0));
    assert_eq!(windows(&run(&service, &other, &[])), found);
}

#[test]
fn the_next_run_begins_at_the_end_that_the_service_recorded() {
    // An end further back is not due to rounding, but was requested in other words.
    for (cut, next) in [(500, Some(500)), (1000, Some(1000)), (0, None), (1500, None)] {
        let seconds = |time: DateTime<Utc>| format!("{}.{:03}", time.timestamp(), time.timestamp_subsec_millis());
        let (start, end) = (seconds(midnight(1)), seconds(midnight(0) - TimeDelta::milliseconds(cut)));
        let service = Canned::new(move |request, _| match request {
            request if request.starts_with("POST ") => started(),
            request if request.ends_with("journal-s3-exports") => listing(""),
            _ => {
                let export = description("COMPLETED").replace("1568764800.0", &start).replace("1568847599.123", &end);
                Reply::Http(200, "", format!("{{\"ExportDescription\":{export}}}"))
            }
        });
        let place = Place::new();
        let first = run(&service, &place, &["--from", &midnight(1).to_rfc3339()]);
        assert_eq!(first.code, Some(0), "{cut}: {}", first.stderr);
        assert_eq!(windows(&first), [(midnight(1), midnight(0))]);
        let second = windows(&run(&service, &place, &[]));
        let expected = next.map(|cut| (midnight(0) - TimeDelta::milliseconds(cut), midnight(0)));
        assert_eq!(second, expected.into_iter().collect::<Vec<_>>(), "{cut}");
    }
}

#[test]
fn a_from_that_nothing_confirms_is_reported_and_an_earlier_one_closes_the_gap() {
    let (service, place) = (forgetful(), Place::new());
    let first = run(&service, &place, &["--from", "-3d"]);
    assert!(first.code == Some(0) && first.stderr.contains("is missing, and an earlier --from"), "{}", first.stderr);
    let began = windows(&first)[0].0;
    let earlier = run(&service, &place, &["--from", "-9d"]);
    assert_eq!((earlier.code, earlier.stderr.as_str()), (Some(0), ""));
    let found = windows(&earlier);
    assert_eq!(found.last().unwrap().1, began);
    assert!(found[0].0 < midnight(8) && found.windows(2).all(|pair| pair[0].1 == pair[1].0), "{found:?}");
}

#[test]
fn from_closes_a_gap_before_what_the_service_lists() {
    let [start, end] = [midnight(2), midnight(1)].map(|time| time.timestamp().to_string());
    let export = description("COMPLETED").replace("a\\u001b[31mb/", "nightly/");
    let export = export.replace("1568764800.0", &start).replace("1568847599.123", &end);
    let service = service(&Arc::new(Mutex::new(export)));
    assert_eq!(windows(&run(&service, &Place::new(), &[])), [(midnight(1), midnight(0))]);
    let from = midnight(5).to_rfc3339();
    let found = windows(&run(&service, &Place::new(), &["--from", &from]));
    let expected = [5, 4, 3, 1].map(|day| (midnight(day), midnight(day - 1)));
    assert_eq!(found, expected);
}

#[test]
fn an_archive_that_is_not_there_yet_is_empty() {
    let (service, place) = (forgetful(), Place::new());
    let ran = run(&service, &place, &["--archive", "not/yet"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let found = windows(&ran);
    assert_eq!((found.first().unwrap().0, found.last().unwrap().1), (midnight(2), midnight(0)));
    // Once something was exported, it is no longer the first run: an archive that is still empty is another one.
    let again = run(&service, &place, &["--archive", "not/yet"]);
    assert_eq!((again.code, again.stdout.as_str()), (Some(2), ""), "{}", again.stderr);
    assert!(again.stderr.contains("is it the right place, and mounted?"), "{}", again.stderr);
    assert_eq!(run(&service, &place, &["--archive", "not/yet", "--from", "-2d"]).code, Some(0));
}

#[test]
fn exports_that_end_in_the_future_are_reported_and_exported_in_time() {
    let future = (Utc::now() + TimeDelta::days(10)).timestamp().to_string();
    let start = midnight(2).timestamp().to_string();
    let early = description("COMPLETED").replace("a\\u001b[31mb/", "nightly/");
    let early = early.replace("1568764800.0", &start).replace("1568847599.123", &future);
    let listed = Arc::new(Mutex::new(early.clone()));
    let (service, place) = (service(&listed), Place::new());
    let from = midnight(2).to_rfc3339();
    let ran = run(&service, &place, &["--from", &from]);
    assert_eq!(windows(&ran), [(midnight(2), midnight(1)), (midnight(1), midnight(0))], "{ran:?}");
    assert!(ran.stderr.contains(&format!("export {EXPORT_ID} of ")) && ran.stderr.contains("does not count as done"));
    // When its time has come, it contains no more than before: a run that saw it remembers that.
    let past = Utc::now().timestamp().to_string();
    *listed.lock().unwrap() = early.replace(&future, &past);
    let other = Place::new();
    *listed.lock().unwrap() = early.clone();
    assert_eq!(run(&service, &other, &["--from", &from, "--lag", "3d"]).stdout, "");
    *listed.lock().unwrap() = early.replace(&future, &past);
    let ran = run(&service, &other, &["--from", &from]);
    assert_eq!(windows(&ran), [(midnight(2), midnight(1)), (midnight(1), midnight(0))], "{ran:?}");
}

#[test]
fn manifests_from_the_future_are_reported_too() {
    let place = sampled();
    assert_eq!(place.run(sync_and(&["--local"])).code, Some(0));
    let folder = place.path().join("buckets/exports");
    let mut manifests = files(&folder);
    manifests.retain(|path| path.to_str().unwrap().ends_with(".started.manifest"));
    let text = |path: &std::path::PathBuf| std::fs::read_to_string(path).unwrap();
    let end = format!("exclusiveEndTime:{}", midnight(0).format("%Y-%m-%dT"));
    let last = manifests.iter().find(|path| text(path).contains(&end)).unwrap();
    std::fs::write(last, text(last).replace(&end, "exclusiveEndTime:2999-01-01T")).unwrap();
    let service = forgetful();
    let ran = run(&service, &Place::new(), &["--archive", folder.to_str().unwrap()]);
    assert_eq!(windows(&ran), [(midnight(1), midnight(0))], "{ran:?}");
    assert!(ran.stderr.contains("2999-01-01T") && ran.stderr.contains("does not count as done"), "{ran:?}");
}
