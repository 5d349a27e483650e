//! Tables in Parquet files.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;

use super::NOT_WHOLE;
use super::reading::{Reached, read};
use crate::cli::args::ExportArgs;
use crate::cli::config::Config;
use crate::cli::failure::Failure;
use crate::cli::{output, store};
use crate::engine::{EngineError, Novelo, Picture};
use crate::event::{Position, codec};
use crate::ingest::tables::{EventTable, Limits, Manifest, Table, TableError, Unfinished, Written};
use crate::log::Chunk;
use crate::tally::EventRow;

pub(super) fn run(config: &Config, args: &ExportArgs, out: &Path, as_json: bool) -> Result<ExitCode, Failure> {
    let novelo = store::open_existing(config)?;
    let picture = Arc::new(novelo.picture()?);
    let mut manifest = Manifest::new(Position(args.from), picture.through(), args.with_personal);
    let unfinished = Unfinished::begin(out, &manifest)?;
    let (written, reached) = write_events(&novelo, &picture, args, unfinished.folder())?;
    manifest.add(EventTable::NAME, &written);
    manifest.ends_at(reached.next.min(picture.through()));
    let manifest = unfinished.finish(manifest)?;
    if as_json {
        let mut told = manifest.to_json();
        if let Some(told) = told.as_object_mut() {
            told.insert("output".into(), json!(out.display().to_string()));
            told.insert("damage".into(), json!(reached.damage.as_ref().map(ToString::to_string)));
        }
        output::line(&told.to_string());
    }
    let Written { rows, files, size_bytes, months } = written;
    output::note(&format!(
        "{rows} events written to {}: {files} files of {} months, {size_bytes} bytes",
        out.display(),
        months.len()
    ));
    let Some(cause) = reached.damage else { return Ok(ExitCode::SUCCESS) };
    output::note(&format!("they are those before the damage, and nothing behind it was written: {cause}"));
    Ok(ExitCode::from(NOT_WHOLE))
}

/// Writes the table of events.
fn write_events(
    novelo: &Novelo,
    picture: &Arc<Picture>,
    args: &ExportArgs,
    folder: &Path,
) -> Result<(Written, Reached), Failure> {
    let events = EventTable::new(args.with_personal);
    let mut table = Table::create(folder, EventTable::NAME, events.columns(), Limits::default())?;
    let range = (Position(args.from), picture.through());
    let reached = read(novelo, range, args.damaged, |chunk, from| {
        add_chunk(&mut table, &events, (chunk, from), picture, args.with_personal)
    })?;
    Ok((table.finish()?, reached))
}

fn add_chunk(
    table: &mut Table,
    events: &EventTable,
    (chunk, from): (&Chunk, Position),
    picture: &Picture,
    with_personal: bool,
) -> Result<(), Failure> {
    for (position, record) in chunk.records().filter(|(position, _)| *position >= from) {
        let event = codec::decode(position, chunk.recorded_at(), record)
            .map_err(|cause| EngineError::Event { position, cause })?;
        let personal = if with_personal { picture.open_portable(&event)? } else { None };
        table.add(event.header.occurred_at, events.row(&EventRow(&event), personal.as_ref()))?;
    }
    Ok(())
}

impl From<TableError> for Failure {
    fn from(cause: TableError) -> Self {
        Self::new(cause.to_string())
    }
}
