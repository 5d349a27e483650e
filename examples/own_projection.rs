//! A projection of one's own: contacts by channel and hour of the day, kept up with every event, and replayed.
//!
//! ```sh
//! cargo run --example own_projection
//! ```
//!
//! A projection gets every event once, in the order of the log, and writes rows; rows and checkpoint are one atomic write.
//! It sees clear fields only, unless it is given the means to open what is sealed. `novelo::engine::scenario` tells how one is written
//! and tried; the test at the end does it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use novelo::engine::{Expect, Novelo, Options};
use novelo::event::{Flat, Kind, Micros, Unfiled};
use novelo::views::{Applied, Key, Projection, Rows, TableSpec, Use, ViewError};
use serde_json::{Value, json};

type Error = Box<dyn std::error::Error>;

const TABLE: &str = "contacts_by_hour";

/// How many contacts began in a channel in an hour of the day (UTC).
#[derive(Default)]
struct ContactsByHour {
    /// Counted in this batch and not written yet.
    open: BTreeMap<Vec<u8>, u64>,
}

impl Projection for ContactsByHour {
    fn name(&self) -> &'static str {
        "contacts_by_hour"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [TableSpec] {
        &[TableSpec { name: TABLE, used_for: Use::Small }]
    }

    fn apply(&mut self, applied: Applied<'_>, _: &mut Rows<'_>) -> Result<(), ViewError> {
        let Kind::ContactStarted(_) = &applied.event.kind else { return Ok(()) };
        let header = &applied.event.header;
        let hour = header.occurred_at.0.rem_euclid(Micros::DAY) / Micros::HOUR;
        let key = Key::new().text(&header.channel.to_string()).number(hour.unsigned_abs()).done();
        *self.open.entry(key).or_default() += 1;
        Ok(())
    }

    fn finish(&mut self, rows: &mut Rows<'_>) -> Result<(), ViewError> {
        for (key, more) in std::mem::take(&mut self.open) {
            let before: u64 = rows.get_packed(TABLE, &key)?.unwrap_or(0);
            rows.put_packed(TABLE, &key, &(before + more))?;
        }
        Ok(())
    }
}

fn main() -> Result<(), Error> {
    let folder = tempfile::tempdir()?;
    let mut options = Options::new(folder.path());
    options.projections.push(Arc::new(|| Box::new(ContactsByHour::default())));
    let (novelo, _) = Novelo::open(options, |_, _| {})?;
    fill(&novelo)?;
    let live = rows(&novelo)?;
    for (channel, hour, contacts) in &live {
        println!("{channel:<10} {hour:>2} h  {contacts}");
    }
    // From the first event on, beside the rows that serve; then it takes their place.
    novelo.rebuild(Some("contacts_by_hour"))?.wait()?;
    if rows(&novelo)? != live {
        return Err("a replay gives other rows".into());
    }
    println!("replayed {} events: the same rows", novelo.head().next);
    Ok(())
}

/// The rows: channel, hour, contacts.
fn rows(novelo: &Novelo) -> Result<Vec<(String, u64, u64)>, Error> {
    let picture = novelo.picture()?;
    let mut found = Vec::new();
    for row in picture.reader().prefix(TABLE, &[])? {
        let (key, value) = row?;
        let end = key.iter().position(|byte| *byte == 0).ok_or("a key without an end of its text")?;
        let channel = String::from_utf8_lossy(key.get(..end).unwrap_or_default()).into_owned();
        let hour = Key::position_at(&key, end + 1).ok_or("a key without an hour")?.0;
        found.push((channel, hour, novelo::event::codec::unpack(&value)?));
    }
    Ok(found)
}

/// Some hundred made-up contacts.
fn fill(novelo: &Novelo) -> Result<(), Error> {
    let noon = Micros::parse("2026-01-05T12:00:00Z").ok_or("a moment")?;
    let now = Micros::now();
    let mut drafts = Vec::new();
    for number in 0..300_i64 {
        let channel = if number % 2 == 0 { "voice" } else { "whatsapp" };
        let Value::Object(data) = json!({"channel": channel, "contact": format!("c-{number}")}) else { continue };
        let flat = Flat {
            id: format!("e-{number}"),
            source: "example".into(),
            kind: "novelo.contact.started".into(),
            subject: Some(format!("crm:{}", number % 20)),
            time: Some(noon.plus(number % 4 * Micros::HOUR).to_string()),
            data,
        };
        drafts.push(novelo.filing().file(Unfiled::read(flat)?, now)?);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        novelo.record(drafts, Expect::Each).await?;
        Ok::<_, Error>(novelo.wait_for(novelo.head().next, Duration::from_secs(60)).await?)
    })
}

#[cfg(test)]
mod tests {
    use novelo::engine::scenario::Scenario;

    use super::*;

    #[test]
    fn contacts_are_counted_by_channel_and_hour_however_they_come() -> Result<(), Error> {
        let contact = |channel: &str, id: &str, time: &str| json!({"channel": channel, "contact": id, "time": time});
        let rows = Scenario::of(|| Box::new(ContactsByHour::default()))
            .given("contact.started", "crm:1", contact("voice", "a", "2026-01-05T12:10:00Z"))
            .given("contact.started", "crm:2", contact("voice", "b", "2026-01-06T12:50:00Z"))
            .given("note.added", "crm:2", json!({"text": "no contact"}))
            .given("contact.started", "crm:1", contact("chat", "c", "2026-01-05T13:00:00Z"))
            .rows(TABLE)?;
        let counts =
            rows.iter().map(|(_, value)| novelo::event::codec::unpack(value)).collect::<Result<Vec<u64>, _>>()?;
        assert_eq!(counts, [1, 2]);
        Ok(())
    }
}
