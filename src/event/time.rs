//! Moments and spans of time. Everything stored is UTC in microseconds; a zone belongs to a viewer.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A moment: microseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Micros(pub i64);

impl Micros {
    /// One second.
    pub const SECOND: i64 = 1_000_000;
    /// One hour.
    pub const HOUR: i64 = 3_600 * Self::SECOND;
    /// One day of 24 hours.
    pub const DAY: i64 = 24 * Self::HOUR;

    /// Reads the RFC 3339 form, with any offset: `2026-01-05T13:07:41Z`, `2026-01-05T10:07:41-03:00`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<Timestamp>().ok().map(|at| Self(at.as_microsecond()))
    }

    /// The moment as the time library has it; `None` beyond the year 9999.
    #[must_use]
    pub fn timestamp(self) -> Option<Timestamp> {
        Timestamp::from_microsecond(self.0).ok()
    }

    /// What the clock says now. The only place where the library reads it for stored times.
    #[must_use]
    pub fn now() -> Self {
        Self(Timestamp::now().as_microsecond())
    }

    /// This moment and so many microseconds more.
    #[must_use]
    pub fn plus(self, micros: i64) -> Self {
        Self(self.0.saturating_add(micros))
    }

    /// Microseconds from `earlier` to this moment; negative when it lies before.
    #[must_use]
    pub fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

/// RFC 3339 in UTC, with as many decimals as are needed.
impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.timestamp() {
            Some(at) => at.fmt(f),
            None => write!(f, "{} µs", self.0),
        }
    }
}

/// A span in milliseconds, never negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Millis(pub u64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_in_any_offset_and_shown_in_utc() {
        let at = Micros::parse("2026-01-05T10:07:41.25-03:00").unwrap();
        assert_eq!(at.to_string(), "2026-01-05T13:07:41.25Z");
        assert_eq!(at, Micros::parse("2026-01-05T13:07:41.25Z").unwrap());
        assert_eq!(Micros::parse("2026-01-05"), None);
        assert_eq!(Micros::parse("2026-13-05T10:07:41Z"), None);
    }
}
