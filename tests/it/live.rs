//! What is sent to those who follow a customer: every entry once, in the order of the log, whatever breaks in between; and the
//! customer again whenever something about them has changed.
//!
//! What is expected is what was recorded, and what the log says of it when it is asked for its events.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use serde_json::{Value, json};

use crate::listener::{Events, PATIENCE, Socket, TIMELINE, by, position, serve_with};
use crate::server::Server;
use crate::story::event;

fn note(id: &str, customer: &str, text: &str) -> Value {
    event(id, "note.added", customer, "10:00", json!({"text": text}))
}

/// Notes of a customer, with ids of their own, in an order of time that is not that in which they are stored.
fn notes(name: &str, customer: &str, count: usize) -> Vec<Value> {
    let at = |number: usize| format!("{:02}:{:02}", 23 - number % 24, number % 60);
    let note = |number: usize| {
        let text = format!("{name}-{number}");
        event(&text, "note.added", customer, &at(number), json!({"text": text}))
    };
    (0..count).map(note).collect()
}

/// The positions of all entries whose text begins so, from the log itself.
fn in_the_log(server: &Server, name: &str) -> Vec<u64> {
    let query = "query($after: Position) { events(first: 1000, after: $after) { pageInfo { hasNextPage endCursor } nodes { position text } } }";
    let (mut positions, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = server.data(query, json!({"after": after}))["events"].take();
        let nodes = page["nodes"].as_array().unwrap();
        let meant = |node: &&Value| node["text"].as_str().is_some_and(|text| text.starts_with(name));
        positions.extend(nodes.iter().filter(meant).map(position));
        after = page["pageInfo"]["endCursor"].clone();
        if page["pageInfo"]["hasNextPage"] == false {
            return positions;
        }
    }
}

fn texts(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["text"].as_str().unwrap_or_default()).collect()
}

/// Records batches of notes of one customer and of others.
fn record_rounds(server: &Server, rounds: usize) {
    for round in 0..rounds {
        let other = format!("crm:{}", 100 + round % 7);
        let batch = [notes(&format!("a-{round}"), "crm:1", 20), notes(&format!("z-{round}"), &other, 20)].concat();
        server.record_all(&batch);
    }
}

