//! Reads Ion text, and JSON as the Ion text that it is.

use std::sync::Arc;

pub use super::cursor::Grammar;
use super::cursor::{Cursor, IDENTIFIER, NUMERIC, Text, is_identifier_start};
use super::field_names::FieldNames;
use super::literals::{self, Number};
use super::numbers::{Decimal, Int};
use super::strange::{self, Strange, Stranger};
use super::symbols::{LOCAL_TABLE, VERSION_1_0};
use super::timestamp::Timestamp;
use super::{
    Container, Event, IonError, IonType, Item, LONGEST_NUMBER, MAX_DEPTH, MOST_ANNOTATIONS, ReadItems, Scalar,
    SymbolTable, TakeItems,
};

/// Reads the items of some Ion text.
#[derive(Debug)]
pub struct TextReader<'i> {
    pub(super) cursor: Cursor<'i>,
    symbols: Arc<SymbolTable>,
    pub(super) containers: Vec<Container>,
    /// Whether a value stands before the cursor in the same list or struct.
    pub(super) after_value: bool,
    annotations: Vec<Option<String>>,
    field: Name<'i>,
    /// The same, if it was met before, by its index.
    met: Option<usize>,
    pub(super) names: FieldNames,
    value: Name<'i>,
    lob: Vec<u8>,
    pub(super) int: Int,
    float: f64,
    pub(super) decimal: Decimal,
    pub(super) timestamp: Timestamp,
    /// Where the last top-level value, or what stands before it, begins.
    top: usize,
    /// Where the white space and the comments before it begin.
    before: usize,
    /// Whether a value or a version marker was read: a marker at the very beginning is the one that may stand there.
    has_begun: bool,
}

/// What a token that may be a symbol says.
#[derive(Debug, Default)]
struct Name<'i> {
    text: Text<'i>,
    /// Symbol zero, or one of a table that is not at hand.
    is_unknown: bool,
}

impl<'i> Name<'i> {
    fn symbol(&self) -> Option<&str> {
        (!self.is_unknown).then(|| self.text.get())
    }

    fn text(&mut self) -> &mut Text<'i> {
        self.is_unknown = false;
        &mut self.text
    }
}

/// A value as the grammar sees it; what it says lies in the reader.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Raw {
    Null(IonType),
    Bool(bool),
    Int,
    Float,
    Decimal,
    Timestamp,
    Symbol,
    /// `$ion_1_0` and its like, unquoted.
    VersionMarker,
    String,
    Clob,
    Blob,
    Begin(Container),
    End,
}

/// What a token without quotes turned out to be.
enum Word<'i> {
    Symbol,
    VersionMarker,
    Keyword(&'i str),
}

impl<'i> TextReader<'i> {
    /// Reads Ion text under a table of symbols that `$10` and the like refer to.
    pub fn new(input: &'i [u8], symbols: Arc<SymbolTable>) -> Self {
        Self::with_grammar(input, symbols, Grammar::Ion)
    }

    /// Reads text of a grammar.
    pub fn with_grammar(input: &'i [u8], symbols: Arc<SymbolTable>, grammar: Grammar) -> Self {
        Self {
            cursor: Cursor::new(input, grammar),
            symbols,
            containers: Vec::new(),
            after_value: false,
            annotations: Vec::new(),
            field: Name::default(),
            met: None,
            names: FieldNames::default(),
            value: Name::default(),
            lob: Vec::new(),
            int: Int::from(0_u64),
            float: 0.0,
            decimal: Decimal::new(0, 0),
            timestamp: Timestamp::default(),
            top: 0,
            before: 0,
            has_begun: false,
        }
    }

    /// Whether the input is a part of a text that may go on behind it. Where its end decides nothing, the error says
    /// that the bytes ended.
    pub(super) fn set_may_go_on(&mut self, may_go_on: bool) {
        self.cursor.may_go_on = may_go_on;
    }

