//! Bad input: each kind has a clear answer of its own (which field, why, what to do), and the good part is in.
//!
//! | file | what comes in |
//! |---|---|
//! | `events` | CloudEvents over HTTP and from the command line |
//! | `rows` | rows of a CSV, and mapping files |
//! | `questions` | GraphQL |
//! | `settings` | configuration and arguments |

mod events;
mod questions;
mod rows;
mod settings;

/// Fails unless a text holds all of these.
fn holds(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part:?} is not in {text:?}");
    }
}
