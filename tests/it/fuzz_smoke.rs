//! Every decoder against damaged input: none makes it panic, and what it takes goes there and back.
//!
//! `NOVELO_FUZZ_RUNS` says how many inputs each decoder gets, `NOVELO_FUZZ_SEED` which (a number; the same inputs by
//! default). A failure shows the seed, the run and the input in hexadecimal.

pub(crate) mod mutator;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use novelo::event::codec;
use novelo::event::{Draft, Hash, Micros, Position, Unfiled};
use novelo::ingest::Rejected;
use novelo::ingest::cloudevents::{self, Item, NdJson, Sealed};
use novelo::log::{Chunk, Record};
use serde_json::{Value, json};

use crate::fixtures::stored::{self, Stored};
use mutator::{Dice, damaged};

pub(crate) fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} must be a whole number, it is `{text}`")),
        Err(_) => default,
    }
}

/// Gives `check` damaged copies of the good inputs. `check` says whether the decoder took it; at least one in 500 must be
/// taken, or the law for what is taken was hardly tried.
fn fuzz(good: &[Vec<u8>], check: impl Fn(&mut Dice, &[u8]) -> bool) {
    let (runs, seed) = (number("NOVELO_FUZZ_RUNS", 2_000), number("NOVELO_FUZZ_SEED", 0));
    let mut dice = Dice::new(seed);
    for input in good {
        assert!(check(&mut dice, input), "a good input is refused: {}", String::from_utf8_lossy(input));
    }
    let mut taken = 0;
    for run in 0..runs {
        let input = damaged(&mut dice, good);
        match catch_unwind(AssertUnwindSafe(|| check(&mut dice, &input))) {
            Ok(took) => taken += u64::from(took),
            Err(_) => panic!("seed {seed}, run {run}, input {}", hex(&input)),
        }
    }
    assert!(taken >= runs / 500, "of {runs} damaged inputs only {taken} were taken");
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn records() -> Vec<Vec<u8>> {
    Stored::all().iter().map(Stored::record).collect()
}

/// The fixtures as CloudEvents.
fn cloud_events() -> Vec<Value> {
    let cloud_event = |fixture: Stored| {
        let flat = stored::flat_of(&fixture.expected());
        json!({"specversion": "1.0", "id": flat.id, "source": flat.source, "type": flat.kind, "time": flat.time,
            "subject": flat.subject, "datacontenttype": "application/json", "data": flat.data})
    };
    Stored::all().into_iter().map(cloud_event).collect()
}

fn texts(events: &[Value]) -> Vec<Vec<u8>> {
    events.iter().map(|event| event.to_string().into_bytes()).collect()
}

#[test]
fn damaged_records_are_read_or_refused() {
    fuzz(&records(), |_, bytes| {
        let Ok(event) = codec::decode(Position(7), Micros(9), bytes) else { return false };
        let again = codec::encode(&stored::parts(&event));
        let read = codec::decode(Position(7), Micros(9), &again).expect("what was read can be stored and read");
        // Bytes, since a score that is no number is unlike itself.
        assert_eq!(codec::encode(&stored::parts(&read)), again);
        true
    });
}

#[test]
fn damaged_personal_parts_are_read_or_refused() {
    let good: Vec<Vec<u8>> =
        records().iter().map(|r| codec::decode(Position(0), Micros(0), r).unwrap().sealed).collect();
    fuzz(&good, |_, bytes| {
        let Ok(personal) = codec::decode_personal(bytes) else { return false };
        let read = codec::decode_personal(&codec::encode_personal(&personal)).expect("what was read can be stored");
        assert!(read == personal, "the personal part changed");
        true
    });
}

#[test]
fn damaged_chunks_are_read_or_refused() {
    let records = records();
    let chunk = |records: &[Vec<u8>]| {
        let records: Vec<Record> = records.iter().cloned().map(Record::from).collect();
        Chunk::build(Position(7), Micros(99), Hash([3; 32]), &records).unwrap()
    };
    let good: Vec<Vec<u8>> = records.chunks(5).map(|records| chunk(records).bytes().to_vec()).collect();
    fuzz(&good, |dice, bytes| {
        // Damage in a record, under a hash that fits, gets through; damage of the chunk does not.
        let damaged_records: Vec<Vec<u8>> = (0..=dice.below(3)).map(|_| damaged(dice, &records)).collect();
        let built = chunk(&damaged_records);
        let read = Chunk::read(Position(7), built.bytes().into()).expect("what was built can be read");
        assert!(read.records().map(|(_, record)| record).eq(damaged_records.iter().map(Vec::as_slice)));

        let whole = Chunk::read(Position(7), Arc::from(bytes)).is_ok();
        assert_eq!(whole, good.iter().any(|good| good == bytes), "a damaged chunk was taken, or a whole one refused");
        true
    });
}

#[test]
fn damaged_sealed_records_are_read_or_refused() {
    let sealed = |record: &Vec<u8>| Sealed {
        position: Position(41),
        recorded_at: Micros(1_767_618_462_000_000),
        chunk: Position(40),
        record: record.clone(),
    };
    let good: Vec<Value> = records().iter().map(|record| sealed(record).to_json()).collect();
    fuzz(&texts(&good), |_, bytes| {
        let Ok(value) = serde_json::from_slice::<Value>(bytes) else { return false };
        let Ok(record) = Sealed::from_json(&value) else { return false };
        assert_eq!(Sealed::from_json(&record.to_json()), Ok(record));
        true
    });
}

#[test]
fn damaged_events_are_read_or_refused() {
    fuzz(&texts(&cloud_events()), |_, bytes| goes_round(cloudevents::read_structured(bytes)));
}

#[test]
fn damaged_batches_are_read_or_refused() {
    let events = cloud_events();
    let good: Vec<Value> = events.chunks(3).map(|events| Value::Array(events.to_vec())).collect();
    fuzz(&texts(&good), |_, bytes| {
        let Ok(items) = cloudevents::read_batch(bytes) else { return false };
        items.enumerate().fold(false, |taken, (index, item)| {
            let place = item.as_ref().map_or_else(|rejected| rejected.place, |item| item.place);
            assert_eq!((place.index, place.line), (index as u64, None));
            goes_round(item) || taken
        })
    });
}

#[test]
fn damaged_lines_are_the_same_items_however_they_are_cut() {
    let lines = texts(&cloud_events());
    let good: Vec<Vec<u8>> = lines.chunks(4).map(|lines| lines.join(b"\n".as_slice())).collect();
    fuzz(&good, |dice, bytes| {
        let whole = in_pieces(bytes, || usize::MAX);
        let cut = in_pieces(bytes, || 1 + dice.below(200));
        assert_eq!(format!("{whole:?}"), format!("{cut:?}"));
        whole.into_iter().map(goes_round).fold(false, std::ops::BitOr::bitor)
    });
}

#[test]
fn any_number_in_a_personal_value_is_stored_and_exported_as_it_came_or_refused() {
    let mut dice = Dice::new(number("NOVELO_FUZZ_SEED", 0));
    let event = |value: &str| {
        format!(
            r#"{{"specversion": "1.0", "id": "1", "source": "s", "type": "novelo.fact.told", "subject": "crm:1",
            "time": "2026-01-05T13:07:41Z", "data": {{"key": "k", "value": {value}}}}}"#
        )
    };
    for _ in 0..number("NOVELO_FUZZ_RUNS", 2_000) {
        let value = dice.float();
        let read = cloudevents::read_structured(event(&format!("{value:?}")).as_bytes());
        match value.abs() < 18_446_744_073_709_551_616.0 {
            true => assert!(goes_round(read), "{value:?}"),
            false => assert!(read.is_err(), "{value:?} would lose digits"),
        }
    }
}

