//! `/metrics`: every line by the rules of the format, and the numbers are those of what happened.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::server::Server;
use crate::story::event;

/// Samples by their name and labels, as they stand.
type Samples = BTreeMap<String, f64>;

/// Reads a page, and refuses what Prometheus or OpenMetrics would: a family that is there twice, torn apart or without a help,
/// a counter whose name does not end in `_total`, a unit that is no base unit, buckets that do not ascend.
fn read(page: &str) -> Samples {
    assert!(page.ends_with('\n'), "the last line has an end");
    let (mut samples, mut families) = (Samples::new(), BTreeSet::new());
    let (mut family, mut sort) = (String::new(), String::new());
    let mut lines = page.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, text) = help.split_once(' ').expect("a help has a text");
            assert!(!text.is_empty() && families.insert(name.to_owned()), "{line}");
            let kind = lines.next().and_then(|line| line.strip_prefix("# TYPE ")).expect("a type behind the help");
            let (of, kind) = kind.split_once(' ').unwrap();
            assert_eq!(of, name);
            check_name(name, kind);
            (family, sort) = (name.to_owned(), kind.to_owned());
            continue;
        }
        assert!(!line.starts_with('#') && !line.is_empty(), "{line}");
        let (series, value) = line.rsplit_once(' ').expect("a value");
        let value: f64 = value.parse().unwrap_or_else(|_| panic!("no number: {line}"));
        let (name, labels) = series
            .split_once('{')
            .map_or((series, ""), |(name, rest)| (name, rest.strip_suffix('}').unwrap_or_else(|| panic!("{line}"))));
        check_labels(labels);
        let suffixes: &[&str] = if sort == "histogram" { &["_bucket", "_sum", "_count"] } else { &[""] };
        assert!(suffixes.iter().any(|suffix| name == format!("{family}{suffix}")), "{line} stands in {family}");
        assert!(sort == "gauge" || value >= 0.0, "{line}");
        assert!(samples.insert(series.to_owned(), value).is_none(), "{series} is there twice");
    }
    check_buckets(&samples);
    samples
}

fn check_name(name: &str, kind: &str) {
    assert!(
        name.starts_with("novelo_") && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
    );
    match kind {
        "counter" => assert!(name.ends_with("_total"), "{name}"),
        "gauge" | "histogram" => {
            assert!(!["_total", "_count", "_sum", "_bucket"].iter().any(|end| name.ends_with(end)), "{name}");
        }
        other => panic!("{name} is of the type {other}"),
    }
    let units = ["_ms", "_millis", "_micros", "_kb", "_mb", "_kilobytes", "_minutes"];
    assert!(!units.iter().any(|unit| name.trim_end_matches("_total").ends_with(unit)), "{name}");
}

fn check_labels(labels: &str) {
    let mut rest = labels;
    while !rest.is_empty() {
        let (name, value) = rest.split_once("=\"").expect("a label");
        assert!(!name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{labels}");
        let end = value.find('"').expect("the end of a label");
        assert!(!value[..end].contains('\\'), "no label needs escapes here: {labels}");
        rest = &value[end + 1..];
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
}

/// Counts up to greater bounds are not less; the last is that of all.
fn check_buckets(samples: &Samples) {
    let mut series: BTreeMap<String, Vec<(f64, f64)>> = BTreeMap::new();
    for (name, count) in samples.iter().filter(|(name, _)| name.contains("_bucket{")) {
        let (start, bound) = name.split_once("le=\"").unwrap();
        let bound = bound.trim_end_matches("\"}").replace("+Inf", "inf").parse().unwrap();
        series.entry(start.to_owned()).or_default().push((bound, *count));
    }
    assert!(!series.is_empty());
    for (start, mut counts) in series {
        counts.sort_by(|a, b| a.0.total_cmp(&b.0));
        assert!(counts.is_sorted_by_key(|(_, count)| *count), "{start} {counts:?}");
        let (bound, all) = *counts.last().unwrap();
        assert!(bound.is_infinite(), "{start}");
        let count = start.replacen("_bucket{", "_count{", 1).trim_end_matches([',', '{']).to_owned();
        let count = if count.contains('{') { format!("{count}}}") } else { count };
        assert_eq!(samples.get(&count), Some(&all), "{count}");
    }
}

fn scrape(server: &Server) -> Samples {
    let answer = server.get("/metrics", &[]);
    assert_eq!((answer.status, answer.header("content-type")), (200, "text/plain; version=0.0.4; charset=utf-8"));
    read(&answer.body)
}

#[test]
fn the_metrics_are_well_formed_and_count_what_happened() {
    let server = Server::new();
    let new = scrape(&server);
    assert_eq!((new["novelo_events_recorded_total"], new["novelo_log_head"]), (0.0, 0.0));
    let note = |id: &str, text: &str| event(id, "note.added", "crm:1", "10:00", json!({"text": text}));
    let through = server.record_all(&[note("1", "a"), note("2", "b"), note("3", "c")]);
    server.record(format!("{}\n{}\n", note("1", "a"), note("2", "another body under the same id")));
    server.sees(&through);
    let asked = "{ customer(by: {identifier: {kind: \"crm\", value: \"1\"}}) { totals { events } } }";
    server.data(asked, json!({}));
    server.data(asked, json!({}));
    assert_eq!(server.post("/v1/events", "text/html", b"x").status, 415);
    assert_eq!(server.get("/nowhere/c-77", &[]).status, 404);
    let then = scrape(&server);
    let expected = [
        ("novelo_events_recorded_total", 3.0),
        ("novelo_events_duplicate_total", 1.0),
        ("novelo_events_refused_total{reason=\"conflict\"}", 1.0),
        ("novelo_log_head", 3.0),
        ("novelo_commit_events_sum", 3.0),
        ("novelo_commit_events_count", 1.0),
        ("novelo_commit_sync_seconds_count", 1.0),
        ("novelo_queue_events", 0.0),
        ("novelo_queue_limit_bytes", 67_108_864.0),
        ("novelo_projection_position{projection=\"timeline\"}", 3.0),
        ("novelo_projection_lag_events{projection=\"timeline\"}", 0.0),
        ("novelo_contexts_total{from=\"folded\"}", 1.0),
        ("novelo_contexts_total{from=\"cached\"}", 1.0),
        ("novelo_http_requests_total{path=\"/graphql\",status=\"200\"}", 3.0),
        ("novelo_http_requests_total{path=\"/v1/events\",status=\"200\"}", 2.0),
        ("novelo_http_requests_total{path=\"/v1/events\",status=\"415\"}", 1.0),
        ("novelo_http_requests_total{path=\"other\",status=\"404\"}", 1.0),
        ("novelo_http_request_duration_seconds_count{path=\"/graphql\"}", 3.0),
        ("novelo_http_connections_limit", 2_048.0),
        (concat!("novelo_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"}"), 1.0),
    ];
    for (name, value) in expected {
        assert_eq!(then.get(name), Some(&value), "{name}");
    }
    for name in [
        "novelo_log_size_bytes",
        "novelo_views_size_bytes",
        "novelo_resident_memory_bytes",
        "novelo_http_connections_open",
    ] {
        assert!(then[name] > 0.0, "{name}");
    }
    // Of what was asked for, nothing is told but the path.
    assert!(!server.get("/metrics", &[]).body.contains("c-77"));
}

#[test]
fn every_answer_has_an_id() {
    let server = Server::new();
    let ids: BTreeSet<String> = (0..5).map(|_| server.get("/healthz", &[]).header("x-request-id").to_owned()).collect();
    assert!(ids.len() == 5 && !ids.contains(""), "{ids:?}");
}
