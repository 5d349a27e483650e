//! What is measured of the rows of a group: functions over an expression, such as `mean(wait_ms)`, and what is calculated of
//! them, such as `count(answered) / count(queued)`.

use cel::IdedExpr;
use cel::common::ast::{Expr, LiteralValue};
use jiff::tz::TimeZone;

use super::check::{Checker, arithmetic};
use super::formula::{Formula, Step};
use super::node::{Arithmetic, Expression};
use crate::event::did_you_mean;
use crate::tally::row::Fields;
use crate::tally::value::Type;

/// The functions that measure, and how each is written.
pub const MEASURES: &[(&str, &str)] = &[
    ("count", "count() or count(outcome == \"resolved\")"),
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
    /// How many rows; with a condition, for how many it holds.
    Count(Option<Expression>),
    /// The sum of a number.
    Sum(Expression),
    /// Its mean, over the rows that say it.
    Mean(Expression),
    /// The least.
    Min(Expression),
    /// The most.
    Max(Expression),
    /// For which part of the rows something holds, of those for which it is not absent.
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

impl Measure {
    /// What it measures with.
    pub(in crate::tally) fn expression(&self) -> Option<&Expression> {
        match self {
            Self::Count(of) => of.as_ref(),
            Self::Sum(of)
            | Self::Mean(of)
            | Self::Min(of)
            | Self::Max(of)
            | Self::Share(of)
            | Self::Percentile(of, _)
            | Self::Distinct(of)
            | Self::First(of)
            | Self::Last(of) => Some(of),
        }
    }

    /// Whether it comes to a number.
    pub(super) fn is_number(&self) -> bool {
        if let Self::First(of) | Self::Last(of) = self { of.gives() == Some(Type::Number) } else { true }
    }
}

impl<F: Fields> Checker<'_, F> {
    /// Reads a figure; the measures that it needs are added to `measures`.
    pub(super) fn figure(
        &mut self,
        expression: &IdedExpr,
        zone: &TimeZone,
        measures: &mut Vec<Measure>,
    ) -> Option<Formula> {
        Some(Formula(self.step(expression, zone, measures)?))
    }

    fn step(&mut self, expression: &IdedExpr, zone: &TimeZone, measures: &mut Vec<Measure>) -> Option<Step> {
        if let Expr::Call(call) = &expression.expr {
            let parts: Vec<&IdedExpr> = call.target.iter().map(|target| &**target).chain(&call.args).collect();
            match (call.func_name.as_str(), parts.as_slice()) {
                ("-_", [inner]) => return Some(Step::Negated(Box::new(self.part(inner, zone, measures)?))),
                (operator, [a, b]) => {
                    if let Some(arithmetic) = arithmetic(operator).filter(|it| *it != Arithmetic::Rest) {
                        let (left, right) = (self.part(a, zone, measures), self.part(b, zone, measures));
                        if arithmetic == Arithmetic::Over && matches!(right, Some(Step::Number(0.0))) {
                            return self.wrong(b, "divides by zero".into(), "divide by something else".into());
                        }
                        return Some(Step::Counted(arithmetic, Box::new(left?), Box::new(right?)));
                    }
                }
                _ => {}
            }
        }
        let measure = self.measure(expression, zone)?;
        let counts = matches!(measure, Measure::Count(_));
        measures.push(measure);
        Some(Step::Measured { at: measures.len() - 1, counts })
    }

    /// A part of a calculation: a number.
    fn part(&mut self, expression: &IdedExpr, zone: &TimeZone, measures: &mut Vec<Measure>) -> Option<Step> {
        if let Some(number) = number(&expression.expr) {
            return Some(Step::Number(number));
        }
        let step = self.step(expression, zone, measures)?;
        if let Step::Measured { at, .. } = step
            && measures.get(at).is_some_and(|measure| !measure.is_number())
        {
            return self.wrong(expression, "is no number".into(), "calculate with counts, sums and shares".into());
        }
        Some(step)
    }

    pub(super) fn measure(&mut self, expression: &IdedExpr, zone: &TimeZone) -> Option<Measure> {
        let names: Vec<&str> = MEASURES.iter().map(|(name, _)| *name).collect();
        if let Expr::Ident(name) = &expression.expr {
            let help =
                "one measure does not name another, and a field is measured: count(), mean(wait_ms) and the like";
            return self.wrong(expression, format!("`{name}` is no measure"), help.into());
        }
        let Expr::Call(call) = &expression.expr else {
            return self.wrong(expression, "measures nothing".into(), format!("use one of: {}", names.join(", ")));
        };
        let name = call.func_name.as_str();
        let Some((_, usage)) = MEASURES.iter().find(|(known, _)| *known == name) else {
            let reason = if name.starts_with(['_', '@', '!']) {
                "measures nothing".to_owned()
            } else {
                format!("`{name}` is no measure")
            };
            let help = match name {
                "median" => "write percentile(x, 50)".into(),
                "avg" | "average" => "write mean(x)".into(),
                "unique" | "uniq" | "count_distinct" => "write distinct(x)".into(),
                _ => did_you_mean(name, &names).into_owned(),
            };
            return self.wrong(expression, reason, help);
        };
        let wanted = match name {
            "count" => 0..=1,
            "percentile" => 2..=2,
            _ => 1..=1,
        };
        if call.target.is_some() || !wanted.contains(&call.args.len()) {
            return self.wrong(expression, format!("`{name}` is written otherwise"), format!("write it so: {usage}"));
        }
        let Some(part) = call.args.first() else { return Some(Measure::Count(None)) };
        let of = |checker: &mut Self, wanted: Option<Type>| {
            let (root, gives) = match wanted {
                Some(wanted) => (checker.of_type(part, wanted)?, Some(wanted)),
                None => checker.read(part)?,
            };
            Some(Expression::new(root, gives, zone.clone()))
        };
        Some(match name {
            "count" => Measure::Count(Some(of(self, Some(Type::Truth))?)),
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
        match number(&part.expr).filter(|number| (0.0..=100.0).contains(number)) {
            Some(number) => Some(number),
            None => {
                self.wrong(part, "is no number from 0 to 100".into(), "write it so: percentile(wait_ms, 90)".into())
            }
        }
    }

    pub(super) fn wrong<T>(&mut self, at: &IdedExpr, reason: String, help: String) -> Option<T> {
        self.fault(at, reason, help);
        None
    }
}

/// A number that is written there.
fn number(expression: &Expr) -> Option<f64> {
    let Expr::Literal(literal) = expression else { return None };
    match literal {
        LiteralValue::Int(number) => Some(*number.inner() as f64),
        LiteralValue::UInt(number) => Some(*number.inner() as f64),
        LiteralValue::Double(number) => Some(*number.inner()),
        LiteralValue::Null | LiteralValue::Boolean(_) | LiteralValue::String(_) | LiteralValue::Bytes(_) => None,
    }
}
