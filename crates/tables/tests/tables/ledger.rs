//! A ledger with everything that is awkward in a table, as an export in each format.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use qldb_journal::internal::{Change, NewBlock, Statement};
use qldb_journal::ion::RawValue;
use qldb_journal::{BlockReader, BlockWriter, Encoding, Hash};
use tempfile::TempDir;

pub(crate) const LEDGER: &str = "zoo";
pub(crate) const STRAND: &str = "6BpvY66W8XW94nBQAC0kRi";

/// A journal that grows block by block, in Ion text.
pub(crate) struct Ledger {
    pub(crate) blocks: Vec<Vec<u8>>,
    previous: Option<Hash>,
    start: DateTime<Utc>,
}

/// What one revision is: table, document, version, and its data as Ion text. `Vehicle#2` is another table of the name
/// `Vehicle`.
pub(crate) type Revision<'a> = (&'a str, &'a str, u64, Option<&'a str>);

pub(crate) fn id(text: &str) -> String {
    format!("{text:0<22}")
}

impl Ledger {
    pub(crate) fn new() -> Self {
        Self { blocks: Vec::new(), previous: None, start: "2024-03-01T00:00:00.250Z".parse().unwrap() }
    }

    /// The time of a block: one an hour.
    pub(crate) fn time(&self, number: u64) -> DateTime<Utc> {
        self.start + TimeDelta::hours(i64::try_from(number).unwrap())
    }

