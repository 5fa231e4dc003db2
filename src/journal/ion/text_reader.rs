//! Reads Ion text. JSON is read as the Ion text that it is.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::numbers::{Decimal, Int, Magnitude};
use super::timestamp::{Fraction, Parts, Timestamp};
use super::{Container, Event, IonError, IonType, Item, MAX_DEPTH, Scalar, SymbolTable};

/// A number with more characters than this is refused: reading one takes time that grows with its square.
const LONGEST_NUMBER: usize = 1 << 20;

/// Reads the items of some Ion text.
#[derive(Debug)]
pub struct TextReader<'i> {
    cursor: Cursor<'i>,
    symbols: Arc<SymbolTable>,
    containers: Vec<Container>,
    /// Whether a value stands before the cursor in the same list or struct.
    after_value: bool,
    annotations: Vec<Option<String>>,
    field: Token<'i>,
    token: Token<'i>,
    lob: Vec<u8>,
}

/// A text that stands in the input, or was put together from it.
type Text<'i> = Cow<'i, str>;

/// A symbol-like token: what it says, or that its text is unknown.
type Token<'i> = Option<Text<'i>>;

/// A value as the grammar sees it, before it borrows from the reader.
enum Raw {
    Null(IonType),
    Bool(bool),
    Int(Int),
    Float(f64),
    Decimal(Decimal),
    Timestamp(Timestamp),
    Symbol,
    String,
    Clob,
    Blob,
    Begin(Container),
    End,
}

