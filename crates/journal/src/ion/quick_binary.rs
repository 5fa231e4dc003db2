//! The usual forms of Ion binary in one go: a field whose name occurred before, and a value without
//! annotations or padding.
//!
//! Used only by the reader of Ion binary. Any other form is left to it untouched, and what is taken
//! here is what it would have returned: a test compares both.

mod expected;

use super::binary_reader::{BinaryReader, NULL, decimal, negative, timestamp};
use super::numbers::{Int, Magnitude};
use super::run::{NamedValue, Value};
use super::{
    Container, Event, IonError, IonType, Item, LONGEST_NUMBER, MAX_DEPTH, ReadItems as _, Scalar, TakeItems, ascii,
};

/// What precedes the content of a value.
#[derive(Clone, Copy)]
struct Before {
    /// Where the last item ended.
    start: usize,
    /// The index of the field's name among those that occurred.
    index: Option<usize>,
    code: u8,
    low: u8,
    /// Where the content begins.
    content: usize,
    end: usize,
}

/// Passes on a value after which the reader continues. Each kind is passed on where it is known, so that taking it
/// needs no further check.
macro_rules! give {
    ($reader:ident, $before:ident, $taker:ident, $event:expr, $next:expr) => {{
        $reader.at = $next;
        let name = $reader.names.get($before.index);
        let item = Item::new(name.map(|name| Some(name.text())), &[], $event).with_hints(name, false);
        $taker.take($before.start, &item)?;
        Ok(true)
    }};
}

/// The same for a value without parts.
macro_rules! give_scalar {
    ($reader:ident, $before:ident, $taker:ident, $scalar:expr) => {
        give_scalar!($reader, $before, $taker, $scalar, false)
    };
    ($reader:ident, $before:ident, $taker:ident, $scalar:expr, $is_plain:expr) => {{
        if let Some(name) = $reader.names.get($before.index) {
            let value = Value { scalar: $scalar, is_plain: $is_plain };
            $taker.take_field($before.start, &NamedValue { name, value })?;
            $reader.at = $before.end;
            return Ok(true);
        }
        give!($reader, $before, $taker, Event::Scalar($scalar), $before.end)
    }};
}

impl<'i> BinaryReader<'i> {
    /// Implements [`super::ReadItems::drain_quickly`].
    pub(super) fn drain_usual<T: TakeItems>(&mut self, depth: usize, taker: &mut T) -> Result<bool, IonError> {
        let mut known_depth = usize::MAX;
        loop {
            // Where a container has begun or ended, what follows may be expected.
            if self.containers.len() != known_depth {
                self.give_runs(depth, taker);
                known_depth = self.containers.len();
            }
            let innermost = self.containers.last().copied().filter(|_| known_depth >= depth);
            let Some((holder, limit)) = innermost else { return Ok(true) };
            if self.at == limit {
                self.containers.pop();
                taker.take(limit, &Item::end())?;
                continue;
            }
            let Some(before) = self.usual_head(holder, limit) else { return Ok(false) };
            if !self.usual_value(before, taker)? {
                return Ok(false);
            }
        }
    }

    /// The field's symbol, and the head of a value that ends within its container.
    #[inline]
    fn usual_head(&self, holder: Container, limit: usize) -> Option<Before> {
        let start = self.at;
        let mut rest = self.input.get(start..limit)?;
        let mut index = None;
        if holder == Container::Struct {
            let (symbol, after) = short_var_uint(rest)?;
            index = Some(self.names.of_id(symbol)?);
            rest = after;
        }
        let (descriptor, after) = rest.split_first()?;
        let (code, low) = (descriptor >> 4, descriptor & 0xF);
        let (length, after) = match (code, low) {
            (0x1, _) | (0x0..=0xD, NULL) => (0, after),
            (0x2..=0xD, 0xE) => short_var_uint(after)?,
            (0xD, 0x1) => return None,
            (0x2..=0xD, _) => (usize::from(low), after),
            _ => return None,
        };
        let content = limit - after.len();
        (length <= after.len()).then_some(Before { start, index, code, low, content, end: content + length })
    }