    /// Adds a block with these revisions.
    pub(crate) fn commit(&mut self, statement: &str, revisions: &[Revision<'_>]) {
        let number = self.blocks.len() as u64;
        let timestamp = self.time(number);
        let changes = revisions.iter().map(|(table, document, version, data)| Change {
            table_name: table.split('#').next().unwrap_or_default().to_owned(),
            table_id: id(&format!(
                "T{}",
                u64::from_le_bytes(Hash::of(table.as_bytes()).as_bytes()[..8].try_into().unwrap())
            )),
            document_id: id(document),
            version: *version,
            data: data.map(RawValue::from_text),
            statement: 0,
        });
        let statements = vec![Statement { text: statement.to_owned(), start_time: timestamp }];
        let block = NewBlock {
            strand_id: STRAND.to_owned(),
            sequence_no: number,
            previous_block_hash: self.previous,
            transaction_id: id(&format!("tx{number}")),
            timestamp,
            transaction_time: timestamp - TimeDelta::milliseconds(15),
            statements: if statement.is_empty() { Vec::new() } else { statements },
            changes: changes.collect(),
        };
        let mut bytes = Vec::new();
        self.previous = Some(block.encode(&mut bytes).unwrap().block_hash);
        self.blocks.push(bytes);
    }

    /// Changes the text of a block, as somebody would who forges an archive.
    pub(crate) fn forge(&mut self, number: usize, from: &str, to: &str) {
        let text = String::from_utf8(self.blocks[number].clone()).unwrap();
        assert!(text.contains(from), "{text}");
        self.blocks[number] = text.replace(from, to).into_bytes();
    }

    /// Writes blocks of a range as an export.
    pub(crate) fn export(&self, into: &Path, export_id: &str, range: std::ops::Range<usize>, encoding: Encoding) {
        let (first, last) = (range.start, range.end - 1);
        let format = match encoding {
            Encoding::IonText => "ION_TEXT",
            Encoding::IonBinary => "ION_BINARY",
            Encoding::Json => "JSON",
        };
        let extension = if encoding == Encoding::Json { "json" } else { "ion" };
        let (start, end) = (self.time(first as u64), self.time(last as u64) + TimeDelta::minutes(1));
        let export_id = id(export_id);
        // Two objects, where there are two blocks.
        let middle = (first + last).div_ceil(2);
        let parts = [(first, middle), (middle, last + 1)].into_iter().filter(|(first, end)| first < end);
        let mut keys = Vec::new();
        for (first, end) in parts {
            let key = format!("p/2024/03/09/00/{STRAND}.{first}-{}.{extension}", end - 1);
            fs::create_dir_all(into.join(&key).parent().unwrap()).unwrap();
            let text = self.blocks[first..end].concat();
            let mut writer = BlockWriter::new(fs::File::create(into.join(&key)).unwrap(), encoding);
            for block in BlockReader::new(&text[..], Encoding::IonText) {
                writer.write(&block.unwrap()).unwrap();
            }
            writer.finish().unwrap();
            keys.push(format!("\"{key}\""));
        }
        let quote = if encoding == Encoding::Json { "\"" } else { "" };
        let started = format!(
            "{{\"ledgerName\":\"{LEDGER}\",\"exportId\":\"{export_id}\",\"inclusiveStartTime\":{quote}{}{quote},\
             \"exclusiveEndTime\":{quote}{}{quote},\"bucket\":\"b\",\"prefix\":\"p/\",\
             \"objectEncryptionType\":\"NO_ENCRYPTION\",\"outputFormat\":\"{format}\"}}\n",
            start.format("%Y-%m-%dT%H:%M:%S%.3fZ"),
            end.format("%Y-%m-%dT%H:%M:%S%.3fZ"),
        );
        fs::write(into.join(format!("p/{export_id}.started.manifest")), started).unwrap();
        let completed = format!("{{\"keys\":[{}]}}\n", keys.join(","));
        fs::write(into.join(format!("p/{export_id}.{STRAND}.completed.manifest")), completed).unwrap();
    }
}

/// A document with this many fields.
fn wide(fields: usize) -> String {
    let fields: Vec<String> = (0..fields).map(|number| format!("field{number}:{number}")).collect();
    format!("{{{}}}", fields.join(","))
}

/// Every Ion type in its awkward forms, names that are awkward, and documents that come and go.
pub(crate) fn zoo() -> Ledger {
    let mut ledger = Ledger::new();
    ledger.commit("", &[]);
    ledger.commit("CREATE TABLE Types", &[]);
    let types = "{'null':null,b:null.bool,i:null.int,f:null.float,d:null.decimal,t:null.timestamp,s:null.string,\
                 y:null.symbol,c:null.clob,x:null.blob,l:null.list,p:null.sexp,r:null.struct}";
    let numbers = "{small:1,negative:-7,i64:9223372036854775807,beyond:9223372036854775808,\
                   huge:123456789012345678901234567890123456789012345678901234567890,\
                   d38:12345678901234567890.123456789012345678,d:9.50,whole:9.,zero:0.00,tiny:1d-30,long:12345678901d40,\
                   f:8.7e0,e:1e0,pi:3.141592653589793e0,'nan':nan,inf:+inf,minus:-inf}";
    let times = "{y:2024T,m:2024-03T,d:2024-03-01,min:2024-03-01T12:30Z,s:2024-03-01T12:30:15+05:30,\
                 ms:2024-03-01T12:30:15.120-08:00,ns:2024-03-01T12:30:15.123456789Z,unknown:2024-03-01T12:30:15-00:00}";
    let nested = "{a:[1,\"two\",3.0,null,{b:[[],{},()]}],s:(a + b),blob:{{aGVsbG8=}},clob:{{\"h\\x80\"}},\
                  sym:'a b',ann:unit::kg::5,text:\"tab\\t quote\\\" back\\\\ nul\\0 \\u00e4\\U0001F600\"}";
    let names = "{'we\"ird':1,'a.b':2,'with space':3,vin:4,VIN:5,select:6,'':7,'back\\\\slash':8,'new\\nline':9,\
                 'br[0]':10,doc_id:11,'quote\\'s':12,'\"':13,'a\".b':14,'ü':15,'bell\\x07':16}";
    ledger.commit("INSERT INTO Types ?", &[("Types", "nulls", 0, Some(types)), ("Types", "numbers", 0, Some(numbers))]);
    ledger.commit("INSERT INTO Types ?", &[("Types", "times", 0, Some(times)), ("Types", "nested", 0, Some(nested))]);
    ledger.commit("INSERT INTO \"odd 'name\" ?", &[("odd 'name", "names", 0, Some(names))]);
    ledger.commit("INSERT INTO Types ?", &[("Types", "wide", 0, Some(&wide(500))), ("Types", "empty", 0, Some("{}"))]);
    ledger.commit("INSERT INTO Vehicle ?", &[("Vehicle", "car1", 0, Some("{VIN:\"A\",Owner:{Name:\"x\"}}"))]);
    ledger.commit("INSERT INTO vehicle ?", &[("vehicle", "toy1", 0, Some("{vin:\"a\"}"))]);
    ledger.commit("UPDATE Vehicle SET Price = 1.50", &[("Vehicle", "car1", 1, Some("{VIN:\"A\",Price:1.50}"))]);
    ledger.commit("DELETE FROM Vehicle", &[("Vehicle", "car1", 2, None)]);
    // The same vehicle again is another document.
    ledger.commit("INSERT INTO Vehicle ?", &[("Vehicle", "car2", 0, Some("{VIN:\"A\",Price:2}"))]);
    ledger.commit("SELECT * FROM Vehicle", &[]);
    ledger.commit("INSERT INTO revision ?", &[("revision", "own", 0, Some("{data:1,hash:2}"))]);
    ledger.commit("INSERT INTO Types ?", &[("Types", "mixed", 0, Some("{a:[1,\"1\",1.0,true],same:{vin:1,VIN:2}}"))]);
    ledger
}

/// A folder that is removed with the test, and what lies in it.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What lies in it, hidden or not.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().to_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }

    /// The zoo as an export in a format.
    pub(crate) fn zoo(&self, encoding: Encoding) -> PathBuf {
        let ledger = zoo();
        self.export(&ledger, &format!("zoo-{encoding:?}"), 0..ledger.blocks.len(), encoding)
    }

    /// Blocks of a ledger as an export in a folder of its own.
    pub(crate) fn export(
        &self,
        ledger: &Ledger,
        name: &str,
        range: std::ops::Range<usize>,
        encoding: Encoding,
    ) -> PathBuf {
        let folder = self.path(name);
        fs::create_dir_all(&folder).unwrap();
        ledger.export(&folder, name.split('-').next().unwrap_or_default(), range, encoding);
        folder
    }
}

/// The archives of the repository's tests.
pub(crate) fn archive(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/archives").join(name)
}
