//! The frame and the escapes of a representation in the text that Ion Hash hashes. For the other
//! modules of the hash, and for names that are kept in this form.

use crate::Hash;
use crate::ion::runs::{self, BEGIN, END, ESCAPE};

pub(super) const SYMBOL: u8 = 0x70;
const UNKNOWN_SYMBOL: u8 = 0x71;
/// A value of this length fits, with a name before it, into a message.
pub(in crate::ion) const LONGEST_SHORT: usize = 64;

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
pub(super) fn push_value(qualifier: u8, representation: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&[BEGIN, qualifier]);
    push_escaped(representation, out);
    out.push(END);
}

#[inline]
pub(in crate::ion) fn push_symbol(symbol: Option<&str>, out: &mut Vec<u8>) {
    match symbol {
        Some(text) => push_value(SYMBOL, text.as_bytes(), out),
        None => push_value(UNKNOWN_SYMBOL, &[], out),
    }
}
