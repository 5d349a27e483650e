//! `novelo backup`

use std::io::Read;
use std::path::Path;
use std::process::ExitCode;

use serde_json::json;

use super::args::BackupArgs;
use super::config::Config;
use super::failure::Failure;
use super::progress::Progress;
use super::{asking, output, store};
use crate::archive::{
    ArchiveError, ArchiveWriter, Breach, Cut, Fault, FaultKind, Item, SegmentReader, SetAside, chunks, open_for,
};
use crate::engine::Folder;
use crate::event::{Hash, Position};
use crate::log::{Chunk, EventLog, Head, SledLog};
use crate::vault::is_keys_backup;

/// Chunks that are written at once.
const GROUP_CHUNKS: usize = 1_000;

pub(super) fn run(config: &Config, args: &BackupArgs, as_json: bool) -> Result<ExitCode, Failure> {
    store::refuse_file(&args.to)?;
    refuse_keys(&args.to)?;
    let source = match &args.from {
        Some(url) => Source::Server(url.clone()),
        None => {
            let data = store::folder(config)?;
            store::refuse_inside(&args.to, data)?;
            Source::Log(store::log(&Folder::existing(data)?)?)
        }
    };
    let was_there = args.to.exists();
    let (mut writer, aside) = source.open(&args.to).map_err(failed)?;
    tell_of_faults(aside.as_ref(), writer.cut());
    let begun = writer.end();
    if let Err(failure) = source.copy(&mut writer) {
        if !was_there && writer.end() == begun {
            remove_made(&args.to);
        }
        return Err(failure);
    }
    let end = writer.sync().map_err(failed)?;
    drop(writer);
    let bytes = read_back(&args.to, begun, end)?;
    tell(&args.to, begun, end, bytes, as_json);
    Ok(ExitCode::SUCCESS)
}

/// Removes the folder that was made for a backup of which nothing came. Where that fails an empty folder stays, which the next
/// one takes.
fn remove_made(folder: &Path) {
    drop(std::fs::remove_file(folder.join("lock")).and_then(|()| std::fs::remove_dir(folder)));
}

fn failed(cause: ArchiveError) -> Failure {
    Failure::new(cause.to_string())
}

/// Events and keys are never backed up to one folder: whoever has both and the master key reads everything.
fn refuse_keys(to: &Path) -> Result<(), Failure> {
    let entries = std::fs::read_dir(to).into_iter().flatten().filter_map(Result::ok);
    match entries.map(|entry| entry.path()).find(|path| is_keys_backup(path)) {
        None => Ok(()),
        Some(keys) => {
            let message = format!("{} holds keys; back events up to a folder without them", keys.display());
            Err(Failure::Usage(vec![message]))
        }
    }
}

/// What was found wrong at the backup's end, and what was done.
fn tell_of_faults(aside: Option<&SetAside>, cut: Option<&Cut>) {
    if let Some(SetAside { file, kept_in, position }) = aside {
        output::note(&format!(
            "{} is damaged at position {position}: it is kept as {}, and what follows is taken again from the store, which has \
             it whole",
            file.display(),
            kept_in.display()
        ));
    }
    if let Some(Cut { file, position, bytes: 0, .. }) = cut {
        output::note(&format!(
            "{}: nothing was in it, as after a crash; it is begun anew at position {position}",
            file.display()
        ));
    } else if let Some(Cut { file, position, bytes, kept_in }) = cut {
        let kept = kept_in.as_ref().map(|kept| format!(", kept in {}", kept.display())).unwrap_or_default();
        output::note(&format!(
            "{}: its last {bytes} bytes were never finished, as after a crash, and were cut off at position {position}{kept}",
            file.display()
        ));
    }
}

/// Where the events come from.
enum Source {
    Log(SledLog),
    Server(String),
}

impl Source {
    /// Opens the backup. Only a log that can be read at will can give again what is damaged in it.
    fn open(&self, to: &Path) -> Result<(ArchiveWriter, Option<SetAside>), ArchiveError> {
        match self {
            Self::Log(log) => open_for(to, log),
            Self::Server(_) => Ok((ArchiveWriter::open(to)?, None)),
        }
    }

    /// Adds what the backup does not have.
    fn copy(&self, writer: &mut ArchiveWriter) -> Result<(), Failure> {
        match self {
            Self::Log(log) => {
                let head = log.head();
                if writer.end() == head {
                    return Ok(());
                }
                let reading = log.read(writer.end().next).map_err(|cause| Failure::new(cause.to_string()))?;
                let reading = reading.map(|chunk| chunk.map_err(|cause| Failure::new(cause.to_string())));
                add(writer, reading, Some(head.next))
            }
            Self::Server(url) => self.receive(url, writer),
        }
    }

