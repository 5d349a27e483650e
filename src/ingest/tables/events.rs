//! Events as rows of a table: the envelope, the clear fields of all kinds side by side and, only when asked for, the personal
//! ones in the plain.
//!
//! A clear field has one column whatever the kind, of the name that it has in events and analyses. Personal columns begin with
//! `personal_`, so that nobody takes one for clear (and `note` is both: an id of `note.unpinned`, a text of `case.updated`).

use serde_json::{Map, Value};

use super::column::{Cell, Column, Holds};
use crate::event::{Event, Kind, Personal, Shape, Slot};
use crate::tally::{EventFields, EventRow, Fields, Row};

/// The columns in front: where an event stands, and whose it is.
const FRONT: &[(&str, Holds)] =
    &[("position", Holds::Whole), ("id", Holds::Text), ("subject", Holds::Text), ("revision", Holds::Whole)];

/// Fields of the envelope that are wanted first.
const MOMENTS: &[&str] = &["occurred_at", "recorded_at", "late_ms"];

/// Fields of the envelope that every event has.
const ALWAYS: &[&str] = &["occurred_at", "recorded_at", "late_ms", "kind", "channel", "direction", "actor", "source"];

/// How events are laid down in columns.
#[derive(Debug)]
pub struct EventTable {
    /// The fields of the envelope and of kinds: number, name, what the column holds.
    fields: Vec<(usize, &'static str, Holds)>,
    /// The personal fields by name, when they are wanted.
    personal: Option<Vec<(&'static str, Slot)>>,
}

impl EventTable {
    /// The table's name.
    pub const NAME: &str = "events";

    /// With or without personal columns.
    #[must_use]
    pub fn new(personal: bool) -> Self {
        Self { fields: fields(), personal: personal.then(personal_fields) }
    }

    /// Its columns.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let front = FRONT.iter().map(|(name, holds)| {
            let column = Column::new(*name, *holds).always();
            if matches!(*name, "position" | "id") { column.distinct() } else { column }
        });
        let fields = self.fields.iter().map(|(_, name, holds)| {
            let column = Column::new(*name, *holds);
            let column = if ALWAYS.contains(name) { column.always() } else { column };
            if *name == "occurred_at" { column.distinct() } else { column }
        });
        let more = [Column::new("also", Holds::Texts), Column::new("dimensions", Holds::Map)];
        let personal = self.personal.iter().flat_map(|fields| {
            let names = [("identifier", Holds::Text), ("identifiers", Holds::Texts)];
            let fields = fields.iter().map(|(name, slot)| (*name, of_slot(*slot)));
            names.into_iter().chain(fields).map(|(name, holds)| Column::new(format!("personal_{name}"), holds))
        });
        front.chain(fields).chain(more).chain(personal).collect()
    }

    /// What an event says in them. `personal` is what was opened of it: nothing when its key was destroyed, or when nobody
    /// wants it.
    #[must_use]
    pub fn row<'e>(&self, row: &'e EventRow<'e>, personal: Option<&'e Personal>) -> Vec<Cell<'e>> {
        let event = row.0;
        let mut cells = Vec::with_capacity(FRONT.len() + self.fields.len() + 16);
        cells.push(Cell::Whole(event.position.0 as i64));
        cells.push(Cell::text(event.header.id.to_string()));
        cells.push(Cell::text(event.strand.subject.to_string()));
        cells.push(Cell::Whole(event.revision.0 as i64));
        cells.extend(self.fields.iter().map(|(number, _, holds)| field(row, *number, *holds)));
        cells.push(match event.also.as_slice() {
            [] => Cell::Absent,
            others => Cell::Texts(others.iter().map(|other| other.subject.to_string().into()).collect()),
        });
        cells.push(Cell::Map(event.header.dimensions.iter().collect()));
        if let Some(fields) = &self.personal {
            match personal {
                Some(personal) => open(event, personal, fields, &mut cells),
                None => cells.extend(std::iter::repeat_n(Cell::Absent, fields.len() + 2)),
            }
        }
        cells
    }
}

/// The fields of events: those of analyses, with what their columns hold.
fn fields() -> Vec<(usize, &'static str, Holds)> {
    const FIELDS: &EventFields = &EventFields;
    let names = FIELDS.names();
    let in_front = |name: &str| MOMENTS.contains(&name) || FRONT.iter().any(|(front, _)| *front == name);
    let rest = names.iter().copied().filter(|name| !in_front(name));
    let found = MOMENTS.iter().copied().chain(rest).filter_map(|name| {
        let (number, holds) = FIELDS.find(name)?;
        Some((number, name, narrowed(name, holds.into())))
    });
    found.collect()
}

