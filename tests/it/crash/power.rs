//! The power goes while a process appends, at any moment and again and again; nothing acknowledged is lost.
//!
//! The process runs on a disk that forgets what was not synced ([`super::disk`]). The power goes before an operation that
//! chance picks. What is left is checked in a copy; the next run begins with what is left itself, so that its opening, its
//! repairs and its catching up are cut in turn.

use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use super::check::{Depth, Found};
use super::dice::Dice;
use super::disk::{Cut, Disk, Left, NamesReached, Nature, Reached, Tree};
use super::process::{History, Said};
use super::settings;
use super::tally::Tally;

/// Cuts that one history goes through.
const CUTS_PER_HISTORY: u64 = 10;
/// The views are compared with a replay after each so many cuts.
const FULL_EVERY: u64 = 6;
/// Operations that opening takes, about: one cut in three comes before them.
const OPENING_OPERATIONS: u64 = 400;
/// Operations of a first start, about.
const FIRST_START_OPERATIONS: u64 = 300;
/// Operations before which the power goes, at most.
const MOST_OPERATIONS: u64 = 2_500;
/// A run that has not come so far by then is cut as it is.
const LONGEST: Duration = Duration::from_secs(20);

/// A history on a disk.
struct Target {
    history: History,
    tree: Tree,
    dice: Dice,
    notes: tempfile::TempDir,
}

/// What a run came to.
struct Run {
    said: Said,
    left: Left,
    /// Why the child stopped by itself while there was power.
    ended: Option<String>,
}

impl Target {
    fn new(seed: u64) -> Self {
        let notes = tempfile::tempdir().unwrap();
        Self { history: History::new(seed, notes.path()), tree: Tree::default(), dice: Dice::of(&[seed]), notes }
    }

