//! What belongs to an archive: which file a manifest's key means, what no manifest lists, and
//! exports that did not complete.

use serde_json::Value;

use crate::engine_support::files;
use crate::s3_cli::in_environment_of;
use crate::s3_server::S3Server;
use crate::support::{Place, Ran};
use crate::verify_bench::{Bench, HOUR, Layout, OTHER_STRAND, SAMPLE, STRAND, journal};
use crate::verify_manifests::{ends, keys, reports, strand, verify};

// Keys

/// Two exports of one journal at two prefixes in one hour, with the same names: blocks 0 to 11 each.
fn two_prefixes(one: &str, other: &str) -> (Bench, [Vec<String>; 2]) {
    let bench = Bench::new();
    let keys = [('A', one), ('B', other)]
        .map(|(id, prefix)| bench.export(&Layout { id, prefix, keys_prefix: prefix, ..Layout::default() }, &SAMPLE));
    (bench, keys)
}

#[test]
fn nested_exports_are_proved_and_neither_uses_the_other_s_objects() {
    for (one, other) in [("", "a/"), ("a/", "a/b/"), ("old", "old/"), ("", "a"), ("x/a/", "y/a/")] {
        let (bench, keys) = two_prefixes(one, other);
        let report = ends(&bench, 0);
        assert_eq!((&report["exports"], &report["objects"]), (&2.into(), &6.into()), "{one} {other}: {report:#}");
        for (index, (own, others)) in [(&keys[0], &keys[1]), (&keys[1], &keys[0])].into_iter().enumerate() {
            let lost = bench.read(&own[1]);
            bench.remove(&own[1]);
            let report = ends(&bench, 11);
            reports(&report, &own[1], "object", "is missing");
            assert_eq!(report["breaks"].as_array().unwrap().len(), 1, "{one} {other} {index}: {report:#}");
            // Damage to the other one's objects affects only the other one.
            let whole = bench.read(&others[1]);
            bench.write(&others[1], "");
            let report = ends(&bench, 10);
            reports(&report, &own[1], "object", "is missing");
            reports(&report, &others[1], "object", "holds no block");
            bench.write(&others[1], whole);
            bench.write(&own[1], lost);
        }
        ends(&bench, 0);
    }
}

#[test]
fn nested_exports_whose_keys_lack_the_prefix_are_distinguished_too() {
    let bench = Bench::new();
    bench.export(&Layout::default(), &SAMPLE);
    // The manifest names the prefix, which its keys lack.
    let layout = Layout { id: 'B', prefix: "a/", keys_prefix: "", ..Layout::default() };
    let keys = bench.export(&layout, &SAMPLE);
    bench.edit(&layout.started_key(), |text| text.replace("prefix:\"\"", "prefix:\"a/\""));
    assert_eq!(ends(&bench, 0)["objects"], 6);
    bench.remove(&keys[2]);
    reports(&ends(&bench, 11), ".8-11.ion", "object", "is missing");
}

#[test]
fn manifests_that_were_moved_away_from_two_prefixes_find_each_its_own() {
    let (bench, keys) = two_prefixes("", "a/");
    for (id, prefix) in [('A', ""), ('B', "a/")] {
        let [from, to] = [prefix, "manifests/"].map(|prefix| Layout { id, prefix, ..Layout::default() });
        for (from, to) in
            [(from.started_key(), to.started_key()), (from.completed_key(strand()), to.completed_key(strand()))]
        {
            bench.write(&to, bench.read(&from));
            bench.remove(&from);
        }
    }
    assert_eq!(ends(&bench, 0)["objects"], 6);
    bench.remove(&keys[1][0]);
    reports(&ends(&bench, 11), &keys[1][0], "object", "is missing");
}

#[test]
fn both_of_two_exports_that_were_moved_and_renamed_are_proved() {
    for (from, to) in [(["p/", "p/q/"], ["new/", "new/q/"]), (["p/", "q/"], ["", "q/"]), (["one", "two"], ["x/", "y/"])]
    {
        let bench = Bench::new();
        for (id, (keys_prefix, prefix)) in ['A', 'B'].into_iter().zip(from.into_iter().zip(to)) {
            bench.export(&Layout { id, prefix, keys_prefix, ..Layout::default() }, &SAMPLE);
        }
        assert_eq!(ends(&bench, 0)["objects"], 6, "{from:?} {to:?}");
    }
}

#[test]
fn a_complete_copy_of_an_export_uses_its_own_objects_and_bare_manifests_the_other_s() {
    let bench = Bench::of_sample();
    let copy = Layout { prefix: "copy/", ..Layout::default() };
    let copied = bench.export(&copy, &SAMPLE);
    ends(&bench, 0);
    bench.remove(&copied[1]);
    reports(&ends(&bench, 11), ".4-7.ion", "object", "is missing");
    bench.remove(&copied[0]);
    bench.remove(&copied[2]);
    ends(&bench, 0);
}