/// What a token that may be a symbol turned out to be.
enum Word<'i> {
    Symbol(Token<'i>),
    Keyword(&'i str),
}

impl<'i> TextReader<'i> {
    /// Reads text under a table of symbols that `$10` and the like refer to.
    pub fn new(input: &'i [u8], symbols: Arc<SymbolTable>) -> Self {
        Self {
            cursor: Cursor { input, at: 0 },
            symbols,
            containers: Vec::new(),
            after_value: false,
            annotations: Vec::new(),
            field: None,
            token: None,
            lob: Vec::new(),
        }
    }

    /// The offset of what was not read yet.
    pub fn offset(&self) -> usize {
        self.cursor.at
    }

    /// The next item, or none at the end of the text.
    pub fn next_item(&mut self) -> Result<Option<Item<'_>>, IonError> {
        self.annotations.clear();
        self.field = None;
        let Some(raw) = self.next_raw()? else { return Ok(None) };
        let in_struct = !matches!(raw, Raw::End) && self.in_struct_before(&raw);
        let field = in_struct.then_some(self.field.as_deref());
        let token = self.token.as_deref();
        let scalar = match raw {
            Raw::Begin(container) => {
                return Ok(Some(Item { field, annotations: &self.annotations, event: Event::Begin(container) }));
            }
            Raw::End => return Ok(Some(Item::end())),
            Raw::Null(ion_type) => Scalar::Null(ion_type),
            Raw::Bool(value) => Scalar::Bool(value),
            Raw::Int(value) => Scalar::Int(value),
            Raw::Float(value) => Scalar::Float(value),
            Raw::Decimal(value) => Scalar::Decimal(value),
            Raw::Timestamp(value) => Scalar::Timestamp(value),
            Raw::Symbol => Scalar::Symbol(token),
            Raw::String => Scalar::String(token.unwrap_or_default()),
            Raw::Clob => Scalar::Clob(&self.lob),
            Raw::Blob => Scalar::Blob(&self.lob),
        };
        Ok(Some(Item { field, annotations: &self.annotations, event: Event::Scalar(scalar) }))
    }

    /// Whether the value just read is a struct's field; a container that begins is already on the stack.
    fn in_struct_before(&self, raw: &Raw) -> bool {
        let above = usize::from(matches!(raw, Raw::Begin(_)));
        let parent = self.containers.len().checked_sub(above + 1);
        parent.is_some_and(|index| self.containers[index] == Container::Struct)
    }

    fn next_raw(&mut self) -> Result<Option<Raw>, IonError> {
        self.cursor.skip_blank()?;
        let Some(container) = self.containers.last().copied() else {
            return if self.cursor.is_at_end() { Ok(None) } else { self.value(false).map(Some) };
        };
        if self.after_value && container != Container::Sexp && self.cursor.eat(b',') {
            self.after_value = false;
            self.cursor.skip_blank()?;
        }
        if self.cursor.eat(closing(container)) {
            self.containers.pop();
            self.after_value = true;
            return Ok(Some(Raw::End));
        }
        if self.after_value && container != Container::Sexp {
            return Err(self.cursor.unexpected("a comma or the end of the container"));
        }
        if container == Container::Struct {
            self.field_name()?;
        }
        self.value(container == Container::Sexp).map(Some)
    }

    fn field_name(&mut self) -> Result<(), IonError> {
        let name = match self.cursor.peek() {
            Some(b'"') => Some(self.cursor.string()?),
            Some(b'\'') if self.cursor.looks_at(b"'''") => Some(self.cursor.long_string()?),
            _ => match self.word()? {
                Some(Word::Symbol(token)) => token,
                Some(Word::Keyword(keyword)) => {
                    return Err(self.cursor.error(format!("{keyword} must be quoted as a field name")));
                }
                None => return Err(self.cursor.unexpected("a field name")),
            },
        };
        self.field = name;
        self.cursor.skip_blank()?;
        if !self.cursor.eat(b':') || self.cursor.peek() == Some(b':') {
            return Err(self.cursor.unexpected("a colon after the field name"));
        }
        self.cursor.skip_blank()
    }

    /// Annotations and the value after them.
    fn value(&mut self, in_sexp: bool) -> Result<Raw, IonError> {
        self.after_value = true;
        loop {
            if self.cursor.looks_at(b"'''") {
                self.token = Some(self.cursor.long_string()?);
                return Ok(Raw::String);
            }
            let Some(word) = self.word()? else { return self.value_without_word(in_sexp) };
            let end = self.cursor.at;
            self.cursor.skip_blank()?;
            if self.cursor.looks_at(b"::") {
                let Word::Symbol(token) = word else {
                    return Err(self.cursor.error("a keyword must be quoted as an annotation"));
                };
                self.cursor.at += 2;
                self.annotations.push(token.map(Cow::into_owned));
                self.cursor.skip_blank()?;
                continue;
            }
            self.cursor.at = end;
            return match word {
                Word::Keyword(keyword) => self.keyword(keyword),
                Word::Symbol(token) => {
                    self.token = token;
                    Ok(Raw::Symbol)
                }
            };
        }
    }

    fn value_without_word(&mut self, in_sexp: bool) -> Result<Raw, IonError> {
        match self.cursor.peek() {
            Some(b'"') => {
                self.token = Some(self.cursor.string()?);
                Ok(Raw::String)
            }
            Some(b'{') if self.cursor.looks_at(b"{{") => self.lob(),
            Some(b'{') => self.begin(Container::Struct),
            Some(b'[') => self.begin(Container::List),
            Some(b'(') => self.begin(Container::Sexp),
            Some(byte) if byte.is_ascii_digit() => self.number(),
            Some(b'-') if self.cursor.peek_at(1).is_some_and(|byte| byte.is_ascii_digit()) => self.number(),
            Some(b'+' | b'-') if self.cursor.infinity() => self.number(),
            Some(byte) if in_sexp && is_operator(byte) => Ok(self.operator()),
            _ => Err(self.cursor.unexpected("a value")),
        }
    }

    fn begin(&mut self, container: Container) -> Result<Raw, IonError> {
        if self.containers.len() >= MAX_DEPTH {
            return Err(self.cursor.error(format!("more than {MAX_DEPTH} containers inside one another")));
        }
        self.cursor.at += 1;
        self.containers.push(container);
        self.after_value = false;
        Ok(Raw::Begin(container))
    }

    fn operator(&mut self) -> Raw {
        let run = self.cursor.take_while(is_operator);
        self.token = Some(Cow::Owned(run.iter().map(|byte| char::from(*byte)).collect()));
        Raw::Symbol
    }

    /// An identifier, a quoted symbol, a symbol id or a keyword, if one stands here.
    fn word(&mut self) -> Result<Option<Word<'i>>, IonError> {
        match self.cursor.peek() {
            Some(b'\'') => self.cursor.quoted_symbol().map(|text| Some(Word::Symbol(Some(text)))),
            Some(byte) if is_identifier_start(byte) => self.identifier().map(Some),
            _ => Ok(None),
        }
    }

    fn identifier(&mut self) -> Result<Word<'i>, IonError> {
        let start = self.cursor.at;
        let bytes = self.cursor.take_while(is_identifier_part);
        // Identifiers are ASCII by their definition.
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        if let Some(id) = symbol_id(text) {
            let found = id.and_then(|id| self.symbols.resolve(id));
            let found =
                found.ok_or_else(|| IonError::new(start, format!("the symbol {text} is not in the symbol table")))?;
            return Ok(Word::Symbol(found.map(|text| Cow::Owned(text.to_owned()))));
        }
        match text {
            "null" | "true" | "false" | "nan" => Ok(Word::Keyword(text)),
            _ => Ok(Word::Symbol(Some(Cow::Borrowed(text)))),
        }
    }

    fn keyword(&mut self, keyword: &str) -> Result<Raw, IonError> {
        match keyword {
            "true" => Ok(Raw::Bool(true)),
            "false" => Ok(Raw::Bool(false)),
            "nan" => Ok(Raw::Float(f64::NAN)),
            _ => self.null(),
        }
    }

    fn null(&mut self) -> Result<Raw, IonError> {
        if !self.cursor.eat(b'.') {
            return Ok(Raw::Null(IonType::Null));
        }
        let name = self.cursor.take_while(is_identifier_part);
        let ion_type = IonType::ALL.into_iter().find(|ion_type| ion_type.name().as_bytes() == name);
        ion_type.map(Raw::Null).ok_or_else(|| self.cursor.error("no Ion type has the name after null."))
    }

    fn number(&mut self) -> Result<Raw, IonError> {
        let start = self.cursor.at;
        let bytes = self.cursor.take_while(|byte| byte.is_ascii_alphanumeric() || b"_.+-:".contains(&byte));
        let refuse = |reason: &str| IonError::new(start, reason);
        if bytes.len() > LONGEST_NUMBER {
            return Err(refuse("a number has more than a million characters"));
        }
        let stops = self.cursor.is_at_end() || self.cursor.at_numeric_stop();
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        let read = if is_timestamp(bytes) { timestamp(text).map(Raw::Timestamp) } else { numeric(text) };
        read.filter(|_| stops).ok_or_else(|| refuse("not a number or timestamp"))
    }

    fn lob(&mut self) -> Result<Raw, IonError> {
        self.cursor.at += 2;
        self.cursor.skip_white();
        self.lob.clear();
        let raw = match self.cursor.peek() {
            Some(b'"') => {
                self.cursor.clob(b"\"", &mut self.lob)?;
                Raw::Clob
            }
            Some(b'\'') => {
                while self.cursor.looks_at(b"'''") {
                    self.cursor.clob(b"'''", &mut self.lob)?;
                    self.cursor.skip_white();
                }
                Raw::Clob
            }
            _ => {
                self.cursor.blob(&mut self.lob)?;
                Raw::Blob
            }
        };
        self.cursor.skip_white();
        if !self.cursor.looks_at(b"}}") {
            return Err(self.cursor.unexpected("}} at the end of a blob or clob"));
        }
        self.cursor.at += 2;
        Ok(raw)
    }
}

