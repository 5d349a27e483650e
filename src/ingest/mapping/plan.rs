//! What a row makes: the sections of the file, compiled and checked against the vocabulary.

use std::sync::Arc;

use cel::Env;

use super::compile::{ColumnUse, Compiler, Expression};
use super::functions;
use super::join::JoinTable;
use super::sections::{self, EventSection, Parts, Sections, Written, WrittenField};
use super::settings::Csv;
use super::tables::Tables;
use crate::event::kind::KindInfo;
use crate::event::{Kind, Source, did_you_mean, nearest};
use crate::ingest::fields::{ENVELOPE, needed};
use crate::written::{Desk, Mistake, Table};

/// A mapping, ready to run.
pub(super) struct Plan {
    pub(super) source: String,
    pub(super) env: Arc<Env>,
    pub(super) csv: Csv,
    pub(super) key: Option<Expression>,
    pub(super) lets: Vec<Expression>,
    pub(super) let_names: Vec<String>,
    pub(super) events: Vec<EventPlan>,
    pub(super) columns: Vec<ColumnUse>,
    /// The file, for the places of mistakes that only a header shows.
    pub(super) text: String,
}

/// One `[[event]]`.
pub(super) struct EventPlan {
    /// `event 2 (case.opened)`.
    pub(super) place: String,
    /// The type as CloudEvents have it.
    pub(super) kind: String,
    /// What tells its id from those of the row's other events.
    pub(super) name: String,
    pub(super) when: Option<Expression>,
    pub(super) id: Option<Expression>,
    pub(super) time: Expression,
    pub(super) subject: Option<Expression>,
    pub(super) identifiers: Vec<(Option<String>, Expression)>,
    pub(super) data: Vec<(String, FieldPlan)>,
}

/// A field of `data`.
pub(super) enum FieldPlan {
    One(Expression),
    List(Vec<FieldPlan>),
    Object(Vec<(String, FieldPlan)>),
}

/// Reads a mapping file.
pub(super) fn read(text: &str) -> Result<(Plan, Tables), Vec<Mistake>> {
    let table = Table::parse(text)?;
    let mut desk = Desk::new(text);
    let sections = sections::read(table, &mut desk);
    if Source::new(&sections.source).is_err() && !sections.name.is_empty() {
        desk.note(0, "source", "is no name of a system", "write a short name: name = \"sp156\"");
    }
    let env = functions::environment().map_err(|problem| {
        vec![Mistake::outside("CEL", format!("cannot be set up: {problem:?}"), "this is a mistake of the program")]
    })?;
    let plan = build(sections, Arc::new(env), text, &mut desk);
    match plan {
        Some(done) if desk.is_clean() => Ok(done),
        _ => Err(desk.finish()),
    }
}

fn build(sections: Sections, env: Arc<Env>, text: &str, desk: &mut Desk<'_>) -> Option<(Plan, Tables)> {
    let joins = sections.joins.into_iter().map(|join| JoinTable::new(join.name, join.file, join.key)).collect();
    let lookups = sections.lookups.into_iter().map(|lookup| (lookup.name, lookup.entries)).collect();
    let tables = Tables { lookups, joins, clock: sections.clock, hasher: functions::hasher() };
    let mut compiler = Compiler { env: env.clone(), tables, columns: Vec::new(), lets: Vec::new(), has_row_id: false };
    let key = sections.key.as_ref().and_then(|key| compiler.compile(key, desk));
    compiler.has_row_id = true;
    let mut lets = Vec::new();
    for (name, written) in &sections.lets {
        lets.extend(compiler.compile(written, desk));
        compiler.lets.push(name.clone());
    }
    let mut events: Vec<EventPlan> = Vec::new();
    for (number, event) in (1..).zip(&sections.events) {
        let Some(plan) = build_event(number, event, &sections.every, &mut compiler, desk) else { continue };
        if events.iter().any(|other| other.name == plan.name && other.id.is_none() && plan.id.is_none()) {
            let help = "give each a `name` of its own: it becomes part of the event's id";
            desk.note(event.at, &plan.place, "has the name of an event above", help);
        }
        events.push(plan);
    }
    let plan = Plan {
        source: sections.source,
        csv: sections.csv,
        let_names: compiler.lets,
        columns: compiler.columns,
        text: text.to_owned(),
        env,
        key,
        lets,
        events,
    };
    Some((plan, compiler.tables))
}

