//! Reads the numbers and timestamps of Ion text, when their end is known.

use std::borrow::Cow;

use super::numbers::{Decimal, Int, Magnitude};
use super::timestamp::{Fraction, Parts, Timestamp};

/// A number of Ion text.
pub(super) enum Number {
    Int(Int),
    Float(f64),
    Decimal(Decimal),
    Timestamp(Timestamp),
}

/// Reads a number or a timestamp.
pub(super) fn read(text: &str) -> Option<Number> {
    if is_timestamp(text.as_bytes()) { timestamp(text).map(Number::Timestamp) } else { numeric(text) }
}

/// Whether a number has the form that JSON gives it.
pub(super) fn is_json(text: &str) -> bool {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).map_or((unsigned, None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.').map_or((mantissa, None), |(w, f)| (w, Some(f)));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let exponent = exponent.map(|exponent| exponent.strip_prefix(['+', '-']).unwrap_or(exponent));
    digits(whole) && has_no_leading_zero(whole) && fraction.is_none_or(digits) && exponent.is_none_or(digits)
}

fn is_timestamp(bytes: &[u8]) -> bool {
    let year = bytes.len() > 4 && bytes[..4].iter().all(u8::is_ascii_digit);
    year && matches!(bytes[4], b'-' | b'T')
}

/// The most digits of a number that is read without checking its length.
const SHORT: usize = 18;

/// The value of up to 18 digits, the first of which are a whole number without unnecessary zeros.
#[inline]
fn short_value(whole: &[u8], fraction: &[u8]) -> Option<u64> {
    let is_too_long = whole.len() + fraction.len() > SHORT;
    if is_too_long || whole.is_empty() || (whole.len() > 1 && whole.first() == Some(&b'0')) {
        return None;
    }
    whole.iter().chain(fraction).try_fold(0, |value, digit| {
        if digit.is_ascii_digit() { Some(value * 10 + u64::from(digit - b'0')) } else { None }
    })
}

/// The value of up to 18 decimal digits with a sign.
#[inline]
pub(super) fn short_integer(text: &[u8]) -> Option<i64> {
    let (is_negative, digits) = text.strip_prefix(b"-").map_or((false, text), |digits| (true, digits));
    let value = short_value(digits, &[])?.cast_signed();
    Some(if is_negative { -value } else { value })
}

/// A decimal of up to 18 digits that is written without an exponent.
fn short_decimal(text: &[u8]) -> Option<Decimal> {
    let (negative, unsigned) = text.strip_prefix(b"-").map_or((false, text), |rest| (true, rest));
    let point = unsigned.iter().take(SHORT + 1).position(|byte| *byte == b'.')?;
    let (whole, fraction) = (unsigned.get(..point)?, unsigned.get(point + 1..)?);
    let value = short_value(whole, fraction)?;
    let exponent = -i64::try_from(fraction.len()).ok()?;
    Some(Decimal { coefficient: Int { negative, magnitude: Magnitude::Small(value) }, exponent })
}

/// An integer, decimal or float.
fn numeric(text: &str) -> Option<Number> {
    if let Some(decimal) = short_decimal(text.as_bytes()) {
        return Some(Number::Decimal(decimal));
    }
    match text {
        "+inf" => return Some(Number::Float(f64::INFINITY)),
        "-inf" => return Some(Number::Float(f64::NEG_INFINITY)),
        _ => {}
    }
    let (negative, unsigned) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let lower = unsigned.as_bytes().get(1).map(u8::to_ascii_lowercase);
    match (unsigned.starts_with('0'), lower) {
        (true, Some(b'x')) => return integer(negative, &unsigned[2..], 16).map(Number::Int),
        (true, Some(b'b')) => return integer(negative, &unsigned[2..], 2).map(Number::Int),
        _ => {}
    }
    if let Some((mantissa, exponent)) = unsigned.split_once(['e', 'E']) {
        return float(negative, mantissa, exponent).map(Number::Float);
    }
    if unsigned.contains(['.', 'd', 'D']) {
        return decimal(negative, unsigned).map(Number::Decimal);
    }
    has_no_leading_zero(unsigned).then(|| integer(negative, unsigned, 10).map(Number::Int)).flatten()
}

fn has_no_leading_zero(digits: &str) -> bool {
    digits == "0" || !digits.starts_with('0')
}

/// Digits, with single underscores allowed between two digits.
fn plain_digits(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('_') {
        return Some(Cow::Borrowed(text));
    }
    let misplaced = text.starts_with('_') || text.ends_with('_') || text.contains("__");
    (!misplaced).then(|| Cow::Owned(text.replace('_', "")))
}

fn integer(negative: bool, digits: &str, radix: u32) -> Option<Int> {
    let digits = plain_digits(digits)?;
    let magnitude = Magnitude::from_digits(digits.as_bytes(), radix)?;
    Some(Int { negative: negative && !magnitude.is_zero(), magnitude })
}

/// The digits before and after the point.
fn mantissa(text: &str) -> Option<(Cow<'_, str>, Cow<'_, str>)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = (plain_digits(whole)?, plain_digits(fraction)?);
    let well_formed = !whole.is_empty() && has_no_leading_zero(&whole) && digits(&whole) && digits(&fraction);
    well_formed.then_some((whole, fraction))
}

