//! Records as earlier releases stored them. What is under `tests/fixtures` is only ever added to: a stored event is
//! never changed, so every release must read what any release before it has written.

mod numbers;
pub(crate) mod store;
pub(crate) mod stored;

use std::collections::BTreeSet;

use novelo::event::codec;
use novelo::event::{Kind, Micros, Position};

use stored::Stored;

#[test]
fn every_kind_has_a_frozen_record_with_all_its_fields() {
    let fixtures = Stored::all();
    for info in Kind::ALL {
        let fixture = fixtures.iter().find(|fixture| fixture.name == info.name);
        let data = fixture.unwrap_or_else(|| panic!("{} has no fixture", info.name)).expected()["data"].take();
        let fields = info.clear.iter().map(|field| field.name).chain(info.personal.iter().map(|field| field.name));
        let missing: Vec<&str> = fields.filter(|field| data.get(field).is_none()).collect();
        assert!(missing.is_empty(), "the fixture of {} lacks {missing:?}", info.name);
    }
}

#[test]
fn every_frozen_record_still_says_what_it_said() {
    for fixture in Stored::all() {
        let event = codec::decode(Position(7), Micros(1_767_618_462_000_000), &fixture.record())
            .unwrap_or_else(|problem| panic!("{}: {problem}", fixture.name));
        let personal = codec::decode_personal(&event.sealed).unwrap();
        assert_eq!(stored::shown(&event, &personal), fixture.expected(), "{}", fixture.name);
        assert_eq!((event.position, event.recorded_at), (Position(7), Micros(1_767_618_462_000_000)));
    }
}

/// Layout 1 cannot change silently while it is the one that is written.
#[test]
fn a_frozen_record_is_laid_down_byte_for_byte_again() {
    for fixture in Stored::all().into_iter().filter(|_| codec::VERSION == 1) {
        let record = fixture.record();
        let event = codec::decode(Position(0), Micros(0), &record).unwrap();
        assert_eq!(codec::encode(&stored::parts(&event)), record, "{}", fixture.name);
        let personal = codec::decode_personal(&event.sealed).unwrap();
        let again = codec::encode_personal(&personal);
        assert!(again.len() <= event.sealed.len(), "{}", fixture.name);
        assert_eq!(codec::decode_personal(&again).unwrap(), personal, "{}", fixture.name);
    }
}

#[test]
fn the_records_hold_every_channel_actor_direction_and_numbered_identifier_kind() {
    let (mut channels, mut actors, mut directions, mut kinds) =
        (BTreeSet::new(), BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    for fixture in Stored::all() {
        let event = codec::decode(Position(0), Micros(0), &fixture.record()).unwrap();
        channels.insert(event.header.channel.code().0);
        actors.insert(event.header.actor.kind());
        directions.insert(event.header.direction.word());
        kinds.insert(event.strand.kind.to_string());
    }
    // 16 channels without a name, `social` and `other`; 11 numbered identifier kinds and one by name.
    assert_eq!((channels.len(), actors.len(), directions.len(), kinds.len()), (18, 4, 3, 12));
}

/// Writes the records of new fixtures: `cargo test --test it -- --ignored a_new_fixture`. A record that is there is never
/// written again.
#[test]
#[ignore = "writes into tests/fixtures"]
fn a_new_fixture_gets_its_record() {
    assert_eq!(codec::VERSION, 1, "these are the fixtures of layout 1; a new layout gets a folder of its own");
    let written: Vec<String> =
        Stored::all().into_iter().filter(Stored::write_record).map(|fixture| fixture.name).collect();
    println!("written: {written:?}");
}
