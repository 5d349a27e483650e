//! Floor 3. The playbook: how to treat a customer now.
//!
//! A playbook is a TOML file of pieces of advice. Each has a condition in [CEL](https://github.com/google/cel-spec) over the
//! customer's [situation](Situation), what to do in the languages of the agents, and why:
//!
//! ```toml
//! [[advice]]
//! id = "recover_first"
//! when = 'cases.complaints > 0'
//! text = { "pt-BR" = "Resolva a reclamação antes de qualquer oferta.", en = "Recover first: no offers." }
//! because = { "pt-BR" = "Reclamação aberta há {cases.oldest_days} dias.", en = "Complaint open for {cases.oldest_days} days." }
//! ```
//!
//! What a company's codes are called stands there too, so that agents read words: reasons, topics, departments and queues, statuses and
//! resolutions, facts, stages, milestones, activities and the like.
//!
//! ```toml
//! [names.reason]
//! late_delivery = { "pt-BR" = "entrega atrasada", en = "late delivery" }
//! ```
//!
//! A code without a name is shown as it is, with spaces for its underscores. Events, filters and conditions keep the code.
//!
//! The advice whose conditions hold is shown in the order of the file. `{name}` in a text stands for a value of the situation;
//! channels are called by their names in the reader's language.
//!
#![doc = include_str!("names.md")]
//!
//! Everything that is wrong with a playbook is found when it is read, and told at once: unknown names, and conditions that give no
//! truth value, which is tried on a customer of whom nothing is known and on one of whom everything is. A condition cannot go
//! through lists with `map`, `exists` and the like, so it costs next to nothing; `x in list` and `size(list)` are there.

mod advice;
mod condition;
mod languages;
mod mistake;
mod names;
mod situation;

use std::sync::Arc;

use cel::Env;

use advice::Advice;

pub use advice::Guidance;
pub use mistake::{Mistake, Mistakes};
pub use names::Names;
pub use situation::Situation;

/// The playbook that is used where none is configured.
const USUAL: &str = include_str!("usual.toml");
/// The names that stand behind those of every playbook.
const USUAL_NAMES: &str = include_str!("usual_names.toml");

/// Pieces of advice, in their order, and what codes are called.
pub struct Playbook {
    env: Arc<Env>,
    advice: Vec<Advice>,
    names: Names,
}

impl Playbook {
    /// Reads a playbook.
    ///
    /// # Errors
    /// [`Mistakes`] lists all of them.
    pub fn read(text: &str) -> Result<Self, Mistakes> {
        let env = Arc::new(Env::stdlib().with_optional_support(false));
        let (advice, names) = advice::read(text, &env).map_err(Mistakes)?;
        // A test reads them.
        let usual = advice::read(USUAL_NAMES, &env).map(|(_, names)| names).unwrap_or_default();
        Ok(Self { env, advice, names: names.over(usual) })
    }

    /// The playbook that is used where none is configured.
    #[must_use]
    pub fn usual() -> Self {
        // A test reads it.
        Self::read(USUAL).unwrap_or_else(|_| Self { env: Arc::default(), advice: Vec::new(), names: Names::default() })
    }

    /// What codes are called.
    #[must_use]
    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The advice whose conditions hold, in a language, or in the one that is nearest to it. `channel_names` gives the name of a
    /// channel in that language for its wire name.
    #[must_use]
    pub fn advise(
        &self,
        situation: &Situation,
        language: &str,
        channel_names: &dyn Fn(&str) -> String,
    ) -> Vec<Guidance> {
        self.advise_by(&situation.values(), language, channel_names)
    }

    fn advise_by(
        &self,
        values: &situation::Values,
        language: &str,
        channel_names: situation::ChannelNames<'_>,
    ) -> Vec<Guidance> {
        let scope = condition::scope(&self.env, values);
        self.advice.iter().filter_map(|advice| advice.give(&scope, values, language, channel_names)).collect()
    }
}

impl std::fmt::Debug for Playbook {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Playbook").field("advice", &self.advice).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
