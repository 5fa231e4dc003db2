//! Numbers, timestamps and value heads as bytes of Ion binary: for its writer, and for Ion Hash,
//! which hashes the same bytes.

use super::numbers::{Decimal, Magnitude};
use super::timestamp::{Precision, Timestamp};

/// Lengths from here on are stored after the descriptor, not in it.
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

/// The number of bytes that [`push_head`] writes.
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

/// A variable-length signed integer. A negative zero is written as one.
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
    // One NaN represents all.
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
#[inline]
pub(super) fn push_timestamp_bytes(timestamp: &Timestamp, out: &mut Vec<u8>) {
    match usual_timestamp_bytes(timestamp) {
        Some((bytes, length)) => {
            // Copying a constant length and truncating is cheaper than copying a variable length.
            let end = out.len() + length;
            out.extend_from_slice(&bytes);
            out.truncate(end);
        }
        None => push_any_timestamp_bytes(timestamp, out),
    }
}

/// The bytes, and how many of them count, of a timestamp as QLDB writes its own: in UTC, to the millisecond.
#[inline]
fn usual_timestamp_bytes(timestamp: &Timestamp) -> Option<([u8; 11], usize)> {
    let millis = timestamp.utc_millis()?;
    let time = timestamp.utc_or_local();
    // Years that take two groups of seven bits.
    let year = Some(time.year).filter(|year| (0x80..0x4000).contains(year))?;
    let [_, year_high] = (year >> 7).to_be_bytes();
    let year_low = (year & 0x7F) as u8 | 0x80;
    let [month, day, hour, minute, second] =
        [time.month, time.day, time.hour, time.minute, time.second].map(|part| part | 0x80);
    let [high, low] = millis.to_be_bytes();
    // An exponent of -3; zero milliseconds have no bytes, and the top bit of the first byte is the sign.
    let (fraction, length) = match millis {
        0 => ([0; 2], 9),
        1..0x80 => ([low, 0], 10),
        _ => ([high, low], 11),
    };
    let [first, last] = fraction;
    Some(([0x80, year_high, year_low, month, day, hour, minute, second, 0xC3, first, last], length))
}

fn push_any_timestamp_bytes(timestamp: &Timestamp, out: &mut Vec<u8>) {
    let minutes = timestamp.offset();
    push_var_int(minutes.is_none_or(|minutes| minutes < 0), u64::from(minutes.unwrap_or(0).unsigned_abs()), out);
    let time = timestamp.utc_or_local();
    push_var_uint(time.year.into(), out);
    // Each of these fits one byte, whose top bit marks it as the last of its part.
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ion::timestamp::{Fraction, Parts};

    proptest! {
        #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

        #[test]
        fn the_quick_way_writes_the_bytes_of_the_general_one(
            year in prop_oneof![1_u32..=9999, Just(127), Just(128)],
            (month, day, hour, minute, second) in (1_u32..=12, 1_u32..=28, 0_u32..24, 0_u32..60, 0_u32..60),
            digits in prop_oneof![Just(3_u32), 0_u32..6],
            value in prop_oneof![0_u64..1000, Just(0), Just(127), Just(128), Just(255), Just(256)],
            offset in prop_oneof![Just(Some(0_i16)), Just(None), (-600_i16..600).prop_map(Some)],
            has_fraction: bool,
        ) {
            let fraction = if has_fraction { Fraction::new(digits, Magnitude::Small(value)) } else { None };
            let time = Some((hour, minute));
            let parts = Parts { year, month: Some(month), day: Some(day), time, second: Some(second), fraction, offset };
            if let Some(timestamp) = parts.local() {
                let (mut quick, mut general) = (vec![1], vec![1]);
                push_timestamp_bytes(&timestamp, &mut quick);
                push_any_timestamp_bytes(&timestamp, &mut general);
                prop_assert_eq!(quick, general);
            }
        }
    }
}
