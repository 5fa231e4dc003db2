//! The usual forms of Ion text in one go: a field whose name occurred before, and a value with
//! neither annotations nor white space nor escapes before or in it.
//!
//! Used only by the reader of Ion text. Any other form is left to it untouched, and what is taken
//! here is what it would have returned: a test compares both.

mod expected;
#[cfg(test)]
mod tests;

use super::cursor::{Grammar, IDENTIFIER, NUMERIC, is_identifier_start};
use super::field_names::FieldName;
use super::literals::{self, DAY, Number, USUAL_TIME};
use super::numbers::Int;
use super::run::{NamedValue, Value};
use super::text_reader::TextReader;
use super::timestamp::Timestamp;
use super::wide::Wide;
use super::{
    Container, Event, IonError, IonType, Item, LONGEST_NUMBER, MAX_DEPTH, ReadItems as _, Scalar, TakeItems, runs,
};
use crate::Hash;

/// What precedes a value.
#[derive(Clone, Copy)]
struct Before<'i> {
    /// Where the last item ended.
    start: usize,
    /// Where the value begins.
    at: usize,
    field: Field<'i>,
}

/// The name of a field.
#[derive(Clone, Copy)]
enum Field<'i> {
    /// None: it is a member of a list.
    None,
    /// A name that occurred before, by its index.
    Met(usize),
    New(&'i str),
}

/// Passes on a value of some length. Each kind is passed on where it is known, so that taking it needs no further
/// check.
macro_rules! give {
    ($reader:ident, $before:ident, $taker:ident, $event:expr, $is_plain:expr, $length:expr) => {{
        if let Field::Met(index) = $before.field {
            $reader.names.follow(index);
        }
        $reader.cursor.at = $before.at + $length;
        let (field, name) = match $before.field {
            Field::None => (None, None),
            Field::Met(index) => {
                let name = $reader.names.get(Some(index));
                (Some(name.map(FieldName::text)), name)
            }
            Field::New(text) => (Some(Some(text)), None),
        };
        let item = Item::new(field, &[], $event).with_hints(name, $is_plain);
        $taker.take($before.start, &item)?;
        Ok(true)
    }};
}

/// The same for a value without parts.
macro_rules! give_scalar {
    ($reader:ident, $before:ident, $taker:ident, $scalar:expr, $length:expr) => {{
        $reader.after_value = true;
        let is_plain = matches!($scalar, Scalar::String(_));
        if let Field::Met(index) = $before.field
            && let Some(name) = $reader.names.get(Some(index))
        {
            let value = Value { scalar: $scalar, is_plain };
            $taker.take_field($before.start, &NamedValue { name, value })?;
            $reader.names.follow(index);
            $reader.cursor.at = $before.at + $length;
            return Ok(true);
        }
        give!($reader, $before, $taker, Event::Scalar($scalar), is_plain, $length)
    }};
}

impl<'i> TextReader<'i> {
    /// Implements [`super::ReadItems::drain_quickly`].
    pub(super) fn drain_usual<T: TakeItems>(&mut self, depth: usize, taker: &mut T) -> Result<bool, IonError> {
        let mut known_depth = usize::MAX;
        loop {
            // Where a container has begun or ended, what follows may be expected.
            if self.containers.len() != known_depth {
                self.give_runs(depth, taker);
                known_depth = self.containers.len();
            }
            let Some(holder) = self.containers.last().copied().filter(|_| known_depth >= depth) else {
                return Ok(true);
            };
            let start = self.cursor.at;
            if self.cursor.bytes().get(start) == Some(&holder.brackets().1) {
                self.cursor.at = start + 1;
                self.containers.pop();
                self.after_value = true;
                self.names.note_end();
                taker.take(start, &Item::end())?;
                continue;
            }
            let Some(before) = self.usual_name(holder) else { return Ok(false) };
            if !self.usual_value(before, taker)? {
                return Ok(false);
            }
        }
    }

    /// The number of bytes before the first quote, backslash or control character.
    #[inline]
    fn plain(&self, text: &[u8], quote: u8) -> usize {
        self.wide.map_or_else(|| runs::plain(text, quote), |wide| wide.plain(text, quote))
    }

