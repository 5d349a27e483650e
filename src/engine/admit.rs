//! Preparing a commit: under which strand, new or known, at which revision; sealed and encoded.

use std::collections::HashMap;
use std::sync::Arc;

use super::admission::stored_at;
use super::condition::Condition;
use super::crew::{Crew, each};
use super::error::{EngineError, Refusal};
use super::feed::Feed;
use super::filed::{Filed, Sealed, seal};
use super::known_ids::KnownIds;
use super::living::living;
use super::overlay::Overlay;
use super::priority;
use super::projections::open_sealed;
use super::slots::{KnownMisses, NoSlots, Slots};
use super::writer::{Expect, Outcome};
use crate::event::codec;
use crate::event::{Draft, Event, EventId, Hash, Micros, Position, Revision, Strand, SubjectId, Who};
use crate::identity::IdentityKey;
use crate::log::Record;
use crate::vault::{KeyState, SlotIndex, Vault};
use crate::views::{ViewError, Views};

/// What prepares commits.
pub(super) struct Admitter {
    pub(super) vault: Arc<Vault>,
    pub(super) views: Arc<Views>,
    pub(super) feed: Arc<Feed>,
    pub(super) condition: Arc<Condition>,
    pub(super) identity: IdentityKey,
    /// The position that the next event gets, once everything prepared is stored.
    pub(super) next: Position,
    pub(super) last_recorded_at: Micros,
    pub(super) overlay: Overlay,
    pub(super) known: KnownIds,
    pub(super) crew: Crew,
}

/// What one commit adds to the log: records without gaps, from a position on.
pub(super) struct New {
    pub(super) first: Position,
    pub(super) recorded_at: Micros,
    pub(super) records: Vec<Record>,
}

