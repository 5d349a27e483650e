//! The events of a history: each is a pure function of the history's seed and its number, so that the one who checks can
//! make it anew and compare it byte for byte with what the store gives back.

use novelo::event::{Draft, Event, Flat, Micros, Personal, Unfiled};
use novelo::identity::Filing;
use serde_json::{Value, json};

use super::dice::Dice;

/// Numbers that one sender may use in one run.
const PER_SENDER: u64 = 1 << 20;
/// Senders that one run may have.
const SENDERS: u64 = 16;
/// Customers whom events come back to.
const REGULARS: u64 = 60;
/// The largest personal text, in bytes.
const LARGEST_TEXT: u64 = 100_000;

/// The number of a sender's event in a run.
pub(super) fn number(run: u64, sender: u64, count: u64) -> u64 {
    assert!(sender < SENDERS && count < PER_SENDER);
    (run * SENDERS + sender) * PER_SENDER + count
}

/// The event of a number, filed.
pub(super) fn draft(seed: u64, number: u64, filing: &Filing) -> Draft {
    let unfiled = Unfiled::read(flat(seed, number)).unwrap();
    filing.file(unfiled, Micros::now()).unwrap()
}

/// The number that an event of the log says it has.
pub(super) fn number_of(event: &Event) -> Option<u64> {
    event.header.contact.as_ref()?.as_str().strip_prefix("n-")?.parse().ok()
}

/// What differs between the event of a number as it was sent and one that was read back; nothing when they are the same.
pub(super) fn difference(
    sent: &Draft,
    event: &Event,
    personal: Option<&Personal>,
    filing: &Filing,
) -> Option<&'static str> {
    let subjects: Vec<_> = sent.personal().identifiers.iter().map(|identifier| filing.subject(identifier)).collect();
    let filed: Vec<_> = std::iter::once(&event.strand).chain(&event.also).map(|strand| strand.subject).collect();
    match () {
        () if event.header != *sent.header() => Some("its envelope"),
        () if event.kind != *sent.kind() => Some("its kind"),
        () if subjects != filed => Some("the strands it is filed under"),
        () if personal.is_none() => Some("its key, which is gone"),
        () if personal != Some(sent.personal()) => Some("its personal part"),
        () => None,
    }
}

fn flat(seed: u64, number: u64) -> Flat {
    let mut dice = Dice::of(&[seed, number]);
    // One in eight is about somebody who was never heard of: a key is made for them.
    let who = if dice.one_in(8) { format!("new-{number}") } else { dice.below(REGULARS).to_string() };
    let (kind, data) = body(&who, &mut dice);
    let Value::Object(mut data) = data else { unreachable!("data is an object") };
    data.insert("contact".into(), format!("n-{number}").into());
    Flat {
        id: format!("{seed}-{number}"),
        source: "crash".into(),
        kind: format!("novelo.{kind}"),
        subject: Some(format!("crm:{who}")),
        time: Some(time(&mut dice)),
        data,
    }
}

/// Any minute of some days: late and out of order is normal.
fn time(dice: &mut Dice) -> String {
    let start = Micros::parse("2026-01-05T00:00:00Z").unwrap();
    start.plus(i64::try_from(dice.below(30 * 24 * 60)).unwrap() * 60 * Micros::SECOND).to_string()
}

fn body(who: &str, dice: &mut Dice) -> (&'static str, Value) {
    let other = dice.below(REGULARS);
    match dice.below(10) {
        0 => ("contact.started", json!({"channel": "voice"})),
        1 => ("case.opened", json!({"case": format!("k-{}", dice.below(500)), "title": text(40, dice)})),
        2 => ("feedback.given", json!({"channel": "web", "feedback": "complaint", "text": text(200, dice)})),
        3 => (
            "fact.told",
            json!({"channel": "chat", "key": "order", "value": {"n": dice.below(9), "s": text(30, dice)}}),
        ),
        4 => ("profile.observed", json!({"namespace": "demographic", "values": {"name": text(20, dice)}})),
        5 => {
            let kind = if dice.one_in(3) { "identity.unlinked" } else { "identity.linked" };
            (
                kind,
                json!({"evidence": "agent", "because": text(30, dice), "identifiers": [format!("email:a{other}@example.com")]}),
            )
        }
        6 => (
            "message.sent",
            json!({"channel": "email", "direction": "inbound", "text": text(400, dice),
                "identifiers": [format!("email:{who}@example.com")]}),
        ),
        _ => {
            let largest = if dice.one_in(10) { LARGEST_TEXT } else { 2_000 };
            let size = dice.scaled(largest);
            ("note.added", json!({"text": text(size, dice)}))
        }
    }
}

/// A text that cannot be guessed from its neighbours, of about so many bytes, not all of them ASCII.
fn text(bytes: u64, dice: &mut Dice) -> String {
    let mut text = String::from("Olá, ");
    while (text.len() as u64) < bytes {
        text.push_str(&format!("{:016x}ção ", dice.roll()));
    }
    text
}
