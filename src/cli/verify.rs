//! `novelo verify`

use std::process::ExitCode;

use serde_json::json;

use super::config::Config;
use super::failure::Failure;
use super::progress::Progress;
use super::{output, store};
use crate::engine::{Folder, Loss, check_remembered, losses};
use crate::event::Position;
use crate::log::{EventLog, SledLog, verify};

pub(super) fn run(config: &Config, as_json: bool) -> Result<ExitCode, Failure> {
    let path = store::folder(config)?;
    let folder = Folder::existing(path)?;
    let _lock = folder.lock()?;
    let losses = losses(&folder)?;
    for Loss { at, from, until, kept_in, .. } in &losses {
        output::note(&format!(
            "given up by a repair on {at}: positions {from} to {until}; the log of before: {kept_in}"
        ));
    }
    let log = SledLog::open(&folder.log()).map_err(|cause| Failure::new(cause.to_string()))?;
    check_remembered(&folder, &log)?;
    let head = log.head().next;
    let bar = Progress::bar("verifying", head.0, "events");
    let verified = verify(&log, Position::ZERO, |through: Position| bar.at(through.0, head.0))
        .map_err(|cause| Failure::new(cause.to_string()))?;
    bar.finish();
    log.found_whole().map_err(|cause| Failure::new(cause.to_string()))?;
    if as_json {
        output::line(
            &json!({
                "events": verified.events,
                "chunks": verified.chunks,
                "bytes": verified.bytes,
                "hash": verified.head.hash.to_string(),
                "losses": losses,
            })
            .to_string(),
        );
    } else {
        output::line(&format!(
            "whole: {} events in {} chunks ({} bytes), chain ends in {}",
            verified.events, verified.chunks, verified.bytes, verified.head.hash
        ));
    }
    Ok(ExitCode::SUCCESS)
}
