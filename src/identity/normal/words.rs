//! Identifiers that are plain texts.

use unicode_normalization::UnicodeNormalization;

/// Trimmed, in Unicode's composed form (NFC, UAX 15).
pub(super) fn trimmed(value: &str) -> String {
    value.trim().nfc().collect()
}

/// White space closed up to one space, in upper case.
pub(super) fn upper(value: &str) -> String {
    closed_up(value).to_uppercase().nfc().collect()
}

/// White space closed up to one space, in lower case.
pub(super) fn lower(value: &str) -> String {
    closed_up(value).to_lowercase().nfc().collect()
}

fn closed_up(value: &str) -> String {
    value.split_whitespace().collect::<Vec<_>>().join(" ")
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
    }
}
