//! Preparing a commit: under which strand, new or known, at which revision; sealed and laid down.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::watch;

use super::admission::stored_at;
use super::error::{EngineError, Refusal};
use super::feed::{Closed, Feed};
use super::known_ids::KnownIds;
use super::living::living;
use super::overlay::{Overlay, Prepared};
use super::priority::threads;
use super::slots::{KnownMisses, NoSlots, Slots};
use super::writer::{Expect, Outcome};
use crate::event::codec::{self, Parts};
use crate::event::{Draft, EventId, Hash, Micros, Position, Revision, Strand, SubjectId, Who};
use crate::identity::IdentityKey;
use crate::log::{Commit, Head, Record, prepare};
use crate::vault::{KeyState, SlotIndex, Vault};
use crate::views::Views;

/// How far the views may be behind before the writer waits for them.
const MOST_UNPROJECTED: usize = 200_000;

/// What prepares commits. It knows the log's end as it will be when everything prepared is stored.
pub(super) struct Admitter {
    pub(super) vault: Arc<Vault>,
    pub(super) views: Arc<Views>,
    pub(super) feed: Arc<Feed>,
    pub(super) identity: IdentityKey,
    pub(super) head: Head,
    pub(super) last_recorded_at: Micros,
    pub(super) overlay: Overlay,
    pub(super) known: KnownIds,
}

/// A draft with its strands resolved, sealed, and looked for in the views: all that does not depend on the drafts before it.
struct Filed<'a> {
    draft: &'a Draft,
    strand: Strand,
    also: Vec<Strand>,
    sealed: Sealed,
    /// Whether the strand had no key, so that no event before this commit is of it.
    new: bool,
    /// Where the views have an event of this id.
    stored: Option<Position>,
}

/// The personal part of a draft.
enum Sealed {
    /// Under the strand's key.
    Under(Vec<u8>),
    /// Not yet: the strand is new and has no key.
    Waits,
    /// Never: the strand's key was destroyed.
    Never,
}

/// Drafts that are not worth another thread.
const SHARE_DRAFTS: usize = 128;

/// What admission says of one draft.
enum Verdict {
    New,
    Same(Position),
    Refused(Refusal),
}

/// A request: its drafts and what its sender wants of them.
pub(super) type Request = (Vec<Draft>, Expect);

impl Admitter {
    /// Forgets what the views hold; waits for them when they are too far behind.
    pub(super) fn wait_for_views(&mut self, projected: &mut watch::Receiver<Position>) -> Result<(), Closed> {
        self.overlay.forget(*projected.borrow_and_update());
        while self.overlay.len() > MOST_UNPROJECTED {
            futures_executor::block_on(projected.changed()).map_err(|_| Closed)?;
            self.overlay.forget(*projected.borrow_and_update());
        }
        Ok(())
    }

    /// Admits requests in order. The commit holds what is new, when anything is. After an error none of them was here.
    pub(super) fn admit(&mut self, requests: &[Request]) -> Result<(Option<Commit>, Vec<Vec<Outcome>>), EngineError> {
        let admitted = self.admit_in_order(requests);
        match admitted {
            Ok(_) => self.overlay.settle(),
            Err(_) => self.overlay.undo(),
        }
        admitted
    }

    fn admit_in_order(&mut self, requests: &[Request]) -> Result<(Option<Commit>, Vec<Vec<Outcome>>), EngineError> {
        self.known.count(requests.iter().map(|(drafts, _)| drafts.len()).sum());
        let mut filed = self.file_all(requests)?.into_iter();
        let (mut records, mut outcomes) = (Vec::with_capacity(filed.len()), Vec::with_capacity(requests.len()));
        for (drafts, expect) in requests {
            let group: Vec<Filed<'_>> = filed.by_ref().take(drafts.len()).collect();
            outcomes.push(match expect {
                Expect::Each => self.admit_each(&group, &mut records)?,
                Expect::All(revision) => self.admit_all(&group, *revision, &mut records)?,
            });
        }
        if records.is_empty() {
            return Ok((None, outcomes));
        }
        let recorded_at = Micros::now().max(self.last_recorded_at);
        let commit = prepare(self.head, recorded_at, records)?;
        self.head = commit.head();
        self.last_recorded_at = recorded_at;
        Ok((Some(commit), outcomes))
    }

