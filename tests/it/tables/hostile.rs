//! Events that a writer of tables may stumble over.

use serde_json::{Map, Value, json};

/// Texts that break what does not keep texts and commands apart, at the borders of months, with amounts that no binary fraction is.
pub(super) fn hostile() -> Vec<Value> {
    let quotes = "'; DROP TABLE events;-- \"“\\ 😀 \u{202e}";
    let long = "não\u{0}\n\t".repeat(20_000);
    let event = |id: &str, kind: &str, time: &str, data: Value| {
        json!({"specversion": "1.0", "id": id, "source": "h'\"x", "type": format!("novelo.{kind}"), "subject": format!("crm:{quotes}"),
            "time": time, "data": data})
    };
    let full: Map<String, Value> = (0..16).map(|number| (format!("d{number:02}"), json!("x".repeat(64)))).collect();
    vec![
        event(
            "1",
            "contact.ended",
            "2024-01-31T23:59:59.999999Z",
            json!({"channel": "other(fax)", "contact": quotes,
            "department": quotes, "talk_ms": 9_007_199_254_740_991_u64, "dimensions": {"region": "\u{0}\n", quotes: "", "=1+1": quotes}}),
        ),
        event(
            "2",
            "message.sent",
            "2024-02-01T00:00:00Z",
            json!({"channel": "chat", "direction": "inbound", "text": long,
            "subject_line": quotes, "attachment_names": [quotes, "b"], "dimensions": full}),
        ),
        event(
            "3",
            "activity.tracked",
            "1970-01-01T00:00:00Z",
            json!({"name": "order.placed", "amount": "199376350970853.5679",
            "currency": "BRL", "properties": {quotes: [1.5, null, {"x": quotes}]}}),
        ),
        event(
            "4",
            "activity.tracked",
            "2024-02-29T12:00:00-03:00",
            json!({"name": "order.returned", "amount": -0.1, "currency": "BRL"}),
        ),
        event("5", "record.viewed", "2024-02-29T12:00:00.000001Z", json!({"fields": []})),
        event(
            "6",
            "record.viewed",
            "2024-02-29T12:00:00.000002Z",
            json!({"fields": [quotes, "b"], "actor": "agent:d'Ávila"}),
        ),
        event(
            "7",
            "survey.answered",
            "2024-03-01T00:00:00Z",
            json!({"instrument": "other", "score": 0.1, "scale_min": -1, "scale_max": 1}),
        ),
        event(
            "8",
            "fact.told",
            "2024-03-01T00:00:01Z",
            json!({"key": "k", "value": quotes, "valid_until": "9999-12-30T00:00:00Z", "confirmed": false}),
        ),
    ]
}
