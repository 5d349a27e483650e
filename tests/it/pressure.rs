//! HTTP under pressure, against the real program: whoever is too many, too slow or too large is told so or cut off, the
//! others are answered, and what was acknowledged is there.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::program::{novelo, succeeds};
use crate::server::Server;
use crate::story::event;

/// Long enough for anything that these tests wait for.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server with settings.
fn with(settings: &[(&str, &str)], data: &Path) -> Server {
    let mut command = novelo(&["serve", "--listen", "127.0.0.1:0", "--data"]);
    command.arg(data).envs(settings.iter().copied());
    Server::of(command)
}

/// A connection, and what is sent on it first.
fn connection(server: &Server, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(bytes).unwrap();
    stream
}

/// Everything that comes until the connection ends.
fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Ok(_) => {}
        Err(problem) => assert_eq!(problem.kind(), ErrorKind::ConnectionReset, "{problem}"),
    }
    String::from_utf8(bytes).unwrap()
}

/// The head of a POST, without the empty line.
fn head(path: &str, content_type: &str) -> String {
    format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: {content_type}\r\n")
}

/// Events of a text of so many bytes, with ids of their own.
fn notes(name: &str, count: usize, text_bytes: usize) -> String {
    let text = "x".repeat(text_bytes);
    let note = |number| {
        event(
            &format!("{name}-{number}"),
            "note.added",
            "crm:1",
            "10:00",
            json!({"text": format!("{name}-{number} {text}")}),
        )
    };
    (0..count).map(|number| format!("{}\n", note(number))).collect()
}

fn is_healthy(server: &Server) {
    assert_eq!(server.get("/healthz", &[]).status, 200);
}

#[test]
fn a_full_queue_sends_back_with_a_time_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = with(&[("NOVELO_QUEUE_MB", "1")], folder.path());
    let (recorded, refused) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let send = |name: String| {
        for round in 0..12 {
            let body = notes(&format!("{name}-{round}"), 400, 2_000);
            loop {
                let answer = server.post("/v1/events", "application/x-ndjson", body.as_bytes());
                if answer.status == 200 {
                    recorded.fetch_add(400, Ordering::Relaxed);
                    break;
                }
                assert_eq!((answer.status, answer.header("retry-after")), (503, "1"), "{answer:?}");
                let error = &answer.json()["error"];
                assert_eq!(error["code"], "UNAVAILABLE");
                assert!(error["help"].as_str().unwrap().contains("send all of it again"), "{error}");
                refused.fetch_add(1, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for sender in 0..8 {
            scope.spawn(move || send(format!("s{sender}")));
        }
    });
    assert!(refused.into_inner() > 0, "the queue was never full");
    let head = server.data("{ log { head } }", json!({}))["log"]["head"].as_str().unwrap().parse::<usize>().unwrap();
    assert_eq!(head, recorded.into_inner());
    assert_eq!(head, 8 * 12 * 400);
}

#[test]
fn a_client_that_drips_is_cut_off_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let server = with(&[("NOVELO_BODY_TIMEOUT_S", "1")], folder.path());
    for (path, content_type) in [("/v1/events", "application/x-ndjson"), ("/graphql", "application/json")] {
        let begun = Instant::now();
        let whole = notes(path, 1, 10);
        let length = whole.len() + 1_000;
        let mut slow = connection(
            &server,
            format!("{}content-length: {length}\r\n\r\n{whole}", head(path, content_type)).as_bytes(),
        );
        let mut drip = slow.try_clone().unwrap();
        let ended = AtomicBool::new(false);
        let answer = std::thread::scope(|scope| {
            scope.spawn(|| {
                // It ends when it is cut off, not before.
                while !ended.load(Ordering::Relaxed) && drip.write_all(b" ").is_ok() {
                    std::thread::sleep(Duration::from_millis(50));
                }
            });
            scope.spawn(|| {
                for number in 0..5 {
                    server.record(notes(&format!("{path}-other-{number}"), 1, 10));
                }
            });
            let answer = rest(&mut slow);
            ended.store(true, Ordering::Relaxed);
            answer
        });
        assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
        assert!(answer.contains("connection: close") && answer.contains("TOO_SLOW"), "{answer}");
        assert!(begun.elapsed() > Duration::from_millis(900), "it was given its time");
    }
    // The line that had come whole before is recorded, as the answer says.
    let again = server.record(notes("/v1/events", 1, 10));
    assert_eq!((&again["duplicates"], &again["recorded"]), (&json!(1), &json!(0)));
    let metrics = server.get("/metrics", &[]).body;
    assert!(metrics.contains("\nnovelo_http_bodies_too_slow_total 2\n"), "{metrics}");
}

