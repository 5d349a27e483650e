//! From an expression as it is written to one that can be evaluated: read, its names looked up, its types checked.

use std::borrow::Cow;

use cel::common::ast::{CallExpr, Expr, LiteralValue, SelectExpr, SourceInfo};
use cel::{Env, IdedExpr};
use jiff::tz::TimeZone;

use super::boundless::is_boundless;
use super::formula::Formula;
use super::functions::{FUNCTIONS, Function};
use super::measure::Measure;
use super::node::{Arithmetic, Comparison, Expression, Node};
use crate::event::{Micros, did_you_mean};
use crate::tally::row::Fields;
use crate::tally::value::Type;

/// Most bytes of an expression. Reading one calls itself as deep as it is nested.
const LONGEST_BYTES: usize = 2_048;

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Where, in bytes from its beginning.
    pub at: usize,
    /// What is wrong.
    pub reason: String,
    /// What to do.
    pub help: Cow<'static, str>,
}

/// A step and what it gives; `None` is `null`.
type Typed = (Node, Option<Type>);

/// Reads an expression over some fields. Days and hours of moments are those of `zone`.
///
/// # Errors
/// Everything that is wrong with it; never nothing.
pub fn compile(text: &str, fields: &impl Fields, zone: &TimeZone) -> Result<Expression, Vec<Fault>> {
    let program = parse(text)?;
    let mut checker = Checker { fields, places: program.source_info(), faults: Vec::new() };
    let read = checker.read(program.expression());
    match read {
        Some((root, gives)) if checker.faults.is_empty() => Ok(Expression::new(root, gives, zone.clone())),
        _ => Err(checker.faults),
    }
}

/// Reads what rows are grouped by: an expression that gives few different values.
///
/// # Errors
/// As [`compile`]; also when it gives as many values as there are rows, or a list.
pub fn compile_group(text: &str, fields: &impl Fields, zone: &TimeZone) -> Result<Expression, Vec<Fault>> {
    let expression = compile(text, fields, zone)?;
    let fault = |reason: &str, help: &'static str| Err(vec![Fault { at: 0, reason: reason.into(), help: help.into() }]);
    match expression.gives {
        None => fault("is null", "group by a field"),
        Some(Type::List) => fault("is a list", "group by a text; ask with `in` for one of a list"),
        Some(_) if is_boundless(&expression.root, fields) => fault(
            "has about as many values as there are rows",
            "group by something with few values: a name, an hour, x > 5 ? \"long\" : \"short\"; count it with distinct(…)",
        ),
        Some(_) => Ok(expression),
    }
}

/// Reads a figure: a function of [`MEASURES`](super::MEASURES) over expressions, or what is calculated of several. The measures that
/// it needs are added to `measures`.
///
/// # Errors
/// As [`compile`].
pub fn compile_figure(
    text: &str,
    fields: &impl Fields,
    zone: &TimeZone,
    measures: &mut Vec<Measure>,
) -> Result<Formula, Vec<Fault>> {
    let program = parse(text)?;
    let mut checker = Checker { fields, places: program.source_info(), faults: Vec::new() };
    match checker.figure(program.expression(), zone, measures) {
        Some(figure) if checker.faults.is_empty() => Ok(figure),
        _ => Err(checker.faults),
    }
}

fn parse(text: &str) -> Result<cel::Program, Vec<Fault>> {
    if text.len() > LONGEST_BYTES {
        let reason = format!("is longer than {LONGEST_BYTES} bytes");
        return Err(vec![Fault { at: 0, reason, help: "count less at once, in several analyses".into() }]);
    }
    Env::stdlib().compile(text).map_err(|errors| {
        let fault = |error: &cel::parser::ParseError| Fault {
            at: offset_of(text, error.pos),
            reason: format!("is no expression: {}", error.msg.lines().next().unwrap_or_default()),
            help: "see the CEL language definition; texts stand in double quotes inside the expression".into(),
        };
        errors.errors.iter().map(fault).collect()
    })
}

/// The offset of a line and a column, both from 1.
fn offset_of(text: &str, (line, column): (isize, isize)) -> usize {
    let line = usize::try_from(line).unwrap_or(1).max(1);
    let column = usize::try_from(column).unwrap_or(1).max(1);
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default();
    start + rest.chars().take(column - 1).map(char::len_utf8).sum::<usize>()
}

