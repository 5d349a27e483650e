//! Reading a definition, with the place of everything that is wrong with it.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::tz::TimeZone;

use super::columns::{self, Named};
use super::{Definition, Over};
use crate::event::{Micros, did_you_mean};
use crate::tally::bucket::Span;
use crate::tally::entity::{Case, Contact, Conversation, Entity, EntityFields, Step, Visit};
use crate::tally::events::EventFields;
use crate::tally::expression::{Expression, Fault, Formula, compile, compile_figure, compile_group};
use crate::tally::row::Fields;
use crate::tally::value::Type;
use crate::written::{Desk, Held, Item, Mistake, Table};

const TOP: &[&str] =
    &["name", "version", "title", "over", "where", "group_by", "at", "bucket", "timezone", "window", "measures"];
/// Most bytes of a definition.
const LONGEST_BYTES: usize = 16 << 10;
const MOST_GROUPS: usize = 8;
const MOST_MEASURES: usize = 32;

/// A text of the file: what it says and where.
type Written = (String, Range<usize>);

/// The file, before its expressions are read.
struct Sections {
    name: String,
    version: u32,
    titles: BTreeMap<String, String>,
    over: Option<Over>,
    condition: Option<Written>,
    groups: Vec<Named>,
    at: Option<Written>,
    bucket: Option<Span>,
    zone: (String, TimeZone),
    window: i64,
    figures: Vec<Named>,
}

/// Everything that is made of expressions.
struct Plan {
    condition: Option<Expression>,
    groups: Vec<(String, Expression)>,
    at: Option<Expression>,
    figures: Vec<(String, Formula)>,
    measures: Vec<crate::tally::expression::Measure>,
}

pub(super) fn read(text: &str, zone: &str) -> Result<Definition, Vec<Mistake>> {
    if text.len() > LONGEST_BYTES {
        let reason = format!("is longer than {LONGEST_BYTES} bytes");
        return Err(vec![Mistake::outside("the definition", reason, "make several analyses of it")]);
    }
    let top = Table::parse(text)?;
    let mut desk = Desk::new(text);
    let sections = sections(top, zone, &mut desk);
    let plan = sections.over.map(|over| match over {
        Over::Events => plan(&sections, &EventFields, "occurred_at", &mut desk),
        Over::Contacts => of_entity::<Contact>(&sections, &mut desk),
        Over::Cases => of_entity::<Case>(&sections, &mut desk),
        Over::Conversations => of_entity::<Conversation>(&sections, &mut desk),
        Over::Transitions => of_entity::<Step>(&sections, &mut desk),
        Over::Visits => of_entity::<Visit>(&sections, &mut desk),
    });
    let misnamed = columns::mistakes(text, sections.bucket, &sections.groups, &sections.figures);
    match (plan, sections.over) {
        (Some(Plan { condition, groups, at: Some(at), figures, measures }), Some(over)) if desk.is_clean() => {
            Ok(Definition {
                name: sections.name,
                version: sections.version,
                titles: sections.titles,
                over,
                bucket: sections.bucket,
                zone: sections.zone,
                window: sections.window,
                groups,
                figures,
                measures,
                condition,
                at,
                usual_at: sections.at.is_none(),
                misnamed,
                text: text.to_owned(),
            })
        }
        _ => {
            let mut all = [desk.finish(), misnamed].concat();
            all.sort_by_key(|mistake| mistake.at);
            Err(all)
        }
    }
}

fn of_entity<R: Entity>(sections: &Sections, desk: &mut Desk<'_>) -> Plan {
    plan(sections, &EntityFields::<R>::default(), R::AT, desk)
}

fn plan(sections: &Sections, fields: &impl Fields, usual_at: &str, desk: &mut Desk<'_>) -> Plan {
    let zone = &sections.zone.1;
    let condition = sections.condition.as_ref().and_then(|(text, at)| {
        let read = compile(text, fields, zone).and_then(|it| must_be(it, Type::Truth, "compare: wait_ms > 5000"));
        told(read, "where", text, at, desk)
    });
    let groups = (sections.groups.iter())
        .filter_map(|Named { name, text, at, .. }| {
            let place = format!("group_by {name}");
            Some((name.clone(), told(compile_group(text, fields, zone), &place, text, at, desk)?))
        })
        .collect();
    let at = match &sections.at {
        Some((text, at)) => {
            let help = "use a moment of the row, such as opened_at";
            let read = compile(text, fields, zone).and_then(|it| must_be(it, Type::Moment, help));
            told(read, "at", text, at, desk)
        }
        None => compile(usual_at, fields, zone).ok(),
    };
    let mut measures = Vec::new();
    let figures = (sections.figures.iter())
        .filter_map(|Named { name, text, at, .. }| {
            let place = format!("[measures] {name}");
            Some((name.clone(), told(compile_figure(text, fields, zone, &mut measures), &place, text, at, desk)?))
        })
        .collect();
    Plan { condition, groups, at, figures, measures }
}