fn build_event(
    number: usize,
    event: &EventSection,
    every: &Parts,
    compiler: &mut Compiler,
    desk: &mut Desk<'_>,
) -> Option<EventPlan> {
    let place = format!("event {number} ({})", event.kind);
    let bare = event.kind.strip_prefix("novelo.").unwrap_or(&event.kind);
    let info = Kind::named(bare);
    check_kind(bare, info, event, &place, desk);
    let parts = &event.parts;
    let Some(time) = parts.time.as_ref().or(every.time.as_ref()) else {
        desk.note(event.at, &place, "has no `time`", "write time = 'local(row.…)' here or under [every]");
        return None;
    };
    let fields: Vec<&(String, WrittenField, usize)> = parts
        .data
        .iter()
        .chain(every.data.iter().filter(|(name, ..)| !parts.data.iter().any(|(own, ..)| own == name)))
        .collect();
    check_fields(info, (&fields, every), event.at, &place, desk);
    let mut optional = |written: &Option<Written>| written.as_ref().and_then(|written| compiler.compile(written, desk));
    let (when, id) = (optional(&event.when), optional(&event.id));
    let subject = optional(if parts.subject.is_some() { &parts.subject } else { &every.subject });
    let identifiers = parts.identifiers.as_ref().or(every.identifiers.as_ref()).map_or(&[][..], Vec::as_slice);
    let identifiers = identifiers
        .iter()
        .filter_map(|(kind, written)| Some((kind.clone(), compiler.compile(written, desk)?)))
        .collect();
    let data = fields
        .into_iter()
        .filter_map(|(name, field, _)| Some((name.clone(), build_field(field, compiler, desk)?)))
        .collect();
    Some(EventPlan {
        kind: if info.is_some() { format!("novelo.{bare}") } else { event.kind.clone() },
        name: event.name.clone().unwrap_or_else(|| event.kind.clone()),
        time: compiler.compile(time, desk)?,
        place,
        when,
        id,
        subject,
        identifiers,
        data,
    })
}

/// Refuses a type that was most likely meant to be one of the vocabulary.
fn check_kind(bare: &str, info: Option<&KindInfo>, event: &EventSection, place: &str, desk: &mut Desk<'_>) {
    let known: Vec<&str> = Kind::ALL.iter().map(|info| info.name).collect();
    let meant = nearest(bare, known.iter().copied()).is_some() || event.kind.starts_with("novelo.");
    if info.is_none() && meant {
        desk.note(event.kind_at, place, format!("`{bare}` is not in the vocabulary"), did_you_mean(bare, &known));
    }
}

/// Refuses fields that the kind has not, and the absence of those that it must have.
fn check_fields(
    info: Option<&'static KindInfo>,
    (fields, every): (&[&(String, WrittenField, usize)], &Parts),
    at: usize,
    place: &str,
    desk: &mut Desk<'_>,
) {
    let Some(info) = info else { return };
    let own = info.clear.iter().map(|field| field.name).chain(info.personal.iter().map(|field| field.name));
    let known: Vec<&str> = own.chain(ENVELOPE.iter().copied()).filter(|name| *name != "identifiers").collect();
    for (name, _, at) in fields {
        // What stands under [every] is told of the first event that has no such field: it may be wrong for all of them.
        let was_told = every.data.iter().any(|(_, _, of_every)| of_every == at) && desk.has_noted(*at);
        if !known.contains(&name.as_str()) && !was_told {
            desk.note(*at, place, format!("`{name}` is not a field of this kind"), did_you_mean(name, &known));
        }
    }
    let required = info.clear.iter().filter(|field| field.required).map(|field| field.name);
    let required = required.chain(info.personal.iter().filter(|field| field.required).map(|field| field.name));
    for name in required.chain(needed(info.name).iter().copied()) {
        if !fields.iter().any(|(given, ..)| given == name) {
            desk.note(
                at,
                place,
                format!("has no `data.{name}`, which this kind needs"),
                format!("write data.{name} = '…'"),
            );
        }
    }
}

fn build_field(field: &WrittenField, compiler: &mut Compiler, desk: &mut Desk<'_>) -> Option<FieldPlan> {
    match field {
        WrittenField::One(written) => compiler.compile(written, desk).map(FieldPlan::One),
        WrittenField::List(items) => {
            let items = items.iter().filter_map(|item| build_field(item, compiler, desk)).collect();
            Some(FieldPlan::List(items))
        }
        WrittenField::Object(fields) => {
            let each =
                |(name, field): &(String, WrittenField)| Some((name.clone(), build_field(field, compiler, desk)?));
            Some(FieldPlan::Object(fields.iter().filter_map(each).collect()))
        }
    }
}
