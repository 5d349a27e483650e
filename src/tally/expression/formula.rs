//! What is calculated of measures: a rate, a difference of shares.

use super::measure::Measure;
use super::node::Arithmetic;
use crate::tally::cell::{Figure, Kept};

/// How a figure comes of measures.
#[derive(Clone, Debug)]
pub struct Formula(pub(super) Step);

/// One step.
#[derive(Clone, Debug)]
pub(super) enum Step {
    Number(f64),
    /// The measure with this number; whether it counts, so that what is divided by it is taken over as many.
    Measured {
        at: usize,
        counts: bool,
    },
    Negated(Box<Step>),
    Counted(Arithmetic, Box<Step>, Box<Step>),
}

impl Formula {
    /// Whether it is a number: whatever is calculated is one.
    pub(in crate::tally) fn is_number(&self, measures: &[Measure]) -> bool {
        match &self.0 {
            Step::Measured { at, .. } => measures.get(*at).is_some_and(Measure::is_number),
            Step::Number(_) | Step::Negated(_) | Step::Counted(..) => true,
        }
    }

    /// The figure, of what the measures came to. A rate is taken over what it is divided by; whatever else is calculated, over
    /// the fewest rows that any part of it was taken over. What is divided by nothing is no figure.
    #[must_use]
    pub fn of(&self, measured: &[Figure]) -> Figure {
        let none = Figure { value: None, over: 0, error: 0.0 };
        if let Step::Measured { at, .. } = &self.0 {
            return measured.get(*at).cloned().unwrap_or(none);
        }
        let (value, over, error) = self.0.of(measured);
        let value = value.filter(|number| number.is_finite()).map(Kept::Number);
        Figure { value, over: over.unwrap_or(0), error }
    }
}

impl Step {
    /// The number, over how many rows, and how far from the truth it may be.
    fn of(&self, measured: &[Figure]) -> (Option<f64>, Option<u64>, f64) {
        match self {
            Self::Number(number) => (Some(*number), None, 0.0),
            Self::Measured { at, counts } => match measured.get(*at) {
                Some(Figure { value: Some(Kept::Number(number)), over, error }) => {
                    (Some(*number), Some(if *counts { *number as u64 } else { *over }), *error)
                }
                Some(figure) => (None, Some(figure.over), figure.error),
                None => (None, None, 0.0),
            },
            Self::Negated(inner) => {
                let (value, over, error) = inner.of(measured);
                (value.map(|number| -number), over, error)
            }
            Self::Counted(arithmetic, a, b) => {
                let ((a, over_a, error_a), (b, over_b, error_b)) = (a.of(measured), b.of(measured));
                let value = a.zip(b).and_then(|(a, b)| count(*arithmetic, a, b));
                let fewest = match (over_a, over_b) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (one, other) => one.or(other),
                };
                let over = if *arithmetic == Arithmetic::Over { over_b.or(over_a) } else { fewest };
                (value, over, error_a + error_b)
            }
        }
    }
}

fn count(arithmetic: Arithmetic, a: f64, b: f64) -> Option<f64> {
    match arithmetic {
        Arithmetic::Plus => Some(a + b),
        Arithmetic::Minus => Some(a - b),
        Arithmetic::Times => Some(a * b),
        Arithmetic::Over => (b != 0.0).then(|| a / b),
        Arithmetic::Rest => (b != 0.0).then(|| a % b),
    }
}
