//! Rows become events.

use std::borrow::Cow;
use std::collections::HashMap;
use std::io::BufRead;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::compile::Expression;
use super::datum::Datum;
use super::failure::Failure;
use super::interpreter::Interpreter;
use super::plan::{EventPlan, FieldPlan, Plan};
use super::quick::Scope;
use super::records::Records;
use super::tables::Tables;
use crate::event::line_and_column;
use crate::event::{Flat, Invalid, Unfiled, did_you_mean};
use crate::ingest::cloudevents::Item;
use crate::ingest::rejected::{Code, Place, Rejected};
use crate::written::{Mistake, Mistakes};

/// How often each row was seen, by eight bytes of its hash. Sixteen bytes or so for each row of an import.
#[derive(Clone, Debug, Default)]
pub struct Occurrences(HashMap<u64, u32>);

impl Occurrences {
    /// Which one this is, from 1.
    fn count(&mut self, hash: &str) -> u32 {
        let short = hash.get(..16).and_then(|digits| u64::from_str_radix(digits, 16).ok()).unwrap_or_default();
        let count = self.0.entry(short).or_default();
        *count += 1;
        *count
    }
}

/// What one row came to.
#[derive(Debug)]
pub struct Row {
    /// Where it stood.
    pub place: Place,
    /// The events that it makes, each or why there is none. A row of which nothing can be made is one rejection.
    pub items: Vec<Result<Item, Rejected>>,
    /// Its bytes as they stood in the input, for a dead-letter file. Personal.
    pub raw: Arc<[u8]>,
}

/// The rows of one CSV, in order.
pub struct Rows<'m> {
    plan: &'m Plan,
    tables: &'m Arc<Tables>,
    records: Records,
    seen: &'m mut Occurrences,
    interpreter: Interpreter,
    column_names: Vec<String>,
    /// For each column that the mapping uses where it stands in the file.
    columns: Vec<usize>,
    index: u64,
}

impl std::fmt::Debug for Rows<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rows({} read)", self.index)
    }
}

impl<'m> Rows<'m> {
    pub(super) fn new(
        plan: &'m Plan,
        tables: &'m Arc<Tables>,
        reader: Box<dyn BufRead + Send>,
        seen: &'m mut Occurrences,
    ) -> Result<Self, Mistakes> {
        let mut records = Records::new(&plan.csv, reader);
        let header = read_header(plan, &mut records).map_err(|mistake| Mistakes(vec![mistake]))?;
        let columns = find_columns(plan, &header).map_err(Mistakes)?;
        records.set_width(header.len());
        let interpreter = Interpreter::new(&plan.env, tables)
            .map_err(|problem| Mistakes(vec![Mistake::outside("CEL", problem.reason, problem.help)]))?;
        let column_names = plan.columns.iter().map(|column| column.name.clone()).collect();
        Ok(Self { plan, tables, records, seen, interpreter, column_names, columns, index: 0 })
    }

    /// The next row; `None` at the end.
    ///
    /// # Errors
    /// When the input cannot be read any further.
    pub fn next_row(&mut self) -> std::io::Result<Option<Row>> {
        let Some(record) = self.records.next()? else { return Ok(None) };
        let place = Place { line: Some(record.line), index: self.index };
        self.index += 1;
        let raw: Arc<[u8]> = self.records.raw().into();
        let items = match record.problem {
            Some((reason, help)) => {
                let problem = Invalid::new("row", reason, help);
                vec![Err(Rejected::new(place, None, Code::InvalidCsv, problem))]
            }
            None => self.make(place),
        };
        Ok(Some(Row { place, items, raw }))
    }

    /// Makes the events of the record that was read.
    fn make(&mut self, place: Place) -> Vec<Result<Item, Rejected>> {
        let decode = |at: &usize| self.plan.csv.encoding.decode(self.records.field(*at)).map_err(|_| *at);
        let columns: Vec<Cow<'_, str>> = match self.columns.iter().map(decode).collect() {
            Ok(columns) => columns,
            Err(at) => {
                let name = self.columns.iter().position(|column| *column == at).and_then(|i| self.column_names.get(i));
                let field = format!("row.{}", name.map_or("", String::as_str));
                let help = "save the file as UTF-8, or name its encoding: [csv] encoding = \"latin1\"";
                let problem = Invalid::new(field, "is not in the encoding declared", help);
                return vec![Err(Rejected::new(place, None, Code::InvalidEncoding, problem))];
            }
        };
        let runner = Runner {
            plan: self.plan,
            tables: self.tables,
            interpreter: &self.interpreter,
            column_names: &self.column_names,
            columns: &columns,
        };
        let row_id = match &self.plan.key {
            None => {
                let hash = hash_of(self.tables, &self.records);
                match self.seen.count(&hash) {
                    1 => hash,
                    count => format!("{hash}-{count}"),
                }
            }
            Some(key) => match runner.key(key) {
                Ok(id) => id,
                Err(problem) => return vec![Err(Rejected::new(place, None, Code::InvalidExpression, problem))],
            },
        };
        runner.events(place, &row_id)
    }
}

