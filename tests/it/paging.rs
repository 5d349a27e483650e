//! Pages and counts stay right while events arrive: at the newer end, at the older end and in between.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::server::Server;
use crate::story::event;

const PAGE: &str = "query($first: Int, $after: String, $last: Int, $before: String, $filter: TimelineFilterInput, $p: Position) {
  customer(by: {identifier: {kind: \"crm\", value: \"7\"}}, atLeast: $p) {
    timeline(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
      totalCount filteredCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor } edges { cursor node { text } }
    }
  }
}";

/// A note of the customer at a minute of an hour; its text is that time.
fn note(id: &str, time: &str) -> Value {
    event(id, "note.added", "crm:7", time, json!({"text": time}))
}

/// Notes at the minutes 0, 2, 4 … of the hours from 10 on: so many.
fn even_minutes(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("{}:{:02}", 10 + number / 30, 2 * (number % 30))).collect()
}

/// A server with such notes, told in an order that is not that of time.
fn with_notes(count: usize) -> (Server, String) {
    let server = Server::new();
    let notes: Vec<Value> = even_minutes(count).iter().map(|time| note(time, time)).collect();
    let (odd, even): (Vec<_>, Vec<_>) = notes.into_iter().enumerate().partition(|(number, _)| number % 2 == 1);
    let shuffled: Vec<Value> = odd.into_iter().rev().chain(even).map(|(_, note)| note).collect();
    let through = server.record_all(&shuffled);
    (server, through)
}

fn page(server: &Server, arguments: Value) -> Value {
    server.data(PAGE, arguments)["customer"]["timeline"].clone()
}

fn texts(page: &Value) -> Vec<String> {
    page["edges"].as_array().unwrap().iter().map(|edge| edge["node"]["text"].as_str().unwrap().to_owned()).collect()
}

/// Pages through, forwards or backwards, and between two pages lets something happen; the pages in the order asked for.
fn walk(
    server: &Server,
    through: &str,
    forwards: bool,
    filter: &Value,
    mut between: impl FnMut(usize) -> String,
) -> Vec<Vec<String>> {
    let (mut pages, mut cursor, mut through) = (Vec::new(), Value::Null, through.to_owned());
    loop {
        let arguments = match forwards {
            true => json!({"first": 7, "after": cursor, "filter": filter, "p": through}),
            false => json!({"last": 7, "before": cursor, "filter": filter, "p": through}),
        };
        let found = page(server, arguments);
        let (end, more) = if forwards { ("endCursor", "hasNextPage") } else { ("startCursor", "hasPreviousPage") };
        assert_eq!(
            found["pageInfo"][end],
            found["edges"][if forwards { texts(&found).len() - 1 } else { 0 }]["cursor"]
        );
        cursor = found["pageInfo"][end].clone();
        pages.push(texts(&found));
        if found["pageInfo"][more] == false {
            return pages;
        }
        through = between(pages.len());
    }
}

#[test]
fn pages_forwards_and_backwards_hold_everything_once_in_time_order() {
    let (server, through) = with_notes(40);
    let expected = even_minutes(40);
    let forwards = walk(&server, &through, true, &Value::Null, |_| through.clone());
    assert_eq!(forwards.iter().map(Vec::len).collect::<Vec<_>>(), [7, 7, 7, 7, 7, 5]);
    assert_eq!(forwards.concat(), expected);
    let mut backwards = walk(&server, &through, false, &Value::Null, |_| through.clone());
    assert_eq!(backwards.iter().map(Vec::len).collect::<Vec<_>>(), [7, 7, 7, 7, 7, 5]);
    backwards.reverse();
    assert_eq!(backwards.concat(), expected);
}

#[test]
fn what_arrives_while_pages_are_turned_repeats_and_hides_nothing() {
    for forwards in [true, false] {
        let (server, through) = with_notes(40);
        let mut rounds = 0;
        // Before all, between all and behind all, before every page but the first.
        let mut pages = walk(&server, &through, forwards, &Value::Null, |round| {
            rounds = round;
            let at = |time: &str| {
                let text = format!("{time} of round {round}");
                event(&text, "note.added", "crm:7", time, json!({"text": text}))
            };
            // Events of one moment follow in the order in which they came: each round begins before the last one.
            let first = format!("09:{:02}", 59 - round);
            server.record_all(&[&first, "10:21", "11:01", "11:17", "12:30"].map(at))
        });
        if !forwards {
            pages.reverse();
        }
        let seen = pages.concat();
        let (new, old): (Vec<&String>, Vec<&String>) = seen.iter().partition(|text| text.contains("round"));
        assert_eq!(old, even_minutes(40).iter().collect::<Vec<_>>());
        assert_eq!(new.iter().collect::<BTreeSet<_>>().len(), new.len(), "none comes twice");
        assert!(seen.is_sorted_by_key(|text| text.get(..5)), "in time order over the pages: {seen:?}");
        // What arrived ahead of the cursor is there, whenever it did; what arrived behind it is not.
        let of = |time: &str| new.iter().filter(|text| text.starts_with(time)).count();
        assert_eq!((of("12:30"), of("09:")), if forwards { (rounds, 0) } else { (0, rounds) });
        assert!(rounds > 5);
    }
}

