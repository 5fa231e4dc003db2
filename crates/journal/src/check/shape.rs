//! The form that QLDB gives to everything in a block outside documents: which
//! fields, each once, each of one type, without annotations (docs/qldb.md 3.4).

use std::sync::LazyLock;

use super::field::{FIELDS, Field};
use crate::ion::{Container, Event, Item, Kind, Run, RunStep, Scalar};

/// The form of a value.
#[derive(Debug)]
pub(super) enum Shape {
    /// A string.
    Text(Tag),
    /// An integer.
    Int(Tag),
    /// A timestamp; in JSON, a string.
    Time,
    /// A blob; in JSON, a base64 string.
    Blob,
    /// A list of values of one form.
    List(&'static Shape),
    /// A struct with these fields, any of which may be absent.
    Struct(&'static [(Field, Shape)]),
    /// The same, if all of them are almost always present, in this order.
    Usual(&'static [(Field, Shape)], &'static LazyLock<Option<UsualRuns>>),
    /// A struct whose fields have ids as names, and values of one form.
    Map(Tag, &'static Shape),
}

/// What a check needs from a value, apart from its form.
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
    /// The document of a revision that was redacted.
    Redaction,
}

impl Shape {
    /// What a check needs from a value without parts.
    fn tag(&self) -> Tag {
        match self {
            Text(tag) | Int(tag) => *tag,
            _ => Plain,
        }
    }

    /// The kind of a value without parts.
    fn kind(&self) -> Option<Kind> {
        match self {
            Text(_) => Some(Kind::Text),
            Int(_) => Some(Kind::Int),
            Time => Some(Kind::Time),
            Blob => Some(Kind::Hash),
            _ => None,
        }
    }
}

use Shape::{Blob, Int, List, Map, Struct, Text, Time, Usual};
use Tag::Plain;

/// The runs of a struct whose fields are all present, in the usual order.
#[derive(Debug)]
pub(super) struct UsualRuns {
    /// From after its beginning to its end.
    rest: Run,
    /// All of it, as a member of a list.
    whole: Run,
    /// What is needed from each value.
    tags: Vec<Tag>,
}

impl UsualRuns {
    fn of(fields: &[(Field, Shape)]) -> Option<Self> {
        let tag = |(_, shape): &(Field, Shape)| if let List(member) = shape { member.tag() } else { shape.tag() };
        let tags = fields.iter().map(tag).collect();
        let rest = rest_of(fields)?;
        let whole = [&[RunStep::Begin(None, Container::Struct)], &rest[..]].concat();
        Some(Self { rest: Run::new(FIELDS, &rest)?, whole: Run::new(FIELDS, &whole)?, tags })
    }
}

/// The steps of a struct with these fields, from after its beginning to its end.
pub(super) fn rest_of(fields: &[(Field, Shape)]) -> Option<Vec<RunStep<&'static str>>> {
    let mut steps = Vec::new();
    for (field, shape) in fields {
        let name = Some(field.name());
        if let List(member) = shape {
            let list = Container::List;
            steps.extend([RunStep::Begin(name, list), RunStep::Value(None, member.kind()?), RunStep::End(list)]);
        } else {
            steps.push(RunStep::Value(name, shape.kind()?));
        }
    }
    steps.push(RunStep::End(Container::Struct));
    Some(steps)
}

pub(super) const ADDRESS_FIELDS: &[(Field, Shape)] =
    &[(Field::StrandId, Text(Tag::StrandId)), (Field::SequenceNo, Int(Tag::SequenceNo))];
static ADDRESS_RUNS: LazyLock<Option<UsualRuns>> = LazyLock::new(|| UsualRuns::of(ADDRESS_FIELDS));
pub(super) static ADDRESS: Shape = Usual(ADDRESS_FIELDS, &ADDRESS_RUNS);

const STATEMENT_FIELDS: &[(Field, Shape)] =
    &[(Field::Statement, Text(Tag::Statement)), (Field::StartTime, Time), (Field::StatementDigest, Blob)];
static STATEMENT_RUNS: LazyLock<Option<UsualRuns>> = LazyLock::new(|| UsualRuns::of(STATEMENT_FIELDS));

const DOCUMENT_FIELDS: &[(Field, Shape)] = &[
    (Field::TableName, Text(Tag::TableName)),
    (Field::TableId, Text(Tag::TableId)),
    (Field::Statements, List(&Int(Tag::DocumentStatement))),
];
static DOCUMENT_RUNS: LazyLock<Option<UsualRuns>> = LazyLock::new(|| UsualRuns::of(DOCUMENT_FIELDS));

/// A statement, as a member of a list.
pub(super) fn statement_run() -> Option<&'static Run> {
    STATEMENT_RUNS.as_ref().map(|runs| &runs.whole)
}

