//! A data folder whose log is gone: what is still there tells that there was one, so that it is taken neither for a wrong path nor
//! for a young store.

use super::error::EngineError;
use super::folder::Folder;
use super::known::Known;
use crate::event::Position;
use crate::log::Head;
use crate::proof::{CHECKPOINTS_FILE, read_checkpoints};
use crate::vault::count_slots;

/// The error that says so; nothing when a log is there, or never was. A first start that was cut off has made keys for nobody.
pub(super) fn lost_log(folder: &Folder) -> Option<EngineError> {
    if folder.log().join("conf").exists() {
        return None;
    }
    let noted = Known::of(folder).map(|known| known.head.next).unwrap_or_default();
    let signed = last_signed(folder).map(|end| end.next).unwrap_or_default();
    let slots = count_slots(&folder.vault());
    let witnesses: Vec<&str> = [
        (slots > 0, "the keys"),
        (noted > Position::ZERO, "the notes in vault/known"),
        (signed > Position::ZERO, "the signed checkpoints"),
    ]
    .iter()
    .filter_map(|(there, name)| there.then_some(*name))
    .collect();
    if witnesses.is_empty() {
        return None;
    }
    let path = folder.path().display().to_string();
    Some(EngineError::LogLost { path, events: noted.max(signed), of: witnesses.join(" and ") })
}

/// Up to where the last checkpoint was signed that a folder has; none where they cannot be read. Its signature is not checked.
pub(super) fn last_signed(folder: &Folder) -> Option<Head> {
    let signed = read_checkpoints(&folder.checkpoints().join(CHECKPOINTS_FILE)).ok()?;
    Some(signed.last()?.end)
}
