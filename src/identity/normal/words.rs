//! Identifiers that are plain texts.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::event::text::is_without_width;

/// Trimmed, without what has no width, in Unicode's composed form (NFC, UAX 15).
pub(super) fn trimmed(value: &str) -> String {
    shown(value).trim().nfc().collect()
}

/// Without what has no width, white space closed up to one space, in upper case.
pub(super) fn upper(value: &str) -> String {
    closed_up(value).to_uppercase().nfc().collect()
}

/// Without what has no width, white space closed up to one space, in lower case.
pub(super) fn lower(value: &str) -> String {
    closed_up(value).to_lowercase().nfc().collect()
}

fn closed_up(value: &str) -> String {
    shown(value).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What a value shows: a byte order mark or a space without width that was copied with it makes nobody another customer.
fn shown(value: &str) -> Cow<'_, str> {
    if value.is_ascii() {
        return value.into();
    }
    value.chars().filter(|c| !is_without_width(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_and_white_space_come_out_one_way() {
        assert_eq!(upper("  rua  ministro apolônio\tsalles|100 "), "RUA MINISTRO APOLÔNIO SALLES|100");
        assert_eq!(upper("APOLO\u{302}NIO"), "APOLÔNIO");
        assert_eq!(lower(" ABC  d "), "abc d");
        assert_eq!(trimmed(" aB  c "), "aB  c");
        for text in ["\u{FEFF}xy", "x\u{200B}y", "xy\u{2060} "] {
            assert_eq!((trimmed(text), upper(text)), ("xy".into(), "XY".into()), "{text:?}");
        }
    }
}
