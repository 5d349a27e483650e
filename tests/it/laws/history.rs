//! Histories: deeds in the order in which they come in, and how they are cut into requests.

use std::fmt;

use proptest::prelude::*;

use super::deed::Deed;

/// Deeds in the order in which they come in. The place of each is its number.
#[derive(Clone, PartialEq)]
pub(super) struct History(pub(super) Vec<Deed>);

impl History {
    /// At most so many of any deeds.
    pub(super) fn any(most: usize) -> impl Strategy<Value = Self> {
        Self::of(Deed::any(), most)
    }

    /// At most so many deeds that leave customers as they are.
    pub(super) fn of_apart(most: usize) -> impl Strategy<Value = Self> {
        Self::of(Deed::of_one_customer(), most)
    }

    /// Every other deed is of the kind of one of three: what happens once is seldom in the way of anything.
    fn of(deed: impl Strategy<Value = Deed> + Clone, most: usize) -> impl Strategy<Value = Self> {
        let deeds = prop::collection::vec((deed.clone(), 0_usize..6), 1..=most);
        (prop::array::uniform3(deed), deeds).prop_map(|(often, deeds)| {
            let like = |(deed, which): (Deed, usize)| often.get(which).map_or(deed, |often| deed.like(often));
            Self(deeds.into_iter().map(like).collect())
        })
    }

    /// The deeds with their numbers.
    pub(super) fn numbered(&self) -> impl DoubleEndedIterator<Item = (usize, &Deed)> {
        self.0.iter().enumerate()
    }
}

/// A line for each deed, with its number.
impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "a history of {}:", self.0.len())?;
        self.numbered().try_for_each(|(number, deed)| writeln!(f, "  {number:>3}  {deed:?}"))
    }
}

/// How many go into each request; when the sizes are used up they begin again.
#[derive(Clone)]
pub(super) struct Cut(Vec<usize>);

impl fmt::Debug for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        write!(f, "requests of {} …", sizes.join(", "))
    }
}

impl Cut {
    pub(super) fn any() -> impl Strategy<Value = Self> {
        prop::collection::vec(1_usize..9, 1..5).prop_map(Self)
    }

    /// All in one.
    pub(super) fn none() -> Self {
        Self(vec![usize::MAX])
    }

    /// The pieces.
    pub(super) fn pieces<'a, T>(&self, mut rest: &'a [T]) -> Vec<&'a [T]> {
        let mut pieces = Vec::new();
        for size in self.0.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (piece, behind) = rest.split_at((*size).min(rest.len()));
            pieces.push(piece);
            rest = behind;
        }
        pieces
    }
}
