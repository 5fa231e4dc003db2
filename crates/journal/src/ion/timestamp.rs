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
        let (year, month, day) = (time.year(), time.month(), time.day());
        let text = match self.precision {
            Precision::Year => format!("{year:04}T"),
            Precision::Month => format!("{year:04}-{month:02}T"),
            Precision::Day => format!("{year:04}-{month:02}-{day:02}"),
            Precision::Minute | Precision::Second => {
                let (hour, minute) = (time.hour(), time.minute());
                let (seconds, offset) = (self.seconds_text(), self.offset_text());
                format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}{seconds}{offset}")
            }
        };
        out.extend(text.into_bytes());
    }

    fn seconds_text(&self) -> String {
        if self.precision < Precision::Second {
            return String::new();
        }
        let fraction = self.fraction.as_ref().map(Fraction::text).unwrap_or_default();
        format!(":{:02}{fraction}", self.local.second())
    }

    fn offset_text(&self) -> String {
        match self.offset {
            None => "-00:00".to_owned(),
            Some(0) => "Z".to_owned(),
            Some(minutes) => {
                let (sign, size) = (if minutes < 0 { '-' } else { '+' }, minutes.abs());
                format!("{sign}{:02}:{:02}", size / 60, size % 60)
            }
        }
    }
}

impl Fraction {
    /// A fraction of this many digits; none for no digits. Too many are refused.
    pub(crate) fn new(digits: u32, value: Magnitude) -> Option<Self> {
        (digits <= MOST_FRACTION_DIGITS).then_some(Self { digits, value })
    }

    fn is_below_one(&self) -> bool {
        self.value.is_below_power_of_ten(self.digits)
    }

    fn text(&self) -> String {
        format!(".{:0>width$}", self.value.to_decimal_digits(), width = self.digits as usize)
    }

    fn millis(&self) -> Option<i64> {
        format!("{:0<3}", &self.text()[1..]).get(..3)?.parse().ok()
    }
}
