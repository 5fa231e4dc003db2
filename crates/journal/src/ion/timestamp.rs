//! Ion timestamps: a precision from year to any fraction of a second, and an
//! offset that may be unknown.

mod moment;

use chrono::{DateTime, TimeDelta, Utc};

use super::numbers::Magnitude;
use moment::{FIRST, Moment};

/// Fractions of a second with more digits than this are refused.
const MOST_FRACTION_DIGITS: u32 = 4096;
/// Offsets are less than a day.
const MOST_OFFSET_MINUTES: i16 = 24 * 60 - 1;

/// The precision of a timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Precision {
    Year,
    Month,
    Day,
    Minute,
    Second,
}

/// A timestamp as it is written: local time and the offset from UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timestamp {
    /// Local date and time; parts beyond the precision have their first value.
    local: Moment,
    precision: Precision,
    /// The fraction of a second.
    fraction: Option<Fraction>,
    /// Minutes east of UTC; `None` if it is unknown (`-00:00`) or the precision is a day or less.
    offset: Option<i16>,
}

/// A fraction of a second with its precision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fraction {
    pub(crate) digits: u32,
    pub(crate) value: Magnitude,
}

/// The parts of a timestamp, before they are checked.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parts {
    pub(crate) year: u32,
    pub(crate) month: Option<u32>,
    pub(crate) day: Option<u32>,
    pub(crate) time: Option<(u32, u32)>,
    pub(crate) second: Option<u32>,
    pub(crate) fraction: Option<Fraction>,
    pub(crate) offset: Option<i16>,
}

impl Parts {
    fn precision(&self) -> Precision {
        match self {
            Self { second: Some(_), .. } => Precision::Second,
            Self { time: Some(_), .. } => Precision::Minute,
            Self { day: Some(_), .. } => Precision::Day,
            Self { month: Some(_), .. } => Precision::Month,
            _ => Precision::Year,
        }
    }

    #[inline]
    fn moment(&self) -> Option<Moment> {
        let (hour, minute) = self.time.unwrap_or((0, 0));
        let time = [hour, minute, self.second.unwrap_or(0)];
        Moment::new(self.year, self.month.unwrap_or(1), self.day.unwrap_or(1), time)
    }

    /// The timestamp whose parts are local time. `None` if a part is out of range.
    pub(crate) fn local(self) -> Option<Timestamp> {
        let precision = self.precision();
        let local = self.moment()?;
        Timestamp { local, precision, fraction: self.fraction, offset: self.offset }.checked()
    }

    /// The timestamp whose parts are UTC, as Ion binary has them.
    pub(crate) fn utc(self) -> Option<Timestamp> {
        let precision = self.precision();
        let local = self.moment()?.shifted(self.offset.unwrap_or(0))?;
        Timestamp { local, precision, fraction: self.fraction, offset: self.offset }.checked()
    }
}

impl Default for Timestamp {
    fn default() -> Self {
        Self { local: FIRST, precision: Precision::Year, fraction: None, offset: None }
    }
}

impl Timestamp {
    /// A time in UTC with milliseconds, as QLDB writes its own.
    pub fn from_utc(time: DateTime<Utc>) -> Self {
        let value = Magnitude::Small(u64::from(time.timestamp_subsec_millis()));
        let local = Moment::of(time.naive_utc()).unwrap_or(FIRST);
        Self { local, precision: Precision::Second, fraction: Some(Fraction { digits: 3, value }), offset: Some(0) }
    }

    /// The instant, truncated to milliseconds, if the precision is a second or finer and the offset known.
    pub fn to_utc(&self) -> Option<DateTime<Utc>> {
        if self.precision < Precision::Second {
            return None;
        }
        let millis = self.fraction.as_ref().map_or(Some(0), Fraction::millis)?;
        let shift = TimeDelta::minutes(i64::from(self.offset?));
        let time = self.local.date_time()?.checked_sub_signed(shift)?;
        Some((time + TimeDelta::milliseconds(millis)).and_utc())
    }

    /// A time in UTC with milliseconds. `None` if a part is out of range.
    #[inline]
    pub(crate) fn of_utc([year, month, day]: [u32; 3], time: [u32; 3], millis: u32) -> Option<Self> {
        let local = Moment::new(year, month, day, time).filter(|_| (1..=9999).contains(&year) && millis < 1000)?;
        let fraction = Some(Fraction { digits: 3, value: Magnitude::Small(u64::from(millis)) });
        Some(Self { local, precision: Precision::Second, fraction, offset: Some(0) })
    }

    /// A day. `None` if there is no such day.
    #[inline]
    pub(crate) fn of_day(year: u32, month: u32, day: u32) -> Option<Self> {
        let local = Moment::new(year, month, day, [0; 3]).filter(|_| (1..=9999).contains(&year))?;
        Some(Self { local, precision: Precision::Day, fraction: None, offset: None })
    }

    #[inline]
    fn checked(self) -> Option<Self> {
        let year_ok = (1..=9999).contains(&self.local.year);
        let offset_ok = self.offset.is_none_or(|minutes| minutes.abs() <= MOST_OFFSET_MINUTES);
        let fraction_ok = self.fraction.as_ref().is_none_or(Fraction::is_below_one);
        (year_ok && offset_ok && fraction_ok).then_some(self)
    }

    /// The milliseconds, if it is in UTC and has exactly milliseconds.
    #[inline]
    pub(crate) fn utc_millis(&self) -> Option<u16> {
        match &self.fraction {
            Some(Fraction { digits: 3, value: Magnitude::Small(millis) })
                if self.offset == Some(0) && self.precision == Precision::Second =>
            {
                u16::try_from(*millis).ok()
            }
            _ => None,
        }
    }