    fn admit_each(&mut self, group: &[Filed<'_>], records: &mut Vec<Record>) -> Result<Vec<Outcome>, EngineError> {
        let admitted = group.iter().map(|filed| {
            Ok(match self.judge(filed)? {
                Verdict::New => Outcome::Recorded(self.lay_down(filed, records)?),
                Verdict::Same(position) => Outcome::Duplicate(position),
                Verdict::Refused(refusal) => Outcome::Refused(refusal),
            })
        });
        collect(group.len(), admitted)
    }

    /// Judges all before it lays any down.
    fn admit_all(
        &mut self,
        group: &[Filed<'_>],
        expected: Option<Revision>,
        records: &mut Vec<Record>,
    ) -> Result<Vec<Outcome>, EngineError> {
        let mut verdicts = group.iter().map(|filed| self.judge(filed)).collect::<Result<Vec<_>, _>>()?;
        let all_known = verdicts.iter().all(|verdict| matches!(verdict, Verdict::Same(_)));
        let mut first_of: HashMap<EventId, &Draft> = HashMap::new();
        for (filed, verdict) in group.iter().zip(&mut verdicts) {
            let id = filed.draft.header().id;
            match first_of.get(&id) {
                Some(first) if *first != filed.draft => {
                    let position = self.head.next;
                    *verdict = Verdict::Refused(Refusal::Conflict { id, position });
                }
                _ => drop(first_of.insert(id, filed.draft)),
            }
        }
        if let (Some(expected), false) = (expected, all_known) {
            self.check_revision(group, expected, &mut verdicts)?;
        }
        if verdicts.iter().any(|verdict| matches!(verdict, Verdict::Refused(_))) {
            let refused = |verdict| match verdict {
                Verdict::Refused(refusal) => Outcome::Refused(refusal),
                Verdict::New | Verdict::Same(_) => Outcome::Refused(Refusal::Together),
            };
            return Ok(verdicts.into_iter().map(refused).collect());
        }
        self.admit_each(group, records)
    }

    /// Refuses the first draft when the subject is not where its sender thinks.
    fn check_revision(
        &self,
        group: &[Filed<'_>],
        expected: Revision,
        verdicts: &mut [Verdict],
    ) -> Result<(), EngineError> {
        let (Some(first), Some(verdict)) = (group.first(), verdicts.first_mut()) else { return Ok(()) };
        let actual = self.overlay.next_revision(&self.views, &first.strand.subject)?;
        if group.iter().any(|filed| filed.strand != first.strand) {
            *verdict = Verdict::Refused(Refusal::SeveralSubjects);
        } else if actual != expected {
            *verdict = Verdict::Refused(Refusal::Stale { expected, actual });
        }
        Ok(())
    }

    /// Whether a draft is new, the same as a stored event, or another under the same id.
    fn judge(&self, filed: &Filed<'_>) -> Result<Verdict, EngineError> {
        let id = filed.draft.header().id;
        let Some(sealed) = filed.sealed.bytes() else { return Ok(Verdict::Refused(Refusal::Erased)) };
        let prepared = if self.known.may_have_since(&id) { self.overlay.find(&id) } else { None };
        if let Some(prepared) = prepared {
            let same = Hash::of(&filed.record(sealed, prepared.revision)) == prepared.hash;
            return Ok(verdict(same, id, prepared.position));
        }
        let Some(position) = filed.stored else { return Ok(Verdict::New) };
        let Some(chunk) = self.feed.log().chunk_at(position)? else {
            let cause = codec::CodecError::Broken("the views name an event that the log does not have");
            return Err(EngineError::Event { position, cause });
        };
        let record = chunk.record(position).unwrap_or_default();
        let stored = codec::decode(position, chunk.recorded_at(), record)
            .map_err(|cause| EngineError::Event { position, cause })?;
        // The event of an erased strand cannot be compared any more; its id alone says that it was here.
        let erased = stored.strand.kind == filed.strand.kind && filed.strand != stored.strand && {
            matches!(self.key_state(&stored.strand.subject)?, KeyState::Destroyed)
        };
        let same = erased || *record == *filed.record(sealed, stored.revision);
        Ok(verdict(same, id, position))
    }

    /// Gives a draft its revision and its position.
    fn lay_down(&mut self, filed: &Filed<'_>, records: &mut Vec<Record>) -> Result<Position, EngineError> {
        let subject = filed.strand.subject;
        let sealed = filed.sealed.bytes().ok_or_else(|| EngineError::Stopped("a new event has no key".into()))?;
        let revision = match filed.new {
            true => self.overlay.next_revision_of_new(&subject),
            false => self.overlay.next_revision(&self.views, &subject)?,
        };
        let record = Record::from(filed.record(sealed, revision));
        let position = self.head.next.plus(records.len() as u64);
        self.known.add(&filed.draft.header().id);
        self.overlay.add(filed.draft.header().id, subject, Prepared { position, revision, hash: record.hash() });
        records.push(record);
        Ok(position)
    }

    /// Files all drafts, in several threads. Keys of strands that are new are made together, and durable before this returns.
    ///
    /// The views may go on meanwhile: what they do not have when this begins is in the overlay, which is asked first.
    fn file_all<'a>(&self, requests: &'a [Request]) -> Result<Vec<Filed<'a>>, EngineError> {
        let drafts: Vec<&Draft> = requests.iter().flat_map(|(drafts, _)| drafts).collect();
        let share = drafts.len().div_ceil(threads()).max(SHARE_DRAFTS);
        let mut filed = Vec::with_capacity(drafts.len());
        std::thread::scope(|scope| {
            let mut shares = drafts.chunks(share);
            let own = shares.next().unwrap_or_default();
            let others: Vec<_> = shares.map(|share| scope.spawn(move || self.file_share(share))).collect();
            filed.extend(self.file_share(own)?);
            for other in others {
                filed.extend(other.join().unwrap_or_else(|_| Err(EngineError::Stopped("filing panicked".into())))?);
            }
            Ok::<_, EngineError>(())
        })?;
        self.make_keys(&mut filed)?;
        Ok(filed)
    }

    fn file_share<'a>(&self, drafts: &[&'a Draft]) -> Result<Vec<Filed<'a>>, EngineError> {
        let slots = KnownMisses::of(Slots(&self.views));
        let file = |draft: &&'a Draft| {
            let (strand, also, key) = self.strands(draft.who(), &slots)?;
            let sealed = seal(draft, &strand, key);
            let id = &draft.header().id;
            let stored = if self.known.may_have(id) { stored_at(&self.views, id)? } else { None };
            let new = matches!(sealed, Sealed::Waits);
            Ok(Filed { draft, strand, also, sealed, new, stored })
        };
        collect(drafts.len(), drafts.iter().map(file))
    }

    /// Makes the keys of strands that have none, and seals what waited for them.
    fn make_keys(&self, filed: &mut [Filed<'_>]) -> Result<(), EngineError> {
        let mut waiting: Vec<_> = filed.iter_mut().filter(|filed| matches!(filed.sealed, Sealed::Waits)).collect();
        if waiting.is_empty() {
            return Ok(());
        }
        let new: Vec<SubjectId> = waiting.iter().map(|filed| filed.strand.subject).collect();
        // They have just been looked for, and new slots are made here alone.
        self.vault.create(&new, &NoSlots)?;
        for filed in &mut waiting {
            filed.sealed = seal(filed.draft, &filed.strand, self.key_state(&filed.strand.subject)?);
        }
        Ok(())
    }

    /// The strand that an event is filed under, the others that it names, and the key of the first.
    fn strands(&self, who: &Who, slots: &dyn SlotIndex) -> Result<(Strand, Vec<Strand>, KeyState), EngineError> {
        match who {
            Who::Known(identifiers) => {
                let mut named = identifiers.iter().map(|i| living(&self.identity, &self.vault, slots, i));
                let (strand, key) = match named.next() {
                    Some(first) => first?,
                    None => return Err(EngineError::Stopped("a draft names nobody".into())),
                };
                let also = named.map(|strand| strand.map(|(strand, _)| strand)).collect::<Result<_, _>>()?;
                Ok((strand, also, key))
            }
            Who::Strands(strand, also) => Ok((strand.clone(), also.clone(), self.vault.key(&strand.subject, slots)?)),
        }
    }

    fn key_state(&self, subject: &SubjectId) -> Result<KeyState, EngineError> {
        Ok(self.vault.key(subject, &Slots(&self.views))?)
    }
}

