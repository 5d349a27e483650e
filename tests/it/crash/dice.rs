//! Chance that comes out the same for the same seed, on every machine and with every version of every crate.

/// SplitMix64: <https://prng.di.unimi.it/splitmix64.c>.
#[derive(Clone, Debug)]
pub(super) struct Dice(u64);

impl Dice {
    /// Dice of their own for whatever the parts name.
    pub(super) fn of(parts: &[u64]) -> Self {
        let mut dice = Self(0);
        for part in parts {
            dice.0 ^= part.wrapping_mul(0xff51_afd7_ed55_8ccd);
            dice.0 = dice.roll();
        }
        dice
    }

    pub(super) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 when there is none.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.roll() % end.max(1)
    }

    /// True once in so many times.
    pub(super) fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    pub(super) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }

    /// A number below `end` whose size itself is by chance: small ones come as often as large ones.
    pub(super) fn scaled(&mut self, end: u64) -> u64 {
        let bits = self.below(64 - u64::from(end.leading_zeros()) + 1);
        self.below((1 << bits).min(end))
    }
}

#[test]
fn the_same_seed_gives_the_same_and_another_gives_another() {
    let rolls = |parts: &[u64]| {
        let mut dice = Dice::of(parts);
        (0..4).map(|_| dice.roll()).collect::<Vec<_>>()
    };
    assert_eq!(rolls(&[1, 2]), rolls(&[1, 2]));
    assert_ne!(rolls(&[1, 2]), rolls(&[2, 1]));
    let mut dice = Dice::of(&[3]);
    assert!((0..1_000).all(|_| dice.scaled(1_000) < 1_000 && dice.below(7) < 7));
    assert!((0..1_000).filter(|_| dice.scaled(1_000) < 32).count() > 300);
}
