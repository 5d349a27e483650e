//! Whose a contact or a protocol number is.

use std::collections::HashMap;

use crate::event::{Kind, Position, SubjectId};
use crate::views::{Applied, Key, Projection, Reader, Rows, TableSpec, Use, ViewError};

const CONTACTS: &str = "contacts";
const PROTOCOLS: &str = "protocols";

/// The projection that notes under which strand a contact and a protocol number are filed.
///
/// A contact's row says where it was named last, a protocol number has a row for each place where it was given.
#[derive(Debug, Default)]
pub struct Lookups {
    contacts: HashMap<Vec<u8>, Position>,
    protocols: Vec<Vec<u8>>,
}

impl Projection for Lookups {
    fn name(&self) -> &'static str {
        "lookups"
    }

    fn version(&self) -> u32 {
        2
    }

    fn tables(&self) -> &'static [TableSpec] {
        &[TableSpec { name: CONTACTS, used_for: Use::Lookups }, TableSpec { name: PROTOCOLS, used_for: Use::Index }]
    }

    fn apply(&mut self, applied: Applied<'_>, _: &mut Rows<'_>) -> Result<(), ViewError> {
        let event = applied.event;
        let key = |text: &str| Key::new().text(text).subject(&event.strand.subject);
        if let Some(contact) = &event.header.contact {
            self.contacts.insert(key(contact.as_str()).done(), event.position);
        }
        if let Kind::CaseOpened(opened) = &event.kind
            && let Some(protocol) = &opened.protocol
        {
            self.protocols.push(key(protocol.as_str()).position(event.position).done());
        }
        Ok(())
    }

    fn finish(&mut self, rows: &mut Rows<'_>) -> Result<(), ViewError> {
        for (key, position) in self.contacts.drain() {
            rows.put(CONTACTS, &key, &Key::new().position(position).done())?;
        }
        self.protocols.drain(..).try_for_each(|key| rows.put(PROTOCOLS, &key, &[]))
    }
}

/// The strands whose contact it is, the one that had it last first: of several customers when sources use the same id for theirs.
///
/// # Errors
/// [`ViewError`] when the store fails.
pub fn strands_of_contact(reader: &Reader, contact: &str) -> Result<Vec<SubjectId>, ViewError> {
    let prefix = Key::new().text(contact).done();
    let mut found = Vec::new();
    for row in reader.prefix(CONTACTS, &prefix)? {
        let (key, value) = row?;
        found.extend(Key::position_at(&value, 0).zip(Key::subject_at(&key, prefix.len())));
    }
    found.sort_unstable_by(|a, b| b.cmp(a));
    Ok(found.into_iter().map(|(_, subject)| subject).collect())
}

/// The strands whose cases have this protocol number, or had it after the events before a position, the one to which it was given
/// first first: a number that was given to a customer goes on finding them.
///
/// # Errors
/// [`ViewError`] when the store fails.
pub fn strands_of_protocol(
    reader: &Reader,
    protocol: &str,
    as_of: Option<Position>,
) -> Result<Vec<SubjectId>, ViewError> {
    let prefix = Key::new().text(protocol).done();
    let mut places = Vec::new();
    for row in reader.prefix(PROTOCOLS, &prefix)? {
        places.extend(given(&row?.0).filter(|given| as_of.is_none_or(|end| given.0 < end)));
    }
    places.sort_unstable();
    let mut found: Vec<SubjectId> = Vec::new();
    for (_, subject) in places {
        if !found.contains(&subject) {
            found.push(subject);
        }
    }
    Ok(found)
}

/// Where a protocol number was given and to which strand, as the end of its key says.
fn given(key: &[u8]) -> Option<(Position, SubjectId)> {
    let at = key.len().checked_sub(16 + 8)?;
    Key::position_at(key, at + 16).zip(Key::subject_at(key, at))
}

/// The strands whose cases have protocol numbers that begin with `prefix`, each once, in the order of the numbers.
///
/// # Errors
/// [`ViewError`] when the store fails.
pub fn strands_of_protocol_prefix(reader: &Reader, prefix: &str, most: usize) -> Result<Vec<SubjectId>, ViewError> {
    let mut found = Vec::new();
    for row in reader.prefix(PROTOCOLS, prefix.as_bytes())? {
        let (key, _) = row?;
        if let Some((_, subject)) = given(&key)
            && !found.contains(&subject)
        {
            found.push(subject);
        }
        if found.len() >= most {
            break;
        }
    }
    Ok(found)
}
