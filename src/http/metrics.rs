//! `GET /metrics`: what the store and the server have done since the process started, and where they stand.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::exposition::{CONTENT_TYPE, Page, Sort};
use super::gate::Gate;
use super::traffic::{PATHS, STATUSES};
use crate::engine::{Metrics, Novelo, Part, ProjectionStatus, State as ProjectionState};

/// `GET /metrics`.
pub(super) async fn get(State(novelo): State<Arc<Novelo>>, State(gate): State<Arc<Gate>>) -> Response {
    let mut page = Page::default();
    page.family("novelo_build_info", Sort::Gauge, "The program; always 1.")
        .sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    writing(&mut page, novelo.metrics());
    queue(&mut page, &novelo);
    storage(&mut page, &novelo);
    troubles(&mut page, &novelo);
    archive(&mut page, &novelo);
    projections(&mut page, &novelo.projections());
    contexts(&mut page, novelo.metrics());
    requests(&mut page, &gate);
    doors(&mut page, &gate);
    if let Some(bytes) = resident_bytes() {
        page.single("novelo_resident_memory_bytes", Sort::Gauge, "Memory of the process that is in use.", bytes);
    }
    ([(header::CONTENT_TYPE, CONTENT_TYPE)], page.into_text()).into_response()
}

fn writing(page: &mut Page, metrics: &Metrics) {
    use Sort::{Counter, Histogram};
    page.single("novelo_events_recorded_total", Counter, "Events that are new and durable.", metrics.recorded.get());
    let help = "Events that were sent again and were there before.";
    page.single("novelo_events_duplicate_total", Counter, help, metrics.duplicates.get());
    page.family("novelo_events_refused_total", Counter, "Events that were refused, by reason.");
    for (reason, count) in metrics.refused() {
        page.sample(&[("reason", reason)], count);
    }
    page.family("novelo_record_requests_failed_total", Counter, "Requests of which nothing was recorded, by reason.")
        .sample(&[("reason", "busy")], metrics.busy.get())
        .sample(&[("reason", "unavailable")], metrics.unavailable.get());
    page.family("novelo_commit_events", Histogram, "Events of a commit.")
        .distribution(&[], &metrics.commit_events.distribution());
    page.family("novelo_commit_sync_seconds", Histogram, "Time that storing and syncing a commit took.")
        .distribution(&[], &metrics.commit_seconds.distribution());
}

fn queue(page: &mut Page, novelo: &Novelo) {
    let (events, bytes, most_bytes) = novelo.queue();
    page.single("novelo_queue_events", Sort::Gauge, "Events that wait to be durable.", events);
    page.single("novelo_queue_bytes", Sort::Gauge, "Bytes that wait to be durable.", bytes);
    page.single("novelo_queue_limit_bytes", Sort::Gauge, "Bytes that may wait.", most_bytes);
}

fn storage(page: &mut Page, novelo: &Novelo) {
    page.single("novelo_log_head", Sort::Gauge, "The position of the next event.", novelo.head().next);
    // What cannot be asked just now is left out: a wrong number would be worse.
    if let Ok(bytes) = novelo.feed().log().size_bytes() {
        page.single("novelo_log_size_bytes", Sort::Gauge, "Bytes of the log on disk.", bytes);
    }
    if let Ok(bytes) = novelo.views_size_bytes() {
        page.single("novelo_views_size_bytes", Sort::Gauge, "Bytes of the views on disk.", bytes);
    }
}

fn troubles(page: &mut Page, novelo: &Novelo) {
    let troubles = novelo.troubles();
    page.family("novelo_trouble", Sort::Gauge, "1 while something is the matter with the part; /readyz says what.");
    for part in Part::ALL {
        let is_there = troubles.iter().any(|trouble| trouble.part == part);
        page.sample(&[("part", part.word())], u8::from(is_there));
    }
}

