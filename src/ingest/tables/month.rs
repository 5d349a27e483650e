//! The month of a moment, in UTC: what a table is partitioned by.

use std::fmt;

use jiff::tz::TimeZone;

use crate::event::Micros;

/// A month of a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month {
    year: i16,
    month: i8,
}

impl Month {
    /// The month of a moment; `None` beyond the year 9999.
    pub(super) fn of(at: Micros) -> Option<Self> {
        let date = TimeZone::UTC.to_datetime(at.timestamp()?).date();
        Some(Self { year: date.year(), month: date.month() })
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

#[test]
fn a_month_ends_with_its_last_microsecond_of_utc() {
    let month = |text: &str| Month::of(Micros::parse(text).unwrap()).unwrap().to_string();
    assert_eq!(month("2024-01-31T23:59:59.999999Z"), "2024-01");
    assert_eq!(month("2024-01-31T21:00:00-03:00"), "2024-02");
    assert_eq!(month("1970-01-01T00:00:00Z"), "1970-01");
    assert_eq!(Month::of(Micros(i64::MAX)), None);
}
