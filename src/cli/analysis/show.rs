//! How an answer is written: a table for people, CSV and JSON for machines.

use serde_json::{Map, Value, json};

use crate::cli::output;
use crate::engine::{Answer, Difference, Line};
use crate::ingest::figures::{self, Punctuation, begins};
use crate::tally::{Figure, Kept};

/// Lines of a table for people; whoever wants all of a long answer takes CSV or JSON.
const MOST_LINES: usize = 200;

/// A table with aligned columns.
pub(super) fn table(answer: &Answer) {
    let mut lines = vec![header(answer)];
    lines.extend(answer.lines.iter().take(MOST_LINES).map(|line| cells(answer, line)));
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

/// Which figures are estimated, and of which groups no row says anything: a name may be misspelt there.
pub(super) fn notes(answer: &Answer) {
    let error =
        |at: usize| answer.lines.iter().filter_map(|line| line.figures.get(at)).map(|f| f.error).fold(0.0, f64::max);
    let figures = answer.definition.figures().enumerate().map(|(at, name)| (name, error(at)));
    let estimated: Vec<String> = figures
        .filter(|(_, error)| *error > 0.0)
        .map(|(name, error)| format!("{name} (right to within {:.1} %)", error * 100.0))
        .collect();
    if !estimated.is_empty() {
        output::note(&format!("estimated: {}", estimated.join(", ")));
    }
    for (at, name) in answer.groups.iter().enumerate() {
        let is_silent = |line: &Line| line.group.get(at).is_none_or(Option::is_none);
        if !answer.lines.is_empty() && answer.lines.iter().all(is_silent) {
            output::note(&format!("no row says anything of `{name}`: is it written as in the events?"));
        }
    }
}

/// Comma-separated values.
pub(super) fn csv(answer: &Answer) {
    output::line(&figures::head(answer, Punctuation::Points));
    answer.lines.iter().for_each(|line| output::line(&figures::row(answer, line, Punctuation::Points)));
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
    let told = |figure: &Option<Figure>| figure.as_ref().map_or_else(|| "nothing".to_owned(), text);
    output::line(&format!("{place}  {} -> {}", told(&difference.from), told(&difference.to)));
}

fn header(answer: &Answer) -> Vec<String> {
    let bucket = answer.bucket.map(|span| span.word().to_owned());
    let groups = answer.groups.iter().cloned();
    bucket.into_iter().chain(groups).chain(answer.definition.figures().map(str::to_owned)).collect()
}

fn cells(answer: &Answer, line: &Line) -> Vec<String> {
    let bucket = answer.bucket.map(|_| line.bucket.map(|at| begins(answer, at)).unwrap_or_default());
    let group = line.group.iter().map(|value| value.as_deref().unwrap_or("-").to_owned());
    let figures = line.figures.iter().map(text);
    bucket.into_iter().chain(group).chain(figures).collect()
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

/// A figure for people has as many decimals as matter.
fn text(figure: &Figure) -> String {
    match &figure.value {
        None => "-".into(),
        Some(Kept::Number(number)) if number.fract() != 0.0 => {
            if number.abs() < 10.0 {
                format!("{number:.4}")
            } else {
                format!("{number:.1}")
            }
        }
        Some(Kept::Number(number)) => number.to_string(),
        Some(Kept::Truth(truth)) => truth.to_string(),
        Some(Kept::Moment(at)) => at.to_string(),
        Some(Kept::Text(text)) => text.to_string(),
    }
}