fn closing(container: Container) -> u8 {
    match container {
        Container::List => b']',
        Container::Sexp => b')',
        Container::Struct => b'}',
    }
}

fn is_identifier_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_' || byte == b'$'
}

fn is_identifier_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$'
}

fn is_operator(byte: u8) -> bool {
    b"!#%&*+-./;<=>?@^`|~".contains(&byte)
}

/// The id in `$10`; `Some(None)` if it has the form but no machine word holds it.
fn symbol_id(text: &str) -> Option<Option<usize>> {
    let digits = text.strip_prefix('$')?;
    let is_id = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then(|| digits.parse().ok())
}

fn is_timestamp(bytes: &[u8]) -> bool {
    let year = bytes.len() > 4 && bytes[..4].iter().all(u8::is_ascii_digit);
    year && matches!(bytes[4], b'-' | b'T')
}

/// An integer, decimal or float.
fn numeric(text: &str) -> Option<Raw> {
    match text {
        "+inf" => return Some(Raw::Float(f64::INFINITY)),
        "-inf" => return Some(Raw::Float(f64::NEG_INFINITY)),
        _ => {}
    }
    let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let lower = unsigned.as_bytes().get(1).map(u8::to_ascii_lowercase);
    match (unsigned.starts_with('0'), lower) {
        (true, Some(b'x')) => return integer(negative, &unsigned[2..], 16).map(Raw::Int),
        (true, Some(b'b')) => return integer(negative, &unsigned[2..], 2).map(Raw::Int),
        _ => {}
    }
    if let Some((mantissa, exponent)) = unsigned.split_once(['e', 'E']) {
        return float(negative, mantissa, exponent).map(Raw::Float);
    }
    if unsigned.contains(['.', 'd', 'D']) {
        return decimal(negative, unsigned).map(Raw::Decimal);
    }
    has_no_leading_zero(unsigned).then(|| integer(negative, unsigned, 10).map(Raw::Int)).flatten()
}

