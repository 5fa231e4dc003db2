//! Small archives, laid out by hand so that one thing at a time can be wrong with them.

use std::path::PathBuf;
use std::sync::LazyLock;

use qldb_journal::archive::source::{Folder, Source};
use qldb_journal::archive::verify::{Accepted, Break, Level, Levels, Report, Request, SavedDigest, Status, verify};
use qldb_journal::internal::{Change, NewBlock, Statement};
use qldb_journal::ion::RawValue;
use qldb_journal::{BlockReader, BlockWriter, Encoding, Hash, RawBlock};
use tempfile::TempDir;

use crate::engine_support::{Site, completed, sample, time};

pub(crate) const STRAND: &str = "JdxjkR9bSYB5jMHWcI464T";
pub(crate) const OTHER_STRAND: &str = "KmA3ZZca7vAIiJAK9S5Iwl";
pub(crate) const HOUR: &str = "2024/03/31/12/";

/// A block as one line of Ion text.
pub(crate) type Line = String;

/// The journal of an engine's sample as it was exported: 12 blocks.
pub(crate) static SAMPLE: LazyLock<Vec<Line>> = LazyLock::new(|| {
    let site = Site::new();
    let engine = site.open();
    sample(&engine, "sample", 12);
    completed(&engine, &site.request("sample", 31));
    let data = site.objects().into_iter().filter(|(key, _)| key.contains("/12/"));
    data.flat_map(|(_, bytes)| text(bytes).lines().map(str::to_owned).collect::<Vec<_>>()).collect()
});

pub(crate) fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// The blocks of some lines.
pub(crate) fn blocks(lines: &[Line]) -> Vec<RawBlock> {
    BlockReader::new(lines.join("\n").as_bytes(), Encoding::IonText).map(Result::unwrap).collect()
}

/// The blocks of some lines, as one object.
pub(crate) fn encoded(lines: &[Line], encoding: Encoding) -> Vec<u8> {
    let mut writer = BlockWriter::new(Vec::new(), encoding);
    blocks(lines).iter().for_each(|block| writer.write(block).unwrap());
    writer.finish().unwrap()
}

/// A journal of the service's own blocks, or with an insert in each; a different `salt` makes a different one.
pub(crate) fn journal(strand: &str, count: u64, salt: &str, inserts: bool) -> Vec<Line> {
    let mut previous = None;
    let mut lines = Vec::new();
    for number in 0..count {
        let mut out = Vec::new();
        let made = new_block(strand, number, previous, salt, inserts).encode(&mut out).unwrap();
        previous = Some(made.block_hash);
        lines.push(text(out).trim_end().to_owned());
    }
    lines
}

pub(crate) fn new_block(strand: &str, number: u64, previous: Option<Hash>, salt: &str, insert: bool) -> NewBlock {
    let timestamp = time("2024-03-01T00:00:00Z") + chrono::TimeDelta::seconds(number.min(1 << 20).cast_signed());
    let id = |what: &str| format!("{:x<22}", format!("{what}{salt}{number}"));
    let change = Change {
        table_name: "T".to_owned(),
        table_id: id("t"),
        document_id: id("d"),
        version: 0,
        data: Some(RawValue::from_text(format!("{{n:{number}}}"))),
        statement: 0,
    };
    NewBlock {
        strand_id: strand.to_owned(),
        sequence_no: number,
        previous_block_hash: previous,
        transaction_id: id("x"),
        timestamp,
        transaction_time: timestamp,
        statements: if insert {
            vec![Statement { text: "INSERT INTO T ?".to_owned(), start_time: timestamp }]
        } else {
            vec![]
        },
        changes: if insert { vec![change] } else { vec![] },
    }
}

/// The sequence number that a line states.
pub(crate) fn number(line: &str) -> u64 {
    let digits = line.split("sequenceNo:").nth(1).unwrap();
    digits.split('}').next().unwrap().parse().unwrap()
}

fn strand(line: &str) -> &str {
    line.split('"').nth(1).unwrap()
}

/// A line whose block has another position; no hash covers the position.
pub(crate) fn moved(line: &str, to: u64) -> Line {
    line.replace(&format!("sequenceNo:{}}}", number(line)), &format!("sequenceNo:{to}}}"))
}

/// The layout of an export.
#[derive(Clone)]
pub(crate) struct Layout<'a> {
    pub(crate) id: char,
    pub(crate) prefix: &'a str,
    pub(crate) keys_prefix: &'a str,
    pub(crate) object_size: usize,
    pub(crate) encoding: Encoding,
    pub(crate) range: [&'a str; 2],
}

impl Default for Layout<'_> {
    fn default() -> Self {
        Self {
            id: 'A',
            prefix: "",
            keys_prefix: "",
            object_size: 4,
            encoding: Encoding::IonText,
            range: ["2000-01-01T00:00:00.000Z", "2100-01-01T00:00:00.000Z"],
        }
    }
}

