//! Writing to the terminal. A reader that has gone away is no failure of ours.

use std::io::Write;

/// A line of the answer.
pub(super) fn line(text: &str) {
    let mut out = std::io::stdout().lock();
    drop(writeln!(out, "{text}").and_then(|()| out.flush()));
}

/// A line for whoever watches.
pub(super) fn note(text: &str) {
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}

/// What went wrong.
pub(super) fn error(text: &str) {
    note(&format!("novelo: {text}"));
}