fn has_no_leading_zero(digits: &str) -> bool {
    digits == "0" || !digits.starts_with('0')
}

/// Digits in which single underscores may stand between two digits.
fn plain_digits(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('_') {
        return Some(Cow::Borrowed(text));
    }
    let misplaced = text.starts_with('_') || text.ends_with('_') || text.contains("__");
    (!misplaced).then(|| Cow::Owned(text.replace('_', "")))
}

fn integer(negative: bool, digits: &str, radix: u32) -> Option<Int> {
    let digits = plain_digits(digits)?;
    let magnitude = Magnitude::from_digits(digits.as_bytes(), radix)?;
    Some(Int { negative: negative && !magnitude.is_zero(), magnitude })
}

/// The digits before and after the point.
fn mantissa(text: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = (plain_digits(whole)?, plain_digits(fraction)?);
    let well_formed = !whole.is_empty() && has_no_leading_zero(&whole) && digits(&whole) && digits(&fraction);
    well_formed.then_some((whole, fraction))
}

fn exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let well_formed = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    well_formed.then(|| text.parse().ok()).flatten()
}

fn float(negative: bool, digits: &str, power: &str) -> Option<f64> {
    let (whole, fraction) = mantissa(digits)?;
    let well_formed =
        !power.is_empty() && power.trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit());
    let sign = if negative { "-" } else { "" };
    well_formed.then(|| format!("{sign}{whole}.{fraction}0e{power}").parse().ok()).flatten()
}

fn decimal(negative: bool, text: &str) -> Option<Decimal> {
    let (digits, power) =
        text.split_once(['d', 'D']).map_or((text, 0), |(digits, power)| (digits, exponent(power).unwrap_or(i64::MAX)));
    let (whole, fraction) = mantissa(digits).filter(|_| power != i64::MAX)?;
    let magnitude = Magnitude::from_digits(format!("{whole}{fraction}").as_bytes(), 10)?;
    let exponent = power.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    Some(Decimal { coefficient: Int { negative, magnitude }, exponent })
}