fn must_be(expression: Expression, wanted: Type, help: &'static str) -> Result<Expression, Vec<Fault>> {
    match expression.gives() {
        Some(gives) if gives.is_like(wanted) => Ok(expression),
        gives => {
            let given = gives.map_or("null", Type::describe);
            let reason = format!("is {given}, and {} is needed", wanted.describe());
            Err(vec![Fault { at: 0, reason, help: help.into() }])
        }
    }
}

/// Notes what is wrong with an expression at its place in the file.
fn told<T>(read: Result<T, Vec<Fault>>, place: &str, text: &str, at: &Range<usize>, desk: &mut Desk<'_>) -> Option<T> {
    let faults = match read {
        Ok(expression) => return Some(expression),
        Err(faults) => faults,
    };
    let inside = desk.inside(at, text);
    for fault in faults {
        desk.note(inside.map_or(at.start, |inside| inside + fault.at), place, fault.reason, fault.help);
    }
    None
}

fn sections(mut top: Table, zone: &str, desk: &mut Desk<'_>) -> Sections {
    let name = name(&mut top, desk);
    let version = version(&mut top, desk);
    let titles = titles(&mut top, desk);
    let over = over(&mut top, desk);
    let condition = desk.text(&mut top, "the definition", "where");
    let groups = groups(top.take("group_by"), desk);
    let at = desk.text(&mut top, "the definition", "at");
    let bucket = bucket(&mut top, desk);
    let zone = time_zone(&mut top, zone, desk);
    let window = window(&mut top, desk);
    let figures = figures(&mut top, desk);
    desk.leave(top, "the definition", TOP);
    Sections { name, version, titles, over, condition, groups, at, bucket, zone, window, figures }
}

fn name(top: &mut Table, desk: &mut Desk<'_>) -> String {
    let help = "write name = \"…\": small letters, digits and _, from a letter on, at most 64";
    match desk.text(top, "the definition", "name") {
        Some((name, _)) if is_name(&name) => name,
        Some((name, at)) => {
            let shown: String = name.chars().take(64).collect();
            desk.note(at.start, "name", format!("`{shown}` is no name"), help);
            String::new()
        }
        None => {
            desk.note(0, "the definition", "has no `name`", help);
            String::new()
        }
    }
}

fn is_name(name: &str) -> bool {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.len() <= 64 && name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(letters)
}

fn version(top: &mut Table, desk: &mut Desk<'_>) -> u32 {
    match top.take("version") {
        None => 1,
        Some(Item { value: Held::Constant(number), at }) => match number.parse() {
            Ok(version) if version > 0 => version,
            _ => {
                desk.note(at.start, "version", format!("{number} is no version"), "write a whole number from 1 on");
                1
            }
        },
        Some(item) => {
            desk.note(item.at.start, "version", "is no number", "write version = 1");
            1
        }
    }
}

fn titles(top: &mut Table, desk: &mut Desk<'_>) -> BTreeMap<String, String> {
    let table = match top.take("title") {
        None => return BTreeMap::new(),
        Some(Item { value: Held::Text(title), .. }) => return BTreeMap::from([("en".to_owned(), title)]),
        Some(Item { value: Held::Table(table), .. }) => table,
        Some(item) => {
            desk.note(item.at.start, "title", "is no text", "write title = { \"pt-BR\" = \"…\", en = \"…\" }");
            return BTreeMap::new();
        }
    };
    let mut titles = BTreeMap::new();
    for (language, _, item) in table.entries {
        match item.value {
            Held::Text(title) => {
                titles.insert(language, title);
            }
            Held::Constant(_) | Held::List(_) | Held::Table(_) | Held::Date => {
                desk.note(item.at.start, &format!("title {language}"), "is no text", "write a text in quotes")
            }
        }
    }
    titles
}

fn over(top: &mut Table, desk: &mut Desk<'_>) -> Option<Over> {
    let Some((word, at)) = desk.text(top, "the definition", "over") else {
        let help = format!("write over = \"…\", one of: {}", Over::WORDS.join(", "));
        desk.note(0, "the definition", "has no `over`", help);
        return None;
    };
    let over = Over::named(&word);
    if over.is_none() {
        desk.note(at.start, "over", format!("there are no rows `{word}`"), did_you_mean(&word, Over::WORDS));
    }
    over
}