/// Stands for all fields of a record.
fn hash_of(tables: &Tables, records: &Records) -> String {
    let mut hasher = tables.hasher.clone();
    for field in records.fields() {
        hasher.update(&(field.len() as u64).to_le_bytes());
        hasher.update(field);
    }
    let mut bytes = [0; 16];
    hasher.finalize_xof().fill(&mut bytes);
    crate::event::EventId(bytes).to_string()
}

/// Evaluates the expressions of a mapping for one row.
struct Runner<'r> {
    plan: &'r Plan,
    tables: &'r Arc<Tables>,
    interpreter: &'r Interpreter,
    column_names: &'r [String],
    columns: &'r [Cow<'r, str>],
}

/// The `[let]`s of a row: their values, and why those that failed did.
#[derive(Default)]
struct Lets {
    values: Vec<Option<Datum<'static>>>,
    failures: Vec<Option<(String, Failure)>>,
}

impl Runner<'_> {
    fn scope<'s>(&'s self, lets: &'s Lets, row_id: &'s str) -> Scope<'s> {
        Scope { columns: self.columns, lets: &lets.values, row_id, tables: self.tables }
    }

    /// The row's own id.
    fn key(&self, key: &Expression) -> Result<String, Invalid> {
        let lets = Lets::default();
        let scope = self.scope(&lets, "");
        let value = self.evaluate(key, &scope, &lets)?;
        let text = value.into_text().filter(|text| !text.trim().is_empty());
        text.ok_or_else(|| Invalid::new(key.place.clone(), "is blank for this row", "name columns that every row has"))
    }

    /// The value of an expression.
    fn evaluate<'s>(
        &self,
        expression: &'s Expression,
        scope: &'s Scope<'_>,
        lets: &Lets,
    ) -> Result<Datum<'s>, Invalid> {
        let failed = |place: &str, Failure { reason, help }: Failure| Invalid { field: place.to_owned(), reason, help };
        for index in &expression.lets {
            if let Some(Some((place, failure))) = lets.failures.get(*index) {
                return Err(failed(place, failure.clone()));
            }
        }
        if let Some(value) = expression.quick.as_ref().and_then(|quick| quick.evaluate(scope)) {
            return Ok(value);
        }
        let value = self.interpreter.evaluate(&expression.program, scope, self.column_names, &self.plan.let_names);
        value.map_err(|failure| failed(&expression.place, failure))
    }

    fn lets(&self, row_id: &str) -> Lets {
        let mut lets = Lets::default();
        for expression in &self.plan.lets {
            let scope = self.scope(&lets, row_id);
            let value = self.evaluate(expression, &scope, &lets).map(Datum::into_owned);
            let (value, failure) = match value {
                Ok(value) => (Some(value), None),
                Err(Invalid { field, reason, help }) => (None, Some((field, Failure { reason, help }))),
            };
            lets.values.push(value);
            lets.failures.push(failure);
        }
        lets
    }

    fn events(&self, place: Place, row_id: &str) -> Vec<Result<Item, Rejected>> {
        let lets = self.lets(row_id);
        let scope = self.scope(&lets, row_id);
        self.plan.events.iter().filter_map(|event| self.event(event, place, &scope, &lets).transpose()).collect()
    }

    /// The event of a block; nothing when its condition does not hold.
    fn event(&self, event: &EventPlan, place: Place, scope: &Scope<'_>, lets: &Lets) -> Result<Option<Item>, Rejected> {
        let id_of = |id: Option<&str>| id.map_or_else(|| format!("{}/{}", scope.row_id, event.name), str::to_owned);
        let refuse = |code, problem| Rejected::new(place, Some(&id_of(None)), code, problem);
        let expression = |problem| refuse(Code::InvalidExpression, problem);
        if let Some(when) = &event.when {
            let Datum::Truth(holds) = self.evaluate(when, scope, lets).map_err(expression)? else {
                let help = "write a comparison, such as row.x != \"\"";
                return Err(expression(Invalid::new(when.place.clone(), "is neither true nor false", help)));
            };
            if !holds {
                return Ok(None);
            }
        }
        let text = |wanted: &Expression| {
            let value = self.evaluate(wanted, scope, lets)?;
            Ok(if value.is_blank() { None } else { value.into_text() })
        };
        let id = event.id.as_ref().map(text).transpose().map_err(expression)?.flatten();
        let id = id_of(id.as_deref());
        let mut data = Map::new();
        for (name, field) in &event.data {
            if let Some(value) = self.field(field, scope, lets).map_err(expression)? {
                data.insert(name.clone(), value);
            }
        }
        let mut identifiers = Vec::new();
        for (kind, value) in &event.identifiers {
            if let Some(value) = text(value).map_err(expression)? {
                identifiers
                    .push(Value::String(kind.as_ref().map_or_else(|| value.clone(), |kind| format!("{kind}:{value}"))));
            }
        }
        if !identifiers.is_empty() {
            data.insert("identifiers".into(), identifiers.into());
        }
        let flat = Flat {
            source: self.plan.source.clone(),
            kind: event.kind.clone(),
            subject: event.subject.as_ref().map(text).transpose().map_err(expression)?.flatten(),
            time: text(&event.time).map_err(expression)?,
            id: id.clone(),
            data,
        };
        let unfiled = Unfiled::read(flat).map_err(|problem| {
            let field = format!("{}, {}", event.place, problem.field);
            refuse(Code::InvalidField, Invalid { field, ..problem })
        })?;
        Ok(Some(Item { place, id, event: unfiled }))
    }

    fn field(&self, field: &FieldPlan, scope: &Scope<'_>, lets: &Lets) -> Result<Option<Value>, Invalid> {
        match field {
            FieldPlan::One(expression) => {
                let failed = |Failure { reason, help }| Invalid { field: expression.place.clone(), reason, help };
                self.evaluate(expression, scope, lets)?.into_json().map_err(failed)
            }
            FieldPlan::List(items) => {
                let mut values = Vec::new();
                for item in items {
                    values.extend(self.field(item, scope, lets)?);
                }
                Ok((!values.is_empty()).then_some(Value::Array(values)))
            }
            FieldPlan::Object(fields) => {
                let mut map = Map::new();
                for (name, field) in fields {
                    if let Some(value) = self.field(field, scope, lets)? {
                        map.insert(name.clone(), value);
                    }
                }
                Ok((!map.is_empty()).then_some(Value::Object(map)))
            }
        }
    }
}