/// Collects up to the first error, into room made once: an iterator that may end early does not say how long it is.
fn collect<T>(count: usize, items: impl Iterator<Item = Result<T, EngineError>>) -> Result<Vec<T>, EngineError> {
    let mut all = Vec::with_capacity(count);
    for item in items {
        all.push(item?);
    }
    Ok(all)
}

fn verdict(same: bool, id: EventId, position: Position) -> Verdict {
    if same { Verdict::Same(position) } else { Verdict::Refused(Refusal::Conflict { id, position }) }
}

/// Seals the personal part of a draft, if there is a key.
fn seal(draft: &Draft, strand: &Strand, key: KeyState) -> Sealed {
    match key {
        KeyState::Live(key) => {
            Sealed::Under(key.seal(&draft.header().id, &strand.subject, &codec::encode_personal(draft.personal())))
        }
        KeyState::Unknown => Sealed::Waits,
        KeyState::Destroyed => Sealed::Never,
    }
}

impl Sealed {
    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Under(bytes) => Some(bytes),
            Self::Waits | Self::Never => None,
        }
    }
}

impl Filed<'_> {
    /// The bytes that are stored of it. Sealing is deterministic, so the same draft gives the same bytes.
    fn record(&self, sealed: &[u8], revision: Revision) -> Vec<u8> {
        codec::encode(&Parts {
            revision,
            strand: &self.strand,
            also: &self.also,
            header: self.draft.header(),
            kind: self.draft.kind(),
            sealed,
        })
    }
}