/// A draft that has its place in the commit.
struct Laid<'a> {
    filed: &'a Filed<'a>,
    sealed: &'a [u8],
    revision: Revision,
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
    /// Admits requests in order. After an error none of them was here.
    pub(super) fn admit(&mut self, requests: &[Request]) -> Result<(Option<New>, Vec<Vec<Outcome>>), EngineError> {
        let views = self.condition.views_troubles();
        let admitted = self.admit_in_order(requests).and_then(|admitted| match self.condition.views_troubles() {
            now if now == views => Ok(admitted),
            // They may have been thrown away meanwhile, and what they did not know be stored all the same.
            _ => Err(EngineError::View(ViewError::Reopening)),
        });
        match &admitted {
            Ok((new, _)) => {
                let records = new.as_ref().map(|new| new.records.as_slice()).unwrap_or_default();
                self.next = self.next.plus(records.len() as u64);
                self.overlay.settle(records.iter().map(Record::hash));
            }
            Err(_) => self.overlay.undo(),
        }
        admitted
    }

    fn admit_in_order(&mut self, requests: &[Request]) -> Result<(Option<New>, Vec<Vec<Outcome>>), EngineError> {
        self.known.count(requests.iter().map(|(drafts, _)| drafts.len()).sum());
        let filed = self.file_all(requests)?;
        let (mut laid, mut outcomes) = (Vec::with_capacity(filed.len()), Vec::with_capacity(requests.len()));
        let mut rest = filed.as_slice();
        for (drafts, expect) in requests {
            let (group, behind) = rest.split_at_checked(drafts.len()).unwrap_or((rest, &[]));
            rest = behind;
            outcomes.push(match expect {
                Expect::Each => self.admit_each(group, &mut laid)?,
                Expect::All(revision) => self.admit_all(group, *revision, &mut laid)?,
            });
        }
        if laid.is_empty() {
            return Ok((None, outcomes));
        }
        let records = self.crew.share(&laid, SHARE_DRAFTS, panicked, |share| {
            each(share, |laid| {
                priority::offer();
                Ok(laid.record().into())
            })
        })?;
        self.last_recorded_at = Micros::now().max(self.last_recorded_at);
        Ok((Some(New { first: self.next, recorded_at: self.last_recorded_at, records }), outcomes))
    }

    fn admit_each<'a>(
        &mut self,
        group: &'a [Filed<'a>],
        laid: &mut Vec<Laid<'a>>,
    ) -> Result<Vec<Outcome>, EngineError> {
        let mut outcomes = Vec::with_capacity(group.len());
        for filed in group {
            outcomes.push(match self.judge(filed, laid)? {
                Verdict::New => Outcome::Recorded(self.lay_down(filed, laid)?),
                Verdict::Same(position) => Outcome::Duplicate(position),
                Verdict::Refused(refusal) => Outcome::Refused(refusal),
            });
        }
        Ok(outcomes)
    }

    /// Judges all before it lays any down.
    fn admit_all<'a>(
        &mut self,
        group: &'a [Filed<'a>],
        expected: Option<Revision>,
        laid: &mut Vec<Laid<'a>>,
    ) -> Result<Vec<Outcome>, EngineError> {
        let mut verdicts = group.iter().map(|filed| self.judge(filed, laid)).collect::<Result<Vec<_>, _>>()?;
        let all_known = verdicts.iter().all(|verdict| matches!(verdict, Verdict::Same(_)));
        refuse_twice(group, &mut verdicts);
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
        self.admit_each(group, laid)
    }

    /// Refuses the first draft when the subject is not where its sender thinks.
    fn check_revision(
        &mut self,
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
    fn judge(&self, filed: &Filed<'_>, laid: &[Laid<'_>]) -> Result<Verdict, EngineError> {
        let id = filed.draft.header().id;
        let prepared = if self.known.may_have_since(&id) { self.overlay.find(&id) } else { None };
        let Some(sealed) = filed.sealed.bytes() else {
            // Nothing can be sealed to compare it with: its id alone says that it was here.
            let known = prepared.map(|prepared| prepared.position).or(filed.stored);
            return Ok(known.map_or(Verdict::Refused(Refusal::Erased), Verdict::Same));
        };
        if let Some(prepared) = prepared {
            let record = filed.record(sealed, prepared.revision);
            let same = match self.laid_at(prepared.position, laid) {
                Some(first) => first.record() == record,
                None => prepared.hash == Hash::of(&record),
            };
            return Ok(verdict(same, id, prepared.position));
        }
        match filed.stored {
            None => Ok(Verdict::New),
            Some(position) => Ok(verdict(self.is_stored_at(position, filed, sealed)?, id, position)),
        }
    }

    /// Whether the event at a position is the draft.
    fn is_stored_at(&self, position: Position, filed: &Filed<'_>, sealed: &[u8]) -> Result<bool, EngineError> {
        let Some(chunk) = self.feed.log().chunk_at(position)? else {
            let cause = codec::CodecError::Broken("the views name an event that the log does not have");
            return Err(EngineError::Event { position, cause });
        };
        let record = chunk.record(position).unwrap_or_default();
        let stored = codec::decode(position, chunk.recorded_at(), record)
            .map_err(|cause| EngineError::Event { position, cause })?;
        // The event of an erased strand cannot be compared any more; its id alone says that it was here.
        if filed.strand != stored.strand && self.is_erased_since(&filed.strand, &stored.strand)? {
            return Ok(true);
        }
        // Of the others that it names, those that were erased since are named by their next generation.
        let mut also = filed.also.clone();
        for (now, then) in also.iter_mut().zip(&stored.also) {
            if now != then && self.is_erased_since(now, then)? {
                *now = then.clone();
            }
        }
        let same = *record == *filed.record_naming(&also, sealed, stored.revision);
        Ok(same || self.says_the_same(filed, &also, &stored)?)
    }

    /// Whether a stored strand may be that of the same identifier, before it was erased.
    fn is_erased_since(&self, now: &Strand, then: &Strand) -> Result<bool, EngineError> {
        Ok(now.kind == then.kind && matches!(self.key_state(&then.subject)?, KeyState::Destroyed))
    }

    /// Whether a stored event says what a draft does, in other bytes: another release may have laid it down.
    fn says_the_same(&self, filed: &Filed<'_>, also: &[Strand], stored: &Event) -> Result<bool, EngineError> {
        let clear = (&filed.strand, also, filed.draft.header(), filed.draft.kind());
        if clear != (&stored.strand, stored.also.as_slice(), &stored.header, &stored.kind) {
            return Ok(false);
        }
        let Some(opened) = open_sealed(&self.vault, &self.views, stored)? else { return Ok(false) };
        let mut said = filed.draft.personal().clone();
        // A link names strands alone, and an export of it their identifiers: that those are the same is known by now.
        if opened.identifiers.is_empty() {
            said.identifiers.clear();
        }
        Ok(opened == said)
    }

    /// What has a position in the commit that is being prepared.
    fn laid_at<'a, 'b>(&self, position: Position, laid: &'b [Laid<'a>]) -> Option<&'b Laid<'a>> {
        laid.get(usize::try_from(position.0.checked_sub(self.next.0)?).ok()?)
    }

    /// Gives a draft its revision and its position.
    fn lay_down<'a>(&mut self, filed: &'a Filed<'a>, laid: &mut Vec<Laid<'a>>) -> Result<Position, EngineError> {
        let subject = filed.strand.subject;
        let sealed = filed.sealed.bytes().ok_or_else(|| EngineError::Stopped("a new event has no key".into()))?;
        let revision = match filed.new {
            true => self.overlay.next_revision_of_new(&subject),
            false => self.overlay.next_revision(&self.views, &subject)?,
        };
        let position = self.next.plus(laid.len() as u64);
        let id = filed.draft.header().id;
        self.known.add(&id);
        self.overlay.add(id, subject, position, revision);
        laid.push(Laid { filed, sealed, revision });
        Ok(position)
    }

    /// Files all drafts. Keys of strands that are new are made together, and durable before this returns.
    ///
    /// The views may go on meanwhile: what they do not have when this begins is in the overlay, which is asked first.
    fn file_all<'a>(&self, requests: &'a [Request]) -> Result<Vec<Filed<'a>>, EngineError> {
        let drafts: Vec<&Draft> = requests.iter().flat_map(|(drafts, _)| drafts).collect();
        let mut filed = self.crew.share(&drafts, SHARE_DRAFTS, panicked, |share| {
            let slots = KnownMisses::of(Slots(&self.views));
            each(share, |draft| self.file(draft, &slots))
        })?;
        self.make_keys(&mut filed)?;
        Ok(filed)
    }

    fn file<'a>(&self, draft: &&'a Draft, slots: &dyn SlotIndex) -> Result<Filed<'a>, EngineError> {
        priority::offer();
        let (strand, also, key) = self.strands(draft.who(), slots)?;
        let sealed = seal(draft, &strand, key);
        let id = &draft.header().id;
        let stored = if self.known.may_have(id) { stored_at(&self.views, id)? } else { None };
        let new = matches!(sealed, Sealed::Waits);
        Ok(Filed { draft, strand, also, sealed, new, stored })
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

impl Laid<'_> {
    fn record(&self) -> Vec<u8> {
        self.filed.record(self.sealed, self.revision)
    }
}

/// Refuses what is new and has the id of another new one before it in the group: neither has a place in the log.
fn refuse_twice(group: &[Filed<'_>], verdicts: &mut [Verdict]) {
    let mut first_of: HashMap<EventId, &Draft> = HashMap::new();
    for (filed, verdict) in group.iter().zip(verdicts) {
        let id = filed.draft.header().id;
        if matches!(verdict, Verdict::New) && *first_of.entry(id).or_insert(filed.draft) != filed.draft {
            *verdict = Verdict::Refused(Refusal::Twice { id });
        }
    }
}

fn panicked() -> EngineError {
    EngineError::Stopped("preparing a commit panicked".into())
}

fn verdict(same: bool, id: EventId, position: Position) -> Verdict {
    if same { Verdict::Same(position) } else { Verdict::Refused(Refusal::Conflict { id, position }) }
}
