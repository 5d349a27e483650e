//! The names that become columns: an answer as CSV has one for its bucket, for each group, for each figure, for the rows that each
//! figure was taken over, and for whether it is provisional. No two may have one name.
//!
//! A definition that a store took before this was looked at goes on to be read: only whoever defines one anew is told.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;

use crate::tally::bucket::Span;
use crate::written::{Desk, Mistake};

/// Most characters of the name of a measure.
const LONGEST_NAME: usize = 64;

/// An expression that has a name.
pub(super) struct Named {
    pub(super) name: String,
    /// Where the name stands; of an entry that has none of its own, the entry.
    pub(super) name_at: usize,
    pub(super) text: String,
    pub(super) at: Range<usize>,
}

/// What is wrong with the names of a definition.
pub(super) fn mistakes(text: &str, bucket: Option<Span>, groups: &[Named], figures: &[Named]) -> Vec<Mistake> {
    let mut desk = Desk::new(text);
    let mut said = said_by_every_answer(bucket);
    for Named { name, name_at, .. } in groups {
        match said.get(name) {
            Some(what) => desk.note(*name_at, "group_by", is_said(name, what), "group by it under another name"),
            None => drop(said.insert(name.clone(), "a group".into())),
        }
    }
    let (figures, nameless): (Vec<&Named>, Vec<&Named>) = figures.iter().partition(|figure| is_name(&figure.name));
    for Named { name, name_at, .. } in nameless {
        let shown: String = name.chars().take(LONGEST_NAME).collect();
        let help = format!("name a measure with letters, digits and _, from a letter on, at most {LONGEST_NAME}");
        desk.note(*name_at, "[measures]", format!("`{shown}` is no name"), help);
    }
    for Named { name, name_at, .. } in &figures {
        match said.entry(format!("{name}_over")) {
            Entry::Vacant(column) => drop(column.insert(format!("over how many rows `{name}` was taken"))),
            Entry::Occupied(column) => {
                let over = column.key();
                let reason =
                    format!("a CSV file has a column `{over}` beside `{name}`, and a group already has that name");
                desk.note(
                    *name_at,
                    &format!("[measures] {name}"),
                    reason,
                    "give the measure or the group another name",
                );
            }
        }
    }
    for Named { name, name_at, .. } in &figures {
        if let Some(what) = said.get(name) {
            let place = format!("[measures] {name}");
            desk.note(*name_at, &place, is_said(name, what), "give the measure another name");
        }
    }
    desk.finish()
}

/// The columns that there are whatever is counted, and what they say. Buckets can be brought together to longer ones.
fn said_by_every_answer(bucket: Option<Span>) -> BTreeMap<String, String> {
    let own = bucket.into_iter().flat_map(|own| {
        let spans = Span::WORDS.iter().filter_map(|word| Span::named(word));
        spans.filter(move |span| span.holds(own)).map(|span| (span.word().to_owned(), "the bucket".to_owned()))
    });
    own.chain([("provisional".to_owned(), "whether figures may change".to_owned())]).collect()
}

fn is_said(column: &str, what: &str) -> String {
    format!("the column `{column}` of a CSV file already says {what}")
}

fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || c == '_';
    name.chars().count() <= LONGEST_NAME && name.starts_with(char::is_alphabetic) && name.chars().all(fits)
}