impl Timestamp {
    /// Reads the Ion text form.
    pub fn parse(text: &str) -> Option<Self> {
        is_timestamp(text.as_bytes()).then(|| timestamp(text)).flatten()
    }
}

fn timestamp(text: &str) -> Option<Timestamp> {
    let mut parts = Parts { year: number_of(text.get(..4)?)?, ..Parts::default() };
    let rest = text.get(4..)?;
    if rest == "T" {
        return parts.local();
    }
    parts.month = Some(number_of(rest.strip_prefix('-')?.get(..2)?)?);
    let rest = rest.get(3..)?;
    if rest == "T" {
        return parts.local();
    }
    parts.day = Some(number_of(rest.strip_prefix('-')?.get(..2)?)?);
    let rest = rest.get(3..)?;
    match rest.strip_prefix('T') {
        None if rest.is_empty() => parts.local(),
        None => None,
        Some("") => parts.local(),
        Some(time) => time_of_day(parts, time),
    }
}

fn time_of_day(mut parts: Parts, text: &str) -> Option<Timestamp> {
    parts.time = Some((number_of(text.get(..2)?)?, number_of(text.get(2..)?.strip_prefix(':')?.get(..2)?)?));
    let mut rest = text.get(5..)?;
    if let Some(seconds) = rest.strip_prefix(':') {
        parts.second = Some(number_of(seconds.get(..2)?)?);
        rest = seconds.get(2..)?;
        if let Some(fraction) = rest.strip_prefix('.') {
            let digits =
                fraction.len() - fraction.trim_start_matches(|character: char| character.is_ascii_digit()).len();
            let value = Magnitude::from_digits(&fraction.as_bytes()[..digits], 10)?;
            parts.fraction = Some(Fraction::new(u32::try_from(digits).ok()?, value)?);
            rest = fraction.get(digits..)?;
        }
    }
    parts.offset = offset(rest)?;
    parts.local()
}

/// Minutes from UTC; `Some(None)` for the unknown offset.
fn offset(text: &str) -> Option<Option<i16>> {
    if text == "Z" {
        return Some(Some(0));
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes) = (i16::try_from(two_digits(hours)?).ok()?, i16::try_from(two_digits(minutes)?).ok()?);
    let unknown = sign < 0 && hours == 0 && minutes == 0;
    let in_range = hours < 24 && minutes < 60;
    in_range.then_some((!unknown).then_some(sign * (60 * hours + minutes)))
}

fn two_digits(text: &str) -> Option<u32> {
    (text.len() == 2).then(|| number_of(text)).flatten()
}

fn number_of(digits: &str) -> Option<u32> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

/// A place in the input, and the tokens that need nothing but the input.
#[derive(Debug)]
struct Cursor<'i> {
    input: &'i [u8],
    at: usize,
}

impl<'i> Cursor<'i> {
    fn error(&self, reason: impl Into<String>) -> IonError {
        IonError::new(self.at, reason)
    }

    fn unexpected(&self, wanted: &str) -> IonError {
        let found = match self.peek() {
            None => "the end".to_owned(),
            Some(byte) if byte.is_ascii_graphic() => format!("{:?}", char::from(byte)),
            Some(byte) => format!("byte 0x{byte:02x}"),
        };
        self.error(format!("expected {wanted}, found {found}"))
    }

    fn is_at_end(&self) -> bool {
        self.at >= self.input.len()
    }

    fn rest(&self) -> &'i [u8] {
        self.input.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    fn peek_at(&self, distance: usize) -> Option<u8> {
        self.input.get(self.at + distance).copied()
    }

