//! What is known of each strand: how many events it has, between which moments, and where its identifier can be read.

use std::collections::HashMap;

use quick_cache::unsync::Cache;
use serde::{Deserialize, Serialize};

use crate::event::{Channel, Direction, Event, IdentifierKind, Micros, Position, Strand, SubjectId};
use crate::views::{Applied, Projection, Reader, Rows, TableSpec, Use, ViewError, Views};

pub(super) const TABLE: &str = "strands";

/// What is known of a strand. No personal data: its identifier is sealed in the event that `named_*` points to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StrandRow {
    /// The kind of its identifier.
    pub kind: String,
    /// Events filed under it: also the revision of its next.
    pub events: u64,
    /// The last event filed under it; 0 when there is none.
    pub last_position: u64,
    /// When it was first named, in the customer's time: every moment that was the earliest once, with the position of the event
    /// that told of it, the newest last. Of more than 16 the first and the newest.
    earliest: Vec<(u64, i64)>,
    /// When it was last named.
    pub last_at: i64,
    /// The strand under which the first event that names it is filed.
    pub named_under: [u8; 16],
    /// When that event happened.
    pub named_at: i64,
    /// Where it stands in the log.
    pub named_position: u64,
    /// The position of the event by which the customer first came to us from it, in a channel that proves that it is theirs.
    verified_by: Option<u64>,
}

/// Earliest moments of a strand that are kept: as many as fall back by late arrivals, and not one for each of a past that is
/// told backwards.
const MOST_EARLIEST: usize = 16;

impl StrandRow {
    /// The row of a strand as it is now.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn latest(views: &Views, subject: &SubjectId) -> Result<Option<Self>, ViewError> {
        let row = views.latest(TABLE, subject.as_bytes())?;
        row.map(|bytes| crate::event::codec::unpack(&bytes))
            .transpose()
            .map_err(|cause| ViewError::Row { table: TABLE, cause })
    }

    /// The row of a strand in a reader's picture.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn read(reader: &Reader, subject: &SubjectId) -> Result<Option<Self>, ViewError> {
        reader.get_packed(TABLE, subject.as_bytes())
    }

    /// Every strand, in the order of their ids.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn all(reader: &Reader) -> Result<impl Iterator<Item = Result<SubjectId, ViewError>> + use<>, ViewError> {
        Self::beginning_with(reader, &[])
    }

    /// Those whose id begins with some bytes, in the order of their ids.
    ///
    /// # Errors
    /// [`ViewError`] when the store fails.
    pub fn beginning_with(
        reader: &Reader,
        bytes: &[u8],
    ) -> Result<impl Iterator<Item = Result<SubjectId, ViewError>> + use<>, ViewError> {
        let rows = reader.prefix(TABLE, bytes)?;
        Ok(rows.filter_map(|row| row.map(|(key, _)| SubjectId::from_slice(&key)).transpose()))
    }

    fn new(strand: &Strand, event: &Event) -> Self {
        let at = event.header.occurred_at.0;
        Self {
            kind: strand.kind.as_str().to_owned(),
            events: 0,
            last_position: 0,
            earliest: vec![(event.position.0, at)],
            last_at: at,
            named_under: event.strand.subject.0,
            named_at: at,
            named_position: event.position.0,
            verified_by: None,
        }
    }

    fn see(&mut self, event: &Event, own: bool, proven: bool) {
        let at = event.header.occurred_at.0;
        if self.earliest.last().is_none_or(|(_, earliest)| at < *earliest) {
            if self.earliest.len() == MOST_EARLIEST {
                self.earliest.remove(1);
            }
            self.earliest.push((event.position.0, at));
        }
        self.last_at = self.last_at.max(at);
        if proven && self.verified_by.is_none() {
            self.verified_by = Some(event.position.0);
        }
        if own {
            self.events += 1;
            self.last_position = event.position.0;
        }
    }

    /// When it was first named, in the customer's time; by the events before a position, or by all.
    #[must_use]
    pub fn first_at(&self, as_of: Option<Position>) -> Micros {
        let told = |(position, _): &&(u64, i64)| as_of.is_none_or(|end| *position < end.0);
        let earliest = self.earliest.iter().rev().find(told).or(self.earliest.first());
        Micros(earliest.map_or(self.named_at, |(_, at)| *at))
    }

    /// Whether the customer has come to us from it, in a channel that proves that it is theirs; by the events before a position,
    /// or by all.
    #[must_use]
    pub fn is_verified(&self, as_of: Option<Position>) -> bool {
        self.verified_by.is_some_and(|position| as_of.is_none_or(|end| position < end.0))
    }

    /// Where the identifier can be read: the strand, moment and position of an event that names it.
    #[must_use]
    pub fn named_by(&self) -> (SubjectId, Micros, Position) {
        (SubjectId(self.named_under), Micros(self.named_at), Position(self.named_position))
    }
}

