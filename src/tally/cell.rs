//! What was measured of a group so far.
//!
//! Cells are brought together by [`Cell::merge`], in any order and in any grouping, and come to the same: counts and sums are
//! whole numbers (of millionths, where values have fractions), sketches depend on what went in and not on when.

use compact_str::CompactString;
use serde::{Deserialize, Serialize};

use super::distinct::Distinct;
use super::expression::{Measure, Trouble};
use super::row::Row;
use super::spread::Spread;
use super::value::Value;
use crate::event::{Micros, Position};

/// Sums are kept in so many parts of one.
const PARTS: f64 = 1e6;

/// Where a row stands in time, for what is first and last: its moment, and its position for those of one moment.
pub type Place = (Micros, Position);

/// What was measured of one group: a part for each measure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    parts: Vec<Part>,
}

/// What one measure has come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Part {
    Count { of: u64, over: u64 },
    Sum { millionths: i128, over: u64 },
    Mean { millionths: i128, over: u64 },
    Min(Option<f64>),
    Max(Option<f64>),
    Share { of: u64, over: u64 },
    Percentile(Spread),
    Distinct(Distinct),
    First(Option<(Place, Kept)>),
    Last(Option<(Place, Kept)>),
}

/// A value that is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Kept {
    /// Yes or no.
    Truth(bool),
    /// A number.
    Number(f64),
    /// A moment.
    Moment(Micros),
    /// A text.
    Text(CompactString),
}

impl Kept {
    fn of(value: &Value<'_>) -> Option<Self> {
        match value {
            Value::Absent | Value::List(_) => None,
            Value::Truth(truth) => Some(Self::Truth(*truth)),
            Value::Number(number) => Some(Self::Number(*number)),
            Value::Moment(at) => Some(Self::Moment(*at)),
            Value::Text(text) => Some(Self::Text(text.as_ref().into())),
        }
    }
}

/// What a measure has come to, as it is shown.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// The value; `None` when no row said anything.
    pub value: Option<Kept>,
    /// Over how many rows.
    pub over: u64,
    /// At most so far from the truth, as a part of it; 0 when it is exact.
    pub error: f64,
}

impl Cell {
    /// A cell of no rows.
    #[must_use]
    pub fn new(measures: &[Measure]) -> Self {
        let part = |measure: &Measure| match measure {
            Measure::Count(_) => Part::Count { of: 0, over: 0 },
            Measure::Sum(_) => Part::Sum { millionths: 0, over: 0 },
            Measure::Mean(_) => Part::Mean { millionths: 0, over: 0 },
            Measure::Min(_) => Part::Min(None),
            Measure::Max(_) => Part::Max(None),
            Measure::Share(_) => Part::Share { of: 0, over: 0 },
            Measure::Percentile(..) => Part::Percentile(Spread::default()),
            Measure::Distinct(_) => Part::Distinct(Distinct::default()),
            Measure::First(_) => Part::First(None),
            Measure::Last(_) => Part::Last(None),
        };
        Self { parts: measures.iter().map(part).collect() }
    }

    /// Takes a row in, all of it or nothing. `sums` is room for what is added up, whatever is in it.
    ///
    /// # Errors
    /// [`Trouble`] with a number of the row.
    pub fn add(
        &mut self,
        measures: &[Measure],
        row: &impl Row,
        place: Place,
        sums: &mut Vec<Option<i128>>,
    ) -> Result<(), Trouble> {
        sums.clear();
        for measure in measures {
            match measure {
                Measure::Sum(of) | Measure::Mean(of) => {
                    sums.push(of.of(row)?.number().map(to_millionths).transpose()?);
                }
                Measure::Count(_)
                | Measure::Min(_)
                | Measure::Max(_)
                | Measure::Share(_)
                | Measure::Percentile(..)
                | Measure::Distinct(_)
                | Measure::First(_)
                | Measure::Last(_) => {
                    if let Some(of) = measure.expression().filter(|of| of.can_fail()) {
                        of.of(row)?;
                    }
                }
            }
        }
        let mut sums = sums.iter();
        for (part, measure) in self.parts.iter_mut().zip(measures) {
            part.add(measure, row, place, &mut sums)?;
        }
        Ok(())
    }

