//! One small archive for each kind of damage: the verdict, and the break that names the position.

use qldb_journal::archive::verify::{Accepted, Break, Level, Levels, SavedDigest, Status};
use qldb_journal::internal::{check, merkle_root};
use qldb_journal::{Encoding, Hash};

use crate::verify_bench::{
    Bench, HOUR, Layout, Line, OTHER_STRAND, SAMPLE, STRAND, assert_break, assert_verdict, blocks, encoded, journal,
    keys_manifest, moved, new_block, number, text,
};

use Status::{Damaged, Incomplete, Proved, Unproved};

/// The keys of the sample's three objects.
fn keys() -> [String; 3] {
    let strand = strand();
    [(0, 3), (4, 7), (8, 11)].map(|(first, last)| format!("{HOUR}{strand}.{first}-{last}.ion"))
}

fn strand() -> String {
    SAMPLE[0].split('"').nth(1).unwrap().to_owned()
}

/// The sample with the middle object's lines changed.
fn with_middle(change: impl FnOnce(&mut Vec<Line>)) -> Bench {
    let bench = Bench::of_sample();
    let mut lines = SAMPLE[4..8].to_vec();
    change(&mut lines);
    bench.write(&keys()[1], lines.join("\n") + "\n");
    bench
}

// Whole archives

#[test]
fn an_undamaged_archive_is_proved() {
    for encoding in [Encoding::IonText, Encoding::IonBinary] {
        let bench = Bench::new();
        bench.export(&Layout { encoding, ..Layout::default() }, &SAMPLE);
        let report = bench.verify();
        assert_verdict(&report, Proved);
        assert_eq!((report.blocks, report.counts.proved > 5), (12, true));
    }
}

#[test]
fn an_empty_folder_and_exports_without_blocks_are_never_proved() {
    assert_verdict(&Bench::new().verify(), Unproved);
    let bench = Bench::new();
    bench.export(&Layout::default(), &[]);
    assert_verdict(&bench.verify(), Unproved);
    for level in Level::ALL {
        assert_verdict(&bench.verify_with(Levels::of(&[level]), None), Unproved);
    }
    bench.write("README.md", "no export");
    assert_verdict(&bench.verify(), Unproved);
    for content in [&b""[..], b"\n", b"$ion_1_0\n", b"/* nothing */", b"\xE0\x01\x00\xEA"] {
        let bench = Bench::of_sample();
        bench.write(&keys()[1], content);
        assert_break(&bench.verify(), Damaged, (&keys()[1], None, "object", "holds no block"));
    }
}

#[test]
fn a_missing_manifest_is_named() {
    let layout = Layout::default();
    let (started, completed) = (layout.started_key(), layout.completed_key(&strand()));
    let bench = Bench::of_sample();
    bench.remove(&started);
    assert_break(&bench.verify(), Incomplete, (&completed, None, "started manifest", "is missing"));
    let bench = Bench::of_sample();
    bench.remove(&completed);
    let report = bench.verify();
    assert_break(&report, Incomplete, (&started, None, "completed manifest", "is missing"));
    assert_break(&report, Incomplete, (&keys()[0], None, "keys", "no completed manifest lists"));
    let bench = Bench::of_sample();
    bench.remove(&started);
    bench.remove(&completed);
    assert_ne!(bench.verify().verdict, Proved);
}

#[test]
fn a_manifest_that_is_cut_or_of_another_export_is_damage() {
    let layout = Layout::default();
    let (started, completed) = (layout.started_key(), layout.completed_key(&strand()));
    for key in [&started, &completed] {
        for content in ["", "{", "{}{}", "[]", "{keys:"] {
            let bench = Bench::of_sample();
            bench.write(key, content);
            assert_break(&bench.verify(), Damaged, (key, None, "manifest", "can't be read"));
        }
    }
    let bench = Bench::of_sample();
    bench.write(&started, "{ledgerName:\"l\"}");
    assert_break(&bench.verify(), Damaged, (&started, None, "manifest", "can't be read"));
    let bench = Bench::of_sample();
    bench.write(&started, Layout { id: 'B', ..Layout::default() }.started());
    assert_break(&bench.verify(), Damaged, (&started, None, "exportId", "another export"));
    let bench = Bench::of_sample();
    bench.write(&completed, keys_manifest(&[format!("{HOUR}{OTHER_STRAND}.0-3.ion")]));
    assert_break(&bench.verify(), Damaged, (".0-3.ion", None, "strandId", "another strand"));
}

