//! A synthetic world of customers: what a company's systems would send, line by line, in the order in which it happens, with
//! some late. The same for the same numbers.
//!
//! Memory is bounded: by one bit a customer, and by the stories that are going on at once.

#![expect(
    clippy::indexing_slicing,
    clippy::expect_used,
    reason = "places are drawn within what there is; texts and numbers always become JSON"
)]

mod dice;
pub(crate) mod line;
mod people;
mod stories;
mod story;
mod texts;

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use dice::Dice;
use people::Person;
use story::Story;

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;

/// Midnight of 1 January 2024 in Brasília, when the world begins.
const BEGINNING: i64 = 1_704_078_000 * SECOND;
/// How long it lasts, about.
const YEAR: i64 = 365 * 24 * 60 * MINUTE;
/// Events of a story, about; sets how fast stories follow each other.
const STORY_EVENTS: u64 = 8;
/// A world of fewer ends earlier.
const FEWEST_STORIES: u64 = 24;
/// Most lines that wait for their time; from then on the earliest goes out at once.
const MOST_WAITING: usize = 100_000;

/// What the world is made of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// Another number, another world.
    pub(crate) seed: u64,
    /// Events in all.
    pub(crate) events: u64,
    /// Customers in all; the busiest of them have about a hundred times as many events as most.
    pub(crate) customers: u64,
}

/// The lines, one after the other, each with its end.
pub(crate) struct World {
    plan: Plan,
    dice: Dice,
    stories: u64,
    now: i64,
    left: u64,
    known: Vec<u64>,
    waiting: BinaryHeap<Reverse<(i64, u64, Vec<u8>)>>,
    written: u64,
}

impl World {
    /// The world of a plan; of at least one customer.
    pub(crate) fn new(plan: Plan) -> Self {
        let plan = Plan { customers: plan.customers.max(1), ..plan };
        let known = vec![0; plan.customers.div_ceil(64) as usize];
        let (dice, waiting) = (Dice::new(plan.seed, 0), BinaryHeap::new());
        Self { plan, dice, stories: 0, now: BEGINNING, left: plan.events, known, waiting, written: 0 }
    }

    /// Begins the next story.
    fn begin(&mut self) {
        let pace = YEAR as u64 / (self.plan.events / STORY_EVENTS).max(FEWEST_STORIES);
        self.now += (self.dice.between(0, 2 * pace)) as i64;
        let number = self.customer();
        let who = Person::new(self.plan.seed, number);
        self.stories += 1;
        let id = format!("{:x}-{}", self.plan.seed, self.stories);
        let at = waking(self.now, &mut self.dice);
        let mut story = Story::new(&who, Dice::new(self.plan.seed, self.stories * 2), id, at);
        let (word, bit) = (number as usize / 64, 1_u64 << (number % 64));
        story.tell(self.known[word] & bit == 0);
        self.known[word] |= bit;
        for (at, line) in story.told {
            self.written += 1;
            // One in fifty comes late: its system was offline.
            let late = if self.dice.happens(2) { self.dice.between(60, 90_000) as i64 * SECOND } else { 0 };
            self.waiting.push(Reverse((at + late, self.written, line)));
        }
    }

    /// Some customers come far more often than others: of a hundred, the busiest one has a sixth of the stories.
    fn customer(&mut self) -> u64 {
        const START: f64 = 0.05;
        let at = START + (1.0 - START) * self.dice.fraction();
        let share = (at.powi(3) - START.powi(3)) / (1.0 - START.powi(3));
        ((share * self.plan.customers as f64) as u64).min(self.plan.customers - 1)
    }
}

impl Iterator for World {
    type Item = Vec<u8>;

    fn next(&mut self) -> Option<Vec<u8>> {
        self.left = self.left.checked_sub(1)?;
        loop {
            let due = |first: &Reverse<(i64, u64, Vec<u8>)>| first.0.0 <= self.now;
            if self.waiting.len() > MOST_WAITING || self.waiting.peek().is_some_and(due) {
                return self.waiting.pop().map(|Reverse((_, _, line))| line);
            }
            self.begin();
        }
    }
}

/// Most of what would happen at night happens by day: from 22 to 7 in Brasília, three hours behind UTC.
fn waking(at: i64, dice: &mut Dice) -> i64 {
    let hour = (at / (60 * MINUTE) - 3).rem_euclid(24);
    let asleep = !(7..22).contains(&hour) && dice.happens(85);
    if asleep { at + 10 * 60 * MINUTE } else { at }
}