/// The names of the columns.
fn read_header(plan: &Plan, records: &mut Records) -> Result<Vec<String>, Mistake> {
    if !plan.csv.header {
        return Ok(plan.csv.columns.clone());
    }
    let io =
        |cause: std::io::Error| Mistake::outside("the input", format!("cannot be read: {cause}"), "check the file");
    if records.next().map_err(io)?.is_none() {
        return Err(Mistake::outside("the input", "is empty", "name a CSV with a header"));
    }
    let wrong =
        |_| Mistake::outside("the header", "is not in the encoding declared", "name it: [csv] encoding = \"latin1\"");
    let names = records.fields().map(|field| plan.csv.encoding.decode(field).map(|name| name.trim().to_owned()));
    names.collect::<Result<_, _>>().map_err(wrong)
}

/// Where the columns that the mapping uses stand in the file.
fn find_columns(plan: &Plan, header: &[String]) -> Result<Vec<usize>, Vec<Mistake>> {
    let known: Vec<&str> = header.iter().map(String::as_str).collect();
    let missing = |name: &str, at: Option<usize>, place: &str| Mistake {
        at: at.map(|at| line_and_column(&plan.text, at)),
        place: place.to_owned(),
        reason: format!("the input has no column `{name}`"),
        help: did_you_mean(name, &known),
    };
    let (mut columns, mut mistakes) = (Vec::new(), Vec::new());
    for column in &plan.columns {
        match header.iter().position(|name| *name == column.name) {
            Some(at) => columns.push(at),
            None => mistakes.push(missing(&column.name, Some(column.at), &column.place)),
        }
    }
    let declared = plan.csv.columns.iter().filter(|name| plan.csv.header && !header.contains(name));
    mistakes.extend(declared.map(|name| missing(name, None, "[csv] columns")));
    if mistakes.is_empty() {
        return Ok(columns);
    }
    if let Some(other) = other_delimiter(plan.csv.delimiter, header) {
        return Err(vec![other]);
    }
    // The first line of a file without a header is a row of somebody: what it says is not repeated.
    if header.iter().all(|name| is_column_name(name)) { Err(mistakes) } else { Err(vec![no_header()]) }
}

/// What is wrong where another character than the declared one parts the names of the first line.
fn other_delimiter(declared: u8, header: &[String]) -> Option<Mistake> {
    let declared = char::from(declared);
    let line = header.join(&declared.to_string());
    let names = |by: char| line.split(by).map(|name| name.trim().trim_matches('"'));
    let fits = |by: &char| names(*by).count() > header.len() && names(*by).all(is_column_name);
    let other = [',', ';', '\t', '|'].into_iter().filter(|by| *by != declared).find(fits)?;
    let (declared, other) = (declared.escape_default(), other.escape_default());
    let reason = format!("the first line seems to be parted by \"{other}\", and `delimiter` is \"{declared}\"");
    Some(Mistake::outside("the header", reason, format!("write [csv] delimiter = \"{other}\" if it is so")))
}

/// Whether a field of the first line can be the name of a column.
fn is_column_name(name: &str) -> bool {
    name.len() <= 64 && !name.contains(['{', '}', '"', '@', ':']) && name.chars().any(|c| !c.is_numeric())
}

fn no_header() -> Mistake {
    let help = "name a CSV whose first line names its columns; CloudEvents (NDJSON) come in without --mapping";
    Mistake::outside("the header", "the first line does not name columns", help)
}
