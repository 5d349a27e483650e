//! Closed vocabularies: enums whose variants have one wire word and one stored number each.

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal, $word:literal;)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)*
        }

        impl $name {
            /// Every variant, in the order of the vocabulary.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// The wire words, in the same order.
            pub const WORDS: &'static [&'static str] = &[$($word,)*];

            /// The wire word.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// The variant with this wire word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)*
                    _ => None,
                }
            }

            /// The number that stands for it in stored events.
            #[must_use]
            pub fn code(self) -> u8 {
                match self {
                    $(Self::$variant => $code,)*
                }
            }

            /// The variant of a stored number.
            #[must_use]
            pub fn from_code(code: u8) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)*
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    )*};
}

pub(crate) use words;

words! {
    /// Whether the customer was free to choose the channel.
    ChannelChoice {
        /// The customer chose.
        Chosen = 0, "chosen";
        /// There was no other way.
        Imposed = 1, "imposed";
        /// Not known.
        Unknown = 2, "unknown";
    }

    /// How a contact ended.
    Outcome {
        /// The matter is settled.
        Resolved = 0, "resolved";
        /// It ended, the matter did not.
        Unresolved = 1, "unresolved";
        /// The customer left before being answered.
        Abandoned = 2, "abandoned";
        /// It broke off.
        Dropped = 3, "dropped";
        /// Handed on to be settled elsewhere.
        Forwarded = 4, "forwarded";
    }

    /// What the customer wants (Decreto 11.034/2022, art. 2, and what the field adds).
    Demand {
        /// To know something.
        Information = 0, "information";
        /// To have a doubt cleared.
        Question = 1, "question";
        /// To have something put right.
        Complaint = 2, "complaint";
        /// To dispute a charge or a record.
        Contestation = 3, "contestation";
        /// To pause the service.
        Suspension = 4, "suspension";
        /// To end the service.
        Cancellation = 5, "cancellation";
        /// To have something done.
        Request = 6, "request";
    }

    /// How the customer feels about it; separate from what they want.
    Feedback {
        /// Reclamação.
        Complaint = 0, "complaint";
        /// Sugestão.
        Suggestion = 1, "suggestion";
        /// Elogio.
        Praise = 2, "praise";
        /// Dúvida.
        Question = 3, "question";
        /// Denúncia.
        Report = 4, "report";
    }

    /// How far a campaign's message got.
    CampaignStep {
        /// It left.
        Sent = 0, "sent";
        /// It arrived.
        Delivered = 1, "delivered";
        /// It was opened or read.
        Opened = 2, "opened";
        /// A link in it was followed.
        Clicked = 3, "clicked";
        /// It was answered.
        Replied = 4, "replied";
        /// It reached its aim.
        Converted = 5, "converted";
        /// It could not be delivered.
        Bounced = 6, "bounced";
        /// The customer wants no more of them.
        Unsubscribed = 7, "unsubscribed";
    }

    /// Where a consent stands.
    ConsentState {
        /// Given.
        Granted = 0, "granted";
        /// Refused.
        Denied = 1, "denied";
        /// Given once, taken back.
        Revoked = 2, "revoked";
    }

    /// What speaks for a link between two strands.
    Evidence {
        /// One event named both.
        SameEvent = 0, "same_event";
        /// An agent said so.
        Agent = 1, "agent";
        /// It came with an import.
        Import = 2, "import";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_goes_there_and_back() {
        for &feedback in Feedback::ALL {
            assert_eq!(Feedback::from_word(feedback.word()), Some(feedback));
            assert_eq!(Feedback::from_code(feedback.code()), Some(feedback));
        }
        assert_eq!(Feedback::from_word("applause"), None);
        assert_eq!(Feedback::from_code(99), None);
    }
}
