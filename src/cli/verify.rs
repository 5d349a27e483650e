//! `novelo verify`

use std::num::NonZero;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::args::VerifyArgs;
use super::config::Config;
use super::failure::Failure;
use super::progress::Progress;
use super::{output, store};
use crate::archive::chunks;
use crate::engine::Folder;
use crate::event::Position;
use crate::log::{EventLog, LogError, SledLog, Verified, verify_in_parallel};

pub(super) fn run(config: &Config, args: &VerifyArgs, as_json: bool) -> Result<ExitCode, Failure> {
    let verified = match &args.archive {
        Some(folder) => archive(folder)?,
        None => store(&Folder::existing(store::folder(config)?)?)?,
    };
    tell(&verified, as_json);
    Ok(ExitCode::SUCCESS)
}

/// Verifies the log of a store, in as many threads as there are processors.
fn store(folder: &Folder) -> Result<Verified, Failure> {
    let log = SledLog::open(&folder.log()).map_err(failed)?;
    let head = log.head().next;
    let bar = Progress::bar("verifying", head.0, "events");
    let threads = std::thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let each = |_: &[_], so_far: &Verified| {
        bar.at(so_far.events, head.0);
        Ok::<_, LogError>(())
    };
    let verified = verify_in_parallel(&log, threads, each).map_err(failed)?;
    bar.finish();
    Ok(verified)
}

/// Verifies an archive or a backup.
fn archive(folder: &Path) -> Result<Verified, Failure> {
    let mut reading = chunks(folder, Position::ZERO).map_err(|cause| Failure::new(cause.to_string()))?;
    let bar = Progress::bar("verifying", 0, "events");
    let mut verified = Verified::default();
    for chunk in &mut reading {
        let chunk = chunk.map_err(|cause| Failure::new(cause.to_string()))?;
        verified.chunks += 1;
        verified.events += chunk.count() as u64;
        verified.bytes += chunk.len_bytes() as u64;
        bar.at(verified.events, verified.events);
    }
    bar.finish();
    verified.head = reading.end();
    if let Some(torn) = reading.torn() {
        output::note(&format!("{} ends in the middle of a chunk at position {}", torn.file, torn.position));
    }
    Ok(verified)
}

fn failed(cause: LogError) -> Failure {
    Failure::new(cause.to_string())
}

fn tell(verified: &Verified, as_json: bool) {
    if as_json {
        let told = json!({
            "events": verified.events,
            "chunks": verified.chunks,
            "bytes": verified.bytes,
            "hash": verified.head.hash.to_string(),
        });
        return output::line(&told.to_string());
    }
    output::line(&format!(
        "whole: {} events in {} chunks ({} bytes), chain ends in {}",
        verified.events, verified.chunks, verified.bytes, verified.head.hash
    ));
}
