//! What is measured of the rows of a group: a function over an expression, such as `mean(wait_ms)`.

use cel::IdedExpr;
use cel::common::ast::Expr;
use jiff::tz::TimeZone;

use super::check::Checker;
use super::node::{Expression, Node};
use crate::event::did_you_mean;
use crate::tally::row::Fields;
use crate::tally::value::Type;

/// The functions that measure, and how each is written.
pub const MEASURES: &[(&str, &str)] = &[
    ("count", "count()"),
    ("sum", "sum(talk_ms)"),
    ("mean", "mean(wait_ms)"),
    ("min", "min(score)"),
    ("max", "max(score)"),
    ("share", "share(outcome == \"resolved\")"),
    ("percentile", "percentile(wait_ms, 90)"),
    ("distinct", "distinct(contact)"),
    ("first", "first(channel)"),
    ("last", "last(stage)"),
];

/// What is measured.
#[derive(Clone, Debug)]
pub enum Measure {
    /// How many rows.
    Count,
    /// The sum of a number.
    Sum(Expression),
    /// Its mean, over the rows that say it.
    Mean(Expression),
    /// The least.
    Min(Expression),
    /// The most.
    Max(Expression),
    /// For which part of the rows something holds.
    Share(Expression),
    /// The number that so many hundredths of the rows do not go over.
    Percentile(Expression, f64),
    /// How many different values.
    Distinct(Expression),
    /// The value of the earliest row that says it.
    First(Expression),
    /// The value of the latest row that says it.
    Last(Expression),
}

impl<F: Fields> Checker<'_, F> {
    pub(super) fn measure(&mut self, expression: &IdedExpr, zone: &TimeZone) -> Option<Measure> {
        let names: Vec<&str> = MEASURES.iter().map(|(name, _)| *name).collect();
        let Expr::Call(call) = &expression.expr else {
            return self.wrong(expression, "measures nothing".into(), format!("use one of: {}", names.join(", ")));
        };
        let name = call.func_name.as_str();
        let Some((_, usage)) = MEASURES.iter().find(|(known, _)| *known == name) else {
            let reason = format!("`{name}` is no measure");
            return self.wrong(expression, reason, did_you_mean(name, &names).into_owned());
        };
        let wanted = match name {
            "count" => 0,
            "percentile" => 2,
            _ => 1,
        };
        if call.target.is_some() || call.args.len() != wanted {
            return self.wrong(expression, format!("`{name}` is written otherwise"), format!("write it so: {usage}"));
        }
        let of = |checker: &mut Self, wanted: Option<Type>| {
            let part = call.args.first()?;
            let (root, gives): (Node, _) = match wanted {
                Some(wanted) => (checker.of_type(part, wanted)?, Some(wanted)),
                None => checker.read(part)?,
            };
            Some(Expression { root, gives, zone: zone.clone() })
        };
        Some(match name {
            "count" => Measure::Count,
            "sum" => Measure::Sum(of(self, Some(Type::Number))?),
            "mean" => Measure::Mean(of(self, Some(Type::Number))?),
            "min" => Measure::Min(of(self, Some(Type::Number))?),
            "max" => Measure::Max(of(self, Some(Type::Number))?),
            "share" => Measure::Share(of(self, Some(Type::Truth))?),
            "percentile" => Measure::Percentile(of(self, Some(Type::Number))?, self.hundredths(call.args.get(1)?)?),
            "distinct" => Measure::Distinct(of(self, None)?),
            "first" => Measure::First(of(self, None)?),
            _ => Measure::Last(of(self, None)?),
        })
    }

    fn hundredths(&mut self, part: &IdedExpr) -> Option<f64> {
        match self.read(part)? {
            (Node::Number(number), _) if (0.0..=100.0).contains(&number) => Some(number),
            _ => self.wrong(part, "is no number from 0 to 100".into(), "write it so: percentile(wait_ms, 90)".into()),
        }
    }

    fn wrong<T>(&mut self, at: &IdedExpr, reason: String, help: String) -> Option<T> {
        self.fault(at, reason, help);
        None
    }
}