#[test]
fn completed_manifests_that_changed_places_are_seen_by_their_exports_ranges() {
    let bench = Bench::new();
    let middle = blocks(&SAMPLE)[6].header.timestamp.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
    let layouts = [
        Layout { id: 'A', range: ["2000-01-01T00:00:00.000Z", &middle], ..Layout::default() },
        Layout { id: 'B', range: [&middle, "2100-01-01T00:00:00.000Z"], ..Layout::default() },
    ];
    bench.export(&layouts[0], &SAMPLE[..6]);
    bench.export(&layouts[1], &SAMPLE[6..]);
    assert_verdict(&bench.verify(), Proved);
    let [one, other] = layouts.map(|layout| layout.completed_key(&strand()));
    let (first, second) = (bench.read(&one), bench.read(&other));
    bench.write(&one, second);
    bench.write(&other, first);
    assert_break(&bench.verify(), Damaged, (".0-3.ion", Some(0), "blockTimestamp", "outside the export's range"));
}

#[test]
fn objects_that_are_missing_or_unlisted_are_named() {
    let [first, second, third] = keys();
    let bench = Bench::of_sample();
    bench.remove(&second);
    let report = bench.verify();
    assert_break(&report, Incomplete, (&second, None, "object", "is missing"));
    assert_break(&report, Incomplete, (&third, Some(8), "sequenceNo", "missing before this object"));
    bench.remove(&first);
    let report = bench.verify();
    assert_break(&report, Incomplete, (&first, None, "object", "is missing"));
    assert_break(&report, Incomplete, (&second, None, "object", "is missing"));
    let bench = Bench::of_sample();
    let completed = Layout::default().completed_key(&strand());
    bench.write(&completed, keys_manifest(&[first.clone(), third.clone()]));
    let report = bench.verify();
    assert_break(&report, Damaged, (&second, None, "keys", "no completed manifest lists"));
    assert_break(&report, Damaged, (&third, None, "name", "gap between"));
    bench.write(&completed, keys_manifest(&[first, third.clone(), second.clone()]));
    assert_break(&bench.verify(), Damaged, (&second, None, "name", "out of order"));
}

#[test]
fn two_neighbouring_objects_that_are_gone_are_both_named() {
    let bench = Bench::new();
    let keys = bench.export(&Layout { object_size: 2, ..Layout::default() }, &SAMPLE);
    bench.remove(&keys[2]);
    bench.remove(&keys[3]);
    let report = bench.verify();
    assert_break(&report, Incomplete, (&keys[2], None, "object", "is missing"));
    assert_break(&report, Incomplete, (&keys[3], None, "object", "is missing"));
    assert_break(&report, Incomplete, (&keys[4], Some(8), "sequenceNo", "missing before this object"));
}

// Objects

#[test]
fn bytes_after_the_last_block_are_found() {
    let key = &keys()[1];
    for appended in ["garbage", "{}", "7", "\0", "\u{feff}", "{{", "null", "{blockAddress:{}}"] {
        let bench = with_middle(|lines| lines.push(appended.to_owned()));
        assert_break(&bench.verify(), Damaged, (key, None, "object", "after block 7"));
    }
    let bench = with_middle(|lines| lines.push(SAMPLE[8].clone()));
    assert_break(&bench.verify(), Damaged, (key, Some(8), "name", "does not end with the block"));
    let bench = with_middle(|lines| lines.push(lines[3].clone()));
    assert_break(&bench.verify(), Damaged, (key, Some(7), "blockAddress.sequenceNo", "repeated"));
    for stream in [encoded(&SAMPLE[8..9], Encoding::IonBinary), vec![0xE0, 0x01, 0x00, 0xEA, 0xFF], vec![0x1F, 0x8B]] {
        let bench = Bench::of_sample();
        bench.write(key, [bench.read(key), stream].concat());
        assert_verdict(&bench.verify(), Damaged);
    }
}

#[test]
fn bytes_after_the_last_block_of_a_binary_object_are_found() {
    for appended in
        [&b"\xFF"[..], b"garbage", b"{}", b"\xDE", b"\x20", b"\xE0\x01\x00\xEA\x21\x07", b"\xE0\x02\x00\xEA"]
    {
        let bench = Bench::new();
        let keys = bench.export(&Layout { encoding: Encoding::IonBinary, ..Layout::default() }, &SAMPLE);
        bench.write(&keys[1], [&bench.read(&keys[1]), appended].concat());
        assert_break(&bench.verify(), Damaged, (&keys[1], None, "object", "after block 7"));
    }
}