/// What a transaction changed of a document, from after its beginning to its end.
pub(super) fn document_run() -> Option<&'static Run> {
    DOCUMENT_RUNS.as_ref().map(|runs| &runs.rest)
}

pub(super) static TRANSACTION_INFO: Shape = Struct(&[
    (Field::Statements, List(&Usual(STATEMENT_FIELDS, &STATEMENT_RUNS))),
    (Field::Documents, Map(Tag::Document, &Usual(DOCUMENT_FIELDS, &DOCUMENT_RUNS))),
]);

pub(super) const REDACTION_INFO: Shape = Struct(&[(
    Field::Revisions,
    List(&Struct(&[
        (Field::BlockAddress, Struct(&[(Field::StrandId, Text(Plain)), (Field::SequenceNo, Int(Plain))])),
        (Field::TableId, Text(Plain)),
        (Field::DocumentId, Text(Tag::Redaction)),
        (Field::Version, Int(Plain)),
    ])),
)]);

pub(super) const METADATA_FIELDS: &[(Field, Shape)] = &[
    (Field::Id, Text(Tag::DocumentId)),
    (Field::Version, Int(Tag::Version)),
    (Field::TxTime, Time),
    (Field::TxId, Text(Tag::TransactionId)),
];
static METADATA_RUNS: LazyLock<Option<UsualRuns>> = LazyLock::new(|| UsualRuns::of(METADATA_FIELDS));
pub(super) static METADATA: Shape = Usual(METADATA_FIELDS, &METADATA_RUNS);

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
            Self::Repeated => "a field that occurs twice",
            Self::OtherType => "a value of another type",
        }
    }
}

/// The meaning of one item.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step {
    pub(super) tag: Tag,
    pub(super) unlike: Option<Unlike>,
    /// What a JSON string was in Ion.
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
    /// Begins after the beginning of a container of this form.
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

    /// What is expected next.
    #[inline]
    pub(super) fn expected(&self) -> Option<&'static Run> {
        let (runs, is_member) = self.usual()?;
        Some(if is_member { &runs.whole } else { &runs.rest })
    }

    /// The runs of the struct that has begun or, as a member of a list, comes next; and whether it is such a member.
    #[inline]
    fn usual(&self) -> Option<(&'static UsualRuns, bool)> {
        let (runs, is_member) = match self.open.last()? {
            (Some(Usual(_, runs)), 0) => (runs, false),
            (Some(List(Usual(_, runs))), _) => (runs, true),
            _ => return None,
        };
        Some((runs.as_ref()?, is_member))
    }

    /// Follows what was expected, and returns what is needed from its values.
    #[inline]
    pub(super) fn step_over(&mut self) -> &'static [Tag] {
        let Some((runs, is_member)) = self.usual() else { return &[] };
        if !is_member {
            self.open.pop();
        }
        &runs.tags
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
        // Inside something of another form, nothing more is reported.
        let Some(holder) = *holder else {
            if matches!(item.event, Event::Begin(_)) {
                self.open.push((None, 0));
            }
            return nothing;
        };
        let mut tag_of_key = Plain;
        let (shape, mut unlike) = match holder {
            Struct(fields) | Usual(fields, _) => {
                match Field::of(item).and_then(|field| field.place(fields, met.count_ones() as usize)) {
                    Some(index) => {
                        let is_repeated = *met & 1 << index != 0;
                        *met |= 1 << index;
                        (fields.get(index).map(|(_, shape)| shape), is_repeated.then_some(Unlike::Repeated))
                    }
                    None => (None, Some(Unlike::Unknown)),
                }
            }
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
        (List(_), Event::Begin(Container::List))
        | (Struct(_) | Usual(..) | Map(..), Event::Begin(Container::Struct)) => (Plain, true, None),
        _ => (Plain, false, None),
    }
}
