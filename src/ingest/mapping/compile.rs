//! From an expression as it is written to one that can be evaluated: parsed, its names checked, its columns noted.

use std::collections::BTreeSet;
use std::sync::Arc;

use cel::common::ast::{EntryExpr, Expr};
use cel::{Env, IdedExpr};

use super::functions::{OWN, STANDARD, own};
use super::join::JoinTable;
use super::meter::metered;
use super::quick::{self, Quick, is_row, literal_text};
use super::sections::Written;
use super::tables::Tables;
use crate::event::did_you_mean;
use crate::written::Desk;

/// Most bytes of an expression. Reading one calls itself as deep as it is nested.
const LONGEST_BYTES: usize = 4_096;
/// Comprehensions (`map`, `filter`, `all`, …) inside one another: each goes through a list for every item of the one around it.
const MOST_NESTED: usize = 2;

/// A compiled expression.
pub(super) struct Expression {
    /// As it is evaluated: it counts what it does.
    pub(super) program: Arc<IdedExpr>,
    pub(super) quick: Option<Quick>,
    /// The `[let]`s that it names.
    pub(super) lets: Vec<usize>,
    /// The section and the key.
    pub(super) place: String,
}

/// A column that some expression reads.
#[derive(Clone, Debug)]
pub(super) struct ColumnUse {
    pub(super) name: String,
    /// Offset in the file of the expression that reads it first.
    pub(super) at: usize,
    pub(super) place: String,
}

/// What expressions may name, and what they turned out to need.
pub(super) struct Compiler {
    pub(super) env: Arc<Env>,
    pub(super) tables: Tables,
    pub(super) columns: Vec<ColumnUse>,
    /// The `[let]`s above.
    pub(super) lets: Vec<String>,
    /// Whether `row_id` is there: not in `key`, which makes it.
    pub(super) has_row_id: bool,
}

impl quick::Names for Compiler {
    fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    fn binding(&self, name: &str) -> Option<usize> {
        self.lets.iter().position(|known| known == name)
    }

    fn tables(&self) -> &Tables {
        &self.tables
    }
}

/// What is wrong inside an expression.
struct Fault {
    reason: String,
    help: std::borrow::Cow<'static, str>,
}

fn fault(reason: impl Into<String>, help: impl Into<std::borrow::Cow<'static, str>>) -> Fault {
    Fault { reason: reason.into(), help: help.into() }
}

impl Compiler {
    /// Compiles an expression; what is wrong with it goes to the desk.
    pub(super) fn compile(&mut self, written: &Written, desk: &mut Desk<'_>) -> Option<Expression> {
        if written.text.len() > LONGEST_BYTES {
            let reason = format!("is longer than {LONGEST_BYTES} bytes");
            desk.note(written.at.start, &written.place, reason, "take it apart with [let], or use a [lookup]");
            return None;
        }
        let program = match self.env.compile(&written.text) {
            Ok(program) => program,
            Err(errors) => {
                for error in &errors.errors {
                    let message = error.msg.lines().next().unwrap_or_default().to_owned();
                    let at = offset_of(&written.text, error.pos)
                        .and_then(|inner| Some(desk.inside(&written.at, &written.text)? + inner));
                    let help = "see the CEL language definition; texts stand in double quotes inside the expression";
                    desk.note(
                        at.unwrap_or(written.at.start),
                        &written.place,
                        format!("is no expression: {message}"),
                        help,
                    );
                }
                return None;
            }
        };
        let mut lets = BTreeSet::new();
        let mut faults = Vec::new();
        self.check(program.expression(), &mut Vec::new(), &mut lets, &mut faults, written);
        for Fault { reason, help } in &faults {
            desk.note(written.at.start, &written.place, reason.clone(), help.clone());
        }
        if !faults.is_empty() {
            return None;
        }
        let quick = quick::of(program.expression(), self);
        Some(Expression {
            program: Arc::new(metered(program.expression())),
            quick,
            lets: lets.into_iter().collect(),
            place: written.place.clone(),
        })
    }

