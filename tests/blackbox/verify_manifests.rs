//! Which manifests are read, and in which form: each once, whole, and as the service writes them.

use qldb_journal::Encoding;
use qldb_journal::archive::manifest::{Manifest, encode};
use serde_json::Value;

use crate::support::{Place, Ran};
use crate::verify_bench::{Bench, HOUR, Layout, OTHER_STRAND, SAMPLE, journal, keys_manifest};

/// How long a manifest may be; the message names it.
const LONGEST_MANIFEST: u64 = 67_108_864;

/// The strand of the sample.
pub(crate) fn strand() -> &'static str {
    SAMPLE[0].split('"').nth(1).unwrap()
}

/// The keys of the sample's three objects.
pub(crate) fn keys() -> [String; 3] {
    [(0, 3), (4, 7), (8, 11)].map(|(first, last)| format!("{HOUR}{}.{first}-{last}.ion", strand()))
}

/// Runs the binary on an archive.
pub(crate) fn verify(bench: &Bench, more: &[&str]) -> Ran {
    let place = Place::new();
    let folder = bench.path("");
    place.run(["verify", folder.to_str().unwrap(), "--output", "json"].into_iter().chain(more.iter().copied()))
}

/// Fails unless the binary ends so; its report.
#[track_caller]
pub(crate) fn ends(bench: &Bench, code: i32) -> Value {
    let ran = verify(bench, &[]);
    assert_eq!(ran.code, Some(code), "{}\n{}", ran.stderr, ran.stdout);
    ran.json().remove(0)
}

/// Fails unless a break is about this file and field, and says this.
#[track_caller]
pub(crate) fn reports(report: &Value, key: &str, field: &str, words: &str) {
    let reported = |one: &Value| one["key"].as_str().unwrap().ends_with(key) && one["field"] == field;
    let says =
        |one: &Value| ["problem", "expected", "found"].iter().any(|part| one[part].as_str().unwrap().contains(words));
    let breaks = report["breaks"].as_array().unwrap();
    assert!(breaks.iter().any(|one| reported(one) && says(one)), "{key} {field} {words}: {breaks:#?}");
}

