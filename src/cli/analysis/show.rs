//! How an answer is written: a table for people, CSV and JSON for machines.

use serde_json::{Map, Value, json};

use crate::cli::output;
use crate::engine::{Answer, Difference, Line};
use crate::event::Micros;
use crate::tally::{Figure, Kept, Span};

/// Lines of a table for people; whoever wants all of a long answer takes CSV or JSON.
const MOST_LINES: usize = 200;

/// A table with aligned columns.
pub(super) fn table(answer: &Answer) {
    let mut lines = vec![header(answer)];
    lines.extend(answer.lines.iter().take(MOST_LINES).map(|line| cells(answer, line, false)));
    let columns = lines.first().map_or(0, Vec::len);
    let width = |at: usize| lines.iter().filter_map(|line| line.get(at)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|at| width(at).unwrap_or(0)).collect();
    let texts = usize::from(answer.bucket.is_some()) + answer.groups.len();
    for line in &lines {
        let padded =
            line.iter().zip(&widths).enumerate().map(|(at, (cell, width))| {
                if at < texts { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
            });
        output::line(padded.collect::<Vec<_>>().join("  ").trim_end());
    }
    if answer.lines.len() > MOST_LINES {
        let left = answer.lines.len() - MOST_LINES;
        output::note(&format!("… and {left} lines more: take --csv or --json, or bring groups together with --by"));
    }
}

/// Comma-separated values (RFC 4180), with over how many rows each figure was taken.
pub(super) fn csv(answer: &Answer) {
    let mut names = header(answer);
    names.extend(answer.definition.figures().map(|name| format!("{name}_over")));
    names.push("provisional".into());
    output::line(&row(&names));
    for line in &answer.lines {
        let mut cells = cells(answer, line, true);
        cells.extend(line.figures.iter().map(|figure| figure.over.to_string()));
        cells.push(line.provisional.to_string());
        output::line(&row(&cells));
    }
}

/// One object a line.
pub(super) fn json(answer: &Answer) {
    for line in &answer.lines {
        let group: Map<String, Value> =
            answer.groups.iter().cloned().zip(line.group.iter().map(|value| json!(value))).collect();
        let figures: Map<String, Value> = (answer.definition.figures().zip(&line.figures))
            .map(|(name, figure)| {
                (name.to_owned(), json!({"value": value(figure), "over": figure.over, "error": figure.error}))
            })
            .collect();
        let bucket = line.bucket.map(|at| at.to_string());
        let line = json!({"bucket": bucket, "group": group, "figures": figures, "provisional": line.provisional});
        output::line(&line.to_string());
    }
}

/// A figure that two versions do not share.
pub(super) fn difference(answer: &Answer, difference: &Difference, as_json: bool) {
    let figure = |figure: &Option<Figure>| figure.as_ref().map_or(Value::Null, value);
    let bucket = difference.bucket.map(|at| begins(answer, at));
    if as_json {
        let line = json!({"bucket": difference.bucket.map(|at| at.to_string()), "group": difference.group,
            "measure": difference.measure, "from": figure(&difference.from), "to": figure(&difference.to)});
        return output::line(&line.to_string());
    }
    let group: Vec<String> = difference.group.iter().map(|value| value.as_deref().unwrap_or("-").to_owned()).collect();
    let place = bucket.into_iter().chain(group).chain([difference.measure.clone()]).collect::<Vec<_>>().join("  ");
    let told =
        |figure: &Option<Figure>| figure.as_ref().map_or_else(|| "nothing".to_owned(), |figure| text(figure, false));
    output::line(&format!("{place}  {} -> {}", told(&difference.from), told(&difference.to)));
}

fn header(answer: &Answer) -> Vec<String> {
    let bucket = answer.bucket.map(|span| span.word().to_owned());
    let groups = answer.groups.iter().cloned();
    bucket.into_iter().chain(groups).chain(answer.definition.figures().map(str::to_owned)).collect()
}

fn cells(answer: &Answer, line: &Line, exact: bool) -> Vec<String> {
    let bucket = answer.bucket.map(|_| line.bucket.map(|at| begins(answer, at)).unwrap_or_default());
    let nothing = if exact { "" } else { "-" };
    let shown = |value: &str| if exact { inert(value) } else { value.to_owned() };
    let group = line.group.iter().map(|value| value.as_deref().map_or_else(|| nothing.to_owned(), shown));
    let figures = line.figures.iter().map(|figure| text(figure, exact));
    bucket.into_iter().chain(group).chain(figures).collect()
}

/// When a bucket begins, in the analysis's zone and no finer than it is long.
fn begins(answer: &Answer, at: Micros) -> String {
    let Some(at) = at.timestamp() else { return at.to_string() };
    let local = at.to_zoned_datetime(answer.definition.zone().clone());
    match answer.bucket {
        Some(Span::Hour) => local.strftime("%Y-%m-%d %H:%M").to_string(),
        Some(Span::Month | Span::Quarter) => local.strftime("%Y-%m").to_string(),
        Some(Span::Year) => local.strftime("%Y").to_string(),
        Some(Span::Day | Span::Week) | None => local.date().to_string(),
    }
}

fn value(figure: &Figure) -> Value {
    match &figure.value {
        None => Value::Null,
        Some(Kept::Truth(truth)) => json!(truth),
        Some(Kept::Number(number)) if number.fract() == 0.0 && number.abs() < 9e15 => json!(*number as i64),
        Some(Kept::Number(number)) => json!(number),
        Some(Kept::Moment(at)) => json!(at.to_string()),
        Some(Kept::Text(text)) => json!(text.as_str()),
    }
}

/// A figure for people has as many decimals as matter; for machines it is as it is.
fn text(figure: &Figure, exact: bool) -> String {
    match &figure.value {
        None if exact => String::new(),
        None => "-".into(),
        Some(Kept::Number(number)) if !exact && number.fract() != 0.0 => {
            if number.abs() < 10.0 {
                format!("{number:.4}")
            } else {
                format!("{number:.1}")
            }
        }
        Some(Kept::Number(number)) => number.to_string(),
        Some(Kept::Truth(truth)) => truth.to_string(),
        Some(Kept::Moment(at)) => at.to_string(),
        Some(Kept::Text(text)) if exact => inert(text),
        Some(Kept::Text(text)) => text.to_string(),
    }
}

/// A text of CSV that a spreadsheet does not carry out, as the CSV of the page /analyses has it: what begins as a formula does is led in
/// by an apostrophe. Numbers stay numbers.
fn inert(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{text}") } else { text.to_owned() }
}

/// Fields with a comma, a quote or a line break stand in quotes.
fn row(cells: &[String]) -> String {
    let quoted = |cell: &String| match cell.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", cell.replace('"', "\"\"")),
        false => cell.clone(),
    };
    cells.iter().map(quoted).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_of_csv_is_no_formula_and_a_number_stays_one() {
        for text in ["=HYPERLINK(\"x\")", "+55 11", "-1", "@SUM(A1)", "\tx", "\rx"] {
            assert_eq!(inert(text), format!("'{text}"));
        }
        assert_eq!(inert("a=b"), "a=b");
        let figure = |value| Figure { value: Some(value), over: 1, error: 0.0 };
        assert_eq!(text(&figure(Kept::Number(-1.5)), true), "-1.5");
        assert_eq!(text(&figure(Kept::Text("=1+1".into())), true), "'=1+1");
        assert_eq!(text(&figure(Kept::Text("=1+1".into())), false), "=1+1");
    }
}
