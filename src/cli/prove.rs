//! `novelo prove`

use std::process::ExitCode;

use super::args::ProveArgs;
use super::config::Config;
use super::failure::Failure;
use super::{asking, checkpoint, output};
use crate::event::Position;

pub(super) fn run(config: &Config, args: &ProveArgs) -> Result<ExitCode, Failure> {
    let with_record = !args.without_record;
    let proof = match &args.from {
        Some(url) => asking::ask(url, "GET", &format!("/v1/proof?position={}&record={with_record}", args.position))?,
        None => {
            let notary = checkpoint::notary(config)?;
            let proof = notary.prove(Position(args.position), with_record);
            proof.map_err(|cause| Failure::new(cause.to_string()))?.to_json()
        }
    };
    if with_record {
        output::note(
            "the proof shows whoever gets it what is clear of the event: channel, kind, times, ids and dimensions; with \
             --without-record it shows only a hash",
        );
    }
    match &args.output {
        Some(path) => {
            std::fs::write(path, format!("{proof}\n")).map_err(|cause| Failure::file(path, &cause))?;
            output::note(&format!("the proof is in {}", path.display()));
        }
        None => output::line(&proof.to_string()),
    }
    Ok(ExitCode::SUCCESS)
}
