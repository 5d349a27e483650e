//! More decoders against damaged input: each target is one function of bytes that must neither panic nor take long, so that
//! a fuzzer with coverage could call it as it is. What once was found stands in `tests/fixtures/fuzz/TARGET/` and is tried in
//! every run; that folder only grows.
//!
//! `NOVELO_FUZZ_RUNS` and `NOVELO_FUZZ_SEED` are those of `fuzz_smoke`.

use std::io::Cursor as Bytes;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, Instant};

use async_graphql::{Request, Variables};
use novelo::engine::{Novelo, Options};
use novelo::event::{Hash, Micros, Position};
use novelo::graphql::{RequestPicture, Schema, carry_out, schema};
use novelo::ingest::mapping::{Mapping, Occurrences};
use novelo::log::Chunk;
use novelo::timeline::Cursor;
use serde_json::Value;

use crate::fuzz_smoke::mutator::{Dice, damaged};
use crate::fuzz_smoke::{hex, number};

/// Longer than any input may take, on a slow machine without optimisation.
const LONGEST: Duration = Duration::from_secs(10);

/// A target and good inputs of it.
struct Target {
    name: &'static str,
    run: fn(&[u8]),
    good: Vec<Vec<u8>>,
    /// One in so many runs, for those that take long.
    share: u64,
}

/// A text is a cursor or it is not; one that is goes there and back.
fn cursor(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(cursor) = text.parse::<Cursor>() {
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }
}

/// A chunk that is taken holds what its head says.
fn chunk(bytes: &[u8]) {
    let Ok(chunk) = Chunk::read(Position(7), Arc::from(bytes)) else { return };
    let records = chunk.records().count() as u64;
    assert_eq!(chunk.end(), Position(7).plus(records));
}

/// A mapping file is right, or all that is wrong with it is told.
fn mapping(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Err(mistakes) = Mapping::read(text) {
        assert!(!mistakes.0.is_empty());
    }
}

/// Rows of a mapping that is right are taken or rejected, and end.
fn rows(bytes: &[u8]) {
    static RIGHT: LazyLock<Mapping> = LazyLock::new(|| Mapping::read(MAPPING).expect("a mapping that is right"));
    through(&RIGHT, bytes);
}

/// An expression is right or refused, and its evaluation ends.
fn expression(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let quoted = toml::Value::String(text.to_owned());
    let whole = format!(
        "name = \"f\"\n[let]\nx = {quoted}\n[[event]]\ntype = \"note.added\"\ntime = '\"2026-01-05T10:00:00Z\"'\nidentifiers = {{ crm = 'row.customer' }}\ndata.text = 'x'\n"
    );
    if let Ok(mapping) = Mapping::read(&whole) {
        through(&mapping, b"customer,opened,text\n8812,2026-01-05 10:00:00,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\n");
    }
}

fn through(mapping: &Mapping, csv: &[u8]) {
    let mut seen = Occurrences::default();
    let Ok(mut rows) = mapping.rows(Box::new(Bytes::new(csv.to_vec())), &mut seen) else { return };
    while rows.next_row().expect("bytes in memory can be read").is_some() {}
}

