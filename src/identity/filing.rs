//! From identifiers as they were sent to a draft that is filed under the strongest.

use std::sync::Arc;

use super::key::IdentityKey;
use super::normal::{Form, Phones, is_filler, normalise};
use super::rules::IdentityRules;
use crate::event::limits::IDENTIFIERS;
use crate::event::{Draft, Header, Identifier, IdentifierKind, Invalid, Kind, Micros, SubjectId, Unfiled, Who};

/// Files what comes in. Needs no look-up, so filing comes out the same on every node and every time.
#[derive(Clone, Debug)]
pub struct Filing {
    rules: Arc<IdentityRules>,
    key: IdentityKey,
    phones: Arc<Phones>,
}

impl Filing {
    /// Filing by these rules, with the subjects of this key.
    #[must_use]
    pub fn new(rules: Arc<IdentityRules>, key: IdentityKey) -> Self {
        Self { phones: Arc::new(Phones::of(rules.region)), rules, key }
    }

    /// Normalises the identifiers of an event and files it under the strongest.
    ///
    /// Values that nobody is known by are left out. An event that names nobody is filed under [nobody](Self::nobody). A link or
    /// an unlink keeps its two strands in the order in which they came.
    ///
    /// # Errors
    /// [`Invalid`] when an identifier is none of its kind, and as [`Draft::new`].
    pub fn file(&self, unfiled: Unfiled, now: Micros) -> Result<Draft, Invalid> {
        if matches!(unfiled.kind(), Kind::PrivacyShredded(_)) {
            return Err(Invalid::new(
                "type",
                "is what the store writes when it erases somebody; sent from outside it would erase nothing now, and a restore \
                 would take it for an erasure",
                "leave it out",
            ));
        }
        let mut named = Vec::with_capacity(unfiled.identifiers().len() + 1);
        for (index, text) in unfiled.identifiers().iter().enumerate() {
            let at = |problem| Invalid { field: unfiled.identifier_field(index), ..problem };
            match self.read(text).map_err(at)? {
                Some(identifier) if !named.contains(&identifier) => named.push(identifier),
                Some(_) | None => {}
            }
        }
        if named.is_empty() {
            named.push(self.nobody(unfiled.header())?);
        }
        if !matches!(unfiled.kind(), Kind::IdentityLinked(_) | Kind::IdentityUnlinked(_)) {
            self.add_implied(&mut named);
            named.sort_by(|a, b| self.rules.by_strength(a, b));
        }
        unfiled.file(Who::Known(named), now)
    }

    /// Under whom an event is filed that names nobody: `anonymous:` and its contact, or itself when it has none.
    ///
    /// # Errors
    /// [`Invalid`] when its contact's id is too long for that.
    pub fn nobody(&self, header: &Header) -> Result<Identifier, Invalid> {
        let value = match &header.contact {
            Some(contact) => format!("{}/{contact}", header.source),
            None => header.id.to_string(),
        };
        Identifier::from_normal_form(IdentifierKind::ANONYMOUS, value).map_err(|problem| {
            Invalid::new("data.contact", problem.to_string(), "send a shorter contact id, or `subject`")
        })
    }

    /// The identifier that somebody asks for, in its normal form; `None` for a placeholder: nobody is known by it, and no event
    /// is filed under it.
    ///
    /// # Errors
    /// [`Invalid`] on `kind` or `value`.
    pub fn lookup(&self, kind: &str, value: &str) -> Result<Option<Identifier>, Invalid> {
        let kind = read_kind(kind).map_err(|problem| Invalid { field: "kind".into(), ..problem })?;
        self.known_by(&kind, value).map_err(|problem| Invalid { field: "value".into(), ..problem })
    }

    /// The subject of an identifier's first generation.
    #[must_use]
    pub fn subject(&self, identifier: &Identifier) -> SubjectId {
        self.key.subject(identifier, 0)
    }

    /// Reads `kind:value`; `None` when nobody is known by the value.
    fn read(&self, text: &str) -> Result<Option<Identifier>, Invalid> {
        let Some((kind, value)) = text.split_once(':') else {
            return Err(Invalid::new(
                "subject",
                "has no kind before a colon",
                "send `kind:value`, such as phone:+5511987654321",
            ));
        };
        self.known_by(&read_kind(kind)?, value)
    }

    /// The identifier in its normal form; `None` when nobody is known by the value.
    fn known_by(&self, kind: &IdentifierKind, value: &str) -> Result<Option<Identifier>, Invalid> {
        if self.rules.is_junk(value) {
            return Ok(None);
        }
        let form = self.rules.kind(kind.as_str()).form;
        let identifier = normalise(kind, form, value, &self.phones)?;
        Ok((form != Form::Phone || !is_filler(identifier.value())).then_some(identifier))
    }