#[test]
fn a_cut_anywhere_in_an_object_is_found() {
    for encoding in [Encoding::IonText, Encoding::IonBinary, Encoding::Json] {
        let bench = Bench::new();
        let keys = bench.export(&Layout { encoding, ..Layout::default() }, &SAMPLE);
        let whole = bench.read(&keys[1]);
        let end = whole.trim_ascii_end().len();
        let step = (end / 60).max(1);
        let levels = Levels::of(&[Level::Objects, Level::Blocks, Level::Chain]);
        assert_verdict(&bench.verify_with(levels, None), Proved);
        for cut in (0..end).step_by(step).chain([1, 2, 4, 5, end - 1]) {
            bench.write(&keys[1], &whole[..cut]);
            let report = bench.verify_with(levels, None);
            assert_eq!(report.verdict, Damaged, "{encoding:?} cut at {cut}");
            assert!(report.breaks.iter().any(|one| one.key == keys[1]), "{encoding:?} cut at {cut}");
        }
    }
}

#[test]
fn a_cut_inside_a_value_after_its_head_or_at_the_end_of_a_line_says_what_is_missing() {
    let key = &keys()[1];
    let cut = |to: usize| with_middle(|lines| lines[3].truncate(to)).verify();
    assert_break(&cut(1), Damaged, (key, None, "object", "after block 6"));
    assert_break(&cut(SAMPLE[7].find(",transactionId").unwrap()), Damaged, (key, None, "object", "after block 6"));
    assert_break(&cut(SAMPLE[7].len() - 1), Damaged, (key, None, "object", "after block 6"));
    let bench = with_middle(|lines| drop(lines.pop()));
    let report = bench.verify();
    assert_break(&report, Damaged, (key, Some(6), "name", "does not end with the block"));
    assert_break(&report, Damaged, (&keys()[2], Some(8), "sequenceNo", "missing before this object"));
}

// Blocks

#[test]
fn a_wrong_back_link_is_found_anywhere() {
    let wrong = Hash::of(b"wrong").to_base64();
    for at in [0, 2] {
        let bench = with_middle(|lines| {
            let stated = blocks(&lines[at..=at])[0].links.previous_block_hash.unwrap().to_base64();
            lines[at] = lines[at]
                .replace(&format!("previousBlockHash:{{{{{stated}"), &format!("previousBlockHash:{{{{{wrong}"));
        });
        let report = bench.verify();
        let number = Some(4 + at as u64);
        assert_break(&report, Damaged, (&keys()[1], number, "blockHash", ""));
        assert_break(&report, Damaged, (&keys()[1], number, "previousBlockHash", "does not name the block before"));
    }
    // The first block of an archive: its own hash shows it.
    let bench = Bench::new();
    let mut lines = SAMPLE[4..8].to_vec();
    let stated = blocks(&lines[..1])[0].links.previous_block_hash.unwrap().to_base64();
    lines[0] = lines[0].replace(&stated, &wrong);
    bench.export(&Layout::default(), &lines);
    assert_break(&bench.verify(), Damaged, (".4-7.ion", Some(4), "blockHash", ""));
}

#[test]
fn a_block_rebuilt_with_correct_hashes_breaks_the_chain() {
    let lines = journal(STRAND, 8, "", true);
    let forged = |previous| {
        let mut out = Vec::new();
        new_block(STRAND, 4, previous, "forged", true).encode(&mut out).unwrap();
        text(out).trim_end().to_owned()
    };
    let real = blocks(&lines)[3].links.block_hash;
    for (previous, at) in [(Some(real), 5), (Some(Hash::of(b"x")), 4), (None, 4)] {
        let bench = Bench::new();
        let mut lines = lines.clone();
        lines[4] = forged(previous);
        bench.export(&Layout::default(), &lines);
        assert_break(&bench.verify(), Damaged, (".4-7.ion", Some(at), "previousBlockHash", "does not name"));
    }
}

#[test]
fn repeated_removed_and_reordered_blocks_are_distinguished() {
    let key = &keys()[1];
    let field = "blockAddress.sequenceNo";
    let bench = with_middle(|lines| lines.insert(1, lines[0].clone()));
    assert_break(&bench.verify(), Damaged, (key, Some(4), field, "repeated"));
    let bench = with_middle(|lines| drop(lines.remove(1)));
    assert_break(&bench.verify(), Damaged, (key, Some(6), field, "missing before this one"));
    let bench = with_middle(|lines| lines.swap(1, 2));
    assert_break(&bench.verify(), Damaged, (key, Some(5), field, "out of order"));
    let bench = with_middle(|lines| drop(lines.remove(0)));
    assert_break(&bench.verify(), Damaged, (key, Some(5), field, "does not begin with the block"));
    // The hash does not cover the number, but the link does.
    let bench = with_middle(|lines| {
        lines.swap(1, 2);
        lines[1] = moved(&lines[1], 5);
        lines[2] = moved(&lines[2], 6);
    });
    assert_break(&bench.verify(), Damaged, (key, Some(5), "previousBlockHash", "does not name"));
}