fn exponent(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let well_formed = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    well_formed.then(|| text.parse().ok()).flatten()
}

fn float(negative: bool, digits: &str, power: &str) -> Option<f64> {
    let (whole, fraction) = mantissa(digits)?;
    let well_formed =
        !power.is_empty() && power.trim_start_matches(['+', '-']).bytes().all(|byte| byte.is_ascii_digit());
    let sign = if negative { "-" } else { "" };
    well_formed.then(|| format!("{sign}{whole}.{fraction}0e{power}").parse().ok()).flatten()
}

fn decimal(negative: bool, text: &str) -> Option<Decimal> {
    let (digits, power) =
        text.split_once(['d', 'D']).map_or((text, 0), |(digits, power)| (digits, exponent(power).unwrap_or(i64::MAX)));
    let (whole, fraction) = mantissa(digits).filter(|_| power != i64::MAX)?;
    let magnitude = Magnitude::from_digits(format!("{whole}{fraction}").as_bytes(), 10)?;
    let exponent = power.checked_sub(i64::try_from(fraction.len()).ok()?)?;
    Some(Decimal { coefficient: Int { negative, magnitude }, exponent })
}

impl Timestamp {
    /// Reads the Ion text form.
    pub fn parse(text: &str) -> Option<Self> {
        is_timestamp(text.as_bytes()).then(|| timestamp(text)).flatten()
    }
}

fn timestamp(text: &str) -> Option<Timestamp> {
    let mut parts = Parts { year: number_of(text.get(..4)?)?, ..Parts::default() };
    let rest = text.get(4..)?;
    if rest == "T" {
        return parts.local();
    }
    parts.month = Some(number_of(rest.strip_prefix('-')?.get(..2)?)?);
    let rest = rest.get(3..)?;
    if rest == "T" {
        return parts.local();
    }
    parts.day = Some(number_of(rest.strip_prefix('-')?.get(..2)?)?);
    let rest = rest.get(3..)?;
    match rest.strip_prefix('T') {
        None if rest.is_empty() => parts.local(),
        None => None,
        Some("") => parts.local(),
        Some(time) => time_of_day(parts, time),
    }
}

fn time_of_day(mut parts: Parts, text: &str) -> Option<Timestamp> {
    parts.time = Some((number_of(text.get(..2)?)?, number_of(text.get(2..)?.strip_prefix(':')?.get(..2)?)?));
    let mut rest = text.get(5..)?;
    if let Some(seconds) = rest.strip_prefix(':') {
        parts.second = Some(number_of(seconds.get(..2)?)?);
        rest = seconds.get(2..)?;
        if let Some(fraction) = rest.strip_prefix('.') {
            let digits =
                fraction.len() - fraction.trim_start_matches(|character: char| character.is_ascii_digit()).len();
            let value = Magnitude::from_digits(&fraction.as_bytes()[..digits], 10)?;
            parts.fraction = Some(Fraction::new(u32::try_from(digits).ok()?, value)?);
            rest = fraction.get(digits..)?;
        }
    }
    parts.offset = offset(rest)?;
    parts.local()
}

