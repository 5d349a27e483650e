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
    let seconds = started.elapsed().as_secs_f64();
    let speed = head.0 as f64 / seconds;
    if as_json {
        output::line(&json!({"events": head.0, "seconds": seconds, "events_per_second": speed}).to_string());
    } else {
        output::line(&format!("{} events replayed in {seconds:.1} s ({speed:.0} events/s)", head.0));
    }
    Ok(ExitCode::SUCCESS)
}
