//! Local times of a source, into UTC.

use jiff::civil::DateTime;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;

use crate::event::Micros;

use super::failure::Failure;

/// The zone in which a source writes its times.
#[derive(Clone, Debug)]
pub(super) struct Clock {
    zone: TimeZone,
}

impl Clock {
    /// The clock of a zone of the IANA database, such as `America/Sao_Paulo`; `None` when there is none of that name.
    pub(super) fn named(zone: &str) -> Option<Self> {
        TimeZone::get(zone).ok().map(|zone| Self { zone })
    }

    /// UTC.
    pub(super) fn utc() -> Self {
        Self { zone: TimeZone::UTC }
    }

    /// Reads a local time: `2017-01-01T01:37:36`, with a space instead of the `T`, or the day alone; an offset or a `Z`
    /// behind it is dropped. A blank text gives a blank text, any other the moment in UTC.
    ///
    /// A time that the clocks showed twice is the first of them; one that they left out is as much later as they jumped.
    pub(super) fn read(&self, text: &str) -> Result<String, Failure> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(String::new());
        }
        let local = without_offset(text).parse::<DateTime>().map_err(|_| no_time())?;
        self.to_utc(local)
    }

    /// The same for a time in another form, given as for `strptime`: `%d/%m/%Y %H:%M`.
    pub(super) fn read_as(&self, text: &str, format: &str) -> Result<String, Failure> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(String::new());
        }
        let parts = strtime::parse(format, text).map_err(|_| not_as(format))?;
        let local = match parts.to_datetime() {
            Ok(local) => local,
            Err(_) => parts.to_date().map_err(|_| not_as(format))?.at(0, 0, 0, 0),
        };
        self.to_utc(local)
    }

    fn to_utc(&self, local: DateTime) -> Result<String, Failure> {
        let at = self.zone.to_timestamp(local).map_err(|_| no_time())?;
        Ok(Micros(at.as_microsecond()).to_string())
    }
}

/// The text up to an offset behind the time.
fn without_offset(text: &str) -> &str {
    let Some(time) = text.find(['T', 't', ' ']) else { return text };
    match text.get(time..).and_then(|rest| rest.find(['Z', 'z', '+', '-'])) {
        Some(offset) => text.get(..time + offset).unwrap_or(text).trim_end(),
        None => text,
    }
}

fn no_time() -> Failure {
    Failure::new(
        "`local` was given a text that is no time",
        "it reads times such as 2026-01-05 10:07:41; name the form of others: local(row.x, \"%d/%m/%Y %H:%M\")",
    )
}

fn not_as(format: &str) -> Failure {
    Failure::new(format!("`local` was given a time that is not of the form `{format}`"), "correct the form or the row")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sao_paulo() -> Clock {
        Clock::named("America/Sao_Paulo").unwrap()
    }

    #[test]
    fn a_local_time_is_read_in_the_zone_whatever_offset_it_claims() {
        // São Paulo: UTC-3, and UTC-2 in summer until February 2019.
        for text in ["2019-07-01T10:00:00Z", "2019-07-01 10:00:00", "2019-07-01T10:00:00+05:00", " 2019-07-01 10:00 "] {
            assert_eq!(sao_paulo().read(text).unwrap(), "2019-07-01T13:00:00Z", "{text}");
        }
        assert_eq!(sao_paulo().read("2017-01-01T01:37:36Z").unwrap(), "2017-01-01T03:37:36Z");
        assert_eq!(sao_paulo().read("2017-12-24").unwrap(), "2017-12-24T02:00:00Z");
        assert_eq!(Clock::utc().read("2017-12-24 08:00:00.25").unwrap(), "2017-12-24T08:00:00.25Z");
    }

    #[test]
    fn a_time_shown_twice_is_the_first_and_one_left_out_is_later() {
        // On 2018-02-18 at 00:00 the clocks went back to 23:00; on 2018-11-04 at 00:00 they went on to 01:00.
        assert_eq!(sao_paulo().read("2018-02-17 23:30:00").unwrap(), "2018-02-18T01:30:00Z");
        assert_eq!(sao_paulo().read("2018-11-04 00:30:00").unwrap(), "2018-11-04T03:30:00Z");
    }

    #[test]
    fn other_forms_are_named() {
        let read = |text, format| sao_paulo().read_as(text, format).unwrap();
        assert_eq!(read("01/07/2019 10:05", "%d/%m/%Y %H:%M"), "2019-07-01T13:05:00Z");
        assert_eq!(read("01/07/2019", "%d/%m/%Y"), "2019-07-01T03:00:00Z");
        assert_eq!(read(" ", "%d/%m/%Y"), "");
        assert!(sao_paulo().read_as("2019-07-01", "%d/%m/%Y").is_err());
    }

    #[test]
    fn what_is_no_time_is_refused_without_showing_it() {
        for text in ["ontem", "2019-13-01 10:00:00", "01/07/2019"] {
            let failure = sao_paulo().read(text).unwrap_err();
            assert!(!format!("{failure:?}").contains(text));
        }
        assert_eq!(sao_paulo().read("  ").unwrap(), "");
        assert!(Clock::named("America/Sao_Paolo").is_none());
    }
}