    /// Checks the names in an expression. `bound` are the variables of the comprehensions around it.
    fn check(
        &mut self,
        expression: &IdedExpr,
        bound: &mut Vec<String>,
        lets: &mut BTreeSet<usize>,
        faults: &mut Vec<Fault>,
        written: &Written,
    ) {
        match &expression.expr {
            Expr::Unspecified | Expr::Literal(_) => {}
            Expr::Ident(name) => self.check_name(name, bound, lets, faults),
            Expr::Select(select) if is_row(&select.operand) => self.use_column(&select.field, written),
            Expr::Select(select) => self.check(&select.operand, bound, lets, faults, written),
            Expr::Call(call) => {
                let indexed = (call.func_name == "_[_]").then(|| call.args.first().filter(|arg| is_row(arg))).flatten();
                if indexed.is_some() {
                    match call.args.get(1).and_then(literal_text) {
                        Some(column) => self.use_column(column, written),
                        None => {
                            faults.push(fault("picks a column of `row` by a value", "name it: row.x or row[\"x y\"]"))
                        }
                    }
                    return;
                }
                self.check_function(&call.func_name, &call.args, faults);
                for part in call.target.iter().map(|target| &**target).chain(&call.args) {
                    self.check(part, bound, lets, faults, written);
                }
            }
            Expr::List(list) => {
                list.elements.iter().for_each(|part| self.check(part, bound, lets, faults, written));
            }
            Expr::Map(map) => {
                for entry in &map.entries {
                    if let EntryExpr::MapEntry(entry) = &entry.expr {
                        self.check(&entry.key, bound, lets, faults, written);
                        self.check(&entry.value, bound, lets, faults, written);
                    }
                }
            }
            Expr::Struct(_) => {
                faults.push(fault("makes a message", "a mapping has texts, numbers, lists and maps only"))
            }
            Expr::Comprehension(inner) => {
                let depth = bound.len();
                if bound.iter().filter(|name| **name == inner.accu_var).count() >= MOST_NESTED {
                    let reason = format!("has more than {MOST_NESTED} comprehensions inside one another");
                    return faults.push(fault(reason, "take it apart with [let]"));
                }
                bound.extend([inner.iter_var.clone(), inner.accu_var.clone()]);
                bound.extend(inner.iter_var2.clone());
                let parts = [&inner.iter_range, &inner.accu_init, &inner.loop_cond, &inner.loop_step, &inner.result];
                parts.into_iter().for_each(|part| self.check(part, bound, lets, faults, written));
                bound.truncate(depth);
            }
        }
    }

    fn check_name(&self, name: &str, bound: &[String], lets: &mut BTreeSet<usize>, faults: &mut Vec<Fault>) {
        if bound.iter().any(|known| known == name) || (name == "row_id" && self.has_row_id) {
            return;
        }
        if let Some(index) = self.lets.iter().position(|known| known == name) {
            lets.insert(index);
            return;
        }
        faults.push(match name {
            "row" => fault("uses `row` as a whole", "name a column: row.x"),
            "row_id" => fault("uses `row_id`, which `key` makes", "use columns in `key`"),
            _ => {
                let mut known: Vec<&str> = self.lets.iter().map(String::as_str).collect();
                known.extend(["row", "row_id"]);
                fault(format!("`{name}` is not known here"), did_you_mean(name, &known))
            }
        });
    }

    fn use_column(&mut self, name: &str, written: &Written) {
        if !self.columns.iter().any(|column| column.name == name) {
            self.columns.push(ColumnUse { name: name.to_owned(), at: written.at.start, place: written.place.clone() });
        }
    }

    fn check_function(&mut self, name: &str, args: &[IdedExpr], faults: &mut Vec<Fault>) {
        let operator = name.starts_with(['_', '!', '-', '@']);
        let Some(function) = own(name) else {
            if !operator && !STANDARD.contains(&name) {
                let known: Vec<&str> =
                    OWN.iter().map(|function| function.name).chain(STANDARD.iter().copied()).collect();
                faults.push(fault(format!("there is no function `{name}`"), did_you_mean(name, &known)));
            }
            return;
        };
        let (least, most) = function.takes;
        if name != "trim" && !(least..=most).contains(&args.len()) {
            faults.push(fault(format!("`{name}` takes {least} to {most} values, not {}", args.len()), function.usage));
            return;
        }
        let text = |index: usize| args.get(index).and_then(literal_text);
        match name {
            "lookup" => match text(0) {
                None => faults.push(fault("names its lookup table by a value", function.usage)),
                Some(table) if self.tables.lookup_named(table).is_err() => {
                    let known: Vec<&str> = self.tables.lookups.iter().map(|(name, _)| name.as_str()).collect();
                    faults.push(fault(format!("there is no [lookup.{table}]"), did_you_mean(table, &known)));
                }
                Some(_) => {}
            },
            "joined" => match (text(0), text(2)) {
                (Some(table), Some(column)) => self.use_join(table, column, faults),
                _ => faults.push(fault("names its table or its column by a value", function.usage)),
            },
            _ => {}
        }
    }

    fn use_join(&mut self, table: &str, column: &str, faults: &mut Vec<Fault>) {
        match self.tables.joins.iter_mut().find(|join| join.name() == table) {
            Some(join) => drop(join.use_column(column)),
            None => {
                let known: Vec<&str> = self.tables.joins.iter().map(JoinTable::name).collect();
                faults.push(fault(format!("there is no [join.{table}]"), did_you_mean(table, &known)));
            }
        }
    }
}

/// The offset of a line and a column of an expression.
fn offset_of(text: &str, (line, column): (isize, isize)) -> Option<usize> {
    let line = usize::try_from(line).ok()?.checked_sub(1)?;
    let column = usize::try_from(column).ok()?.saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let inner: usize = text.get(start..)?.chars().take(column).map(char::len_utf8).sum();
    Some(start + inner)
}
