//! `novelo backup-keys`

use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::args::BackupKeysArgs;
use super::config::Config;
use super::failure::Failure;
use super::{output, store};
use crate::archive::holds_segments;
use crate::engine::{Folder, check_remembered_keys};
use crate::vault::backup_keys;

pub(super) fn run(config: &Config, args: &BackupKeysArgs, as_json: bool) -> Result<ExitCode, Failure> {
    let data = store::folder(config)?;
    let folder = Folder::with_or_without_log(data)?;
    store::refuse_inside(&args.to, data)?;
    let place = args.to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !place.is_dir() {
        let message = format!(
            "{} is no folder, or is not there; make it first, or mount the disk that it is on",
            place.display()
        );
        return Err(Failure::Usage(vec![message]));
    }
    if holds_segments(place).map_err(|cause| Failure::new(cause.to_string()))? {
        let message =
            format!("{} holds events; keep the keys in another folder, best on another disk", place.display());
        return Err(Failure::Usage(vec![message]));
    }
    // What is left of keys that are gone takes no backup's place.
    check_remembered_keys(&folder)?;
    let count = backup_keys(&folder.vault(), &args.to).map_err(|cause| Failure::new(cause.to_string()))?;
    if as_json {
        output::line(&json!({"keys": count.keys, "destroyed": count.destroyed}).to_string());
    } else {
        output::line(&format!(
            "{} keys and the marks of {} that were destroyed are in {}, wrapped; the master key is not",
            count.keys,
            count.destroyed,
            args.to.display()
        ));
    }
    Ok(ExitCode::SUCCESS)
}