impl Layout<'_> {
    pub(crate) fn export_id(&self) -> String {
        self.id.to_string().repeat(22)
    }

    pub(crate) fn started(&self) -> String {
        let [start, end] = self.range;
        let format = if self.encoding == Encoding::Json { ",outputFormat:\"JSON\"" } else { "" };
        format!(
            "{{ledgerName:\"l\",exportId:\"{}\",inclusiveStartTime:{start},exclusiveEndTime:{end},bucket:\"b\",prefix:\"{}\",objectEncryptionType:\"NO_ENCRYPTION\"{format}}}",
            self.export_id(),
            self.keys_prefix
        )
    }

    pub(crate) fn started_key(&self) -> String {
        format!("{}{}.started.manifest", self.prefix, self.export_id())
    }

    pub(crate) fn completed_key(&self, strand: &str) -> String {
        format!("{}{}.{strand}.completed.manifest", self.prefix, self.export_id())
    }
}

pub(crate) fn keys_manifest(keys: &[String]) -> String {
    format!("{{keys:{keys:?}}}")
}

/// A folder with an archive.
pub(crate) struct Bench {
    folder: TempDir,
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// One export of the sample.
    pub(crate) fn of_sample() -> Self {
        let bench = Self::new();
        bench.export(&Layout::default(), &SAMPLE);
        bench
    }

    /// Writes an export; returns the keys of its data objects.
    pub(crate) fn export(&self, layout: &Layout<'_>, lines: &[Line]) -> Vec<String> {
        let strand = lines.first().map_or(STRAND, |line| strand(line));
        let extension = if layout.encoding == Encoding::Json { "json" } else { "ion" };
        let mut tails = Vec::new();
        for object in lines.chunks(layout.object_size) {
            let (first, last) = (number(&object[0]), number(object.last().unwrap()));
            let tail = format!("{HOUR}{strand}.{first}-{last}.{extension}");
            self.write(&format!("{}{tail}", layout.prefix), encoded(object, layout.encoding));
            tails.push(tail);
        }
        let under = |prefix: &str| tails.iter().map(|tail| format!("{prefix}{tail}")).collect::<Vec<_>>();
        self.write(&layout.started_key(), layout.started());
        self.write(&layout.completed_key(strand), keys_manifest(&under(layout.keys_prefix)));
        under(layout.prefix)
    }

    pub(crate) fn path(&self, key: &str) -> PathBuf {
        self.folder.path().join(key)
    }

    pub(crate) fn write(&self, key: &str, bytes: impl AsRef<[u8]>) {
        std::fs::create_dir_all(self.path(key).parent().unwrap()).unwrap();
        std::fs::write(self.path(key), bytes).unwrap();
    }

    pub(crate) fn read(&self, key: &str) -> Vec<u8> {
        std::fs::read(self.path(key)).unwrap()
    }

    pub(crate) fn remove(&self, key: &str) {
        std::fs::remove_file(self.path(key)).unwrap();
    }

    pub(crate) fn edit(&self, key: &str, change: impl FnOnce(String) -> String) {
        self.write(key, change(text(self.read(key))));
    }

    pub(crate) fn verify(&self) -> Report {
        self.verify_with(Levels::without_digest(), None)
    }

    pub(crate) fn against(&self, digest: SavedDigest) -> Report {
        self.verify_with(Levels::without_digest().with(Level::Digest), Some(digest))
    }

    pub(crate) fn verify_with(&self, levels: Levels, digest: Option<SavedDigest>) -> Report {
        self.verify_accepting(levels, digest, Accepted::default())
    }

    pub(crate) fn verify_accepting(&self, levels: Levels, digest: Option<SavedDigest>, accepted: Accepted) -> Report {
        let sources: Vec<Box<dyn Source>> = vec![Box::new(Folder::new(self.folder.path()))];
        let request = Request::new(&sources).levels(levels).digest(digest).accepting(accepted);
        verify(&request).unwrap()
    }
}

/// Fails unless this is the verdict.
#[track_caller]
pub(crate) fn assert_verdict(report: &Report, expected: Status) {
    assert_eq!(report.verdict, expected, "{:#?}\n{:?}", report.breaks, report.levels);
}

/// Fails unless this is the verdict, and a break names this object, block, field and problem.
#[track_caller]
pub(crate) fn assert_break(report: &Report, verdict: Status, expected: (&str, Option<u64>, &str, &str)) {
    assert_verdict(report, verdict);
    let (key, sequence_no, field, problem) = expected;
    let reported = |one: &&Break| {
        one.key.ends_with(key)
            && one.sequence_no == sequence_no
            && one.field == field
            && one.problem.contains(problem)
            && !(one.expected.is_empty() && one.found.is_empty() && verdict == Status::Damaged)
    };
    assert!(report.breaks.iter().any(|one| reported(&one)), "{expected:?} is not among {:#?}", report.breaks);
}
