//! How many histories a law is tried with.

use proptest::test_runner::Config;

/// So many, unless `PROPTEST_CASES` says how many. No file of failures is kept: a history that breaks a law is printed, made
/// as small as can be, and belongs into a test of its own.
pub(super) fn cases(usual: u32) -> Config {
    let given = Config::default();
    let or = |name: &str, given: u32, usual: u32| if std::env::var_os(name).is_some() { given } else { usual };
    Config {
        cases: or("PROPTEST_CASES", given.cases, usual),
        // A history takes some tenths of a second: after so long, the smallest that was found so far is told.
        max_shrink_time: or("PROPTEST_MAX_SHRINK_TIME", given.max_shrink_time, 60_000),
        failure_persistence: None,
        ..given
    }
}