#[test]
fn objects_that_were_swapped_are_reported() {
    let [_, second, third] = keys();
    let bench = Bench::of_sample();
    let (one, other) = (bench.read(&second), bench.read(&third));
    bench.write(&second, other);
    bench.write(&third, one);
    let report = bench.verify();
    assert_break(&report, Damaged, (&second, Some(8), "blockAddress.sequenceNo", "does not begin"));
    assert_break(&report, Damaged, (&third, Some(4), "blockAddress.sequenceNo", "does not begin"));
}

#[test]
fn a_block_of_another_strand_or_ledger_is_reported() {
    let other = journal(OTHER_STRAND, 12, "other", true);
    let key = &keys()[1];
    let bench = with_middle(|lines| lines[1].clone_from(&other[5]));
    assert_break(&bench.verify(), Damaged, (key, Some(5), "blockAddress.strandId", "another strand"));
    // Renamed to this strand, it still does not link into the chain.
    let bench = with_middle(|lines| lines[1] = other[5].replace(OTHER_STRAND, &strand()));
    assert_break(&bench.verify(), Damaged, (key, Some(5), "previousBlockHash", "does not name"));
    let bench = Bench::of_sample();
    bench.export(&Layout { id: 'B', ..Layout::default() }, &other);
    let report = bench.verify();
    assert_verdict(&report, Proved);
    assert_eq!(report.journals.len(), 2);
}

#[test]
fn what_was_altered_in_a_block_is_named() {
    let altered = |at: usize, from: &str, to: &str| {
        let line = SAMPLE.iter().skip(4).take(4).position(|line| line.contains(from)).unwrap_or(at);
        let bench = with_middle(|lines| lines[line] = lines[line].replacen(from, to, 1));
        (bench.verify(), Some(4 + line as u64))
    };
    let (report, number) = altered(0, "statement:\"", "statement:\"-- ");
    assert_break(&report, Damaged, (&keys()[1], number, "transactionInfo", ""));
    let (report, number) = altered(0, "tableName:\"", "tableName:\"X");
    assert_break(&report, Damaged, (&keys()[1], number, "transactionInfo", ""));
    let (report, number) = altered(0, "metadata:{id:\"", "metadata:{extra:1,id:\"");
    assert_break(&report, Damaged, (&keys()[1], number, "revisions[0].hash", ""));
    let (report, number) = altered(0, "transactionId:\"", "transactionId:\"X");
    assert_break(&report, Damaged, (&keys()[1], number, "revisions[0].metadata.txId", ""));
}

#[test]
fn an_entries_list_with_the_right_root_and_other_members_is_found() {
    let block = &blocks(&SAMPLE)[5];
    assert!(check(block).unwrap().counts.proved > 0);
    let list = SAMPLE[5].split("entriesHashList:[").nth(1).unwrap().split(']').next().unwrap();
    let entries: Vec<Hash> =
        list.split(',').map(|entry| Hash::from_base64(entry.trim_matches(['{', '}'])).unwrap()).collect();
    let folded = entries.chunks(2).map(|pair| format!("{{{{{}}}}}", merkle_root(pair).unwrap().to_base64()));
    let folded = folded.collect::<Vec<_>>().join(",");
    let bench = with_middle(|lines| lines[1] = lines[1].replace(list, &folded));
    let report = bench.verify();
    assert_break(&report, Damaged, (&keys()[1], Some(5), "revisions", ""));
    assert_break(&report, Damaged, (&keys()[1], Some(5), "transactionInfo", ""));
    let bench = with_middle(|lines| lines[1] = lines[1].replace(list, list.split_once(',').unwrap().1));
    assert_break(&bench.verify(), Damaged, (&keys()[1], Some(5), "entriesHash", ""));
    let short = list.replacen("{{", "{{AAAA", 1);
    let bench = with_middle(|lines| lines[1] = lines[1].replace(list, &short));
    assert_break(&bench.verify(), Damaged, (&keys()[1], Some(5), "entriesHashList[0]", ""));
}

