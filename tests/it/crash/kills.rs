//! A process that appends is killed, at any moment and again and again; nothing acknowledged is lost.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::check::Depth;
use super::dice::Dice;
use super::process::{History, Running, Said};
use super::settings;
use super::tally::Tally;

/// Kills that one folder goes through, so that damage would add up.
const KILLS_PER_FOLDER: u64 = 30;
/// The views are compared with a replay after each so many kills.
const FULL_EVERY: u64 = 6;
/// The longest that a store works before it is killed.
const LONGEST_MS: u64 = 1_500;
/// The longest that a store takes to open.
const OPENS: Duration = Duration::from_secs(120);

/// When a kill comes.
#[derive(Clone, Copy, Debug)]
enum Moment {
    /// While events come in.
    Appending,
    /// While events come in and all views are rebuilt.
    Rebuilding,
    /// While the store is opened.
    Opening,
    /// While the store is opened and its views, which are gone, are made anew.
    CatchingUp,
    /// While the store is closed.
    Closing,
    /// In the very first start of a new folder.
    FirstStart,
}

impl Moment {
    fn any(dice: &mut Dice) -> Self {
        use Moment::*;
        dice.pick(&[Appending, Appending, Appending, Rebuilding, Opening, CatchingUp, Closing, FirstStart])
    }
}

/// A folder under fire.
struct Target {
    history: History,
    folder: PathBuf,
    /// How long the store took to open.
    opened_in: Duration,
    dice: Dice,
}

impl Target {
    fn new(seed: u64, within: &Path) -> Self {
        let (history, folder) = (History::new(seed, within), within.join(format!("data-{seed}")));
        Self { history, folder, opened_in: Duration::from_millis(400), dice: Dice::of(&[seed]) }
    }

    /// Starts a child and kills it at the moment.
    fn kill(&mut self, moment: Moment) -> Said {
        if let Moment::CatchingUp = moment {
            // There is none yet when the store never opened.
            drop(std::fs::remove_dir_all(self.folder.join("views")));
        }
        let senders = 1 + self.dice.below(6);
        let close_after_ms = matches!(moment, Moment::Closing).then(|| 1 + self.dice.below(300));
        let started = Instant::now();
        let child = self.history.write(&self.folder, senders, matches!(moment, Moment::Rebuilding), close_after_ms);
        match moment {
            Moment::Opening | Moment::CatchingUp | Moment::FirstStart => {
                let at_most = u64::try_from(self.opened_in.as_micros()).unwrap() * 5 / 4;
                // The moment is meant to be any: nothing depends on how far it came.
                std::thread::sleep(Duration::from_micros(self.dice.below(at_most)));
            }
            Moment::Appending | Moment::Rebuilding => {
                self.wait_until_open(&child, started);
                let work_ms = self.dice.scaled(LONGEST_MS);
                std::thread::sleep(Duration::from_millis(work_ms));
            }
            Moment::Closing => {
                self.wait_until_open(&child, started);
                child.hears("closing", OPENS);
                let micros = self.dice.scaled(60_000);
                std::thread::sleep(Duration::from_micros(micros));
            }
        }
        child.kill()
    }

    fn wait_until_open(&mut self, child: &Running, started: Instant) {
        if child.hears("open", OPENS) {
            self.opened_in = started.elapsed();
        }
    }
}

#[test]
fn kills_at_any_moment_lose_nothing_acknowledged() {
    let within = tempfile::tempdir().unwrap();
    let mut tally = Tally::default();
    let mut chance = Dice::of(&[settings::seed(), 1]);
    let mut target: Option<Target> = None;
    for kill in 1..=settings::kills() {
        let mut moment = Moment::any(&mut chance);
        let used_up = target.as_ref().is_none_or(|target| target.history.run >= KILLS_PER_FOLDER);
        if used_up || matches!(moment, Moment::FirstStart) && chance.one_in(2) {
            moment = Moment::FirstStart;
            if used_up {
                target = Some(Target::new(chance.roll() >> 16, within.path()));
            }
        }
        let fresh = matches!(moment, Moment::FirstStart) && !used_up;
        let mut once = fresh.then(|| Target::new(chance.roll() >> 16, within.path()));
        let target = once.as_mut().or(target.as_mut()).unwrap();
        let last = kill == settings::kills() || target.history.run + 1 == KILLS_PER_FOLDER;
        let depth = if last || kill.is_multiple_of(FULL_EVERY) { Depth::Full } else { Depth::Quick };
        one(target, moment, depth, &mut tally);
    }
    tally.show("killed while");
    let acknowledged = tally.total("acknowledged events looked for");
    assert!(acknowledged > 0, "nothing was ever acknowledged: nothing was tried");
}

fn one(target: &mut Target, moment: Moment, depth: Depth, tally: &mut Tally) {
    let said = target.kill(moment);
    tally.tried(&format!("{moment:?}"), said.acknowledged.len());
    let checked = match said.of("stopped ") {
        Some(why) => Err(format!("the child stopped by itself: {why}")),
        None if said.errors.contains("panicked at") => Err("the child panicked".into()),
        None => target.history.note(&said).and_then(|()| target.history.check(&target.folder, depth)),
    };
    match checked {
        Ok(found) => tally.found(depth == Depth::Full, &found),
        Err(what) => fail(target, moment, &what, &said),
    }
}

/// Shows all that is needed to look into it, and keeps the folder.
fn fail(target: &Target, moment: Moment, what: &str, said: &Said) -> ! {
    let keep = std::env::temp_dir().join(format!("novelo-crash-{}", target.history.seed));
    let kept = match std::fs::rename(&target.folder, &keep) {
        Ok(()) => format!("is kept: {}", keep.display()),
        Err(cause) => format!("could not be kept: {cause}"),
    };
    panic!(
        "killed while {moment:?}, run {} of history {}: {what}\nthe folder {kept}\nNOVELO_CRASH_SEED={} tries the same\n{}",
        target.history.run,
        target.history.seed,
        settings::seed(),
        said.errors
    );
}

#[test]
fn a_check_finds_what_is_missing_and_what_is_not_as_it_was_sent() {
    let within = tempfile::tempdir().unwrap();
    let mut target = Target::new(5, within.path());
    let child = target.history.write(&target.folder, 1, false, None);
    assert!(child.hears("idle", OPENS));
    let said = child.kill();
    target.history.note(&said).unwrap();
    let found = target.history.check(&target.folder, Depth::Quick).unwrap();
    assert_eq!(found.acknowledged, said.acknowledged.len() as u64);
    // An acknowledgement of what is not in the log.
    let lost = Said { acknowledged: vec![(u64::MAX >> 1, found.events)], ..Said::default() };
    target.history.note(&lost).unwrap();
    let what = target.history.check(&target.folder, Depth::Quick).unwrap_err();
    assert!(what.contains("1 of") && what.contains("acknowledged events are lost"), "{what}");
    target.history = target.history.without(&lost);
    target.history.check(&target.folder, Depth::Quick).unwrap();
    // What was sent is another under another seed.
    target.history.seed += 1;
    let what = target.history.check(&target.folder, Depth::Quick).unwrap_err();
    assert!(what.contains("is not as it was sent"), "{what}");
}
