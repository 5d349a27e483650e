//! The sections of a mapping file, before their expressions are compiled.

use std::collections::HashMap;
use std::ops::Range;

use super::clock::Clock;
use super::settings::Csv;
use crate::written::{Desk, Held, Item, Table};

/// An expression as it stands in the file.
#[derive(Clone, Debug)]
pub(super) struct Written {
    /// Its text.
    pub(super) text: String,
    /// The bytes of the file that it takes, quotes included.
    pub(super) at: Range<usize>,
    /// The section and the key.
    pub(super) place: String,
}

/// A lookup table.
#[derive(Clone, Debug)]
pub(super) struct LookupSection {
    pub(super) name: String,
    pub(super) entries: HashMap<Box<str>, Box<str>>,
}

/// A table in a file of its own.
#[derive(Clone, Debug)]
pub(super) struct JoinSection {
    pub(super) name: String,
    pub(super) file: String,
    pub(super) key: String,
}

/// A field of `data`.
#[derive(Clone, Debug)]
pub(super) enum WrittenField {
    /// An expression.
    One(Written),
    /// A list of expressions.
    List(Vec<WrittenField>),
    /// An object of expressions, in the order of the file.
    Object(Vec<(String, WrittenField)>),
}

/// What an event is made of: a block's own, or what every block has.
#[derive(Clone, Debug, Default)]
pub(super) struct Parts {
    pub(super) time: Option<Written>,
    pub(super) subject: Option<Written>,
    /// Expressions for identifiers, with the kind that is put before a value.
    pub(super) identifiers: Option<Vec<(Option<String>, Written)>>,
    pub(super) data: Vec<(String, WrittenField, usize)>,
}

/// One `[[event]]`.
#[derive(Clone, Debug)]
pub(super) struct EventSection {
    pub(super) kind: String,
    pub(super) kind_at: usize,
    pub(super) name: Option<String>,
    pub(super) at: usize,
    pub(super) when: Option<Written>,
    pub(super) id: Option<Written>,
    pub(super) parts: Parts,
}

/// The whole file.
#[derive(Clone, Debug)]
pub(super) struct Sections {
    pub(super) name: String,
    pub(super) source: String,
    pub(super) clock: Clock,
    pub(super) key: Option<Written>,
    pub(super) csv: Csv,
    pub(super) lookups: Vec<LookupSection>,
    pub(super) joins: Vec<JoinSection>,
    pub(super) lets: Vec<(String, Written)>,
    pub(super) every: Parts,
    pub(super) events: Vec<EventSection>,
}

const TOP: &[&str] = &["name", "source", "time_zone", "key", "csv", "lookup", "join", "let", "every", "event"];

/// Reads the sections; what is wrong with them goes to the desk.
pub(super) fn read(mut top: Table, desk: &mut Desk<'_>) -> Sections {
    let place = "the file";
    let name = match desk.text(&mut top, place, "name") {
        Some((name, _)) if !name.trim().is_empty() => name,
        _ => {
            desk.note(0, place, "has no `name`", "begin with name = \"…\": it is the source of the events");
            String::new()
        }
    };
    let source = desk.text(&mut top, place, "source").map_or_else(|| name.clone(), |(source, _)| source);
    let sections = Sections {
        clock: read_zone(&mut top, desk),
        key: top.take("key").and_then(|item| written(item, "key", desk)),
        csv: Csv::read(desk.table(&mut top, place, "csv"), desk),
        lookups: read_lookups(desk.table(&mut top, place, "lookup"), desk),
        joins: read_joins(desk.table(&mut top, place, "join"), desk),
        lets: read_lets(desk.table(&mut top, place, "let"), desk),
        every: read_every(desk.table(&mut top, place, "every"), desk),
        events: read_events(top.take("event"), desk),
        name,
        source,
    };
    desk.leave(top, place, TOP);
    sections
}