#[test]
fn a_repeated_part_or_one_with_another_type_is_found() {
    let key = &keys()[1];
    let revisions = SAMPLE[5][SAMPLE[5].find(",revisions:[").unwrap()..SAMPLE[5].len() - 1].to_owned();
    for (from, to, field) in [
        ("{blockAddress", "{blockHash:{{}},blockAddress", "blockHash"),
        (",revisions:[", ",revisions:[],revisions:[", "revisions"),
        (",revisions:[", ",revisions:{},x:[", "revisions"),
        ("entriesHashList:[", "entriesHashList:[[],", "entriesHashList[0]"),
        (revisions.as_str(), ",revisions:\"none\"", "revisions"),
        (",transactionInfo:{", ",transactionInfo:({}),y:{", "transactionInfo"),
        ("{strandId:", "{strandId:\"x\",strandId:", "revisions[0]"),
        (",data:{", ",data:{forged:true},data:{", "revisions[0]"),
        (",metadata:{", ",metadata:{},metadata:{", "revisions[0]"),
        (",metadata:{", ",metadata:[],z:{", "revisions[0]"),
        ("hash:{{", "hash:{{}},hash:{{", "revisions[0]"),
    ] {
        let at = SAMPLE[5].find(",revisions:[").unwrap();
        let bench = with_middle(|lines| {
            let in_revisions = from == "hash:{{" || field.starts_with("revisions[");
            let (head, tail) = lines[1].split_at(if in_revisions { at } else { 0 });
            lines[1] = format!("{head}{}", tail.replacen(from, to, 1));
        });
        let report = bench.verify();
        assert_eq!(report.verdict, Damaged, "{from} {to}");
        let named = |one: &&Break| (one.key.as_str(), one.sequence_no, one.field.as_str()) == (key, Some(5), field);
        assert!(report.breaks.iter().any(|one| named(&one)), "{from} {to}: {:#?}", report.breaks);
    }
}

#[test]
fn a_hash_that_is_not_a_blob_is_not_an_empty_hash() {
    let bench = Bench::new();
    let keys = bench.export(&Layout::default(), &journal(STRAND, 2, "", true));
    let whole = text(bench.read(&keys[0]));
    for other in ["[]", "{}", "\"\"", "0"] {
        bench.write(&keys[0], whole.replace("previousBlockHash:{{}}", &format!("previousBlockHash:{other}")));
        assert_break(&bench.verify(), Damaged, (".0-1.ion", None, "object", "unreadable"));
    }
}

#[test]
fn other_data_beside_a_redaction_s_hash_is_found() {
    for in_front in [true, false] {
        let bench = with_middle(|lines| {
            let redacted = redacted(&lines[1], None);
            let (from, to) = if in_front {
                (",dataHash:", ",data:{forged:true},dataHash:")
            } else {
                (",metadata:", ",data:{forged:true},metadata:")
            };
            lines[1] = redacted.replacen(from, to, 1);
        });
        assert_break(&bench.verify(), Damaged, (&keys()[1], Some(5), "revisions[0]", ""));
    }
}

#[test]
fn a_revision_without_its_metadata_is_found_unless_it_is_a_bare_hash() {
    let bench = with_middle(|lines| {
        let at = lines[1].find(",data:{").unwrap();
        let metadata = lines[1][at..].find(",metadata:{").unwrap() + at;
        let end = lines[1][metadata..].find('}').unwrap() + metadata;
        lines[1].replace_range(at..=end, "");
    });
    assert_break(&bench.verify(), Damaged, (&keys()[1], Some(5), "revisions[0].metadata", ""));
}

#[test]
fn only_block_0_may_name_no_block_before_it() {
    let mut out = Vec::new();
    new_block(STRAND, 4, None, "", true).encode(&mut out).unwrap();
    let bench = Bench::new();
    bench.export(&Layout::default(), &[text(out).trim_end().to_owned()]);
    assert_break(&bench.verify(), Damaged, (".4-4.ion", Some(4), "previousBlockHash", "only block 0"));
}

#[test]
fn an_unreadable_object_is_damage_at_every_level() {
    let last = &keys()[2];
    for level in [Level::Blocks, Level::Contents, Level::Chain] {
        let bench = Bench::of_sample();
        bench.edit(last, |text| text[..text.len() - 40].to_owned());
        assert_break(&bench.verify_with(Levels::of(&[level]), None), Damaged, (last, None, "object", "after block 10"));
    }
    let bench = Bench::of_sample();
    bench.write(last, "");
    assert_break(&bench.verify_with(Levels::of(&[Level::Objects]), None), Damaged, (last, None, "object", "no block"));
}

// What looks odd and is correct

#[test]
fn an_archive_of_only_the_service_s_own_blocks_is_proved_if_accepted() {
    let bench = Bench::new();
    bench.export(&Layout::default(), &journal(STRAND, 6, "", false));
    assert_verdict(&bench.verify(), Unproved);
    let accepted = Accepted { hash_only_blocks: true, ..Accepted::default() };
    let report = bench.verify_accepting(Levels::without_digest(), None, accepted);
    assert_verdict(&report, Proved);
    assert_eq!((report.counts.revisions, report.counts.hash_only, report.counts.proved), (6, 6, 0));
}

