//! A date and a time of day, as part of a timestamp.

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike};

/// The earliest moment.
pub(super) const FIRST: Moment = Moment { year: 1, month: 1, day: 1, hour: 0, minute: 0, second: 0 };

/// A date and a time of day that exist, to the second. Stored as parts, which is what most readers and writers use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moment {
    pub(crate) year: u16,
    pub(crate) month: u8,
    pub(crate) day: u8,
    pub(crate) hour: u8,
    pub(crate) minute: u8,
    pub(crate) second: u8,
}

impl Moment {
    /// `None` if there is no such date or time. In UTC, the year may be one before the first or after the last that a
    /// timestamp can have.
    #[inline]
    pub(super) fn new(year: u32, month: u32, day: u32, [hour, minute, second]: [u32; 3]) -> Option<Self> {
        let is_date =
            year <= 10_000 && (1..=12).contains(&month) && day >= 1 && (day <= 28 || day <= days(year, month));
        if !is_date || hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let part = |part: u32| u8::try_from(part).unwrap_or_default();
        Some(Self {
            year: u16::try_from(year).ok()?,
            month: part(month),
            day: part(day),
            hour: part(hour),
            minute: part(minute),
            second: part(second),
        })
    }

    pub(super) fn of(time: NaiveDateTime) -> Option<Self> {
        let year = u32::try_from(time.year()).ok()?;
        Self::new(year, time.month(), time.day(), [time.hour(), time.minute(), time.second()])
    }

    pub(super) fn date_time(self) -> Option<NaiveDateTime> {
        let date = NaiveDate::from_ymd_opt(self.year.into(), self.month.into(), self.day.into())?;
        date.and_hms_opt(self.hour.into(), self.minute.into(), self.second.into())
    }

    /// The moment this many minutes later.
    pub(super) fn shifted(self, minutes: i16) -> Option<Self> {
        if minutes == 0 {
            return Some(self);
        }
        self.date_time()?.checked_add_signed(TimeDelta::minutes(minutes.into())).and_then(Self::of)
    }
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_date_of_the_calendar_and_no_other_is_one() {
        for year in [0, 1, 4, 100, 400, 1900, 2000, 2023, 2024, 9999] {
            for (month, day) in (0..=13).flat_map(|month| (0..=32).map(move |day| (month, day))) {
                let expected = NaiveDate::from_ymd_opt(year, month, day).is_some();
                let found = Moment::new(year.unsigned_abs(), month, day, [0, 0, 0]).is_some();
                assert_eq!(found, expected, "{year}-{month}-{day}");
            }
        }
    }
}
