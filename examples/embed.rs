//! Embeds the store in a program: records what happens, and asks where a customer stands.
//!
//! ```sh
//! cargo run --example embed
//! ```

use std::sync::Arc;
use std::time::Duration;

use novelo::engine::{Expect, Lookup, Novelo, Options};
use novelo::event::{Flat, Micros, Unfiled};
use novelo::timeline::{PageArgs, TimelineFilter};
use serde_json::{Value, json};

type Error = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let folder = tempfile::tempdir()?;
    let (novelo, opened) = Novelo::open(Options::new(folder.path()), |_, _| {})?;
    if let Some(path) = opened.new_master_key {
        println!("back this file up: {}", path.display());
    }

    // Three events of one customer: known by telephone at first, then by e-mail as well.
    let events = [
        (
            "contact.started",
            "phone:(11) 95550-0100",
            json!({"channel": "voice", "contact": "c-1", "reason": "invoice"}),
        ),
        (
            "contact.ended",
            "phone:(11) 95550-0100",
            json!({"channel": "voice", "contact": "c-1", "outcome": "unresolved"}),
        ),
        (
            "message.sent",
            "email:bia@example.com",
            json!({"channel": "email", "direction": "inbound", "contact": "c-2", "text": "Ainda sem a fatura.",
                "identifiers": ["phone:+5511955500100"]}),
        ),
    ];
    let now = Micros::now();
    let mut drafts = Vec::new();
    for (number, (kind, subject, data)) in events.into_iter().enumerate() {
        let Value::Object(data) = data else { return Err("data is an object".into()) };
        let flat = Flat {
            id: format!("e-{number}"),
            source: "embed".into(),
            kind: format!("novelo.{kind}"),
            subject: Some(subject.into()),
            time: Some(now.plus(number as i64 * Micros::SECOND).to_string()),
            data,
        };
        drafts.push(novelo.filing().file(Unfiled::read(flat)?, now)?);
    }
    // Durable when this answers; what is read afterwards includes it.
    let outcomes = novelo.record(drafts, Expect::Each).await?;
    println!("{outcomes:?}");
    novelo.wait_for(novelo.head().next, Duration::from_secs(10)).await?;

    let picture = Arc::new(novelo.picture()?);
    let by = Lookup::Identifier { kind: "email".into(), value: "bia@example.com".into() };
    let customer = picture.customer(&by, None)?.ok_or("nobody is known by it")?;
    let context = customer.context()?;
    let stopped = context.continuation(Micros::now()).ok_or("there was no conversation")?;
    println!("stopped in {} after {} contacts so far", stopped.channel, context.totals().contacts);
    let newest = PageArgs { size: 10, from_end: true, after: None, before: None };
    for stored in customer.timeline(newest, &TimelineFilter::default())?.entries {
        let (entry, event) = &*stored;
        let text = picture.open(event)?.and_then(|personal| personal.text).unwrap_or_default();
        println!("{} {} {} {text}", entry.position, event.header.channel, event.kind.name());
    }
    Ok(())
}
