//! A customer: the strands that are linked, resolved at the moment of the question.

use std::sync::Arc;

use super::error::EngineError;
use super::picture::Picture;
use super::seen::Seen;
use super::snapshots::Folded;
use crate::context::{Context, EventRef};
use crate::event::{Channel, Event, Identifier, Kind, Micros, Personal, Position, SubjectId};
use crate::identity::{Member, NAME, StrandRow};
use crate::timeline::{Cursor, Entry, Merged, Page, PageArgs, Span, Stored, TimelineFilter, count, groups, page};

/// A customer in a picture, possibly of the past.
#[derive(Clone, Debug)]
pub struct Customer {
    picture: Arc<Picture>,
    seen: Arc<Seen>,
    asked: SubjectId,
    as_of: Option<(Micros, Position)>,
}

/// An identifier of a customer, and since when and how surely it is theirs.
#[derive(Clone, Debug)]
pub struct KnownIdentifier {
    /// The kind and the value; the value is `None` when it was erased.
    pub identifier: Option<Identifier>,
    /// The kind.
    pub kind: String,
    /// Whether the customer has come to us from it.
    pub verified: bool,
    /// When it was first named.
    pub first_seen_at: Micros,
}

impl Customer {
    /// The customer to whom a strand belongs; `None` when nothing was known of it at that time.
    pub(super) fn of(
        picture: Arc<Picture>,
        subject: SubjectId,
        as_of: Option<(Micros, Position)>,
    ) -> Result<Option<Self>, EngineError> {
        let seen = match as_of {
            None => Seen::of(&picture, subject)?,
            Some((_, position)) => StrandRow::read(&picture.reader, &subject)?
                .map(|_| Seen::read(&picture, subject, Some(position)).map(Arc::new))
                .transpose()?,
        };
        let Some(seen) = seen else { return Ok(None) };
        let customer = Self { picture, seen, asked: subject, as_of };
        Ok(customer.was_known()?.then_some(customer))
    }

    /// One of all customers, who is not more likely to be asked for again than any other.
    pub(super) fn of_many(picture: Arc<Picture>, subject: SubjectId) -> Result<Self, EngineError> {
        let seen = Arc::new(Seen::read(&picture, subject, None)?);
        Ok(Self { picture, seen, asked: subject, as_of: None })
    }

    pub(super) fn strands(&self) -> &[SubjectId] {
        &self.seen.strands
    }

    /// The strands that have events, and how many each has.
    pub(super) fn strands_with_events(&self) -> impl Iterator<Item = (SubjectId, u64)> {
        self.seen.strands.iter().copied().zip(self.seen.events.iter().copied()).filter(|(_, events)| *events > 0)
    }

