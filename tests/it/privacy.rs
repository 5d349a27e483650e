//! No plain personal text lies in the data folder.

use std::fs;
use std::path::{Path, PathBuf};

use novelo::event::Kind;
use serde_json::{Map, Value, json};

use crate::program::succeeds;
use crate::server::Server;

const CANARY: &str = "Kanarienvogel";

/// The clear fields that kinds ask for.
fn required(kind: &str) -> Map<String, Value> {
    let data = match kind {
        "feedback.given" => json!({"feedback": "praise"}),
        "survey.sent" => json!({"instrument": "nps"}),
        "survey.answered" => json!({"instrument": "nps", "score": 9}),
        "fact.told" | "fact.withdrawn" => json!({"key": "order"}),
        "note.unpinned" => json!({"note": "4c1f0a7be23d95867f08e1d2c3b4a596"}),
        "milestone.reached" => json!({"milestone": "first"}),
        "activity.tracked" | "custom" => json!({"name": "thing.done"}),
        "campaign.touched" => json!({"step": "sent"}),
        "profile.observed" => json!({"namespace": "crm"}),
        "consent.changed" => json!({"purpose": "marketing", "state": "granted"}),
        "privacy.held" => json!({"reason": "lawsuit"}),
        _ => json!({}),
    };
    data.as_object().unwrap().clone()
}

/// An event of a kind with the canary in each of its personal fields and identifiers.
fn event(number: usize, info: &novelo::event::kind::KindInfo) -> Value {
    let mut data = required(info.name);
    for (name, value) in [("channel", "email"), ("direction", "inbound"), ("contact", "c"), ("case", "k")] {
        data.insert(name.into(), value.into());
    }
    data.insert("stage".into(), "s".into());
    data.insert("campaign".into(), "b".into());
    for field in info.personal {
        let text = format!("{CANARY} {number}");
        let value = match format!("{:?}", field.slot).as_str() {
            "Attachments" => json!([text]),
            "Values" => json!({"name": text, "deep": {"list": [text]}}),
            _ => json!(text),
        };
        data.insert(field.name.into(), value);
    }
    data.insert("identifiers".into(), json!([format!("email:{CANARY}{number}@example.com")]));
    json!({"specversion": "1.0", "id": format!("e{number}"), "source": "test", "type": format!("novelo.{}", info.name),
        "subject": format!("crm:{CANARY}{number}"), "time": "2026-01-05T12:00:00Z", "data": data})
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Whether bytes hold the canary, in whichever case.
fn sings(bytes: &[u8]) -> bool {
    let wanted = CANARY.to_lowercase();
    bytes.to_ascii_lowercase().windows(wanted.len()).any(|window| window == wanted.as_bytes())
}

#[test]
fn a_canary_in_every_personal_field_of_every_kind_is_found_nowhere_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    // An erasure has nothing personal, and is taken from nobody outside.
    let kinds = Kind::ALL.iter().filter(|info| info.name != "privacy.shredded");
    let mut events: Vec<Value> = kinds.enumerate().map(|(number, info)| event(number, info)).collect();
    // A type of another vocabulary: all of its data is personal.
    let mut foreign = event(900, Kind::named("note.added").unwrap());
    foreign["type"] = json!("com.example.kiosk");
    foreign["data"]["free"] = json!({"text": CANARY});
    events.push(foreign);
    {
        let server = Server::at(folder.path());
        server.records(&events);
        let found = server.data(
            "query($s: String!) { customers(search: $s) { nodes { displayName timeline { nodes { data } } } } }",
            json!({"s": CANARY}),
        );
        assert_eq!(
            found["customers"]["nodes"][0]["displayName"].as_str().map(|name| name.starts_with(CANARY)),
            Some(true)
        );
        server.stop();
    }
    let all = files(folder.path());
    assert!(all.len() > 10);
    for path in all {
        assert!(!sings(&fs::read(&path).unwrap()), "{}", path.display());
    }
    let out = succeeds(&["export", "--data", folder.path().to_str().unwrap()], b"");
    assert!(sings(out.as_bytes()), "the search itself works");
    let sealed = succeeds(&["export", "--sealed", "--data", folder.path().to_str().unwrap()], b"");
    assert!(!sings(sealed.as_bytes()));
}