#[test]
fn a_repeated_member_in_a_manifest_is_damage_wherever_it_is() {
    let layout = Layout::default();
    let json = Layout { encoding: Encoding::Json, ..Layout::default() };
    for member in
        ["ledgerName", "exportId", "inclusiveStartTime", "exclusiveEndTime", "bucket", "prefix", "objectEncryptionType"]
    {
        for quoted in [false, true] {
            let bench = Bench::of_sample();
            bench.edit(&layout.started_key(), |text| {
                let at = text.find(member).unwrap();
                let end = text[at..].find([',', '}']).unwrap() + at;
                let again =
                    text[at..end].replacen(member, &if quoted { format!("'{member}'") } else { member.into() }, 1);
                format!("{{{again},{}", &text[1..])
            });
            reports(&ends(&bench, 10), ".started.manifest", "manifest", &format!("{member} appears twice"));
        }
    }
    for (from, to) in [("{keys:", "{keys:[],keys:"), ("]}", "],'keys':[]}"), ("]}", "],x:1,x:2}")] {
        let bench = Bench::of_sample();
        bench.edit(&layout.completed_key(strand()), |text| text.replacen(from, to, 1));
        reports(&ends(&bench, 10), ".completed.manifest", "manifest", "appears twice");
    }
    let bench = Bench::new();
    bench.export(&json, &SAMPLE);
    bench.edit(&json.completed_key(strand()), |text| text.replacen("{keys:", r#"{"keys":[],"\u006beys":"#, 1));
    reports(&ends(&bench, 10), ".completed.manifest", "manifest", "keys appears twice");
}

#[test]
fn a_manifest_is_one_struct_in_the_form_that_the_service_writes_and_nothing_else() {
    for (before, after) in [
        ("x::", ""),
        ("[", "]"),
        ("// comment\n", ""),
        ("$ion_symbol_table::{symbols:[\"a\"]} ", ""),
        ("", " {keys:[]}"),
        ("", " null"),
        ("", " /* more */"),
        ("", "\0"),
    ] {
        let layout = Layout::default();
        for key in [layout.started_key(), layout.completed_key(strand())] {
            let bench = Bench::of_sample();
            bench.edit(&key, |text| format!("{before}{text}{after}"));
            reports(&ends(&bench, 10), &key, "manifest", "can't be read");
        }
    }
}

#[test]
fn all_three_forms_of_real_manifests_are_read_with_white_space_or_without() {
    let keys = || keys().to_vec();
    let completed = Layout::default().completed_key(strand());
    for encoding in [Encoding::IonText, Encoding::IonBinary, Encoding::Json] {
        let bench = Bench::of_sample();
        bench.write(&completed, encode(&Manifest::Completed { keys: keys() }, encoding));
        ends(&bench, 0);
    }
    for (before, after) in [("", ""), ("\n ", "\r\n\n"), ("$ion_1_0 ", "\n")] {
        let bench = Bench::of_sample();
        bench.write(&completed, format!("{before}{}{after}", keys_manifest(&keys())));
        ends(&bench, 0);
    }
}

#[test]
fn a_manifest_that_is_packed_or_in_another_coding_is_named_as_what_it_is() {
    let completed = Layout::default().completed_key(strand());
    let text = keys_manifest(&keys());
    let wide = |mark: &[u8], first: usize| {
        let pair = |byte: u8| if first == 0 { [byte, 0] } else { [0, byte] };
        [mark, &text.bytes().flat_map(pair).collect::<Vec<_>>()].concat()
    };
    for (bytes, word) in [
        (b"\x1F\x8B\x08\0\0\0\0\0".to_vec(), "gzip"),
        (b"\x28\xB5\x2F\xFD\x24\x00".to_vec(), "zstd"),
        (wide(b"\xFF\xFE", 0), "UTF-16"),
        (wide(b"\xFE\xFF", 1), "UTF-16"),
        (wide(b"", 0), "UTF-16"),
        ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), "byte order mark"),
        (b"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>".to_vec(), "XML"),
    ] {
        let bench = Bench::of_sample();
        bench.write(&completed, bytes);
        reports(&ends(&bench, 10), &completed, "manifest", word);
    }
}

#[test]
fn a_manifest_longer_than_the_limit_is_refused_by_name_and_never_cut() {
    let completed = Layout::default().completed_key(strand());
    for content in [keys_manifest(&keys()), String::new()] {
        let bench = Bench::of_sample();
        bench.write(&completed, content);
        // What is read of it would be a whole manifest, if it were cut at some place.
        std::fs::OpenOptions::new()
            .write(true)
            .open(bench.path(&completed))
            .unwrap()
            .set_len(LONGEST_MANIFEST + 1)
            .unwrap();
        let report = ends(&bench, 12);
        reports(&report, &completed, "manifest", &format!("at most {LONGEST_MANIFEST} bytes"));
        reports(&report, &completed, "manifest", "too long");
    }
}

