//! A piece of advice, and reading them from TOML.

use std::collections::BTreeMap;
use std::sync::Arc;

use cel::Env;
use serde::Deserialize;

use super::condition::{Condition, unknown};
use super::languages::Texts;
use super::mistake::Mistake;
use super::names::{Names, WrittenNames};
use super::situation::{ChannelNames, Values, samples};
use crate::event::line_and_column;

/// Most pieces of advice of a playbook: each is tried for every answer.
const MOST_ADVICE: usize = 200;
/// Most bytes of a text.
const LONGEST_TEXT_BYTES: usize = 1_024;

/// What to do now, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guidance {
    /// The advice in the playbook.
    pub id: String,
    /// What to do.
    pub text: String,
    /// Why.
    pub because: String,
}

/// A piece of advice that was read and found right.
#[derive(Debug)]
pub(super) struct Advice {
    id: String,
    when: Condition,
    text: Texts,
    because: Texts,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenPlaybook {
    #[serde(default)]
    advice: Vec<WrittenAdvice>,
    #[serde(default)]
    names: WrittenNames,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenAdvice {
    id: String,
    when: String,
    text: BTreeMap<String, String>,
    because: BTreeMap<String, String>,
}

/// Reads all advice of a file, and its names.
pub(super) fn read(text: &str, env: &Arc<Env>) -> Result<(Vec<Advice>, Names), Vec<Mistake>> {
    let written: WrittenPlaybook = toml::from_str(text).map_err(|cause| {
        let (line, column) = cause.span().map_or((1, 1), |span| line_and_column(text, span.start));
        let help = "a playbook is a list of [[advice]] with id, when, text and because, and tables [names.reason] and the like";
        vec![Mistake::new(format!("line {line}, column {column}"), cause.message().to_owned(), help)]
    })?;
    let (mut advice, mut mistakes) = (Vec::new(), Vec::new());
    if written.advice.len() > MOST_ADVICE {
        let reason = format!("has {} pieces of advice; the most are {MOST_ADVICE}", written.advice.len());
        mistakes.push(Mistake::new("the playbook", reason, "join or leave out some"));
    }
    let mut seen = Vec::new();
    for (number, one) in written.advice.into_iter().enumerate() {
        let place =
            if one.id.trim().is_empty() { format!("advice {}", number + 1) } else { format!("advice `{}`", one.id) };
        if one.id.trim().is_empty() || seen.contains(&one.id) {
            let reason = if one.id.trim().is_empty() { "has no id" } else { "is there twice" };
            mistakes.push(Mistake::new(place.as_str(), reason, "give each its own id"));
        }
        seen.push(one.id.clone());
        check_texts(&one.text, &format!("{place}, text"), &mut mistakes);
        check_texts(&one.because, &format!("{place}, because"), &mut mistakes);
        match Condition::read(&one.when, env) {
            Ok(when) => advice.push(Advice { id: one.id, when, text: Texts(one.text), because: Texts(one.because) }),
            Err(faults) => {
                let of_when = |(reason, help)| Mistake::new(format!("{place}, when"), reason, help);
                mistakes.extend(faults.into_iter().map(of_when));
            }
        }
    }
    let names = Names::read(written.names, &mut mistakes, check_texts);
    if mistakes.is_empty() { Ok((advice, names)) } else { Err(mistakes) }
}

fn check_texts(texts: &BTreeMap<String, String>, place: &str, mistakes: &mut Vec<Mistake>) {
    let [nothing, _] = samples();
    if texts.is_empty() {
        mistakes.push(Mistake::new(place, "is in no language", "write it as { \"pt-BR\" = \"…\", en = \"…\" }"));
    }
    for (language, text) in texts {
        let place = format!("{place}, {language}");
        if language.is_empty() || !language.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            mistakes.push(Mistake::new(&*place, "is no language tag", "write one such as pt-BR, en or es"));
        }
        if text.trim().is_empty() || text.len() > LONGEST_TEXT_BYTES {
            let help = format!("write 1 to {LONGEST_TEXT_BYTES} bytes");
            mistakes.push(Mistake::new(&*place, "is empty or too long", help));
        }
        if let Err(fault) = fill(text, &nothing, &str::to_owned) {
            mistakes.push(Mistake::new(&*place, fault.0, fault.1));
        }
    }
}

/// Puts the values in the place of their names in braces.
fn fill(text: &str, values: &Values, channel_names: ChannelNames<'_>) -> Result<String, super::condition::Fault> {
    let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, behind)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((name, after)) = behind.split_once('}') else {
            return Err(("has a `{` without a `}`".into(), "close it, or leave it out".into()));
        };
        let found = name.split_once('.').and_then(|(group, member)| values.get(group)?.get(member));
        filled.push_str(&found.ok_or_else(|| unknown(name, values))?.show(channel_names));
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}

impl Advice {
    /// The advice in a language, if its condition holds.
    pub(super) fn give(
        &self,
        scope: &cel::Context<'_, '_>,
        values: &Values,
        language: &str,
        channel_names: ChannelNames<'_>,
    ) -> Option<Guidance> {
        let shown = |texts: &Texts| fill(texts.nearest(language), values, channel_names);
        let given = self.when.holds(scope).and_then(|holds| {
            let one = || Ok(Guidance { id: self.id.clone(), text: shown(&self.text)?, because: shown(&self.because)? });
            holds.then(one).transpose()
        });
        given.unwrap_or_else(|(reason, _)| {
            tracing::warn!(advice = self.id, reason, "a piece of advice could not be given");
            None
        })
    }
}
