//! Items into a data folder. One thread reads and files, the store's own threads record; a few groups are on their way at
//! a time.

use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use tokio::runtime::Runtime;
use tokio::sync::mpsc;

use super::dead_letter::DeadLetter;
use super::input::Input;
use super::rows::Reading;
use super::{Broken, Counts, Group, Origin, Refused};
use crate::cli::config::Config;
use crate::cli::failure::Failure;
use crate::cli::progress::Progress;
use crate::cli::store;
use crate::engine::{Expect, Novelo, Outcome, RecordError};
use crate::event::{Draft, Invalid, Micros};
use crate::ingest::{Code, Rejected};

/// Groups that are on their way to the log at a time.
const GROUPS_ON_THEIR_WAY: usize = 4;

/// A store that is imported into.
pub(super) struct Store {
    novelo: Arc<Novelo>,
    runtime: Runtime,
}

/// A group whose events are filed.
struct Filed {
    drafts: Vec<Draft>,
    /// For each draft where it came from.
    origins: Vec<Origin>,
    rejected: Vec<Refused>,
    read: u64,
    bytes: u64,
}

/// A group that was recorded.
struct Done {
    filed: Filed,
    /// Which drafts were of no customer.
    anonymous: Vec<bool>,
    outcomes: Vec<Outcome>,
}

impl Store {
    /// Opens the data folder of the configuration.
    pub(super) fn open(config: &Config) -> Result<Self, Failure> {
        let novelo = store::open(config, store::folder(config)?)?;
        Ok(Self { novelo, runtime: store::runtime()? })
    }

    /// Imports one input; also where it broke off.
    pub(super) fn take(
        &mut self,
        reading: &Reading,
        mut input: Input,
        letters: &mut DeadLetter,
        bar: &Progress,
    ) -> Result<(Counts, Option<Broken>), Failure> {
        let (send, receive) = mpsc::channel::<Filed>(GROUPS_ON_THEIR_WAY);
        let name = input.name.clone();
        std::thread::scope(|scope| {
            let novelo = &self.novelo;
            let reader = scope.spawn(move || {
                let mut deliver = |group: Group| {
                    let filed = file(novelo, group);
                    send.blocking_send(filed).map_err(|_| Failure::new("the store takes no more events"))
                };
                reading.each(&mut input, &mut deliver)
            });
            let counted = self.runtime.block_on(record_all(novelo, receive, &name, letters, bar));
            let read =
                reader.join().map_err(|_| Failure::new("the reader panicked; this is a mistake of the program"))?;
            // When the store fails, the reader fails after it: the store's own failure says more.
            counted.and_then(|counts| read.map(|broken| (counts, broken)))
        })
    }
}

/// Files every event of a group.
fn file(novelo: &Novelo, group: Group) -> Filed {
    let now = Micros::now();
    let mut filed = Filed {
        drafts: Vec::with_capacity(group.taken.len()),
        origins: Vec::new(),
        rejected: Vec::new(),
        read: group.read,
        bytes: group.bytes,
    };
    for taken in group.taken {
        match taken.file(novelo.filing(), now) {
            Ok((draft, origin)) => {
                filed.drafts.push(draft);
                filed.origins.push(origin);
            }
            Err(rejected) => filed.rejected.push(rejected),
        }
    }
    filed
}

/// Records groups in order, several at a time, and counts what became of them.
async fn record_all(
    novelo: &Novelo,
    mut groups: mpsc::Receiver<Filed>,
    name: &str,
    letters: &mut DeadLetter,
    bar: &Progress,
) -> Result<Counts, Failure> {
    let mut counts = Counts::default();
    let mut on_their_way = FuturesOrdered::new();
    let mut open = true;
    while open || !on_their_way.is_empty() {
        tokio::select! {
            biased;
            Some(done) = on_their_way.next(), if !on_their_way.is_empty() => {
                let done: Result<Done, RecordError> = done;
                count(done.map_err(|cause| Failure::new(cause.to_string()))?, &mut counts, name, letters, bar)?;
            }
            group = groups.recv(), if open && on_their_way.len() < GROUPS_ON_THEIR_WAY => match group {
                Some(filed) => on_their_way.push_back(record(novelo, filed)),
                None => open = false,
            },
        }
    }
    Ok(counts)
}

async fn record(novelo: &Novelo, mut filed: Filed) -> Result<Done, RecordError> {
    let drafts = std::mem::take(&mut filed.drafts);
    let anonymous = drafts.iter().map(Draft::is_anonymous).collect();
    let outcomes = if drafts.is_empty() { Vec::new() } else { novelo.record(drafts, Expect::Each).await? };
    Ok(Done { filed, anonymous, outcomes })
}

fn count(done: Done, counts: &mut Counts, name: &str, letters: &mut DeadLetter, bar: &Progress) -> Result<(), Failure> {
    let Done { filed, anonymous, outcomes } = done;
    counts.read += filed.read;
    for (rejected, raw) in &filed.rejected {
        counts.rejected += 1;
        letters.add(name, rejected, raw)?;
    }
    for ((outcome, (place, id, raw)), anonymous) in outcomes.into_iter().zip(&filed.origins).zip(anonymous) {
        counts.anonymous += u64::from(anonymous && !matches!(outcome, Outcome::Refused(_)));
        match outcome {
            Outcome::Recorded(_) => counts.recorded += 1,
            Outcome::Duplicate(_) => counts.duplicates += 1,
            Outcome::Refused(refusal) => {
                counts.rejected += 1;
                let text = refusal.to_string();
                let (what, help) = text.split_once("; ").unwrap_or((&text, "correct the id at the source"));
                let problem = Invalid::new("id", what, help.to_owned());
                letters.add(name, &Rejected::new(*place, Some(id), Code::Conflict, problem), raw)?;
            }
        }
    }
    bar.reached(filed.bytes);
    Ok(())
}
