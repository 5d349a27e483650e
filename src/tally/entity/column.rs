//! The fields of rows, as a table: name, type and how each is read.

use std::borrow::Cow;
use std::marker::PhantomData;

use compact_str::CompactString;

use crate::event::Micros;
use crate::tally::cell::Place;
use crate::tally::row::{Fields, Row};
use crate::tally::value::{Type, Value};

/// A field of rows of one sort.
#[derive(Debug)]
pub struct Column<R: 'static> {
    pub(in crate::tally) name: &'static str,
    pub(in crate::tally) holds: Type,
    pub(in crate::tally) boundless: bool,
    pub(in crate::tally) get: fn(&R) -> Value<'_>,
}

/// All fields of rows of one sort.
pub type Columns<R> = &'static [Column<R>];

/// A row that stands for more than one event.
pub trait Entity: Sized + 'static {
    /// Its fields.
    const COLUMNS: Columns<Self>;
    /// The field that puts it in its place in time.
    const AT: &'static str;

    /// Its place in time.
    fn place(&self) -> Place;

    /// Its clear, free names and values, sorted by name.
    fn dimensions(&self) -> &[(CompactString, CompactString)];
}

/// A field with few values.
pub(in crate::tally) const fn column<R>(name: &'static str, holds: Type, get: fn(&R) -> Value<'_>) -> Column<R> {
    Column { name, holds, boundless: false, get }
}

/// A field with about as many values as there are rows.
pub(in crate::tally) const fn boundless<R>(name: &'static str, holds: Type, get: fn(&R) -> Value<'_>) -> Column<R> {
    Column { name, holds, boundless: true, get }
}

/// A text that may be absent.
pub(in crate::tally) fn text(text: &Option<CompactString>) -> Value<'_> {
    Value::maybe(text.as_deref())
}

/// A moment that may be absent.
pub(in crate::tally) fn moment(at: Option<Micros>) -> Value<'static> {
    at.map_or(Value::Absent, Value::Moment)
}

/// A number that may be absent.
pub(in crate::tally) fn number(number: Option<f64>) -> Value<'static> {
    number.map_or(Value::Absent, Value::Number)
}

/// Several texts.
pub(in crate::tally) fn list(items: &[CompactString]) -> Value<'_> {
    Value::List(items.iter().map(|item| Cow::Borrowed(item.as_str())).collect())
}

/// The fields of an entity.
#[derive(Clone, Copy, Debug)]
pub struct EntityFields<R>(PhantomData<R>);

impl<R> Default for EntityFields<R> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<R: Entity> Fields for EntityFields<R> {
    fn find(&self, name: &str) -> Option<(usize, Type)> {
        let found = R::COLUMNS.iter().enumerate().find(|(_, column)| column.name == name);
        found.map(|(at, column)| (at, column.holds))
    }

    fn names(&self) -> Vec<&str> {
        R::COLUMNS.iter().map(|column| column.name).collect()
    }

    fn open(&self) -> &'static [&'static str] {
        &["dimensions"]
    }

    fn is_boundless(&self, field: usize) -> bool {
        R::COLUMNS.get(field).is_some_and(|column| column.boundless)
    }
}

impl<R: Entity> Row for R {
    fn get(&self, field: usize) -> Value<'_> {
        R::COLUMNS.get(field).map_or(Value::Absent, |column| (column.get)(self))
    }

    fn get_open(&self, _: &str, name: &str) -> Value<'_> {
        let found = self.dimensions().iter().find(|(known, _)| known == name);
        Value::maybe(found.map(|(_, value)| value.as_str()))
    }
}
