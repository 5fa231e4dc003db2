//! Reads Ion text. JSON is read as the Ion text that it is.

use std::borrow::Cow;
use std::sync::Arc;

use super::cursor::{Cursor, Text, is_identifier_part, is_identifier_start};
use super::literals::{self, Number};
use super::numbers::{Decimal, Int};
use super::timestamp::Timestamp;
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
        let read = literals::read(text).filter(|_| stops).ok_or_else(|| refuse("not a number or timestamp"))?;
        Ok(match read {
            Number::Int(value) => Raw::Int(value),
            Number::Float(value) => Raw::Float(value),
            Number::Decimal(value) => Raw::Decimal(value),
            Number::Timestamp(value) => Raw::Timestamp(value),
        })
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

fn is_operator(byte: u8) -> bool {
    b"!#%&*+-./;<=>?@^`|~".contains(&byte)
}

/// The id in `$10`; `Some(None)` if it has the form but no machine word holds it.
fn symbol_id(text: &str) -> Option<Option<usize>> {
    let digits = text.strip_prefix('$')?;
    let is_id = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then(|| digits.parse().ok())
}
