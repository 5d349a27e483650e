//! Small files that must be there after a power cut.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use super::error::EngineError;

/// Writes a file, or writes it anew: after a power cut it is there as a whole, or as it was before.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), EngineError> {
    let new = path.with_extension("new");
    let written = File::create(&new).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.and_then(|()| std::fs::rename(&new, path)).map_err(|cause| io(path, cause))?;
    sync_above(path)
}

/// Removes a file, if it is there.
pub(super) fn remove(path: &Path) -> Result<(), EngineError> {
    match std::fs::remove_file(path) {
        Ok(()) => sync_above(path),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(cause) => Err(io(path, cause)),
    }
}

/// The texts of a folder's files with an extension, by their names without it; none when there is no such folder. What is no text
/// is named in the log and left alone.
pub(super) fn texts(folder: &Path, extension: &str) -> Result<Vec<(String, String)>, EngineError> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(cause) => return Err(io(folder, cause)),
    };
    let mut texts = Vec::new();
    for entry in entries {
        let path = entry.map_err(|cause| io(folder, cause))?.path();
        if path.extension().is_some_and(|found| found == extension) {
            let bytes = std::fs::read(&path).map_err(|cause| io(&path, cause))?;
            let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            match String::from_utf8(bytes) {
                Ok(text) => texts.push((stem, text)),
                Err(_) => tracing::warn!(file = %path.display(), "is no text in UTF-8; it is left out"),
            }
        }
    }
    texts.sort();
    Ok(texts)
}

fn sync_above(path: &Path) -> Result<(), EngineError> {
    let Some(folder) = path.parent() else { return Ok(()) };
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|cause| io(path, cause))
}

/// What went wrong with a file.
pub(super) fn io(path: &Path, cause: std::io::Error) -> EngineError {
    EngineError::Io { path: path.display().to_string(), cause }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_text_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("good.toml"), "name = \"good\"").unwrap();
        std::fs::write(folder.path().join("bad.toml"), b"caf\xe9").unwrap();
        let names: Vec<String> = texts(folder.path(), "toml").unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["good"]);
    }
}
