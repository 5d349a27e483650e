//! How many faults are tried, and from which seed: in CI few, with `tests/run --long` many.
//!
//! | variable | what it sets | without it |
//! |---|---|---|
//! | `NOVELO_CRASH_KILLS` | kills | 20 |
//! | `NOVELO_CRASH_CUTS` | power cuts | 20 |
//! | `NOVELO_CRASH_FIRST_STARTS` | power cuts in the very first start, and as many in a later one | 10 |
//! | `NOVELO_CRASH_SEED` | the seed of everything that is left to chance | 1 |
//!
//! A failure tells the seed of the history in which it came up. Moments of kills depend on the machine as well, cuts on the
//! order in which threads run: the same seed tries the same things, and need not meet the same failure again.

/// Kills to try.
pub(super) fn kills() -> u64 {
    read("NOVELO_CRASH_KILLS", 20)
}

/// Power cuts to try.
pub(super) fn cuts() -> u64 {
    read("NOVELO_CRASH_CUTS", 20)
}

/// Power cuts in the very first start to try, and as many in a later one.
pub(super) fn first_starts() -> u64 {
    read("NOVELO_CRASH_FIRST_STARTS", 10)
}

/// The seed.
pub(super) fn seed() -> u64 {
    read("NOVELO_CRASH_SEED", 1)
}

fn read(name: &str, usual: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().unwrap_or_else(|_| panic!("{name} is a whole number, not {text:?}")),
        Err(_) => usual,
    }
}