/// Whether coming in by this channel proves that an identifier of this kind is the customer's.
fn proves(channel: &Channel, kind: &IdentifierKind) -> bool {
    match channel {
        Channel::Voice | Channel::Ivr | Channel::Voicemail | Channel::Sms | Channel::Video => {
            *kind == IdentifierKind::PHONE
        }
        Channel::Whatsapp => *kind == IdentifierKind::WHATSAPP || *kind == IdentifierKind::PHONE,
        Channel::Email => *kind == IdentifierKind::EMAIL,
        Channel::Letter
        | Channel::Chat
        | Channel::Chatbot
        | Channel::Web
        | Channel::App
        | Channel::Store
        | Channel::Negotiation
        | Channel::Push
        | Channel::Survey
        | Channel::Social(_)
        | Channel::Other(_) => false,
    }
}

/// The projection that keeps the rows.
#[derive(Debug)]
pub struct Strands {
    open: HashMap<SubjectId, StrandRow>,
    /// Rows as they were written last: active strands come again in the next batch, and looking for a row costs as much as
    /// all else that is done for an event.
    written: Cache<SubjectId, StrandRow>,
}

/// Rows that are kept in memory, some 200 bytes each.
const WRITTEN_ROWS: usize = 64 * 1024;

impl Default for Strands {
    fn default() -> Self {
        Self { open: HashMap::new(), written: Cache::new(WRITTEN_ROWS) }
    }
}

impl Strands {
    fn see(&mut self, strand: &Strand, event: &Event, own: bool, rows: &Rows<'_>) -> Result<(), ViewError> {
        let inbound = event.header.direction == Direction::Inbound;
        let proven = inbound && proves(&event.header.channel, &strand.kind);
        if let Some(row) = self.open.get_mut(&strand.subject) {
            row.see(event, own, proven);
            return Ok(());
        }
        let stored = match self.written.remove(&strand.subject) {
            Some((_, row)) => Some(row),
            None => rows.get_packed(TABLE, strand.subject.as_bytes())?,
        };
        let mut row = stored.unwrap_or_else(|| StrandRow::new(strand, event));
        row.see(event, own, proven);
        self.open.insert(strand.subject, row);
        Ok(())
    }
}

impl Projection for Strands {
    fn name(&self) -> &'static str {
        "strands"
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> &'static [TableSpec] {
        &[TableSpec { name: TABLE, used_for: Use::Lookups }]
    }

    fn apply(&mut self, applied: Applied<'_>, rows: &mut Rows<'_>) -> Result<(), ViewError> {
        let event = applied.event;
        self.see(&event.strand, event, true, rows)?;
        event.also.iter().try_for_each(|strand| self.see(strand, event, false, rows))
    }

    fn finish(&mut self, rows: &mut Rows<'_>) -> Result<(), ViewError> {
        for (subject, row) in self.open.drain() {
            rows.put_packed(TABLE, subject.as_bytes(), &row)?;
            self.written.insert(subject, row);
        }
        Ok(())
    }
}