    pub(crate) fn precision(&self) -> Precision {
        self.precision
    }

    pub(crate) fn offset(&self) -> Option<i16> {
        self.offset
    }

    pub(crate) fn fraction(&self) -> Option<&Fraction> {
        self.fraction.as_ref()
    }

    /// Date and time in UTC; local time if the offset is unknown, which is the same.
    #[inline]
    pub(crate) fn utc_or_local(&self) -> Moment {
        self.offset.and_then(|minutes| self.local.shifted(-minutes)).unwrap_or(self.local)
    }

    /// Appends the Ion text form.
    pub(crate) fn push_text(&self, out: &mut Vec<u8>) {
        let time = &self.local;
        let [century, rest] = [time.year / 100, time.year % 100].map(two_digits);
        let [month, day, hour, minute, second] =
            [time.month, time.day, time.hour, time.minute, time.second].map(|part| two_digits(part.into()));
        let all = [
            century[0], century[1], rest[0], rest[1], b'-', month[0], month[1], b'-', day[0], day[1], b'T', hour[0],
            hour[1], b':', minute[0], minute[1], b':', second[0], second[1],
        ];
        let start = out.len();
        out.extend_from_slice(&all);
        match self.precision {
            Precision::Year => cut(out, start + "2024".len(), b"T"),
            Precision::Month => cut(out, start + "2024-03".len(), b"T"),
            Precision::Day => out.truncate(start + "2024-03-01".len()),
            Precision::Minute => {
                out.truncate(start + "2024-03-01T00:00".len());
                self.push_offset(out);
            }
            Precision::Second => {
                if let Some(fraction) = &self.fraction {
                    fraction.push_text(out);
                }
                self.push_offset(out);
            }
        }
    }

    fn push_offset(&self, out: &mut Vec<u8>) {
        match self.offset {
            None => out.extend_from_slice(b"-00:00"),
            Some(0) => out.push(b'Z'),
            Some(minutes) => {
                let size = minutes.unsigned_abs();
                out.push(if minutes < 0 { b'-' } else { b'+' });
                // Less than a day.
                let [hours, minutes] = [size / 60, size % 60].map(two_digits);
                out.extend_from_slice(&[hours[0], hours[1], b':', minutes[0], minutes[1]]);
            }
        }
    }
}

/// Replaces the end.
fn cut(out: &mut Vec<u8>, length: usize, end: &[u8]) {
    out.truncate(length);
    out.extend_from_slice(end);
}

/// A number below 100 with two digits.
#[inline]
fn two_digits(number: u16) -> [u8; 2] {
    [number / 10, number % 10].map(|digit| b'0' | digit.to_le_bytes()[0])
}

/// Appends a number with this many digits, which is at least as many as it has.
fn push_digits(mut number: u64, width: u32, out: &mut Vec<u8>) {
    let start = out.len();
    for _ in 0..width {
        out.push(b'0' | (number % 10).to_le_bytes()[0]);
        number /= 10;
    }
    out.get_mut(start..).unwrap_or_default().reverse();
}

impl Fraction {
    /// A fraction with this many digits; `None` for no digits. Too many are refused.
    pub(crate) fn new(digits: u32, value: Magnitude) -> Option<Self> {
        (digits <= MOST_FRACTION_DIGITS).then_some(Self { digits, value })
    }

    fn is_below_one(&self) -> bool {
        self.value.is_below_power_of_ten(self.digits)
    }

    fn push_text(&self, out: &mut Vec<u8>) {
        out.push(b'.');
        match &self.value {
            Magnitude::Small(value) => push_digits(*value, self.digits, out),
            value @ Magnitude::Big(_) => {
                let digits = format!("{:0>width$}", value.to_decimal_digits(), width = self.digits as usize);
                out.extend(digits.into_bytes());
            }
        }
    }

    /// The first three digits, as a number of milliseconds.
    fn millis(&self) -> Option<i64> {
        match (&self.value, self.digits) {
            (Magnitude::Small(value), 0..=3) => i64::try_from(value * 10_u64.pow(3 - self.digits)).ok(),
            (value, digits) => {
                let digits = format!("{:0>width$}", value.to_decimal_digits(), width = digits as usize);
                digits.get(..3)?.parse().ok()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The parts that a timestamp's binary form has, in UTC.
    fn utc(text: &str) -> Option<(u16, u8, u8, u8)> {
        let moment = Timestamp::parse(text)?.utc_or_local();
        Some((moment.year, moment.month, moment.day, moment.hour))
    }

    #[test]
    fn utc_may_lie_a_year_beyond_those_that_are_written() {
        assert_eq!(utc("0001-01-01T00:30+01:00"), Some((0, 12, 31, 23)));
        assert_eq!(utc("9999-12-31T23:30-01:00"), Some((10_000, 1, 1, 0)));
        assert_eq!(utc("2024-03-01T00:30+01:00"), Some((2024, 2, 29, 23)));
        let parts = |year, month, day, hour, offset| Parts {
            year,
            month: Some(month),
            day: Some(day),
            time: Some((hour, 30)),
            offset: Some(offset),
            ..Parts::default()
        };
        let written = |parts: Parts| {
            let mut text = Vec::new();
            parts.utc()?.push_text(&mut text);
            String::from_utf8(text).ok()
        };
        assert_eq!(written(parts(0, 12, 31, 23, 60)).as_deref(), Some("0001-01-01T00:30+01:00"));
        assert_eq!(written(parts(10_000, 1, 1, 0, -60)).as_deref(), Some("9999-12-31T23:30-01:00"));
        assert_eq!(written(parts(0, 12, 31, 23, 0)), None);
        assert_eq!(written(parts(10_000, 1, 1, 0, 0)), None);
    }
}
