//! Closed vocabularies as GraphQL enums.

use async_graphql::Enum;

use crate::event;

macro_rules! mirror {
    ($($(#[$doc:meta])* $name:ident of $domain:path { $($(#[$vdoc:meta])* $variant:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
        pub enum $name {
            $($(#[$vdoc])* $variant,)*
        }

        impl From<$domain> for $name {
            fn from(word: $domain) -> Self {
                use $domain as Domain;
                match word {
                    $(Domain::$variant => Self::$variant,)*
                }
            }
        }

        impl From<$name> for $domain {
            fn from(word: $name) -> Self {
                use $domain as Domain;
                match word {
                    $($name::$variant => Domain::$variant,)*
                }
            }
        }
    )*};
}

mirror! {
    /// Which way it went, seen from the company.
    Direction of event::Direction {
        /// From the customer.
        Inbound,
        /// To the customer.
        Outbound,
        /// Inside the company.
        Internal,
    }

    /// How the customer feels about it; separate from what they want.
    Feedback of event::Feedback {
        /// Reclamação.
        Complaint,
        /// Sugestão.
        Suggestion,
        /// Elogio.
        Praise,
        /// Dúvida.
        Question,
        /// Denúncia.
        Report,
    }
}

/// Why an event's text is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum Redaction {
    /// The customer was erased: nobody can read it any more.
    Erased,
    /// The reader's role does not allow it.
    Masked,
}

/// Whether a case is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum CaseStatus {
    /// Not settled, or come up again.
    Open,
    /// Settled.
    Resolved,
}
