//! Whether events pour in, as they do while years of history are loaded: then rows wait, as all of them would be made again and again
//! and take the room and the time of those events.

use std::time::{Duration, Instant};

use crate::event::Position;

/// Events a second that are many: two thousand agents at work make a third of it.
const MANY_A_SECOND: f64 = 3_000.0;
/// Events that the views are behind while they do not keep up with what pours in, or catch up with it.
const MANY_BEHIND: u64 = 10_000;
/// The least time over which they are counted.
const LOOK: Duration = Duration::from_millis(300);
/// How long they have to be few before rows are made: a merge of large files holds up what comes for a second or two.
const LULL: Duration = Duration::from_secs(4);
/// How long rows wait at most.
const LONGEST: Duration = Duration::from_secs(300);

/// What was seen of the head of the log.
#[derive(Debug, Default)]
pub(super) struct Pour {
    last: Option<(Instant, Position)>,
    /// Since when they pour in, and when they last did.
    poured: Option<(Instant, Instant)>,
}

impl Pour {
    /// Whether rows wait at this moment, at which the log has come to `head` and the views are so many events behind; once they have
    /// waited for long they are made all the same.
    pub(super) fn waits(&mut self, head: Position, behind: u64, now: Instant) -> bool {
        let Some((at, before)) = self.last else {
            self.last = Some((now, head));
            return false;
        };
        let over = now.saturating_duration_since(at);
        if over >= LOOK {
            self.last = Some((now, head));
            if head.since(before) as f64 / over.as_secs_f64() > MANY_A_SECOND || behind > MANY_BEHIND {
                self.poured = Some((self.poured.map_or(at, |(since, _)| since), now));
            }
        }
        let Some((since, last)) = self.poured else { return false };
        let waits = now.saturating_duration_since(since) < LONGEST && now.saturating_duration_since(last) < LULL;
        if !waits {
            self.poured = None;
        }
        waits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_wait_while_many_events_come_and_not_for_ever() {
        let (start, mut pour) = (Instant::now(), Pour::default());
        let mut at = |seconds: f64, head: u64| pour.waits(Position(head), 0, start + Duration::from_secs_f64(seconds));
        assert!(!at(0.0, 0), "nothing is known yet");
        assert!(!at(1.0, 2_900), "these are not many");
        assert!(at(2.0, 25_000));
        assert!(at(2.1, 25_001), "too short a time to tell");
        assert!(at(3.0, 25_002), "held up for a moment");
        assert!(at(5.9, 25_003));
        assert!(!at(6.0, 25_004), "there are no more");
        for second in 7..=305 {
            assert!(at(f64::from(second), 30_000 * second as u64), "{second}");
        }
        assert!(!at(306.0, 30_000 * 306), "long enough");
        assert!(at(307.0, 30_000 * 307));
        let mut behind =
            |seconds: u64, events| pour.waits(Position(30_000 * 307), events, start + Duration::from_secs(seconds));
        assert!(!behind(320, 0), "there are no more");
        assert!(behind(321, 20_000), "the views do not have them all yet");
        assert!(!behind(326, 9_000), "soon they will");
    }
}