#[test]
fn history_and_what_comes_are_sent_once_and_in_order_while_events_are_recorded() {
    let server = Server::new();
    server.records(&notes("a-before", "crm:1", 300));
    let (rounds, count) = (60, 300 + 60 * 20);
    let received = std::thread::scope(|scope| {
        let over_socket = || {
            let mut socket = Socket::open(&server);
            socket.subscribe("1", TIMELINE, json!({"by": by("crm", "1")}));
            socket.entries("1", count)
        };
        let over_events = || {
            let mut events = Events::open(&server, TIMELINE, json!({"by": by("crm", "1")}));
            (0..count).map(|_| events.entry()).collect::<Vec<_>>()
        };
        scope.spawn(|| record_rounds(&server, rounds));
        // They come at different moments of it: each waits for the one before to have its history.
        let mut listeners = vec![scope.spawn(over_socket), scope.spawn(over_events)];
        let mut late = Socket::open(&server);
        late.subscribe("1", TIMELINE, json!({"by": by("crm", "1")}));
        late.entries("1", 350);
        listeners.extend([scope.spawn(over_socket), scope.spawn(over_events)]);
        listeners.into_iter().map(|listener| listener.join().unwrap()).collect::<Vec<_>>()
    });
    let expected = in_the_log(&server, "a-");
    assert_eq!(expected.len(), count);
    for entries in received {
        assert_eq!(entries.iter().map(position).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_timeline_of_many_thousands_comes_whole_in_the_order_of_the_log() {
    let server = Server::new();
    for part in 0..4 {
        server.record_all(&notes(&format!("a-{part}"), "crm:1", 1_500));
        server.record_all(&notes(&format!("z-{part}"), "crm:2", 10));
    }
    let through = server.record_all(&[note("last", "crm:2", "last")]);
    server.sees(&through);
    let mut socket = Socket::open(&server);
    socket.subscribe("1", TIMELINE, json!({"by": by("crm", "1")}));
    let positions: Vec<u64> = socket.entries("1", 6_000).iter().map(position).collect();
    assert_eq!(positions, in_the_log(&server, "a-"));
    server.record_all(&[note("new", "crm:1", "new")]);
    assert_eq!(socket.entry("1")["text"], "new");
    // From the middle on: what lies before is not sent.
    socket.subscribe("2", TIMELINE, json!({"by": by("crm", "1"), "after": positions[3_999].to_string()}));
    let rest: Vec<u64> = socket.entries("2", 2_000).iter().map(position).collect();
    assert_eq!(rest, positions[4_000..]);
    assert_eq!(socket.entry("2")["text"], "new");
}

#[test]
fn over_broken_connections_and_a_restart_nothing_is_missed_and_nothing_comes_twice() {
    let folder = tempfile::tempdir().unwrap();
    let (mut after, mut received) = (Value::Null, Vec::new());
    for (start, rounds) in [(0, 12), (1, 12), (2, 12)] {
        let server = Server::at(folder.path());
        std::thread::scope(|scope| {
            let recording = scope.spawn(|| {
                for round in 0..rounds {
                    server.record_all(&notes(&format!("a-{start}-{round}"), "crm:1", 40));
                }
            });
            while received.len() < (start + 1) * rounds * 40 - 25 {
                let mut socket = Socket::open(&server);
                socket.subscribe("1", TIMELINE, json!({"by": by("crm", "1"), "after": after}));
                received.extend(socket.entries("1", 13));
                after = received.last().unwrap()["position"].clone();
            }
            recording.join().unwrap();
        });
        let (status, said) = server.stop();
        assert!(status.success(), "{said}");
    }
    let server = Server::at(folder.path());
    let expected = in_the_log(&server, "a-");
    let mut socket = Socket::open(&server);
    socket.subscribe("1", TIMELINE, json!({"by": by("crm", "1"), "after": after}));
    received.extend(socket.entries("1", expected.len() - received.len()));
    assert_eq!(received.iter().map(position).collect::<Vec<_>>(), expected);
}

#[test]
fn the_entries_of_a_strand_that_is_linked_come_before_the_event_that_links_it() {
    let server = Server::new();
    server.record_all(&notes("b", "crm:2", 3));
    let through = server.record_all(&notes("a", "crm:1", 3));
    server.sees(&through);
    let mut socket = Socket::open(&server);
    socket.subscribe("1", TIMELINE, json!({"by": by("crm", "1")}));
    assert_eq!(texts(&socket.entries("1", 3)), ["a-0", "a-1", "a-2"]);
    let link = "mutation($a: CustomerLookup!, $b: CustomerLookup!) { linkCustomers(a: $a, b: $b, because: \"x\") { id linked { subject identifiers { value } } } }";
    let linked = server.data(link, json!({"a": by("crm", "1"), "b": by("crm", "2")}));
    let joined = socket.entries("1", 4);
    assert_eq!((texts(&joined[..3]), &joined[3]["kind"]), (vec!["b-0", "b-1", "b-2"], &json!("identity.linked")));
    // Whoever goes on from before the link has the same of it; whoever goes on from the link has none.
    socket.subscribe("before", TIMELINE, json!({"by": by("crm", "1"), "after": "5"}));
    assert_eq!(socket.entries("before", 4), joined);
    socket.subscribe("behind", TIMELINE, json!({"by": by("crm", "2"), "after": joined[3]["position"]}));
    // A strand that leaves and comes again was sent before.
    let strands = linked["linkCustomers"]["linked"].as_array().unwrap();
    let of =
        |value: &str| &strands.iter().find(|strand| strand["identifiers"][0]["value"] == value).unwrap()["subject"];
    let unlink = "mutation($s: ID!, $f: ID!) { unlinkCustomers(subject: $s, from: $f, because: \"y\") { id } }";
    server.data(unlink, json!({"s": of("2"), "f": of("1")}));
    server.data(link, json!({"a": by("crm", "1"), "b": by("crm", "2")}));
    server.records(&[note("end", "crm:1", "end")]);
    let mut kinds: Vec<String> = Vec::new();
    let mut ends = 0;
    while ends < 3 {
        let mut message = socket.hear();
        let entry = message["payload"]["data"]["timeline"].take();
        ends += usize::from(entry["text"] == "end");
        if message["id"] == "1" {
            kinds.push(entry["kind"].as_str().unwrap().to_owned());
        } else {
            assert!(position(&entry) > position(&joined[3]), "{entry}");
        }
    }
    assert_eq!(kinds, ["identity.unlinked", "identity.linked", "note.added"]);
}

#[test]
fn whoever_follows_the_customer_that_stays_hears_of_the_strand_that_leaves() {
    let server = Server::new();
    let through = server.record_all(&[notes("a", "crm:1", 2), notes("b", "crm:2", 2)].concat());
    server.sees(&through);
    let link = "mutation($a: CustomerLookup!, $b: CustomerLookup!) { linkCustomers(a: $a, b: $b, because: \"x\") { linked { subject identifiers { value } } } }";
    let linked =
        server.data(link, json!({"a": by("crm", "1"), "b": by("crm", "2")}))["linkCustomers"]["linked"].clone();
    let of = |value: &str| {
        linked.as_array().unwrap().iter().find(|strand| strand["identifiers"][0]["value"] == value).unwrap()["subject"]
            .clone()
    };
    let mut socket = Socket::open(&server);
    socket.subscribe("stays", TIMELINE, json!({"by": by("crm", "1")}));
    socket.entries("stays", 5);
    let unlink = "mutation($s: ID!, $f: ID!) { unlinkCustomers(subject: $s, from: $f, because: \"y\") { id } }";
    server.data(unlink, json!({"s": of("2"), "f": of("1")}));
    assert_eq!(socket.entries("stays", 1)[0]["kind"], "identity.unlinked");
    // What comes to the one that left is not heard any more; what comes to the one that stays is.
    server.record_all(&[note("other", "crm:2", "other"), note("own", "crm:1", "own")]);
    assert_eq!(texts(&socket.entries("stays", 1)), ["own"]);
}

#[test]
fn a_customer_whom_nobody_knows_yet_is_waited_for() {
    let server = Server::new();
    server.records(&[note("other", "crm:9", "other")]);
    let mut socket = Socket::open(&server);
    let customer = "subscription($by: CustomerLookup!) { customer(by: $by) { totals { events } } }";
    let case = json!({"protocol": "2025-77"});
    socket.subscribe("phone", TIMELINE, json!({"by": by("phone", "(11) 98765-4321")}));
    socket.subscribe("case", customer, json!({"by": case}));
    // Both wait by now: the answer to this comes behind what they would have been answered.
    socket.subscribe("log", "{ log { events } }", json!({}));
    assert_eq!(socket.next("log"), json!({"log": {"events": 1}}));
    assert_eq!(socket.hear(), json!({"id": "log", "type": "complete"}));
    let open = json!({"case": "c-1", "protocol": "2025-77", "demand": "complaint", "channel": "voice"});
    server.record_all(&[event("c", "case.opened", "crm:3", "10:00", open)]);
    assert_eq!(socket.next("case"), json!({"customer": {"totals": {"events": 1}}}));
    server.record_all(&[note("p", "phone:+5511987654321", "first")]);
    assert_eq!(socket.entry("phone")["text"], "first");
}

#[test]
fn a_customer_comes_at_once_and_again_when_something_about_them_has_changed() {
    let server = Server::new();
    server.records(&notes("a", "crm:1", 2));
    let query =
        "subscription($by: CustomerLookup!) { customer(by: $by) { totals { events } linked { rule } through } }";
    let mut socket = Socket::open(&server);
    socket.subscribe("1", query, json!({"by": by("crm", "1")}));
    let mut events = Events::open(&server, query, json!({"by": by("crm", "1")}));
    let first = socket.next("1");
    assert_eq!(first["customer"]["totals"]["events"], 2);
    assert_eq!(events.next()["data"], first);
    // Of another customer nothing is told.
    server.records(&notes("z", "crm:2", 200));
    let through = server.record_all(&[note("more", "crm:1", "more")]);
    let then = socket.next("1");
    assert_eq!(then["customer"]["totals"]["events"], 3);
    assert_eq!(then["customer"]["through"], through);
    assert_eq!(events.next()["data"]["customer"]["totals"]["events"], 3);
    let claim = json!({"identifiers": ["email:a@example.com"]});
    server.record_all(&[event("claim", "identity.claimed", "crm:1", "10:00", claim)]);
    let linked = socket.next("1");
    assert_eq!(linked["customer"]["linked"].as_array().unwrap().len(), 2, "{linked}");
    // What happens at once comes together, and the last of it is told.
    server.record_all(&notes("many", "crm:1", 2_000));
    let mut answers = 0;
    loop {
        answers += 1;
        let events = socket.next("1")["customer"]["totals"]["events"].as_u64().unwrap();
        if events == 2_004 {
            break;
        }
    }
    assert!(answers <= 200, "{answers} answers for 2,000 events of one request");
}

#[test]
fn views_that_are_rebuilt_meanwhile_are_not_noticed() {
    let server = Server::new();
    server.records(&notes("a", "crm:1", 3));
    let mut socket = Socket::open(&server);
    socket.subscribe("t", TIMELINE, json!({"by": by("crm", "1")}));
    assert_eq!(texts(&socket.entries("t", 3)), ["a-0", "a-1", "a-2"]);
    let query = "subscription($by: CustomerLookup!) { customer(by: $by) { totals { events } } }";
    socket.subscribe("c", query, json!({"by": by("crm", "1")}));
    assert_eq!(socket.next("c")["customer"]["totals"]["events"], 3);
    for name in ["timeline", "strands", "edges"] {
        server.data("mutation($name: String!) { rebuildProjection(name: $name) { name } }", json!({"name": name}));
        let building = "{ projections { building { state } } }";
        let is_done = |said: &Value| said["projections"].as_array().unwrap().iter().all(|p| p["building"].is_null());
        while !is_done(&server.data(building, json!({}))) {}
    }
    server.record_all(&[note("new", "crm:1", "new")]);
    let mut heard = [socket.hear(), socket.hear()];
    heard.sort_by_key(|message| message["id"].as_str().unwrap().to_owned());
    assert_eq!(heard[0]["payload"]["data"]["customer"]["totals"]["events"], 4);
    assert_eq!(heard[1]["payload"]["data"]["timeline"]["text"], "new");
}

/// The value of a metric.
fn metric(server: &Server, name: &str) -> f64 {
    let page = server.get("/metrics", &[]).body;
    let line = page.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ').map(str::to_owned));
    line.unwrap_or_else(|| panic!("{name}")).parse().unwrap()
}

/// Waits until a metric has a value.
fn reaches(server: &Server, name: &str, value: f64) {
    let begun = Instant::now();
    while metric(server, name) != value {
        assert!(begun.elapsed() < PATIENCE, "{name} is {} and not {value}", metric(server, name));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn who_does_not_read_is_dropped_with_a_code_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = serve_with(&[("NOVELO_SUBSCRIBER_TIMEOUT_S", "1")], folder.path());
    // More than the system holds on the way for those who do not read.
    let text = "x".repeat(60_000);
    for part in 0..10 {
        let notes: Vec<Value> = (0..80).map(|n| note(&format!("{part}-{n}"), "crm:1", &text)).collect();
        server.record_all(&notes);
    }
    let through = server.record_all(&[note("end", "crm:1", "end")]);
    server.sees(&through);
    let variables = json!({"by": by("crm", "1")});
    let mut slow = Socket::open(&server);
    slow.subscribe("1", TIMELINE, variables.clone());
    let mut slow_events = TcpStream::connect(server.address()).unwrap();
    slow_events.set_read_timeout(Some(PATIENCE)).unwrap();
    let body = json!({"query": TIMELINE, "variables": variables}).to_string();
    let head = "POST /graphql HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\naccept: text/event-stream";
    write!(slow_events, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
    let mut quick = Socket::open(&server);
    quick.subscribe("1", TIMELINE, variables);
    assert_eq!(quick.entries("1", 801)[800]["text"], "end");
    reaches(&server, "novelo_subscriptions_slow_total", 2.0);
    assert_eq!(metric(&server, "novelo_subscriptions_open"), 1.0);
    let (code, reason) = slow.end();
    assert_eq!((code, reason.as_str()), (4420, "Too slow: what was sent was not read in time"));
    let mut said = String::new();
    slow_events.read_to_string(&mut said).unwrap();
    let (_, last) = said.rsplit_once("event: ").unwrap();
    assert!(last.starts_with("next\ndata: {\"errors\":") && last.contains("\"TOO_SLOW\""), "{last}");
    assert!(last.contains("1 seconds") && last.contains("highest position received"), "{last}");
    server.record_all(&[note("more", "crm:1", "more")]);
    assert_eq!(quick.entry("1")["text"], "more");
    quick.close();
    reaches(&server, "novelo_subscriptions_open", 0.0);
}

#[test]
fn a_stop_ends_what_goes_on_and_waits_for_nobody() {
    let server = Server::new();
    server.records(&notes("a", "crm:1", 1));
    let mut socket = Socket::open(&server);
    socket.subscribe("1", TIMELINE, json!({"by": by("crm", "1")}));
    socket.entry("1");
    let mut idle = Socket::open(&server);
    let mut events = Events::open(&server, TIMELINE, json!({"by": by("crm", "1")}));
    events.entry();
    let begun = Instant::now();
    let stopping = std::thread::spawn(move || server.stop());
    assert_eq!(socket.end(), (1001, "The server stops".into()));
    assert_eq!(idle.end().0, 1001);
    drop((socket, idle));
    assert_eq!(events.read(), None, "it ends without `complete`: it was broken off");
    let (status, said) = stopping.join().unwrap();
    assert!(status.success() && !said.contains("given up"), "{said}");
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}

#[test]
fn the_example_of_the_readme_is_followed_by_who_copies_it() {
    for readme in ["README.md", "README.pt-BR.md"] {
        let server = Server::new();
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(readme)).unwrap();
        let events: Vec<&str> = text.lines().filter(|line| line.starts_with("{\"specversion\"")).collect();
        assert_eq!(server.record(events.join("\n"))["recorded"], events.len(), "{readme}");
        let (_, example) = text.split_once("\n$ curl -N ").expect("an example");
        let (command, shown) = example.split_once("\n:\n\n").expect("what it shows");
        let (shown, _) = shown.split_once("\n```").unwrap();
        let command = format!("exec curl -sN {}", command.replace("http://127.0.0.1:8080", &server.url("")));
        let mut curl = Command::new("sh").args(["-c", &command]).stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(curl.stdout.take().unwrap()).lines().map(Result::unwrap).skip(2);
        assert_eq!(said.take(2).collect::<Vec<_>>().join("\n"), shown, "{readme}");
        curl.kill().unwrap();
        curl.wait().unwrap();
    }
}
