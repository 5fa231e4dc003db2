//! What was removed from an archive, or folded into a hash, is not proved.

use qldb_journal::archive::verify::Status::{self, Damaged, Proved, Unproved};
use qldb_journal::internal::{dot, merkle_root};
use qldb_journal::{Encoding, Hash};

use crate::verify_bench::{Bench, HOUR, Layout, Line, STRAND, new_block, number, text};
use crate::verify_forgeries::{joined, judge_text, lines, whole_bench};
use crate::verify_readers::{Peer, forged};

type Forge = fn(&str) -> Line;
type Fold = fn(&[Hash]) -> Vec<String>;

/// The entries of a block.
fn entries(line: &str) -> (String, Vec<Hash>) {
    let list = line.split("entriesHashList:[").nth(1).unwrap().split(']').next().unwrap();
    let hashes = list.split(',').map(|entry| Hash::from_base64(entry.trim_matches(['{', '}'])).unwrap()).collect();
    (list.to_owned(), hashes)
}

fn blob(hash: Hash) -> String {
    format!("{{{{{}}}}}", hash.to_base64())
}

/// Removes the text from one mark to before another.
pub(crate) fn without(line: &str, from: &str, to: &str) -> Line {
    let begin = line.find(from).unwrap();
    let end = line[begin + 1..].find(to).unwrap() + begin + 1;
    format!("{}{}", &line[..begin], &line[end..])
}

fn without_info(line: &str) -> Line {
    without(line, ",transactionInfo:{", ",revisions:[")
}

fn without_revisions(line: &str) -> Line {
    format!("{}}}", &line[..line.find(",revisions:[").unwrap()])
}

#[test]
fn removed_content_is_not_proved() {
    let forgeries: [(&str, Forge, Status); 8] = [
        ("transactionInfo", without_info, Unproved),
        ("revisions", without_revisions, Damaged),
        ("both", |line| without_revisions(&without_info(line)), Unproved),
        ("data", |line| without(line, ",data:{", ",metadata:{"), Unproved),
        (
            "everything of a revision but its hash",
            |line| {
                let hash = line[line.find(",revisions:[").unwrap()..].split("hash:").nth(1).unwrap();
                let hash = &hash[..hash.find("}}").unwrap() + 2];
                format!("{},revisions:[{{hash:{hash}}}]}}", &line[..line.find(",revisions:[").unwrap()])
            },
            Damaged,
        ),
        (
            "transactionInfo and all but a hash",
            |line| {
                let line = without_info(line);
                let hash = line[line.find(",revisions:[").unwrap()..].split("hash:").nth(1).unwrap();
                let hash = &hash[..hash.find("}}").unwrap() + 2];
                format!("{},revisions:[{{hash:{hash}}}]}}", &line[..line.find(",revisions:[").unwrap()])
            },
            Unproved,
        ),
        ("the block's transactionId", |line| without(line, ",transactionId:", ",blockTimestamp:"), Damaged),
        (
            "a revision's address",
            |line| {
                let at = line.find(",revisions:[{").unwrap() + ",revisions:[{".len();
                let (head, tail) = line.split_at(at);
                format!("{head}{}", &tail[tail.find("},").unwrap() + 2..])
            },
            Unproved,
        ),
    ];
    for (name, forge, verdict) in forgeries {
        let forge = |whole: &str| {
            let mut lines = lines(whole);
            lines[1] = forge(&lines[1]);
            joined(&lines)
        };
        judge_text(name, &forge, (verdict, Peer::Differs));
    }
}

