//! `novelo restore`

use std::process::ExitCode;

use serde_json::{Value, json};

use super::args::RestoreArgs;
use super::config::Config;
use super::failure::{Failure, NOT_WHOLE};
use super::progress::Progress;
use super::{output, store};
use crate::archive::Torn;
use crate::engine::{RestoreOptions, Restored, Until, restore};
use crate::event::{Micros, Position};
use crate::vault::{KeysCount, read_destroyed};

pub(super) fn run(config: &Config, args: &RestoreArgs, as_json: bool) -> Result<ExitCode, Failure> {
    let data = store::folder(config)?;
    let (destroyed, cut_off) = match &args.destroyed {
        None => (Vec::new(), 0),
        // A list that is not there is a wrong path; a store without erasures has none, and needs no --destroyed.
        Some(path) if !path.is_file() => {
            return Err(Failure::Usage(vec![format!("--destroyed {}: there is no such file", path.display())]));
        }
        Some(path) => read_destroyed(path).map_err(|cause| Failure::new(cause.to_string()))?,
    };
    let listed = destroyed.len();
    let options = RestoreOptions {
        from: args.from.clone(),
        to: data.to_owned(),
        keys: args.keys.clone(),
        destroyed,
        until: until(args)?,
        accept_missing_keys: args.accept_missing_keys,
    };
    let bar = Progress::bar("restoring", 0, "events");
    let restored = restore(&options, |through| bar.at(through.0, through.0))?;
    bar.finish();
    if as_json {
        tell_machine(&restored)
    } else {
        tell(&restored, &data.display().to_string());
    }
    tell_what_was_left_out(&restored, args.to_position);
    if let Some(path) = &args.destroyed {
        output::note(&format!("{} names {listed} persons who were erased", path.display()));
    }
    if cut_off > 0 {
        output::error(&format!(
            "--destroyed: the list is cut off: behind its {listed} whole entries are {cut_off} bytes that are none. Whoever was erased \
             by what is missing has come back: do not start this store, fetch the whole list and restore again to another folder"
        ));
    }
    let Some(torn) = &restored.torn else {
        return Ok(if cut_off > 0 { ExitCode::from(NOT_WHOLE) } else { ExitCode::SUCCESS });
    };
    output::error(&format!(
        "{torn} ({} bytes). The events before are restored. If there is a later backup, or another copy, restore from that to \
         another folder; what follows may also still be sent again by its senders",
        torn.bytes
    ));
    Ok(ExitCode::from(NOT_WHOLE))
}

/// Where a backup was cut off, for machines.
pub(super) fn torn_json(torn: &Torn) -> Value {
    json!({"file": torn.file, "position": torn.position.to_string(), "bytes": torn.bytes})
}

fn until(args: &RestoreArgs) -> Result<Until, Failure> {
    match (args.to_position, &args.to_time) {
        (Some(position), _) => Ok(Until::Position(Position(position))),
        (None, Some(text)) => Micros::parse(text).map(Until::Time).ok_or_else(|| {
            let message = format!("--to-time {text}: is no moment; write one such as 2026-03-01T12:00:00Z");
            Failure::Usage(vec![message])
        }),
        (None, None) => Ok(Until::Latest),
    }
}

fn tell_machine(restored: &Restored) {
    let keys = restored.keys.map(|count| json!({"live": count.keys, "destroyed": count.destroyed}));
    let told = json!({
        "through": restored.head.next.to_string(),
        "hash": restored.head.hash.to_string(),
        "recorded_at": restored.recorded_at.map(|at| at.to_string()),
        "keys": keys,
        "lost_keys": restored.lost_keys,
        "torn": restored.torn.as_ref().map(torn_json),
    });
    output::line(&told.to_string());
}

/// Events are stored in chunks, and one is restored as a whole or not at all.
fn tell_what_was_left_out(restored: &Restored, wanted: Option<u64>) {
    let through = restored.head.next.0;
    if let Some(wanted) = wanted
        && through < wanted
    {
        output::note(&format!(
            "the events from {through} to {} are not restored: they are in one chunk with later ones, and a chunk is restored as a \
             whole or not at all",
            wanted - 1
        ));
    }
}

fn tell(restored: &Restored, data: &str) {
    let head = restored.head;
    let recorded = restored.recorded_at.map(|at| format!(", the last recorded at {at}")).unwrap_or_default();
    output::line(&format!("{} events restored to {data}{recorded}; their chain ends in {}", head.next, head.hash));
    match restored.keys {
        Some(KeysCount { keys, destroyed: 0 }) => output::line(&format!("{keys} keys restored")),
        Some(KeysCount { keys, destroyed }) => output::line(&format!(
            "{keys} keys restored; {destroyed} are destroyed and stay so: those persons were erased"
        )),
        None => output::note(
            "no keys were restored: the events can be verified, and the store opens once its folder `vault` is there",
        ),
    }
    if head.next == Position::ZERO {
        output::note("there is no event before the point that was asked for: the new store is empty");
    }
    if restored.lost_keys > 0 {
        output::note(&format!(
            "{} strands have events and no key, though nobody erased them: the backup of the keys is older than they are, and \
             what is sealed for them cannot be read. Restore again with a later one if there is any.",
            restored.lost_keys
        ));
    }
}
