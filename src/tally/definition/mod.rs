//! What an analysis is: a text of a few lines.
//!
//! ```toml
//! name = "again"                         # the name that it is asked by
//! version = 1                            # raised when the text changes
//! title = { "pt-BR" = "Reclama de novo", en = "Complains again" }
//! over = "cases"                         # events, contacts, cases, conversations, transitions or visits
//! where = 'resolved && demand == "complaint"'      # which rows; all when absent
//! group_by = ["channel", "dimensions.district"]    # in which groups; one when absent
//! at = "opened_at"                       # the moment that puts a row in its bucket; the usual one when absent
//! bucket = "month"                       # hour, day, week, month, quarter or year; all in one when absent
//! timezone = "America/Sao_Paulo"         # whose days and months; the store's when absent
//! window = "30d"                         # figures are provisional until so long behind the end of their bucket
//!
//! [measures]
//! cases = 'count()'
//! again = 'share(next_complaint_ms <= 2592000000)'
//! ```
//!
//! Groups may have names of their own: `[group_by]` with `hour = 'started_at.getHours()'`. Expressions are those of
//! [`expression`](super::expression); everything that is wrong with the text is found before anything runs, and told at once.

mod columns;
mod read;
mod replacing;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use jiff::tz::TimeZone;

use super::bucket::Span;
use super::cell::{Cell, Figure};
use super::expression::{Expression, Formula, Measure};
use crate::event::Hash;
use crate::written::{Mistake, Mistakes};

/// Over which rows an analysis goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Over {
    /// One for each event.
    Events,
    /// One for each contact.
    Contacts,
    /// One for each case.
    Cases,
    /// One for each conversation.
    Conversations,
    /// One for each step of a customer.
    Transitions,
    /// One for each place of the journey where a customer was on a day.
    Visits,
}

impl Over {
    /// The words, in the order of the variants.
    pub const WORDS: &'static [&'static str] =
        &["events", "contacts", "cases", "conversations", "transitions", "visits"];
    const ALL: [Self; 6] =
        [Self::Events, Self::Contacts, Self::Cases, Self::Conversations, Self::Transitions, Self::Visits];

    /// Its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Contacts => "contacts",
            Self::Cases => "cases",
            Self::Conversations => "conversations",
            Self::Transitions => "transitions",
            Self::Visits => "visits",
        }
    }

    /// The one of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|over| over.word() == word)
    }
}

/// A definition that was read and found right.
#[derive(Clone, Debug)]
pub struct Definition {
    pub(super) name: String,
    pub(super) version: u32,
    pub(super) titles: BTreeMap<String, String>,
    pub(super) over: Over,
    pub(super) bucket: Option<Span>,
    pub(super) zone: (String, TimeZone),
    /// Microseconds.
    pub(super) window: i64,
    pub(super) groups: Vec<(String, Expression)>,
    pub(super) figures: Vec<(String, Formula)>,
    pub(super) measures: Vec<Measure>,
    pub(super) condition: Option<Expression>,
    pub(super) at: Expression,
    usual_at: bool,
    /// What is wrong with the names of its columns.
    misnamed: Vec<Mistake>,
    text: String,
}

impl Definition {
    /// Reads a definition. `zone` is the one of an analysis that names none.
    ///
    /// # Errors
    /// [`Mistakes`] lists all of them, with their lines and columns.
    pub fn read(text: &str, zone: &str) -> Result<Self, Mistakes> {
        read::read(text, zone).map_err(Mistakes)
    }

    /// Whether its measures have proper names and no two columns of its answers have the same one. It is asked of a definition that
    /// comes in: one that a store keeps may be older than this rule, and is read all the same.
    ///
    /// # Errors
    /// [`Mistakes`] lists the names that have to be others, with their lines and columns.
    pub fn check_columns(&self) -> Result<(), Mistakes> {
        if self.misnamed.is_empty() { Ok(()) } else { Err(Mistakes(self.misnamed.clone())) }
    }

    /// The name that it is asked by.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version
    }

    /// Its title in a language, such as `pt-BR`; in the nearest that there is, else its name.
    #[must_use]
    pub fn title(&self, language: &str) -> &str {
        let base = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let same = self.titles.iter().find(|(known, _)| known.eq_ignore_ascii_case(language));
        let near = || self.titles.iter().find(|(known, _)| base(known) == base(language));
        let found = same.or_else(near).or_else(|| self.titles.get_key_value("en"));
        found.or_else(|| self.titles.first_key_value()).map_or(&self.name, |(_, title)| title)
    }

    /// Over which rows it goes.
    #[must_use]
    pub fn over(&self) -> Over {
        self.over
    }

    /// How long its buckets are; `None` when all is in one.
    #[must_use]
    pub fn bucket(&self) -> Option<Span> {
        self.bucket
    }

    /// Whose days and months they are.
    #[must_use]
    pub fn zone_name(&self) -> &str {
        &self.zone.0
    }

    /// The zone itself.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone.1
    }

    /// For how many microseconds behind the end of a bucket its figures are provisional.
    #[must_use]
    pub fn window(&self) -> i64 {
        self.window
    }

    /// The names of what rows are grouped by.
    pub fn groups(&self) -> impl ExactSizeIterator<Item = &str> {
        self.groups.iter().map(|(name, _)| name.as_str())
    }

    /// The names of the figures.
    pub fn figures(&self) -> impl ExactSizeIterator<Item = &str> {
        self.figures.iter().map(|(name, _)| name.as_str())
    }

    /// The figures of a cell.
    #[must_use]
    pub fn figures_of(&self, cell: &Cell) -> Vec<Figure> {
        let measured = cell.figures(&self.measures);
        self.figures.iter().map(|(_, formula)| formula.of(&measured)).collect()
    }

    /// Whether rows are in the bucket of the moment at which they begin.
    #[must_use]
    pub fn is_at_its_usual_moment(&self) -> bool {
        self.usual_at
    }

    /// The text that it was read of.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What tells it from every other: the same for the same text and zone.
    #[must_use]
    pub fn id(&self) -> u64 {
        let rows = super::ROWS_VERSION;
        let hash = Hash::of(format!("{rows}\0{}\0{}", self.zone.0, self.text).as_bytes());
        hash.0.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }

    /// The numbers of the kinds of events that it counts; `None` when it may be any.
    #[must_use]
    pub fn kinds(&self) -> Option<Vec<u16>> {
        let names = self.condition.as_ref()?.only(super::events::KIND)?;
        Some(names.iter().filter_map(|name| crate::event::Kind::named(name)).map(|info| info.code).collect())
    }

    /// Whether it counts steps between kinds; those are made only when somebody does.
    #[must_use]
    pub fn wants_kind_steps(&self) -> bool {
        let only = self.condition.as_ref().and_then(|condition| condition.only(super::entity::STEP_OF));
        self.over == Over::Transitions && only.is_none_or(|words| words.contains(&"kind"))
    }
}