#[test]
fn a_body_that_keeps_coming_may_take_longer_than_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let server = with(&[("NOVELO_BODY_TIMEOUT_S", "1")], folder.path());
    // 20 KB every 100 ms are more than it asks for.
    let (lines, begun) = (notes("steady", 25, 20_000), Instant::now());
    let opening = format!(
        "{}content-length: {}\r\nconnection: close\r\n\r\n",
        head("/v1/events", "application/x-ndjson"),
        lines.len()
    );
    let mut steady = connection(&server, opening.as_bytes());
    for piece in lines.as_bytes().chunks(20_000) {
        std::thread::sleep(Duration::from_millis(100));
        steady.write_all(piece).unwrap();
    }
    assert!(begun.elapsed() > Duration::from_millis(1_500));
    let answer = rest(&mut steady);
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"recorded\":25"), "{answer}");
}

#[test]
fn a_thousand_idle_connections_are_let_be_until_their_time_is_over() {
    raise_open_files();
    let folder = tempfile::tempdir().unwrap();
    let server = with(&[("NOVELO_IDLE_TIMEOUT_S", "15")], folder.path());
    let mut idle: Vec<TcpStream> = (0..1_000).map(|_| connection(&server, b"")).collect();
    // Some have asked before, some have begun to ask.
    for stream in idle.iter_mut().take(100) {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").unwrap();
    }
    for stream in idle.iter_mut().skip(900) {
        stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: loc").unwrap();
    }
    server.record(notes("among", 10, 10));
    let open = || {
        let metrics = server.get("/metrics", &[]).body;
        let open = metrics.lines().find_map(|line| line.strip_prefix("novelo_http_connections_open ")).unwrap();
        open.parse::<usize>().unwrap()
    };
    // They may still wait to be let in.
    let until = Instant::now() + Duration::from_secs(10);
    while open() <= 1_000 {
        assert!(Instant::now() < until, "{} are open", open());
    }
    for (number, stream) in idle.iter_mut().enumerate() {
        let said = rest(stream);
        assert!(
            if number < 100 { said.starts_with("HTTP/1.1 200 ") } else { said.is_empty() || said.contains(" 408 ") },
            "{said}"
        );
    }
    is_healthy(&server);
}

