//! Expressions of usual shapes, evaluated without the interpreter.
//!
//! What comes out is what the interpreter would give, or nothing: whenever a shape, a type or a failure is not one of those
//! below, the interpreter decides. A property test holds the two together.

use std::borrow::Cow;

use cel::IdedExpr;
use cel::common::ast::{CallExpr, Expr, LiteralValue};

use super::datum::Datum;
use super::functions;
use super::tables::Tables;
use super::text;

/// What an expression can see.
pub(super) struct Scope<'r> {
    /// The columns that the mapping uses, by number.
    pub(super) columns: &'r [Cow<'r, str>],
    /// The `[let]`s so far; `None` for one that failed: what names it fails as well.
    pub(super) lets: &'r [Option<Datum<'static>>],
    /// What makes the row the same row.
    pub(super) row_id: &'r str,
    /// Lookup tables, joined files, the zone.
    pub(super) tables: &'r Tables,
}

/// How an expression finds what it names.
pub(super) trait Names {
    /// The number of a column.
    fn column(&self, name: &str) -> Option<usize>;
    /// The number of a `[let]`.
    fn binding(&self, name: &str) -> Option<usize>;
    /// The tables.
    fn tables(&self) -> &Tables;
}

/// An expression of a usual shape.
#[derive(Debug)]
pub(super) enum Quick {
    Text(Box<str>),
    Truth(bool),
    Int(i64),
    Null,
    Column(usize),
    Let(usize),
    RowId,
    Not(Box<Quick>),
    And(Box<(Quick, Quick)>),
    Or(Box<(Quick, Quick)>),
    If(Box<(Quick, Quick, Quick)>),
    Equal(Box<(Quick, Quick)>),
    Add(Box<(Quick, Quick)>),
    OfText(fn(&str) -> Cow<'_, str>, Box<Quick>),
    Test(Test, Box<(Quick, Quick)>),
    Lookup(usize, Box<Quick>, Option<Box<Quick>>),
    Joined(usize, usize, Box<Quick>, Option<Box<Quick>>),
    Local(Box<Quick>),
    Before(Box<(Quick, Quick)>),
    Number(Box<Quick>),
    Blank(Box<Quick>),
    Clip(Box<Quick>, usize),
    Hash(Vec<Quick>),
}

/// A test of one text by another.
#[derive(Clone, Copy, Debug)]
pub(super) enum Test {
    Contains,
    StartsWith,
    EndsWith,
}

/// The quick form of an expression; `None` when it has none.
pub(super) fn of(expression: &IdedExpr, names: &impl Names) -> Option<Quick> {
    match &expression.expr {
        Expr::Literal(literal) => match literal {
            LiteralValue::String(text) => Some(Quick::Text(text.inner().into())),
            LiteralValue::Boolean(truth) => Some(Quick::Truth(*truth.inner())),
            LiteralValue::Int(n) => Some(Quick::Int(*n.inner())),
            LiteralValue::Null => Some(Quick::Null),
            LiteralValue::Bytes(_) | LiteralValue::Double(_) | LiteralValue::UInt(_) => None,
        },
        Expr::Ident(name) if name == "row_id" => Some(Quick::RowId),
        Expr::Ident(name) => names.binding(name).map(Quick::Let),
        Expr::Select(select) if !select.test && is_row(&select.operand) => {
            names.column(&select.field).map(Quick::Column)
        }
        Expr::Call(call) => of_call(call, names),
        Expr::Select(_)
        | Expr::Unspecified
        | Expr::Comprehension(_)
        | Expr::List(_)
        | Expr::Map(_)
        | Expr::Struct(_) => None,
    }
}

/// Whether an expression is `row` itself.
pub(super) fn is_row(expression: &IdedExpr) -> bool {
    matches!(&expression.expr, Expr::Ident(name) if name == "row")
}

/// The text of a literal.
pub(super) fn literal_text(expression: &IdedExpr) -> Option<&str> {
    if let Expr::Literal(LiteralValue::String(text)) = &expression.expr { Some(text.inner()) } else { None }
}

fn of_call(call: &CallExpr, names: &impl Names) -> Option<Quick> {
    let arg = |index: usize| of(call.args.get(index)?, names);
    let boxed = |index: usize| arg(index).map(Box::new);
    let two = || Some(Box::new((arg(0)?, arg(1)?)));
    let optional = |index: usize| match call.args.len() > index {
        true => boxed(index).map(Some),
        false => Some(None),
    };
    if let Some(target) = &call.target {
        let test = match (call.func_name.as_str(), call.args.len()) {
            ("contains", 1) => Test::Contains,
            ("startsWith", 1) => Test::StartsWith,
            ("endsWith", 1) => Test::EndsWith,
            _ => return None,
        };
        return Some(Quick::Test(test, Box::new((of(target, names)?, arg(0)?))));
    }
    if let (Some(function), 1) = (functions::of_text(&call.func_name), call.args.len()) {
        return Some(Quick::OfText(function, boxed(0)?));
    }
    Some(match (call.func_name.as_str(), call.args.len()) {
        ("!_", 1) => Quick::Not(boxed(0)?),
        ("_&&_", 2) => Quick::And(two()?),
        ("_||_", 2) => Quick::Or(two()?),
        ("_?_:_", 3) => Quick::If(Box::new((arg(0)?, arg(1)?, arg(2)?))),
        ("_==_", 2) => Quick::Equal(two()?),
        ("_!=_", 2) => Quick::Not(Box::new(Quick::Equal(two()?))),
        ("_+_", 2) => Quick::Add(two()?),
        ("_[_]", 2) if is_row(call.args.first()?) => Quick::Column(names.column(literal_text(call.args.get(1)?)?)?),
        ("lookup", 2 | 3) => {
            let table = names.tables().lookup_named(literal_text(call.args.first()?)?).ok()?;
            Quick::Lookup(table, boxed(1)?, optional(2)?)
        }
        ("joined", 3 | 4) => {
            let (table, column) = (literal_text(call.args.first()?)?, literal_text(call.args.get(2)?)?);
            let (table, column) = names.tables().join_named(table, column).ok()?;
            Quick::Joined(table, column, boxed(1)?, optional(3)?)
        }
        ("local", 1) => Quick::Local(boxed(0)?),
        ("before", 2) => Quick::Before(two()?),
        ("number", 1) => Quick::Number(boxed(0)?),
        ("blank", 1) => Quick::Blank(boxed(0)?),
        ("clip", 2) => {
            let Quick::Int(bytes) = arg(1)? else { return None };
            Quick::Clip(boxed(0)?, usize::try_from(bytes).ok()?)
        }
        ("hash", 1..=9) => Quick::Hash(call.args.iter().map(|arg| of(arg, names)).collect::<Option<_>>()?),
        _ => return None,
    })
}

impl Quick {
    /// The value for a row; `None` when the interpreter has to decide.
    pub(super) fn evaluate<'s>(&'s self, scope: &'s Scope<'_>) -> Option<Datum<'s>> {
        Some(match self {
            Self::Text(text) => Datum::from(&**text),
            Self::Truth(truth) => Datum::Truth(*truth),
            Self::Int(n) => Datum::Int(*n),
            Self::Null => Datum::Null,
            Self::Column(index) => Datum::from(&**scope.columns.get(*index)?),
            Self::Let(index) => scope.lets.get(*index)?.as_ref()?.borrowed(),
            Self::RowId => Datum::from(scope.row_id),
            Self::Not(inner) => Datum::Truth(!inner.truth(scope)?),
            Self::And(two) => Datum::Truth(two.0.truth(scope)? && two.1.truth(scope)?),
            Self::Or(two) => Datum::Truth(two.0.truth(scope)? || two.1.truth(scope)?),
            Self::If(three) => match three.0.truth(scope)? {
                true => three.1.evaluate(scope)?,
                false => three.2.evaluate(scope)?,
            },
            Self::Equal(two) => Datum::Truth(equal(&two.0.evaluate(scope)?, &two.1.evaluate(scope)?)?),
            Self::Add(two) => {
                let (a, b) = (two.0.text(scope)?, two.1.text(scope)?);
                Datum::Text(Cow::Owned([&*a, &*b].concat()))
            }
            Self::OfText(function, inner) => Datum::Text(match inner.text(scope)? {
                Cow::Borrowed(text) => function(text),
                Cow::Owned(text) => Cow::Owned(function(&text).into_owned()),
            }),
            Self::Test(test, two) => {
                let (text, part) = (two.0.text(scope)?, two.1.text(scope)?);
                Datum::Truth(match test {
                    Test::Contains => text.contains(&*part),
                    Test::StartsWith => text.starts_with(&*part),
                    Test::EndsWith => text.ends_with(&*part),
                })
            }
            Self::Lookup(table, key, default) => {
                let default = default.as_ref().map(|default| default.text(scope)).transpose_some()?;
                let found = scope.tables.lookup(*table, &key.text(scope)?, default.as_deref()).ok()?;
                Datum::Text(Cow::Owned(found.to_owned()))
            }
            Self::Joined(table, column, key, default) => {
                let default = default.as_ref().map(|default| default.text(scope)).transpose_some()?;
                let found = scope.tables.joined(*table, &key.text(scope)?, *column, default.as_deref()).ok()?;
                Datum::Text(Cow::Owned(found.to_owned()))
            }
            Self::Local(inner) => Datum::Text(Cow::Owned(scope.tables.clock.read(&inner.text(scope)?).ok()?)),
            Self::Before(two) => Datum::Truth(functions::before(&two.0.text(scope)?, &two.1.text(scope)?).ok()?),
            Self::Number(inner) => match functions::number(&inner.text(scope)?, ".").ok()? {
                None => Datum::Null,
                Some(text::Number::Whole(n)) => Datum::Int(n),
                Some(text::Number::Fraction(n)) => Datum::Float(n),
            },
            Self::Blank(inner) => Datum::Truth(inner.evaluate(scope)?.is_blank()),
            Self::Clip(inner, bytes) => Datum::Text(match inner.text(scope)? {
                Cow::Borrowed(text) => Cow::Borrowed(text::clip(text, *bytes)),
                Cow::Owned(text) => Cow::Owned(text::clip(&text, *bytes).to_owned()),
            }),
            Self::Hash(parts) => {
                let texts = parts.iter().map(|part| part.text(scope)).collect::<Option<Vec<_>>>()?;
                Datum::Text(Cow::Owned(functions::hash(&scope.tables.hasher, texts.iter().map(|text| &**text))))
            }
        })
    }

    fn truth(&self, scope: &Scope<'_>) -> Option<bool> {
        if let Datum::Truth(truth) = self.evaluate(scope)? { Some(truth) } else { None }
    }

    fn text<'s>(&'s self, scope: &'s Scope<'_>) -> Option<Cow<'s, str>> {
        if let Datum::Text(text) = self.evaluate(scope)? { Some(text) } else { None }
    }
}

/// `Some(None)` where there was nothing to evaluate, `None` where it could not be.
trait TransposeSome<T> {
    fn transpose_some(self) -> Option<Option<T>>;
}

impl<T> TransposeSome<T> for Option<Option<T>> {
    fn transpose_some(self) -> Option<Option<T>> {
        match self {
            None => Some(None),
            Some(None) => None,
            Some(some) => Some(some),
        }
    }
}

/// Whether two values of the same simple type are equal.
fn equal(a: &Datum<'_>, b: &Datum<'_>) -> Option<bool> {
    match (a, b) {
        (Datum::Text(a), Datum::Text(b)) => Some(a == b),
        (Datum::Truth(a), Datum::Truth(b)) => Some(a == b),
        (Datum::Int(a), Datum::Int(b)) => Some(a == b),
        (Datum::Null, Datum::Null) => Some(true),
        _ => None,
    }
}
