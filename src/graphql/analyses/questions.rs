//! Questions about analyses.

use std::sync::Arc;

use async_graphql::{Context, Object, Result};

use super::answers::{AnalysisDiff, AnalysisResult};
use super::ask::{DimensionIs, RangeInput, ask, from_zero, lines, of_ask};
use super::journey::{JourneyExample, JourneyMap, PLACES};
use super::statuses::{Analysis, AnalysisCheck};
use crate::engine::{Answer, Ask, AskError, Novelo, Somewhere, compare, shared_groups};
use crate::event::Micros;
use crate::graphql::errors::{Code, error, of_engine, unknown_word};
use crate::graphql::inputs::page_size;
use crate::graphql::query::{page_complexity, store};

/// Questions about analyses.
#[derive(Debug, Default)]
pub struct AnalysisQuery;

/// Questions about analyses.
#[Object]
impl AnalysisQuery {
    /// Every analysis, those that come with the store first.
    async fn analyses(&self, ctx: &Context<'_>) -> Result<Vec<Analysis>> {
        let all = store(ctx)?.analyses().all().map_err(of_engine)?;
        Ok(all.into_iter().map(Analysis).collect())
    }

    /// What an analysis has come to; null when there is none of this name.
    ///
    /// Cells are brought together as is asked: `by` names the groups that are told apart (none for one line a bucket), `bucket` a
    /// longer bucket, or `all`.
    #[graphql(complexity = "page_complexity(limit, child_complexity)")]
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the API")]
    async fn analysis(
        &self,
        ctx: &Context<'_>,
        name: String,
        #[graphql(desc = "Another version than the one that serves, when it is kept.")] version: Option<u32>,
        range: Option<RangeInput>,
        #[graphql(name = "where", desc = "Only groups that say all of this.")] only: Option<Vec<DimensionIs>>,
        by: Option<Vec<String>>,
        bucket: Option<String>,
        #[graphql(default = 1000)] limit: i32,
        #[graphql(default = 0)] offset: i32,
    ) -> Result<Option<AnalysisResult>> {
        let question = ask(range, only, by, bucket)?;
        let (limit, offset) = (lines("limit", limit)?, from_zero("offset", offset)?);
        match answer(store(ctx)?, name, version, question).await {
            Ok(answer) => Ok(Some(AnalysisResult::new(answer, offset, limit))),
            Err(AskError::Define(crate::engine::DefineError::Unknown { .. })) => Ok(None),
            Err(cause) => Err(of_ask(cause)),
        }
    }

    /// Reads a definition without defining anything: what is wrong with it, at which line and column.
    async fn check_analysis(&self, ctx: &Context<'_>, definition: String) -> Result<AnalysisCheck> {
        Ok(match store(ctx)?.analyses().read(&definition) {
            Ok(definition) => AnalysisCheck::right(&definition),
            Err(mistakes) => AnalysisCheck::wrong(mistakes.0),
        })
    }

    /// Which figures of two versions of an analysis differ: of those that are kept, which are the one that serves, the one of
    /// before and the one that is being built.
    #[graphql(complexity = "page_complexity(limit, child_complexity)")]
    async fn analysis_diff(
        &self,
        ctx: &Context<'_>,
        name: String,
        from: u32,
        to: u32,
        #[graphql(default = 1000)] limit: i32,
    ) -> Result<AnalysisDiff> {
        let (store, limit) = (store(ctx)?, lines("limit", limit)?);
        let mut one = answer(store, name.clone(), Some(from), Ask::default()).await.map_err(of_ask)?;
        let mut other = answer(store, name.clone(), Some(to), Ask::default()).await.map_err(of_ask)?;
        if let Some(by) = shared_groups(&one.definition, &other.definition) {
            let ask = Ask { by: Some(by), ..Ask::default() };
            one = answer(store, name.clone(), Some(from), ask.clone()).await.map_err(of_ask)?;
            other = answer(store, name, Some(to), ask).await.map_err(of_ask)?;
        }
        Ok(AnalysisDiff { comparison: compare(&one, &other), groups: one.groups, limit })
    }

    /// Stage by touchpoint by department, from what really happened.
    ///
    /// It is made of the analyses `journey` and `journey_flow`. `where` takes `stage`, `touchpoint`, `department`
    /// and `channel`; of the flows it keeps those that go from or to such a stage or touchpoint.
    async fn journey_map(
        &self,
        ctx: &Context<'_>,
        range: Option<RangeInput>,
        #[graphql(name = "where", desc = "Only what says all of this.")] only: Option<Vec<DimensionIs>>,
    ) -> Result<JourneyMap> {
        let question = ask(range, only, None, Some("all".into()))?;
        let novelo = store(ctx)?.clone();
        blocking(move || JourneyMap::of(&novelo, &question)).await?.map_err(of_ask)
    }

    /// Customers who were somewhere on the journey, the latest first. `where` takes `stage`, `touchpoint` and `department`; with
    /// null, where nothing is said.
    #[graphql(complexity = "page_complexity(first, child_complexity)")]
    async fn journey_examples(
        &self,
        ctx: &Context<'_>,
        #[graphql(name = "where")] only: Option<Vec<DimensionIs>>,
        range: Option<RangeInput>,
        #[graphql(default = 5)] first: i32,
    ) -> Result<Vec<JourneyExample>> {
        let range = range.unwrap_or_default();
        let mut somewhere =
            Somewhere { from: range.from.map(|at| at.0), until: range.to.map(|at| at.0), ..Somewhere::default() };
        for DimensionIs { name, value } in only.into_iter().flatten() {
            match name.as_str() {
                "stage" => somewhere.stage = Some(value),
                "touchpoint" => somewhere.touchpoint = Some(value),
                "department" => somewhere.department = Some(value),
                other => return Err(unknown_word("where.name", other, &PLACES)),
            }
        }
        let (novelo, first) = (store(ctx)?.clone(), page_size("first", Some(first))?);
        let found = blocking(move || novelo.analyses().examples(&somewhere, first)).await?;
        Ok(found.map_err(of_engine)?.into_iter().map(JourneyExample).collect())
    }
}

/// Asks in a thread that may take its time.
pub(super) async fn answer(
    novelo: &Arc<Novelo>,
    name: String,
    version: Option<u32>,
    question: Ask,
) -> Result<Answer, AskError> {
    let novelo = novelo.clone();
    let asked = move || novelo.analyses().ask(&name, version, question, Micros::now());
    tokio::task::spawn_blocking(asked)
        .await
        .unwrap_or_else(|_| Err(AskError::Engine(crate::engine::EngineError::Stopped("counting panicked".into()))))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| {
        error(Code::Internal, "the store could not answer", "tell the operator: the store's log has the cause")
    })
}