    /// Takes in what another cell of the same measures has.
    pub fn merge(&mut self, other: Self) {
        for (part, other) in self.parts.iter_mut().zip(other.parts) {
            part.merge(other);
        }
    }

    /// What the measures have come to.
    #[must_use]
    pub fn figures(&self, measures: &[Measure]) -> Vec<Figure> {
        self.parts.iter().zip(measures).map(|(part, measure)| part.figure(measure)).collect()
    }
}

impl Part {
    fn add<'s>(
        &mut self,
        measure: &Measure,
        row: &impl Row,
        place: Place,
        sums: &mut impl Iterator<Item = &'s Option<i128>>,
    ) -> Result<(), Trouble> {
        match (self, measure) {
            (Self::Count { of, over }, Measure::Count(None)) => {
                *of += 1;
                *over += 1;
            }
            (Self::Count { of, over }, Measure::Count(Some(holds))) => {
                *of += u64::from(holds.holds(row)?);
                *over += 1;
            }
            (Self::Sum { millionths, over }, Measure::Sum(_)) | (Self::Mean { millionths, over }, Measure::Mean(_)) => {
                if let Some(Some(number)) = sums.next() {
                    *millionths += number;
                    *over += 1;
                }
            }
            (Self::Min(least), Measure::Min(of)) => {
                if let Some(number) = of.of(row)?.number() {
                    *least = Some(least.map_or(number, |least| least.min(number)));
                }
            }
            (Self::Max(most), Measure::Max(of)) => {
                if let Some(number) = of.of(row)?.number() {
                    *most = Some(most.map_or(number, |most| most.max(number)));
                }
            }
            (Self::Share { of, over }, Measure::Share(holds)) => {
                if let Value::Truth(holds) = holds.of(row)? {
                    *of += u64::from(holds);
                    *over += 1;
                }
            }
            (Self::Percentile(spread), Measure::Percentile(of, _)) => {
                if let Some(number) = of.of(row)?.number() {
                    spread.add(number);
                }
            }
            (Self::Distinct(distinct), Measure::Distinct(of)) => distinct.add(&of.of(row)?),
            (Self::First(first), Measure::First(of)) => {
                if let Some(kept) = Kept::of(&of.of(row)?) {
                    earlier(first, (place, kept));
                }
            }
            (Self::Last(last), Measure::Last(of)) => {
                if let Some(kept) = Kept::of(&of.of(row)?) {
                    later(last, (place, kept));
                }
            }
            // A cell is made of the measures that it is fed by.
            _ => debug_assert!(false, "a cell of other measures"),
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) {
        match (self, other) {
            (Self::Sum { millionths, over }, Self::Sum { millionths: sum, over: more })
            | (Self::Mean { millionths, over }, Self::Mean { millionths: sum, over: more }) => {
                *millionths += sum;
                *over += more;
            }
            (Self::Min(least), Self::Min(other)) => *least = join(*least, other, f64::min),
            (Self::Max(most), Self::Max(other)) => *most = join(*most, other, f64::max),
            (Self::Count { of, over }, Self::Count { of: part, over: more })
            | (Self::Share { of, over }, Self::Share { of: part, over: more }) => {
                *of += part;
                *over += more;
            }
            (Self::Percentile(spread), Self::Percentile(other)) => spread.merge(other),
            (Self::Distinct(distinct), Self::Distinct(other)) => distinct.merge(other),
            (Self::First(first), Self::First(Some(other))) => earlier(first, other),
            (Self::Last(last), Self::Last(Some(other))) => later(last, other),
            (Self::First(_), Self::First(None)) | (Self::Last(_), Self::Last(None)) => {}
            _ => debug_assert!(false, "a cell of other measures"),
        }
    }

    fn figure(&self, measure: &Measure) -> Figure {
        let exact = |value: Option<Kept>, over| Figure { value, over, error: 0.0 };
        match self {
            Self::Count { of, over } => exact(Some(Kept::Number(*of as f64)), *over),
            Self::Sum { millionths, over } => exact(Some(Kept::Number(*millionths as f64 / PARTS)), *over),
            Self::Mean { millionths, over } => {
                let mean = (*over > 0).then(|| Kept::Number(*millionths as f64 / PARTS / *over as f64));
                exact(mean, *over)
            }
            Self::Min(number) | Self::Max(number) => exact(number.map(Kept::Number), u64::from(number.is_some())),
            Self::Share { of, over } => exact((*over > 0).then(|| Kept::Number(*of as f64 / *over as f64)), *over),
            Self::Percentile(spread) => {
                let hundredths = if let Measure::Percentile(_, hundredths) = measure { *hundredths } else { 50.0 };
                Figure {
                    value: spread.percentile(hundredths).map(Kept::Number),
                    over: spread.count(),
                    error: spread.error(),
                }
            }
            Self::Distinct(distinct) => Figure {
                value: Some(Kept::Number(distinct.count() as f64)),
                over: distinct.over(),
                error: distinct.error(),
            },
            Self::First(kept) | Self::Last(kept) => {
                exact(kept.as_ref().map(|(_, kept)| kept.clone()), u64::from(kept.is_some()))
            }
        }
    }
}

