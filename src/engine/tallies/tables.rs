//! What analyses keep in the views: side tables, written by one thread alone.

use serde::{Deserialize, Serialize};

use super::spill::Block;
use crate::event::{Micros, SubjectId};
use crate::tally::{Cell, Group, Spot};
use crate::views::{Reader, TableSpec, Use, ViewError};

/// The rows of customers by the day on which they begin: bundle, day, customer. A pass makes one bundle of customers after the
/// other, so that what it writes lies behind what it wrote: ten million events would be merged several times over otherwise.
pub(super) const PAGES: &str = "tally_pages";
/// Which pages there are of a customer, and what each was: by the strand that stands for them.
pub(super) const ROSTERS: &str = "tally_rosters";
/// Cells: analysis, day of the rows.
pub(super) const CELLS: &str = "tally_cells";
/// What could not be counted: analysis, day.
pub(super) const TROUBLES: &str = "tally_troubles";
/// Days whose rows are to be counted anew: analysis, or 0 for all; day.
pub(super) const DUE: &str = "tally_todo";
/// Where each analysis stands, which one serves by a name, and how far the pages are.
pub(super) const STATES: &str = "tally_states";

/// All of them.
pub(in crate::engine) const TABLES: [TableSpec; 6] = [
    TableSpec { name: PAGES, used_for: Use::Redone },
    TableSpec { name: ROSTERS, used_for: Use::Redone },
    TableSpec { name: CELLS, used_for: Use::Index },
    TableSpec { name: TROUBLES, used_for: Use::Small },
    TableSpec { name: DUE, used_for: Use::Small },
    TableSpec { name: STATES, used_for: Use::Small },
];

/// Where an analysis stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Standing {
    /// Events before this position are counted; of an analysis over events.
    pub(super) through: u64,
    /// Whether it has been complete once.
    pub(super) built: bool,
    /// Why it cannot be counted.
    pub(super) failed: Option<String>,
    /// Days that were to be counted when its build began.
    pub(super) days: u64,
}

/// Which analyses of one name there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Posts {
    /// The one that answers.
    pub(super) serving: Option<u64>,
    /// The one that answered before, which follows along.
    pub(super) previous: Option<u64>,
    /// The one that is built beside it.
    pub(super) building: Option<u64>,
    /// Whether that one waits for somebody to say that it is to answer.
    pub(super) held: bool,
}

impl Posts {
    /// All of them.
    pub(super) fn all(&self) -> impl Iterator<Item = u64> {
        [self.serving, self.previous, self.building].into_iter().flatten()
    }
}

/// How far the pages are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Paged {
    /// What the rows look like: of another version, or by other rules, they are made anew.
    pub(super) form: u64,
    /// Events before this position are in.
    pub(super) through: u64,
    /// Up to here they are counted as well: every day that changed was.
    pub(super) counted: u64,
    /// A pass over all customers that is under way.
    pub(super) pass: Option<Pass>,
}

/// A pass over all customers: first the log is gone through, then the customers by the first byte of the strand that stands for
/// them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pass {
    /// Up to where the log was when it began.
    pub(super) through: u64,
    /// Events before this position are sorted out by customers.
    pub(super) spilt: u64,
    /// Where it stands where they are.
    pub(super) index: Option<Block>,
    /// The first part that is not done.
    pub(super) next: u16,
    /// Whether there were no pages when it began.
    pub(super) is_first: bool,
}

/// Raised whenever rows of these tables are laid down otherwise: then they are emptied, and everything is counted anew.
pub(super) const LAYOUT: u32 = 7;

/// The key of the layout among the states.
pub(super) const LAID_OUT: &[u8] = b"layout";

/// So many parts a pass has.
pub(super) const PARTS: u16 = 256;

/// So many parts make a bundle.
pub(super) const BUNDLED_PARTS: u8 = 2;

/// So many bundles there are.
pub(super) const BUNDLES: u8 = (PARTS / BUNDLED_PARTS as u16) as u8;

/// What the keys among the states begin with that say which days have pages.
const KNOWN_DAY: &[u8] = b"day/";

/// The key of [`Paged`] among the states.
pub(super) const PAGED: &[u8] = b"pages";

/// The key of a [`Standing`].
pub(super) fn standing_key(id: u64) -> Vec<u8> {
    [b"is/".as_slice(), &id.to_be_bytes()].concat()
}

