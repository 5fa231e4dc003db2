//! What readers yield and writers take.

use super::{Decimal, FieldName, Int, Timestamp};

/// Ion's types, in the order of the type codes of Ion binary and Ion Hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are Ion's own")]
pub enum IonType {
    Null,
    Bool,
    Int,
    Float,
    Decimal,
    Timestamp,
    Symbol,
    String,
    Clob,
    Blob,
    List,
    Sexp,
    Struct,
}

impl IonType {
    /// Every type, in the order of the type codes.
    pub(crate) const ALL: [Self; 13] = [
        Self::Null,
        Self::Bool,
        Self::Int,
        Self::Float,
        Self::Decimal,
        Self::Timestamp,
        Self::Symbol,
        Self::String,
        Self::Clob,
        Self::Blob,
        Self::List,
        Self::Sexp,
        Self::Struct,
    ];

    /// The word after `null.` in Ion text.
    pub fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Float => "float",
            Self::Decimal => "decimal",
            Self::Timestamp => "timestamp",
            Self::Symbol => "symbol",
            Self::String => "string",
            Self::Clob => "clob",
            Self::Blob => "blob",
            Self::List => "list",
            Self::Sexp => "sexp",
            Self::Struct => "struct",
        }
    }

    /// The type that has this word after `null.`.
    pub(super) fn of_name(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|ion_type| ion_type.name().as_bytes() == name)
    }

    /// The type of a code; ints have two.
    pub(super) fn of_code(code: u8) -> Option<Self> {
        let code = if code == 0x3 { 0x2 } else { code };
        Self::ALL.into_iter().find(|ion_type| ion_type.code() == code)
    }

    /// The upper half of the type descriptor: negative ints have a code of their own.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Null => 0x0,
            Self::Bool => 0x1,
            Self::Int => 0x2,
            Self::Float => 0x4,
            Self::Decimal => 0x5,
            Self::Timestamp => 0x6,
            Self::Symbol => 0x7,
            Self::String => 0x8,
            Self::Clob => 0x9,
            Self::Blob => 0xA,
            Self::List => 0xB,
            Self::Sexp => 0xC,
            Self::Struct => 0xD,
        }
    }
}

/// A kind of container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    /// `[…]`
    List,
    /// `(…)`
    Sexp,
    /// `{…}`
    Struct,
}

impl Container {
    /// The container's type.
    pub fn ion_type(self) -> IonType {
        match self {
            Self::List => IonType::List,
            Self::Sexp => IonType::Sexp,
            Self::Struct => IonType::Struct,
        }
    }

    /// What begins and what ends it in Ion text.
    #[inline]
    pub(super) fn brackets(self) -> (u8, u8) {
        match self {
            Self::List => (b'[', b']'),
            Self::Sexp => (b'(', b')'),
            Self::Struct => (b'{', b'}'),
        }
    }
}

/// A symbol: its text, or `None` for symbol zero and symbols of tables that are not available.
pub type Symbol<'a> = Option<&'a str>;

/// A value without parts.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names are Ion's own")]
pub enum Scalar<'a> {
    Null(IonType),
    Bool(bool),
    Int(&'a Int),
    Float(f64),
    Decimal(&'a Decimal),
    Timestamp(&'a Timestamp),
    Symbol(Symbol<'a>),
    String(&'a str),
    Clob(&'a [u8]),
    Blob(&'a [u8]),
}

/// What happens at one position of a stream.
#[derive(Debug, Clone, PartialEq)]
pub enum Event<'a> {
    /// A value without parts, or a null of any type.
    Scalar(Scalar<'a>),
    /// A container begins.
    Begin(Container),
    /// The innermost container ends.
    End,
}

/// One event with its field name and annotations. It carries what the reader knows about them: to change the field or
/// the event, use [`Item::with_field`] and [`Item::with_event`] instead of assigning to a member.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    /// The field's name, inside a struct.
    pub field: Option<Symbol<'a>>,
    /// The value's annotations; almost always none.
    pub annotations: &'a [Option<String>],
    /// The event.
    pub event: Event<'a>,
    hints: Hints<'a>,
}

/// What a reader knows in addition, so that it need not be determined again.
#[derive(Debug, Clone, Copy, Default)]
struct Hints<'a> {
    name: Option<&'a FieldName>,
    /// Whether the text of a string or symbol is known to have no control characters.
    is_plain: bool,
}

impl PartialEq for Item<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.field, self.annotations, &self.event) == (other.field, other.annotations, &other.event)
    }
}

impl<'a> Item<'a> {
    /// An event with its field name and annotations.
    #[inline]
    pub fn new(field: Option<Symbol<'a>>, annotations: &'a [Option<String>], event: Event<'a>) -> Self {
        Self { field, annotations, event, hints: Hints { name: None, is_plain: false } }
    }

    /// A value without field name and annotations.
    #[inline]
    pub fn bare(event: Event<'a>) -> Self {
        Self::new(None, &[], event)
    }

    /// The value of a struct's field.
    pub fn of(field: &'a str, event: Event<'a>) -> Self {
        Self::new(Some(Some(field)), &[], event)
    }

    /// A string as the value of a struct's field.
    pub fn string(field: &'a str, text: &'a str) -> Self {
        Self::of(field, Event::Scalar(Scalar::String(text)))
    }

    /// The same with another field name, or none.
    #[must_use]
    pub fn with_field(self, field: Option<Symbol<'a>>) -> Self {
        Self { field, hints: Hints { name: None, ..self.hints }, ..self }
    }

    /// The same with another event.
    #[must_use]
    pub fn with_event<'b>(&self, event: Event<'b>) -> Item<'b>
    where
        'a: 'b,
    {
        Item {
            field: self.field,
            annotations: self.annotations,
            event,
            hints: Hints { name: self.hints.name, is_plain: false },
        }
    }

    /// The same, with what the reader knows about it.
    #[inline]
    pub(super) fn with_hints(self, name: Option<&'a FieldName>, is_plain: bool) -> Self {
        Self { hints: Hints { name, is_plain }, ..self }
    }

    /// The field's name, if it occurred before.
    #[inline]
    pub(super) fn name(&self) -> Option<&'a FieldName> {
        self.hints.name
    }

    /// Whether the text of a string is known to have no control characters.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        self.hints.is_plain
    }

    /// The number of the field's name among those that the reader was asked to number. `None` if it is not among them,
    /// or did not occur before.
    #[inline]
    pub(crate) fn number(&self) -> Option<u8> {
        self.hints.name?.number()
    }

    /// Whether a container begins.
    pub fn begins(&self) -> bool {
        matches!(self.event, Event::Begin(_))
    }

    /// The text, if the item is a string.
    pub fn text(&self) -> Option<&'a str> {
        match self.event {
            Event::Scalar(Scalar::String(text)) => Some(text),
            _ => None,
        }
    }

    /// The end of the innermost container.
    #[inline]
    pub fn end() -> Self {
        Self::bare(Event::End)
    }
}
