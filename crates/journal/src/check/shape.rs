//! The form that QLDB gives to everything in a block outside documents: which
//! fields, each once, each of one type, without annotations (docs/qldb.md 3.4).

use super::field::Field;
use crate::ion::{Container, Event, Item, Scalar};

/// The form of a value.
#[derive(Debug)]
pub(super) enum Shape {
    /// A string.
    Text(Tag),
    /// An integer.
    Int(Tag),
    /// A timestamp; in JSON a string.
    Time,
    /// A blob; in JSON a string of base64.
    Blob,
    /// A list of values of one form.
    List(&'static Shape),
    /// A struct of these fields, any of which may be absent.
    Struct(&'static [(Field, Shape)]),
    /// A struct whose fields have ids as names, and values of one form.
    Map(Tag, &'static Shape),
}

/// What a check wants to know of a value, apart from its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// Nothing.
    Plain,
    /// The text of a statement.
    Statement,
    /// A document that the transaction changed; its id is the field's name.
    Document,
    TableName,
    TableId,
    /// The index of a statement that changed the document.
    DocumentStatement,
    StrandId,
    SequenceNo,
    DocumentId,
    Version,
    TransactionId,
}

use Shape::{Blob, Int, List, Map, Struct, Text, Time};
use Tag::Plain;

pub(super) const ADDRESS: Shape =
    Struct(&[(Field::StrandId, Text(Tag::StrandId)), (Field::SequenceNo, Int(Tag::SequenceNo))]);

pub(super) const TRANSACTION_INFO: Shape = Struct(&[
    (
        Field::Statements,
        List(&Struct(&[
            (Field::Statement, Text(Tag::Statement)),
            (Field::StartTime, Time),
            (Field::StatementDigest, Blob),
        ])),
    ),
    (
        Field::Documents,
        Map(
            Tag::Document,
            &Struct(&[
                (Field::TableName, Text(Tag::TableName)),
                (Field::TableId, Text(Tag::TableId)),
                (Field::Statements, List(&Int(Tag::DocumentStatement))),
            ]),
        ),
    ),
]);

pub(super) const REDACTION_INFO: Shape = Struct(&[(
    Field::Revisions,
    List(&Struct(&[
        (Field::BlockAddress, Struct(&[(Field::StrandId, Text(Plain)), (Field::SequenceNo, Int(Plain))])),
        (Field::TableId, Text(Plain)),
        (Field::DocumentId, Text(Plain)),
        (Field::Version, Int(Plain)),
    ])),
)]);

pub(super) const METADATA: Shape = Struct(&[
    (Field::Id, Text(Tag::DocumentId)),
    (Field::Version, Int(Tag::Version)),
    (Field::TxTime, Time),
    (Field::TxId, Text(Tag::TransactionId)),
]);

/// How a value departs from its form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unlike {
    Annotated,
    Unknown,
    Repeated,
    OtherType,
}

impl Unlike {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Annotated => "an annotation",
            Self::Unknown => "a field of another name",
            Self::Repeated => "a field that stands twice",
            Self::OtherType => "a value of another type",
        }
    }
}

/// What one item is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) tag: Tag,
    pub(super) unlike: Option<Unlike>,
    /// What JSON's string was in Ion.
    pub(super) retype: Option<Retype>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Retype {
    Time,
    Blob,
}

/// Follows a value of a form, item by item.
#[derive(Debug, Default)]
pub(super) struct Walk {
    open: Vec<(Option<&'static Shape>, u32)>,
    is_json: bool,
}

impl Walk {
    /// Begins behind the begin of a container of this form.
    pub(super) fn enter(&mut self, shape: &'static Shape, is_json: bool) {
        self.open.clear();
        self.open.push((Some(shape), 0));
        self.is_json = is_json;
    }

    /// Whether the container that was entered has ended.
    #[inline]
    pub(super) fn has_left(&self) -> bool {
        self.open.is_empty()
    }

    /// Follows the next item.
    #[inline]
    pub(super) fn step(&mut self, item: &Item<'_>) -> Step {
        let nothing = Step { tag: Plain, unlike: None, retype: None };
        if matches!(item.event, Event::End) {
            self.open.pop();
            return nothing;
        }
        let Some((holder, met)) = self.open.last_mut() else { return nothing };
        // Inside something of another form, nothing more is said.
        let Some(holder) = *holder else {
            if matches!(item.event, Event::Begin(_)) {
                self.open.push((None, 0));
            }
            return nothing;
        };
        let mut tag_of_key = Plain;
        let (shape, mut unlike) = match holder {
            Struct(fields) => match Field::of(item).and_then(|field| field.place(fields, met.count_ones() as usize)) {
                Some(index) => {
                    let is_repeated = *met & 1 << index != 0;
                    *met |= 1 << index;
                    (fields.get(index).map(|(_, shape)| shape), is_repeated.then_some(Unlike::Repeated))
                }
                None => (None, Some(Unlike::Unknown)),
            },
            Map(tag, shape) => {
                tag_of_key = *tag;
                (Some(*shape), None)
            }
            List(shape) => (Some(*shape), None),
            _ => (None, None),
        };
        let (tag, fits, retype) = shape.map_or((Plain, true, None), |shape| fit(shape, &item.event, self.is_json));
        if !fits {
            unlike = unlike.or(Some(Unlike::OtherType));
        }
        if !item.annotations.is_empty() {
            unlike = unlike.or(Some(Unlike::Annotated));
        }
        if matches!(item.event, Event::Begin(_)) {
            self.open.push((shape.filter(|_| fits), 0));
        }
        Step { tag: if tag == Plain { tag_of_key } else { tag }, unlike, retype }
    }
}

/// Whether an item begins a value of a form.
fn fit(shape: &Shape, event: &Event<'_>, is_json: bool) -> (Tag, bool, Option<Retype>) {
    match (shape, event) {
        (Text(tag), Event::Scalar(Scalar::String(_))) | (Int(tag), Event::Scalar(Scalar::Int(_))) => (*tag, true, None),
        (Time, Event::Scalar(Scalar::Timestamp(_))) | (Blob, Event::Scalar(Scalar::Blob(_))) => (Plain, !is_json, None),
        (Time, Event::Scalar(Scalar::String(_))) => (Plain, is_json, is_json.then_some(Retype::Time)),
        (Blob, Event::Scalar(Scalar::String(_))) => (Plain, is_json, is_json.then_some(Retype::Blob)),
        (List(_), Event::Begin(Container::List)) | (Struct(_) | Map(..), Event::Begin(Container::Struct)) => {
            (Plain, true, None)
        }
        _ => (Plain, false, None),
    }
}
