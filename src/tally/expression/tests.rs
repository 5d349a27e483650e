use std::borrow::Cow;

use jiff::tz::TimeZone;
use serde_json::{Value as Json, json};

use super::*;
use crate::event::testing::event;
use crate::event::{Event, Micros};
use crate::tally::{EventFields, EventRow, Value};

fn read(text: &str) -> Result<Expression, Vec<Fault>> {
    compile(text, &EventFields, &TimeZone::get("America/Sao_Paulo").unwrap())
}

fn told(kind: &str, data: Json) -> Event {
    let Json::Object(data) = data else { panic!("data is an object") };
    event(7, Micros::parse("2026-01-05T02:30:00Z").unwrap(), kind, data)
}

fn complaint() -> Event {
    let data = json!({"channel": "social(instagram)", "actor": "customer", "feedback": "complaint", "topic": "late delivery",
        "department": "logistics", "dimensions": {"region": "south"}});
    told("feedback.given", data)
}

fn gives(text: &str, event: &Event) -> Value<'static> {
    let expression = read(text).unwrap_or_else(|faults| panic!("{text}: {faults:?}"));
    match expression.of(&EventRow(event)).unwrap() {
        Value::Absent => Value::Absent,
        Value::Truth(truth) => Value::Truth(truth),
        Value::Number(number) => Value::Number(number),
        Value::Moment(at) => Value::Moment(at),
        Value::Text(text) => Value::Text(Cow::Owned(text.into_owned())),
        Value::List(items) => Value::List(items.into_iter().map(|item| Cow::Owned(item.into_owned())).collect()),
    }
}

#[test]
fn conditions_over_the_envelope_the_clear_fields_and_the_dimensions() {
    let event = complaint();
    for (text, holds) in [
        ("kind == \"feedback.given\" && feedback == \"complaint\"", true),
        ("feedback != \"praise\"", true),
        ("channel == \"social(instagram)\"", true),
        ("channel in [\"voice\", \"ivr\"]", false),
        ("feedback in [\"complaint\", \"report\"]", true),
        ("dimensions.region == \"south\"", true),
        ("dimensions.product == null", true),
        ("dimensions.product == \"card\" || department.startsWith(\"log\")", true),
        ("!(topic.contains(\"delivery\"))", false),
        ("occurred_at < timestamp(\"2026-01-05T02:30:01Z\")", true),
        ("occurred_at >= timestamp(\"2026-01-04T23:30:00.001-03:00\")", false),
        ("size(topic) > 3 ? true : false", true),
    ] {
        assert_eq!(gives(text, &event), Value::Truth(holds), "{text}");
    }
}

#[test]
fn what_is_absent_equals_null_alone_and_is_neither_more_nor_less() {
    let event = complaint();
    for (text, holds) in [
        ("wait_ms == null", true),
        ("wait_ms != null", false),
        ("wait_ms == 0", false),
        ("wait_ms != 0", true),
        ("wait_ms > 0", false),
        ("wait_ms <= 0", false),
        ("wait_ms + 1 == null", true),
        ("campaign in [\"x\"]", false),
        ("!self_service_offered", true),
    ] {
        assert_eq!(gives(text, &event), Value::Truth(holds), "{text}");
    }
}

#[test]
fn numbers_and_moments_are_calculated_with() {
    let event =
        told("contact.ended", json!({"channel": "voice", "contact": "c-1", "talk_ms": 60_000, "hold_ms": 1_500}));
    assert_eq!(gives("(talk_ms + hold_ms) / 1000", &event), Value::Number(61.5));
    assert_eq!(gives("-talk_ms % 7 * 2", &event), Value::Number(-6.0));
    assert_eq!(gives("talk_ms + wrap_up_ms", &event), Value::Absent);
    assert_eq!(gives("recorded_at - occurred_at", &event), Value::Number(0.0));
    assert_eq!(gives("late_ms", &event), Value::Number(0.0));
    let divided = read("1 / (talk_ms - 60000)").unwrap();
    assert_eq!(divided.of(&EventRow(&event)), Err(Trouble::ByZero));
    let large = read("talk_ms * 1e308 * 1e10").unwrap();
    assert_eq!(large.of(&EventRow(&event)), Err(Trouble::NotFinite));
}