    fn looks_at(&self, bytes: &[u8]) -> bool {
        self.rest().starts_with(bytes)
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn take_while(&mut self, accepted: impl Fn(u8) -> bool) -> &'i [u8] {
        let rest = self.rest();
        let length = rest.iter().position(|byte| !accepted(*byte)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn infinity(&self) -> bool {
        self.rest().get(1..4) == Some(b"inf") && !self.peek_at(4).is_some_and(is_identifier_part)
    }

    fn at_numeric_stop(&self) -> bool {
        let byte = self.peek().unwrap_or(b' ');
        b"{}[](),\"' \t\n\r\x0b\x0c".contains(&byte) || self.looks_at(b"//") || self.looks_at(b"/*")
    }

    fn skip_white(&mut self) {
        self.take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c));
    }

    /// White space and comments.
    fn skip_blank(&mut self) -> Result<(), IonError> {
        loop {
            self.skip_white();
            if self.looks_at(b"//") {
                self.take_while(|byte| byte != b'\n' && byte != b'\r');
            } else if self.looks_at(b"/*") {
                let end =
                    memchr::memmem::find(&self.rest()[2..], b"*/").ok_or_else(|| self.error("a comment has no end"))?;
                self.at += 2 + end + 2;
            } else {
                return Ok(());
            }
        }
    }

