//! The values of Ion text, after their field names: annotations, words and numbers, blobs and
//! clobs.

use super::{Name, Raw, TextReader, Word};
use crate::ion::cursor::{Cursor, Grammar, IDENTIFIER, NUMERIC, is_identifier_start};
use crate::ion::literals::{self, Number};
use crate::ion::numbers::Int;
use crate::ion::strange::{self, Strange};
use crate::ion::{Container, IonError, IonType, LONGEST_NUMBER, MAX_DEPTH, MOST_ANNOTATIONS, SymbolTable};

impl TextReader<'_> {
    /// Annotations and the value after them.
    #[inline]
    pub(super) fn value(&mut self, container: Option<Container>) -> Result<Raw, IonError> {
        self.after_value = true;
        let Some(byte) = self.cursor.peek() else { return Err(self.cursor.unexpected("a value")) };
        match byte {
            b'"' => {
                self.cursor.quoted(b'"', self.value.text())?;
                return Ok(Raw::String);
            }
            b'{' if self.cursor.peek_at(1) == Some(b'{') && self.cursor.grammar == Grammar::Ion => return self.lob(),
            b'{' if self.cursor.peek_at(1) == Some(b'{') => {}
            b'{' if self.cursor.peek_at(1).is_some() => return self.begin(Container::Struct),
            b'{' => return Err(self.cursor.cut(self.cursor.at, "the text ends inside a token")),
            b'[' => return self.begin(Container::List),
            b'0'..=b'9' => return self.number(),
            b'-' if self.cursor.peek_at(1).is_some_and(|byte| byte.is_ascii_digit()) => return self.number(),
            _ => {}
        }
        if self.cursor.grammar == Grammar::Json { self.json_word() } else { self.rarer_value(container) }
    }

    /// The JSON words that have no quotes.
    fn json_word(&mut self) -> Result<Raw, IonError> {
        let start = self.cursor.at;
        let raw = match self.cursor.take_while(|byte| byte.is_ascii_alphanumeric()) {
            "true" => Raw::Bool(true),
            "false" => Raw::Bool(false),
            "null" => Raw::Null(IonType::Null),
            found => {
                if self.cursor.rest() == b"-" {
                    return Err(self.cursor.cut(start, "the text ends inside a number"));
                }
                if self.cursor.is_at_end() && ["true", "false", "null"].iter().any(|word| word.starts_with(found)) {
                    return Err(self.cursor.cut(start, "the text ends inside a token"));
                }
                self.cursor.at = start;
                return Err(self.cursor.unexpected("a value of JSON"));
            }
        };
        Ok(raw)
    }

    fn rarer_value(&mut self, container: Option<Container>) -> Result<Raw, IonError> {
        loop {
            let raw = match self.cursor.peek() {
                Some(b'\'') if self.cursor.looks_at_whole(b"'''")? => {
                    self.cursor.long_string(self.value.text())?;
                    return Ok(Raw::String);
                }
                Some(b'\'') => {
                    self.cursor.quoted(b'\'', self.value.text())?;
                    Raw::Symbol
                }
                Some(byte) if is_identifier_start(byte) => {
                    match word(&mut self.cursor, &self.symbols, &mut self.value)? {
                        Word::Symbol => Raw::Symbol,
                        Word::VersionMarker => Raw::VersionMarker,
                        Word::Keyword(keyword) => self.keyword(keyword)?,
                    }
                }
                _ if !self.annotations.is_empty() => return self.value_after_annotations(container),
                _ => return self.value_without_word(container),
            };
            if !self.is_annotation()? {
                return Ok(raw);
            }
            if !matches!(raw, Raw::Symbol | Raw::VersionMarker) {
                return Err(self.cursor.error("a keyword must be quoted as an annotation"));
            }
            if self.annotations.len() >= MOST_ANNOTATIONS {
                return Err(self.cursor.error(format!("more than {MOST_ANNOTATIONS} annotations on one value")));
            }
            self.annotations.push(self.value.symbol().map(str::to_owned));
            self.cursor.skip_blank()?;
        }
    }

    /// Whether two colons follow the word that was read; they are skipped.
    fn is_annotation(&mut self) -> Result<bool, IonError> {
        let (end, stranger) = (self.cursor.at, self.cursor.stranger);
        self.cursor.skip_blank()?;
        let found = self.cursor.looks_at_whole(b"::")?;
        if found {
            self.cursor.at += 2;
        } else {
            (self.cursor.at, self.cursor.stranger) = (end, stranger);
        }
        Ok(found)
    }

    fn value_after_annotations(&mut self, container: Option<Container>) -> Result<Raw, IonError> {
        match self.cursor.peek() {
            Some(b'"') => {
                self.cursor.quoted(b'"', self.value.text())?;
                Ok(Raw::String)
            }
            Some(b'{') if self.cursor.looks_at_whole(b"{{")? => self.lob(),
            Some(b'{') => self.begin(Container::Struct),
            Some(b'[') => self.begin(Container::List),
            Some(byte) if byte.is_ascii_digit() => self.number(),
            Some(b'-') if self.cursor.peek_at(1).is_some_and(|byte| byte.is_ascii_digit()) => self.number(),
            _ => self.value_without_word(container),
        }
    }

    fn value_without_word(&mut self, container: Option<Container>) -> Result<Raw, IonError> {
        match self.cursor.peek() {
            Some(b'(') => self.begin(Container::Sexp),
            Some(byte @ (b'+' | b'-'))
                if self.cursor.looks_at_whole(if byte == b'+' { b"+inf" } else { b"-inf" })?
                    && self.cursor.infinity() =>
            {
                self.number()
            }
            Some(byte) if container == Some(Container::Sexp) && is_operator(byte) => {
                let run = self.cursor.take_while(is_operator);
                self.value.text().set(run);
                Ok(Raw::Symbol)
            }
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

    fn keyword(&mut self, keyword: &str) -> Result<Raw, IonError> {
        match keyword {
            "true" => Ok(Raw::Bool(true)),
            "false" => Ok(Raw::Bool(false)),
            "nan" => {
                self.float = f64::NAN;
                Ok(Raw::Float)
            }
            _ if !self.cursor.eat(b'.') => Ok(Raw::Null(IonType::Null)),
            _ => {
                let start = self.cursor.at;
                let name = self.cursor.take_class(&IDENTIFIER);
                let found = IonType::of_name(name.as_bytes());
                if found.is_none() && self.cursor.is_at_end() {
                    return Err(self.cursor.cut(start, "no Ion type has the name after null."));
                }
                found.map(Raw::Null).ok_or_else(|| IonError::new(start, "no Ion type has the name after null."))
            }
        }
    }

    #[inline]
    fn number(&mut self) -> Result<Raw, IonError> {
        let start = self.cursor.at;
        let text = self.cursor.take_class(&NUMERIC);
        if let Some(value) = literals::short_integer(text.as_bytes()).filter(|_| self.cursor.at_numeric_stop()) {
            self.int = Int::from(value);
            return Ok(Raw::Int);
        }
        self.longer_number(start, text)
    }

    fn longer_number(&mut self, start: usize, text: &str) -> Result<Raw, IonError> {
        let refuse = |reason: &str| IonError::new(start, reason);
        if text.len() > LONGEST_NUMBER {
            return Err(refuse(&format!("a number has more than {LONGEST_NUMBER} characters")));
        }
        if matches!(self.cursor.rest(), b"" | b"/") && (self.cursor.may_go_on || !self.containers.is_empty()) {
            return Err(self.cursor.cut(start, "the text ends inside a number"));
        }
        let is_json = self.cursor.grammar == Grammar::Json;
        let read =
            literals::read(text).filter(|_| self.cursor.at_numeric_stop() && (!is_json || literals::is_json(text)));
        match read.ok_or_else(|| refuse(if is_json { "not a number of JSON" } else { "not a number or timestamp" }))? {
            Number::Int(value) => {
                self.int = value;
                Ok(Raw::Int)
            }
            Number::Float(value) => {
                self.float = value;
                Ok(Raw::Float)
            }
            Number::Decimal(value) => {
                self.decimal = value;
                Ok(Raw::Decimal)
            }
            Number::Timestamp(value) => {
                self.timestamp = value;
                Ok(Raw::Timestamp)
            }
        }
    }

    #[inline]
    fn lob(&mut self) -> Result<Raw, IonError> {
        let start = self.cursor.at;
        self.cursor.at += 2;
        self.cursor.skip_white();
        self.lob.clear();
        let raw = match self.cursor.peek() {
            Some(b'"') => {
                self.cursor.clob(b"\"", &mut self.lob)?;
                Raw::Clob
            }
            Some(b'\'') => {
                while self.cursor.looks_at_whole(b"'''")? {
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
        if self.cursor.is_at_end() {
            return Err(self.cursor.cut(start, "a blob or clob has no end"));
        }
        if !self.cursor.looks_at_whole(b"}}")? {
            return Err(self.cursor.unexpected("}} at the end of a blob or clob"));
        }
        self.cursor.at += 2;
        Ok(raw)
    }
}

/// Reads an identifier, a symbol id or a keyword.
#[inline]
pub(super) fn word<'i>(
    cursor: &mut Cursor<'i>,
    symbols: &SymbolTable,
    name: &mut Name<'i>,
) -> Result<Word<'i>, IonError> {
    let start = cursor.at;
    let text = cursor.take_class(&IDENTIFIER);
    name.text().set(text);
    match text.as_bytes() {
        [b'$', ..] => {}
        b"null" | b"true" | b"false" | b"nan" => return Ok(Word::Keyword(text)),
        _ => return Ok(Word::Symbol),
    }
    if let Some(id) = symbol_id(text) {
        strange::note(&mut cursor.stranger, start, Strange::SymbolId);
        let found = id.and_then(|id| symbols.resolve(id));
        let found =
            found.ok_or_else(|| IonError::new(start, format!("the symbol {text} is not in the symbol table")))?;
        match found {
            Some(text) => name.text().make().push_str(text),
            None => name.is_unknown = true,
        }
        return Ok(Word::Symbol);
    }
    Ok(if is_version_marker(text) { Word::VersionMarker } else { Word::Symbol })
}

fn is_operator(byte: u8) -> bool {
    b"!#%&*+-./;<=>?@^`|~".contains(&byte)
}

/// Whether an identifier is `$ion_` and two numbers.
fn is_version_marker(text: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let numbers = text.strip_prefix("$ion_").and_then(|rest| rest.split_once('_'));
    numbers.is_some_and(|(major, minor)| is_number(major) && is_number(minor))
}

/// The id in `$10`; `Some(None)` if it has the form but does not fit a machine word.
fn symbol_id(text: &str) -> Option<Option<usize>> {
    let digits = text.strip_prefix('$')?;
    let is_id = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then(|| digits.parse().ok())
}