#[test]
fn days_and_hours_are_those_of_the_zone() {
    let event = complaint();
    // Half past eleven in the evening of a Sunday in São Paulo.
    assert_eq!(gives("occurred_at.getHours()", &event), Value::Number(23.0));
    assert_eq!(gives("occurred_at.getDayOfWeek()", &event), Value::Number(0.0));
    assert_eq!(gives("occurred_at.getDayOfMonth() + 1", &event), Value::Number(4.0));
    assert_eq!(gives("occurred_at.getMonth()", &event), Value::Number(0.0));
    assert_eq!(gives("date(occurred_at)", &event), Value::text("2026-01-04"));
}

#[test]
fn every_fault_is_told_at_its_place_with_what_to_do() {
    for (text, place, reason, help) in [
        ("chanel == \"voice\"", "chanel", "`chanel` is no field", "did you mean `channel`?"),
        ("feedback == \"complain\"", "\"complain\"", "`complain` never comes here", "did you mean `complaint`?"),
        (
            "kind in [\"feedback.gven\"]",
            "\"feedback.gven\"",
            "`feedback.gven` never comes here",
            "did you mean `feedback.given`?",
        ),
        ("wait_ms > \"5\"", "> \"5\"", "compares a number with a text", "compare numbers with 1"),
        ("wait_ms > null", "> null", "compares a number with null", "compare numbers"),
        ("wait_ms && true", "wait_ms", "is a number, and true or false is needed", "compare: wait_ms > 5000"),
        ("talk_ms / 0", "0", "divides by zero", "divide by something else"),
        ("talk_ms % 0.0", "0.0", "divides by zero", "divide by something else"),
        ("topic + 1", "+ 1", "calculates with a text and a number", "calculate with numbers"),
        (
            "occurred_at + recorded_at",
            "+ recorded_at",
            "calculates with a moment and a moment",
            "one moment less another",
        ),
        ("topic.contians(\"x\")", "contians", "there is no function `contians`", "did you mean `contains`?"),
        ("topic.contains(1)", "1", "is a number, and a text is needed", "double quotes"),
        ("topic.contains()", "contains", "`contains` takes 2 values, not 1", "write it so: topic.contains("),
        (
            "occurred_at.getHours(\"UTC\")",
            "getHours(",
            "`getHours` takes 1 values, not 2",
            "write it so: occurred_at.getHours()",
        ),
        ("dimensions == null", "dimensions", "uses `dimensions` as a whole", "dimensions.region"),
        ("channel.name == \"x\"", ".name", "there is nothing in `.name`", "name a field alone"),
        ("dimension.district == \"north\"", "dimension.", "`dimension` is no field", "did you mean `dimensions`?"),
        ("dimension.district.startsWith(\"n\")", "dimension.", "`dimension` is no field", "did you mean `dimensions`?"),
        ("dimensions.district.name == null", ".name", "there is nothing in `.name`", "name a field alone"),
        ("[1, 2] == null", "[1, 2]", "is a list where a value is needed", "with `in`"),
        ("channel in channel", "channel", "is a text, and a list of texts is needed", "[\"voice\", \"ivr\"]"),
        ("null in [1]", "null", "is null", "== null"),
        ("occurred_at > timestamp(\"yesterday\")", "\"yesterday\"", "is no moment in RFC 3339", "timestamp(\"2026"),
        ("true ? 1 : \"x\"", "? 1", "gives a number or a text", "both sides"),
        ("[1].exists(x, x > 0)", "(x, x", "goes through a list", "&& and ||"),
        ("b\"x\" == null", "b\"x\"", "is bytes", "double quotes"),
        ("!size(topic)", "size(topic)", "is a number, and true or false is needed", "compare"),
    ] {
        let faults = read(text).unwrap_err();
        let [fault] = faults.as_slice() else { panic!("{text}: {faults:?}") };
        assert!(fault.reason.starts_with(reason), "{text}: {fault:?}");
        assert!(fault.help.contains(help), "{text}: {fault:?}");
        assert!(text[fault.at..].starts_with(place), "{text}: {fault:?}");
    }
    let faults = read("chanel == \"x\" && departmnt == \"y\"").unwrap_err();
    assert_eq!(faults.iter().map(|fault| fault.at).collect::<Vec<_>>(), [0, 17]);
}

#[test]
fn what_is_no_expression_is_told_with_its_place() {
    let faults = read("feedback ==").unwrap_err();
    assert!(faults[0].reason.starts_with("is no expression"), "{faults:?}");
    let faults = read(&format!("{} true", "true &&".repeat(400))).unwrap_err();
    assert_eq!(faults[0].reason, "is longer than 2048 bytes");
}
