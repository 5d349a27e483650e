//! What a table's columns hold, and what a row says in them.

use std::borrow::Cow;
use std::fmt::Write;

use crate::event::Micros;
use crate::tally::{Type, Value};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Yes or no.
    Truth,
    /// Whole numbers: counts, milliseconds.
    Whole,
    /// Numbers.
    Number,
    /// Amounts of money, exact to four decimals.
    Money,
    /// Moments, to the microsecond.
    Moment,
    /// Texts.
    Text,
    /// Lists of texts.
    Texts,
    /// Texts by name.
    Map,
}

impl From<Type> for Holds {
    fn from(of: Type) -> Self {
        match of {
            Type::Truth => Self::Truth,
            Type::Number => Self::Number,
            Type::Moment => Self::Moment,
            Type::Text(_) => Self::Text,
            Type::List => Self::Texts,
        }
    }
}

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    pub(super) name: String,
    pub(super) holds: Holds,
    /// Whether every row says something here.
    pub(super) always: bool,
    /// Whether hardly two rows say the same, so that a dictionary of the values would be of no use.
    pub(super) distinct: bool,
}

impl Column {
    /// A column in which rows may say nothing (a map is empty then).
    #[must_use]
    pub fn new(name: impl Into<String>, holds: Holds) -> Self {
        Self { name: name.into(), holds, always: false, distinct: false }
    }

    /// The same where every row says something.
    #[must_use]
    pub fn always(self) -> Self {
        Self { always: true, ..self }
    }

    /// The same where hardly two rows say the same.
    #[must_use]
    pub fn distinct(self) -> Self {
        Self { distinct: true, ..self }
    }

    /// The column in the language of schemas. (Logical types: parquet-format, LogicalTypes.md. Every reader knows these.)
    pub(super) fn schema(&self, into: &mut String) {
        let (name, need) = (&self.name, if self.always { "REQUIRED" } else { "OPTIONAL" });
        let text = "BYTE_ARRAY";
        let written = match self.holds {
            Holds::Truth => writeln!(into, "{need} BOOLEAN {name};"),
            Holds::Whole => writeln!(into, "{need} INT64 {name};"),
            Holds::Number => writeln!(into, "{need} DOUBLE {name};"),
            Holds::Money => writeln!(into, "{need} FIXED_LEN_BYTE_ARRAY ({MONEY_BYTES}) {name} (DECIMAL(19,4));"),
            Holds::Moment => writeln!(into, "{need} INT64 {name} (TIMESTAMP(MICROS,true));"),
            Holds::Text => writeln!(into, "{need} {text} {name} (STRING);"),
            Holds::Texts => {
                writeln!(
                    into,
                    "OPTIONAL GROUP {name} (LIST) {{ REPEATED GROUP list {{ REQUIRED {text} element (STRING); }} }}"
                )
            }
            Holds::Map => writeln!(
                into,
                "REQUIRED GROUP {name} (MAP) {{ REPEATED GROUP key_value {{ REQUIRED {text} key (STRING); REQUIRED {text} value (STRING); }} }}"
            ),
        };
        debug_assert!(written.is_ok(), "a text takes all that is written to it");
    }
}

/// The bytes of an amount: 19 digits need more than the 18 that eight bytes are taken to have.
pub(super) const MONEY_BYTES: usize = 9;

/// What a row says in a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'r> {
    /// Nothing.
    Absent,
    /// Yes or no.
    Truth(bool),
    /// A whole number.
    Whole(i64),
    /// A number.
    Number(f64),
    /// An amount, in ten-thousandths.
    Money(i64),
    /// A moment.
    Moment(Micros),
    /// A text.
    Text(Cow<'r, str>),
    /// Several texts.
    Texts(Vec<Cow<'r, str>>),
    /// Texts by name, each name once.
    Map(Vec<(&'r str, &'r str)>),
}

impl<'r> Cell<'r> {
    /// A text.
    pub fn text(text: impl Into<Cow<'r, str>>) -> Self {
        Self::Text(text.into())
    }

    /// What a row of an analysis says, in a column that holds the like. Numbers of a column of whole ones are whole: counts and
    /// milliseconds, exact up to 2^53.
    #[must_use]
    pub fn of(value: Value<'r>, holds: Holds) -> Self {
        match value {
            Value::Absent => Self::Absent,
            Value::Truth(truth) => Self::Truth(truth),
            Value::Number(number) if holds == Holds::Whole => Self::Whole(number as i64),
            Value::Number(number) => Self::Number(number),
            Value::Moment(at) => Self::Moment(at),
            Value::Text(text) => Self::Text(text),
            Value::List(items) => Self::Texts(items),
        }
    }
}
