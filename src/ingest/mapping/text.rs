//! What a mapping's functions do to texts. Pure.

use std::borrow::Cow;

use unicode_normalization::char::{decompose_canonical, is_combining_mark};

/// Lower case, without accents: `Reclamação` becomes `reclamacao`.
pub(super) fn fold(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            folded.push(c.to_ascii_lowercase());
            continue;
        }
        for lower in c.to_lowercase() {
            decompose_canonical(lower, |part| {
                if !is_combining_mark(part) {
                    folded.push(part);
                }
            });
        }
    }
    Cow::Owned(folded)
}

/// Without white space at both ends.
pub(super) fn trim(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text.trim())
}

/// In upper case.
pub(super) fn upper(text: &str) -> Cow<'_, str> {
    Cow::Owned(text.to_uppercase())
}

/// In lower case.
pub(super) fn lower(text: &str) -> Cow<'_, str> {
    Cow::Owned(text.to_lowercase())
}

/// A whole number that a spreadsheet wrote with decimals, without them: `120.0` becomes `120`. Other texts are trimmed only.
pub(super) fn whole(text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let cut = text.split_once('.').filter(|(number, decimals)| {
        let digits = number.strip_prefix('-').unwrap_or(number);
        !digits.is_empty()
            && digits.bytes().all(|b| b.is_ascii_digit())
            && !decimals.is_empty()
            && decimals.bytes().all(|b| b == b'0')
    });
    Cow::Borrowed(cut.map_or(text, |(number, _)| number))
}

/// At most so many bytes of a text, cut between characters, without white space at the end.
pub(super) fn clip(text: &str, bytes: usize) -> &str {
    match text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= bytes).last() {
        Some(end) if end < text.len() => text.get(..end).unwrap_or(text).trim_end(),
        Some(_) => text,
        None => "",
    }
}

/// A number out of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    /// Without a fraction, in 64 bits.
    Whole(i64),
    /// Any other.
    Fraction(f64),
}

/// Reads a number with the given decimal mark; with a decimal comma, points are separators of thousands. `None` when it
/// is none.
pub(super) fn number(text: &str, comma: bool) -> Option<Number> {
    let text = text.trim();
    let plain: Cow<'_, str> =
        if comma { Cow::Owned(text.replace('.', "").replace(',', ".")) } else { Cow::Borrowed(text) };
    let starts_well = plain.bytes().next().is_some_and(|b| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.'));
    if !starts_well {
        return None;
    }
    match plain.parse::<i64>() {
        Ok(whole) => Some(Number::Whole(whole)),
        Err(_) => plain.parse::<f64>().ok().filter(|n| n.is_finite()).map(Number::Fraction),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn folding_takes_case_and_accents_away() {
        assert_eq!(fold("Reclamação ÔNIBUS nº 5"), "reclamacao onibus nº 5");
        assert_eq!(fold("Ångström Ⅷ İ"), "angstrom ⅷ i");
        assert_eq!(fold("plain"), "plain");
    }

    #[test]
    fn a_whole_number_loses_its_decimals_and_nothing_else_does() {
        let cases = [("120.0", "120"), (" 7.00 ", "7"), ("-3.0", "-3"), ("0.0", "0"), ("9.5", "9.5"), ("10.", "10.")];
        for (text, expected) in cases {
            assert_eq!(whole(text), expected);
        }
        assert_eq!(whole("S/N"), "S/N");
        assert_eq!(whole(".0"), ".0");
        assert_eq!(whole("a.0"), "a.0");
    }

    #[test]
    fn clipping_cuts_between_characters() {
        assert_eq!(clip("ação", 3), "aç");
        assert_eq!(clip("ação", 2), "a");
        assert_eq!(clip("ação", 6), "ação");
        assert_eq!(clip("ab cd", 3), "ab");
        assert_eq!(clip("é", 1), "");
    }

    #[test]
    fn numbers_are_read_in_both_manners() {
        assert_eq!(number("42", false), Some(Number::Whole(42)));
        assert_eq!(number(" 128.45", false), Some(Number::Fraction(128.45)));
        assert_eq!(number("1.234,56", true), Some(Number::Fraction(1234.56)));
        assert_eq!(number("1.234", true), Some(Number::Whole(1234)));
        for none in ["", "x", "1,5", "nan", "inf", "-", "1e999"] {
            assert_eq!(number(none, false), None, "{none}");
        }
    }

    proptest! {
        #[test]
        fn folding_equals_folding_the_whole_text_at_once(text in "\\PC{0,20}") {
            use unicode_normalization::UnicodeNormalization;
            let lower: String = text.chars().flat_map(char::to_lowercase).collect();
            let expected: String = lower.nfd().filter(|c| !is_combining_mark(*c)).collect();
            prop_assert_eq!(fold(&text), expected);
        }

        #[test]
        fn a_clipped_text_is_a_beginning_of_at_most_the_limit(text in "\\PC{0,20}", bytes in 0_usize..40) {
            let clipped = clip(&text, bytes);
            prop_assert!(clipped.len() <= bytes && text.starts_with(clipped));
        }
    }
}