/// The key of [`Posts`].
pub(super) fn posts_key(name: &str) -> Vec<u8> {
    [POSTS, name.as_bytes()].concat()
}

/// What the keys of all [`Posts`] begin with.
pub(super) const POSTS: &[u8] = b"at/";

/// A day, so that bytes order as days do.
fn day_bytes(day: i32) -> [u8; 4] {
    ((day as u32) ^ (1 << 31)).to_be_bytes()
}

fn day_at(key: &[u8], at: usize) -> Option<i32> {
    let bytes: [u8; 4] = key.get(at..at + 4)?.try_into().ok()?;
    Some((u32::from_be_bytes(bytes) ^ (1 << 31)) as i32)
}

/// What the keys of a day's pages begin with, for the customers of one bundle.
pub(super) fn day_prefix(bundle: u8, day: i32) -> Vec<u8> {
    let mut prefix = vec![bundle];
    prefix.extend_from_slice(&day_bytes(day));
    prefix
}

/// The key of a page.
pub(super) fn page_key(day: i32, customer: &SubjectId) -> Vec<u8> {
    let [first, ..] = customer.0;
    let mut key = day_prefix(first / BUNDLED_PARTS, day);
    key.extend_from_slice(customer.as_bytes());
    key
}

/// The customer of a page's key.
pub(super) fn customer_of(key: &[u8]) -> Option<SubjectId> {
    SubjectId::from_slice(key.get(5..)?)
}

/// The key by which a day is known to have pages, or to have had some.
pub(super) fn known_day_key(day: i32) -> Vec<u8> {
    [KNOWN_DAY, day_bytes(day).as_slice()].concat()
}

/// The days that are known by such keys, the earliest first.
pub(super) fn known_days(reader: &Reader) -> Result<Vec<i32>, ViewError> {
    let days = reader.prefix(STATES, KNOWN_DAY)?;
    days.filter_map(|row| row.map(|(key, _)| day_at(&key, KNOWN_DAY.len())).transpose()).collect()
}

/// The key of something of an analysis on a day.
pub(super) fn day_key(id: u64, day: i32) -> Vec<u8> {
    [id.to_be_bytes().as_slice(), &day_bytes(day)].concat()
}

/// The analysis and the day of such a key.
pub(super) fn day_of_key(key: &[u8]) -> Option<(u64, i32)> {
    let id: [u8; 8] = key.get(..8)?.try_into().ok()?;
    Some((u64::from_be_bytes(id), day_at(key, 8)?))
}

/// The cells of an analysis over the rows of one day, by bucket and group.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct DayCells(pub(super) Vec<(i64, Vec<u8>, Cell)>);

impl DayCells {
    /// Lays cells of one day down.
    pub(super) fn of(cells: impl IntoIterator<Item = (Spot, Cell)>) -> Self {
        let lay = |(spot, cell): (Spot, Cell)| (spot.bucket.0, spot.group.as_bytes().to_vec(), cell);
        Self(cells.into_iter().map(lay).collect())
    }

    /// The cells, and where each stands; `None` when a group is none.
    pub(super) fn spots(self, day: i32) -> Option<Vec<(Spot, Cell)>> {
        let read = |(bucket, group, cell): (i64, Vec<u8>, Cell)| {
            Some((Spot { day, bucket: Micros(bucket), group: Group::from_bytes(&group)? }, cell))
        };
        self.0.into_iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tally::Value;

    #[test]
    fn days_before_1970_come_first_and_keys_are_read_back() {
        let customer = SubjectId([3; 16]);
        let keys: Vec<_> = [-2, -1, 0, 20_000].map(|day| page_key(day, &customer)).to_vec();
        assert!(keys.is_sorted());
        assert_eq!(customer_of(&keys[0]), Some(customer));
        assert!(keys.iter().zip([-2, -1, 0, 20_000]).all(|(key, day)| key.starts_with(&day_prefix(1, day))));
        assert_eq!((page_key(0, &SubjectId([0xff; 16]))[0], BUNDLES), (127, 128));
        let mut group = Group::none();
        group.push(&Value::text("voice"));
        let spot = Spot { day: -2, bucket: Micros(-5), group };
        let measures = Cell::new(&[]);
        let cells = DayCells::of([(spot.clone(), measures.clone())]);
        assert_eq!((day_of_key(&day_key(7, -2)), cells.spots(-2)), (Some((7, -2)), Some(vec![(spot, measures)])));
    }
}