/// A request to the API has an answer that is JSON: `data`, or errors that each have a code and help. The bytes are the JSON
/// of a POST.
fn graphql(bytes: &[u8]) {
    static API: LazyLock<(Schema, tempfile::TempDir)> = LazyLock::new(|| {
        let folder = tempfile::tempdir().unwrap();
        let (novelo, _) = Novelo::open(Options::new(folder.path()), |_, _| {}).unwrap();
        (schema(Arc::new(novelo), Arc::new(novelo::playbook::Playbook::usual())), folder)
    });
    let Ok(Value::Object(given)) = serde_json::from_slice::<Value>(bytes) else { return };
    let Some(query) = given.get("query").and_then(Value::as_str) else { return };
    let mut request = Request::new(query).data(RequestPicture::default());
    if let Some(variables @ Value::Object(_)) = given.get("variables") {
        request = request.variables(Variables::from_json(variables.clone()));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (answer, carried_out) = runtime.block_on(carry_out(&API.0, request));
    let answer: Value = serde_json::from_str(&answer).expect("an answer is JSON");
    assert_eq!(answer.get("data").is_some(), carried_out, "{answer}");
    for error in answer["errors"].as_array().into_iter().flatten() {
        assert!(error["extensions"]["code"].is_string() && error["extensions"]["help"].is_string(), "{error}");
    }
}

const MAPPING: &str = r#"
name = "f"
time_zone = "America/Sao_Paulo"
[csv]
delimiter = ";"
encoding = "latin1"
[let]
at = 'local(row.opened)'
[every]
time = 'at'
identifiers = { crm = 'row.customer' }
[[event]]
type = "feedback.given"
when = 'fold(row.text).contains("a")'
data.feedback = '"praise"'
data.channel = '"web"'
data.text = 'clip(trim(row.text), 20)'
data.dimensions = { amount = 'string(number(row.amount, ","))' }
"#;

const QUERIES: [&str; 5] = [
    include_str!("../../graphql/operations/panel.graphql"),
    include_str!("../../graphql/operations/timeline.graphql"),
    include_str!("../../graphql/operations/events.graphql"),
    include_str!("../../graphql/operations/search.graphql"),
    "{ a: log { head } ...F } fragment F on Query { log { events ...G } node(id: \"x\") { id } } fragment G on LogStatus { head }",
];

fn targets() -> Vec<Target> {
    let texts = |texts: &[&str]| texts.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
    let place = Cursor { occurred_at: Micros(1_767_618_462_000_000), position: Position(41) };
    let records: Vec<_> = [b"one".to_vec(), b"another".to_vec()].into_iter().map(novelo::log::Record::from).collect();
    let built = Chunk::build(Position(7), Micros(99), Hash([3; 32]), &records).unwrap();
    let variables =
        r#"{"kind": "crm", "value": "1", "id": "x", "first": 3, "after": "AQ", "search": "ana", "atLeast": "0"}"#;
    let variables: Value = serde_json::from_str(variables).unwrap();
    let asked = |query: &&str| serde_json::json!({"query": query, "variables": variables}).to_string().into_bytes();
    let csv = [
        "opened;customer;text;amount\n2026-01-05 10:00:00;1;Elogio \"\"a\"\";1,50\n;;;\n2026-02-30 10:00;2;\"a;\nb\";x\n",
    ];
    let expressions = [
        "row.text",
        "[1, 2, 3].map(x, x * 2).filter(x, x > 2).exists(x, x == 4) ? \"a\" : fold(row.text)",
        "row.text.matches(\"^(a+)+$\") || row[\"text\"].split(\"a\").size() > 3",
        "{\"a\": [local(row.opened), null]}.a[0]",
        "string(number(\"1.5\") + 2.0 - double(3)) + hash(row.customer, 1u)",
    ];
    vec![
        Target { name: "cursor", run: cursor, good: vec![place.to_string().into_bytes()], share: 1 },
        Target { name: "chunk", run: chunk, good: vec![built.bytes().to_vec()], share: 1 },
        Target { name: "mapping", run: mapping, good: texts(&[MAPPING]), share: 4 },
        Target { name: "rows", run: rows, good: texts(&csv), share: 1 },
        Target { name: "expression", run: expression, good: texts(&expressions), share: 4 },
        Target { name: "graphql", run: graphql, good: QUERIES.iter().map(asked).collect(), share: 8 },
    ]
}

/// Runs a target on an input; panics with what it was when it does not end well or in time.
fn attempt(target: &Target, input: &[u8], which: &str) {
    let begun = Instant::now();
    let ended = catch_unwind(AssertUnwindSafe(|| (target.run)(input)));
    assert!(
        ended.is_ok() && begun.elapsed() < LONGEST,
        "{}, {which}, {:?}: {}",
        target.name,
        begun.elapsed(),
        hex(input)
    );
}

#[test]
fn damaged_inputs_are_taken_or_refused_in_time() {
    let (runs, seed) = (number("NOVELO_FUZZ_RUNS", 2_000), number("NOVELO_FUZZ_SEED", 0));
    for target in targets() {
        let mut dice = Dice::new(seed);
        target.good.iter().for_each(|input| attempt(&target, input, "a good input"));
        for run in 0..runs / target.share {
            attempt(&target, &damaged(&mut dice, &target.good), &format!("seed {seed}, run {run}"));
        }
    }
}

#[test]
fn what_was_found_before_is_not_found_again() {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/fuzz");
    let mut tried = 0;
    for target in targets() {
        for entry in std::fs::read_dir(found.join(target.name)).into_iter().flatten() {
            let path = entry.unwrap().path();
            attempt(&target, &std::fs::read(&path).unwrap(), &path.display().to_string());
            tried += 1;
        }
    }
    assert!(tried >= FOUND, "the corpus only grows: {tried} of {FOUND}");
}

/// Inputs in the corpus, at least.
const FOUND: usize = 16;
