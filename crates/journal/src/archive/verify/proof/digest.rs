//! A digest as it was saved from the service. It can't be fetched again, so every form that people
//! have saved is read: JSON from the AWS CLI, boto3 and JavaScript, the console's Ion text, YAML,
//! tables and tab-separated text, the printed forms of languages, and the digest alone.

use super::SavedAnswerError;
use super::forms::{FormError, Node, Repeated, structure, text_of};
use crate::{BlockAddress, Hash, address_from_text};

/// A digest with the last block that it covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedDigest {
    /// The digest.
    pub digest: Hash,
    /// The number of the last block that it covers.
    pub tip: u64,
    /// The strand, if it is known.
    pub strand_id: Option<String>,
}

impl SavedDigest {
    /// Reads a saved GetDigest response that includes its tip.
    pub fn from_response(saved: impl AsRef<[u8]>) -> Result<Self, SavedAnswerError> {
        Self::read(saved, None)
    }

    /// Reads a saved GetDigest response, or the digest alone, which requires the tip to be given. If both give a tip,
    /// it must be the same.
    pub fn read(saved: impl AsRef<[u8]>, tip: Option<u64>) -> Result<Self, SavedAnswerError> {
        let text = text_of(saved.as_ref()).ok_or(SavedAnswerError::NoText)?;
        let (digest, address) =
            if text.trim_start().starts_with('{') { of_structure(&text)? } else { searched(&text)? };
        match (address.map(|address| (address.sequence_no, address.strand_id)), tip) {
            (Some((stated, _)), Some(given)) if stated != given => Err(SavedAnswerError::OtherTip { stated, given }),
            (Some((tip, strand_id)), _) => Ok(Self { digest, tip, strand_id: Some(strand_id) }),
            (None, Some(tip)) => Ok(Self { digest, tip, strand_id: None }),
            (None, None) => Err(SavedAnswerError::NoTip),
        }
    }

    /// A digest in base64, with its tip.
    pub fn new(digest: &str, tip: u64) -> Result<Self, SavedAnswerError> {
        Ok(Self { digest: hash_of_text(digest).ok_or(SavedAnswerError::Digest)?, tip, strand_id: None })
    }
}

/// Longer than any notation of 32 bytes or of an address, in characters.
const FAR: usize = 1_024;

type DigestAndTip = (Hash, Option<BlockAddress>);

/// JSON or Ion; anything else that begins like it is the printed form of some language.
fn of_structure(text: &str) -> Result<DigestAndTip, SavedAnswerError> {
    let node = match structure(text) {
        Ok(node) => node,
        Err(FormError::More) => return Err(SavedAnswerError::Several("the digest")),
        Err(FormError::Json(cause)) => {
            return searched(text).map_err(|_| SavedAnswerError::Json { answer: "GetDigest", cause: cause.into() });
        }
    };
    let member = |node: &Node, name| node.member(name).map(Option::<&Node>::cloned);
    let several = |name| move |Repeated| SavedAnswerError::Several(name);
    let digest = member(&node, "Digest").map_err(several("Digest"))?;
    let digest = digest.ok_or(SavedAnswerError::Lacks { answer: "GetDigest", member: "Digest" })?;
    let digest = hash_of(&digest).ok_or(SavedAnswerError::Digest)?;
    let address = member(&node, "DigestTipAddress").map_err(several("DigestTipAddress"))?;
    Ok((digest, address.map(|address| address_of(&address)).transpose()?))
}

/// 32 bytes, in any form in which a language writes them into JSON.
fn hash_of(node: &Node) -> Option<Hash> {
    match node {
        Node::Text(text) => hash_of_text(text),
        Node::Bytes(bytes) => Hash::from_slice(bytes),
        Node::List(list) => {
            let byte = |node: &Node| if let Node::Number(number) = node { u8::try_from(*number).ok() } else { None };
            Hash::from_slice(&list.iter().map(byte).collect::<Option<Vec<u8>>>()?)
        }
        Node::Members(members) => match node.member("data") {
            Ok(Some(data)) => hash_of(data),
            Ok(None) => {
                let in_order = members.iter().enumerate().all(|(index, (name, _))| *name == index.to_string());
                let bytes = members.iter().map(|(_, byte)| byte.clone()).collect();
                if in_order { hash_of(&Node::List(bytes)) } else { None }
            }
            Err(Repeated) => None,
        },
        Node::Number(_) | Node::Other => None,
    }
}

/// Base64 as in the API, hexadecimal, or Python's notation of bytes.
fn hash_of_text(text: &str) -> Option<Hash> {
    let text = text.trim();
    let python = |text| Hash::from_slice(&python(text)?);
    Hash::from_base64(text).or_else(|| hexadecimal(text)).or_else(|| python(text))
}

fn hexadecimal(text: &str) -> Option<Hash> {
    Hash::from_hex(text.strip_prefix("0x").unwrap_or(text))
}

/// `b'\xb6*y…'`, and nothing else.
fn python(text: &str) -> Option<Vec<u8>> {
    python_literals(text).filter(|(_, rest)| rest.trim().is_empty()).map(|(bytes, _)| bytes)
}

