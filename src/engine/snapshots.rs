//! Contexts that were folded before, in memory and on disk. Only ever an optimisation: the answer is that of the fold.
//!
//! A fold is kept with how many events each strand had in it and with the place in time where it ended. What was added
//! since lies behind that place, unless an event came late; whether one did is told by counting: if fewer events lie behind
//! the place than were added, some lie before it, and everything is folded anew. A fold holds no personal data, only
//! references to the events that do.

use std::sync::Arc;

use quick_cache::Weighter;
use quick_cache::sync::Cache;
use serde::{Deserialize, Serialize};

use super::error::EngineError;
use super::picture::Picture;
use super::seen::{Seen, Tail};
use crate::context::Context;
use crate::event::{Micros, Position, SubjectId, codec};
use crate::timeline::{Cursor, Merged, Span};

/// The side table of the snapshots.
pub(super) const TABLE: &str = "snapshots";
/// Raised whenever the fold of the same events would look different.
const FOLD_VERSION: u8 = 3;
/// Events that are folded anew rather than kept on disk.
const EVENTS_BETWEEN_SNAPSHOTS: u64 = 500;

/// What a context takes in memory, measured on contexts of 4 to 156 events: so many bytes, and so many times its packed bytes.
const BYTES: u64 = 4_096;
const BYTES_A_PACKED_BYTE: u64 = 5;

/// Contexts in memory, by customer.
pub(super) type ContextCache = Cache<SubjectId, Arc<Folded>, Bytes>;

/// A cache that takes about so many bytes.
pub(super) fn cache(bytes: u64) -> ContextCache {
    Cache::with_weighter(usize::try_from(bytes / (3 * BYTES)).unwrap_or(usize::MAX).max(16), bytes, Bytes)
}

/// A context weighs what it takes.
#[derive(Clone, Debug)]
pub(super) struct Bytes;

impl Weighter<SubjectId, Arc<Folded>> for Bytes {
    fn weight(&self, _: &SubjectId, folded: &Arc<Folded>) -> u64 {
        folded.size_bytes
    }
}

/// A context, and of which events it is the fold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Folded {
    strands: Vec<([u8; 16], u64)>,
    last: Option<(i64, u64)>,
    pub(super) context: Arc<Context>,
    /// What it takes in memory.
    #[serde(skip)]
    size_bytes: u64,
}

impl Folded {
    /// The context of a customer as of the picture.
    pub(super) fn of(picture: &Picture, id: SubjectId, seen: &Seen) -> Result<Arc<Self>, EngineError> {
        let strands = seen.strands.as_slice();
        let counts = || strands.iter().zip(&seen.events).map(|(strand, events)| (strand.0, *events));
        let cached = picture.shared.contexts.get(&id);
        if let Some(folded) = cached.as_ref().filter(|folded| folded.strands.iter().copied().eq(counts())) {
            picture.shared.metrics.contexts_cached.add(1);
            return Ok(folded.clone());
        }
        let now: Vec<([u8; 16], u64)> = counts().collect();
        let start = match cached {
            Some(folded) => Some(folded),
            None => stored(picture, id)?.map(Arc::new),
        };
        let mut newest = Tail::default();
        let since: Option<Vec<u64>> =
            start.as_ref().map(|start| start.strands.iter().map(|(_, events)| *events).collect());
        let continued = match start {
            Some(start) => start.go_on(picture, &seen.with_events, &now, &mut newest)?,
            None => None,
        };
        let metrics = &picture.shared.metrics;
        let (folded, since) = match continued {
            Some(folded) => {
                metrics.contexts_continued.add(1);
                (folded, since)
            }
            None => {
                metrics.contexts_folded.add(1);
                newest = Tail::default();
                (Self::anew(picture, &seen.with_events, now, &mut newest)?, None)
            }
        };
        seen.keep_newest(picture, since.as_deref(), newest);
        let size_bytes = BYTES + BYTES_A_PACKED_BYTE * codec::pack(&folded).len() as u64;
        let folded = Arc::new(Self { size_bytes, ..folded });
        picture.shared.contexts.insert(id, folded.clone());
        folded.store(picture, id)?;
        Ok(folded)
    }

    fn events(&self) -> u64 {
        self.strands.iter().map(|(_, events)| events).sum()
    }

    /// Folds every event.
    fn anew(
        picture: &Picture,
        strands: &[SubjectId],
        now: Vec<([u8; 16], u64)>,
        newest: &mut Tail,
    ) -> Result<Self, EngineError> {
        let empty = Self { strands: now, last: None, context: Arc::default(), size_bytes: 0 };
        Ok(empty.fold_behind(picture, strands, newest)?.0)
    }

    /// Folds what was added; `None` when some of it lies before the place where this fold ended, or other strands are meant.
    fn go_on(
        &self,
        picture: &Picture,
        strands: &[SubjectId],
        now: &[([u8; 16], u64)],
        newest: &mut Tail,
    ) -> Result<Option<Self>, EngineError> {
        let same = self.strands.len() == now.len()
            && self.strands.iter().zip(now).all(|((a, then), (b, now))| a == b && then <= now);
        if !same {
            return Ok(None);
        }
        let added = now.iter().map(|(_, events)| events).sum::<u64>().saturating_sub(self.events());
        let (mut folded, found) = self.fold_behind(picture, strands, newest)?;
        folded.strands = now.to_vec();
        Ok((found == added).then_some(folded))
    }

    /// Folds the events behind the place where this fold ended; with their number. They pass by `newest`.
    fn fold_behind(
        &self,
        picture: &Picture,
        strands: &[SubjectId],
        newest: &mut Tail,
    ) -> Result<(Self, u64), EngineError> {
        let after = self.last.map(|(at, position)| Cursor { occurred_at: Micros(at), position: Position(position) });
        let rules = &picture.shared.context_rules;
        let mut context = Context::clone(&self.context);
        let (mut last, mut found) = (self.last, 0);
        for entry in Merged::forwards(&picture.reader, strands, Span { after, ..Span::default() })? {
            let entry = entry?;
            let event = entry.event()?;
            context.fold(&event, rules);
            last = Some((entry.occurred_at.0, entry.position.0));
            found += 1;
            newest.push(entry, event);
        }
        Ok((Self { strands: self.strands.clone(), last, context: Arc::new(context), size_bytes: 0 }, found))
    }

    /// Keeps it on disk when many events went into it.
    fn store(&self, picture: &Picture, id: SubjectId) -> Result<(), EngineError> {
        if self.events() < EVENTS_BETWEEN_SNAPSHOTS {
            return Ok(());
        }
        let before = stored(picture, id)?.map_or(0, |folded| folded.events());
        if self.events().abs_diff(before) < EVENTS_BETWEEN_SNAPSHOTS {
            return Ok(());
        }
        let views = &picture.shared.views;
        let mut batch = views.batch(1)?;
        let tables = batch.serving();
        batch.rows(&tables).put_packed(TABLE, &key(picture, id), self)?;
        Ok(batch.commit()?)
    }
}

/// A fold by other rules or of another version is not found.
fn key(picture: &Picture, id: SubjectId) -> Vec<u8> {
    let rules = picture.shared.context_rules.fingerprint();
    [&[FOLD_VERSION], rules.as_slice(), id.as_bytes().as_slice()].concat()
}

/// A snapshot that is on disk. One that cannot be read is as good as none.
fn stored(picture: &Picture, id: SubjectId) -> Result<Option<Folded>, EngineError> {
    let row = picture.reader.get(TABLE, &key(picture, id))?;
    Ok(row.and_then(|bytes| codec::unpack(&bytes).ok()))
}
