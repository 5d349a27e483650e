//! What an analysis has come to, as it is answered.

use async_graphql::{Object, SimpleObject};

use crate::engine::{self, Line};
use crate::graphql::scalars::{DateTime, PositionScalar};
use crate::ingest::figures::{self, Punctuation};
use crate::tally::{Kept, Span};

/// A figure.
#[derive(Debug, SimpleObject)]
pub struct Figure {
    /// The number; 1 and 0 for yes and no. Null when no row said anything, and when it is a text.
    value: Option<f64>,
    /// The text, when it is one.
    text: Option<String>,
    /// Over how many rows it was taken.
    over: u64,
    /// At most so far from the truth, as a part of it; for a number of different values, the standard error.
    error: f64,
}

impl From<&crate::tally::Figure> for Figure {
    fn from(figure: &crate::tally::Figure) -> Self {
        let (value, text) = match &figure.value {
            None => (None, None),
            Some(Kept::Number(number)) => (Some(*number), None),
            Some(Kept::Truth(truth)) => (Some(f64::from(u8::from(*truth))), None),
            Some(Kept::Moment(at)) => (None, Some(at.to_string())),
            Some(Kept::Text(text)) => (None, Some(text.to_string())),
        };
        Self { value, text, over: figure.over, error: figure.error }
    }
}

/// A line of an answer.
pub struct AnalysisRow(Line);

/// A line of an answer: a bucket and a group.
#[Object]
impl AnalysisRow {
    /// When its bucket begins; null when all is in one.
    async fn bucket(&self) -> Option<DateTime> {
        self.0.bucket.map(DateTime)
    }

    /// What rows of it say, in the order of `groups`; null where they say nothing.
    async fn group(&self) -> Vec<Option<&str>> {
        self.0.group.iter().map(Option::as_deref).collect()
    }

    /// The figures, in the order of `measures`.
    async fn figures(&self) -> Vec<Figure> {
        self.0.figures.iter().map(Figure::from).collect()
    }

    /// Whether its bucket, or the window behind it, is not over: the figures may change.
    async fn provisional(&self) -> bool {
        self.0.provisional
    }
}

/// What an analysis has come to.
pub struct AnalysisResult {
    answer: engine::Answer,
    offset: usize,
    limit: usize,
}

impl AnalysisResult {
    pub(super) fn new(answer: engine::Answer, offset: usize, limit: usize) -> Self {
        Self { answer, offset, limit }
    }
}

/// What an analysis has come to.
#[Object]
impl AnalysisResult {
    /// Which analysis.
    async fn name(&self) -> &str {
        self.answer.definition.name()
    }

    /// Which version of it.
    async fn version(&self) -> u32 {
        self.answer.definition.version()
    }

    /// All events before this position are counted.
    async fn through(&self) -> PositionScalar {
        self.answer.through.into()
    }

    /// How long the buckets are: `hour`, `day`, `week`, `month`, `quarter` or `year`; null when all is in one.
    async fn bucket(&self) -> Option<&str> {
        self.answer.bucket.map(Span::word)
    }

    /// Whose days and months they are.
    async fn timezone(&self) -> &str {
        self.answer.definition.zone_name()
    }

    /// What the lines are told apart by.
    async fn groups(&self) -> &[String] {
        &self.answer.groups
    }

    /// The names of the figures.
    async fn measures(&self) -> Vec<&str> {
        self.answer.definition.figures().collect()
    }

    /// The lines, by bucket and then by group.
    async fn rows(&self) -> Vec<AnalysisRow> {
        self.answer.lines.iter().skip(self.offset).take(self.limit).cloned().map(AnalysisRow).collect()
    }

    /// The same lines as CSV, as `novelo analysis run --csv` has them: with the names of the columns before the first line of
    /// all. With `commas`, numbers have a comma and fields semicolons between them, as spreadsheets of some languages have it.
    async fn csv(&self, #[graphql(default)] commas: bool) -> String {
        let punctuation = if commas { Punctuation::Commas } else { Punctuation::Points };
        let head = (self.offset == 0).then(|| figures::head(&self.answer, punctuation));
        let lines = self.answer.lines.iter().skip(self.offset).take(self.limit);
        let rows = lines.map(|line| figures::row(&self.answer, line, punctuation));
        head.into_iter().chain(rows).map(|line| line + "\n").collect()
    }

    /// How many lines there are in all.
    async fn total_rows(&self) -> usize {
        self.answer.lines.len()
    }
}

/// How two versions of an analysis differ.
pub struct AnalysisDiff {
    pub(super) comparison: engine::Comparison,
    pub(super) groups: Vec<String>,
    pub(super) limit: usize,
}

/// How two versions of an analysis differ.
#[Object]
impl AnalysisDiff {
    /// What the figures are told apart by: what both versions group by.
    async fn groups(&self) -> &[String] {
        &self.groups
    }

    /// The figures that differ, by bucket and group.
    async fn cells(&self) -> Vec<AnalysisDifference> {
        self.comparison.differences.iter().take(self.limit).cloned().map(AnalysisDifference).collect()
    }

    /// How many figures differ that both have.
    async fn differing(&self) -> usize {
        self.count(|difference| difference.from.is_some() && difference.to.is_some())
    }

    /// How many figures are the same.
    async fn same(&self) -> u64 {
        self.comparison.same
    }

    /// How many figures only the first has.
    async fn only_from(&self) -> usize {
        self.count(|difference| difference.to.is_none())
    }

    /// How many figures only the second has.
    async fn only_to(&self) -> usize {
        self.count(|difference| difference.from.is_none())
    }
}

impl AnalysisDiff {
    fn count(&self, which: impl Fn(&engine::Difference) -> bool) -> usize {
        self.comparison.differences.iter().filter(|difference| which(difference)).count()
    }
}

/// A figure that two versions do not share.
pub struct AnalysisDifference(engine::Difference);

/// A figure that two versions do not share.
#[Object]
impl AnalysisDifference {
    /// When its bucket begins.
    async fn bucket(&self) -> Option<DateTime> {
        self.0.bucket.map(DateTime)
    }

    /// Its group.
    async fn group(&self) -> Vec<Option<&str>> {
        self.0.group.iter().map(Option::as_deref).collect()
    }

    /// Which figure.
    async fn measure(&self) -> &str {
        &self.0.measure
    }

    /// What the first version says; null when it has no such cell.
    async fn from(&self) -> Option<Figure> {
        self.0.from.as_ref().map(Figure::from)
    }

    /// What the second version says.
    async fn to(&self) -> Option<Figure> {
        self.0.to.as_ref().map(Figure::from)
    }
}
