//! A small synthetic world for the demonstration: made-up customers of a made-up shop, over about 120 days.
//!
//! Every event carries the dimension `synthetic`. There is no clock and no chance in it: the same day gives the same
//! events. One file tells each group of stories; [`star`] tells that of the customer whom the demonstration shows.

mod calls;
mod dice;
mod joining;
mod pen;
mod people;
mod rarities;
mod selling;
pub(crate) mod star;
mod stories;
mod talk;
#[cfg(test)]
mod tests;
mod texts;
mod writing;

pub(crate) use star::STAR;

use crate::event::{Flat, Micros};

/// The events of the days before `today`, a midnight in UTC, in the order in which they happened.
pub(crate) fn events(today: Micros) -> Vec<Flat> {
    let mut pen = pen::Pen::new(today);
    star::shines(&mut pen);
    rarities::happen(&mut pen);
    stories::befall_everybody(&mut pen);
    pen.into_events()
}