#[test]
fn entries_that_were_folded_are_not_proved() {
    // The roots of all these lists are the same.
    let folds: [(&str, Fold); 6] = [
        ("two of two", |e| vec![blob(dot(e[0], e[1])), blob(dot(e[2], e[3]))]),
        ("all in one", |e| vec![blob(merkle_root(e).unwrap())]),
        ("the second pair", |e| vec![blob(e[0]), blob(e[1]), blob(dot(e[2], e[3]))]),
        ("the first pair", |e| vec![blob(e[2]), blob(e[3]), blob(dot(e[0], e[1]))]),
        ("the pairs exchanged", |e| [2, 3, 0, 1].map(|index| blob(e[index])).to_vec()),
        ("inside the pairs", |e| [1, 0, 3, 2].map(|index| blob(e[index])).to_vec()),
    ];
    for (name, fold) in folds {
        for (what, cut) in [
            ("nothing", (|line| line.to_owned()) as fn(&str) -> Line),
            ("transactionInfo", without_info),
            ("revisions", without_revisions),
            ("both", |line| without_revisions(&without_info(line))),
        ] {
            let forge = |whole: Vec<u8>| {
                let mut lines = lines(&text(whole));
                let (list, hashes) = entries(&lines[1]);
                assert_eq!(hashes.len(), 4);
                lines[1] = cut(&lines[1].replace(&list, &fold(&hashes).join(",")));
                joined(&lines).into_bytes()
            };
            let (report, _) = forged(
                &if what == "nothing" { name.to_owned() } else { format!("{name} without {what}") },
                Encoding::IonText,
                forge,
            );
            let moved_only = what == "nothing" && name == "the pairs exchanged";
            assert_eq!(
                report.verdict == Proved,
                moved_only,
                "{name} without {what}: {:#?} {:?}",
                report.breaks,
                report.counts
            );
        }
    }
}

#[test]
fn a_block_like_the_service_s_own_is_counted_as_one_without_contents() {
    // Nothing distinguishes these from blocks in which nothing happened: the service's own two entries may be any
    // hashes. So the report counts them.
    let bench = whole_bench();
    let before = bench.verify().counts.blocks_without_contents;
    let key = format!("{HOUR}{STRAND}.4-7.ion");
    bench.edit(&key, |whole| {
        let mut lines = lines(&whole);
        let (list, hashes) = entries(&lines[1]);
        let folded =
            format!("{},{{{{}}}},{},{{{{}}}}", blob(dot(hashes[0], hashes[1])), blob(dot(hashes[2], hashes[3])));
        lines[1] = without_revisions(&without_info(&lines[1].replace(&list, &folded)));
        joined(&lines)
    });
    assert_eq!(bench.verify().counts.blocks_without_contents, before + 1);
}

#[test]
fn a_document_s_hidden_revision_is_not_proved() {
    // Two statements changed one document; the second revision is reduced to its hash.
    let mut block = new_block(STRAND, 0, None, "", true);
    let mut second = block.changes[0].clone();
    block.statements.push(block.statements[0].clone());
    (second.version, second.statement) = (1, 1);
    block.changes.push(second);
    let mut out = Vec::new();
    block.encode(&mut out).unwrap();
    let line = text(out).trim_end().to_owned();
    assert_eq!(number(&line), 0);
    let verdict = |line: Line| {
        let bench = Bench::new();
        bench.export(&Layout::default(), &[line]);
        let report = bench.verify();
        (report.verdict, report.counts.hidden)
    };
    assert_eq!(verdict(line.clone()), (Proved, 0));
    let at = line.rfind("{blockAddress").unwrap();
    let hash = line[at..].split("hash:").nth(1).unwrap();
    let hash = &hash[..hash.find("}}").unwrap() + 2];
    assert_eq!(verdict(format!("{}{{hash:{hash}}}]}}", &line[..at])), (Unproved, 1));
}

#[test]
fn a_deletion_is_claimed_only_by_a_covered_statement_of_the_same_document() {
    let verdict = |statement: &str, of_other: bool| {
        let mut block = new_block(STRAND, 0, None, "", true);
        let mut other = block.changes[0].clone();
        let mut delete = block.statements[0].clone();
        delete.text = statement.to_owned();
        block.statements.push(delete);
        (other.document_id, other.statement) = (format!("{:x<22}", "other"), 1);
        if of_other {
            other.data = None;
        }
        block.changes.push(other);
        let mut out = Vec::new();
        block.encode(&mut out).unwrap();
        let line = text(out).trim_end().to_owned();
        // The data of the first document are removed.
        let bench = Bench::new();
        let line = if of_other {
            without(&line, ",data:{", ",metadata:{")
        } else {
            let at = line.rfind(",data:{").unwrap();
            format!("{}{}", &line[..at], without(&line[at..], ",data:{", ",metadata:{"))
        };
        bench.export(&Layout::default(), &[line]);
        bench.verify().verdict
    };
    assert_eq!(verdict("DELETE FROM T WHERE n = 1", true), Unproved);
    for statement in
        ["UPDATE T SET n = 1", "-- DELETE FROM T", "DELETED", "DELETE", "", "INSERT INTO T 'DELETE FROM T'"]
    {
        assert_eq!(verdict(statement, false), Unproved, "{statement}");
    }
}