#[test]
fn one_connection_too_many_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let server = with(&[("NOVELO_MAX_CONNECTIONS", "3")], folder.path());
    let asks = b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    // Each is answered, so each has been let in.
    let mut inside: Vec<TcpStream> = (0..3).map(|_| connection(&server, asks)).collect();
    for stream in &mut inside {
        stream.read_exact(&mut [0; 17]).unwrap();
    }
    let said = rest(&mut connection(&server, asks));
    assert!(said.starts_with("HTTP/1.1 503 ") && said.contains("\r\nretry-after: 1\r\n"), "{said}");
    let body: Value = serde_json::from_str(said.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(body["error"]["code"], "UNAVAILABLE");
    assert!(body["error"]["help"].is_string());
    drop(inside);
    let until = Instant::now() + PATIENCE;
    while !rest(&mut connection(&server, b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n"))
        .contains(" 200 ")
    {
        assert!(Instant::now() < until, "the places of those who left are not free");
    }
}

#[test]
fn queries_that_cannot_have_their_turn_are_sent_back() {
    raise_open_files();
    let folder = tempfile::tempdir().unwrap();
    let server = with(&[("NOVELO_MAX_QUERIES", "1")], folder.path());
    server.records(
        &(0..300)
            .map(|n| event(&n.to_string(), "note.added", "crm:1", "10:00", json!({"text": "x"})))
            .collect::<Vec<_>>(),
    );
    let fields = "id position kind occurredAt recordedAt channel direction source customerId data hash";
    let body = json!({"query": format!("{{ events(first: 200) {{ nodes {{ {fields} }} }} }}")}).to_string();
    let request = format!(
        "{}connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        head("/graphql", "application/json"),
        body.len()
    );
    let mut refused = None;
    for many in [64, 128, 256, 512] {
        let mut asking: Vec<TcpStream> = (0..many).map(|_| connection(&server, request.as_bytes())).collect();
        for answer in asking.iter_mut().map(rest) {
            match answer.get(..13) {
                Some("HTTP/1.1 200 ") => {
                    assert!(answer.contains("\"position\":\"199\""), "{}", &answer[..answer.len().min(600)])
                }
                _ => refused = Some(answer),
            }
        }
        if refused.is_some() {
            break;
        }
    }
    let refused = refused.expect("everybody had a turn");
    assert!(refused.starts_with("HTTP/1.1 503 ") && refused.contains("\r\nretry-after: 1\r\n"), "{refused}");
    let answer: Value = serde_json::from_str(refused.split_once("\r\n\r\n").unwrap().1).unwrap();
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNAVAILABLE");
    assert!(answer["errors"][0]["extensions"]["help"].is_string());
}

#[test]
fn a_server_told_to_stop_under_load_keeps_everything_that_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let server = with(&[], folder.path());
    let address = server.address().to_owned();
    let acknowledged = Mutex::new(BTreeSet::new());
    let send = |sender: usize| {
        for round in 0.. {
            let name = format!("s{sender}-{round}");
            let Some(answer) = post_once(&address, &notes(&name, 20, 100)) else { return };
            if answer.starts_with("HTTP/1.1 200 ") {
                assert!(answer.contains("\"recorded\":20"), "{answer}");
                acknowledged.lock().unwrap().extend((0..20).map(|number| format!("{name}-{number}")));
            }
        }
    };
    // One request is half sent when the server is told to stop, and one connection idle.
    let half = notes("half", 2, 100);
    let (first, second) = half.split_at(half.len() / 2 + 10);
    let opening =
        format!("{}content-length: {}\r\n\r\n{first}", head("/v1/events", "application/x-ndjson"), half.len());
    let mut half_sent = connection(&server, opening.as_bytes());
    let mut idle = connection(&server, b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n");
    idle.read_exact(&mut [0; 17]).unwrap();
    let status = std::thread::scope(|scope| {
        for sender in 0..8 {
            scope.spawn(move || send(sender));
        }
        let until = Instant::now() + PATIENCE;
        while acknowledged.lock().unwrap().len() < 2_000 {
            assert!(Instant::now() < until, "nothing is acknowledged");
            std::thread::yield_now();
        }
        let told = Instant::now();
        let finish = scope.spawn(|| {
            // The idle connection ends at once; then the other request goes on, and is answered.
            rest(&mut idle);
            half_sent.write_all(second.as_bytes()).unwrap();
            rest(&mut half_sent)
        });
        let (status, said) = server.stop();
        assert!(told.elapsed() < Duration::from_secs(30), "{said}");
        let answer = finish.join().unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 ") && answer.contains("\"recorded\":2"), "{answer}");
        status
    });
    assert_eq!(status.code(), Some(0));
    let mut acknowledged = acknowledged.into_inner().unwrap();
    acknowledged.extend(["half-0".to_owned(), "half-1".to_owned()]);
    let exported = succeeds(&["export", "--data", folder.path().to_str().unwrap()], b"");
    let name = |line: &str| {
        let text = serde_json::from_str::<Value>(line).unwrap()["data"]["text"].as_str().unwrap().to_owned();
        text.split(' ').next().unwrap().to_owned()
    };
    let there: BTreeSet<String> = exported.lines().map(name).collect();
    let lost = acknowledged.difference(&there).count();
    assert_eq!(lost, 0, "of {} acknowledged events", acknowledged.len());
}

