//! Where analyses stand.

use async_graphql::{Object, SimpleObject};

use crate::engine::AnalysisStatus;
use crate::graphql::scalars::PositionScalar;
use crate::tally::{Definition, Span, Troubles};
use crate::written::Mistake;

/// An analysis.
pub struct Analysis(pub(super) AnalysisStatus);

/// An analysis: what it is, where it stands and how far it is.
#[Object]
impl Analysis {
    /// The name that it is asked by.
    async fn name(&self) -> &str {
        self.0.definition.name()
    }

    /// Its version.
    async fn version(&self) -> u32 {
        self.0.definition.version()
    }

    /// Its title in a language, or the one that is nearest to it.
    async fn title(&self, #[graphql(default = "en")] language: String) -> &str {
        self.0.definition.title(&language)
    }

    /// Over which rows it goes: `events`, `contacts`, `cases`, `conversations`, `transitions` or `visits`.
    async fn over(&self) -> &str {
        self.0.definition.over().word()
    }

    /// Whether it comes with the store.
    async fn built_in(&self) -> bool {
        self.0.built_in
    }

    /// Its text.
    async fn definition(&self) -> &str {
        self.0.definition.text()
    }

    /// How long its buckets are; null when all is in one.
    async fn bucket(&self) -> Option<&str> {
        self.0.definition.bucket().map(Span::word)
    }

    /// Whose days and months they are.
    async fn timezone(&self) -> &str {
        self.0.definition.zone_name()
    }

    /// What rows are grouped by.
    async fn groups(&self) -> Vec<&str> {
        self.0.definition.groups().collect()
    }

    /// The names of the figures.
    async fn measures(&self) -> Vec<&str> {
        self.0.definition.figures().collect()
    }

    /// `live`, `catching_up`, `building`, `ready` (complete, and waiting for `serveAnalysis`) or `failed`.
    async fn state(&self) -> &str {
        self.0.phase.word()
    }

    /// Why it could not be counted, when it `failed`.
    async fn failed(&self) -> Option<&str> {
        self.0.failed.as_deref()
    }

    /// All events before this position are counted.
    async fn through(&self) -> PositionScalar {
        self.0.through.into()
    }

    /// How far it is, from 0 to 1.
    async fn progress(&self) -> f64 {
        self.0.progress
    }

    /// Events, or rows, that are counted in a second of work, lately.
    async fn rows_per_second(&self) -> f64 {
        self.0.rows_per_second
    }

    /// How long the rest takes at that speed, in milliseconds.
    async fn eta_ms(&self) -> Option<f64> {
        self.0.eta_ms
    }

    /// Rows that could not be counted.
    async fn troubles(&self) -> AnalysisTroubles {
        AnalysisTroubles::from(&self.0.troubles)
    }

    /// The version that is counted beside it and will take its place.
    async fn building(&self) -> Option<Analysis> {
        self.0.building.as_deref().cloned().map(Analysis)
    }

    /// The version of before, which can be brought back at once.
    async fn previous(&self) -> Option<u32> {
        self.0.previous
    }
}

/// Rows that could not be counted.
#[derive(Debug, SimpleObject)]
pub struct AnalysisTroubles {
    /// How many.
    count: u64,
    /// The first of them.
    first: Vec<AnalysisTrouble>,
}

/// A row that could not be counted.
#[derive(Debug, SimpleObject)]
pub struct AnalysisTrouble {
    /// The event, or the first event of the contact or case.
    position: PositionScalar,
    /// Why.
    reason: String,
}

impl From<&Troubles> for AnalysisTroubles {
    fn from(troubles: &Troubles) -> Self {
        let one = |(position, trouble): &(u64, crate::tally::expression::Trouble)| AnalysisTrouble {
            position: crate::event::Position(*position).into(),
            reason: trouble.to_string(),
        };
        Self { count: troubles.count, first: troubles.first.iter().map(one).collect() }
    }
}

/// What is wrong with a definition, if anything is.
#[derive(Debug, SimpleObject)]
pub struct AnalysisCheck {
    /// Whether it is right.
    ok: bool,
    /// Everything that is wrong, in the order of the text.
    mistakes: Vec<AnalysisMistake>,
    /// What rows would be grouped by.
    groups: Vec<String>,
    /// The names of the figures.
    measures: Vec<String>,
}

/// A mistake in a definition.
#[derive(Debug, SimpleObject)]
pub struct AnalysisMistake {
    /// Its line, from 1.
    line: Option<usize>,
    /// Its column, from 1, in characters.
    column: Option<usize>,
    /// The key.
    place: String,
    /// What is wrong.
    reason: String,
    /// What to do.
    help: String,
}

impl AnalysisCheck {
    pub(super) fn right(definition: &Definition) -> Self {
        let owned = |name: &str| name.to_owned();
        let (groups, measures) = (definition.groups().map(owned).collect(), definition.figures().map(owned).collect());
        Self { ok: true, mistakes: Vec::new(), groups, measures }
    }

    pub(super) fn wrong(mistakes: Vec<Mistake>) -> Self {
        let one = |mistake: Mistake| AnalysisMistake {
            line: mistake.at.map(|(line, _)| line),
            column: mistake.at.map(|(_, column)| column),
            place: mistake.place,
            reason: mistake.reason,
            help: mistake.help.into_owned(),
        };
        Self { ok: false, mistakes: mistakes.into_iter().map(one).collect(), groups: Vec::new(), measures: Vec::new() }
    }
}
