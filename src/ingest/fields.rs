//! The fields that `data` of every kind may hold.

/// The envelope's fields, as [`Unfiled`](crate::event::Unfiled) takes them out of `data`.
pub(crate) const ENVELOPE: &[&str] = &[
    "channel",
    "direction",
    "actor",
    "contact",
    "conversation",
    "case",
    "campaign",
    "touchpoint",
    "department",
    "stage",
    "dimensions",
    "identifiers",
];

/// The envelope's fields without which an event of this kind is refused.
pub(crate) fn needed(kind: &str) -> &'static [&'static str] {
    match kind {
        "message.sent" => &["channel", "direction"],
        "self_service.used" | "feedback.given" => &["channel"],
        "stage.entered" => &["stage"],
        "campaign.touched" => &["campaign"],
        _ if kind.starts_with("contact.") => &["channel", "contact"],
        _ if kind.starts_with("case.") => &["case"],
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::event::{Draft, Invalid, Kind, Unfiled};
    use crate::ingest::testing::{file, flat_of, full_data};

    use super::*;

    /// An event of a kind with all that it can have, but for one field of the envelope.
    fn event_without(kind: &str, left_out: Option<&str>) -> Result<Draft, Invalid> {
        let mut data = full_data(kind);
        if let Some(name) = left_out {
            data.remove(name);
        }
        file(Unfiled::read(flat_of(kind, data))?)
    }

    #[test]
    fn a_kind_is_refused_without_what_it_needs_and_taken_without_the_rest() {
        for info in Kind::ALL {
            for name in ENVELOPE.iter().filter(|name| **name != "identifiers") {
                let without = event_without(info.name, Some(name));
                match needed(info.name).contains(name) {
                    true => assert!(without.unwrap_err().field.ends_with(name), "{} {name}", info.name),
                    false => assert!(without.is_ok(), "{} {name}: {without:?}", info.name),
                }
            }
        }
    }

    #[test]
    fn every_field_of_the_envelope_is_one_of_every_kind() {
        for name in ENVELOPE {
            let mut data = full_data("note.added");
            data.insert((*name).into(), json!({"never": ["this"]}));
            let problem = Unfiled::read(flat_of("note.added", data)).unwrap_err();
            assert_ne!(problem.reason, "is not a field of this kind", "{name}");
        }
    }
}
