//! Short strings with a meaning: ids given by the sources, places in the organisation, labels.

use std::fmt;

use compact_str::CompactString;

use super::limits::{LABEL_BYTES, PATH_BYTES};
use super::text::is_blank;

/// Why a text is not fit to be a short string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAName(pub(crate) String);

impl fmt::Display for NotAName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for NotAName {}

/// Trims, and refuses what is empty, too long or holds control characters.
fn checked(text: &str, max_bytes: usize) -> Result<CompactString, NotAName> {
    if is_plain(text) && text.len() <= max_bytes {
        return Ok(CompactString::new(text));
    }
    let text = text.trim();
    if text.is_empty() {
        Err(NotAName("is empty".into()))
    } else if text.len() > max_bytes {
        Err(NotAName(format!("has {} bytes, the limit is {max_bytes}", text.len())))
    } else if text.chars().any(char::is_control) {
        Err(NotAName("holds control characters".into()))
    } else {
        Ok(CompactString::new(text))
    }
}

/// A short string as it comes in: one that shows nothing is empty. What is stored is not asked for that, it was taken once.
pub(super) fn read<T>(text: &str, parse: impl Fn(&str) -> Result<T, NotAName>) -> Result<T, NotAName> {
    if is_blank(text) { Err(NotAName("is empty".into())) } else { parse(text) }
}

/// Whether all of a text is letters, digits and signs of ASCII: most are, and every stored event has several.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

macro_rules! short_string {
    ($($(#[$doc:meta])* $name:ident, $max:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(CompactString);

        impl $name {
            /// Trims the text; refuses one that is empty, over the limit or holds control characters.
            ///
            /// # Errors
            /// [`NotAName`] says which.
            pub fn new(text: &str) -> Result<Self, NotAName> {
                checked(text, $max).map(Self)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    )*};
}

short_string! {
    /// The system that an event came from: `pabx`, `chatwoot`, `sp156`.
    Source, LABEL_BYTES;
    /// One handling in one channel, as its source calls it.
    ContactId, LABEL_BYTES;
    /// Contacts that belong together, across channels.
    ConversationId, LABEL_BYTES;
    /// A matter raised.
    CaseId, LABEL_BYTES;
    /// A campaign.
    CampaignId, LABEL_BYTES;
    /// Where in the journey: an app's page, a counter, a delivery.
    Touchpoint, LABEL_BYTES;
    /// The area of the company that owns the event.
    Department, LABEL_BYTES;
    /// A stage of the journey: `acquisition`, `activation`, `retention`, `revenue`, `referral`, or the company's own.
    Stage, LABEL_BYTES;
    /// Who acted: an agent's, a bot's or a system's id.
    ActorId, LABEL_BYTES;
    /// Any other short clear text: a reason, a queue, a topic, a code.
    Label, LABEL_BYTES;
    /// A menu option or a bot's intent, possibly with its parents: `2/1/pay`.
    MenuPath, PATH_BYTES;
}

/// A lower-case word of letters, digits, `_`, `-` and `.`, at most 32 bytes: the name of an open vocabulary's entry.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Word(CompactString);

impl Word {
    /// A word known when the program is built. It is not checked.
    pub(crate) const fn known(word: &'static str) -> Self {
        Self(CompactString::const_new(word))
    }

    /// Trims and lowers the text.
    ///
    /// # Errors
    /// [`NotAName`] when it is empty, over 32 bytes or holds anything but letters, digits, `_`, `-` and `.`.
    pub fn new(text: &str) -> Result<Self, NotAName> {
        let is_word = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-.".contains(&byte);
        if matches!(text.len(), 1..=32) && text.bytes().all(is_word) {
            return Ok(Self(CompactString::new(text)));
        }
        // Some letters take more bytes in lower case; a stored word must be one when it is read again.
        let word = checked(&checked(text, 32)?.to_lowercase(), 32)?;
        if word.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.')) {
            Ok(Self(word))
        } else {
            Err(NotAName("may hold letters, digits, `_`, `-` and `.` only".into()))
        }
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_string_is_trimmed_and_bounded() {
        assert_eq!(Source::new("  pabx ").unwrap().as_str(), "pabx");
        assert_eq!(Source::new(" ").unwrap_err().to_string(), "is empty");
        assert_eq!(Label::new(&"x".repeat(129)).unwrap_err().to_string(), "has 129 bytes, the limit is 128");
        assert_eq!(Label::new("a\u{0}b").unwrap_err().to_string(), "holds control characters");
    }

    #[test]
    fn a_word_is_lower_case() {
        assert_eq!(Word::new("Instagram").unwrap().as_str(), "instagram");
        assert!(Word::new("two words").is_err());
        assert_eq!(Word::new(&"Ⱥ".repeat(16)).unwrap_err().to_string(), "has 48 bytes, the limit is 32");
    }
}
