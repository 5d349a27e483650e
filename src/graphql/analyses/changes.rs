//! What callers change of analyses, and what they follow.

use std::time::Duration;

use async_graphql::{Context, Object, Result, Subscription};
use futures_util::{Stream, stream};

use super::answers::AnalysisResult;
use super::ask::{DimensionIs, RangeInput, ask, lines, of_ask, of_define};
use super::questions::answer;
use super::statuses::Analysis;
use crate::engine::Novelo;
use crate::graphql::errors::{Code, bad_argument, error, of_engine};
use crate::graphql::query::store;

/// How long an answer waits at most to tell that a version serves.
const TAKEN_UP: Duration = Duration::from_secs(3);

/// What callers change of analyses.
#[derive(Debug, Default)]
pub struct AnalysisMutation;

/// What callers change of analyses.
#[Object]
impl AnalysisMutation {
    /// Define an analysis, or a new version of one. It is counted over the whole history beside the one that serves, and takes its
    /// place once it is complete. The text is that of a definition file.
    async fn define_analysis(
        &self,
        ctx: &Context<'_>,
        definition: String,
        #[graphql(default, desc = "Once complete it waits for `serveAnalysis`, so that it can be compared before.")]
        hold: bool,
    ) -> Result<Analysis> {
        let store = store(ctx)?;
        let definition = store.analyses().define(&definition, hold).map_err(of_define)?;
        named(store, definition.name())
    }

    /// Have a version serve: one that served before at once, any other as soon as it is complete. Another that was defined with
    /// `hold` goes on waiting.
    async fn serve_analysis(&self, ctx: &Context<'_>, name: String, version: u32) -> Result<Analysis> {
        let store = store(ctx)?;
        let definition = store.analyses().serve(&name, version).map_err(of_define)?;
        store.analyses().taken_up(&definition, TAKEN_UP).await.map_err(of_engine)?;
        named(store, &name)
    }

    /// Give an analysis up, with all its versions. One that replaced one of the store gives way to that again.
    async fn remove_analysis(&self, ctx: &Context<'_>, name: String) -> Result<bool> {
        store(ctx)?.analyses().remove(&name).map_err(of_define)?;
        Ok(true)
    }
}

fn named(store: &Novelo, name: &str) -> Result<Analysis> {
    let found = store.analyses().one(name).map_err(of_engine)?;
    found.map(Analysis).ok_or_else(|| error(Code::NotFound, "it was removed meanwhile", "define it again"))
}

/// What goes on in analyses.
#[derive(Debug, Default)]
pub struct AnalysisSubscription;

/// At least and at most so many milliseconds between two answers.
const EVERY_MS: std::ops::RangeInclusive<i32> = 100..=3_600_000;

/// What goes on in analyses.
#[Subscription]
impl AnalysisSubscription {
    /// What an analysis has come to at once, and again whenever something was counted, but no more often than every so many
    /// milliseconds.
    #[expect(clippy::too_many_arguments, reason = "they are the arguments of the API")]
    async fn analysis(
        &self,
        ctx: &Context<'_>,
        name: String,
        #[graphql(default = 1000)] every_ms: i32,
        range: Option<RangeInput>,
        #[graphql(name = "where", desc = "Only groups that say all of this.")] only: Option<Vec<DimensionIs>>,
        by: Option<Vec<String>>,
        bucket: Option<String>,
        #[graphql(default = 1000)] limit: i32,
    ) -> Result<impl Stream<Item = Result<AnalysisResult>> + use<>> {
        let (question, limit) = (ask(range, only, by, bucket)?, lines("limit", limit)?);
        if !EVERY_MS.contains(&every_ms) {
            let reason = format!("is {every_ms}");
            return Err(bad_argument("everyMs", reason, "send a number from 100 to 3600000"));
        }
        let every = Duration::from_millis(u64::from(every_ms.unsigned_abs()));
        let store = store(ctx)?.clone();
        let changes = store.analyses().changes();
        let begin = (store, changes, None);
        Ok(stream::try_unfold(begin, move |(store, mut changes, last)| {
            let (name, question) = (name.clone(), question.clone());
            async move {
                let mut last = last;
                loop {
                    if last.is_some() {
                        tokio::time::sleep(every).await;
                        if changes.changed().await.is_err() {
                            return Ok(None);
                        }
                    }
                    let answer = answer(&store, name.clone(), None, question.clone()).await.map_err(of_ask)?;
                    // A round in which nothing of it changed is not told.
                    let told = (answer.definition.id(), answer.lines.clone());
                    if last.as_ref() != Some(&told) {
                        let result = AnalysisResult::new(answer, 0, limit);
                        return Ok(Some((result, (store, changes, Some(told)))));
                    }
                    last = Some(told);
                }
            }
        }))
    }
}