    /// Runs a child on a disk of this nature until the power goes: at the latest when it has closed the store, or when so
    /// many events were acknowledged.
    fn run(&mut self, nature: &Nature, close_after_ms: Option<u64>, acknowledged: usize) -> Run {
        let senders = 1 + self.dice.below(4);
        let rebuild = self.dice.one_in(6);
        self.history.reboot();
        let disk = Disk::mount(&self.tree, nature);
        let child = self.history.write(&disk.path().join("data"), senders, rebuild, close_after_ms);
        let until = Instant::now() + LONGEST;
        let (mut heard, mut ended) = (0, None);
        while !disk.is_dead() && Instant::now() < until && heard < acknowledged {
            match child.next(Duration::from_millis(2)) {
                Ok(line) if line == "closed" || line == "idle" => break,
                Ok(line) if line.starts_with("stopped ") => ended = Some(line),
                Ok(line) => heard += usize::from(line.starts_with("ack ")),
                Err(RecvTimeoutError::Disconnected) => ended = Some("it ended".into()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            // Once the power is gone it may stop as it likes.
            ended = ended.filter(|_| !disk.is_dead());
            if ended.is_some() {
                break;
            }
        }
        disk.lose_power();
        // What the child still says rests on what was synced before.
        let said = child.kill();
        Run { said, left: disk.left(), ended }
    }

    /// Notes what a run acknowledged, and checks a copy of what the cut left.
    fn check(&mut self, run: &Run, depth: Depth) -> Result<Found, String> {
        self.history.note(&run.said)?;
        if let Some(why) = &run.ended {
            return Err(format!("the child stopped by itself: {why}"));
        }
        let copy = self.notes.path().join("copy");
        drop(std::fs::remove_dir_all(&copy));
        run.left.tree.write(&copy);
        self.history.reboot();
        self.history.check(&copy.join("data"), depth)
    }

    /// Shows all that is needed to look into it, and keeps what the cut left.
    fn fail(&self, nature: &Nature, run: &Run, what: &str) -> ! {
        let kept = std::env::temp_dir().join(format!("novelo-cut-{}", self.history.seed));
        drop(std::fs::remove_dir_all(&kept));
        run.left.tree.write(&kept);
        let (history, seed) = (&self.history, settings::seed());
        panic!(
            "run {} of history {}, cut before operation {} (bytes: {:?}, names: {:?}; {} syncs): {what}\n\
             what was left is kept: {}\nNOVELO_CRASH_SEED={seed} tries the same\nthe child said {:?}\n{}",
            history.run,
            history.seed,
            run.left.operations,
            nature.how.bytes,
            nature.how.names,
            run.left.syncs,
            kept.display(),
            run.said.lines,
            run.said.errors
        );
    }
}

#[test]
fn power_cuts_at_any_moment_lose_nothing_acknowledged() {
    let mut tally = Tally::default();
    let mut chance = Dice::of(&[settings::seed(), 2]);
    let mut target = Target::new(chance.roll() >> 16);
    for cut in 1..=settings::cuts() {
        if target.history.run == CUTS_PER_HISTORY {
            target = Target::new(chance.roll() >> 16);
        }
        let while_opening = chance.one_in(3);
        let (from, most) = if while_opening { (0, OPENING_OPERATIONS) } else { (OPENING_OPERATIONS, MOST_OPERATIONS) };
        let operation = from + chance.below(most);
        let nature =
            Nature { goes_before: Some(1 + operation), how: Cut::any(Dice::of(&[chance.roll()])), honest: true };
        let close_after_ms = chance.one_in(8).then(|| chance.below(500));
        let run = target.run(&nature, close_after_ms, usize::MAX);
        let last = cut == settings::cuts() || target.history.run == CUTS_PER_HISTORY;
        let depth = if last || cut.is_multiple_of(FULL_EVERY) { Depth::Full } else { Depth::Quick };
        let found = target.check(&run, depth).unwrap_or_else(|what| target.fail(&nature, &run, &what));
        note(&mut tally, &nature, &run, &found, depth);
        target.tree = run.left.tree;
    }
    tally.show("cut, of what was not synced there was left");
    assert!(tally.total("acknowledged events looked for") > 0, "nothing was ever acknowledged: nothing was tried");
}

#[test]
fn a_first_start_that_is_cut_off_anywhere_can_be_made_again() {
    let mut tally = Tally::default();
    let mut chance = Dice::of(&[settings::seed(), 4]);
    let starts = settings::first_starts();
    for start in 0..starts {
        let mut target = Target::new(chance.roll() >> 16);
        // Spread evenly: with as many starts as operations, before each of them in turn.
        let (from, to) = (start * FIRST_START_OPERATIONS / starts, (start + 1) * FIRST_START_OPERATIONS / starts);
        let goes_before = Some(1 + from + chance.below(to - from));
        let nature = Nature { goes_before, how: Cut::any(Dice::of(&[chance.roll()])), honest: true };
        let run = target.run(&nature, None, usize::MAX);
        let found = target.check(&run, Depth::Quick).unwrap_or_else(|what| target.fail(&nature, &run, &what));
        note(&mut tally, &nature, &run, &found, Depth::Quick);
    }
    tally.show("first start cut, of what was not synced there was left");
}

#[test]
fn an_opening_that_is_cut_off_anywhere_can_be_made_again() {
    let mut tally = Tally::default();
    let mut chance = Dice::of(&[settings::seed(), 5]);
    let mut target = Target::new(chance.roll() >> 16);
    let nothing = Cut { bytes: Reached::Nothing, names: NamesReached::Nothing, dice: chance.clone() };
    let used = Nature { goes_before: None, how: nothing, honest: true };
    let run = target.run(&used, None, 500);
    target.check(&run, Depth::Quick).unwrap_or_else(|what| target.fail(&used, &run, &what));
    // Every opening is one of what that run left.
    target.tree = run.left.tree;
    let openings = settings::first_starts();
    for opening in 0..openings {
        // The closer together the earlier: that is where the log is opened.
        let at = |opening: u64| opening * opening * OPENING_OPERATIONS / (openings * openings);
        let goes_before = Some(1 + at(opening) + chance.below((at(opening + 1) - at(opening)).max(1)));
        let nature = Nature { goes_before, how: Cut::any(Dice::of(&[chance.roll()])), honest: true };
        let run = target.run(&nature, None, usize::MAX);
        let found = target.check(&run, Depth::Quick).unwrap_or_else(|what| target.fail(&nature, &run, &what));
        note(&mut tally, &nature, &run, &found, Depth::Quick);
        target.history = target.history.without(&run.said);
    }
    tally.show("opening cut, of what was not synced there was left");
}

fn note(tally: &mut Tally, nature: &Nature, run: &Run, found: &Found, depth: Depth) {
    let bytes = match nature.how.bytes {
        Reached::Nothing => "no bytes",
        Reached::First => "the first bytes, the last write torn",
        Reached::Some => "some writes, out of order",
        Reached::Torn => "some sectors, torn and out of order",
        Reached::Everything => "all bytes",
    };
    let names = match nature.how.names {
        NamesReached::Nothing => "no names",
        NamesReached::First => "the first names",
        NamesReached::FirstOfEach => "the first names of each folder",
        NamesReached::Some => "any names, out of order",
        NamesReached::Everything => "all names",
    };
    tally.tried(bytes, run.said.acknowledged.len());
    tally.tried(names, run.said.acknowledged.len());
    tally.add("operations before the cuts", run.left.operations);
    tally.add("syncs before the cuts", run.left.syncs);
    tally.found(depth == Depth::Full, found);
}

#[test]
fn on_a_disk_whose_syncs_do_nothing_the_loss_is_found() {
    let mut chance = Dice::of(&[settings::seed(), 3]);
    let mut target = Target::new(chance.roll() >> 16);
    let nothing = Cut { bytes: Reached::Nothing, names: NamesReached::Nothing, dice: chance.clone() };
    let honest = Nature { goes_before: None, how: nothing.clone(), honest: true };
    let run = target.run(&honest, None, 500);
    target.check(&run, Depth::Quick).unwrap_or_else(|what| target.fail(&honest, &run, &what));
    target.tree = run.left.tree;
    for bytes in [Reached::Nothing, Reached::First, Reached::Some, Reached::Torn] {
        let nature = Nature { how: Cut { bytes, ..nothing.clone() }, goes_before: None, honest: false };
        let run = target.run(&nature, None, 500);
        assert!(run.said.acknowledged.len() >= 500, "{:?}", run.said);
        let found = target.check(&run, Depth::Quick);
        let what = found.expect_err("a disk that syncs nothing has lost nothing that was acknowledged");
        println!("of what was not synced there was left {bytes:?}: {what}");
        let plain = what.contains("acknowledged events are lost");
        assert!(plain || bytes != Reached::Nothing, "an older state is whole, and lacks the last events: {what}");
        target.history = target.history.without(&run.said);
    }
}