    #[inline]
    fn usual_value<T: TakeItems>(&mut self, before: Before, taker: &mut T) -> Result<bool, IonError> {
        let bytes: &'i [u8] = self.input.get(before.content..before.end).unwrap_or_default();
        match before.code {
            _ if before.low == NULL => {
                let Some(ion_type) = IonType::of_code(before.code) else { return Ok(false) };
                give_scalar!(self, before, taker, Scalar::Null(ion_type))
            }
            0x8 => {
                if let Some(text) = ascii::plain(bytes) {
                    return give_scalar!(self, before, taker, Scalar::String(text), true);
                }
                let Ok(text) = std::str::from_utf8(bytes) else { return Ok(false) };
                give_scalar!(self, before, taker, Scalar::String(text))
            }
            0xA => give_scalar!(self, before, taker, Scalar::Blob(bytes)),
            0x7 => {
                let Some(id) = self.symbol(bytes).filter(|_| bytes.len() <= LONGEST_NUMBER) else { return Ok(false) };
                give_scalar!(self, before, taker, Scalar::Symbol(self.symbols.resolve(id).flatten()))
            }
            0x9 => give_scalar!(self, before, taker, Scalar::Clob(bytes)),
            0xB if self.containers.len() < MAX_DEPTH => {
                self.containers.push((Container::List, before.end));
                give!(self, before, taker, Event::Begin(Container::List), before.content)
            }
            0xD if self.containers.len() < MAX_DEPTH => {
                self.containers.push((Container::Struct, before.end));
                give!(self, before, taker, Event::Begin(Container::Struct), before.content)
            }
            0x1 if before.low < 2 => give_scalar!(self, before, taker, Scalar::Bool(before.low == 1)),
            0x2..=0x6 if bytes.len() <= LONGEST_NUMBER => self.usual_number(bytes, before, taker),
            _ => Ok(false),
        }
    }

    #[inline]
    fn usual_number<T: TakeItems>(&mut self, bytes: &[u8], before: Before, taker: &mut T) -> Result<bool, IonError> {
        match before.code {
            0x2 => {
                self.int = Int { negative: false, magnitude: Magnitude::from_be_bytes(bytes) };
                give_scalar!(self, before, taker, Scalar::Int(&self.int))
            }
            0x3 => {
                let Some(int) = negative(bytes) else { return Ok(false) };
                self.int = int;
                give_scalar!(self, before, taker, Scalar::Int(&self.int))
            }
            0x5 => {
                let Some(decimal) = decimal(bytes) else { return Ok(false) };
                self.decimal = decimal;
                give_scalar!(self, before, taker, Scalar::Decimal(&self.decimal))
            }
            0x6 => {
                let Some(timestamp) = timestamp(bytes) else { return Ok(false) };
                self.timestamp = timestamp;
                give_scalar!(self, before, taker, Scalar::Timestamp(&self.timestamp))
            }
            _ => Ok(false),
        }
    }
}

/// A variable-length unsigned integer of one or two bytes, and the rest.
#[inline]
fn short_var_uint(bytes: &[u8]) -> Option<(usize, &[u8])> {
    match bytes {
        [last @ 0x80..=0xFF, rest @ ..] => Some((usize::from(last & 0x7F), rest)),
        [first, last @ 0x80..=0xFF, rest @ ..] => Some((usize::from(*first) << 7 | usize::from(last & 0x7F), rest)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::ion::given::{self, Given};
    use crate::ion::{BinaryWriter, TextReader};

    fn read(bytes: &[u8], is_quick: bool) -> (Given, Result<usize, IonError>) {
        let mut reader = BinaryReader::new(bytes, Arc::default());
        if is_quick {
            reader.know(&["a"]);
        }
        given::read(reader, is_quick)
    }

    const MEMBERS: [&str; 27] = [
        "a:\"x\"",
        "a:\"a text that is longer than thirteen bytes\"",
        "b:1",
        "b:-1",
        "b:0",
        "a:12.5",
        "a:-0.",
        "b:2024-03-01T00:00:00.000Z",
        "b:2024T",
        "c:{}",
        "c:{a:1,b:{c:[1,2,[]]}}",
        "d:[]",
        "d:(a b)",
        "a:x::1",
        "a:true",
        "a:null.int",
        "a:null",
        "a:1e0",
        "a:{{aGk=}}",
        "a:{{\"c\"}}",
        "a:sym",
        "e:123456789012345678901234567890",
        "a:null.bool",
        "b:null.symbol",
        "b:null.struct",
        "a:$0",
        "d:[null.list,x,'a b']",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

        #[test]
        fn the_quick_way_gives_what_the_slow_one_does(
            members in proptest::collection::vec(0..MEMBERS.len(), 1..10),
            altered in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
            cut in any::<prop::sample::Index>(),
        ) {
            let body: Vec<&str> = members.iter().map(|member| MEMBERS[*member]).collect();
            let text = format!("{{{}}} {{{}}}", body.join(","), body.join(","));
            let mut reader = TextReader::new(text.as_bytes(), Arc::default());
            let mut writer = BinaryWriter::default();
            while let Some(item) = reader.next_item().unwrap() {
                writer.write(&item);
            }
            let mut bytes = writer.take();
            prop_assert_eq!(read(&bytes, true), read(&bytes, false));
            let part = &bytes[..cut.index(bytes.len())];
            prop_assert_eq!(read(part, true), read(part, false));
            for (index, byte) in altered {
                let index = index.index(bytes.len());
                bytes[index] = byte;
                prop_assert_eq!(read(&bytes, true), read(&bytes, false));
            }
        }
    }
}