#[test]
fn keys_of_odd_forms_find_the_object_below_the_manifest_and_never_leave_the_archive() {
    for keys_prefix in ["/", "//", "a//b/", "../", "../../x/", "./", "/etc/../", "C:/", "a/./", "é/", "%2F"] {
        let bench = Bench::new();
        bench.export(&Layout { keys_prefix, ..Layout::default() }, &SAMPLE);
        assert_eq!(ends(&bench, 0)["objects"], 3, "{keys_prefix}");
    }
    // An object outside does not belong to the archive.
    let bench = Bench::of_sample();
    let outside = tempfile::tempdir().unwrap();
    let key = format!("{}/{}", outside.path().display(), keys()[1]);
    std::fs::create_dir_all(outside.path().join(HOUR)).unwrap();
    std::fs::rename(bench.path(&keys()[1]), &key).unwrap();
    bench.edit(&Layout::default().completed_key(strand()), |text| text.replace(&keys()[1], &key));
    reports(&ends(&bench, 11), &key, "object", "is missing");
}

#[test]
fn names_with_encoded_slashes_are_read_as_the_keys_that_they_are() {
    let bench = Bench::of_sample();
    let layout = Layout::default();
    for key in keys().into_iter().chain([layout.started_key(), layout.completed_key(strand())]) {
        let bytes = bench.read(&key);
        bench.remove(&key);
        bench.write(&format!("flat/exports%2F{}", key.replace('/', "%2f")), bytes);
    }
    let report = ends(&bench, 0);
    assert_eq!((&report["objects"], &report["passedOver"]["count"]), (&3.into(), &0.into()), "{report:#}");
    // Two files for one key: one of them is not what the manifest lists.
    bench.write(
        &format!("flat/exports/{}", keys()[1]),
        bench.read(&format!("flat/exports%2F{}", keys()[1].replace('/', "%2f"))),
    );
    reports(&ends(&bench, 12), "", "keys", "no manifest lists");
}

#[test]
fn what_no_manifest_lists_is_unproved_and_no_damage() {
    let [_, second, _] = keys();
    for (name, words) in [
        (format!("{HOUR}{}.12-13.ion", strand()), "no completed manifest lists"),
        (format!("{HOUR}{STRAND}.0-3.ion"), "no completed manifest lists"),
        (format!("backup/{second}"), "no completed manifest lists"),
        (format!("2024/03/31/13/{}.4-7.ion", strand()), "no completed manifest lists"),
        (format!("{HOUR}{}.4-7.json", strand()), "no completed manifest lists"),
        (format!("{HOUR}evil.ion"), "it is where data objects are"),
        (format!("{HOUR}{} (1).ion", strand()), "it is where data objects are"),
        (format!("{HOUR}{}.4-7.ion.gz", strand()), "unpack it first"),
        (format!("{HOUR}evil.json.zst"), "it is where data objects are"),
        (format!("{}.zst", Layout { id: 'B', ..Layout::default() }.started_key()), "unpack it first"),
        (format!("{HOUR}{}.4-7.ION", strand()), "it is where data objects are"),
    ] {
        let bench = Bench::of_sample();
        bench.write(&name, bench.read(&second));
        let report = ends(&bench, 12);
        reports(&report, &name, "keys", words);
        assert_eq!(report["levels"]["blocks"], "proved", "{report:#}");
    }
    let bench = Bench::of_sample();
    std::fs::hard_link(bench.path(&second), bench.path("2024/03/31/again.ion")).unwrap();
    ends(&bench, 0);
    std::fs::hard_link(bench.path(&second), bench.path(&format!("2024/{}.4-7.ion", strand()))).unwrap();
    reports(&ends(&bench, 12), ".4-7.ion", "keys", "no completed manifest lists");
}

