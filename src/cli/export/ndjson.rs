//! Events as CloudEvents, a line each.

use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use super::reading::{Reached, read};
use crate::cli::args::ExportArgs;
use crate::cli::config::Config;
use crate::cli::failure::{Failure, NOT_WHOLE};
use crate::cli::{output, store};
use crate::engine::{EngineError, Novelo, Picture};
use crate::event::{Position, codec};
use crate::ingest::cloudevents::{Sealed, to_line};
use crate::log::{Chunk, LogError};

pub(super) fn run(config: &Config, args: &ExportArgs) -> Result<ExitCode, Failure> {
    if let Some(path) = args.output.as_deref().filter(|path| path.is_file() && !args.force) {
        let message = format!("{} is there already; name another file, or write over it with --force", path.display());
        return Err(Failure::Usage(vec![message]));
    }
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
    // A device such as /dev/null has nothing to sync.
    if let Some(file) = file.filter(|file| file.metadata().is_ok_and(|found| found.is_file())) {
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
    let first = Position(args.from);
    let Reached { next, damage } = read(novelo, (first, picture.through()), args.damaged, |chunk, from| {
        write_chunk(chunk, from, &picture, args.sealed, out)
    })?;
    out.flush()?;
    Ok((next.since(first), damage))
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
