//! `novelo checkpoint`

use std::process::ExitCode;
use std::sync::Arc;

use super::args::CheckpointArgs;
use super::config::Config;
use super::failure::Failure;
use super::{asking, output, store};
use crate::engine::{self, Folder};
use crate::log::EventLog;
use crate::proof::{Notary, PUBLIC_KEY_FILE};

pub(super) fn run(config: &Config, args: &CheckpointArgs, as_json: bool) -> Result<ExitCode, Failure> {
    if args.public_key {
        return public_key(config, as_json);
    }
    let checkpoint = match &args.from {
        Some(url) => asking::ask(url, "POST", "/v1/checkpoint")?,
        None => notary(config)?.checkpoint().map_err(|cause| Failure::new(cause.to_string()))?.to_json(),
    };
    output::line(&checkpoint.to_string());
    Ok(ExitCode::SUCCESS)
}

/// Prints the public key; also while the store is served.
fn public_key(config: &Config, as_json: bool) -> Result<ExitCode, Failure> {
    let path = Folder::existing(store::folder(config)?)?.checkpoints().join(PUBLIC_KEY_FILE);
    let text = std::fs::read_to_string(&path).map_err(|cause| {
        Failure::new(format!("{}: {cause}; it is made when the store is opened the next time", path.display()))
    })?;
    let key = text.trim();
    output::line(&if as_json { serde_json::json!({"public_key": key}).to_string() } else { key.to_owned() });
    Ok(ExitCode::SUCCESS)
}

/// The notary of a store that nobody has open; neither its views nor its keys are needed.
pub(super) fn notary(config: &Config) -> Result<Notary, Failure> {
    let folder = Folder::existing(store::folder(config)?)?;
    let log: Arc<dyn EventLog> = Arc::new(store::log(&folder)?);
    Ok(engine::notary(&folder, store::master_key(config)?, log)?)
}
