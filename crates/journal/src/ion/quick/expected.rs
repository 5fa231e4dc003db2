//! Runs of values that are expected, in Ion text.

use super::{decode_hash, ends_value, usual_time};
use crate::Hash;
use crate::ion::cursor::{Grammar, NUMERIC};
use crate::ion::field_names::Spelling;
use crate::ion::literals::{self, USUAL_TIME};
use crate::ion::numbers::Int;
use crate::ion::run::{LONGEST_RUN, MOST_HASHES, MOST_TEXTS};
use crate::ion::text_reader::TextReader;
use crate::ion::{Found, Kind, MAX_DEPTH, Run, TakeItems};

impl<'i> TextReader<'i> {
    /// Implements [`ReadItems::take_run`](crate::ion::ReadItems::take_run).
    #[inline(never)]
    pub(in crate::ion) fn usual_run<T: TakeItems>(&mut self, run: &'static Run, taker: &mut T) -> bool {
        let (mut texts, mut hashes) = ([""; MOST_TEXTS], [[0; Hash::LENGTH]; MOST_HASHES]);
        let is_possible = self.containers.last() == Some(&run.holder)
            && self.containers.len() + LONGEST_RUN <= MAX_DEPTH
            && self.cursor.grammar == Grammar::Ion;
        let end = if is_possible { self.find_run(run, &mut texts, &mut hashes) } else { None };
        let Some(end) = end else { return false };
        self.cursor.at = end;
        self.after_value = run.ends_after_value();
        if run.closes {
            self.containers.pop();
        }
        self.containers.extend_from_slice(&run.opened);
        self.names.note_run(self.containers.len());
        let (texts, hashes) = (&texts, &hashes);
        let found = Found { run, texts, hashes, int: &self.int, time: &self.timestamp, is_plain: true };
        taker.take_run(&found);
        true
    }

    /// The values of a run, and where it ends.
    #[inline]
    fn find_run(
        &mut self,
        run: &Run,
        texts: &mut [&'i str; MOST_TEXTS],
        hashes: &mut [[u8; Hash::LENGTH]; MOST_HASHES],
    ) -> Option<usize> {
        let bytes = self.cursor.bytes();
        let mut at = self.cursor.at;
        let (mut texts, mut hashes) = (texts.iter_mut(), hashes.iter_mut());
        if self.after_value {
            let b',' = bytes.get(at)? else { return None };
            at += 1;
        }
        for (before, kind) in &run.values {
            at += length_of(before, bytes.get(at..)?)?;
            let rest = bytes.get(at..)?;
            at += match kind {
                // The quote after it is the beginning of what follows.
                Kind::Text => {
                    let length = self.plain(rest, b'"');
                    *texts.next()? = self.cursor.slice(at, at + length);
                    length
                }
                Kind::Int => {
                    let length = rest.iter().position(|byte| !NUMERIC[usize::from(*byte)])?;
                    let (digits, after) = rest.split_at_checked(length)?;
                    let value = literals::short_integer(digits).filter(|_| ends_value(after))?;
                    self.int = Int::from(u64::try_from(value).ok()?);
                    length
                }
                Kind::Time => {
                    self.timestamp = usual_time(rest)?;
                    USUAL_TIME
                }
                Kind::Hash => {
                    decode_hash(self.wide, rest.first_chunk()?, hashes.next()?)?;
                    Hash::BASE64_LENGTH
                }
            };
        }
        Some(at + length_of(&run.rest, bytes.get(at..)?)?)
    }
}

/// The length of an expected text, if what is ahead begins with it.
#[inline]
fn length_of(expected: &Spelling, ahead: &[u8]) -> Option<usize> {
    expected.begins(ahead.first_chunk()?).then_some(expected.length())
}
