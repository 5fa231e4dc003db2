//! The representation of a value in the text that Ion Hash hashes.

use crate::Hash;
use crate::ion::binary_bytes::{push_decimal_bytes, push_float_bytes, push_timestamp_bytes};
use crate::ion::{Item, Scalar, Symbol, runs};

pub(in crate::ion) const BEGIN: u8 = 0x0B;
pub(in crate::ion) const END: u8 = 0x0E;
const ESCAPE: u8 = 0x0C;
const ANNOTATED: u8 = 0xE0;
const SYMBOL: u8 = 0x70;
const UNKNOWN_SYMBOL: u8 = 0x71;
const STRING: u8 = 0x80;
const CLOB: u8 = 0x90;
const BLOB: u8 = 0xA0;
/// A value of this length fits, with a name before it, into a message.
pub(in crate::ion) const LONGEST_SHORT: usize = 64;

/// The qualifier and the representation of a value that is short and needs no escapes. Numbers are written to `number`.
#[inline(always)]
#[expect(clippy::inline_always, reason = "a call costs more than what is left for one kind of value")]
pub(super) fn short<'s>(scalar: &'s Scalar<'_>, is_plain: bool, number: &'s mut Vec<u8>) -> Option<(u8, &'s [u8])> {
    let (qualifier, value) = match scalar {
        Scalar::String(text) if is_plain => {
            return Some((STRING, text.as_bytes())).filter(|_| text.len() <= LONGEST_SHORT);
        }
        Scalar::String(text) => (STRING, text.as_bytes()),
        Scalar::Symbol(symbol) => (SYMBOL, (*symbol)?.as_bytes()),
        Scalar::Clob(bytes) => (CLOB, *bytes),
        Scalar::Blob(bytes) => {
            if let Ok(hash) = <&[u8; Hash::LENGTH]>::try_from(*bytes) {
                return Some((BLOB, *bytes)).filter(|_| !runs::has_escaped(hash));
            }
            (BLOB, *bytes)
        }
        Scalar::Null(ion_type) => return Some((ion_type.code() << 4 | 0xF, &[])),
        Scalar::Bool(truth) => return Some((0x10 | u8::from(*truth), &[])),
        _ => {
            let qualifier = push_number(scalar, number);
            (qualifier, number.as_slice())
        }
    };
    (value.len() <= LONGEST_SHORT && runs::is_unescaped(value)).then_some((qualifier, value))
}

/// Writes a number's representation into an empty buffer, and returns its qualifier.
#[inline]
fn push_number(scalar: &Scalar<'_>, number: &mut Vec<u8>) -> u8 {
    number.clear();
    match scalar {
        Scalar::Int(int) => {
            int.magnitude.push_be_bytes(number);
            if int.negative { 0x30 } else { 0x20 }
        }
        Scalar::Float(float) => {
            push_float_bytes(*float, number);
            0x40
        }
        Scalar::Decimal(decimal) => {
            push_decimal_bytes(decimal, number);
            0x50
        }
        Scalar::Timestamp(timestamp) => {
            push_timestamp_bytes(timestamp, number);
            0x60
        }
        _ => 0x60,
    }
}

pub(super) fn push_annotations(item: &Item<'_>, out: &mut Vec<u8>) -> bool {
    if item.annotations.is_empty() {
        return false;
    }
    out.extend_from_slice(&[BEGIN, ANNOTATED]);
    item.annotations.iter().for_each(|annotation| push_symbol(annotation.as_deref(), out));
    true
}

pub(super) fn push_annotated_scalar(item: &Item<'_>, scalar: &Scalar<'_>, out: &mut Vec<u8>, number: &mut Vec<u8>) {
    let is_annotated = push_annotations(item, out);
    push_scalar(scalar, out, number);
    if is_annotated {
        out.push(END);
    }
}