    /// The comma, and in a struct the name.
    #[inline]
    fn usual_name(&mut self, holder: Container) -> Option<Before<'i>> {
        let (bytes, start) = (self.cursor.bytes(), self.cursor.at);
        let mut at = start;
        if self.after_value {
            if bytes.get(at) != Some(&b',') || holder == Container::Sexp {
                return None;
            }
            at += 1;
        }
        if holder != Container::Struct {
            return Some(Before { start, at, field: Field::None });
        }
        let rest = bytes.get(at..)?;
        let Some(index) = self.names.at(rest) else { return self.usual_new_name(start, at, rest) };
        let length = self.names.get(Some(index))?.length();
        Some(Before { start, at: at + length, field: Field::Met(index) })
    }

    /// A name that did not occur before: an identifier, or a symbol in quotes, with only a colon between it and the
    /// value.
    #[inline(never)]
    fn usual_new_name(&mut self, start: usize, at: usize, rest: &[u8]) -> Option<Before<'i>> {
        let (quotes, length) = match rest {
            // Without a text between the quotes, there may be three of them.
            [b'\'', quoted @ ..] => (1, 2 + Some(runs::plain(quoted, b'\'')).filter(|length| *length > 0)?),
            _ => (0, usual_identifier(rest)?),
        };
        if quotes > 0 && rest.get(length - 1) != Some(&b'\'') {
            return None;
        }
        let [b':', after, ..] = rest.get(length..)? else { return None };
        if *after <= b' ' || matches!(after, b'/' | b':') || self.cursor.grammar == Grammar::Json {
            return None;
        }
        let text = self.cursor.slice(at + quotes, at + length - quotes);
        let field = self.names.met(rest, length + 1, text).map_or(Field::New(text), Field::Met);
        Some(Before { start, at: at + length + 1, field })
    }

    /// A value, or the beginning of one with parts.
    #[inline]
    fn usual_value<T: TakeItems>(&mut self, before: Before<'i>, taker: &mut T) -> Result<bool, IonError> {
        let is_ion = self.cursor.grammar == Grammar::Ion;
        match self.cursor.bytes().get(before.at..).unwrap_or_default() {
            [b'"', text @ ..] => {
                let length = self.plain(text, b'"');
                if text.get(length) != Some(&b'"') {
                    return Ok(false);
                }
                let text = self.cursor.slice(before.at + 1, before.at + 1 + length);
                give_scalar!(self, before, taker, Scalar::String(text), length + 2)
            }
            [b'{', b'{', lob @ ..] if is_ion => {
                let mut decoded = [0; Hash::LENGTH];
                let Some((bytes, length)) = usual_blob(self.wide, lob, &mut decoded) else { return Ok(false) };
                give_scalar!(self, before, taker, Scalar::Blob(bytes), length)
            }
            [b'{', after, ..] if *after != b'{' && self.containers.len() < MAX_DEPTH => {
                self.containers.push(Container::Struct);
                self.after_value = false;
                give!(self, before, taker, Event::Begin(Container::Struct), false, 1)
            }
            [b'[', ..] if self.containers.len() < MAX_DEPTH => {
                self.containers.push(Container::List);
                self.after_value = false;
                give!(self, before, taker, Event::Begin(Container::List), false, 1)
            }
            rest @ [b'0'..=b'9' | b'-', ..] => self.usual_number(rest, before, taker),
            [b't', b'r', b'u', b'e', after @ ..] if ends_value(after) => {
                give_scalar!(self, before, taker, Scalar::Bool(true), 4)
            }
            [b'f', b'a', b'l', b's', b'e', after @ ..] if ends_value(after) => {
                give_scalar!(self, before, taker, Scalar::Bool(false), 5)
            }
            [b'n', b'u', b'l', b'l', after @ ..] if ends_value(after) => {
                give_scalar!(self, before, taker, Scalar::Null(IonType::Null), 4)
            }
            [b'n', b'u', b'l', b'l', b'.', name @ ..] if is_ion => {
                let Some((ion_type, length)) = usual_type(name) else { return Ok(false) };
                give_scalar!(self, before, taker, Scalar::Null(ion_type), 5 + length)
            }
            rest if is_ion => self.usual_symbol(rest, before, taker),
            _ => Ok(false),
        }
    }

    /// A symbol, with or without quotes.
    fn usual_symbol<T: TakeItems>(&mut self, rest: &[u8], before: Before<'i>, taker: &mut T) -> Result<bool, IonError> {
        let (quotes, length) = match rest {
            [b'\'', text @ ..] => (1, self.plain(text, b'\'')),
            _ => (0, usual_identifier(rest).unwrap_or_default()),
        };
        let after = rest.get(quotes + length..).unwrap_or_default();
        let after = if quotes > 0 { after.strip_prefix(b"'").unwrap_or_default() } else { after };
        if !ends_value(after) || quotes + length == 0 {
            return Ok(false);
        }
        let text = self.cursor.slice(before.at + quotes, before.at + quotes + length);
        give_scalar!(self, before, taker, Scalar::Symbol(Some(text)), 2 * quotes + length)
    }

    /// A number or a timestamp.
    #[inline]
    fn usual_number<T: TakeItems>(&mut self, rest: &[u8], before: Before<'i>, taker: &mut T) -> Result<bool, IonError> {
        let is_ion = self.cursor.grammar == Grammar::Ion;
        if let Some(time) = usual_time(rest).filter(|_| is_ion) {
            self.timestamp = time;
            return give_scalar!(self, before, taker, Scalar::Timestamp(&self.timestamp), USUAL_TIME);
        }
        if let Some(day) = usual_day(rest).filter(|_| is_ion) {
            self.timestamp = day;
            return give_scalar!(self, before, taker, Scalar::Timestamp(&self.timestamp), DAY);
        }
        let length = rest.iter().position(|byte| !NUMERIC[usize::from(*byte)]).unwrap_or(rest.len());
        let (digits, after) = rest.split_at_checked(length).unwrap_or((rest, &[]));
        if !ends_value(after) {
            return Ok(false);
        }
        if let Some(value) = literals::short_integer(digits) {
            self.int = Int::from(value);
            return give_scalar!(self, before, taker, Scalar::Int(&self.int), length);
        }
        if !is_ion || length > LONGEST_NUMBER {
            return Ok(false);
        }
        match literals::read(self.cursor.slice(before.at, before.at + length)) {
            Some(Number::Decimal(value)) => {
                self.decimal = value;
                give_scalar!(self, before, taker, Scalar::Decimal(&self.decimal), length)
            }
            Some(Number::Timestamp(value)) => {
                self.timestamp = value;
                give_scalar!(self, before, taker, Scalar::Timestamp(&self.timestamp), length)
            }
            _ => Ok(false),
        }
    }
}

