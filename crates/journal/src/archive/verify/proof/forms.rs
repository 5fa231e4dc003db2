//! The forms in which people saved the service's responses: JSON from the AWS CLI and from
//! programs, the console's Ion text, tab-separated text, in UTF-8 or as PowerShell writes files.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use crate::ion::{Container, Event, Item, RawValue, Scalar, values};

/// A saved response, reduced to what is needed. Members are kept in order, so that a repeated one is noticed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Text(String),
    Number(u64),
    Bytes(Vec<u8>),
    List(Vec<Node>),
    Members(Vec<(String, Node)>),
    Other,
}

/// A member that occurs more than once: one reader takes the first, another the last.
#[derive(Debug)]
pub(super) struct Repeated;

impl Node {
    /// A member by its name; some languages write names with a lower-case first letter.
    pub(super) fn member(&self, name: &str) -> Result<Option<&Self>, Repeated> {
        let Self::Members(members) = self else { return Ok(None) };
        let mut found = members.iter().filter(|(member, _)| member.eq_ignore_ascii_case(name)).map(|(_, node)| node);
        match (found.next(), found.next()) {
            (node, None) => Ok(node),
            _ => Err(Repeated),
        }
    }
}

/// The text of a file: UTF-8, or UTF-16 as PowerShell writes it. `None` if it is neither.
pub fn text_of(bytes: &[u8]) -> Option<String> {
    let pairs = |bytes: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = bytes.as_chunks::<2>();
        rest.is_empty().then(|| String::from_utf16(&pairs.iter().copied().map(unit).collect::<Vec<_>>()).ok()).flatten()
    };
    match bytes {
        [0xFF, 0xFE, rest @ ..] => pairs(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => pairs(rest, u16::from_be_bytes),
        [first, 0, ..] if *first != 0 => pairs(bytes, u16::from_le_bytes),
        [0, second, ..] if *second != 0 => pairs(bytes, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes.to_vec()).ok(),
    }
}

/// Why a text does not have the expected form.
#[derive(Debug)]
pub(super) enum FormError {
    /// There is something after the JSON.
    More,
    /// It is neither JSON nor Ion; the JSON reader's error.
    Json(serde_json::Error),
}

/// Reads JSON, or else the Ion text of the console, or the output of languages that quote names.
pub(super) fn structure(text: &str) -> Result<Node, FormError> {
    let mut json = serde_json::Deserializer::from_str(text);
    match Node::deserialize(&mut json) {
        Ok(node) => json.end().map_or(Err(FormError::More), |()| Ok(node)),
        Err(cause) => ion(text).ok_or(FormError::Json(cause)),
    }
}

/// The lines of `--output text`: a name, a tab, a value.
pub(super) fn tabbed(text: &str) -> Node {
    let pairs = text.lines().filter_map(|line| line.split_once('\t'));
    Node::Members(pairs.map(|(name, value)| (name.to_owned(), Node::Text(value.to_owned()))).collect())
}

/// The single struct of an Ion text.
fn ion(text: &str) -> Option<Node> {
    if text.trim_start().starts_with("{{") {
        return None;
    }
    let mut found = values(text.as_bytes());
    let (value, none) = (found.next()?.ok()?, found.next());
    if none.is_some() { None } else { of_value(&value).filter(|node| matches!(node, Node::Members(_))) }
}

/// More nested containers than any response has; the JSON reader has the same limit.
const DEEPEST: usize = 127;

/// A container that has begun: its own name, and what was read of it.
struct Open {
    name: String,
    names: bool,
    parts: Vec<(String, Node)>,
}

fn of_value(value: &RawValue) -> Option<Node> {
    let mut reader = value.reader();
    let mut open: Vec<Open> = Vec::new();
    while let Some(item) = reader.next_item().ok()? {
        let name = item.field.flatten().unwrap_or_default().to_owned();
        let (name, node) = match &item.event {
            Event::Begin(_) if open.len() == DEEPEST => return None,
            Event::Begin(container) => {
                open.push(Open { name, names: *container == Container::Struct, parts: Vec::new() });
                continue;
            }
            Event::End => open.pop()?.close(),
            Event::Scalar(_) => (name, of_scalar(&item)),
        };
        match open.last_mut() {
            Some(parent) => parent.parts.push((name, node)),
            None => return Some(node),
        }
    }
    None
}

impl Open {
    fn close(self) -> (String, Node) {
        let node = if self.names {
            Node::Members(self.parts)
        } else {
            Node::List(self.parts.into_iter().map(|(_, node)| node).collect())
        };
        (self.name, node)
    }
}

fn of_scalar(item: &Item<'_>) -> Node {
    match &item.event {
        Event::Scalar(Scalar::String(text) | Scalar::Symbol(Some(text))) => Node::Text((*text).to_owned()),
        Event::Scalar(Scalar::Blob(bytes)) => Node::Bytes(bytes.to_vec()),
        Event::Scalar(Scalar::Int(number)) => number.as_u64().map_or(Node::Other, Node::Number),
        _ => Node::Other,
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Any)
    }
}

struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Number(number))
    }

    fn visit_i64<E>(self, _: i64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(node) = sequence.next_element()? {
            list.push(node);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Node::Members(members))
    }
}
