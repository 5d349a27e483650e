//! Channels. Letters, voicemail and the counter are first-class; new channels are kept, never refused for being new.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::names::{NotAName, Word};

macro_rules! channels {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $name:literal;)*) => {
        /// The channel in which something happened.
        ///
        /// Its wire name is a word (`voice`), or a word with the network or the name in brackets: `social(instagram)`, `other(fax)`.
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub enum Channel {
            $($(#[$doc])* $variant,)*
            /// A social network, named: `social(instagram)`.
            Social(Word),
            /// Any other, named: `other(fax)`.
            Other(Word),
        }

        impl Channel {
            /// Every channel without a name of its own, in the order of the vocabulary.
            pub const PLAIN: &'static [Channel] = &[$(Channel::$variant,)*];

            /// The number that stands for it in stored events, and its name where it has one.
            #[must_use]
            pub fn code(&self) -> (u8, Option<&Word>) {
                match self {
                    $(Self::$variant => ($code, None),)*
                    Self::Social(network) => (254, Some(network)),
                    Self::Other(name) => (255, Some(name)),
                }
            }

            /// The channel of a stored number and name.
            #[must_use]
            pub fn from_code(code: u8, name: Option<Word>) -> Option<Self> {
                match (code, name) {
                    $(($code, None) => Some(Self::$variant),)*
                    (254, Some(network)) => Some(Self::Social(network)),
                    (255, Some(name)) => Some(Self::Other(name)),
                    _ => None,
                }
            }

            /// The wire name of one without a name of its own.
            #[must_use]
            pub fn plain(&self) -> Option<&'static str> {
                self.code().1.is_none().then(|| self.stem())
            }

            /// The word before the bracket.
            fn stem(&self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                    Self::Social(_) => "social",
                    Self::Other(_) => "other",
                }
            }
        }
    };
}

channels! {
    /// A call handled by a person.
    Voice = 1, "voice";
    /// The menu that answers a call.
    Ivr = 2, "ivr";
    /// A message left on the answering machine.
    Voicemail = 3, "voicemail";
    /// A letter on paper.
    Letter = 4, "letter";
    /// E-mail.
    Email = 5, "email";
    /// Text message.
    Sms = 6, "sms";
    /// WhatsApp.
    Whatsapp = 7, "whatsapp";
    /// Chat with a person on a page or in an app.
    Chat = 8, "chat";
    /// Chat with a machine.
    Chatbot = 9, "chatbot";
    /// The company's pages.
    Web = 10, "web";
    /// The company's app.
    App = 11, "app";
    /// In person: a shop, a service desk.
    Store = 12, "store";
    /// A video call.
    Video = 13, "video";
    /// A virtual negotiation portal.
    Negotiation = 14, "negotiation";
    /// A notification pushed to a device.
    Push = 15, "push";
    /// A survey.
    Survey = 16, "survey";
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.code().1 {
            Some(name) => write!(f, "{}({name})", self.stem()),
            None => f.write_str(self.stem()),
        }
    }
}

impl From<Channel> for String {
    fn from(channel: Channel) -> Self {
        channel.to_string()
    }
}

impl TryFrom<String> for Channel {
    type Error = NotAName;

    fn try_from(text: String) -> Result<Self, NotAName> {
        text.parse()
    }
}

impl FromStr for Channel {
    type Err = NotAName;

    /// Reads a wire name. An unknown word becomes `other(word)`, so that a new channel is kept.
    fn from_str(text: &str) -> Result<Self, NotAName> {
        let text = text.trim().to_lowercase();
        if let Some((stem, rest)) = text.split_once('(') {
            let name = rest.strip_suffix(')').ok_or_else(|| NotAName("has no closing bracket".into()))?;
            return match stem {
                "social" => Word::new(name).map(Self::Social),
                "other" => Word::new(name).map(Self::Other),
                _ => Err(NotAName("takes a name in brackets only after `social` or `other`".into())),
            };
        }
        match Self::PLAIN.iter().find(|channel| channel.stem() == text) {
            Some(channel) => Ok(channel.clone()),
            None if text == "social" => Ok(Self::Social(Word::known("unknown"))),
            None => Word::new(&text).map(Self::Other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_channel_goes_there_and_back() {
        let named = [Channel::Social(Word::known("instagram")), Channel::Other(Word::known("fax"))];
        for channel in Channel::PLAIN.iter().chain(&named) {
            assert_eq!(&channel.to_string().parse::<Channel>().unwrap(), channel);
            let (code, name) = channel.code();
            assert_eq!(Channel::from_code(code, name.cloned()).as_ref(), Some(channel));
        }
    }

    #[test]
    fn a_new_channel_is_kept_under_its_name() {
        assert_eq!("Fax".parse::<Channel>().unwrap().to_string(), "other(fax)");
        assert_eq!("social(Instagram)".parse::<Channel>().unwrap().to_string(), "social(instagram)");
        assert!("voice(x)".parse::<Channel>().is_err());
        assert!("".parse::<Channel>().is_err());
    }
}