#[test]
fn completed_manifests_of_one_export_that_disagree_are_damage() {
    let second = Layout::default().completed_key(OTHER_STRAND);
    let [first, ..] = keys();
    let forged = format!("{HOUR}{OTHER_STRAND}.0-3.ion");
    for (manifest, words) in [
        (keys_manifest(&["exports/evil.ion".to_owned()]), "does not name a data object"),
        (keys_manifest(std::slice::from_ref(&first)), "another strand than its manifest"),
        (keys_manifest(&[]), "this one lists none"),
        (keys_manifest(&[first, forged]), "another strand than its manifest"),
        ("{keys:".to_owned(), "can't be read"),
    ] {
        let bench = Bench::of_sample();
        bench.write(&second, &manifest);
        let report = ends(&bench, 10);
        assert!(report.to_string().contains(words), "{manifest}: {report:#}");
    }
    // The same in another place: someone who reads only that one reads another archive.
    for (change, words) in [
        (
            &(|text: String| text.replace(&format!(",\"{}\"", keys()[2]), "")) as &dyn Fn(String) -> String,
            "other objects",
        ),
        (&|text: String| text.replace(".0-3.ion", ".0-4.ion"), "other objects"),
    ] {
        let bench = Bench::of_sample();
        let copy = Layout { prefix: "copy/", ..Layout::default() };
        bench.export(&copy, &SAMPLE);
        ends(&bench, 0);
        bench.edit(&copy.completed_key(strand()), |text| change(text.replace(", ", ",")));
        reports(&ends(&bench, 10), &copy.completed_key(strand()), "keys", words);
    }
    let bench = Bench::of_sample();
    let copy = Layout {
        prefix: "copy/",
        range: ["2001-01-01T00:00:00.000Z", "2100-01-01T00:00:00.000Z"],
        ..Layout::default()
    };
    bench.export(&copy, &SAMPLE);
    reports(&ends(&bench, 10), &copy.started_key(), "started manifest", "says something else");
}

#[test]
fn equal_completed_manifests_of_an_export_are_fine_and_those_of_several_strands_are_all_read() {
    let bench = Bench::of_sample();
    let layout = Layout::default();
    bench.write(&layout.completed_key(OTHER_STRAND), bench.read(&layout.completed_key(strand())));
    ends(&bench, 0);
    for copied in ["manifests/", "a/b/"] {
        let copy = Layout { prefix: copied, ..Layout::default() };
        bench.write(&copy.started_key(), bench.read(&layout.started_key()));
        bench.write(&copy.completed_key(strand()), bench.read(&layout.completed_key(strand())));
    }
    let report = ends(&bench, 0);
    assert_eq!((&report["objects"], &report["blocks"]), (&3.into(), &12.into()), "{report:#}");
    let bench = Bench::of_sample();
    bench.export(&layout, &journal(OTHER_STRAND, 8, "", true));
    let report = ends(&bench, 0);
    assert_eq!((&report["exports"], &report["objects"]), (&1.into(), &5.into()), "{report:#}");
    assert_eq!(report["journals"].as_array().unwrap().len(), 2, "{report:#}");
    assert!(report["notes"][0]["what"].as_str().unwrap().contains("several strands"), "{report:#}");
    bench.remove(&format!("{HOUR}{OTHER_STRAND}.4-7.ion"));
    reports(&ends(&bench, 11), ".4-7.ion", "object", "is missing");
}

#[test]
fn members_that_the_service_does_not_write_leave_an_export_unproved() {
    let layout = Layout::default();
    for key in [layout.started_key(), layout.completed_key(strand())] {
        let bench = Bench::of_sample();
        bench.edit(&key, |text| text.replacen('{', "{'x y':{keys:[1,(+)]},z:null,", 1));
        reports(&ends(&bench, 12), &key, "manifest", "x y and 1 more");
    }
    let bench = Bench::of_sample();
    bench.edit(&layout.started_key(), |text| text.replace("bucket:\"b\"", "bucket:b"));
    reports(&ends(&bench, 10), &layout.started_key(), "manifest", "bucket is not a string");
}

#[test]
fn of_very_many_breaks_the_first_are_listed_and_the_others_counted() {
    let bench = Bench::of_sample();
    let mut listed = keys().to_vec();
    let more = (0..2_500).map(|number| format!("{HOUR}{}.{}-{}.ion", strand(), 12 + number, 12 + number));
    listed.extend(more);
    listed.extend((0..1_500).map(|number| format!("evil-{number}")));
    bench.write(&Layout::default().completed_key(strand()), keys_manifest(&listed));
    let report = ends(&bench, 10);
    let breaks = report["breaks"].as_array().unwrap();
    assert_eq!(breaks.len(), 2 * 1_001, "{}", breaks.len());
    reports(&report, "", "object", "500 more, from here on");
    reports(&report, "", "object", "1500 more, from here on");
}
