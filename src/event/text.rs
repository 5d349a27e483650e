//! Comparing texts as people do: without regard to case, accents and width.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The text in lower case and without accents: `São João` becomes `sao joao`.
///
/// Unicode compatibility decomposition (NFKD, UAX 15) without its combining marks, in lower case.
#[must_use]
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

/// The words of a text, folded: runs of letters and digits.
#[must_use]
pub fn folded_words(text: &str) -> Vec<String> {
    folded(text).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_accents_do_not_count() {
        assert_eq!(folded("Reclamação ÔNIBUS"), "reclamacao onibus");
        assert_eq!(folded_words("D'Ávila, João-Pedro"), ["d", "avila", "joao", "pedro"]);
    }
}
