//! Customers who were somewhere on the journey, the latest first.

use compact_str::CompactString;

use super::Tallies;
use super::pages::broken;
use super::tables::{BUNDLES, PAGES, customer_of, day_prefix, known_days};
use crate::engine::error::EngineError;
use crate::event::{Micros, Position, SubjectId, codec};
use crate::tally::{Page, day_of};

/// Pages that are looked at at most: what is rare and long ago is not found.
const MOST_PAGES: usize = 50_000;

/// Where on the journey: `None` is anywhere, `Some(None)` where nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Somewhere {
    /// The stage.
    pub stage: Option<Option<String>>,
    /// The touchpoint.
    pub touchpoint: Option<Option<String>>,
    /// The department.
    pub department: Option<Option<String>>,
    /// From this moment on.
    pub from: Option<Micros>,
    /// Before this moment.
    pub until: Option<Micros>,
}

/// A customer who was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// Who.
    pub customer: SubjectId,
    /// When.
    pub at: Micros,
    /// The event that tells of it.
    pub position: Position,
}

/// A row's stage, touchpoint and department, when, and by which event.
type Place<'r> = ([&'r Option<CompactString>; 3], Micros, u64);

impl Somewhere {
    fn is_at(&self, place: &Place<'_>) -> bool {
        let wanted = [&self.stage, &self.touchpoint, &self.department];
        let fits = |(wanted, said): (&Option<Option<String>>, &Option<CompactString>)| {
            wanted.as_ref().is_none_or(|wanted| wanted.as_deref() == said.as_deref())
        };
        let at = place.1;
        wanted.into_iter().zip(place.0).all(fits)
            && self.from.is_none_or(|from| at >= from)
            && self.until.is_none_or(|until| at < until)
    }
}

impl Tallies {
    /// Customers who were somewhere, each once, the latest first; at most so many.
    ///
    /// # Errors
    /// [`EngineError`] when the views cannot be read.
    pub fn examples(&self, somewhere: &Somewhere, most: usize) -> Result<Vec<Example>, EngineError> {
        let reader = self.shared.views.reader()?;
        let first = somewhere.from.map_or(i32::MIN, day_of);
        let last = somewhere.until.map_or(i32::MAX, day_of);
        let mut left = MOST_PAGES;
        let mut found: Vec<Example> = Vec::new();
        for day in known_days(&reader)?.into_iter().rev().filter(|day| (first..=last).contains(day)) {
            for bundle in 0..BUNDLES {
                for row in reader.prefix(PAGES, &day_prefix(bundle, day))?.take(left) {
                    let (key, bytes) = row?;
                    left -= 1;
                    let customer = customer_of(&key).ok_or_else(|| broken(PAGES))?;
                    if found.iter().any(|known| known.customer == customer) {
                        continue;
                    }
                    let page: Page = codec::unpack(&bytes).map_err(|_| broken(PAGES))?;
                    let visits = page.visits.iter();
                    let places =
                        visits.map(|row| ([&row.stage, &row.touchpoint, &row.department], row.at, row.position));
                    let there = places.filter(|place| somewhere.is_at(place)).max_by_key(|(_, at, _)| *at);
                    found.extend(there.map(|(_, at, position)| Example { customer, at, position: Position(position) }));
                }
            }
            if found.len() >= most || left == 0 {
                break;
            }
        }
        found.sort_by_key(|example| std::cmp::Reverse(example.at));
        found.truncate(most);
        Ok(found)
    }
}
