//! `novelo export`

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::args::ExportArgs;
use super::config::Config;
use super::failure::Failure;
use super::progress::Progress;
use super::{output, store};
use crate::engine::{EngineError, Novelo, Picture};
use crate::event::{Position, codec};
use crate::ingest::cloudevents::{Sealed, to_line};
use crate::log::{Chunk, LogError};

/// The exit code that says: the log is not whole.
const NOT_WHOLE: u8 = 3;
/// Events that are read at once.
const GROUP_EVENTS: usize = 2_000;

pub(super) fn run(config: &Config, args: &ExportArgs) -> Result<ExitCode, Failure> {
    let novelo = store::open_existing(config)?;
    let file = args.output.as_deref().map(create).transpose()?;
    let name = args.output.as_ref().map_or_else(|| "standard output".into(), |path| path.display().to_string());
    let done = match &file {
        Some(file) => write_all(&novelo, args, &mut BufWriter::with_capacity(1 << 20, file)),
        None => write_all(&novelo, args, &mut BufWriter::with_capacity(1 << 16, std::io::stdout().lock())),
    };
    let (events, damage) = match done {
        Ok(done) => done,
        Err(Broken::Store(cause)) => return Err(cause.into()),
        // Whoever reads the pipe has seen enough.
        Err(Broken::Output(cause)) if file.is_none() && cause.kind() == std::io::ErrorKind::BrokenPipe => {
            return Ok(ExitCode::SUCCESS);
        }
        Err(Broken::Output(cause)) => return Err(Failure::new(format!("{name}: {cause}"))),
    };
    if let Some(file) = file {
        file.sync_all().map_err(|cause| Failure::new(format!("{name}: {cause}")))?;
    }
    output::note(&format!("{events} events written"));
    let Some(cause) = damage else { return Ok(ExitCode::SUCCESS) };
    output::note(&format!("they are those before the damage, and nothing behind it was written: {cause}"));
    Ok(ExitCode::from(NOT_WHOLE))
}

/// A new file that only its owner may read.
fn create(path: &Path) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    let open = options.write(true).create(true).truncate(true).mode(0o600).open(path);
    open.map_err(|cause| Failure::file(path, &cause))
}

/// What broke an export off.
enum Broken {
    Store(EngineError),
    Output(std::io::Error),
}

impl From<EngineError> for Broken {
    fn from(cause: EngineError) -> Self {
        Self::Store(cause)
    }
}

impl From<std::io::Error> for Broken {
    fn from(cause: std::io::Error) -> Self {
        Self::Output(cause)
    }
}

/// Writes events up to the end, or up to damage if that is asked for; how many, and the damage.
fn write_all(novelo: &Novelo, args: &ExportArgs, out: &mut impl Write) -> Result<(u64, Option<LogError>), Broken> {
    let picture = Arc::new(novelo.picture()?);
    let end = picture.through();
    let first = Position(args.from);
    let bar = Progress::bar("exporting", end.since(first), "events");
    let mut next = first;
    while next < end {
        let chunks = match novelo.feed().read(next, GROUP_EVENTS) {
            Ok(chunks) => chunks,
            Err(cause @ (LogError::Damaged { .. } | LogError::Read { .. })) if args.damaged => {
                out.flush()?;
                return Ok((next.since(first), Some(cause)));
            }
            Err(cause) => return Err(EngineError::from(cause).into()),
        };
        let Some(last) = chunks.last().map(Chunk::end) else { break };
        for chunk in &chunks {
            write_chunk(chunk, next, &picture, args.sealed, out)?;
        }
        next = last;
        bar.at(next.since(first), end.since(first));
    }
    out.flush()?;
    bar.finish();
    Ok((next.since(first), None))
}

fn write_chunk(
    chunk: &Chunk,
    from: Position,
    picture: &Picture,
    sealed: bool,
    out: &mut impl Write,
) -> Result<(), Broken> {
    for (position, record) in chunk.records().filter(|(position, _)| *position >= from) {
        if sealed {
            let sealed =
                Sealed { position, recorded_at: chunk.recorded_at(), chunk: chunk.first(), record: record.to_vec() };
            writeln!(out, "{}", sealed.to_json())?;
        } else {
            let event = codec::decode(position, chunk.recorded_at(), record)
                .map_err(|cause| EngineError::Event { position, cause })?;
            let personal = picture.open_portable(&event)?;
            out.write_all(to_line(&event, personal.as_ref()).as_bytes())?;
        }
    }
    Ok(())
}