/// The zone of `local`; UTC when there is none.
fn read_zone(top: &mut Table, desk: &mut Desk<'_>) -> Clock {
    let Some((zone, at)) = desk.text(top, "the file", "time_zone") else { return Clock::utc() };
    Clock::named(&zone).unwrap_or_else(|| {
        let help = "use a name of the IANA database, such as \"America/Sao_Paulo\" or \"UTC\"";
        desk.note(at.start, "time_zone", format!("`{zone}` is no time zone"), help);
        Clock::utc()
    })
}

fn read_lookups(table: Table, desk: &mut Desk<'_>) -> Vec<LookupSection> {
    let mut lookups = Vec::new();
    for (name, at, item) in table.entries {
        let place = format!("[lookup.{name}]");
        let Held::Table(inner) = item.value else {
            desk.note(at.start, &place, "is no table", "write one line for each entry: \"KEY\" = \"value\"");
            continue;
        };
        let mut entries = HashMap::new();
        for (key, _, item) in inner.entries {
            match item.value {
                Held::Text(value) => drop(entries.insert(key.into(), value.into())),
                Held::Constant(_) | Held::List(_) | Held::Table(_) | Held::Date => {
                    desk.note(item.at.start, &format!("{place} {key}"), "is no text", "write a text in quotes");
                }
            }
        }
        lookups.push(LookupSection { name, entries });
    }
    lookups
}

fn read_joins(table: Table, desk: &mut Desk<'_>) -> Vec<JoinSection> {
    let mut joins = Vec::new();
    for (name, at, item) in table.entries {
        let place = format!("[join.{name}]");
        let Held::Table(mut inner) = item.value else {
            desk.note(at.start, &place, "is no table", "write `file` and `key`");
            continue;
        };
        let file = desk.text(&mut inner, &place, "file");
        let key = desk.text(&mut inner, &place, "key");
        desk.leave(inner, &place, &["file", "key"]);
        match (file, key) {
            (Some((file, _)), Some((key, _))) => joins.push(JoinSection { name, file, key }),
            _ => desk.note(at.start, &place, "has no `file` or no `key`", "name the CSV file and its key column"),
        }
    }
    joins
}

fn read_lets(table: Table, desk: &mut Desk<'_>) -> Vec<(String, Written)> {
    let mut lets = Vec::new();
    for (name, at, item) in table.entries {
        let place = format!("[let] {name}");
        let plain = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !name.bytes().next().is_some_and(|b| b.is_ascii_digit());
        if !plain || RESERVED.contains(&name.as_str()) {
            desk.note(at.start, &place, "cannot be used as a name", "use letters, digits and _, and no word of CEL");
        } else if let Some(expression) = written(item, &place, desk) {
            lets.push((name, expression));
        }
    }
    lets
}

/// Words that a `[let]` cannot define: those of CEL, and those that mean something in a mapping.
const RESERVED: &[&str] = &[
    "row",
    "row_id",
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
    "bool",
    "int",
    "uint",
    "double",
    "string",
    "bytes",
    "list",
    "map",
    "type",
    "dyn",
    "null_type",
];

fn read_every(mut table: Table, desk: &mut Desk<'_>) -> Parts {
    let parts = read_parts(&mut table, "[every]", desk);
    desk.leave(table, "[every]", &["time", "subject", "identifiers", "data"]);
    parts
}

fn read_events(item: Option<Item>, desk: &mut Desk<'_>) -> Vec<EventSection> {
    let items = match item {
        Some(Item { value: Held::List(items), .. }) if !items.is_empty() => items,
        other => {
            let at = other.map_or(0, |item| item.at.start);
            desk.note(at, "the file", "makes no event", "write at least one [[event]]");
            return Vec::new();
        }
    };
    (1..).zip(items).filter_map(|(number, item)| read_event(number, item, desk)).collect()
}