/// Nothing without an archive: zeros would say that all is safe there.
fn archive(page: &mut Page, novelo: &Novelo) {
    let Some(status) = novelo.archive() else { return };
    let help = "Events of the log that are not safe in the archive yet.";
    page.single("novelo_archive_lag_events", Sort::Gauge, help, status.lag);
    let help = "For how long the oldest of those has waited; 0 when there are none.";
    page.single("novelo_archive_delay_seconds", Sort::Gauge, help, status.delay_ms as f64 / 1000.0);
    let failed = u8::from(status.failure.is_some());
    page.single("novelo_archive_failed", Sort::Gauge, "1 while the archive cannot be written.", failed);
}

fn projections(page: &mut Page, projections: &[ProjectionStatus]) {
    page.family("novelo_projection_position", Sort::Gauge, "All events before this position are in the projection.");
    for status in projections {
        page.sample(&[("projection", status.name)], status.through);
    }
    page.family("novelo_projection_lag_events", Sort::Gauge, "Events of the log that are not in the projection yet.");
    for status in projections {
        page.sample(&[("projection", status.name)], status.lag);
    }
    page.family("novelo_projection_failed", Sort::Gauge, "1 when the projection has stopped after an error.");
    for status in projections {
        page.sample(&[("projection", status.name)], u8::from(status.state == ProjectionState::Failed));
    }
}

fn contexts(page: &mut Page, metrics: &Metrics) {
    page.family(
        "novelo_contexts_total",
        Sort::Counter,
        "Contexts of customers that were asked for: cached as they were, continued, or folded from the first event on.",
    )
    .sample(&[("from", "cached")], metrics.contexts_cached.get())
    .sample(&[("from", "continued")], metrics.contexts_continued.get())
    .sample(&[("from", "folded")], metrics.contexts_folded.get());
}

fn requests(page: &mut Page, gate: &Gate) {
    let paths = || PATHS.iter().zip(&gate.traffic.paths);
    page.family("novelo_http_requests_total", Sort::Counter, "Requests that were answered.");
    for (path, counts) in paths() {
        for (status, count) in STATUSES.iter().zip(&counts.answers).filter(|(_, count)| count.get() > 0) {
            let status = if *status == 0 { "other".to_owned() } else { status.to_string() };
            page.sample(&[("path", path), ("status", &status)], count.get());
        }
    }
    let help = "Time from the head of a request to its answer; the body's coming is in it.";
    page.family("novelo_http_request_duration_seconds", Sort::Histogram, help);
    for (path, counts) in paths() {
        page.distribution(&[("path", path)], &counts.seconds.distribution());
    }
}

fn doors(page: &mut Page, gate: &Gate) {
    use Sort::{Counter, Gauge};
    page.single("novelo_http_connections_open", Gauge, "Connections that are open.", gate.open_connections());
    page.single("novelo_http_connections_limit", Gauge, "Connections that may be open.", gate.limits.connections);
    let help = "Connections that were turned away because too many were open.";
    page.single("novelo_http_connections_turned_away_total", Counter, help, gate.traffic.turned_away.get());
    let help = "Request bodies that were cut off because they came too slowly.";
    page.single("novelo_http_bodies_too_slow_total", Counter, help, gate.traffic.too_slow.get());
    page.single("novelo_http_body_memory_bytes", Gauge, "Memory held by request bodies.", gate.body_bytes());
    page.single("novelo_subscriptions_open", Gauge, "Subscriptions that are open.", gate.open_subscriptions());
    page.single("novelo_subscriptions_limit", Gauge, "Subscriptions that may be open.", gate.limits.subscriptions);
    let help = "Subscriptions that were dropped because what was sent was not read.";
    page.single("novelo_subscriptions_slow_total", Counter, help, gate.traffic.slow_subscriptions.get());
    page.single("novelo_http_queries_running", Gauge, "Queries that are being carried out.", gate.running_queries());
}

/// `VmRSS` of `/proc/self/status`, which is in kB; `None` where there is none. See proc_pid_status(5).
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes << 10)
}
