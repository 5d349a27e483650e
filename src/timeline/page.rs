//! Pages of a timeline, forwards and backwards, after the Relay cursor connections specification.

use std::collections::HashMap;
use std::sync::Arc;

use super::cursor::Cursor;
use super::entry::Stored;
use super::filter::TimelineFilter;
use super::merge::{Merged, Span};
use crate::event::{Channel, Event, Personal, Position, SubjectId};
use crate::views::{Reader, ViewError};

/// Which page: the first so many after a place, or the last so many before one.
#[derive(Clone, Copy, Debug)]
pub struct PageArgs {
    /// How many entries.
    pub size: usize,
    /// From the newest end.
    pub from_end: bool,
    /// Behind this place.
    pub after: Option<Cursor>,
    /// Before this place.
    pub before: Option<Cursor>,
}

/// Some entries in time order.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The entries, oldest first, decoded.
    pub entries: Vec<Stored>,
    /// Whether there are older ones.
    pub has_previous: bool,
    /// Whether there are newer ones.
    pub has_next: bool,
}

/// One page of the strands' merged timeline. `open` gives an event's personal part, for a filter on text.
///
/// # Errors
/// [`ViewError`] when the store fails or a stored event cannot be read.
pub fn page(
    reader: &Reader,
    strands: &[SubjectId],
    args: PageArgs,
    filter: &TimelineFilter,
    as_of: Option<Position>,
    open: &dyn Fn(&Event) -> Option<Personal>,
) -> Result<Page, ViewError> {
    let span = Span { after: args.after, before: args.before, as_of };
    let rows = if args.from_end {
        Merged::backwards(reader, strands, span)?
    } else {
        Merged::forwards(reader, strands, span)?
    };
    let mut entries = Vec::with_capacity(args.size.min(256));
    let mut more = false;
    for entry in rows {
        let entry = entry?;
        let event = entry.event()?;
        if !filter.wants(&event, open) {
            continue;
        }
        if entries.len() == args.size {
            more = true;
            break;
        }
        entries.push(Arc::new((entry, event)));
    }
    if args.from_end {
        entries.reverse();
        return Ok(Page { entries, has_previous: more, has_next: args.before.is_some() });
    }
    Ok(Page { entries, has_previous: args.after.is_some(), has_next: more })
}

/// How many entries of the strands a filter lets through.
///
/// # Errors
/// As [`page`].
pub fn count(
    reader: &Reader,
    strands: &[SubjectId],
    filter: &TimelineFilter,
    as_of: Option<Position>,
    open: &dyn Fn(&Event) -> Option<Personal>,
) -> Result<u64, ViewError> {
    let mut found = 0;
    for entry in Merged::forwards(reader, strands, Span { as_of, ..Span::default() })? {
        let entry = entry?;
        if filter.is_open() || filter.wants(&entry.event()?, open) {
            found += 1;
        }
    }
    Ok(found)
}

/// How many entries of each channel and kind a filter lets through, by the names of both.
///
/// # Errors
/// As [`page`].
pub fn groups(
    reader: &Reader,
    strands: &[SubjectId],
    filter: &TimelineFilter,
    as_of: Option<Position>,
    open: &dyn Fn(&Event) -> Option<Personal>,
) -> Result<Vec<(Channel, &'static str, u64)>, ViewError> {
    let mut found: HashMap<(Channel, &'static str), u64> = HashMap::new();
    for entry in Merged::forwards(reader, strands, Span { as_of, ..Span::default() })? {
        let event = entry?.event()?;
        if filter.wants(&event, open) {
            *found.entry((event.header.channel, event.kind.name())).or_default() += 1;
        }
    }
    let mut groups: Vec<_> = found.into_iter().map(|((channel, kind), entries)| (channel, kind, entries)).collect();
    groups.sort_by_cached_key(|(channel, kind, _)| (channel.to_string(), *kind));
    Ok(groups)
}