/// A list of fields, or a table of names and expressions.
fn groups(item: Option<Item>, desk: &mut Desk<'_>) -> Vec<Named> {
    let mut groups: Vec<Named> = Vec::new();
    let mut add = |name: String, name_at: usize, item: Item, desk: &mut Desk<'_>| match item.value {
        Held::Text(text) => match groups.iter().find(|known| known.name == name) {
            Some(known) => {
                let (reason, help) = two_of_one_name(&name, &known.text, &text);
                desk.note(item.at.start, "group_by", reason, help);
            }
            None => groups.push(Named { name, name_at, text, at: item.at }),
        },
        Held::Constant(_) | Held::List(_) | Held::Table(_) | Held::Date => {
            desk.note(item.at.start, "group_by", "is no text", "write a field or an expression in quotes")
        }
    };
    match item {
        None => {}
        Some(Item { value: Held::List(items), at }) => {
            if items.len() > MOST_GROUPS {
                desk.note(at.start, "group_by", format!("has more than {MOST_GROUPS} entries"), "group by fewer");
            }
            for item in items {
                let name = if let Held::Text(text) = &item.value { group_name(text) } else { String::new() };
                add(name, item.at.start, item, desk);
            }
        }
        Some(Item { value: Held::Table(table), at }) => {
            if table.entries.len() > MOST_GROUPS {
                desk.note(at.start, "group_by", format!("has more than {MOST_GROUPS} entries"), "group by fewer");
            }
            table.entries.into_iter().for_each(|(name, at, item)| add(name, at.start, item, desk));
        }
        Some(item) => {
            desk.note(item.at.start, "group_by", "is no list", "write group_by = [\"channel\"]");
        }
    }
    groups
}

/// What is wrong with two groups of one name, and what to do: they may be two things that are called alike.
fn two_of_one_name(name: &str, one: &str, other: &str) -> (String, String) {
    let [one, other] = [one, other].map(|text| text.trim().chars().take(64).collect::<String>());
    if one == other {
        return (format!("`{one}` stands there twice"), "group by it once".to_owned());
    }
    let reason = format!("`{one}` and `{other}` are two things, and both would be called `{name}`");
    let named = format!("group_by = {{ {name} = '{one}', other_{name} = '{other}' }}");
    (reason, format!("give each a name of its own, in a table: {named}"))
}

/// A field is called by its own name; of a free one, by the last part.
fn group_name(text: &str) -> String {
    match text.rsplit_once('.') {
        Some((_, last)) if last.chars().all(|c| c.is_alphanumeric() || c == '_') => last.to_owned(),
        _ => text.trim().to_owned(),
    }
}

fn bucket(top: &mut Table, desk: &mut Desk<'_>) -> Option<Span> {
    let (word, at) = desk.text(top, "the definition", "bucket")?;
    let span = Span::named(&word);
    if span.is_none() {
        desk.note(at.start, "bucket", format!("there is no bucket `{word}`"), did_you_mean(&word, Span::WORDS));
    }
    span
}

fn time_zone(top: &mut Table, usual: &str, desk: &mut Desk<'_>) -> (String, TimeZone) {
    let named = desk.text(top, "the definition", "timezone");
    let name = named.as_ref().map_or(usual, |(name, _)| name.as_str());
    match TimeZone::get(name) {
        Ok(zone) => (name.to_owned(), zone),
        Err(_) => {
            let at = named.as_ref().map_or(0, |(_, at)| at.start);
            let help = "use a name of the IANA database, such as \"America/Sao_Paulo\" or \"UTC\"";
            desk.note(at, "timezone", format!("`{name}` is no time zone"), help);
            ("UTC".to_owned(), TimeZone::UTC)
        }
    }
}

/// `7d`, `48h` or `30m`, in microseconds.
fn window(top: &mut Table, desk: &mut Desk<'_>) -> i64 {
    let Some((text, at)) = desk.text(top, "the definition", "window") else { return 0 };
    let unit = |c: char| match c {
        'd' => Some(Micros::DAY),
        'h' => Some(Micros::HOUR),
        'm' => Some(60 * Micros::SECOND),
        _ => None,
    };
    let number = text.get(..text.len().saturating_sub(1)).and_then(|number| number.parse::<u32>().ok());
    match number.zip(text.chars().last().and_then(unit)) {
        Some((number, unit)) if i64::from(number) <= 3_660 * Micros::DAY / unit => i64::from(number) * unit,
        _ => {
            let help = "write a number of days, hours or minutes: \"7d\", \"48h\", \"30m\"; at most ten years";
            desk.note(at.start, "window", format!("`{text}` is no span"), help);
            0
        }
    }
}

fn figures(top: &mut Table, desk: &mut Desk<'_>) -> Vec<Named> {
    let table = desk.table(top, "the definition", "measures");
    if table.entries.is_empty() {
        desk.note(0, "the definition", "measures nothing", "write [measures] and below it count = 'count()'");
    }
    if table.entries.len() > MOST_MEASURES {
        let reason = format!("has more than {MOST_MEASURES} entries");
        desk.note(0, "[measures]", reason, "make several analyses of it");
    }
    let mut figures = Vec::new();
    for (name, name_at, item) in table.entries {
        match item.value {
            Held::Text(text) => figures.push(Named { name, name_at: name_at.start, text, at: item.at }),
            Held::Constant(_) | Held::List(_) | Held::Table(_) | Held::Date => {
                let place = format!("[measures] {name}");
                desk.note(item.at.start, &place, "is no text", "write a measure in quotes: 'count()'");
            }
        }
    }
    figures
}