/// The length of an identifier that is a symbol of its own text, whatever follows.
#[inline]
fn usual_identifier(rest: &[u8]) -> Option<usize> {
    let length = rest.iter().position(|byte| !IDENTIFIER[usize::from(*byte)])?;
    let text = rest.get(..length)?;
    let is_symbol = is_identifier_start(*text.first()?) && !text.starts_with(b"$");
    (is_symbol && !matches!(text, b"null" | b"true" | b"false" | b"nan")).then_some(length)
}

/// The type that a null has, and the length of its name.
fn usual_type(rest: &[u8]) -> Option<(IonType, usize)> {
    let length = rest.iter().position(|byte| !byte.is_ascii_lowercase())?;
    let (name, after) = rest.split_at_checked(length)?;
    let ion_type = IonType::of_name(name)?;
    ends_value(after).then_some((ion_type, length))
}

/// A timestamp of the usual form, with nothing of the value after it.
#[inline]
fn usual_time(rest: &[u8]) -> Option<Timestamp> {
    let (text, after) = rest.split_first_chunk::<USUAL_TIME>()?;
    if ends_value(after) { literals::usual_time(text) } else { None }
}

/// A day, with nothing of the value after it.
#[inline]
fn usual_day(rest: &[u8]) -> Option<Timestamp> {
    let (text, after) = rest.split_first_chunk::<DAY>()?;
    if ends_value(after) { literals::day(text) } else { None }
}

/// Whether the next bytes end a number or a word, regardless of what comes later.
#[inline]
fn ends_value(after: &[u8]) -> bool {
    matches!(after, [b',' | b'}' | b']', ..])
}

/// A blob that is empty or a hash, and its length including its braces; the text given begins after the first two.
#[inline]
fn usual_blob<'b>(wide: Option<Wide>, text: &[u8], decoded: &'b mut [u8; Hash::LENGTH]) -> Option<(&'b [u8], usize)> {
    if text.starts_with(b"}}") {
        return Some((&[], 4));
    }
    let (characters, after) = text.split_first_chunk::<{ Hash::BASE64_LENGTH }>()?;
    if !after.starts_with(b"}}") {
        return None;
    }
    decode_hash(wide, characters, decoded)?;
    Some((decoded, Hash::BASE64_LENGTH + 4))
}

/// Decodes the base64 of a hash.
#[inline]
fn decode_hash(
    wide: Option<Wide>,
    characters: &[u8; Hash::BASE64_LENGTH],
    decoded: &mut [u8; Hash::LENGTH],
) -> Option<()> {
    if let Some(wide) = wide {
        return wide.decode_hash(characters, decoded).then_some(());
    }
    if !characters.ends_with(b"=") || characters.ends_with(b"==") {
        return None;
    }
    base64_simd::STANDARD.decode(characters, base64_simd::Out::from_slice(decoded)).ok().map(|_| ())
}