    fn string(&mut self) -> Result<Text<'i>, IonError> {
        self.short_text(b'"')
    }

    fn quoted_symbol(&mut self) -> Result<Text<'i>, IonError> {
        self.short_text(b'\'')
    }

    /// A text between two quotes on one line; borrowed if it holds no escape.
    fn short_text(&mut self, quote: u8) -> Result<Text<'i>, IonError> {
        let start = self.at;
        self.at += 1;
        let plain = self.take_while(|byte| byte != quote && byte != b'\\' && !is_line_end(byte));
        if self.eat(quote) {
            return utf8(plain, start + 1).map(Cow::Borrowed);
        }
        let mut text = utf8(plain, start + 1)?.to_owned();
        while !self.eat(quote) {
            self.piece(&mut text, |byte| byte != quote && byte != b'\\' && !is_line_end(byte), start)?;
        }
        Ok(Cow::Owned(text))
    }

    /// `'''…'''`, several of which in a row are one string.
    fn long_string(&mut self) -> Result<Text<'i>, IonError> {
        let start = self.at;
        let mut text = String::new();
        while self.looks_at(b"'''") {
            self.at += 3;
            while !self.looks_at(b"'''") {
                if self.eat(b'\'') {
                    text.push('\'');
                } else if !self.line_end(&mut text) {
                    self.piece(&mut text, |byte| !matches!(byte, b'\'' | b'\\' | b'\r'), start)?;
                }
            }
            self.at += 3;
            self.skip_blank()?;
        }
        Ok(Cow::Owned(text))
    }

    /// In a long string every line end is one line feed.
    fn line_end(&mut self, text: &mut String) -> bool {
        let found = self.eat(b'\r');
        if found {
            self.eat(b'\n');
            text.push('\n');
        }
        found
    }

    /// A run of plain characters, or one escape.
    fn piece(&mut self, text: &mut String, plain: impl Fn(u8) -> bool, start: usize) -> Result<(), IonError> {
        if self.eat(b'\\') {
            return self.escape(text);
        }
        let at = self.at;
        let run = self.take_while(plain);
        if run.is_empty() {
            let reason = if self.is_at_end() { "a string or symbol has no end" } else { "a line end must be escaped" };
            return Err(IonError::new(if self.is_at_end() { start } else { at }, reason));
        }
        text.push_str(utf8(run, at)?);
        Ok(())
    }

    /// What stands after a backslash.
    fn escape(&mut self, text: &mut String) -> Result<(), IonError> {
        let start = self.at - 1;
        let byte = self.peek().ok_or_else(|| self.error("a string or symbol has no end"))?;
        self.at += 1;
        let digits = match byte {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            b'\n' => return Ok(()),
            b'\r' => {
                self.eat(b'\n');
                return Ok(());
            }
            _ => {
                let simple = simple_escape(byte).ok_or_else(|| IonError::new(start, "no such escape"))?;
                text.push(char::from(simple));
                return Ok(());
            }
        };
        let mut code = self.hexadecimal(digits)?;
        if byte == b'u' && (0xD800..0xDC00).contains(&code) && self.looks_at(b"\\u") {
            self.at += 2;
            let low = self.hexadecimal(4)?;
            let pair = (0xDC00..0xE000).contains(&low);
            code = if pair { 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) } else { code };
        }
        text.push(char::from_u32(code).ok_or_else(|| IonError::new(start, "not a Unicode character"))?);
        Ok(())
    }

    fn hexadecimal(&mut self, digits: usize) -> Result<u32, IonError> {
        let slice = self.rest().get(..digits).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let hexadecimal = slice.filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = hexadecimal.and_then(|text| u32::from_str_radix(text, 16).ok());
        let code = code.ok_or_else(|| self.error(format!("expected {digits} hexadecimal digits")))?;
        self.at += digits;
        Ok(code)
    }

    /// The bytes of a clob between two marks.
    fn clob(&mut self, mark: &[u8], out: &mut Vec<u8>) -> Result<(), IonError> {
        let long = mark.len() > 1;
        self.at += mark.len();
        while !self.looks_at(mark) {
            let byte = self.peek().ok_or_else(|| self.error("a clob has no end"))?;
            self.at += 1;
            match byte {
                b'\\' => self.clob_escape(out)?,
                b'\r' if long => {
                    self.eat(b'\n');
                    out.push(b'\n');
                }
                b'\n' if long => out.push(byte),
                b'\t' | 0x0b | 0x0c | 0x20..=0x7e => out.push(byte),
                _ => return Err(IonError::new(self.at - 1, "a clob may hold only ASCII; write other bytes as \\xHH")),
            }
        }
        self.at += mark.len();
        Ok(())
    }

    fn clob_escape(&mut self, out: &mut Vec<u8>) -> Result<(), IonError> {
        let byte = self.peek().ok_or_else(|| self.error("a clob has no end"))?;
        self.at += 1;
        match byte {
            b'x' => {
                let code = self.hexadecimal(2)?;
                out.push(u8::try_from(code).unwrap_or_default());
            }
            b'\n' => {}
            b'\r' => drop(self.eat(b'\n')),
            _ => out.push(simple_escape(byte).ok_or_else(|| IonError::new(self.at - 2, "no such escape in a clob"))?),
        }
        Ok(())
    }

    /// The base64 of a blob up to its closing braces.
    fn blob(&mut self, out: &mut Vec<u8>) -> Result<(), IonError> {
        let start = self.at;
        let text = self.take_while(|byte| byte != b'}');
        let decoded = if text.iter().any(u8::is_ascii_whitespace) || text.contains(&0x0b) {
            let dense: Vec<u8> =
                text.iter().copied().filter(|byte| !byte.is_ascii_whitespace() && *byte != 0x0b).collect();
            STANDARD.decode_vec(dense, out)
        } else {
            STANDARD.decode_vec(text, out)
        };
        decoded.map_err(|_| IonError::new(start, "a blob is not base64"))
    }
}

fn utf8(bytes: &[u8], at: usize) -> Result<&str, IonError> {
    std::str::from_utf8(bytes).map_err(|error| IonError::new(at + error.valid_up_to(), "not UTF-8"))
}

/// Line ends can't stand in a quoted text as they are. Other control characters
/// should not, but writers exist that leave them so, and their meaning is plain.
fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// The byte of an escape with one letter.
fn simple_escape(byte: u8) -> Option<u8> {
    match byte {
        b'0' => Some(0),
        b'a' => Some(7),
        b'b' => Some(8),
        b't' => Some(b'\t'),
        b'n' => Some(b'\n'),
        b'f' => Some(0x0c),
        b'r' => Some(b'\r'),
        b'v' => Some(0x0b),
        b'"' | b'\'' | b'?' | b'\\' | b'/' => Some(byte),
        _ => None,
    }
}
