//! The readers of Ion and of blocks: compared with ion-rs, and with themselves when the same bytes
//! come in other pieces.

use std::io::Read;

use qldb_journal::internal::{Checker, Depth, Pieces};
use qldb_journal::{BlockReader, Encoding};

use super::dripping::Dripping;
use super::soup::{self, Choices};
use super::{Target, canonical, judge};

/// Ion text: the input itself, and the text that the generator makes from it.
pub(crate) struct Text;

impl Target for Text {
    fn check(&mut self, input: &[u8]) -> Result<(), String> {
        let made = soup::text(&mut Choices::new(input));
        for text in [input, &made] {
            judge::disagreement(text).map_or(Ok(()), Err)?;
            check_padded(text)?;
        }
        Ok(())
    }
}

/// The same for Ion binary.
pub(crate) struct Binary;

impl Target for Binary {
    fn check(&mut self, input: &[u8]) -> Result<(), String> {
        let whole =
            [&[0xE0, 0x01, 0x00, 0xEA], input.strip_prefix(&[0xE0, 0x01, 0x00, 0xEA]).unwrap_or(input)].concat();
        let made = soup::binary(&mut Choices::new(input));
        for binary in [whole, made] {
            judge::disagreement(&binary).map_or(Ok(()), Err)?;
            check_padded(&binary)?;
        }
        Ok(())
    }
}

/// Checks that a stream is read the same after so much white space or padding that a buffer ends in its middle.
fn check_padded(stream: &[u8]) -> Result<(), String> {
    const BUFFER: usize = 256 << 10;
    let is_binary = stream.first() == Some(&0xE0);
    let (begin, rest) = stream.split_at(if is_binary { stream.len().min(4) } else { 0 });
    let before = BUFFER - stream.len().min(BUFFER) / 2;
    let filler = vec![if is_binary { 0 } else { b' ' }; before];
    // Padding can't follow the marker of another version, or an incomplete marker.
    if is_binary && !begin.starts_with(&[0xE0, 0x01, 0x00, 0xEA]) {
        return Ok(());
    }
    let padded = [begin, &filler, rest].concat();
    let (plain, padded) = (canonical::read(stream), canonical::read(&padded));
    match (&plain, &padded) {
        (Ok(one), Ok(other)) if one == other => Ok(()),
        (Err(_), Err(_)) => Ok(()),
        _ => Err(format!("{plain:?}\nbut after {before} bytes {padded:?}")),
    }
}

/// Blocks, with both readers of blocks.
pub(crate) struct Blocks;

impl Target for Blocks {
    fn check(&mut self, input: &[u8]) -> Result<(), String> {
        for encoding in [Encoding::IonText, Encoding::Json] {
            let whole = read(input, input.len() + 1, encoding);
            for step in [1, 7, 300] {
                let dripped = read(input, step, encoding);
                if dripped != whole {
                    return Err(format!("{step} bytes at a time {dripped:?}\nat once {whole:?}"));
                }
            }
            let (plain, padded) = (checked(input, 0, encoding), checked(input, pad(input), encoding));
            if plain != padded {
                return Err(format!("in one piece {plain:?}\nin two {padded:?}"));
            }
            if plain.0.len() != whole.0.len() {
                return Err(format!("checked {plain:?}\nread {whole:?}"));
            }
        }
        Ok(())
    }
}

/// The bytes of each block, and the error if one could not be read.
fn read(input: &[u8], step: usize, encoding: Encoding) -> (Vec<Vec<u8>>, Option<String>) {
    let (mut blocks, mut failure) = (Vec::new(), None);
    for block in BlockReader::new(Dripping { bytes: input, step }, encoding) {
        match block {
            Ok(block) => blocks.push(block.bytes().to_vec()),
            Err(error) => failure = Some(error.to_string()),
        }
    }
    (blocks, failure)
}

/// How many line ends must precede the input so that a piece ends in its middle. None may precede binary.
fn pad(input: &[u8]) -> usize {
    const PIECE: usize = 1 << 20;
    if input.first() == Some(&0xE0) { 0 } else { PIECE - input.len().min(PIECE) / 2 }
}

/// What a check of the blocks finds after so many line ends, and whether it had to stop.
fn checked(input: &[u8], before: usize, encoding: Encoding) -> (Vec<String>, bool) {
    let filler = vec![b'\n'; before];
    let mut checker = Checker::new(Depth::Contents);
    let mut found = Vec::new();
    let mut pieces = Pieces::new(filler.as_slice().chain(input));
    let Some(Ok(mut piece)) = pieces.next() else { return (found, false) };
    loop {
        let mut blocks = Vec::new();
        let end = piece.read(&mut checker, encoding == Encoding::Json, &mut |block| {
            blocks.push(format!("{} {:?} {:?}", block.sequence_no, block.faults, block.counts));
        });
        found.append(&mut blocks);
        if let Some(failure) = end.failure {
            return (found, !failure.reason.is_empty());
        }
        let Some(next) = pieces.next() else { return (found, false) };
        let next = next.expect("slices can be read");
        piece = if piece.is_followed_by(&end, &next) { next } else { piece.rest_before(end, &next) };
    }
}