/// Sends events on a connection of their own; the answer, `None` when there is no server any more.
fn post_once(address: &str, body: &str) -> Option<String> {
    let mut stream = TcpStream::connect(address).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let opening = format!(
        "{}connection: close\r\ncontent-length: {}\r\n\r\n",
        head("/v1/events", "application/x-ndjson"),
        body.len()
    );
    stream.write_all(opening.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    (!answer.is_empty()).then_some(answer)
}

#[test]
fn a_server_told_to_stop_does_not_wait_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    let server = with(&[("NOVELO_STOP_TIMEOUT_S", "1")], folder.path());
    let never = format!("{}content-length: 1000\r\n\r\n{{", head("/v1/events", "application/x-ndjson"));
    let _stuck = connection(&server, never.as_bytes());
    is_healthy(&server);
    let told = Instant::now();
    let (status, said) = server.stop();
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(told.elapsed() < Duration::from_secs(20) && said.contains("took too long were given up"), "{said}");
}

#[test]
fn a_head_that_is_too_large_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let server = with(&[], folder.path());
    for headers in [format!("x: {}\r\n", "y".repeat(400_000)), "x: y\r\n".repeat(500)] {
        // The server may have closed before all of it was sent.
        let mut stream = connection(&server, b"");
        drop(stream.write_all(format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n").as_bytes()));
        let said = rest(&mut stream);
        assert!(said.starts_with("HTTP/1.1 431 ") || said.is_empty(), "{said}");
    }
    is_healthy(&server);
}

#[test]
fn what_is_no_request_ends_the_connection_behind_the_answers_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = with(&[], folder.path());
    let ask = "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n";
    let said = rest(&mut connection(&server, format!("{ask}{ask}\x00\x01garbage\r\n\r\n{ask}").as_bytes()));
    let statuses: Vec<&str> = said.match_indices("HTTP/1.1 ").map(|(at, _)| &said[at + 9..at + 12]).collect();
    assert_eq!(statuses, ["200", "200", "400"], "{said}");
    is_healthy(&server);
}

#[test]
fn a_body_that_never_ends_is_answered_and_left() {
    let folder = tempfile::tempdir().unwrap();
    let server = with(&[], folder.path());
    let opening = format!("{}transfer-encoding: chunked\r\n\r\n", head("/graphql", "application/json"));
    let mut endless = connection(&server, opening.as_bytes());
    let chunk = format!("100000\r\n{}\r\n", " ".repeat(1 << 20));
    let sent = (0..1_000).take_while(|_| endless.write_all(chunk.as_bytes()).is_ok()).count();
    assert!(sent < 200, "{sent} MB were taken");
    is_healthy(&server);
}

#[test]
fn a_query_that_is_nested_without_end_is_refused_and_the_server_lives() {
    let server = Server::new();
    let query = format!("{{node(id:{}", "[".repeat(100_000));
    let (_, told) = server.error(&query, json!({}));
    assert_eq!(told["code"], "TOO_COMPLEX");
    let short = format!("/graphql?query=%7Bnode(id:{}", "[".repeat(20_000));
    let mut asked =
        connection(&server, format!("GET {short} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").as_bytes());
    assert!(rest(&mut asked).contains("TOO_COMPLEX"));
    is_healthy(&server);
}

/// Lets this process have as many connections open as it may.
fn raise_open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).unwrap();
}