#[test]
fn a_removed_transaction_info_leaves_an_unaccounted_entry() {
    let line = SAMPLE[5].clone();
    let begin = line.find(",transactionInfo:").unwrap();
    let end = line.find(",revisions:[").unwrap();
    let bench = with_middle(|lines| lines[1].replace_range(begin..end, ""));
    let report = bench.verify();
    assert_verdict(&report, Unproved);
    assert_eq!(report.counts.unaccounted, Bench::of_sample().verify().counts.unaccounted + 1);
    assert_eq!(report.counts.unaccounted_contents, 1);
}

/// A line whose first revision was redacted: its data replaced by their hash, or by another.
fn redacted(line: &str, data_hash: Option<Hash>) -> Line {
    let begin = line.find(",data:{").unwrap() + ",data:".len();
    let end = line[begin..].find(",metadata:").unwrap() + begin;
    let data = qldb_journal::ion::RawValue::from_text(&line[begin..end]);
    let hash = data_hash.or_else(|| qldb_journal::ion::hash_of(&mut data.reader()).unwrap()).unwrap();
    format!("{},dataHash:{{{{{}}}}}{}", &line[..begin - ",data:".len()], hash.to_base64(), &line[end..])
}

#[test]
fn a_redaction_that_nothing_names_is_proved_only_if_accepted_and_a_wrong_hash_is_found() {
    // Replacing data by their correct hash leaves what a redaction leaves, except for the `redactionInfo` that names
    // it.
    let bench = with_middle(|lines| lines[1] = redacted(&lines[1], None));
    let report = bench.verify();
    assert_verdict(&report, Unproved);
    assert_eq!((report.counts.redacted, report.counts.redactions), (1, 0));
    assert!(report.levels.iter().any(|level| level.reason.as_ref().is_some_and(|why| why.contains("redactionInfo"))));
    let accepted = Accepted { redactions_elsewhere: true, ..Accepted::default() };
    assert_verdict(&bench.verify_accepting(Levels::without_digest(), None, accepted), Proved);
    let bench = with_middle(|lines| lines[1] = redacted(&lines[1], Some(Hash::of(b"other"))));
    assert_break(&bench.verify(), Damaged, (&keys()[1], Some(5), "revisions[0].hash", ""));
}

#[test]
fn numbers_up_to_the_largest_are_proved() {
    for base in [i32::MAX as u64 - 2, u64::from(u32::MAX) - 2, (1 << 53) - 2, i64::MAX as u64 - 2, u64::MAX - 5] {
        for encoding in [Encoding::IonText, Encoding::IonBinary, Encoding::Json] {
            let lines: Vec<Line> = SAMPLE[4..10].iter().map(|line| moved(line, number(line) - 4 + base)).collect();
            let bench = Bench::new();
            bench.export(&Layout { object_size: 2, encoding, ..Layout::default() }, &lines);
            let levels = Levels::of(&[Level::Objects, Level::Blocks, Level::Chain]);
            let report = bench.verify_with(levels, None);
            assert_eq!(report.verdict, Proved, "{base} {encoding:?}: {:#?}", report.breaks);
            let journal = report.only_journal().unwrap();
            assert_eq!((journal.first, journal.last, journal.blocks, journal.digest), (base, base + 5, 6, None));
        }
    }
}

#[test]
fn more_than_a_thousand_objects_are_one_journal() {
    let lines = journal(STRAND, 1_100, "", true);
    let bench = Bench::new();
    let keys = bench.export(&Layout { object_size: 1, ..Layout::default() }, &lines);
    let report = bench.verify();
    assert_verdict(&report, Proved);
    let hashes: Vec<Hash> = blocks(&lines).iter().map(|block| block.links.block_hash).collect();
    assert_eq!(report.only_journal().unwrap().digest, merkle_root(&hashes));
    bench.remove(&keys[1_000]);
    assert_break(&bench.verify(), Incomplete, (&keys[1_000], None, "object", "is missing"));
}

type Way = fn(&str) -> String;

