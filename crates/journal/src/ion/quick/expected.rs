//! Expected fields, in sequence, in Ion text.

use super::{ends_value, usual_blob, usual_time};
use crate::ion::cursor::NUMERIC;
use crate::ion::literals::{self, USUAL_TIME};
use crate::ion::numbers::Int;
use crate::ion::text_reader::TextReader;
use crate::ion::{IonError, Kind, LONGEST_RUN, Run, Scalar, TakeItems, Value, runs};

impl<'i> TextReader<'i> {
    /// Takes the expected fields after the beginning of a struct: all of them, or none.
    pub(super) fn usual_run<T: TakeItems>(&mut self, run: &'static Run, taker: &mut T) -> Result<(), IonError> {
        let start = self.cursor.at;
        let mut hash = [0; 32];
        let mut texts = [""; LONGEST_RUN];
        let Some(end) = self.find_run(run, &mut texts, &mut hash) else { return Ok(()) };
        self.cursor.at = end;
        self.after_value = true;
        self.names.note_run(self.containers.len());
        let (int, timestamp, hash) = (&self.int, &self.timestamp, &hash[..]);
        let values = std::array::from_fn::<_, LONGEST_RUN, _>(|place| {
            let kind = run.fields.get(place).map_or(Kind::Text, |(_, kind)| *kind);
            let scalar = match kind {
                Kind::Text => Scalar::String(texts[place]),
                Kind::Int => Scalar::Int(int),
                Kind::Time => Scalar::Timestamp(timestamp),
                Kind::Hash => Scalar::Blob(hash),
            };
            Value { scalar, is_plain: kind == Kind::Text }
        });
        taker.take_run(start, run, values.get(..run.fields.len()).unwrap_or_default())
    }

    /// The values of a run's fields, and where the last one ends.
    #[inline]
    fn find_run(&mut self, run: &Run, texts: &mut [&'i str; LONGEST_RUN], hash: &mut [u8; 32]) -> Option<usize> {
        let bytes = self.cursor.bytes();
        let mut at = self.cursor.at;
        for (place, ((name, kind), text)) in run.fields.iter().zip(texts).enumerate() {
            if place > 0 {
                let b',' = bytes.get(at)? else { return None };
                at += 1;
            }
            if !name.begins(bytes.get(at..)?.first_chunk()?) {
                return None;
            }
            at += name.length();
            let rest = bytes.get(at..)?;
            at += match kind {
                Kind::Text => {
                    let [b'"', inside @ ..] = rest else { return None };
                    let length = runs::plain(inside, b'"');
                    let b'"' = inside.get(length)? else { return None };
                    *text = self.cursor.slice(at + 1, at + 1 + length);
                    length + 2
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
                    let (_, length) =
                        usual_blob(rest.strip_prefix(b"{{")?, hash).filter(|(bytes, _)| bytes.len() == 32)?;
                    length
                }
            };
        }
        Some(at)
    }
}
