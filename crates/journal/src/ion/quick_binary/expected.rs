//! Runs of values that are expected, in Ion binary.

use super::NULL;
use crate::Hash;
use crate::ion::binary_reader::{BinaryReader, timestamp};
use crate::ion::field_names::FieldName;
use crate::ion::numbers::{Int, Magnitude};
use crate::ion::run::{MOST_HASHES, MOST_TEXTS};
use crate::ion::{Found, Kind, LONGEST_NUMBER, LONGEST_RUN, MAX_DEPTH, Run, RunStep, TakeItems, ascii};

impl<'i> BinaryReader<'i> {
    /// Implements [`ReadItems::take_run`](crate::ion::ReadItems::take_run).
    #[inline(never)]
    pub(in crate::ion) fn usual_run<T: TakeItems>(&mut self, run: &'static Run, taker: &mut T) -> bool {
        let (start, depth) = (self.at, self.containers.len());
        let is_possible = self.containers.last().is_some_and(|(holder, _)| *holder == run.holder);
        let (mut texts, mut hashes) = ([""; MOST_TEXTS], [[0; Hash::LENGTH]; MOST_HASHES]);
        let is_possible = is_possible && depth + LONGEST_RUN <= MAX_DEPTH;
        let found = if is_possible { self.find_run(run, depth, &mut texts, &mut hashes) } else { None };
        let Some(is_plain) = found else {
            self.at = start;
            self.containers.truncate(depth);
            return false;
        };
        if run.closes {
            self.containers.pop();
        }
        let (texts, hashes) = (&texts, &hashes);
        taker.take_run(&Found { run, texts, hashes, int: &self.int, time: &self.timestamp, is_plain });
        true
    }

    /// The values of a run, and whether all texts are plain. The reader then is after as many as were found; the holder
    /// stays open, even if it has ended.
    #[inline]
    fn find_run(
        &mut self,
        run: &Run,
        depth: usize,
        texts: &mut [&'i str; MOST_TEXTS],
        hashes: &mut [[u8; Hash::LENGTH]; MOST_HASHES],
    ) -> Option<bool> {
        let mut are_plain = true;
        let (mut texts, mut hashes) = (texts.iter_mut(), hashes.iter_mut());
        for step in &run.steps {
            let (holder, limit) = self.containers.last().copied()?;
            if let RunStep::End(_) = step {
                if self.at != limit {
                    return None;
                }
                if self.containers.len() > depth {
                    self.containers.pop();
                }
                continue;
            }
            let before = self.usual_head(holder, limit)?;
            // A null has no bytes either, and is neither 0 nor an empty text.
            if before.low == NULL || !self.has_name(before.index, step.name()) {
                return None;
            }
            let bytes: &'i [u8] = self.input.get(before.content..before.end)?;
            self.at = before.end;
            match (step, before.code) {
                (RunStep::Begin(_, container), code) if code == container.ion_type().code() => {
                    self.at = before.content;
                    self.containers.push((*container, before.end));
                }
                (RunStep::Value(_, Kind::Text), 0x8) => {
                    let plain = ascii::plain(bytes);
                    are_plain &= plain.is_some();
                    *texts.next()? = plain.or_else(|| std::str::from_utf8(bytes).ok())?;
                }
                (RunStep::Value(_, Kind::Int), 0x2) if bytes.len() <= 8 => {
                    self.int = Int { negative: false, magnitude: Magnitude::from_be_bytes(bytes) };
                }
                (RunStep::Value(_, Kind::Time), 0x6) if bytes.len() <= LONGEST_NUMBER => {
                    self.timestamp = timestamp(bytes).filter(|time| time.utc_millis().is_some())?;
                }
                (RunStep::Value(_, Kind::Hash), 0xA) => {
                    *hashes.next()? = bytes.try_into().ok()?;
                }
                _ => return None,
            }
        }
        Some(are_plain)
    }

    /// Whether a field has the expected name, or a member of a list has none.
    #[inline]
    fn has_name(&self, index: Option<usize>, expected: Option<&FieldName>) -> bool {
        let number = self.names.get(index).and_then(FieldName::number);
        index.is_some() == expected.is_some() && number == expected.and_then(FieldName::number)
    }
}