    /// Numbers these field names.
    pub(crate) fn know(&mut self, names: &'static [&'static str]) {
        self.names.know(names);
    }

    /// Recognises names that another reader of the same grammar met.
    pub(super) fn remember_names(&mut self, names: FieldNames) {
        self.names = names;
    }

    /// The names that were met.
    pub(super) fn into_names(self) -> FieldNames {
        self.names
    }

    /// The offset of what was not read yet.
    pub fn offset(&self) -> usize {
        self.cursor.at
    }

    /// The next item, or none at the end of the text. Version markers and symbol tables of the top level are heeded
    /// and not given.
    #[inline]
    pub fn next_item(&mut self) -> Result<Option<Item<'_>>, IonError> {
        loop {
            let holder = self.containers.last().copied();
            let Some(raw) = self.next_raw(holder)? else { return Ok(None) };
            if holder.is_some() || !self.heeds(raw)? {
                return Ok(Some(self.item(raw, holder)));
            }
        }
    }

    #[inline]
    fn item(&self, raw: Raw, holder: Option<Container>) -> Item<'_> {
        let in_struct = holder == Some(Container::Struct);
        let name = if in_struct { self.names.get(self.met) } else { None };
        let field = in_struct.then(|| name.map_or_else(|| self.field.symbol(), |name| Some(name.text())));
        let scalar = match raw {
            Raw::Begin(container) => {
                return Item::new(field, &self.annotations, Event::Begin(container)).with_hints(name, false);
            }
            Raw::End => return Item::end(),
            Raw::Null(ion_type) => Scalar::Null(ion_type),
            Raw::Bool(value) => Scalar::Bool(value),
            Raw::Int => Scalar::Int(&self.int),
            Raw::Float => Scalar::Float(self.float),
            Raw::Decimal => Scalar::Decimal(&self.decimal),
            Raw::Timestamp => Scalar::Timestamp(&self.timestamp),
            Raw::Symbol | Raw::VersionMarker => Scalar::Symbol(self.value.symbol()),
            Raw::String => Scalar::String(self.value.text.get()),
            Raw::Clob => Scalar::Clob(&self.lob),
            Raw::Blob => Scalar::Blob(&self.lob),
        };
        let is_plain = raw == Raw::String && !self.value.text.is_made();
        Item::new(field, &self.annotations, Event::Scalar(scalar)).with_hints(name, is_plain)
    }

    /// Heeds a version marker or a symbol table, if the value that was read at the top level is one.
    fn heeds(&mut self, raw: Raw) -> Result<bool, IonError> {
        let had_begun = std::mem::replace(&mut self.has_begun, true);
        if raw == Raw::VersionMarker && self.annotations.is_empty() {
            let at = self.cursor.at - self.value.text.get().len();
            if self.value.text.get() != VERSION_1_0 {
                return Err(IonError::new(at, "only version 1.0 of Ion is read"));
            }
            self.symbols = Arc::default();
            if had_begun {
                strange::note(&mut self.cursor.stranger, at, Strange::VersionMarker);
            }
            return Ok(true);
        }
        if raw == Raw::Symbol && self.annotations.is_empty() && self.value.symbol() == Some(VERSION_1_0) {
            strange::note(&mut self.cursor.stranger, self.top, Strange::VersionMarker);
            return Ok(true);
        }
        let is_table = raw == Raw::Begin(Container::Struct)
            && self.annotations.first().is_some_and(|first| first.as_deref() == Some(LOCAL_TABLE));
        if is_table {
            strange::note(&mut self.cursor.stranger, self.cursor.at, Strange::SymbolTable);
            SymbolTable::update(self)?;
        }
        Ok(is_table)
    }

    #[inline]
    fn next_raw(&mut self, holder: Option<Container>) -> Result<Option<Raw>, IonError> {
        if !self.annotations.is_empty() {
            self.annotations.clear();
        }
        let Some(container) = holder else {
            (self.top, self.before) = (self.cursor.at, self.cursor.at);
            self.cursor.skip_blank()?;
            self.top = self.cursor.at;
            if !self.cursor.is_at_end() {
                return self.value(None).map(Some);
            }
            return self.cursor.ends_whole().map(|()| None);
        };
        self.cursor.skip_blank()?;
        let mut after_comma = false;
        if self.after_value && container != Container::Sexp && self.cursor.eat(b',') {
            self.after_value = false;
            after_comma = true;
            self.cursor.skip_blank()?;
        }
        if self.cursor.eat(closing(container)) {
            if after_comma && self.cursor.grammar == Grammar::Json {
                return Err(self.cursor.error("JSON has no comma before the end"));
            }
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
        self.value(Some(container)).map(Some)
    }

    #[inline]
    fn field_name(&mut self) -> Result<(), IonError> {
        let rest = self.cursor.rest();
        self.met = self.names.at(rest);
        let Some((index, name)) = self.met.zip(self.names.get(self.met)) else { return self.other_field_name() };
        self.cursor.at += name.length();
        self.names.follow(index);
        self.after_colon()
    }

    /// A name of which the bytes say nothing yet.
    fn other_field_name(&mut self) -> Result<(), IonError> {
        let start = self.cursor.at;
        self.met = None;
        match self.cursor.peek() {
            Some(b'"') => self.cursor.quoted(b'"', self.field.text())?,
            _ if self.cursor.grammar == Grammar::Json => return Err(self.cursor.unexpected("a name in double quotes")),
            Some(b'\'') if self.cursor.looks_at_whole(b"'''")? => self.cursor.long_string(self.field.text())?,
            Some(b'\'') => self.cursor.quoted(b'\'', self.field.text())?,
            Some(byte) if is_identifier_start(byte) => {
                if let Word::Keyword(keyword) = word(&mut self.cursor, &self.symbols, &mut self.field)? {
                    return Err(IonError::new(start, format!("{keyword} must be quoted as a field name")));
                }
            }
            _ => return Err(self.cursor.unexpected("a field name")),
        }
        let end = self.cursor.at;
        self.cursor.skip_blank()?;
        if !self.cursor.eat(b':') {
            return Err(self.cursor.unexpected("a colon after the field name"));
        }
        if self.cursor.at == end + 1 {
            self.met = self.remember(start);
        }
        self.after_colon()
    }

    /// Keeps the name that stands between here and the colon that was passed, so that its bytes say the same again:
    /// they do unless the name is an id, which the symbol table has a say in, or was put together from pieces.
    fn remember(&mut self, start: usize) -> Option<usize> {
        let source = self.cursor.from(start);
        let length = self.cursor.at - start;
        let is_its_own = !self.field.is_unknown && !self.field.text.is_made() && source.first() != Some(&b'$');
        if !is_its_own {
            return None;
        }
        self.names.met(source, length, self.field.text.get())
    }

    #[inline]
    fn after_colon(&mut self) -> Result<(), IonError> {
        if self.cursor.peek() == Some(b':') {
            return Err(self.cursor.unexpected("a value after the field name"));
        }
        self.cursor.skip_blank()
    }

    /// Annotations and the value after them.
    #[inline]
    fn value(&mut self, container: Option<Container>) -> Result<Raw, IonError> {
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

    /// What JSON has without quotes.
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

    /// Whether two colons stand after the word that was read; they are passed.
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
                let found = IonType::ALL.into_iter().find(|ion_type| ion_type.name() == name);
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

impl ReadItems for TextReader<'_> {
    #[inline]
    fn next_item(&mut self) -> Result<Option<Item<'_>>, IonError> {
        self.next_item()
    }

    fn offset(&self) -> usize {
        self.offset()
    }

    fn depth(&self) -> usize {
        self.containers.len()
    }

    fn value_start(&self) -> usize {
        self.top
    }

    fn resume_point(&self) -> usize {
        self.before
    }

    fn take_stranger(&mut self) -> Option<Stranger> {
        self.cursor.stranger.take()
    }

    fn symbols(&self) -> &Arc<SymbolTable> {
        &self.symbols
    }

    fn drain_quickly(&mut self, depth: usize, taker: &mut impl TakeItems) -> Result<bool, IonError> {
        self.drain_usual(depth, taker)
    }

    fn symbols_mut(&mut self) -> &mut Arc<SymbolTable> {
        &mut self.symbols
    }
}

