//! Prints what the readers make of Ion, one document a line, for programs in
//! other languages to compare with what theirs make of it.
//!
//!     ion read              documents in base64 from stdin
//!     ion make all|plain SEED COUNT
//!
//! `make` makes documents that no writer would write, `plain` ones that are kinder to readers.
//!
//! A line has the document in base64, `read` or `refused`, and the values or the
//! reason, as JSON: `[["text","hash"],…]` or `"…"`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, missing_docs)]

#[path = "../tests/support/canonical.rs"]
#[allow(dead_code, reason = "the tests use the rest")]
mod canonical;
#[path = "../tests/support/soup.rs"]
mod soup;

use std::io::{self, BufRead as _, BufWriter, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut out = BufWriter::new(io::stdout().lock());
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["read"] => {
            for line in io::stdin().lock().lines() {
                report(&STANDARD.decode(line?)?, &mut out)?;
            }
        }
        ["make", kind @ ("all" | "plain"), seed, count] => {
            let mut random = soup::Random::new(seed.parse()?);
            for number in 0..count.parse::<usize>()? {
                let bytes = random.bytes(20 + number % 280);
                let make = if number % 2 == 0 { soup::text } else { soup::binary };
                let new = if *kind == "plain" { soup::Choices::plain } else { soup::Choices::new };
                report(&make(&mut new(&bytes)), &mut out)?;
            }
        }
        _ => return Err("ion read, or ion make all|plain SEED COUNT".into()),
    }
    Ok(out.flush()?)
}

fn report(document: &[u8], out: &mut impl io::Write) -> io::Result<()> {
    let reported = match canonical::read(document) {
        Ok(values) => {
            // Neither text needs an escape in JSON.
            let values = values.iter().map(|value| format!("[\"{}\",\"{}\"]", value.text, value.hash));
            format!("read\t[{}]", values.collect::<Vec<_>>().join(","))
        }
        Err(reason) => format!("refused\t{:?}", reason.replace(|character: char| !character.is_ascii_graphic(), " ")),
    };
    writeln!(out, "{}\t{reported}", STANDARD.encode(document))
}