    /// Asks a server for what comes behind the backup's end.
    fn receive(&self, url: &str, writer: &mut ArchiveWriter) -> Result<(), Failure> {
        let (agent, url) = asking::server("--from", url)?;
        let Head { next, hash } = writer.end();
        let asked = format!("{url}/v1/log?from={next}&hash={hash}");
        let mut response = agent.get(&asked).call().map_err(|cause| asking::gone(&url, &cause))?;
        if response.status() != 200 {
            let text = response.body_mut().read_to_string().unwrap_or_default();
            return Err(Failure::new(format!("{url} does not give its log: {}", text.trim())));
        }
        let to = writer.folder().display().to_string();
        let broke = |fault: Fault| broke_off(&url, &to, &fault);
        let mut reader = SegmentReader::open(response.into_body().into_reader())
            .map_err(|fault| broke(Fault { position: next, ..fault }))?;
        let header = reader.header();
        if header.after != writer.end() || writer.log().is_some_and(|log| log != header.log) {
            return Err(failed(ArchiveError::Another {
                folder: writer.folder().display().to_string(),
                reason: format!("the server has log {}", header.log),
            }));
        }
        let received = std::iter::from_fn(|| received(&mut reader).map_err(broke).transpose());
        add(writer, received, None)
    }
}

/// What to do when a server's answer ends before its seal.
fn broke_off(url: &str, to: &str, fault: &Fault) -> Failure {
    let have = fault.position;
    if let FaultKind::Source(Breach { position, reason }) = &fault.kind {
        return Failure::new(format!(
            "the server at {url} cannot read its log at position {position}: {reason}; {to} has the {have} events before, \
             whole, and nothing behind them. Keep every older copy, stop the server and see what \
             `novelo repair --data DATA --archive {to}` would keep"
        ));
    }
    let what_now =
        "run it again, it goes on from there; if it breaks off at the same place, look at the server's /readyz";
    Failure::new(format!("{url}: the answer broke off ({fault}); {to} has the {have} events before: {what_now}"))
}

/// The next chunk of an answer; `None` at its seal. Without one it is not whole.
fn received(reader: &mut SegmentReader<impl Read>) -> Result<Option<Chunk>, Fault> {
    match reader.read_next()? {
        Some(Item::Chunk(chunk)) => Ok(Some(chunk)),
        Some(Item::Seal(_)) => Ok(None),
        None => {
            let kind = FaultKind::Torn;
            Err(Fault { kind, position: reader.end().next, offset: reader.offset() })
        }
    }
}

/// Adds chunks in groups; those that came before an error as well.
fn add(
    writer: &mut ArchiveWriter,
    chunks: impl Iterator<Item = Result<Chunk, Failure>>,
    head: Option<Position>,
) -> Result<(), Failure> {
    let begun = writer.end().next;
    let bar = Progress::bar("backing up", head.map_or(0, |head| head.since(begun)), "events");
    let mut group = Vec::with_capacity(GROUP_CHUNKS);
    let mut broken = Ok(());
    for chunk in chunks {
        match chunk {
            Ok(chunk) => group.push(chunk),
            Err(cause) => {
                broken = Err(cause);
                break;
            }
        }
        if group.len() == GROUP_CHUNKS {
            writer.append(&group).map_err(failed)?;
            group.clear();
            bar.reached(writer.end().next.since(begun));
        }
    }
    writer.append(&group).and_then(|()| writer.sync()).map_err(failed)?;
    bar.finish();
    broken
}

/// Reads what was added from the disk again and checks it; how many bytes it has.
fn read_back(folder: &Path, begun: Head, end: Head) -> Result<u64, Failure> {
    if begun == end {
        return Ok(0);
    }
    let bar = Progress::bar("reading back", end.next.since(begun.next), "events");
    let mut reading = chunks(folder, begun.next).map_err(failed)?;
    let mut bytes = 0;
    for chunk in &mut reading {
        let chunk = chunk.map_err(failed)?;
        bytes += chunk.len_bytes() as u64;
        bar.reached(chunk.end().since(begun.next));
    }
    bar.finish();
    if reading.end() == end {
        return Ok(bytes);
    }
    let found = reading.end().next;
    Err(Failure::new(format!("{}: what was written is not what is read: it ends at {found}", folder.display())))
}

fn tell(folder: &Path, begun: Head, end: Head, bytes: u64, as_json: bool) {
    let Head { next, hash } = end;
    let added = next.since(begun.next);
    let log = crate::archive::log_of(folder).unwrap_or(Hash::ZERO);
    if as_json {
        let told = json!({
            "added": added, "bytes": bytes, "from": begun.next.to_string(), "through": next.to_string(),
            "hash": hash.to_string(), "log": log.to_string(),
        });
        return output::line(&told.to_string());
    }
    let folder = folder.display();
    output::line(&match added {
        0 => format!("nothing new: {folder} has all {next} events, its chain ends in {hash}"),
        _ => format!(
            "{added} events added ({bytes} bytes) and read back: {folder} has {next} events, its chain ends in {hash}"
        ),
    });
}