/// The length of QLDB's own times: to the millisecond, in UTC.
pub(super) const USUAL_TIME: usize = "2024-03-01T00:00:00.000Z".len();

/// Reads a timestamp of the usual form, if it is one.
#[inline]
pub(super) fn usual_time(text: &[u8; USUAL_TIME]) -> Option<Timestamp> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T', h0, h1, b':', n0, n1, b':', s0, s1, b'.', f0, f1, f2, b'Z'] =
        *text
    else {
        return None;
    };
    let digits = [y0, y1, y2, y3, m0, m1, d0, d1, h0, h1, n0, n1, s0, s1, f0, f1, f2].map(|digit| digit ^ b'0');
    if digits.iter().fold(0, |all, digit| all | u8::from(*digit > 9)) != 0 {
        return None;
    }
    let [y0, y1, y2, y3, m0, m1, d0, d1, h0, h1, n0, n1, s0, s1, f0, f1, f2] = digits.map(u32::from);
    let date = [1000 * y0 + 100 * y1 + 10 * y2 + y3, 10 * m0 + m1, 10 * d0 + d1];
    let time = [10 * h0 + h1, 10 * n0 + n1, 10 * s0 + s1];
    Timestamp::of_utc(date, time, 100 * f0 + 10 * f1 + f2)
}

/// The length of a day.
pub(super) const DAY: usize = "2024-03-01".len();

/// Reads a day, if it is one.
#[inline]
pub(super) fn day(text: &[u8; DAY]) -> Option<Timestamp> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1] = *text else { return None };
    let digits = [y0, y1, y2, y3, m0, m1, d0, d1].map(|digit| digit ^ b'0');
    if digits.iter().fold(0, |all, digit| all | u8::from(*digit > 9)) != 0 {
        return None;
    }
    let [y0, y1, y2, y3, m0, m1, d0, d1] = digits.map(u32::from);
    Timestamp::of_day(1000 * y0 + 100 * y1 + 10 * y2 + y3, 10 * m0 + m1, 10 * d0 + d1)
}

/// Minutes from UTC; `Some(None)` for the unknown offset.
fn offset(text: &str) -> Option<Option<i16>> {
    if text == "Z" {
        return Some(Some(0));
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let (hours, minutes) = (i16::try_from(two_digits(hours)?).ok()?, i16::try_from(two_digits(minutes)?).ok()?);
    let unknown = sign < 0 && hours == 0 && minutes == 0;
    let in_range = hours < 24 && minutes < 60;
    in_range.then_some((!unknown).then_some(sign * (60 * hours + minutes)))
}

fn two_digits(text: &str) -> Option<u32> {
    (text.len() == 2).then(|| number_of(text)).flatten()
}

fn number_of(digits: &str) -> Option<u32> {
    digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

        #[test]
        fn days_and_times_of_the_usual_form_are_what_the_general_way_reads(
            date in ("[0-9]{4}", 0..14_u32, 0..33_u32), time in (0..26_u32, 0..62_u32, 0..62_u32), millis in 0..1000_u32,
            altered in proptest::option::of((any::<prop::sample::Index>(), any::<char>())),
        ) {
            let ((year, month, day_of_month), (hour, minute, second)) = (date, time);
            let day_text = format!("{year}-{month:02}-{day_of_month:02}");
            let time_text = format!("{day_text}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z");
            for mut text in [day_text, time_text] {
                if let Some((index, other)) = altered {
                    let at = index.index(text.len());
                    text.replace_range(at..=at, other.encode_utf8(&mut [0; 4]));
                }
                let general = Timestamp::parse(&text);
                if let Ok(bytes) = text.as_bytes().try_into() {
                    prop_assert_eq!(day(bytes), general.clone());
                }
                if let Ok(bytes) = text.as_bytes().try_into() {
                    // It knows no other form.
                    prop_assert!(usual_time(bytes).is_none_or(|time| Some(time) == general));
                    prop_assert!(altered.is_some() || usual_time(bytes) == general);
                }
            }
        }
    }
}
