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

/// Whether a text shows nothing: there is nothing in it but white space, control characters and those without width of Unicode.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || c.is_control() || is_without_width(c))
}

/// Of Unicode's `Default_Ignorable_Code_Point`, those that say nothing without a letter beside them, and the blank of Braille.
#[must_use]
pub fn is_without_width(c: char) -> bool {
    matches!(
        c,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}'
    )
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
    fn what_shows_nothing_is_blank() {
        for blank in ["", " \t\n", "\u{200B}\u{200D}", "\u{FEFF} \u{2060}", "\u{3164}", "\u{0}"] {
            assert!(is_blank(blank), "{blank:?}");
        }
        for text in ["x", "\u{200B}é", "👩\u{200D}🚒", "."] {
            assert!(!is_blank(text), "{text:?}");
        }
    }

    #[test]
    fn case_and_accents_do_not_count() {
        assert_eq!(folded("Reclamação ÔNIBUS"), "reclamacao onibus");
        assert_eq!(folded_words("D'Ávila, João-Pedro"), ["d", "avila", "joao", "pedro"]);
    }
}
