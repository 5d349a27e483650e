//! Identifiers: what a customer is known by in some channel or system.

use std::fmt;

use super::ids::SubjectId;
use super::limits::IDENTIFIER_BYTES;
use super::names::{NotAName, Word};

/// The kind of an identifier: `phone`, `email`, `cpf`, `crm`, or any other word.
///
/// The vocabulary is open; the kinds below are those that the rules of `identity` know.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IdentifierKind(Word);

impl IdentifierKind {
    /// A telephone number in E.164.
    pub const PHONE: Self = Self(Word::known("phone"));
    /// A WhatsApp account: its telephone number in E.164.
    pub const WHATSAPP: Self = Self(Word::known("whatsapp"));
    /// An e-mail address.
    pub const EMAIL: Self = Self(Word::known("email"));
    /// Cadastro de Pessoas Físicas: a person's tax number in Brazil.
    pub const CPF: Self = Self(Word::known("cpf"));
    /// Cadastro Nacional da Pessoa Jurídica: a company's.
    pub const CNPJ: Self = Self(Word::known("cnpj"));
    /// The number in the customer relationship system.
    pub const CRM: Self = Self(Word::known("crm"));
    /// An account or contract number.
    pub const ACCOUNT: Self = Self(Word::known("account"));
    /// A postal address; shared by all who live there.
    pub const ADDRESS: Self = Self(Word::known("address"));
    /// A device.
    pub const DEVICE: Self = Self(Word::known("device"));
    /// A browser's cookie.
    pub const COOKIE: Self = Self(Word::known("cookie"));
    /// Nobody known: the contact itself stands for them.
    pub const ANONYMOUS: Self = Self(Word::known("anonymous"));

    /// Reads a kind; any word is one.
    ///
    /// # Errors
    /// [`NotAName`] when the text is no word.
    pub fn new(text: &str) -> Result<Self, NotAName> {
        Word::new(text).map(Self)
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Display for IdentifierKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A kind and a normalised value: `phone:+5511987654321`.
///
/// The value is personal: it is shown by no `Debug` and no error. `identity` makes these from what comes in.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identifier {
    kind: IdentifierKind,
    value: String,
}

impl Identifier {
    /// An identifier whose value is already in its normal form.
    ///
    /// # Errors
    /// [`NotAName`] when the value is empty or over [`IDENTIFIER_BYTES`].
    pub fn from_normal_form(kind: IdentifierKind, value: impl Into<String>) -> Result<Self, NotAName> {
        let value = value.into();
        if value.is_empty() {
            return Err(NotAName("is empty".into()));
        }
        if value.len() > IDENTIFIER_BYTES {
            return Err(NotAName(format!("has {} bytes, the limit is {IDENTIFIER_BYTES}", value.len())));
        }
        Ok(Self { kind, value })
    }

    /// Which kind.
    #[must_use]
    pub fn kind(&self) -> &IdentifierKind {
        &self.kind
    }

    /// The value in its normal form. Personal.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }

    /// `kind:value`, as it stands on the wire. Personal.
    #[must_use]
    pub fn to_wire(&self) -> String {
        format!("{}:{}", self.kind, self.value)
    }
}

impl fmt::Debug for Identifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Identifier({}:…)", self.kind)
    }
}

/// A strand as an event names it: the subject and the kind of the identifier that it was made of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Strand {
    /// The kind of the identifier.
    pub kind: IdentifierKind,
    /// The keyed hash of the identifier.
    pub subject: SubjectId,
}
