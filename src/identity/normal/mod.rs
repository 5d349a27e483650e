//! Normal forms: the one way in which an identifier's value is written, so that the same value gives the same strand.

mod email;
mod phone;
mod tax;
mod words;

pub(super) use phone::{Phones, is_filler};

use serde::Deserialize;

use crate::event::{Identifier, IdentifierKind, Invalid};

/// How the values of a kind are normalised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Form {
    /// E.164.
    Phone,
    /// In lower case, one `@`.
    Email,
    /// Eleven digits, checked.
    Cpf,
    /// Fourteen digits or letters, checked.
    Cnpj,
    /// Trimmed.
    Text,
    /// Trimmed, white space closed up, in upper case.
    Upper,
    /// Trimmed, white space closed up, in lower case.
    Lower,
}

/// The identifier of a kind in its normal form.
///
/// # Errors
/// [`Invalid`] on the field `subject` says what a value of the form looks like; it does not repeat the value.
pub(super) fn normalise(
    kind: &IdentifierKind,
    form: Form,
    value: &str,
    phones: &Phones,
) -> Result<Identifier, Invalid> {
    let normal = match form {
        Form::Phone => phones.normal(value, *kind == IdentifierKind::WHATSAPP),
        Form::Email => email::normal(value),
        Form::Cpf => tax::cpf(value),
        Form::Cnpj => tax::cnpj(value),
        Form::Text => Ok(words::trimmed(value)),
        Form::Upper => Ok(words::upper(value)),
        Form::Lower => Ok(words::lower(value)),
    };
    let refused = |reason: String, help: &'static str| {
        Invalid::new("subject", format!("is of the kind `{kind}` and {reason}"), help)
    };
    let normal = normal.map_err(|(reason, help)| refused(reason.into(), help))?;
    Identifier::from_normal_form(kind.clone(), normal)
        .map_err(|problem| refused(problem.to_string(), "send a shorter identifier, such as a number of the customer"))
}

/// What is wrong with a value, and what to do.
type Refusal = (&'static str, &'static str);