    /// Adds what identifiers say by themselves: the account of WhatsApp is a telephone number.
    fn add_implied(&self, named: &mut Vec<Identifier>) {
        for at in 0..named.len() {
            let Some(identifier) = named.get(at) else { return };
            let Some(kind) = self.rules.implied(identifier.kind()) else { continue };
            let implied = Identifier::from_normal_form(kind.clone(), identifier.value());
            if let Ok(implied) = implied
                && named.len() < IDENTIFIERS
                && !named.contains(&implied)
            {
                named.push(implied);
            }
        }
    }
}

fn read_kind(text: &str) -> Result<IdentifierKind, Invalid> {
    IdentifierKind::new(text.trim()).map_err(|problem| {
        Invalid::new("subject", format!("has a kind that {problem}"), "send `kind:value`, such as phone:+5511987654321")
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::event::Flat;

    fn filing() -> Filing {
        Filing::new(Arc::new(IdentityRules::default()), IdentityKey::new([7; 32]))
    }

    fn file(subject: Option<&str>, identifiers: &[&str], contact: Option<&str>) -> Result<Vec<String>, Invalid> {
        let Value::Object(mut data) = json!({"text": "x", "identifiers": identifiers}) else { unreachable!() };
        if let Some(contact) = contact {
            data.insert("contact".into(), contact.into());
        }
        let flat = Flat {
            id: "1".into(),
            source: "crm".into(),
            kind: "novelo.note.added".into(),
            subject: subject.map(str::to_owned),
            time: Some("2026-01-05T13:00:00Z".into()),
            data,
        };
        let draft = filing().file(Unfiled::read(flat)?, Micros::parse("2026-01-06T00:00:00Z").unwrap())?;
        let Who::Known(named) = draft.who() else { unreachable!() };
        Ok(named.iter().map(Identifier::to_wire).collect())
    }

    #[test]
    fn an_event_is_filed_under_the_strongest_whatever_the_order() {
        let named = file(Some("phone:11 98765-4321"), &["crm:ab12", "email:Ana@Example.com"], None).unwrap();
        assert_eq!(named, ["crm:AB12", "email:ana@example.com", "phone:+5511987654321"]);
        assert_eq!(named, file(Some("email:ana@example.com"), &["phone:+5511987654321", "crm:AB12"], None).unwrap());
    }

    #[test]
    fn an_account_of_whatsapp_is_a_telephone_number_as_well() {
        let named = file(Some("whatsapp:551187654321"), &[], None).unwrap();
        assert_eq!(named, ["whatsapp:+5511987654321", "phone:+5511987654321"]);
    }

    #[test]
    fn junk_is_left_out_and_nobody_is_anonymous() {
        assert_eq!(file(Some("phone:0000000"), &["cpf:null", "crm:1"], None).unwrap(), ["crm:1"]);
        assert_eq!(file(Some("phone:0000000"), &[], Some("c-7")).unwrap(), ["anonymous:crm/c-7"]);
        let id = crate::event::EventId::derive("crm", "1");
        assert_eq!(file(None, &[], None).unwrap(), [format!("anonymous:{id}")]);
    }

    #[test]
    fn a_wrong_identifier_is_refused_without_showing_it() {
        for wrong in ["cpf:52998224726", "phone:12", "email:ana", "nokind", ":x"] {
            let problem = file(Some(wrong), &[], None).unwrap_err();
            assert_eq!(problem.field, "subject", "{wrong}");
            let value = wrong.rsplit(':').next().unwrap();
            assert!(value.len() < 4 || !problem.to_string().contains(value), "{problem}");
        }
    }

    #[test]
    fn a_wrong_identifier_is_refused_where_it_was_written() {
        let field = |subject, identifiers: &[&str]| file(subject, identifiers, None).unwrap_err().field;
        assert_eq!(field(Some("crm:1"), &["crm:2", "email:ana"]), "data.identifiers[1]");
        assert_eq!(field(None, &["email:ana"]), "data.identifiers[0]");
        let many: Vec<String> = (0..16).map(|number| format!("crm:{number}")).collect();
        assert_eq!(field(Some("crm:x"), &many.iter().map(String::as_str).collect::<Vec<_>>()), "data.identifiers");
    }

    #[test]
    fn a_lookup_normalises_as_filing_does() {
        let filing = filing();
        let found = filing.lookup("phone", "(11) 8765-4321").unwrap().unwrap();
        assert_eq!(found.to_wire(), "phone:+5511987654321");
        assert_eq!(filing.lookup("cpf", "1").unwrap_err().field, "value");
    }

    #[test]
    fn nobody_is_asked_for_by_a_placeholder() {
        for (kind, value) in [("cpf", "111.111.111-11"), ("crm", "n/a"), ("phone", "(11) 99999-9999")] {
            assert_eq!(filing().lookup(kind, value).unwrap(), None);
            assert_eq!(file(Some(&format!("{kind}:{value}")), &[], Some("c-7")).unwrap(), ["anonymous:crm/c-7"]);
        }
    }
}