/// Reads an identifier, a symbol id or a keyword.
#[inline]
fn word<'i>(cursor: &mut Cursor<'i>, symbols: &SymbolTable, name: &mut Name<'i>) -> Result<Word<'i>, IonError> {
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

pub(super) fn closing(container: Container) -> u8 {
    match container {
        Container::List => b']',
        Container::Sexp => b')',
        Container::Struct => b'}',
    }
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

/// The id in `$10`; `Some(None)` if it has the form but no machine word holds it.
fn symbol_id(text: &str) -> Option<Option<usize>> {
    let digits = text.strip_prefix('$')?;
    let is_id = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then(|| digits.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads everything; tells whether that went well, or where the text ended too early.
    fn read(text: &[u8], grammar: Grammar) -> Result<usize, IonError> {
        count(TextReader::with_grammar(text, Arc::default(), grammar))
    }

    fn read_part(text: &[u8], grammar: Grammar) -> Result<usize, IonError> {
        let mut reader = TextReader::with_grammar(text, Arc::default(), grammar);
        reader.set_may_go_on(true);
        count(reader)
    }

    fn count(mut reader: TextReader<'_>) -> Result<usize, IonError> {
        let mut items = 0;
        while reader.next_item()?.is_some() {
            items += 1;
        }
        Ok(items)
    }

    #[test]
    fn every_cut_of_a_struct_is_known_to_be_one() {
        let texts = [
            r#"{a:"x\"}\u00e4\ud83d\ude00é",b:{{aGk=}},'c d':'}',d:'''}''' '''\x41\
''',e:[(/ /*}*/ +// * -inf nan)],f:{{"x\x00"}},g:{{'''y''' '''z'''}}} "#,
            "{$ion:null.int,x::y::f:0} ",
            "{a:-12.5d-3,b:2024-03-01T00:00:00.000Z,c:+inf,d:null.struct,e:u::v::{},f:0xFF_FF} ",
        ];
        for text in texts.map(|text| text.replace("x::y::f", "x")) {
            assert!(read(text.as_bytes(), Grammar::Ion).is_ok(), "{text}");
            for cut in 1..text.len() - 1 {
                let found = read_part(&text.as_bytes()[..cut], Grammar::Ion);
                assert!(found.as_ref().is_err_and(|error| error.ended), "{} {found:?}", &text[..cut.min(text.len())]);
            }
        }
    }

    #[test]
    fn every_cut_of_an_object_is_known_to_be_one() {
        let text = r#"{"a":"x\"\u00e4\ud83d\ude00é","b":[1,-2.5e-3,true,false,null,{}]}"#;
        assert!(read(text.as_bytes(), Grammar::Json).is_ok());
        for cut in 1..text.len() {
            let found = read_part(&text.as_bytes()[..cut], Grammar::Json);
            assert!(found.as_ref().is_err_and(|error| error.ended), "{cut} {found:?}");
        }
    }

    #[test]
    fn what_only_ion_has_is_not_json() {
        for text in [
            "{a:1}",
            "{\"a\":b}",
            "[1,]",
            "[1 /**/]",
            "[// \n]",
            "['a']",
            "['''a''']",
            "[{{}}]",
            "[(a)]",
            "[x::1]",
            "[+inf]",
            "[nan]",
            "[0x1]",
            "[1d2]",
            "[1.]",
            "[01]",
            "[1_0]",
            "[2024T]",
            "[2024-03-01]",
            "[null.int]",
            "[\"\\x41\"]",
            "[\"\\a\"]",
            "[\"a\tb\"]",
            "[\x0b]",
            "[-]",
            "[1e]",
        ] {
            assert!(read(text.as_bytes(), Grammar::Json).is_err(), "{text}");
        }
        for text in ["[1.5e+3,0,-0,1E2]", " {} \n[]\r\n", "{\"a\":\"\\/\\b\\f\\u0041\"}"] {
            assert!(read(text.as_bytes(), Grammar::Json).is_ok(), "{text}");
        }
    }

    #[test]
    fn operators_are_symbols_up_to_their_last_character_and_comments_begin_after_a_space() {
        for (text, items) in [("(+//)", 3), ("(a+/*b)", 5), ("(a//)\n)", 3), ("(a /*)*/ b)", 4), ("(1//)\n)", 3)] {
            assert_eq!(read(text.as_bytes(), Grammar::Ion), Ok(items), "{text}");
        }
    }

    #[test]
    fn white_space_of_every_kind_ends_numbers_symbols_and_blobs() {
        for white in ["\x0b", "\x0c", "\t", "\r", "\n", " "] {
            let text =
                format!("[a{white},1{white},{{{{{white}aGk={white}}}}},2007T{white},-{white}]").replace(",-", "");
            assert_eq!(read(text.as_bytes(), Grammar::Ion).map_err(|error| error.to_string()), Ok(6), "{text:?}");
        }
    }

    #[test]
    fn bytes_that_are_not_utf_8_are_named_where_they_stand() {
        let error = read(b"{a:\"\xff\"}", Grammar::Ion).unwrap_err();
        assert_eq!((error.offset, error.reason.as_str(), error.ended), (4, "not UTF-8", false));
        assert!(read("{a:\"ä".as_bytes().split_last().unwrap().1, Grammar::Ion).unwrap_err().ended);
    }
}