/// Appends bytes with their escapes.
#[inline]
fn push_escaped(bytes: &[u8], out: &mut Vec<u8>) {
    let mut rest = bytes;
    loop {
        let (run, special) = rest.split_at_checked(runs::unescaped(rest)).unwrap_or((rest, &[]));
        out.extend_from_slice(run);
        let Some((byte, after)) = special.split_first() else { return };
        out.extend_from_slice(&[ESCAPE, *byte]);
        rest = after;
    }
}

/// The same for a hash: two of three hashes need no escapes, which one look at all bytes shows.
#[inline]
pub(super) fn push_escaped_hash(hash: &[u8; Hash::LENGTH], out: &mut Vec<u8>) {
    out.extend_from_slice(hash);
    if runs::has_escaped(hash) {
        escape_last(hash, hash, out);
    }
}

/// One of several hashes.
#[inline]
pub(super) fn push_escaped_one(hashes: &[[u8; Hash::LENGTH]], index: usize, out: &mut Vec<u8>) {
    let hash = hashes.get(index).unwrap_or(&[0; Hash::LENGTH]);
    out.extend_from_slice(hash);
    if runs::has_escaped(hash) {
        escape_last(hash, hashes.as_flattened().get(index * Hash::LENGTH..).unwrap_or_default(), out);
    }
}

/// Inserts escapes into the hash that was appended last. `from` are its bytes and whatever follows them: if enough
/// follows, copies have a constant length and the excess is truncated.
#[inline(never)]
fn escape_last(hash: &[u8; Hash::LENGTH], from: &[u8], out: &mut Vec<u8>) {
    let start = out.len() - Hash::LENGTH;
    let mut count = 0;
    runs::each_escaped(hash, |at| {
        out.truncate(start + at + count);
        out.push(ESCAPE);
        count += 1;
        match from.get(at..).and_then(|rest| rest.first_chunk::<{ Hash::LENGTH }>()) {
            Some(rest) => out.extend_from_slice(rest),
            None => out.extend_from_slice(hash.get(at..).unwrap_or_default()),
        }
    });
    out.truncate(start + Hash::LENGTH + count);
}

#[inline]
fn push_value(qualifier: u8, representation: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&[BEGIN, qualifier]);
    push_escaped(representation, out);
    out.push(END);
}

/// The name of an item's field.
#[inline]
pub(super) fn push_field(item: &Item<'_>, out: &mut Vec<u8>) {
    match item.name() {
        Some(name) => {
            debug_assert!(name.is(item.field.flatten()), "the name of another field");
            name.push_hashed(out);
        }
        None => push_symbol(item.field.flatten(), out),
    }
}

#[inline]
pub(in crate::ion) fn push_symbol(symbol: Symbol<'_>, out: &mut Vec<u8>) {
    match symbol {
        Some(text) => push_value(SYMBOL, text.as_bytes(), out),
        None => push_value(UNKNOWN_SYMBOL, &[], out),
    }
}

fn push_scalar(scalar: &Scalar<'_>, out: &mut Vec<u8>, number: &mut Vec<u8>) {
    match scalar {
        Scalar::String(text) => push_value(STRING, text.as_bytes(), out),
        Scalar::Blob(bytes) => {
            let Ok(hash) = <&[u8; Hash::LENGTH]>::try_from(*bytes) else { return push_value(BLOB, bytes, out) };
            out.extend_from_slice(&[BEGIN, BLOB]);
            push_escaped_hash(hash, out);
            out.push(END);
        }
        Scalar::Symbol(symbol) => push_symbol(*symbol, out),
        Scalar::Clob(bytes) => push_value(CLOB, bytes, out),
        Scalar::Null(ion_type) => push_value(ion_type.code() << 4 | 0xF, &[], out),
        Scalar::Bool(truth) => push_value(0x10 | u8::from(*truth), &[], out),
        _ => {
            let qualifier = push_number(scalar, number);
            push_value(qualifier, number, out);
        }
    }
}
