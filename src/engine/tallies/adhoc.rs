//! An analysis that is counted once, of everything, and not kept.

use std::sync::Arc;

use super::answer::{Answer, Ask, AskError, Sheet};
use super::pages::{each_event, strands_of_part, strands_with};
use super::tables::PARTS;
use super::work::panicked;
use crate::engine::crew::Crew;
use crate::engine::error::EngineError;
use crate::engine::picture::Picture;
use crate::event::{Micros, Position, SubjectId, codec};
use crate::log::Chunk;
use crate::tally::{Collected, Definition, History, Over, Page, RowRules, Troubles};

/// Events that are read at once.
const SEGMENT_EVENTS: usize = 65_536;
/// Strands whose customers' rows are made at once.
const CUSTOMERS_AT_ONCE: usize = 1_024;

/// What was counted, and what could not be.
#[derive(Debug)]
pub struct Counted {
    /// The answer.
    pub answer: Answer,
    /// Rows that could not be counted.
    pub troubles: Troubles,
    /// Events that were read.
    pub events: u64,
}

impl Picture {
    /// Counts an analysis over everything in this picture, and keeps nothing. `progress` is told how many of how many events, or
    /// of how many parts of all customers, are done.
    ///
    /// # Errors
    /// [`AskError`] when the question does not fit the analysis, or the store fails.
    pub fn count(
        &self,
        definition: Arc<Definition>,
        ask: Ask,
        now: Micros,
        progress: impl FnMut(u64, u64),
    ) -> Result<Counted, AskError> {
        let mut sheet = Sheet::new(definition.clone(), ask)?;
        let crew = Crew::that_comes_last();
        let (collected, events) = match definition.over() {
            Over::Events => self.count_log(&definition, &crew, progress)?,
            Over::Contacts | Over::Cases | Over::Conversations | Over::Transitions | Over::Visits => {
                self.count_customers(&definition, &crew, progress)?
            }
        };
        let (cells, by_day) = collected.into_parts();
        let mut troubles = Troubles::default();
        by_day.into_values().for_each(|some| troubles.merge(some));
        cells.into_iter().for_each(|(spot, cell)| sheet.add(spot, cell));
        Ok(Counted { answer: sheet.answer(self.through(), now), troubles, events })
    }

    /// Shows the rows of every customer in this picture: whose they are, and their pages. `progress` is told how many of how many
    /// parts of all customers are done.
    ///
    /// # Errors
    /// What `each` gives, and [`EngineError`] when the store fails.
    pub fn each_page<E: From<EngineError>>(
        &self,
        mut progress: impl FnMut(u64, u64),
        mut each: impl FnMut(&Page) -> Result<(), E>,
    ) -> Result<(), E> {
        let crew = Crew::that_comes_last();
        for part in 0..PARTS {
            let strands = strands_of_part(&self.reader, part)?;
            let work = |some: &[SubjectId]| -> Result<Vec<Page>, EngineError> {
                let mut pages = Vec::new();
                for strand in some {
                    let strands = strands_with(&self.reader, strand)?;
                    if strands.first() == Some(strand) {
                        let mut history = History::new(RowRules::default());
                        each_event(&self.reader, &strands, |event| history.see(event))?;
                        pages.extend(history.finish(*strand).into_iter().map(|(_, page)| page));
                    }
                }
                Ok(pages)
            };
            // A few customers at once, so that their rows need little room.
            for some in strands.chunks(CUSTOMERS_AT_ONCE) {
                crew.share(some, 16, panicked, work)?.iter().try_for_each(&mut each)?;
            }
            progress(u64::from(part) + 1, u64::from(PARTS));
        }
        Ok(())
    }

    fn count_log(
        &self,
        definition: &Arc<Definition>,
        crew: &Crew,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<(Collected, u64), EngineError> {
        let (mut all, mut next, until) = (Collected::new(definition.clone(), false), Position::ZERO, self.through());
        while next < until {
            let chunks = self.shared.feed.read(next, SEGMENT_EVENTS)?;
            let Some(last) = chunks.last() else { break };
            let end = last.end();
            let work = |piece: &[Chunk]| {
                let mut collected = Collected::new(definition.clone(), false);
                for chunk in piece {
                    for (position, record) in
                        chunk.records().filter(|(position, _)| *position >= next && *position < until)
                    {
                        let (event, _) = codec::decode_clear(position, chunk.recorded_at(), record)
                            .map_err(|cause| EngineError::Event { position, cause })?;
                        collected.event(&event);
                    }
                }
                Ok(vec![collected])
            };
            crew.share(&chunks, 64, panicked, work)?.into_iter().for_each(|some| all.merge(some));
            next = end;
            progress(next.min(until).0, until.0);
        }
        Ok((all, until.0))
    }

    fn count_customers(
        &self,
        definition: &Arc<Definition>,
        crew: &Crew,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<(Collected, u64), EngineError> {
        let (mut all, mut events) = (Collected::new(definition.clone(), false), 0);
        for part in 0..PARTS {
            let strands = strands_of_part(&self.reader, part)?;
            let work = |piece: &[SubjectId]| {
                let (mut collected, mut events) = (Collected::new(definition.clone(), false), 0);
                for strand in piece {
                    let strands = strands_with(&self.reader, strand)?;
                    if strands.first() == Some(strand) {
                        let mut history = History::new(RowRules::default());
                        events += each_event(&self.reader, &strands, |event| history.see(event))?;
                        let customer: Arc<str> = Arc::from(strand.to_string());
                        history.finish(*strand).iter().for_each(|(_, page)| collected.page(&customer, page));
                    }
                }
                Ok::<_, EngineError>(vec![(collected, events)])
            };
            for (some, read) in crew.share(&strands, 16, panicked, work)? {
                all.merge(some);
                events += read;
            }
            progress(u64::from(part) + 1, u64::from(PARTS));
        }
        Ok((all, events))
    }
}
