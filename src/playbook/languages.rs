//! A text in several languages.

use std::collections::BTreeMap;

/// Texts by language tag (BCP 47), such as `pt-BR`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Texts(pub(super) BTreeMap<String, String>);

impl Texts {
    /// The text in this language, else in one of the same primary language, else in English, else in any.
    pub(super) fn nearest(&self, language: &str) -> &str {
        let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        let of = |wanted: &str| self.0.iter().find(|(tag, _)| primary(tag) == primary(wanted)).map(|(_, text)| text);
        let exact = self.0.iter().find(|(tag, _)| tag.eq_ignore_ascii_case(language)).map(|(_, text)| text);
        let any = || self.0.values().next();
        exact.or_else(|| of(language)).or_else(|| of("en")).or_else(any).map_or("", String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_language_is_found() {
        let texts = Texts([("pt-BR", "olá"), ("en", "hello")].map(|(tag, text)| (tag.into(), text.into())).into());
        for (wanted, found) in [("pt-BR", "olá"), ("PT", "olá"), ("en-GB", "hello"), ("es", "hello"), ("", "hello")] {
            assert_eq!(texts.nearest(wanted), found, "{wanted}");
        }
        assert_eq!(Texts::default().nearest("en"), "");
    }
}
