//! Numbers, timestamps and heads as the bytes of Ion binary: for its writer, and for
//! Ion Hash, which hashes the same.

use super::numbers::{Decimal, Magnitude};
use super::timestamp::{Precision, Timestamp};

/// Lengths from here on stand after the descriptor, not in it.
const LONG: usize = 0xE;

#[inline]
pub(super) fn push_head(code: u8, length: usize, out: &mut Vec<u8>) {
    match u8::try_from(length) {
        Ok(short) if length < LONG => out.push(code << 4 | short),
        _ => {
            out.push(code << 4 | 0xE);
            push_var_uint(length as u64, out);
        }
    }
}

/// How many bytes [`push_head`] writes.
#[inline]
pub(super) fn head_length(length: usize) -> usize {
    if length < LONG { 1 } else { 1 + groups_of_seven(length as u64) as usize }
}

fn groups_of_seven(value: u64) -> u32 {
    (u64::BITS - value.leading_zeros()).div_ceil(7).max(1)
}

#[inline]
pub(super) fn push_var_uint(value: u64, out: &mut Vec<u8>) {
    match value {
        0..0x80 => return out.push(seven_bits(value, 0) | 0x80),
        0x80..0x4000 => return out.extend_from_slice(&[seven_bits(value, 1), seven_bits(value, 0) | 0x80]),
        0x4000..0x20_0000 => {
            return out.extend_from_slice(&[seven_bits(value, 2), seven_bits(value, 1), seven_bits(value, 0) | 0x80]);
        }
        _ => {}
    }
    for group in (0..groups_of_seven(value)).rev() {
        let last = if group == 0 { 0x80 } else { 0 };
        out.push(seven_bits(value, group) | last);
    }
}

/// Seven bits of a value, counted in groups from the end.
fn seven_bits(value: u64, group: u32) -> u8 {
    (value >> (7 * group) & 0x7F) as u8
}

/// A variable-length signed integer. A negative zero is written as such.
#[inline]
fn push_var_int(negative: bool, magnitude: u64, out: &mut Vec<u8>) {
    let sign = if negative { 0x40 } else { 0 };
    if magnitude < 0x40 {
        return out.push(seven_bits(magnitude, 0) | sign | 0x80);
    }
    let bits = u64::BITS - magnitude.leading_zeros();
    let following = bits.saturating_sub(6).div_ceil(7);
    let first = seven_bits(magnitude, following) | sign;
    out.push(first | if following == 0 { 0x80 } else { 0 });
    for group in (0..following).rev() {
        let last = if group == 0 { 0x80 } else { 0 };
        out.push(seven_bits(magnitude, group) | last);
    }
}

/// A fixed-length signed integer: no bytes for zero, the top bit for the sign.
fn push_int(negative: bool, magnitude: &Magnitude, out: &mut Vec<u8>) {
    let start = out.len();
    magnitude.push_be_bytes(out);
    let room_for_sign = out.get(start).is_some_and(|byte| byte & 0x80 == 0);
    if !room_for_sign && (negative || out.len() > start) {
        out.insert(start, 0);
    }
    if let Some(first) = out.get_mut(start).filter(|_| negative) {
        *first |= 0x80;
    }
}

pub(super) fn push_float_bytes(float: f64, out: &mut Vec<u8>) {
    if float == 0.0 && float.is_sign_positive() {
        return;
    }
    // One NaN stands for all.
    let bits = if float.is_nan() { 0x7FF8_0000_0000_0000 } else { float.to_bits() };
    out.extend_from_slice(&bits.to_be_bytes());
}

pub(super) fn push_decimal_bytes(decimal: &Decimal, out: &mut Vec<u8>) {
    let plain_zero = decimal.exponent == 0 && !decimal.coefficient.negative && decimal.coefficient.magnitude.is_zero();
    if !plain_zero {
        push_var_int(decimal.exponent < 0, decimal.exponent.unsigned_abs(), out);
        push_int(decimal.coefficient.negative, &decimal.coefficient.magnitude, out);
    }
}

/// Offset, then the parts in UTC up to the precision.
pub(super) fn push_timestamp_bytes(timestamp: &Timestamp, out: &mut Vec<u8>) {
    let minutes = timestamp.offset();
    push_var_int(minutes.is_none_or(|minutes| minutes < 0), u64::from(minutes.unwrap_or(0).unsigned_abs()), out);
    let time = timestamp.utc_or_local();
    push_var_uint(time.year.into(), out);
    // One byte holds each of these: the bit marks it as the last of its part.
    let others = [time.month, time.day, time.hour, time.minute, time.second].map(|part| part | 0x80);
    let count = match timestamp.precision() {
        Precision::Year => 0,
        Precision::Month => 1,
        Precision::Day => 2,
        Precision::Minute => 4,
        Precision::Second => 5,
    };
    out.extend_from_slice(&others);
    out.truncate(out.len() - (others.len() - count));
    if let Some(fraction) = timestamp.fraction() {
        push_var_int(true, u64::from(fraction.digits), out);
        push_int(false, &fraction.value, out);
    }
}
