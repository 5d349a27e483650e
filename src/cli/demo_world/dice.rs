//! Chance that comes out the same every time: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), without any outside source.

/// A generator of numbers that only look random.
#[derive(Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// Dice that fall the same way for the same seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next number.
    fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        let wide = u64::try_from(high - low).unwrap_or(0) + 1;
        low + i64::try_from(self.roll() % wide).unwrap_or(0)
    }

    /// One of the texts; an empty one when there are none.
    pub(super) fn pick<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        let at = self.roll() % u64::try_from(texts.len().max(1)).unwrap_or(1);
        usize::try_from(at).ok().and_then(|at| texts.get(at)).copied().unwrap_or_default()
    }

    /// Whether something that happens in so many of a hundred cases happens.
    pub(super) fn happens(&mut self, of_a_hundred: i64) -> bool {
        self.between(1, 100) <= of_a_hundred
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_published_generator() {
        let mut dice = Dice::new(1_234_567);
        let published = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([dice.roll(), dice.roll(), dice.roll()], published);
    }

    #[test]
    fn both_ends_are_reached_and_never_passed() {
        let mut dice = Dice::new(7);
        let rolled: std::collections::BTreeSet<i64> = (0..200).map(|_| dice.between(3, 6)).collect();
        assert_eq!(rolled.into_iter().collect::<Vec<_>>(), [3, 4, 5, 6]);
    }
}