/// Where a call is marked: the library has it at its bracket, and what is wrong is what stands before.
fn name_of_call(expression: &IdedExpr, source: &str, at: usize) -> usize {
    let Expr::Call(call) = &expression.expr else { return at };
    let before = source.get(..at).unwrap_or_default().trim_end();
    before.strip_suffix(call.func_name.as_str()).map_or(at, str::len)
}

pub(super) struct Checker<'c, F> {
    fields: &'c F,
    places: &'c SourceInfo,
    faults: Vec<Fault>,
}

impl<F: Fields> Checker<'_, F> {
    pub(super) fn fault(
        &mut self,
        expression: &IdedExpr,
        reason: impl Into<String>,
        help: impl Into<Cow<'static, str>>,
    ) -> Option<Typed> {
        // The places of the library are of characters.
        let at = self.places.offset_for(expression.id).map_or(0, |(start, _)| start as usize);
        let at = self.places.source.char_indices().nth(at).map_or(self.places.source.len(), |(offset, _)| offset);
        let at = name_of_call(expression, &self.places.source, at);
        self.faults.push(Fault { at, reason: reason.into(), help: help.into() });
        None
    }

    /// Reads a step; what is wrong with it is noted, and there is none.
    pub(super) fn read(&mut self, expression: &IdedExpr) -> Option<Typed> {
        match &expression.expr {
            Expr::Literal(literal) => self.literal(expression, literal),
            Expr::Ident(name) => self.field(expression, name),
            Expr::Select(select) => self.selected(expression, select),
            Expr::Call(call) => self.call(expression, call),
            Expr::List(_) => self.fault(
                expression,
                "is a list where a value is needed",
                "look for one of a list with `in`: channel in [\"voice\", \"ivr\"]",
            ),
            Expr::Unspecified | Expr::Map(_) | Expr::Struct(_) | Expr::Comprehension(_) => self.fault(
                expression,
                "goes through a list, or makes a structure",
                "compare fields, and join conditions with && and ||",
            ),
        }
    }

    fn literal(&mut self, expression: &IdedExpr, literal: &LiteralValue) -> Option<Typed> {
        Some(match literal {
            LiteralValue::Null => (Node::Null, None),
            LiteralValue::Boolean(truth) => (Node::Truth(*truth.inner()), Some(Type::Truth)),
            LiteralValue::Int(number) => (Node::Number(*number.inner() as f64), Some(Type::Number)),
            LiteralValue::UInt(number) => (Node::Number(*number.inner() as f64), Some(Type::Number)),
            LiteralValue::Double(number) => (Node::Number(*number.inner()), Some(Type::Number)),
            LiteralValue::String(text) => (Node::Text(text.inner().into()), Some(Type::Text(None))),
            LiteralValue::Bytes(_) => return self.fault(expression, "is bytes", "write a text in double quotes"),
        })
    }

    fn selected(&mut self, expression: &IdedExpr, select: &SelectExpr) -> Option<Typed> {
        let of = if let Expr::Ident(name) = &select.operand.expr { Some(name.as_str()) } else { None };
        match of {
            Some(group) if self.fields.is_open(group) && !select.test => {
                let node = Node::Open { group: group.into(), name: select.field.as_str().into() };
                Some((node, Some(Type::Text(None))))
            }
            Some(name) if self.fields.find(name).is_none() && !self.fields.is_open(name) => {
                self.field(&select.operand, name)
            }
            _ => {
                let reason = format!("there is nothing in `.{}`", select.field);
                self.fault(expression, reason, "name a field alone; the free ones stand in `dimensions.`")
            }
        }
    }

    fn field(&mut self, expression: &IdedExpr, name: &str) -> Option<Typed> {
        if let Some((field, holds)) = self.fields.find(name) {
            return Some((Node::Field(field), Some(holds)));
        }
        if self.fields.is_open(name) {
            return self.fault(
                expression,
                format!("uses `{name}` as a whole"),
                format!("name one of it, such as {name}.region"),
            );
        }
        let names = [&self.fields.names(), self.fields.open()].concat();
        let nearest = did_you_mean(name, &names).into_owned();
        self.fault(expression, format!("`{name}` is no field"), nearest)
    }

    fn call(&mut self, expression: &IdedExpr, call: &CallExpr) -> Option<Typed> {
        let parts: Vec<&IdedExpr> = call.target.iter().map(|target| &**target).chain(&call.args).collect();
        match (call.func_name.as_str(), parts.as_slice()) {
            ("!_", [inner]) => {
                let inner = self.truth(inner)?;
                Some((Node::Not(Box::new(inner)), Some(Type::Truth)))
            }
            ("-_", [inner]) => {
                let inner = self.of_type(inner, Type::Number)?;
                Some((Node::Negated(Box::new(inner)), Some(Type::Number)))
            }
            (joined @ ("_&&_" | "_||_"), [a, b]) => {
                let (a, b) = (self.truth(a), self.truth(b));
                let (a, b) = (Box::new(a?), Box::new(b?));
                Some((if joined == "_&&_" { Node::And(a, b) } else { Node::Or(a, b) }, Some(Type::Truth)))
            }
            ("_?_:_", [condition, yes, no]) => self.choice(expression, condition, yes, no),
            ("@in", [one, list]) => self.among(one, list),
            ("timestamp", [text]) => self.moment(text),
            (operator, [a, b]) if comparison(operator).is_some() => {
                self.compare(expression, comparison(operator)?, a, b)
            }
            (operator, [a, b]) if arithmetic(operator).is_some() => self.count(expression, arithmetic(operator)?, a, b),
            (name, parts) => self.function(expression, name, parts),
        }
    }

    fn truth(&mut self, expression: &IdedExpr) -> Option<Node> {
        self.of_type(expression, Type::Truth)
    }

    /// A step that must give a type.
    pub(super) fn of_type(&mut self, expression: &IdedExpr, wanted: Type) -> Option<Node> {
        let (node, gives) = self.read(expression)?;
        match gives {
            Some(gives) if gives.is_like(wanted) => Some(node),
            other => {
                let given = other.map_or("null", Type::describe);
                self.fault(expression, format!("is {given}, and {} is needed", wanted.describe()), help_for(wanted));
                None
            }
        }
    }

    fn choice(&mut self, expression: &IdedExpr, condition: &IdedExpr, yes: &IdedExpr, no: &IdedExpr) -> Option<Typed> {
        let (condition, yes, no) = (self.truth(condition), self.read(yes), self.read(no));
        let (condition, (yes, one), (no, other)) = (condition?, yes?, no?);
        let gives = match (one, other) {
            (None, gives) | (gives, None) => gives,
            (Some(a), Some(b)) if a == b => Some(a),
            (Some(a), Some(b)) if a.is_like(b) => Some(Type::Text(None)),
            (Some(a), Some(b)) => {
                let reason = format!("gives {} or {}", a.describe(), b.describe());
                return self.fault(expression, reason, "let both sides of `:` be of one type");
            }
        };
        Some((Node::Chosen(Box::new(condition), Box::new(yes), Box::new(no)), gives))
    }

    fn among(&mut self, one: &IdedExpr, list: &IdedExpr) -> Option<Typed> {
        let Expr::List(items) = &list.expr else {
            let text = self.of_type(one, Type::Text(None));
            let list = self.of_type(list, Type::List);
            return Some((Node::Within(Box::new(text?), Box::new(list?)), Some(Type::Truth)));
        };
        let (node, gives) = self.read(one)?;
        let Some(holds) = gives else { return self.fault(one, "is null", "compare with `== null`") };
        let mut some = Vec::with_capacity(items.elements.len());
        for item in &items.elements {
            self.check_word(item, holds);
            some.extend(self.of_type(item, holds));
        }
        Some((Node::Among(Box::new(node), some), Some(Type::Truth)))
    }

    fn moment(&mut self, text: &IdedExpr) -> Option<Typed> {
        let Expr::Literal(LiteralValue::String(written)) = &text.expr else {
            return self.fault(text, "is no text", "write the moment: timestamp(\"2026-01-05T00:00:00-03:00\")");
        };
        match Micros::parse(written.inner()) {
            Some(at) => Some((Node::Moment(at), Some(Type::Moment))),
            None => {
                self.fault(text, "is no moment in RFC 3339", "write it so: timestamp(\"2026-01-05T00:00:00-03:00\")")
            }
        }
    }

    fn compare(&mut self, expression: &IdedExpr, comparison: Comparison, a: &IdedExpr, b: &IdedExpr) -> Option<Typed> {
        let (left, right) = (self.read(a), self.read(b));
        let ((left, one), (right, other)) = (left?, right?);
        let same = matches!(comparison, Comparison::Equal | Comparison::Different);
        match (one, other) {
            (None, _) | (_, None) if same => {}
            (Some(x), Some(y)) if x.is_like(y) && (same || x != Type::Truth && x != Type::List) => {
                self.check_word(b, x);
                self.check_word(a, y);
            }
            (one, other) => {
                let told = |is: Option<Type>| is.map_or("null", Type::describe);
                let reason = format!("compares {} with {}", told(one), told(other));
                return self.fault(
                    expression,
                    reason,
                    "compare numbers with 1, texts with \"x\", moments with timestamp(\"…\")",
                );
            }
        }
        Some((Node::Compared(comparison, Box::new(left), Box::new(right)), Some(Type::Truth)))
    }

    /// A text that is compared with a field of few words must be one of them.
    fn check_word(&mut self, expression: &IdedExpr, compared_with: Type) {
        if let (Type::Text(Some(words)), Expr::Literal(LiteralValue::String(text))) = (compared_with, &expression.expr)
            && !words.contains(&text.inner())
        {
            let help = did_you_mean(text.inner(), words);
            self.fault(expression, format!("`{}` never comes here", text.inner()), help);
        }
    }

    fn count(&mut self, expression: &IdedExpr, arithmetic: Arithmetic, a: &IdedExpr, b: &IdedExpr) -> Option<Typed> {
        let (left, right) = (self.read(a), self.read(b));
        let ((left, one), (right, other)) = (left?, right?);
        match (one, other) {
            (Some(Type::Number), Some(Type::Number)) => {}
            (Some(Type::Moment), Some(Type::Moment)) if arithmetic == Arithmetic::Minus => {}
            (one, other) => {
                let told = |is: Option<Type>| is.map_or("null", Type::describe);
                let reason = format!("calculates with {} and {}", told(one), told(other));
                let help = "calculate with numbers; one moment less another gives milliseconds";
                return self.fault(expression, reason, help);
            }
        }
        if matches!(arithmetic, Arithmetic::Over | Arithmetic::Rest)
            && matches!(right, Node::Number(number) if number == 0.0)
        {
            return self.fault(b, "divides by zero", "divide by something else");
        }
        Some((Node::Counted(arithmetic, Box::new(left), Box::new(right)), Some(Type::Number)))
    }

    fn function(&mut self, expression: &IdedExpr, name: &str, parts: &[&IdedExpr]) -> Option<Typed> {
        let Some(signature) = FUNCTIONS.iter().find(|signature| signature.name == name) else {
            let known: Vec<&str> = FUNCTIONS.iter().map(|signature| signature.name).chain(["timestamp"]).collect();
            let reason = if name.starts_with(['_', '@']) {
                format!("`{name}` is no operator here")
            } else {
                format!("there is no function `{name}`")
            };
            return self.fault(expression, reason, did_you_mean(name, &known));
        };
        if parts.len() != signature.takes.len() {
            let reason = format!("`{name}` takes {} values, not {}", signature.takes.len(), parts.len());
            return self.fault(expression, reason, format!("write it so: {}", signature.usage));
        }
        if signature.function == Function::Size && matches!(parts, [part] if matches!(part.expr, Expr::List(_))) {
            return self.fault(
                expression,
                "counts a list that is written there",
                "count the letters of a text: size(topic)",
            );
        }
        let arguments: Vec<Option<Node>> =
            parts.iter().zip(signature.takes).map(|(part, takes)| self.of_type(part, *takes)).collect();
        let arguments = arguments.into_iter().collect::<Option<Vec<Node>>>()?;
        Some((Node::Called(signature.function, arguments), Some(signature.gives)))
    }
}

fn help_for(wanted: Type) -> &'static str {
    match wanted {
        Type::Truth => "compare: wait_ms > 5000",
        Type::Number => "use a number or a field that is one",
        Type::Moment => "use occurred_at or timestamp(\"…\")",
        Type::Text(_) => "use a text in double quotes or a field that is one",
        Type::List => "use a field that is a list, or write one: [\"voice\", \"ivr\"]",
    }
}

fn comparison(operator: &str) -> Option<Comparison> {
    Some(match operator {
        "_==_" => Comparison::Equal,
        "_!=_" => Comparison::Different,
        "_<_" => Comparison::Less,
        "_<=_" => Comparison::AtMost,
        "_>_" => Comparison::More,
        "_>=_" => Comparison::AtLeast,
        _ => return None,
    })
}

pub(super) fn arithmetic(operator: &str) -> Option<Arithmetic> {
    Some(match operator {
        "_+_" => Arithmetic::Plus,
        "_-_" => Arithmetic::Minus,
        "_*_" => Arithmetic::Times,
        "_/_" => Arithmetic::Over,
        "_%_" => Arithmetic::Rest,
        _ => return None,
    })
}