/// The bytes of one or more Python literals, since its pretty printer splits long ones, and the rest of the text.
fn python_literals(text: &str) -> Option<(Vec<u8>, &str)> {
    let (mut bytes, mut rest) = python_literal(text)?;
    while let Some((more, after)) = python_literal(rest.trim_start()).filter(|_| bytes.len() < Hash::LENGTH) {
        bytes.extend(more);
        rest = after;
    }
    Some((bytes, rest))
}

fn python_literal(text: &str) -> Option<(Vec<u8>, &str)> {
    let quoted = text.strip_prefix('b')?;
    let quote = quoted.chars().next().filter(|quote| matches!(quote, '\'' | '"'))?;
    let mut rest = quoted.get(1..)?;
    let mut bytes = Vec::new();
    while let Some(character) = rest.chars().next().filter(|_| bytes.len() <= Hash::LENGTH) {
        if character == quote {
            return Some((bytes, rest.get(1..)?));
        }
        let (byte, length) = match (character, rest.as_bytes().get(1)) {
            ('\\', Some(b'x')) => (u8::from_str_radix(rest.get(2..4)?, 16).ok()?, 4),
            ('\\', Some(b'n')) => (b'\n', 2),
            ('\\', Some(b'r')) => (b'\r', 2),
            ('\\', Some(b't')) => (b'\t', 2),
            ('\\', Some(escaped)) => (*escaped, 2),
            _ => (u8::try_from(character).ok()?, character.len_utf8()),
        };
        bytes.push(byte);
        rest = rest.get(length..)?;
    }
    None
}

fn address_of(node: &Node) -> Result<BlockAddress, SavedAnswerError> {
    const MEMBER: &str = "DigestTipAddress";
    let part = |name| node.member(name).map_err(|Repeated| SavedAnswerError::Several(MEMBER));
    let lacks = || SavedAnswerError::Lacks { answer: "GetDigest", member: MEMBER };
    match (node, part("IonText")?, part("strandId")?, part("sequenceNo")?) {
        (Node::Text(text), ..) | (_, Some(Node::Text(text)), ..) => Ok(address_from_text(MEMBER, text)?),
        (_, _, Some(Node::Text(strand_id)), Some(number)) => {
            let sequence_no = match number {
                Node::Number(number) => Some(*number),
                Node::Text(digits) => digits.parse().ok(),
                _ => None,
            };
            let strand_id = strand_id.clone();
            sequence_no.map(|sequence_no| BlockAddress { strand_id, sequence_no }).ok_or(lacks())
        }
        _ => Err(lacks()),
    }
}

/// Searches for the digest and the tip in a text of any form. Each must occur only once, so that nothing is guessed.
fn searched(text: &str) -> Result<DigestAndTip, SavedAnswerError> {
    let mut hashes = words(text).chain(notations(text));
    let digest = hashes.next().ok_or(SavedAnswerError::Digest)?;
    if hashes.any(|other| other != digest) {
        return Err(SavedAnswerError::Several("the digest"));
    }
    let mut addresses = text.match_indices("strandId").filter_map(|(at, _)| address_around(text, at));
    let address = addresses.next();
    if addresses.any(|other| Some(other) != address) {
        return Err(SavedAnswerError::Several("DigestTipAddress"));
    }
    Ok((digest, address))
}

/// Words that are 32 bytes in base64, including its padding, or in hexadecimal.
fn words(text: &str) -> impl Iterator<Item = Hash> {
    let in_base64 = |character: char| character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '=');
    let words = text.split(move |character| !in_base64(character));
    words.flat_map(|word| {
        word.split_inclusive('=').filter_map(|part| match (part.len(), part.ends_with('=')) {
            (44, true) | (64 | 66, false) => hash_of_text(part),
            _ => None,
        })
    })
}

/// `b'…'` in Python, `<Buffer b6 2a …>` and `Uint8Array(32) [ 182, 42, … ]` in JavaScript.
fn notations(text: &str) -> impl Iterator<Item = Hash> {
    let python = ["b'", "b\""].into_iter().flat_map(move |open| {
        text.match_indices(open).filter_map(move |(at, _)| Hash::from_slice(&python_literals(text.get(at..)?)?.0))
    });
    let buffers = text.match_indices("<Buffer ").filter_map(move |(at, open)| {
        let digits: String = between(text, at + open.len(), '>')?.split_whitespace().collect();
        hexadecimal(&digits)
    });
    let arrays = text.match_indices('[').filter_map(move |(at, open)| {
        let numbers = between(text, at + open.len(), ']')?.split(',').map(str::trim).filter(|part| !part.is_empty());
        Hash::from_slice(&numbers.map(|number| number.parse().ok()).collect::<Option<Vec<u8>>>()?)
    });
    python.chain(buffers).chain(arrays)
}

/// The text from a position up to a nearby character.
fn between(text: &str, from: usize, end: char) -> Option<&str> {
    let rest = text.get(from..)?;
    let (length, _) = rest.char_indices().take(FAR).find(|(_, character)| *character == end)?;
    rest.get(..length)
}

/// The struct around a position, with any quotes.
fn address_around(text: &str, at: usize) -> Option<BlockAddress> {
    let begin = text.get(..at)?.rfind('{')?;
    let inside = between(text, begin, '}')?.replace('\\', "").replace("''", "'").replace('\'', "\"");
    address_from_text("DigestTipAddress", &format!("{inside}}}")).ok()
}
