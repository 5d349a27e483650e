//! What an expression gives of a row.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use jiff::tz::TimeZone;

use super::functions::Function;
use super::node::{Arithmetic, Comparison, Expression, Node};
use crate::event::Micros;
use crate::tally::row::Row;
use crate::tally::value::Value;

/// What can go wrong with a row although the expression is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub enum Trouble {
    /// A division by zero.
    ByZero,
    /// A number that is too large, or none.
    NotFinite,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ByZero => "divides by zero",
            Self::NotFinite => "gives a number that is too large",
        })
    }
}

impl Expression {
    /// What it gives of a row.
    ///
    /// # Errors
    /// [`Trouble`] with the row's numbers.
    pub fn of<'r>(&'r self, row: &'r impl Row) -> Result<Value<'r>, Trouble> {
        self.root.of(row, &self.zone)
    }

    /// Whether it holds for a row.
    ///
    /// # Errors
    /// As [`Expression::of`].
    pub fn holds(&self, row: &impl Row) -> Result<bool, Trouble> {
        Ok(self.of(row)?.holds())
    }
}

impl Node {
    fn of<'r>(&'r self, row: &'r impl Row, zone: &TimeZone) -> Result<Value<'r>, Trouble> {
        Ok(match self {
            Self::Null => Value::Absent,
            Self::Truth(truth) => Value::Truth(*truth),
            Self::Number(number) => Value::Number(*number),
            Self::Text(text) => Value::text(text),
            Self::Moment(at) => Value::Moment(*at),
            Self::Field(field) => row.get(*field),
            Self::Open { group, name } => row.get_open(group, name),
            Self::Not(inner) => Value::Truth(!inner.of(row, zone)?.holds()),
            Self::Negated(inner) => {
                inner.of(row, zone)?.number().map_or(Value::Absent, |number| Value::Number(-number))
            }
            Self::And(a, b) => Value::Truth(a.of(row, zone)?.holds() && b.of(row, zone)?.holds()),
            Self::Or(a, b) => Value::Truth(a.of(row, zone)?.holds() || b.of(row, zone)?.holds()),
            Self::Compared(comparison, a, b) => {
                Value::Truth(compare(*comparison, &a.of(row, zone)?, &b.of(row, zone)?))
            }
            Self::Counted(arithmetic, a, b) => count(*arithmetic, &a.of(row, zone)?, &b.of(row, zone)?)?,
            Self::Among(one, some) => {
                let one = one.of(row, zone)?;
                for other in some {
                    if one == other.of(row, zone)? {
                        return Ok(Value::Truth(one != Value::Absent));
                    }
                }
                Value::Truth(false)
            }
            Self::Within(text, list) => match (text.of(row, zone)?, list.of(row, zone)?) {
                (Value::Text(text), Value::List(items)) => Value::Truth(items.contains(&text)),
                _ => Value::Truth(false),
            },
            Self::Chosen(condition, yes, no) => {
                if condition.of(row, zone)?.holds() {
                    yes.of(row, zone)?
                } else {
                    no.of(row, zone)?
                }
            }
            Self::Called(function, arguments) => match arguments.as_slice() {
                [one] => call(*function, one.of(row, zone)?, zone),
                [one, other] => call_with(*function, &one.of(row, zone)?, &other.of(row, zone)?),
                _ => Value::Absent,
            },
        })
    }
}

fn compare(comparison: Comparison, a: &Value<'_>, b: &Value<'_>) -> bool {
    let order = || a.order(b);
    match comparison {
        Comparison::Equal => a == b,
        Comparison::Different => a != b,
        Comparison::Less => order() == Some(Ordering::Less),
        Comparison::AtMost => matches!(order(), Some(Ordering::Less | Ordering::Equal)),
        Comparison::More => order() == Some(Ordering::Greater),
        Comparison::AtLeast => matches!(order(), Some(Ordering::Greater | Ordering::Equal)),
    }
}

fn count(arithmetic: Arithmetic, a: &Value<'_>, b: &Value<'_>) -> Result<Value<'static>, Trouble> {
    if let (Value::Moment(later), Value::Moment(earlier)) = (a, b) {
        return Ok(Value::Number(later.since(*earlier) as f64 / 1_000.0));
    }
    let (Some(a), Some(b)) = (a.number(), b.number()) else { return Ok(Value::Absent) };
    let number = match arithmetic {
        Arithmetic::Plus => a + b,
        Arithmetic::Minus => a - b,
        Arithmetic::Times => a * b,
        Arithmetic::Over | Arithmetic::Rest if b == 0.0 => return Err(Trouble::ByZero),
        Arithmetic::Over => a / b,
        Arithmetic::Rest => a % b,
    };
    if number.is_finite() { Ok(Value::Number(number)) } else { Err(Trouble::NotFinite) }
}

fn call<'r>(function: Function, value: Value<'r>, zone: &TimeZone) -> Value<'r> {
    match (function, value) {
        (Function::Lower, Value::Text(text)) if text.bytes().any(|byte| byte.is_ascii_uppercase()) => {
            Value::Text(Cow::Owned(text.to_ascii_lowercase()))
        }
        (Function::Lower, text @ Value::Text(_)) => text,
        (Function::Size, Value::Text(text)) => Value::Number(text.chars().count() as f64),
        (_, Value::Moment(at)) => of_moment(function, at, zone),
        _ => Value::Absent,
    }
}

fn of_moment(function: Function, at: Micros, zone: &TimeZone) -> Value<'static> {
    let Some(at) = at.timestamp() else { return Value::Absent };
    let local = at.to_zoned_datetime(zone.clone());
    let number = match function {
        Function::Year => f64::from(local.year()),
        Function::Month => f64::from(local.month() - 1),
        Function::DayOfMonth => f64::from(local.day() - 1),
        Function::DayOfWeek => f64::from(local.weekday().to_sunday_zero_offset()),
        Function::Hours => f64::from(local.hour()),
        Function::Minutes => f64::from(local.minute()),
        Function::Date => return Value::Text(Cow::Owned(local.date().to_string())),
        Function::Contains | Function::StartsWith | Function::EndsWith | Function::Lower | Function::Size => {
            return Value::Absent;
        }
    };
    Value::Number(number)
}

fn call_with(function: Function, text: &Value<'_>, part: &Value<'_>) -> Value<'static> {
    let (Value::Text(text), Value::Text(part)) = (text, part) else { return Value::Absent };
    Value::Truth(match function {
        Function::Contains => text.contains(&**part),
        Function::StartsWith => text.starts_with(&**part),
        Function::EndsWith => text.ends_with(&**part),
        Function::Lower
        | Function::Size
        | Function::Year
        | Function::Month
        | Function::DayOfMonth
        | Function::DayOfWeek
        | Function::Hours
        | Function::Minutes
        | Function::Date => return Value::Absent,
    })
}