#[test]
fn text_that_is_equal_by_value_is_proved_in_any_white_space_and_spelling_but_not_with_comments() {
    let ways: [(&str, Way, Status); 8] = [
        ("CRLF", |text| text.replace('\n', "\r\n"), Proved),
        ("no newline at the end", |text| text.trim_end().to_owned(), Proved),
        ("blank lines", |text| text.replace('\n', "\n\n \t\n"), Proved),
        (
            "a version marker before each block",
            |text| format!("$ion_1_0 {}", text.replace("\n{", "\n$ion_1_0\n{")),
            Unproved,
        ),
        ("comments", |text| format!("// first\n{}", text.replace("{blockAddress", "/* { */{blockAddress")), Unproved),
        (
            "quoted field names",
            |text| text.replace("entriesHashList:", "\"entriesHashList\":").replace("blockHash:", "'blockHash' : "),
            Proved,
        ),
        (
            "spaces",
            |text| text.replace(",transactionId", " ,\n transactionId").replace("{{", "{{ ").replace("}}", " }}"),
            Proved,
        ),
        ("hexadecimal", |text| text.replace("sequenceNo:5}", "sequenceNo:0x5}"), Proved),
    ];
    for (name, way, expected) in ways {
        let bench = Bench::of_sample();
        bench.edit(&keys()[1], |text| way(&text));
        let report = bench.verify();
        assert_eq!(report.verdict, expected, "{name}: {:#?}", report.breaks);
    }
    let bench = with_middle(|lines| {
        let binary = encoded(lines, Encoding::IonBinary);
        let read: Vec<_> = qldb_journal::BlockReader::new(&binary[..], Encoding::IonText).map(Result::unwrap).collect();
        let mut writer = qldb_journal::BlockWriter::new(Vec::new(), Encoding::IonText);
        read.iter().for_each(|block| writer.write(block).unwrap());
        *lines = text(writer.finish().unwrap()).lines().map(str::to_owned).collect();
    });
    assert_verdict(&bench.verify(), Proved);
}

// Several exports

fn two_exports(first: &[Line], second: &[Line]) -> Bench {
    let bench = Bench::new();
    bench.export(&Layout { id: 'A', prefix: "one/", keys_prefix: "one/", ..Layout::default() }, first);
    bench.export(&Layout { id: 'B', prefix: "two/", keys_prefix: "two/", ..Layout::default() }, second);
    bench
}

#[test]
fn exports_that_overlap_are_one_journal_if_they_hold_the_same() {
    for (first, second) in [(0..8, 6..12), (0..12, 3..5), (3..9, 0..12), (0..12, 0..12)] {
        let report = two_exports(&SAMPLE[first], &SAMPLE[second]).verify();
        assert_verdict(&report, Proved);
        let journal = report.only_journal().unwrap();
        assert_eq!((journal.first, journal.last, journal.blocks), (0, 11, 12));
        assert_eq!(journal.digest, Bench::of_sample().verify().only_journal().unwrap().digest);
    }
}

#[test]
fn exports_that_overlap_and_differ_are_damage() {
    let [one, other] = ["one", "other"].map(|salt| journal(STRAND, 8, salt, true));
    let report = two_exports(&one, &other).verify();
    assert_break(&report, Damaged, (".0-3.ion", Some(0), "blockHash", "different blocks"));
    let mut forked = one.clone();
    let mut out = Vec::new();
    new_block(STRAND, 7, Some(blocks(&one)[6].links.block_hash), "forked", true).encode(&mut out).unwrap();
    forked[7] = text(out).trim_end().to_owned();
    let report = two_exports(&one, &forked[4..]).verify();
    assert_break(
        &report,
        Damaged,
        ("two/2024/03/31/12/JdxjkR9bSYB5jMHWcI464T.4-7.ion", Some(7), "blockHash", "different"),
    );
    let report = two_exports(&one[..6], &other[5..]).verify();
    assert_verdict(&report, Damaged);
    let report = two_exports(&one[..5], &other[5..]).verify();
    assert_break(&report, Damaged, (".5-7.ion", Some(5), "previousBlockHash", "does not name"));
}

#[test]
fn a_gap_between_exports_is_named() {
    let report = two_exports(&SAMPLE[..4], &SAMPLE[8..]).verify();
    assert_break(&report, Incomplete, (&keys()[2], Some(8), "sequenceNo", "missing before this object"));
}

#[test]
fn json_is_unproved_in_its_contents_and_agrees_with_the_ion_of_the_same_blocks() {
    let bench = Bench::new();
    bench.export(&Layout { id: 'A', prefix: "ion/", ..Layout::default() }, &SAMPLE);
    let layout = Layout { id: 'B', prefix: "json/", encoding: Encoding::Json, ..Layout::default() };
    let keys = bench.export(&layout, &SAMPLE);
    let report = bench.verify();
    assert_verdict(&report, Unproved);
    assert!(report.breaks.is_empty(), "{:#?}", report.breaks);
    assert_eq!(report.only_journal().unwrap().blocks, 12);
    bench.edit(&keys[1], |text| text.replacen("\"statement\":\"", "\"statement\":\"X", 1));
    let number = number_of_first(&bench, &keys[1], "\"statement\":\"X");
    assert_break(&bench.verify(), Damaged, (&keys[1], Some(number), "transactionInfo", ""));
}