    /// Whether any strand had been named by then.
    fn was_known(&self) -> Result<bool, EngineError> {
        let Some((_, position)) = self.as_of else { return Ok(true) };
        for subject in self.strands() {
            if self.strand(subject)?.is_some_and(|row| row.named_by().2 < position) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The strand that stands for the customer: the smallest id of their strands.
    #[must_use]
    pub fn id(&self) -> SubjectId {
        self.strands().iter().min().copied().unwrap_or(SubjectId([0; 16]))
    }

    /// The strand that they were asked for by.
    #[must_use]
    pub fn asked(&self) -> SubjectId {
        self.asked
    }

    /// Whether a link that an event tells of holds no more: one of the strands that it names is not among these.
    #[must_use]
    pub fn has_parted(&self, event: &Event) -> bool {
        matches!(event.kind, Kind::IdentityLinked(_))
            && std::iter::once(&event.strand).chain(&event.also).any(|named| !self.strands().contains(&named.subject))
    }

    /// The picture that the answers come from.
    #[must_use]
    pub fn picture(&self) -> &Arc<Picture> {
        &self.picture
    }

    /// The strands, with how each came to be linked.
    #[must_use]
    pub fn members(&self) -> &[Member] {
        &self.seen.members
    }

    /// The moment that this is a view of, when it is one of the past.
    #[must_use]
    pub fn as_of(&self) -> Option<Micros> {
        self.as_of.map(|(at, _)| at)
    }

    /// All events before this position are in.
    #[must_use]
    pub fn through(&self) -> Position {
        self.as_of.map_or(self.picture.through(), |(_, position)| position)
    }

    pub(super) fn position(&self) -> Option<Position> {
        self.as_of.map(|(_, position)| position)
    }

    /// What is known of one of the strands.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails.
    pub fn strand(&self, subject: &SubjectId) -> Result<Option<StrandRow>, EngineError> {
        Ok(StrandRow::read(&self.picture.reader, subject)?)
    }

    /// The first of the strands that a test holds for.
    pub(super) fn first_strand_that<E: Into<EngineError>>(
        &self,
        test: impl Fn(&SubjectId) -> Result<bool, E>,
    ) -> Result<Option<SubjectId>, EngineError> {
        let mut sorted = self.strands().to_vec();
        sorted.sort();
        for subject in sorted {
            if test(&subject).map_err(Into::into)? {
                return Ok(Some(subject));
            }
        }
        Ok(None)
    }

    /// The fold of all their events: everything that is known of them, but for what is sealed.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails.
    pub fn context(&self) -> Result<Arc<Context>, EngineError> {
        match self.position() {
            Some(position) => self.fold_past(position).map(Arc::new),
            None => Ok(Folded::of(&self.picture, self.id(), &self.seen)?.context.clone()),
        }
    }

    fn fold_past(&self, position: Position) -> Result<Context, EngineError> {
        let rules = &self.picture.shared.context_rules;
        let mut context = Context::default();
        let span = Span { as_of: Some(position), ..Span::default() };
        for entry in Merged::forwards(&self.picture.reader, &self.seen.with_events, span)? {
            context.fold(&entry?.event()?, rules);
        }
        Ok(context)
    }

    /// A page of the timeline.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails.
    pub fn timeline(&self, args: PageArgs, filter: &TimelineFilter) -> Result<Page, EngineError> {
        if filter.is_open()
            && self.as_of.is_none()
            && let Some(newest) = self.seen.newest(&self.picture, args)?
        {
            return Ok(newest);
        }
        let open = |event: &Event| self.open_quietly(event);
        Ok(page(&self.picture.reader, &self.seen.with_events, args, filter, self.position(), &open)?)
    }

    /// How many entries the timeline has.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails.
    pub fn count_all(&self) -> Result<u64, EngineError> {
        if self.as_of.is_some() {
            return self.count(&TimelineFilter::default());
        }
        Ok(self.seen.events.iter().sum())
    }

    /// How many entries of the timeline a filter lets through.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails.
    pub fn count(&self, filter: &TimelineFilter) -> Result<u64, EngineError> {
        let open = |event: &Event| self.open_quietly(event);
        Ok(count(&self.picture.reader, &self.seen.with_events, filter, self.position(), &open)?)
    }

    /// How many entries of each channel and kind a filter lets through.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails.
    pub fn groups(&self, filter: &TimelineFilter) -> Result<Vec<(Channel, &'static str, u64)>, EngineError> {
        let open = |event: &Event| self.open_quietly(event);
        Ok(groups(&self.picture.reader, &self.seen.with_events, filter, self.position(), &open)?)
    }

    /// For a filter on text: what cannot be opened has no text. Why it cannot is in the log.
    fn open_quietly(&self, event: &Event) -> Option<Personal> {
        self.picture.open(event).unwrap_or_else(|cause| {
            tracing::error!(%cause, position = %event.position, "an event could not be opened");
            None
        })
    }

    /// The entries that references point to, in their order; `None` for one that is not there.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails.
    pub fn entries(&self, refs: &[EventRef]) -> Result<Vec<Option<Stored>>, EngineError> {
        refs.iter().map(|reference| self.entry(reference)).collect()
    }

    fn entry(&self, reference: &EventRef) -> Result<Option<Stored>, EngineError> {
        if let Some(kept) = self.seen.entry(reference.position) {
            return Ok(Some(kept));
        }
        let read = self.picture.entry(reference)?.map(Arc::new);
        if let Some(stored) = &read {
            self.seen.keep_older(stored);
        }
        Ok(read)
    }

    /// The personal part that a reference points to; `None` when it was erased.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails.
    pub fn reveal(&self, reference: &EventRef) -> Result<Option<Personal>, EngineError> {
        match self.entry(reference)? {
            Some(stored) => self.picture.open(&stored.1),
            None => Ok(None),
        }
    }

    /// The newest name that a profile gives; `None` when there is none or it was erased.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails.
    pub fn display_name(&self) -> Result<Option<String>, EngineError> {
        let context = self.context()?;
        let Some(reference) = context.display_name() else { return Ok(None) };
        let personal = self.reveal(&reference)?;
        let name = personal.and_then(|p| p.value.as_ref().and_then(|v| v.get(NAME)?.as_str().map(str::to_owned)));
        Ok(name)
    }

    /// The identifier of one strand, read from an event that names it.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails.
    pub fn identifier(&self, subject: &SubjectId) -> Result<Option<KnownIdentifier>, EngineError> {
        let Some(row) = self.strand(subject)? else { return Ok(None) };
        let identifier = self.picture.identifier_of(&row, subject, self.position())?;
        Ok(Some(KnownIdentifier {
            identifier,
            kind: row.kind.clone(),
            verified: row.is_verified(self.position()),
            first_seen_at: row.first_at(self.position()),
        }))
    }

    /// Where an entry stands, for paging from it.
    #[must_use]
    pub fn cursor(entry: &Entry) -> Cursor {
        entry.place().into()
    }
}