#[test]
fn with_a_ledger_selected_objects_of_another_are_neither_used_nor_missing() {
    let bench = Bench::of_sample();
    let other = Layout { id: 'B', prefix: "other/", ..Layout::default() };
    bench.export(&other, &journal(OTHER_STRAND, 8, "", true));
    bench.edit(&other.started_key(), |text| text.replace("ledgerName:\"l\"", "ledgerName:\"other\""));
    bench.write(&format!("other/{HOUR}{OTHER_STRAND}.8-9.ion"), "");
    let ran = verify(&bench, &["--ledger", "l"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert_eq!(verify(&bench, &["--ledger", "other"]).code, Some(12));
    let nobody = verify(&bench, &["--ledger", "nobody"]);
    assert_eq!(nobody.code, Some(12), "{}", nobody.stderr);
    assert!(nobody.stderr.contains("there are exports of other ledgers: l, other"), "{}", nobody.stderr);
    assert_eq!(verify(&bench, &[]).code, Some(12));
    bench.write(&format!("{HOUR}{}.12-12.ion", strand()), "");
    assert_eq!(verify(&bench, &["--ledger", "l"]).code, Some(12));
}

// Exports that did not complete

/// The sample, and beside it an export that was only begun.
fn with_begun(range: [&'static str; 2], ledger: &str) -> Bench {
    let bench = Bench::of_sample();
    let begun = Layout { id: 'C', range, ..Layout::default() };
    bench.write(&begun.started_key(), begun.started().replace("ledgerName:\"l\"", &format!("ledgerName:\"{ledger}\"")));
    bench
}

#[test]
fn an_export_that_never_completed_is_a_note_if_others_cover_its_range() {
    let within = ["2024-03-01T00:00:00.000Z", "2024-04-01T00:00:00.000Z"];
    let report = ends(&with_begun(within, "l"), 0);
    assert!(report["notes"][0]["key"].as_str().unwrap().starts_with("CCCC"), "{report:#}");
    assert!(report["notes"][0]["what"].as_str().unwrap().contains("did not complete"), "{report:#}");
    for (range, ledger) in [
        (within, "another"),
        (["1999-12-31T00:00:00.000Z", "2024-04-01T00:00:00.000Z"], "l"),
        (["2024-03-01T00:00:00.000Z", "2100-01-01T00:00:00.001Z"], "l"),
    ] {
        reports(&ends(&with_begun(range, ledger), 11), ".started.manifest", "completed manifest", "is missing");
    }
    // Nothing lists what it left.
    let bench = with_begun(within, "l");
    bench.write(&format!("2024/03/31/13/{}.0-3.ion", strand()), bench.read(&keys()[0]));
    reports(&ends(&bench, 12), ".0-3.ion", "keys", "no completed manifest lists");
}

#[test]
fn several_exports_together_cover_the_range_of_one_that_never_completed_unless_there_is_a_gap() {
    let ends_at = ["2024-02-01T00:00:00.000Z", "2024-01-31T00:00:00.000Z"];
    for (end, code) in [(ends_at[0], 0), (ends_at[1], 11)] {
        let bench = Bench::new();
        bench.export(
            &Layout { id: 'A', prefix: "a/", range: ["2000-01-01T00:00:00.000Z", end], ..Layout::default() },
            &[],
        );
        let range = [ends_at[0], "2100-01-01T00:00:00.000Z"];
        bench.export(&Layout { id: 'B', prefix: "b/", range, ..Layout::default() }, &SAMPLE);
        let begun =
            Layout { id: 'C', range: ["2023-01-01T00:00:00.000Z", "2025-01-01T00:00:00.000Z"], ..Layout::default() };
        bench.write(&begun.started_key(), begun.started());
        ends(&bench, code);
    }
}

#[test]
fn a_path_that_adds_nothing_to_the_others_is_reported() {
    let bench = Bench::of_sample();
    let empty = tempfile::tempdir().unwrap();
    let ran = verify(&bench, &[empty.path().to_str().unwrap()]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let report = ran.json().remove(0);
    assert_eq!(report["notes"][0]["key"], empty.path().to_str().unwrap());
    assert_eq!(report["notes"][0]["what"], "there is no manifest here");
}

// In S3

#[test]
fn an_archive_in_s3_has_the_same_borders() {
    let (bench, keys) = two_prefixes("", "a/");
    let (place, server) = (Place::new(), S3Server::new("exports"));
    let bucket = server.bucket("exports");
    for path in files(&bench.path("")) {
        let to = bucket.join(path.strip_prefix(bench.path("")).unwrap());
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::fs::copy(&path, to).unwrap();
    }
    std::fs::write(bucket.join("._CCCCCCCCCCCCCCCCCCCCCC.started.manifest"), "").unwrap();
    let verify = |addresses: &[&str]| {
        let arguments = ["verify", "--output", "json"].into_iter().chain(addresses.iter().copied());
        Ran::of(in_environment_of(&server, place.command(arguments)))
    };
    let ends = |addresses: &[&str], code: i32| {
        let ran = verify(addresses);
        assert_eq!(ran.code, Some(code), "{}\n{}", ran.stderr, ran.stdout);
        ran.json().remove(0)
    };
    let report = ends(&["s3://exports"], 0);
    let counts = |report: &Value| ["exports", "objects", "blocks"].map(|count| report[count].as_u64().unwrap());
    assert_eq!(counts(&report), [2, 6, 24], "{report:#}");
    assert_eq!(report["passedOver"]["count"], 1, "{report:#}");
    // A part of it that is given as well is not counted again.
    for more in [["s3://exports", "s3://exports/a/"], ["s3://exports/a/", "s3://exports"]] {
        let report = ends(&more, 0);
        assert_eq!(counts(&report), [2, 6, 24], "{more:?}: {report:#}");
    }
    for question in ["s3://exports/2024/", "s3://exports/nothing/"] {
        ends(&[question], 12);
        assert!(verify(&[question]).stderr.contains("give what holds the manifests"), "{question}");
    }
    std::fs::copy(bucket.join(&keys[0][0]), bucket.join(format!("{HOUR}{STRAND}.0-3.ion"))).unwrap();
    reports(&ends(&["s3://exports"], 12), ".0-3.ion", "keys", "no completed manifest lists");
    std::fs::remove_file(bucket.join(&keys[1][1])).unwrap();
    reports(&ends(&["s3://exports"], 11), &keys[1][1], "object", "is missing");
}
