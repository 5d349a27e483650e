//! `novelo replay`

use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::json;

use super::args::ReplayArgs;
use super::config::Config;
use super::failure::Failure;
use super::progress::Progress;
use super::{output, store};

pub(super) fn run(config: &Config, args: &ReplayArgs, as_json: bool) -> Result<ExitCode, Failure> {
    if args.analyses {
        return recount(config, as_json);
    }
    let novelo = store::open_existing(config)?;
    let started = Instant::now();
    let head = novelo.head().next;
    let build = novelo.rebuild(args.projection.as_deref())?;
    let bar = Progress::bar("replaying", head.0, "events");
    let result = loop {
        if let Some(result) = build.wait_at_most(Duration::from_millis(50)) {
            break result;
        }
        let through = novelo.projections().iter().filter_map(|s| s.building.as_ref()).map(|b| b.through.0).min();
        if let Some(through) = through {
            bar.at(through, head.0);
        }
    };
    bar.finish();
    result?;
    told(head.0, started.elapsed(), "replayed", as_json);
    Ok(ExitCode::SUCCESS)
}

/// Counts every analysis that is kept from the first event on, and waits for all of them. What is begun when the process ends is
/// gone on with by whoever serves the store next.
fn recount(config: &Config, as_json: bool) -> Result<ExitCode, Failure> {
    let novelo = store::open_to_recount(config)?;
    let (started, head) = (Instant::now(), novelo.head().next);
    let bar = Progress::bar("counting", head.0, "events");
    let runtime = store::runtime()?;
    let failed: Vec<(String, String)> = loop {
        let analyses = novelo.analyses();
        let waited = runtime.block_on(analyses.wait_for(head, Duration::from_millis(200)));
        let all = analyses.all()?;
        if waited.is_ok() {
            break all.into_iter().filter_map(|one| Some((one.definition.name().to_owned(), one.failed?))).collect();
        }
        let progress = all.iter().map(|one| one.progress).sum::<f64>() / all.len().max(1) as f64;
        bar.at((progress * head.0 as f64) as u64, head.0);
    };
    bar.finish();
    told(head.0, started.elapsed(), "counted by all analyses", as_json);
    failed.iter().for_each(|(name, reason)| output::error(&format!("the analysis `{name}` {reason}")));
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn told(events: u64, took: Duration, what: &str, as_json: bool) {
    let seconds = took.as_secs_f64();
    let speed = events as f64 / seconds;
    if as_json {
        output::line(&json!({"events": events, "seconds": seconds, "events_per_second": speed}).to_string());
    } else {
        output::line(&format!("{events} events {what} in {seconds:.1} s ({speed:.0} events/s)"));
    }
}
