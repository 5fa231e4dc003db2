//! Ion timestamps: a precision from year to any fraction of a second, and an
//! offset that may be unknown.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike, Utc};

use super::numbers::Magnitude;

/// A fraction of a second finer than this many digits is refused.
const MOST_FRACTION_DIGITS: u32 = 4096;
/// Offsets are less than a day.
const MOST_OFFSET_MINUTES: i16 = 24 * 60 - 1;

/// How much of a timestamp is known.
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
    /// Local date and time; parts beyond the precision are the first of their kind.
    local: NaiveDateTime,
    precision: Precision,
    /// Digits after the seconds: how many, and their value.
    fraction: Option<Fraction>,
    /// Minutes east of UTC; none where it is unknown (`-00:00`) or the precision is a day or less.
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

    fn date_time(&self) -> Option<NaiveDateTime> {
        let year = i32::try_from(self.year).ok()?;
        let date = NaiveDate::from_ymd_opt(year, self.month.unwrap_or(1), self.day.unwrap_or(1))?;
        let (hour, minute) = self.time.unwrap_or((0, 0));
        date.and_hms_opt(hour, minute, self.second.unwrap_or(0))
    }

    /// The timestamp whose parts are local time. None if a part is out of its range.
    pub(crate) fn local(self) -> Option<Timestamp> {
        let precision = self.precision();
        let local = self.date_time()?;
        Timestamp { local, precision, fraction: self.fraction, offset: self.offset }.checked()
    }

    /// The timestamp whose parts are UTC, as Ion binary has them.
    pub(crate) fn utc(self) -> Option<Timestamp> {
        let precision = self.precision();
        let shift = TimeDelta::minutes(i64::from(self.offset.unwrap_or(0)));
        let local = self.date_time()?.checked_add_signed(shift)?;
        Timestamp { local, precision, fraction: self.fraction, offset: self.offset }.checked()
    }
}

impl Default for Timestamp {
    fn default() -> Self {
        Self { local: NaiveDateTime::default(), precision: Precision::Year, fraction: None, offset: None }
    }
}

impl Timestamp {
    /// A time in UTC with milliseconds, as QLDB writes its own.
    pub fn from_utc(time: DateTime<Utc>) -> Self {
        let value = Magnitude::Small(u64::from(time.timestamp_subsec_millis()));
        let local = time.naive_utc().with_nanosecond(0).unwrap_or_default();
        Self { local, precision: Precision::Second, fraction: Some(Fraction { digits: 3, value }), offset: Some(0) }
    }

    /// The instant, cut to milliseconds, if the precision is a second or finer and the offset known.
    pub fn to_utc(&self) -> Option<DateTime<Utc>> {
        if self.precision < Precision::Second {
            return None;
        }
        let millis = self.fraction.as_ref().map_or(Some(0), Fraction::millis)?;
        Some((self.utc_time()? + TimeDelta::milliseconds(millis)).and_utc())
    }

    fn utc_time(&self) -> Option<NaiveDateTime> {
        if self.offset == Some(0) {
            return Some(self.local);
        }
        self.local.checked_sub_signed(TimeDelta::minutes(i64::from(self.offset?)))
    }

    fn checked(self) -> Option<Self> {
        let year_ok = (1..=9999).contains(&self.local.year());
        let offset_ok = self.offset.is_none_or(|minutes| minutes.abs() <= MOST_OFFSET_MINUTES);
        let fraction_ok = self.fraction.as_ref().is_none_or(Fraction::is_below_one);
        (year_ok && offset_ok && fraction_ok).then_some(self)
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

    /// Date and time in UTC; local time where the offset is unknown, which is the same.
    pub(crate) fn utc_or_local(&self) -> NaiveDateTime {
        self.utc_time().unwrap_or(self.local)
    }

    /// Appends the Ion text form.
    pub(crate) fn push_text(&self, out: &mut Vec<u8>) {
        let time = &self.local;
        push_digits(u64::from(time.year().unsigned_abs()), 4, out);
        if self.precision > Precision::Year {
            out.push(b'-');
            push_digits(u64::from(time.month()), 2, out);
        }
        if self.precision > Precision::Month {
            out.push(b'-');
            push_digits(u64::from(time.day()), 2, out);
        }
        if self.precision != Precision::Day {
            out.push(b'T');
        }
        if self.precision > Precision::Day {
            push_digits(u64::from(time.hour()), 2, out);
            out.push(b':');
            push_digits(u64::from(time.minute()), 2, out);
            self.push_seconds(out);
            self.push_offset(out);
        }
    }

    fn push_seconds(&self, out: &mut Vec<u8>) {
        if self.precision == Precision::Second {
            out.push(b':');
            push_digits(u64::from(self.local.second()), 2, out);
            if let Some(fraction) = &self.fraction {
                fraction.push_text(out);
            }
        }
    }

    fn push_offset(&self, out: &mut Vec<u8>) {
        match self.offset {
            None => out.extend_from_slice(b"-00:00"),
            Some(0) => out.push(b'Z'),
            Some(minutes) => {
                let size = u64::from(minutes.unsigned_abs());
                out.push(if minutes < 0 { b'-' } else { b'+' });
                push_digits(size / 60, 2, out);
                out.push(b':');
                push_digits(size % 60, 2, out);
            }
        }
    }
}

/// Appends a number with so many digits, which it has at most.
fn push_digits(mut number: u64, width: u32, out: &mut Vec<u8>) {
    let start = out.len();
    for _ in 0..width {
        out.push(b'0' | (number % 10).to_le_bytes()[0]);
        number /= 10;
    }
    out.get_mut(start..).unwrap_or_default().reverse();
}

impl Fraction {
    /// A fraction of this many digits; none for no digits. Too many are refused.
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
