//! Tables in Parquet files.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;

use super::reading::{Reached, read};
use crate::cli::args::ExportArgs;
use crate::cli::config::Config;
use crate::cli::failure::{Failure, NOT_WHOLE};
use crate::cli::progress::Progress;
use crate::cli::{output, store};
use crate::engine::{EngineError, Novelo, Picture};
use crate::event::{Position, codec};
use crate::ingest::tables::{
    EntityTable, EventTable, Limits, Manifest, Table, TableError, Tabled, Unfinished, Written,
};
use crate::log::Chunk;
use crate::tally::EventRow;
use crate::tally::entity::{Case, Contact, Conversation, Step, Visit};

/// What each table of derived rows may take: there are several at once.
const LIMITS: Limits = Limits { group_rows: 122_880, waiting_bytes: 16 << 20, open_files: 32 };

pub(super) fn run(config: &Config, args: &ExportArgs, out: &Path, as_json: bool) -> Result<ExitCode, Failure> {
    let novelo = store::open_existing(config)?;
    let picture = Arc::new(novelo.picture()?);
    let mut manifest = Manifest::new(Position(args.from), picture.through(), args.with_personal);
    let unfinished = Unfinished::begin(out, &manifest)?;
    let (written, reached) = write_events(&novelo, &picture, args, unfinished.folder())?;
    manifest.add(EventTable::NAME, &written);
    // They are made of all events.
    let derived = match args.from == 0 && reached.damage.is_none() {
        true => write_derived(&picture, unfinished.folder())?,
        false => Vec::new(),
    };
    derived.iter().for_each(|(name, written)| manifest.add(name, written));
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
    match derived.is_empty() {
        true => output::note("only events: contacts, cases and the like are made of all events, from 0 on"),
        false => {
            let told = derived.iter().map(|(name, written)| format!("{} {name}", written.rows));
            output::note(&format!("made of them: {}", told.collect::<Vec<_>>().join(", ")));
        }
    }
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

/// Writes the tables of what is derived of events.
fn write_derived(picture: &Picture, folder: &Path) -> Result<Vec<(&'static str, Written)>, Failure> {
    let (mut contacts, mut cases) = (Derived::<Contact>::create(folder)?, Derived::<Case>::create(folder)?);
    let mut conversations = Derived::<Conversation>::create(folder)?;
    let (mut steps, mut visits) = (Derived::<Step>::create(folder)?, Derived::<Visit>::create(folder)?);
    let bar = Progress::bar("exporting rows", 1, "parts");
    picture.each_page(
        |done, of| bar.at(done, of),
        |page| {
            contacts.add(&page.contacts)?;
            cases.add(&page.cases)?;
            conversations.add(&page.conversations)?;
            steps.add(&page.steps)?;
            visits.add(&page.visits)
        },
    )?;
    bar.finish();
    Ok(vec![contacts.finish()?, cases.finish()?, conversations.finish()?, steps.finish()?, visits.finish()?])
}

/// A table of rows of one sort.
struct Derived<R> {
    laid: EntityTable<R>,
    table: Table,
}

impl<R: Tabled> Derived<R> {
    fn create(folder: &Path) -> Result<Self, Failure> {
        let laid = EntityTable::default();
        let table = Table::create(folder, R::NAME, laid.columns(), LIMITS)?;
        Ok(Self { laid, table })
    }

    fn add(&mut self, rows: &[R]) -> Result<(), Failure> {
        Ok(rows.iter().try_for_each(|row| self.table.add(row.place().0, self.laid.row(row)))?)
    }

    fn finish(self) -> Result<(&'static str, Written), Failure> {
        Ok((R::NAME, self.table.finish()?))
    }
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