/// What a column of numbers holds more exactly, by the shapes that the vocabulary gives the field.
fn narrowed(name: &str, holds: Holds) -> Holds {
    if holds != Holds::Number {
        return holds;
    }
    let shapes =
        || Kind::ALL.iter().flat_map(|info| info.clear).filter(|field| field.name == name).map(|field| field.shape);
    // What is no field of a kind is the envelope's `late_ms`.
    if shapes().all(|shape| matches!(shape, Shape::Count | Shape::Millis)) {
        return Holds::Whole;
    }
    if shapes().all(|shape| shape == Shape::Amount) { Holds::Money } else { holds }
}

/// What an event says in a field.
fn field<'e>(event: &'e EventRow<'_>, number: usize, holds: Holds) -> Cell<'e> {
    if holds != Holds::Money {
        return Cell::of(event.get(number), holds);
    }
    // Analyses count amounts in floating point; here they stay exact. A test holds that no other kind has any.
    let amount = if let Kind::ActivityTracked(tracked) = &event.0.kind { tracked.amount } else { None };
    amount.map_or(Cell::Absent, |amount| Cell::Money(amount.0))
}

/// The personal fields of all kinds, each name once.
fn personal_fields() -> Vec<(&'static str, Slot)> {
    let mut fields: Vec<(&'static str, Slot)> = Vec::new();
    for field in Kind::ALL.iter().flat_map(|info| info.personal) {
        if !fields.iter().any(|(name, _)| *name == field.name) {
            fields.push((field.name, field.slot));
        }
    }
    fields
}

fn of_slot(slot: Slot) -> Holds {
    match slot {
        // Any JSON goes out as its text.
        Slot::Text | Slot::Headline | Slot::Value | Slot::Values => Holds::Text,
        Slot::Attachments => Holds::Texts,
    }
}

/// The personal cells of an event that could be opened.
fn open<'e>(event: &Event, personal: &'e Personal, fields: &[(&'static str, Slot)], cells: &mut Vec<Cell<'e>>) {
    let mut identifiers = personal.identifiers.iter().map(|identifier| identifier.to_wire().into());
    cells.push(identifiers.next().map_or(Cell::Absent, Cell::Text));
    let others: Vec<_> = identifiers.collect();
    cells.push(if others.is_empty() { Cell::Absent } else { Cell::Texts(others) });
    let mut shown = Map::new();
    personal.show(event.kind.info().personal, &mut shown);
    cells.extend(
        fields.iter().map(|(name, slot)| shown.remove(*name).map_or(Cell::Absent, |value| shown_in(*slot, value))),
    );
}

/// A personal field as it is shown, in its column.
fn shown_in(slot: Slot, value: Value) -> Cell<'static> {
    match (slot, value) {
        (Slot::Text | Slot::Headline, Value::String(text)) => Cell::text(text),
        (Slot::Attachments, Value::Array(names)) => {
            Cell::Texts(names.iter().filter_map(Value::as_str).map(|name| name.to_owned().into()).collect())
        }
        (_, value) => Cell::text(value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_clear_field_has_one_column_and_none_has_the_name_of_another() {
        let columns = EventTable::new(true).columns();
        let names: HashSet<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names.len(), columns.len());
        for field in Kind::ALL.iter().flat_map(|info| info.clear) {
            assert!(names.contains(field.name), "{}", field.name);
        }
        for field in Kind::ALL.iter().flat_map(|info| info.personal) {
            assert!(names.contains(format!("personal_{}", field.name).as_str()), "{}", field.name);
        }
    }

    #[test]
    fn without_the_word_no_column_is_personal() {
        let columns = EventTable::new(false).columns();
        assert!(columns.iter().all(|column| !column.name.starts_with("personal_")));
    }

    #[test]
    fn only_activities_have_amounts() {
        for info in Kind::ALL {
            let amounts = info.clear.iter().filter(|field| field.shape == Shape::Amount).count();
            assert_eq!(amounts, usize::from(info.name == "activity.tracked"), "{}", info.name);
        }
    }

    #[test]
    fn a_personal_name_is_of_one_shape_in_all_kinds() {
        let fields = personal_fields();
        for field in Kind::ALL.iter().flat_map(|info| info.personal) {
            let (_, slot) = fields.iter().find(|(name, _)| *name == field.name).unwrap();
            assert_eq!(of_slot(*slot), of_slot(field.slot), "{}", field.name);
        }
    }

    #[test]
    fn milliseconds_and_counts_are_whole_and_scores_are_not() {
        let columns = EventTable::new(false).columns();
        let holds = |name: &str| columns.iter().find(|column| column.name == name).unwrap().holds;
        for name in ["talk_ms", "wait_ms", "late_ms", "size_bytes", "attachments", "revision"] {
            assert_eq!(holds(name), Holds::Whole, "{name}");
        }
        assert_eq!((holds("score"), holds("amount"), holds("due_at")), (Holds::Number, Holds::Money, Holds::Moment));
        assert_eq!((holds("pinned"), holds("names"), holds("case")), (Holds::Truth, Holds::Texts, Holds::Text));
    }
}
