//! Figures of an analysis as CSV (RFC 4180): what `novelo analysis run --csv` writes and what the page `/analyses` saves.
//!
//! A line for each bucket and group: the bucket, the groups, the figures, over how many rows each was taken, and whether they are
//! provisional. Names and values are those of the analysis; spans of time are in milliseconds, as the names of their figures say.

use crate::engine::{Answer, Line};
use crate::event::Micros;
use crate::tally::{Figure, Kept, Span};

/// How numbers are written and fields told apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Punctuation {
    /// Numbers have a point, fields have commas between them.
    #[default]
    Points,
    /// Numbers have a comma, fields have semicolons between them: as spreadsheets have it in Portuguese, Spanish and others.
    Commas,
}

impl Punctuation {
    fn between(self) -> char {
        match self {
            Self::Points => ',',
            Self::Commas => ';',
        }
    }

    fn number(self, number: f64) -> String {
        match self {
            Self::Points => number.to_string(),
            Self::Commas => number.to_string().replace('.', ","),
        }
    }

    /// Fields that would be taken for several, or have a quote, stand in quotes.
    fn row(self, cells: &[String]) -> String {
        let between = self.between();
        let quoted = |cell: &String| match cell.contains([between, '"', '\n', '\r']) {
            true => format!("\"{}\"", cell.replace('"', "\"\"")),
            false => cell.clone(),
        };
        cells.iter().map(quoted).collect::<Vec<_>>().join(between.encode_utf8(&mut [0; 4]))
    }
}

/// The names of the columns.
#[must_use]
pub fn head(answer: &Answer, punctuation: Punctuation) -> String {
    let bucket = answer.bucket.map(|span| span.word().to_owned());
    let figures = || answer.definition.figures();
    let names = bucket.into_iter().chain(answer.groups.iter().cloned()).chain(figures().map(str::to_owned));
    let over = figures().map(|name| format!("{name}_over"));
    punctuation.row(&names.chain(over).chain(["provisional".to_owned()]).collect::<Vec<_>>())
}

/// A line of an answer.
#[must_use]
pub fn row(answer: &Answer, line: &Line, punctuation: Punctuation) -> String {
    let bucket = answer.bucket.map(|_| line.bucket.map(|at| begins(answer, at)).unwrap_or_default());
    let group = line.group.iter().map(|value| value.as_deref().map(inert).unwrap_or_default());
    let figures = line.figures.iter().map(|figure| text(figure, punctuation));
    let over = line.figures.iter().map(|figure| figure.over.to_string());
    let cells = bucket.into_iter().chain(group).chain(figures).chain(over).chain([line.provisional.to_string()]);
    punctuation.row(&cells.collect::<Vec<_>>())
}

/// When a bucket begins, in the analysis's zone and no finer than it is long: `2017-03` for a month.
#[must_use]
pub fn begins(answer: &Answer, at: Micros) -> String {
    let Some(at) = at.timestamp() else { return at.to_string() };
    let local = at.to_zoned_datetime(answer.definition.zone().clone());
    match answer.bucket {
        Some(Span::Hour) => local.strftime("%Y-%m-%d %H:%M").to_string(),
        Some(Span::Month | Span::Quarter) => local.strftime("%Y-%m").to_string(),
        Some(Span::Year) => local.strftime("%Y").to_string(),
        Some(Span::Day | Span::Week) | None => local.date().to_string(),
    }
}

fn text(figure: &Figure, punctuation: Punctuation) -> String {
    match &figure.value {
        None => String::new(),
        Some(Kept::Number(number)) => punctuation.number(*number),
        Some(Kept::Truth(truth)) => truth.to_string(),
        Some(Kept::Moment(at)) => at.to_string(),
        Some(Kept::Text(text)) => inert(text),
    }
}

/// A text that a spreadsheet does not carry out: what begins as a formula does is led in by an apostrophe. Numbers stay numbers.
fn inert(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_no_formula_and_a_number_stays_one() {
        for text in ["=HYPERLINK(\"x\")", "+55 11", "-1", "@SUM(A1)", "\tx", "\rx"] {
            assert_eq!(inert(text), format!("'{text}"));
        }
        assert_eq!(inert("a=b"), "a=b");
        let figure = |value| Figure { value: Some(value), over: 1, error: 0.0 };
        assert_eq!(text(&figure(Kept::Number(-1.5)), Punctuation::Points), "-1.5");
        assert_eq!(text(&figure(Kept::Number(-1.5)), Punctuation::Commas), "-1,5");
        assert_eq!(text(&figure(Kept::Text("=1+1".into())), Punctuation::Points), "'=1+1");
    }

    #[test]
    fn a_field_stays_one_whatever_is_between_fields() {
        let cells = ["a,b;c".to_owned(), "\"d\"".to_owned(), "e".to_owned()];
        assert_eq!(Punctuation::Points.row(&cells), "\"a,b;c\",\"\"\"d\"\"\",e");
        assert_eq!(Punctuation::Commas.row(&cells), "\"a,b;c\";\"\"\"d\"\"\";e");
        assert_eq!(Punctuation::Commas.row(&["a,b".to_owned()]), "a,b");
    }
}