fn read_event(number: usize, item: Item, desk: &mut Desk<'_>) -> Option<EventSection> {
    let Held::Table(mut table) = item.value else {
        desk.note(item.at.start, &format!("event {number}"), "is no table", "write [[event]]");
        return None;
    };
    let Some((kind, kind_at)) = desk.text(&mut table, &format!("event {number}"), "type") else {
        let help = "add type = \"…\", a kind of the vocabulary such as \"case.opened\"";
        desk.note(item.at.start, &format!("event {number}"), "has no `type`", help);
        return None;
    };
    let place = format!("event {number} ({kind})");
    let mut expression = |name: &str, table: &mut Table| {
        table.take(name).and_then(|item| written(item, &format!("{place}, {name}"), desk))
    };
    let (when, id) = (expression("when", &mut table), expression("id", &mut table));
    let name = desk.text(&mut table, &place, "name").map(|(name, _)| name);
    let parts = read_parts(&mut table, &place, desk);
    desk.leave(table, &place, &["type", "name", "when", "id", "time", "subject", "identifiers", "data"]);
    Some(EventSection { kind, kind_at: kind_at.start, name, at: item.at.start, when, id, parts })
}

/// What a block and `[every]` have in common.
fn read_parts(table: &mut Table, place: &str, desk: &mut Desk<'_>) -> Parts {
    let mut expression = |name: &str, table: &mut Table| {
        table.take(name).and_then(|item| written(item, &format!("{place}, {name}"), desk))
    };
    let (time, subject) = (expression("time", table), expression("subject", table));
    let identifiers = table.take("identifiers").map(|item| read_identifiers(item, place, desk));
    let data = desk.table(table, place, "data");
    let field = |(name, at, item): (String, Range<usize>, Item)| {
        let field = read_field(item, &format!("{place}, data.{name}"), desk)?;
        Some((name, field, at.start))
    };
    let data = data.entries.into_iter().filter_map(field).collect();
    Parts { time, subject, identifiers, data }
}

/// Either a list of expressions for `kind:value`, or a table of kinds with an expression for the value.
fn read_identifiers(item: Item, place: &str, desk: &mut Desk<'_>) -> Vec<(Option<String>, Written)> {
    let place = format!("{place}, identifiers");
    match item.value {
        Held::List(items) => items.into_iter().filter_map(|item| Some((None, written(item, &place, desk)?))).collect(),
        Held::Table(table) => {
            let each = |(kind, _, item)| {
                let expression = written(item, &format!("{place}.{kind}"), desk)?;
                Some((Some(kind), expression))
            };
            table.entries.into_iter().filter_map(each).collect()
        }
        Held::Text(_) | Held::Constant(_) | Held::Date => {
            let help = "write a list, ['\"crm:\" + row.id'], or a table of kinds, {crm = 'row.id'}";
            desk.note(item.at.start, &place, "is no list and no table", help);
            Vec::new()
        }
    }
}

fn read_field(item: Item, place: &str, desk: &mut Desk<'_>) -> Option<WrittenField> {
    match item.value {
        Held::List(items) => {
            let fields = items.into_iter().filter_map(|item| read_field(item, place, desk)).collect();
            Some(WrittenField::List(fields))
        }
        Held::Table(table) => {
            let mut fields = Vec::new();
            for (name, _, item) in table.entries {
                if let Some(field) = read_field(item, &format!("{place}.{name}"), desk) {
                    fields.push((name, field));
                }
            }
            Some(WrittenField::Object(fields))
        }
        Held::Text(_) | Held::Constant(_) | Held::Date => written(item, place, desk).map(WrittenField::One),
    }
}

/// An expression: a text that holds one, or a number, `true` or `false`.
fn written(item: Item, place: &str, desk: &mut Desk<'_>) -> Option<Written> {
    match item.value {
        Held::Text(text) | Held::Constant(text) => Some(Written { text, at: item.at, place: place.to_owned() }),
        Held::List(_) | Held::Table(_) | Held::Date => {
            let help = "write a CEL expression in quotes: 'row.x', '\"a text\"'";
            desk.note(item.at.start, place, "is no expression", help);
            None
        }
    }
}
