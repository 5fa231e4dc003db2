//! The representation of a value in the text that Ion Hash hashes.

use super::escapes::{LONGEST_SHORT, SYMBOL, push_escaped_hash, push_symbol, push_value};
use crate::Hash;
use crate::ion::binary_bytes::{push_decimal_bytes, push_float_bytes, push_timestamp_bytes};
use crate::ion::runs::{self, BEGIN, END};
use crate::ion::{Item, Scalar};

const ANNOTATED: u8 = 0xE0;

const STRING: u8 = 0x80;
const CLOB: u8 = 0x90;
const BLOB: u8 = 0xA0;

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
