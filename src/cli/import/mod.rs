//! `novelo import`: files become items, items go into a data folder or to a server, and what cannot be taken goes to a
//! dead-letter file with the reason.
//!
//! An import can be run again at any time: an event that is stored is not stored twice.

mod dead_letter;
mod input;
mod into_store;
mod ndjson;
mod rows;
mod to_server;
mod trial;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use super::args::ImportArgs;
use super::config::Config;
use super::failure::Failure;
use super::progress::Progress;
use super::{output, store};
use crate::event::{Draft, Micros, Unfiled};
use crate::identity::Filing;
use crate::ingest::{Code, Place, Rejected};

use dead_letter::DeadLetter;

/// What an item of an input came to before it was recorded.
pub(super) struct Taken {
    /// Where it stood.
    place: Place,
    /// Its source's own id.
    id: String,
    /// The event, or why there is none.
    event: Result<Unfiled, Rejected>,
    /// How it stood in the input, for the dead-letter file.
    raw: Arc<[u8]>,
}

/// Where an item came from: its place, its source's own id, and how it stood there.
type Origin = (Place, String, Arc<[u8]>);
/// Why an item is not taken, and how it stood in the input.
type Refused = (Rejected, Arc<[u8]>);

impl Taken {
    /// The event, filed; or why there is none.
    fn file(self, filing: &Filing, now: Micros) -> Result<(Draft, Origin), Refused> {
        let Self { place, id, event, raw } = self;
        let refused = |problem| Rejected::new(place, Some(&id), Code::InvalidField, problem);
        match event.and_then(|event| filing.file(event, now).map_err(refused)) {
            Ok(draft) => Ok((draft, (place, id, raw))),
            Err(rejected) => Err((rejected, raw)),
        }
    }
}

/// Items that go on together, and how far the input had been read behind them.
pub(super) struct Group {
    taken: Vec<Taken>,
    /// Rows or lines that were read for them.
    read: u64,
    /// Bytes of the file that were read for them.
    bytes: u64,
}

/// Where groups go. Answers [`Failure`] when nobody takes them any more.
type Deliver<'a> = dyn FnMut(Group) -> Result<(), Failure> + 'a;

/// An input that could not be read to its end. What was read of it was delivered.
pub(super) struct Broken {
    /// The last line that was read whole.
    line: u64,
    cause: std::io::Error,
}

impl Broken {
    /// What happened, how far it came, and what to do.
    fn told(&self, name: &str, counts: &Counts) -> Failure {
        let Self { line, cause } = self;
        Failure::new(format!(
            "{name}: cannot be read behind line {line}: {cause}; the file was cut short, or is damaged. Until there: {}. Repair the \
             file or fetch it again, and run the same import again: what is there is not recorded twice",
            told(counts)
        ))
    }
}

/// What an import came to.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Rows or lines read.
    read: u64,
    /// Events that are new.
    recorded: u64,
    /// Events that were stored before.
    duplicates: u64,
    /// Of both, those that are filed under no customer.
    anonymous: u64,
    /// Items that were not taken.
    rejected: u64,
}

impl Counts {
    fn add(&mut self, other: &Self) {
        self.read += other.read;
        self.recorded += other.recorded;
        self.duplicates += other.duplicates;
        self.anonymous += other.anonymous;
        self.rejected += other.rejected;
    }
}

pub(super) fn run(config: &Config, args: &ImportArgs, as_json: bool) -> Result<ExitCode, Failure> {
    let started = Instant::now();
    let reading = rows::Reading::new(args)?;
    if args.to.is_none() {
        store::folder(config)?;
    }
    input::check(&args.files, args.mapping.is_some())?;
    let mut letters = DeadLetter::new(args.rejected.as_deref())?;
    if args.to.is_none()
        && let Some(counts) = trial::nothing_to_take(config, &reading, &args.files, &mut letters)?
    {
        let rejected_to = letters.finish()?;
        report(&counts, started.elapsed().as_secs_f64(), rejected_to.as_deref(), as_json);
        output::note(match counts.rejected {
            0 => "there is nothing in it, so no store was made",
            _ => "nothing of it can be taken, so no store was made",
        });
        return Ok(ended(&counts));
    }
    let mut total = Counts::default();
    let mut sink = match &args.to {
        Some(url) => Sink::Server(to_server::Server::new(url)?),
        None => Sink::Store(into_store::Store::open(config)?),
    };
    for path in &args.files {
        let input = input::open(path)?;
        let bar = Progress::bar(&input.name, input.length, "bytes");
        bar.tick();
        let name = input.name.clone();
        let (counts, broken) = match &mut sink {
            Sink::Store(store) => store.take(&reading, input, &mut letters, &bar)?,
            Sink::Server(server) => server.take(&reading, input, &mut letters, &bar)?,
        };
        bar.finish();
        if !as_json && args.files.len() > 1 {
            output::note(&format!("{name}: {}", told(&counts)));
        }
        total.add(&counts);
        if let Some(broken) = broken {
            if let Some(path) = letters.finish()? {
                output::note(&rejected_are_in(&path));
            }
            return Err(broken.told(&name, &counts));
        }
    }
    let rejected_to = letters.finish()?;
    drop(sink);
    report(&total, started.elapsed().as_secs_f64(), rejected_to.as_deref(), as_json);
    Ok(ended(&total))
}

fn ended(counts: &Counts) -> ExitCode {
    if counts.rejected > 0 { ExitCode::from(3) } else { ExitCode::SUCCESS }
}

enum Sink {
    Store(into_store::Store),
    Server(to_server::Server),
}

fn told(counts: &Counts) -> String {
    let Counts { read, recorded, duplicates, anonymous, rejected } = counts;
    let of_nobody = match anonymous {
        0 => String::new(),
        some => format!("; of those in the store {some} are of no customer (they name nobody, or only placeholders)"),
    };
    format!("{read} read, {recorded} events recorded, {duplicates} there before, {rejected} rejected{of_nobody}")
}

fn report(counts: &Counts, seconds: f64, rejected_to: Option<&std::path::Path>, as_json: bool) {
    let Counts { read, recorded, duplicates, anonymous, rejected } = counts;
    if as_json {
        let file = rejected_to.map(|path| path.display().to_string());
        let answer = json!({"read": read, "recorded": recorded, "duplicates": duplicates, "anonymous": anonymous,
            "rejected": rejected, "rejected_file": file, "seconds": seconds});
        return output::line(&answer.to_string());
    }
    let speed = *read as f64 / seconds.max(0.001);
    output::line(&format!("{} ({seconds:.1} s, {speed:.0} a second)", told(counts)));
    if let Some(path) = rejected_to {
        output::line(&rejected_are_in(path));
    }
}

fn rejected_are_in(path: &std::path::Path) -> String {
    format!("what was rejected, and why: {} (it holds personal data)", path.display())
}
