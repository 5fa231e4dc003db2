//! Reading and checking blocks, beside SHA-256 of the same bytes. A sample is
//! one data object, so that throughput is bytes of the object a second.
#![allow(missing_docs, clippy::unwrap_used)]

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use qldb_journal::internal::{Change, Checker, Depth, NewBlock, Pieces, Statement};
use qldb_journal::ion::RawValue;
use qldb_journal::{BlockReader, BlockWriter, Encoding};

const BLOCKS: u64 = 2000;
const ENCODINGS: [Encoding; 3] = [Encoding::IonText, Encoding::IonBinary, Encoding::Json];

fn main() {
    divan::main();
}

/// Everything: framing, form, hashes.
#[divan::bench(args = ENCODINGS)]
fn check(bencher: Bencher, encoding: Encoding) {
    read(bencher, encoding, Depth::Contents);
}

/// Every byte is read, and the heads are kept.
#[divan::bench(args = ENCODINGS)]
fn heads(bencher: Bencher, encoding: Encoding) {
    read(bencher, encoding, Depth::Heads);
}

/// From text to each form.
#[divan::bench(args = ENCODINGS)]
fn transcode(bencher: Bencher, encoding: Encoding) {
    let object = object(Encoding::IonText);
    bencher.counter(BytesCount::of_slice(&object)).bench_local(|| rewrite(&object, Encoding::IonText, encoding));
}

/// The peer: SHA-256 of the object's bytes, by the library that TLS uses.
#[divan::bench(args = ENCODINGS)]
fn sha256_of_the_bytes(bencher: Bencher, encoding: Encoding) {
    let object = object(encoding);
    let digest = || aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, black_box(&object));
    bencher.counter(BytesCount::of_slice(&object)).bench_local(digest);
}

fn read(bencher: Bencher, encoding: Encoding, depth: Depth) {
    let object = object(encoding);
    let mut checker = Checker::new(depth);
    bencher.counter(BytesCount::of_slice(&object)).bench_local(|| {
        let mut blocks = 0;
        for piece in Pieces::new(&object[..]) {
            let end = piece.unwrap().read(&mut checker, encoding == Encoding::Json, &mut |block| {
                assert!(block.faults.is_empty());
                blocks += 1;
            });
            assert!(end.failure.is_none());
        }
        assert_eq!(blocks, BLOCKS);
    });
}

fn rewrite(object: &[u8], from: Encoding, to: Encoding) -> Vec<u8> {
    let mut writer = BlockWriter::new(Vec::new(), to);
    for block in BlockReader::new(object, from) {
        writer.write(&block.unwrap()).unwrap();
    }
    writer.finish().unwrap()
}

/// A data object of blocks like those of a vehicle registration.
fn object(encoding: Encoding) -> Vec<u8> {
    let mut text = Vec::new();
    let mut previous = None;
    for number in 0..BLOCKS {
        let links = block(number, previous).encode(&mut text).unwrap();
        previous = Some(links.block_hash);
    }
    if encoding == Encoding::IonText { text } else { rewrite(&text, Encoding::IonText, encoding) }
}

fn block(number: u64, previous_block_hash: Option<qldb_journal::Hash>) -> NewBlock {
    let time = chrono::DateTime::from_timestamp_millis(1_700_000_000_000 + number.cast_signed() * 61_007).unwrap();
    let id = |what: u64| format!("{:022}", number * 1000 + what);
    let vehicle = format!(
        "{{VIN:\"1N4AL11D75C{number:06}\",Type:\"Sedan\",Year:{},Make:\"Mercedes\",Model:\"CLK 350\",Color:\"White\"}}",
        1990 + number % 30
    );
    let registration = format!(
        "{{VIN:\"1N4AL11D75C{number:06}\",LicensePlateNumber:\"LEWISR261LL\",State:\"WA\",PendingPenaltyTicketAmount:90.25,\
         ValidFromDate:2017-08-21,ValidToDate:2020-05-11,Owners:{{PrimaryOwner:{{PersonId:\"{}\"}},SecondaryOwners:[{{PersonId:\"{}\"}}]}}}}",
        id(1),
        id(2)
    );
    let change = |table: &str, document: u64, data: String, statement| Change {
        table_name: table.to_owned(),
        table_id: format!("{table:0>22}"),
        document_id: id(document),
        version: number % 5,
        data: Some(RawValue::from_text(data)),
        statement,
    };
    let statement = |table: &str| Statement { text: format!("INSERT INTO {table} ?"), start_time: time };
    NewBlock {
        strand_id: "JdxjkR9bSYB5jMHWcI464T".to_owned(),
        sequence_no: number,
        previous_block_hash,
        transaction_id: id(3),
        timestamp: time,
        transaction_time: time,
        statements: vec![statement("Vehicle"), statement("VehicleRegistration")],
        changes: vec![change("Vehicle", 4, vehicle, 0), change("VehicleRegistration", 5, registration, 1)],
    }
}
