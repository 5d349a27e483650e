//! The encoding of a CSV, into UTF-8.

use std::borrow::Cow;

/// How the characters of an input are laid down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Encoding {
    /// UTF-8.
    Utf8,
    /// Windows-1252, which is also what is meant by Latin-1 (WHATWG Encoding Standard, labels of windows-1252).
    Windows1252,
}

impl Encoding {
    /// The encoding of a name.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name.trim().to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" => Some(Self::Utf8),
            "windows-1252" | "cp1252" | "latin1" | "latin-1" | "iso-8859-1" => Some(Self::Windows1252),
            _ => None,
        }
    }

    /// The text of some bytes; `Err` gives the offset of the first that is none.
    pub(super) fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, usize> {
        match (self, std::str::from_utf8(bytes)) {
            (Self::Utf8, Ok(text)) => Ok(Cow::Borrowed(text)),
            (Self::Utf8, Err(error)) => Err(error.valid_up_to()),
            (Self::Windows1252, Ok(text)) if text.is_ascii() => Ok(Cow::Borrowed(text)),
            (Self::Windows1252, _) => Ok(Cow::Owned(bytes.iter().map(|byte| character(*byte)).collect())),
        }
    }
}

/// The character of a byte in Windows-1252: that of Latin-1, but for 0x80 to 0x9F (WHATWG Encoding Standard, index
/// windows-1252).
fn character(byte: u8) -> char {
    const UPPER: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž', '\u{8F}', '\u{90}', '‘',
        '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}', 'ž', 'Ÿ',
    ];
    UPPER.get(usize::from(byte.wrapping_sub(0x80))).copied().unwrap_or(char::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_1252_is_latin_1_with_printable_signs() {
        let encoding = Encoding::named("Latin1").unwrap();
        assert_eq!(encoding.decode(b"S\xE3o Paulo \x80 \x93x\x94 \x96").unwrap(), "São Paulo € “x” –");
        assert_eq!(encoding.decode(b"\x7F\xA0\xFF").unwrap(), "\u{7F}\u{A0}ÿ");
    }

    #[test]
    fn what_is_no_utf_8_is_given_by_its_offset() {
        assert_eq!(Encoding::Utf8.decode("São".as_bytes()).unwrap(), "São");
        assert_eq!(Encoding::Utf8.decode(b"abc\xFFd"), Err(3));
        assert_eq!(Encoding::named("utf-16"), None);
    }
}
