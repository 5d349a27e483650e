//! What is derived of events as rows of tables: contacts, cases, conversations, steps and visits, with the fields that analyses
//! count.

use std::marker::PhantomData;

use super::column::{Cell, Column, Holds};
use crate::tally::entity::{Case, Contact, Conversation, Entity, EntityFields, Step, Visit};
use crate::tally::{Fields, Row};

/// What becomes a table, and its name: that by which analyses go over it.
pub trait Tabled: Entity + Row {
    /// The table's name.
    const NAME: &str;
}

impl Tabled for Contact {
    const NAME: &str = "contacts";
}

impl Tabled for Case {
    const NAME: &str = "cases";
}

impl Tabled for Conversation {
    const NAME: &str = "conversations";
}

impl Tabled for Step {
    const NAME: &str = "transitions";
}

impl Tabled for Visit {
    const NAME: &str = "visits";
}

/// How rows of one sort are laid down in columns. None of them is personal: a customer is the id of the strand that stands for them.
#[derive(Debug)]
pub struct EntityTable<R> {
    /// The fields: number, name, what the column holds.
    fields: Vec<(usize, String, Holds)>,
    of: PhantomData<R>,
}

impl<R: Tabled> Default for EntityTable<R> {
    fn default() -> Self {
        let known = EntityFields::<R>::default();
        let names: Vec<String> = known.names().into_iter().map(str::to_owned).collect();
        let field = |name: String| known.find(&name).map(|(number, holds)| (number, name, holds.into()));
        Self { fields: names.into_iter().filter_map(field).collect(), of: PhantomData }
    }
}

impl<R: Tabled> EntityTable<R> {
    /// Its columns: `position` of the first event, the fields, and free names and values.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let position = Column::new("position", Holds::Whole).always().distinct();
        let fields = self.fields.iter().map(|(_, name, holds)| Column::new(name.as_str(), *holds));
        [position].into_iter().chain(fields).chain([Column::new("dimensions", Holds::Map)]).collect()
    }

    /// What a row says in them.
    #[must_use]
    pub fn row<'r>(&self, row: &'r R) -> Vec<Cell<'r>> {
        let mut cells = Vec::with_capacity(self.fields.len() + 2);
        cells.push(Cell::Whole(row.place().1.0 as i64));
        cells.extend(self.fields.iter().map(|(number, _, holds)| Cell::of(row.get(*number), *holds)));
        cells.push(Cell::Map(row.dimensions().iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()));
        cells
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn has_each_once<R: Tabled + Default>() {
        let table = EntityTable::<R>::default();
        let columns = table.columns();
        let names: HashSet<&str> = columns.iter().map(|column| column.name.as_str()).collect();
        assert_eq!(names.len(), columns.len(), "{}", R::NAME);
        assert!(names.contains("customer") && columns.len() > 6, "{}", R::NAME);
        assert_eq!(table.row(&R::default()).len(), columns.len(), "{}", R::NAME);
    }

    #[test]
    fn every_field_has_one_column_and_every_row_says_something_in_each() {
        has_each_once::<Contact>();
        has_each_once::<Case>();
        has_each_once::<Conversation>();
        has_each_once::<Step>();
        has_each_once::<Visit>();
    }
}
