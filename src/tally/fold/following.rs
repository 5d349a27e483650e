//! What came before a contact, and what behind it.

use compact_str::CompactString;
use rustc_hash::FxHashMap;

use super::{RowRules, ms};
use crate::event::Micros;
use crate::tally::entity::Contact;

/// Fills in what each contact by the customer says of those around it. They are in the order in which they began.
///
/// Contacts of which no reason is known are taken to have one reason: a source that says none still shows who comes again.
pub(super) fn follow(contacts: &mut [Contact], rules: RowRules) {
    let mut last: Option<usize> = None;
    let mut last_by_reason: FxHashMap<Option<CompactString>, usize> = FxHashMap::default();
    let mut series: FxHashMap<Option<CompactString>, Micros> = FxHashMap::default();
    for at in 0..contacts.len() {
        let Some(row) = contacts.get(at).filter(|row| row.is_inbound()) else { continue };
        let (began, reason) = (row.started_at, row.reason.clone());
        let since = |before: usize| contacts.get(before).map(|before| ms(began, before.started_at));
        let (previous, same) = (last.and_then(since), last_by_reason.get(&reason).copied().and_then(since));
        let first = series.get(&reason).copied();
        let repeat = first.is_some_and(|first| began.since(first) <= rules.repeat_window);
        if !repeat {
            series.insert(reason.clone(), began);
        }
        if let Some(before) = last.and_then(|before| contacts.get_mut(before)) {
            before.next_ms = previous;
        }
        if let Some(before) = last_by_reason.get(&reason).and_then(|before| contacts.get_mut(*before)) {
            before.next_same_reason_ms = same;
        }
        if let Some(row) = contacts.get_mut(at) {
            (row.previous_ms, row.previous_same_reason_ms, row.repeat) = (previous, same, repeat);
        }
        last = Some(at);
        last_by_reason.insert(reason, at);
    }
}