/// So that sums come to the same in any order.
fn to_millionths(number: f64) -> Result<i128, Trouble> {
    let millionths = (number * PARTS).round();
    // The way through 64 bits is the shorter one, and most numbers go it.
    match millionths.abs() {
        ..1e18 => Ok(i128::from(millionths as i64)),
        ..1e30 => Ok(millionths as i128),
        _ => Err(Trouble::NotFinite),
    }
}

fn join(a: Option<f64>, b: Option<f64>, of: fn(f64, f64) -> f64) -> Option<f64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(of(a, b)),
        (one, other) => one.or(other),
    }
}

fn earlier(first: &mut Option<(Place, Kept)>, other: (Place, Kept)) {
    if first.as_ref().is_none_or(|(place, _)| other.0 < *place) {
        *first = Some(other);
    }
}

fn later(last: &mut Option<(Place, Kept)>, other: (Place, Kept)) {
    if last.as_ref().is_none_or(|(place, _)| other.0 > *place) {
        *last = Some(other);
    }
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    use super::*;
    use crate::event::codec;
    use crate::tally::expression::compile_figure;
    use crate::tally::{Fields, Type};

    /// Rows of two fields, one of which may be absent.
    #[derive(Clone, Debug)]
    struct Pair(Option<f64>, String);

    struct Pairs;

    impl Fields for Pairs {
        fn find(&self, name: &str) -> Option<(usize, Type)> {
            [("n", (0, Type::Number)), ("t", (1, Type::Text(None)))]
                .iter()
                .find(|(known, _)| *known == name)
                .map(|f| f.1)
        }

        fn names(&self) -> Vec<&str> {
            vec!["n", "t"]
        }

        fn open(&self) -> &'static [&'static str] {
            &[]
        }

        fn is_boundless(&self, _: usize) -> bool {
            false
        }
    }

    impl Row for Pair {
        fn get(&self, field: usize) -> Value<'_> {
            match field {
                0 => self.0.map_or(Value::Absent, Value::Number),
                _ => Value::text(&self.1),
            }
        }

        fn get_open(&self, _: &str, _: &str) -> Value<'_> {
            Value::Absent
        }
    }

    fn measures() -> Vec<Measure> {
        let texts = [
            "count()",
            "sum(n)",
            "mean(n)",
            "min(n)",
            "max(n)",
            "share(n > 0.0)",
            "percentile(n, 50)",
            "percentile(n, 90)",
            "distinct(t)",
            "first(t)",
            "last(n)",
        ];
        let mut measures = Vec::new();
        texts.iter().for_each(|text| drop(compile_figure(text, &Pairs, &TimeZone::UTC, &mut measures).unwrap()));
        measures
    }

    fn cell(measures: &[Measure], rows: &[(usize, Pair)]) -> Cell {
        let mut cell = Cell::new(measures);
        for (number, row) in rows {
            let place = (Micros((number % 7) as i64), Position(*number as u64));
            cell.add(measures, row, place, &mut Vec::new()).unwrap();
        }
        cell
    }

    fn rows(many: usize) -> impl Strategy<Value = Vec<(usize, Pair)>> {
        let number = prop::option::weighted(0.9, -1e4..1e4_f64);
        let row = (number, 0..2_000_u32).prop_map(|(number, text)| Pair(number, text.to_string()));
        prop::collection::vec(row, 0..many).prop_map(|rows| rows.into_iter().enumerate().collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn in_any_order_and_in_any_parts_it_comes_to_the_same(
            rows in rows(1_500), mixed in any::<u64>(), parts in 1_usize..9
        ) {
            let measures = measures();
            let whole = cell(&measures, &rows);
            let mut other = rows;
            other.sort_by_key(|(number, _)| (*number as u64).wrapping_mul(mixed | 1).rotate_left(17));
            let size = other.len() / parts + 1;
            let mut cells: Vec<Cell> = other.chunks(size).map(|part| cell(&measures, part)).collect();
            let mut merged = cells.pop().unwrap_or_else(|| Cell::new(&measures));
            cells.into_iter().for_each(|part| merged.merge(part));
            prop_assert_eq!(&merged, &whole);
            prop_assert_eq!(merged.figures(&measures), whole.figures(&measures));
            let stored: Cell = codec::unpack(&codec::pack(&whole)).unwrap();
            prop_assert_eq!(stored.figures(&measures), whole.figures(&measures));
        }
    }

    fn value(figure: &Figure) -> f64 {
        match figure.value {
            Some(Kept::Number(number)) => number,
            ref other => panic!("{other:?} is no number"),
        }
    }

    #[test]
    fn figures_are_those_of_plain_counting() {
        let measures = measures();
        let rows: Vec<_> =
            (0..10_000_u32).map(|n| (n as usize, Pair(Some(f64::from(n) / 4.0), (n % 3_000).to_string()))).collect();
        let figures = cell(&measures, &rows).figures(&measures);
        assert_eq!(value(&figures[0]), 10_000.0);
        assert_eq!(value(&figures[1]), 12_498_750.0);
        assert_eq!(value(&figures[2]), 1_249.875);
        assert_eq!((value(&figures[3]), value(&figures[4])), (0.0, 2_499.75));
        assert_eq!((value(&figures[5]), figures[5].over), (0.9999, 10_000));
        for (figure, truth) in [(&figures[6], 1_250.0), (&figures[7], 2_250.0)] {
            assert!((value(figure) - truth).abs() <= truth * 0.01, "{figure:?} for {truth}");
            assert!(figure.error <= 0.01);
        }
        assert!((value(&figures[8]) - 3_000.0).abs() < 3_000.0 * 4.0 * figures[8].error, "{:?}", figures[8]);
        // Of the rows of the earliest moment the first, of the latest the last.
        assert_eq!(figures[9].value, Some(Kept::Text("0".into())));
        assert_eq!(value(&figures[10]), 2_498.75);
    }

    #[test]
    fn nothing_said_is_no_figure() {
        let measures = measures();
        let figures = cell(&measures, &[(0, Pair(None, String::new()))]).figures(&measures);
        let said: Vec<bool> = figures.iter().map(|figure| figure.value.is_some()).collect();
        assert_eq!(said, [true, true, false, false, false, true, false, false, true, true, false]);
        assert_eq!(figures.iter().map(|figure| figure.over).collect::<Vec<_>>(), [1, 0, 0, 0, 0, 1, 0, 0, 1, 1, 0]);
    }
}
