//! Buckets of time: hours, days, weeks, months, quarters and years in the zone of an analysis.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{ToSpan, ZonedDateTime};

use crate::event::Micros;

/// How long a bucket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Span {
    /// An hour of the clock.
    Hour,
    /// A day.
    Day,
    /// A week, from Monday on (ISO 8601).
    Week,
    /// A month.
    Month,
    /// Three months, from January, April, July or October on.
    Quarter,
    /// A year.
    Year,
}

impl Span {
    /// The words, in the order of the variants.
    pub const WORDS: &'static [&'static str] = &["hour", "day", "week", "month", "quarter", "year"];
    const ALL: [Self; 6] = [Self::Hour, Self::Day, Self::Week, Self::Month, Self::Quarter, Self::Year];

    /// The span of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|span| span.word() == word)
    }

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    /// Whether its buckets are made of whole buckets of another.
    #[must_use]
    pub fn holds(self, finer: Self) -> bool {
        self == finer || self > finer && finer != Self::Week
    }

    /// The beginnings of the bucket that a moment is in, and of the next one.
    fn around(self, at: Micros, zone: &TimeZone) -> Option<(Micros, Micros)> {
        let local = at.timestamp()?.to_zoned_datetime(zone.clone());
        if self == Self::Hour {
            let from = local.with().minute(0).second(0).subsec_nanosecond(0).build().ok()?;
            return Some((micros(&from), micros(&from.checked_add(1.hour()).ok()?)));
        }
        let date = local.date();
        let from = match self {
            Self::Hour | Self::Day => date,
            Self::Week => date.checked_sub(i64::from(date.weekday().since(Weekday::Monday)).days()).ok()?,
            Self::Month => date.first_of_month(),
            Self::Quarter => Date::new(date.year(), (date.month() - 1) / 3 * 3 + 1, 1).ok()?,
            Self::Year => date.first_of_year(),
        };
        let until = match self {
            Self::Hour | Self::Day => from.checked_add(1.day()),
            Self::Week => from.checked_add(1.week()),
            Self::Month => from.checked_add(1.month()),
            Self::Quarter => from.checked_add(3.months()),
            Self::Year => from.checked_add(1.year()),
        };
        let begins = |date: Date| date.to_zoned_datetime(zone.clone()).ok().map(|at| micros(&at));
        Some((begins(from)?, begins(until.ok()?)?))
    }
}

fn micros(at: &ZonedDateTime) -> Micros {
    Micros(at.timestamp().as_microsecond())
}

/// Finds the buckets of moments. Most moments are in the bucket of the one before: it is kept.
#[derive(Clone, Debug)]
pub struct Buckets {
    span: Option<Span>,
    zone: TimeZone,
    last: Option<(Micros, Micros)>,
}

impl Buckets {
    /// The buckets of a span in a zone; without one everything is in one.
    #[must_use]
    pub fn new(span: Option<Span>, zone: TimeZone) -> Self {
        Self { span, zone, last: None }
    }

    /// When the bucket begins that a moment is in, and the next one; `None` when all is in one.
    pub fn of(&mut self, at: Micros) -> Option<(Micros, Micros)> {
        let span = self.span?;
        if let Some((from, until)) = self.last
            && (from..until).contains(&at)
        {
            return self.last;
        }
        self.last = span.around(at, &self.zone);
        self.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(span: Span, zone: &str, at: &str) -> (String, String) {
        let mut buckets = Buckets::new(Some(span), TimeZone::get(zone).unwrap());
        let (from, until) = buckets.of(Micros::parse(at).unwrap()).unwrap();
        (from.to_string(), until.to_string())
    }

    #[test]
    fn buckets_are_those_of_the_zone() {
        for (span, from, until) in [
            (Span::Hour, "2026-01-05T02:00:00Z", "2026-01-05T03:00:00Z"),
            (Span::Day, "2026-01-04T03:00:00Z", "2026-01-05T03:00:00Z"),
            (Span::Week, "2025-12-29T03:00:00Z", "2026-01-05T03:00:00Z"),
            (Span::Month, "2026-01-01T03:00:00Z", "2026-02-01T03:00:00Z"),
            (Span::Quarter, "2026-01-01T03:00:00Z", "2026-04-01T03:00:00Z"),
            (Span::Year, "2026-01-01T03:00:00Z", "2027-01-01T03:00:00Z"),
        ] {
            let found = bucket(span, "America/Sao_Paulo", "2026-01-05T02:59:59.999999Z");
            assert_eq!(found, (from.to_owned(), until.to_owned()), "{span:?}");
        }
    }

    #[test]
    fn a_day_whose_clocks_change_has_its_own_length() {
        // Clocks went forward at midnight of 2018-11-04 in São Paulo: the day began at one.
        let found = bucket(Span::Day, "America/Sao_Paulo", "2018-11-04T12:00:00Z");
        assert_eq!(found, ("2018-11-04T03:00:00Z".to_owned(), "2018-11-05T02:00:00Z".to_owned()));
        // The hour that came twice in New York is two buckets.
        let first = bucket(Span::Hour, "America/New_York", "2026-11-01T05:30:00Z");
        let second = bucket(Span::Hour, "America/New_York", "2026-11-01T06:30:00Z");
        assert_eq!((first.0.as_str(), second.0.as_str()), ("2026-11-01T05:00:00Z", "2026-11-01T06:00:00Z"));
    }

    #[test]
    fn weeks_are_not_parts_of_months() {
        assert!(Span::Month.holds(Span::Day) && Span::Year.holds(Span::Quarter) && Span::Week.holds(Span::Hour));
        assert!(!Span::Month.holds(Span::Week) && !Span::Day.holds(Span::Month));
    }
}
