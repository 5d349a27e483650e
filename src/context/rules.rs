//! What the fold depends on beside the events.

use jiff::tz::TimeZone;

use crate::event::{Invalid, Micros};

const USUAL_ZONE: &str = "America/Sao_Paulo";
const USUAL_ANSWER_DAYS: u32 = 7;

/// The zone of this name.
fn zone(name: &str) -> Result<TimeZone, Invalid> {
    TimeZone::get(name).map_err(|_| {
        let reason = format!("`{name}` is no time zone of the IANA database");
        Invalid::new("time_zone", reason, "write one such as America/Sao_Paulo")
    })
}

/// The customers' time zone, and within how many days a message of ours counts as answered.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextRules {
    zone: TimeZone,
    answer_days: u32,
}

impl Default for ContextRules {
    /// São Paulo and 7 days.
    fn default() -> Self {
        // The zones are built in; a test holds that this one is among them.
        Self { zone: TimeZone::get(USUAL_ZONE).unwrap_or(TimeZone::UTC), answer_days: USUAL_ANSWER_DAYS }
    }
}

impl ContextRules {
    /// The rules for customers of a zone of the IANA database. The zone is looked up here, once, and not for every event.
    ///
    /// # Errors
    /// [`Invalid`] on `time_zone` when there is none of that name.
    pub fn new(time_zone: &str, answer_days: u32) -> Result<Self, Invalid> {
        Ok(Self { zone: zone(time_zone)?, answer_days })
    }

    /// The name of the customers' time zone in the IANA database.
    #[must_use]
    pub fn time_zone(&self) -> &str {
        self.zone.iana_name().unwrap_or("UTC")
    }

    /// Within how many days a message of ours counts as answered.
    #[must_use]
    pub fn answer_days(&self) -> u32 {
        self.answer_days
    }

    /// The same for customers of another zone of the IANA database.
    ///
    /// # Errors
    /// [`Invalid`] on `time_zone` when there is none of that name.
    pub fn with_time_zone(self, name: &str) -> Result<Self, Invalid> {
        Ok(Self { zone: zone(name)?, ..self })
    }

    /// The same with another span within which a message of ours counts as answered.
    #[must_use]
    pub fn with_answer_days(self, answer_days: u32) -> Self {
        Self { answer_days, ..self }
    }

    /// Stands for these rules: contexts that were folded by others are of no use.
    #[must_use]
    pub fn fingerprint(&self) -> [u8; 8] {
        let text = format!("{} {}", self.zone.iana_name().unwrap_or_default(), self.answer_days);
        let hash = crate::event::Hash::of(text.as_bytes());
        *hash.as_bytes().first_chunk().unwrap_or(&[0; 8])
    }

    /// The span within which a message of ours counts as answered, in microseconds.
    pub(super) fn answer_micros(&self) -> i64 {
        i64::from(self.answer_days) * Micros::DAY
    }

    /// The hour of the day of a moment, in the customers' zone.
    pub(super) fn hour(&self, at: Micros) -> usize {
        at.timestamp().map_or(0, |at| usize::try_from(self.zone.to_datetime(at).hour()).unwrap_or(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_zone_is_there() {
        let at = Micros::parse("2026-01-05T02:30:00Z").unwrap();
        assert_eq!(ContextRules::default().hour(at), 23);
        let lisbon = ContextRules::default().with_time_zone("Europe/Lisbon").unwrap();
        assert_eq!(lisbon.hour(at), 2);
        assert_eq!(ContextRules::default().with_time_zone("Mars").unwrap_err().field, "time_zone");
    }

    #[test]
    fn rules_say_what_they_were_made_of() {
        let lisbon = ContextRules::new("Europe/Lisbon", 3).unwrap();
        assert_eq!((lisbon.time_zone(), lisbon.answer_days()), ("Europe/Lisbon", 3));
        assert_eq!(
            (ContextRules::default().time_zone(), ContextRules::default().answer_days()),
            ("America/Sao_Paulo", 7)
        );
        assert_eq!(ContextRules::new("Mars", 3).unwrap_err().field, "time_zone");
    }
}