#[test]
fn any_amount_is_stored_and_exported_as_it_came() {
    let mut dice = Dice::new(number("NOVELO_FUZZ_SEED", 0));
    let event = |amount: &str| {
        format!(
            r#"{{"specversion": "1.0", "id": "1", "source": "s", "type": "novelo.activity.tracked", "subject": "crm:1",
            "time": "2026-01-05T13:07:41Z", "data": {{"name": "n", "amount": "{amount}"}}}}"#
        )
    };
    for _ in 0..number("NOVELO_FUZZ_RUNS", 2_000) {
        let whole = dice.below(922_337_203_685_477) >> dice.below(50);
        let amount = format!("{whole}.{:04}", dice.below(10_000));
        assert!(goes_round(cloudevents::read_structured(event(&amount).as_bytes())), "{amount}");
    }
}

fn in_pieces(mut bytes: &[u8], mut length: impl FnMut() -> usize) -> Vec<Result<Item, Rejected>> {
    let (mut lines, mut items) = (NdJson::new(), Vec::new());
    while !bytes.is_empty() {
        let (piece, rest) = bytes.split_at(length().min(bytes.len()));
        items.extend(lines.feed(piece));
        bytes = rest;
    }
    items.extend(lines.finish());
    items
}

#[test]
fn damaged_headers_and_bodies_are_read_or_refused() {
    // One input holds the header lines, an empty line, and the body.
    let good: Vec<Vec<u8>> = cloud_events().iter().map(as_binary).collect();
    fuzz(&good, |_, bytes| {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n").unwrap_or(bytes.len());
        let (head, body) = bytes.split_at(end);
        let lines = head.split(|byte| *byte == b'\n');
        let headers = lines.filter_map(|line| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            Some((std::str::from_utf8(&line[..colon]).ok()?, &line[colon + 1..]))
        });
        goes_round(cloudevents::read_binary(headers, body.get(2..).unwrap_or_default()))
    });
}

fn as_binary(event: &Value) -> Vec<u8> {
    let mut out = "content-type:application/json\n".to_owned();
    for (name, value) in event.as_object().unwrap().iter().filter(|(name, _)| !name.starts_with("data")) {
        out += &format!("ce-{name}:{}\n", cloudevents::write_binary_value(value.as_str().unwrap()));
    }
    (out + "\n" + &event["data"].to_string()).into_bytes()
}

/// What was taken can be filed and stored, is read back as it was stored, and comes in again when it was exported.
fn goes_round(item: Result<Item, Rejected>) -> bool {
    let Some(draft) = item.ok().and_then(|item| stored::file(item.event)) else { return false };
    let event = stored::stored(&draft);
    let record = codec::encode(&stored::parts(&event));
    let read = codec::decode(event.position, event.recorded_at, &record).expect("what was taken can be read again");
    assert_eq!(read, event);
    let personal = codec::decode_personal(&read.sealed).expect("the personal part can be read again");
    assert!(&personal == draft.personal(), "the personal part changed when it was stored");

    let exported = cloudevents::to_line(&read, Some(&personal));
    let again = cloudevents::read_structured(exported.as_bytes()).expect("what was exported comes in again");
    same(&draft, again.event);
    true
}

fn same(draft: &Draft, again: Unfiled) {
    let again = stored::file(again).expect("what was exported can be filed again");
    assert_eq!(again.header(), draft.header());
    assert_eq!(again.kind(), draft.kind());
    assert!(again.personal() == draft.personal(), "the personal part changed on its way out and in");
}