fn number_of_first(bench: &Bench, key: &str, found: &str) -> u64 {
    4 + text(bench.read(key)).lines().position(|line| line.contains(found)).unwrap() as u64
}

// Digests

fn digest(tip: u64, hash: Option<Hash>) -> SavedDigest {
    let hashes: Vec<Hash> = blocks(&SAMPLE).iter().map(|block| block.links.block_hash).collect();
    let covered = hashes.get(..=usize::try_from(tip).unwrap()).unwrap_or(&hashes);
    SavedDigest { digest: hash.or(merkle_root(covered)).unwrap(), tip, strand_id: Some(strand()) }
}

#[test]
fn a_digest_proves_the_journal_up_to_its_tip_and_no_further() {
    for tip in 0..12 {
        assert_verdict(&Bench::of_sample().against(digest(tip, None)), Proved);
        let wrong = digest(tip, Some(Hash::of(b"wrong")));
        assert_break(&Bench::of_sample().against(wrong), Damaged, ("", Some(tip), "digest", "saved digest"));
    }
    let later = digest(12, None);
    assert_break(&Bench::of_sample().against(later), Incomplete, ("", Some(12), "sequenceNo", "ends before"));
    let bench = Bench::new();
    bench.export(&Layout::default(), &SAMPLE[4..]);
    assert_verdict(&bench.against(digest(11, None)), Unproved);
    let foreign = SavedDigest { strand_id: Some(OTHER_STRAND.to_owned()), ..digest(11, None) };
    assert_verdict(&Bench::of_sample().against(foreign), Unproved);
    let report = two_exports(&SAMPLE[..8], &SAMPLE[6..]).against(digest(9, None));
    assert_verdict(&report, Proved);
}

#[test]
fn a_rewritten_journal_is_right_by_itself_and_not_by_the_digest() {
    let [one, other] = ["one", "other"].map(|salt| journal(STRAND, 8, salt, true));
    let hashes: Vec<Hash> = blocks(&one).iter().map(|block| block.links.block_hash).collect();
    let saved = SavedDigest { digest: merkle_root(&hashes).unwrap(), tip: 7, strand_id: None };
    let bench = Bench::new();
    bench.export(&Layout::default(), &other);
    assert_verdict(&bench.verify(), Proved);
    assert_break(&bench.against(saved), Damaged, ("", Some(7), "digest", "does not hash"));
}

// Places

#[test]
fn an_archive_may_be_moved_and_its_keys_may_lack_the_prefix() {
    for (prefix, keys_prefix) in [
        ("", "old/"),
        ("new/place/", "old/"),
        ("new/place/", ""),
        ("old/", "old"),
        ("old/", "old//"),
        ("old", "old"),
        ("", "old"),
        ("dotted.prefix/", "dotted.prefix/"),
    ] {
        let bench = Bench::new();
        bench.export(&Layout { prefix, keys_prefix, ..Layout::default() }, &SAMPLE);
        let report = bench.verify();
        assert_eq!(report.verdict, Proved, "{prefix} {keys_prefix}: {:#?}", report.breaks);
    }
}

#[test]
fn a_slash_between_prefix_and_key_is_found_without_one_in_the_manifest() {
    let bench = Bench::new();
    // Files are under old/, the manifest says prefix "old" and keys "old2024/…".
    let layout = Layout { prefix: "old/", keys_prefix: "old", ..Layout::default() };
    bench.export(&layout, &SAMPLE);
    assert_verdict(&bench.verify(), Proved);
}

#[test]
fn objects_beside_their_manifest_without_hour_folders_are_found() {
    let bench = Bench::of_sample();
    for key in keys() {
        let bytes = bench.read(&key);
        bench.remove(&key);
        bench.write(key.strip_prefix(HOUR).unwrap(), bytes);
    }
    assert_verdict(&bench.verify(), Proved);
}

#[test]
fn the_same_export_twice_under_two_prefixes_keeps_to_its_own_objects() {
    let bench = Bench::new();
    bench.export(&Layout { prefix: "one/", keys_prefix: "p/", ..Layout::default() }, &SAMPLE);
    let copies = bench.export(&Layout { prefix: "two/", keys_prefix: "p/", ..Layout::default() }, &SAMPLE);
    assert_verdict(&bench.verify(), Proved);
    bench.edit(&copies[1], |text| text.replacen("statement:\"", "statement:\"X", 1));
    let report = bench.verify();
    assert_verdict(&report, Damaged);
    assert!(report.breaks.iter().all(|one| one.key == copies[1]), "{:#?}", report.breaks);
}
