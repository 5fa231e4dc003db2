//! Integers and decimals of any size.

use num_bigint::BigUint;

/// An absolute value of any size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Magnitude {
    /// A value that fits a machine word.
    Small(u64),
    /// A value that does not.
    Big(BigUint),
}

impl Magnitude {
    pub(crate) const ZERO: Self = Self::Small(0);

    /// Reads digits of a radix from 2 to 16. `None` if there are no digits, or invalid ones.
    pub(crate) fn from_digits(digits: &[u8], radix: u32) -> Option<Self> {
        let text = std::str::from_utf8(digits).ok().filter(|text| !text.starts_with(['+', '-']))?;
        match u64::from_str_radix(text, radix) {
            Ok(small) => Some(Self::Small(small)),
            Err(_) => BigUint::parse_bytes(digits, radix).map(Self::Big),
        }
    }

    /// Reads big-endian bytes.
    pub(crate) fn from_be_bytes(bytes: &[u8]) -> Self {
        let significant = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
        if significant.len() > size_of::<u64>() {
            return Self::Big(BigUint::from_bytes_be(significant));
        }
        Self::Small(significant.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    /// Appends big-endian bytes without leading zeros; zero has none.
    pub(crate) fn push_be_bytes(&self, out: &mut Vec<u8>) {
        match self {
            Self::Small(0) => {}
            Self::Small(value @ 1..=0xFF) => out.push(value.to_be_bytes()[7]),
            Self::Small(value) => {
                let zeros = (value.leading_zeros() / 8) as usize;
                out.extend_from_slice(value.to_be_bytes().get(zeros..).unwrap_or_default());
            }
            Self::Big(value) => out.extend(value.to_bytes_be()),
        }
    }

    pub(crate) fn is_zero(&self) -> bool {
        *self == Self::ZERO
    }

    /// Whether it has at most this many decimal digits; zero has none.
    pub(crate) fn is_below_power_of_ten(&self, digits: u32) -> bool {
        match self {
            Self::Small(value) => 10_u64.checked_pow(digits).is_none_or(|power| *value < power),
            Self::Big(value) => *value < BigUint::from(10_u8).pow(digits),
        }
    }

    pub(crate) fn to_decimal_digits(&self) -> String {
        match self {
            Self::Small(value) => value.to_string(),
            Self::Big(value) => value.to_str_radix(10),
        }
    }
}

/// An integer of any size. A negative zero occurs only as a decimal's coefficient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Int {
    pub(crate) negative: bool,
    pub(crate) magnitude: Magnitude,
}

impl Int {
    /// The value, if it is not negative and fits.
    pub fn as_u64(&self) -> Option<u64> {
        match (self.negative, &self.magnitude) {
            (false, Magnitude::Small(value)) => Some(*value),
            _ => None,
        }
    }

    /// Appends the decimal digits with their sign.
    pub(crate) fn push_text(&self, out: &mut Vec<u8>) {
        if self.negative {
            out.push(b'-');
        }
        match &self.magnitude {
            Magnitude::Small(value @ 0..10) => out.push(b'0' | value.to_le_bytes()[0]),
            Magnitude::Small(value) => push_decimal_digits(*value, out),
            magnitude @ Magnitude::Big(_) => out.extend(magnitude.to_decimal_digits().into_bytes()),
        }
    }
}

fn push_decimal_digits(value: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let (mut start, mut rest) = (digits.len(), value);
    for place in digits.iter_mut().rev() {
        *place = b'0' | (rest % 10).to_le_bytes()[0];
        (start, rest) = (start - 1, rest / 10);
        if rest == 0 {
            break;
        }
    }
    out.extend_from_slice(digits.get(start..).unwrap_or_default());
}

impl From<u64> for Int {
    fn from(value: u64) -> Self {
        Self { negative: false, magnitude: Magnitude::Small(value) }
    }
}

impl From<i64> for Int {
    fn from(value: i64) -> Self {
        Self { negative: value < 0, magnitude: Magnitude::Small(value.unsigned_abs()) }
    }
}

/// A decimal: coefficient times ten to the exponent. Precision is part of the value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    pub(crate) coefficient: Int,
    pub(crate) exponent: i64,
}

/// The notation of a decimal's exponent and whole values.
pub(crate) struct DecimalStyle {
    /// The character before an exponent.
    pub(crate) exponent_mark: char,
    /// The suffix of a whole number, so that it reads as a decimal.
    pub(crate) whole_suffix: &'static str,
}

/// The most zeros between the point and the first digit before an exponent is written instead.
const MOST_LEADING_ZEROS: usize = 6;

impl Decimal {
    /// A decimal with a machine-word coefficient.
    pub fn new(coefficient: i64, exponent: i64) -> Self {
        Self { coefficient: coefficient.into(), exponent }
    }

    /// Appends the decimal: with a point if that is short, otherwise with an exponent.
    pub(crate) fn push_text(&self, style: &DecimalStyle, out: &mut Vec<u8>) {
        let start = out.len() + usize::from(self.coefficient.negative);
        self.coefficient.push_text(out);
        let digits = out.len() - start;
        let fraction = usize::try_from(self.exponent.unsigned_abs()).unwrap_or(usize::MAX);
        if self.exponent == 0 {
            out.extend_from_slice(style.whole_suffix.as_bytes());
        } else if self.exponent > 0 || fraction > digits.saturating_add(MOST_LEADING_ZEROS) {
            out.extend(format!("{}{}", style.exponent_mark, self.exponent).into_bytes());
        } else {
            // One digit at least precedes the point, so that both places are within the digits.
            (digits..=fraction).for_each(|_| out.insert(start, b'0'));
            out.insert(out.len() - fraction, b'.');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(coefficient: i64, exponent: i64) -> String {
        let mut out = Vec::new();
        let style = DecimalStyle { exponent_mark: 'd', whole_suffix: "." };
        Decimal::new(coefficient, exponent).push_text(&style, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn decimals_keep_their_precision_in_text() {
        for (decimal, expected) in [
            ((9025, -2), "90.25"),
            ((90, -1), "9.0"),
            ((-5, -3), "-0.005"),
            ((0, 0), "0."),
            ((0, -2), "0.00"),
            ((12, 3), "12d3"),
            ((1, -8), "1d-8"),
        ] {
            assert_eq!(text(decimal.0, decimal.1), expected);
        }
    }

    #[test]
    fn magnitudes_cross_the_machine_word_both_ways() {
        let long = "1234567890".repeat(333);
        for digits in
            ["0", "255", "18446744073709551615", "18446744073709551616", "123456789012345678901234567890", &long]
        {
            let magnitude = Magnitude::from_digits(digits.as_bytes(), 10).unwrap();
            let mut bytes = Vec::new();
            magnitude.push_be_bytes(&mut bytes);
            assert_eq!(Magnitude::from_be_bytes(&bytes), magnitude);
            assert_eq!(magnitude.to_decimal_digits(), digits);
        }
    }
}
