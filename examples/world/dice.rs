//! Chance that comes out the same every time: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).

/// Numbers that only look random.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// Dice that fall the same way for the same two numbers.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        Self(mixed(seed).wrapping_add(mixed(stream ^ 0x6e6f_7665_6c6f)))
    }

    /// The next number.
    pub(crate) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// A number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.roll() % (high - low + 1)
    }

    /// A fraction of one.
    pub(crate) fn fraction(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether something that happens in so many of a hundred cases happens.
    pub(crate) fn happens(&mut self, of_a_hundred: u64) -> bool {
        self.roll() % 100 < of_a_hundred
    }

    /// One of these.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[(self.roll() % of.len() as u64) as usize]
    }

    /// One of these, the earlier ones more often.
    pub(crate) fn lean<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        let at = self.fraction();
        of[(at * at * of.len() as f64) as usize]
    }
}

fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
