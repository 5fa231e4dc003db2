//! Numbers and timestamps from the bytes of Ion binary.

use crate::ion::IonError;
use crate::ion::numbers::{Decimal, Int, Magnitude};
use crate::ion::timestamp::{Fraction, Parts, Timestamp};

const MINUTES_OF_A_DAY: i64 = 24 * 60;

/// A variable-length unsigned integer and the offset after it. `Ok(None)` if the bytes end within it.
#[inline]
pub(super) fn var_uint(input: &[u8], at: usize) -> Result<Option<(u64, usize)>, IonError> {
    let mut value = 0_u64;
    for (index, byte) in input.get(at..).unwrap_or_default().iter().enumerate() {
        if value >> (u64::BITS - 7) != 0 {
            return Err(IonError::new(at, "a variable-length integer is out of range"));
        }
        value = value << 7 | u64::from(byte & 0x7F);
        if byte & 0x80 != 0 {
            return Ok(Some((value, at + index + 1)));
        }
    }
    Ok(None)
}

pub(in crate::ion) fn negative(bytes: &[u8]) -> Option<Int> {
    let magnitude = Magnitude::from_be_bytes(bytes);
    (!magnitude.is_zero()).then_some(Int { negative: true, magnitude })
}

pub(super) fn float(bytes: &[u8]) -> Option<f64> {
    match bytes.len() {
        0 => Some(0.0),
        4 => Some(f64::from(f32::from_be_bytes(bytes.try_into().ok()?))),
        8 => Some(f64::from_be_bytes(bytes.try_into().ok()?)),
        _ => None,
    }
}

/// A variable-length signed integer: sign, value and the bytes after it. The sign of zero is kept.
fn var_int(bytes: &[u8]) -> Option<(bool, i64, &[u8])> {
    let first = *bytes.first()?;
    let negative = first & 0x40 != 0;
    let mut value = i64::from(first & 0x3F);
    let mut used = 1;
    if first & 0x80 == 0 {
        loop {
            let byte = *bytes.get(used)?;
            used += 1;
            value = value.checked_mul(128)? | i64::from(byte & 0x7F);
            if byte & 0x80 != 0 {
                break;
            }
        }
    }
    Some((negative, if negative { -value } else { value }, &bytes[used..]))
}

/// A fixed-length signed integer: the top bit is the sign.
fn int(bytes: &[u8]) -> Int {
    let Some((first, rest)) = bytes.split_first() else { return Int::from(0_u64) };
    if rest.len() < size_of::<u64>() {
        let value = rest.iter().fold(u64::from(first & 0x7F), |value, byte| value << 8 | u64::from(*byte));
        return Int { negative: first & 0x80 != 0, magnitude: Magnitude::Small(value) };
    }
    let mut absolute = Vec::with_capacity(bytes.len());
    absolute.push(first & 0x7F);
    absolute.extend(rest);
    Int { negative: first & 0x80 != 0, magnitude: Magnitude::from_be_bytes(&absolute) }
}

pub(in crate::ion) fn decimal(bytes: &[u8]) -> Option<Decimal> {
    if bytes.is_empty() {
        return Some(Decimal { coefficient: Int::from(0_u64), exponent: 0 });
    }
    let (_, exponent, rest) = var_int(bytes)?;
    Some(Decimal { coefficient: int(rest), exponent })
}

/// A timestamp that every reader understands alike.
pub(in crate::ion) fn timestamp(bytes: &[u8]) -> Option<Timestamp> {
    usual_timestamp(bytes).or_else(|| match any_timestamp(bytes)? {
        (timestamp, Dated::Plainly) => Some(timestamp),
        (_, Dated::WithOffset) => None,
    })
}

/// Whether a date without a time of day has an offset nevertheless. Ion defines none for it; some readers ignore it, as
/// Ion Hash does, and others shift the date by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dated {
    Plainly,
    WithOffset,
}

/// A timestamp in UTC, to the millisecond, as QLDB writes its own.
#[inline]
fn usual_timestamp(bytes: &[u8]) -> Option<Timestamp> {
    let [0x80, high @ ..0x80, low @ 0x80..=0xFF, parts @ ..] = bytes else { return None };
    let (parts, fraction) = parts.split_first_chunk::<5>()?;
    let [0xC3, millis @ ..] = fraction else { return None };
    if !parts.iter().all(|part| *part >= 0x80) {
        return None;
    }
    let millis = match millis {
        [] => 0,
        [one @ ..0x80] => u32::from(*one),
        [one @ ..0x80, two] => u32::from(*one) << 8 | u32::from(*two),
        _ => return None,
    };
    let [month, day, hour, minute, second] = parts.map(|part| u32::from(part & 0x7F));
    let year = u32::from(*high) << 7 | u32::from(low & 0x7F);
    Timestamp::of_utc([year, month, day], [hour, minute, second], millis)
}

pub(super) fn any_timestamp(bytes: &[u8]) -> Option<(Timestamp, Dated)> {
    let (negative, minutes, mut rest) = var_int(bytes)?;
    // A date has no offset, but the bytes in its position must be valid.
    if minutes.abs() >= MINUTES_OF_A_DAY {
        return None;
    }
    let unknown = negative && minutes == 0;
    let offset = if unknown { None } else { Some(i16::try_from(minutes).ok()?) };
    let mut parts = Parts { year: take_part(&mut rest)??, offset, ..Parts::default() };
    let mut dated = Dated::Plainly;
    parts.month = take_part(&mut rest)?;
    parts.day = take_part(&mut rest)?;
    if let Some(hour) = take_part(&mut rest)? {
        parts.time = Some((hour, take_part(&mut rest)??));
        parts.second = take_part(&mut rest)?;
        if !rest.is_empty() {
            parts.fraction = fraction(rest)?;
        }
    } else if parts.offset.take().is_some() {
        dated = Dated::WithOffset;
    }
    Some((parts.utc()?, dated))
}

/// The next part of a timestamp: `None` at the end. The outer option is `None` if it is malformed.
fn take_part(rest: &mut &[u8]) -> Option<Option<u32>> {
    if rest.is_empty() {
        return Some(None);
    }
    let (value, after) = var_uint(rest, 0).ok()??;
    *rest = &rest[after..];
    Some(Some(u32::try_from(value).ok()?))
}

fn fraction(bytes: &[u8]) -> Option<Option<Fraction>> {
    let (_, exponent, rest) = var_int(bytes)?;
    let coefficient = int(rest);
    if exponent >= 0 {
        return coefficient.magnitude.is_zero().then_some(None);
    }
    let positive = !coefficient.negative || coefficient.magnitude.is_zero();
    let digits = u32::try_from(exponent.unsigned_abs()).ok().filter(|_| positive)?;
    Some(Some(Fraction::new(digits, coefficient.magnitude)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

        #[test]
        fn usual_timestamps_are_those_of_the_general_way(
            edits in proptest::collection::vec((0..11_usize, any::<u8>()), 0..3),
            length in 7..12_usize,
        ) {
            let mut bytes = *b"\x80\x0F\xE8\x83\x81\x80\x8A\x9E\xC3\x01\x77\x00";
            for (at, byte) in edits {
                bytes[at] = byte;
            }
            let bytes = &bytes[..length];
            let plain = any_timestamp(bytes).and_then(|(any, dated)| (dated == Dated::Plainly).then_some(any));
            prop_assert_eq!(timestamp(bytes), plain);
        }
    }
}
