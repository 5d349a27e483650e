//! What a company's codes are called: `late_delivery` is an entrega atrasada.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::languages::Texts;
use super::mistake::Mistake;
use crate::event::did_you_mean;

/// What is coded, and what else a code of it may be when it has no name of its own there.
const GROUPS: [(&str, Option<&str>); 17] = [
    ("reason", None),
    ("topic", Some("reason")),
    ("department", None),
    ("queue", Some("department")),
    ("touchpoint", None),
    ("menu", None),
    ("status", None),
    ("resolution", None),
    ("fact", None),
    ("stage", None),
    ("milestone", None),
    ("activity", None),
    ("campaign", None),
    ("profile", None),
    ("purpose", None),
    ("hold", None),
    ("rule", None),
];

/// The names of codes, by what is coded, in several languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(BTreeMap<String, BTreeMap<String, Texts>>);

/// Names as a file has them: by group, code and language.
pub(super) type WrittenNames = BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>;

impl Names {
    /// Reads names; the mistakes go to the others of the file. `check` looks at one code's texts.
    pub(super) fn read(
        written: WrittenNames,
        mistakes: &mut Vec<Mistake>,
        check: impl Fn(&BTreeMap<String, String>, &str, &mut Vec<Mistake>),
    ) -> Self {
        let known: Vec<&str> = GROUPS.iter().map(|(group, _)| *group).collect();
        let mut names = BTreeMap::new();
        for (group, codes) in written {
            if !known.contains(&group.as_str()) {
                let reason = "is nothing that has codes";
                mistakes.push(Mistake::new(format!("names.{group}"), reason, did_you_mean(&group, &known)));
                continue;
            }
            for (code, texts) in &codes {
                check(texts, &format!("names.{group}.{code}"), mistakes);
            }
            names.insert(group, codes.into_iter().map(|(code, texts)| (code, Texts(texts))).collect());
        }
        Self(names)
    }

    /// These names, and those of `others` for what has none here.
    #[must_use]
    pub(super) fn over(mut self, others: Self) -> Self {
        for (group, codes) in others.0 {
            let own = self.0.entry(group).or_default();
            for (code, texts) in codes {
                own.entry(code).or_insert(texts);
            }
        }
        self
    }

    /// What a code is called in a language, or the one nearest to it. A code without a name is shown as it is, with spaces for
    /// its underscores.
    #[must_use]
    pub fn word<'a>(&'a self, group: &str, code: &'a str, language: &str) -> Cow<'a, str> {
        let or = GROUPS.iter().find(|(known, _)| *known == group).and_then(|(_, or)| *or);
        let of = |group: &str| self.0.get(group)?.get(code);
        match of(group).or_else(|| of(or?)) {
            Some(texts) => texts.nearest(language).into(),
            None if code.contains('_') => code.replace('_', " ").into(),
            None => code.into(),
        }
    }

    /// All names in a language, or the one nearest to it: what is coded, the code, the name.
    pub fn all<'a>(&'a self, language: &'a str) -> impl Iterator<Item = (&'a str, &'a str, &'a str)> {
        let of_group = move |(group, codes): (&'a String, &'a BTreeMap<String, Texts>)| {
            codes.iter().map(move |(code, texts)| (group.as_str(), code.as_str(), texts.nearest(language)))
        };
        self.0.iter().flat_map(of_group)
    }
}