#[test]
fn a_cursor_leads_on_from_its_place_however_much_came_before_it() {
    let (server, through) = with_notes(10);
    let third = page(&server, json!({"first": 3, "p": through}));
    let (start, end) = (third["pageInfo"]["startCursor"].clone(), third["pageInfo"]["endCursor"].clone());
    assert_eq!(texts(&third), ["10:00", "10:02", "10:04"]);
    let through = server.record_all(&[note("a", "09:59"), note("b", "10:03"), note("c", "10:05"), note("d", "10:04")]);
    assert_eq!(texts(&page(&server, json!({"first": 3, "after": end, "p": through}))), ["10:04", "10:05", "10:06"]);
    let earlier = page(&server, json!({"last": 3, "before": start, "p": through}));
    assert_eq!(texts(&earlier), ["09:59"]);
    assert_eq!(earlier["pageInfo"]["hasPreviousPage"], false);
    // Between the two cursors: what was there, and what came in between.
    let between = page(&server, json!({"first": 10, "after": start, "before": end}));
    assert_eq!(texts(&between), ["10:02", "10:03"]);
}

#[test]
fn a_filter_counts_n_of_all_and_its_pages_hold_those_n() {
    let server = Server::new();
    let channels = ["voice", "email", "whatsapp"];
    let message = |number: usize| {
        let inbound = number.is_multiple_of(4);
        let data = json!({"channel": channels[number % 3], "direction": if inbound { "inbound" } else { "outbound" },
            "case": format!("k-{}", number % 2), "text": format!("mensagem número {number} {}", if number.is_multiple_of(5) { "ATENÇÃO" } else { "" })});
        event(&number.to_string(), "message.sent", "crm:7", &format!("10:{:02}", number), data)
    };
    let messages: Vec<Value> = (0..60).map(message).collect();
    let through = server.record_all(&messages);
    // Numbers from 0 to 59, counted by their remainders.
    for (filter, count) in [
        (json!({}), 60),
        (json!({"channels": ["voice"]}), 20),
        (json!({"channels": ["voice", "email"]}), 40),
        (json!({"channels": ["letter"]}), 0),
        (json!({"direction": "INBOUND"}), 15),
        (json!({"direction": "INBOUND", "channels": ["voice"]}), 5),
        (json!({"case": "k-1"}), 30),
        (json!({"case": "k-1", "channels": ["email"]}), 10),
        (json!({"text": "atencao"}), 12),
        (json!({"text": "atenção", "direction": "INBOUND"}), 3),
        (json!({"kinds": ["note.added"]}), 0),
        (json!({"from": "2025-03-03T10:10:00Z", "to": "2025-03-03T10:20:00Z"}), 10),
    ] {
        let found = page(&server, json!({"filter": filter, "first": 1, "p": through}));
        assert_eq!((&found["filteredCount"], &found["totalCount"]), (&json!(count), &json!(60)), "{filter}");
        assert_eq!(found["pageInfo"]["hasNextPage"], json!(count > 1), "{filter}");
        if count > 0 {
            let pages = walk(&server, &through, true, &filter, |_| through.clone());
            assert_eq!(pages.concat().len(), count, "{filter}");
            let backwards = walk(&server, &through, false, &filter, |_| through.clone());
            assert_eq!(backwards.into_iter().rev().collect::<Vec<_>>().concat(), pages.concat(), "{filter}");
        }
    }
    // What arrives is counted, by whether it fits.
    let through = server.record_all(&[message(3)].map(|mut event| {
        event["id"] = json!("late");
        event
    }));
    let found = page(&server, json!({"filter": {"channels": ["voice"]}, "p": through}));
    assert_eq!((&found["filteredCount"], &found["totalCount"]), (&json!(21), &json!(61)));
    let found = page(&server, json!({"filter": {"channels": ["email"]}, "p": through}));
    assert_eq!((&found["filteredCount"], &found["totalCount"]), (&json!(20), &json!(61)));
}

#[test]
fn an_empty_page_and_an_empty_timeline_have_an_end() {
    let (server, through) = with_notes(2);
    let all = page(&server, json!({"first": 5, "p": through}));
    assert_eq!(all["pageInfo"]["hasNextPage"], false);
    let behind = page(&server, json!({"first": 5, "after": all["pageInfo"]["endCursor"]}));
    assert_eq!((texts(&behind), &behind["pageInfo"]["hasNextPage"]), (vec![], &json!(false)));
    assert_eq!((&behind["pageInfo"]["startCursor"], &behind["pageInfo"]["endCursor"]), (&Value::Null, &Value::Null));
    let none = page(&server, json!({"first": 0}));
    assert_eq!(
        (texts(&none), &none["pageInfo"]["hasNextPage"], &none["totalCount"]),
        (vec![], &json!(true), &json!(2))
    );
}

#[test]
fn the_log_is_paged_in_its_own_order_while_it_grows() {
    let (server, through) = with_notes(25);
    server.sees(&through);
    let query = "query($after: Position) { events(first: 10, after: $after, filter: {kinds: [\"note.added\"]}) {
        totalCount pageInfo { hasNextPage endCursor } nodes { position } } }";
    let (mut after, mut positions, mut rounds) = (Value::Null, Vec::new(), 0);
    loop {
        let found = server.data(query, json!({"after": after}))["events"].clone();
        assert_eq!(found["totalCount"], 25 + rounds.min(2));
        let nodes = found["nodes"].as_array().unwrap();
        positions.extend(nodes.iter().map(|node| node["position"].as_str().unwrap().parse::<usize>().unwrap()));
        if found["pageInfo"]["hasNextPage"] == false {
            break;
        }
        after = found["pageInfo"]["endCursor"].clone();
        if rounds < 2 {
            let through = server.record_all(&[note(&format!("new-{rounds}"), "09:00")]);
            server.sees(&through);
        }
        rounds += 1;
    }
    assert_eq!(positions, (0..27).collect::<Vec<_>>());
}
