//! Whose a contact or a protocol number is.

use std::collections::HashMap;

use crate::event::{Kind, Position, SubjectId};
use crate::views::{Applied, Key, Projection, Reader, Rows, TableSpec, Use, ViewError};

const CONTACTS: &str = "contacts";
const PROTOCOLS: &str = "protocols";

/// The projection that notes under which strand a contact and a protocol number are filed.
#[derive(Debug, Default)]
pub struct Lookups {
    open: HashMap<(&'static str, Vec<u8>), Position>,
}

impl Projection for Lookups {
    fn name(&self) -> &'static str {
        "lookups"
    }

    fn version(&self) -> u32 {
        1
    }

    fn tables(&self) -> &'static [TableSpec] {
        &[TableSpec { name: CONTACTS, used_for: Use::Lookups }, TableSpec { name: PROTOCOLS, used_for: Use::Index }]
    }

    fn apply(&mut self, applied: Applied<'_>, _: &mut Rows<'_>) -> Result<(), ViewError> {
        let event = applied.event;
        let key = |text: &str| Key::new().text(text).subject(&event.strand.subject).done();
        if let Some(contact) = &event.header.contact {
            self.open.insert((CONTACTS, key(contact.as_str())), event.position);
        }
        if let Kind::CaseOpened(opened) = &event.kind
            && let Some(protocol) = &opened.protocol
        {
            self.open.insert((PROTOCOLS, key(protocol.as_str())), event.position);
        }
        Ok(())
    }

    fn finish(&mut self, rows: &mut Rows<'_>) -> Result<(), ViewError> {
        self.open
            .drain()
            .try_for_each(|((table, key), position)| rows.put(table, &key, &Key::new().position(position).done()))
    }
}

/// The strands whose contact it is, the one that had it last first: of several customers when sources use the same id for theirs.
///
/// # Errors
/// [`ViewError`] when the store fails.
pub fn strands_of_contact(reader: &Reader, contact: &str) -> Result<Vec<SubjectId>, ViewError> {
    let mut found = named(reader, CONTACTS, contact)?;
    found.sort_unstable_by(|a, b| b.cmp(a));
    Ok(found.into_iter().map(|(_, subject)| subject).collect())
}

/// The strand whose case has this protocol number; the one that had it first, when there are several: a number that was given to
/// a customer goes on finding them.
///
/// # Errors
/// [`ViewError`] when the store fails.
pub fn strand_of_protocol(reader: &Reader, protocol: &str) -> Result<Option<SubjectId>, ViewError> {
    Ok(named(reader, PROTOCOLS, protocol)?.into_iter().min().map(|(_, subject)| subject))
}

/// The strands by a text, each with where it was named by it last.
fn named(reader: &Reader, table: &'static str, text: &str) -> Result<Vec<(Position, SubjectId)>, ViewError> {
    let prefix = Key::new().text(text).done();
    let mut found = Vec::new();
    for row in reader.prefix(table, &prefix)? {
        let (key, value) = row?;
        found.extend(Key::position_at(&value, 0).zip(Key::subject_at(&key, prefix.len())));
    }
    Ok(found)
}

/// The strands whose cases have protocol numbers that begin with `prefix`, each once, in the order of the numbers.
///
/// # Errors
/// [`ViewError`] when the store fails.
pub fn strands_of_protocol_prefix(reader: &Reader, prefix: &str, most: usize) -> Result<Vec<SubjectId>, ViewError> {
    let mut found = Vec::new();
    for row in reader.prefix(PROTOCOLS, prefix.as_bytes())? {
        let (key, _) = row?;
        let subject = key.len().checked_sub(16).and_then(|at| Key::subject_at(&key, at));
        if let Some(subject) = subject
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
