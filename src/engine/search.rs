//! Finding customers by what an agent types: an identifier, a protocol number, a name or the beginning of one.

use std::sync::Arc;

use super::customer::Customer;
use super::error::EngineError;
use super::picture::{Lookup, Picture};
use crate::event::SubjectId;
use crate::event::text::folded_words;
use crate::identity::{NameSearch, strands_of_protocol_prefix};

/// Customers that a search finds.
#[derive(Debug, Default)]
pub struct SearchPage {
    /// The customers, those found exactly first.
    pub customers: Vec<Customer>,
    /// Where the next page begins; `None` when there is none.
    pub next: Option<SubjectId>,
}

/// Candidates looked at for one page before it is given out as it is.
const MOST_CANDIDATES: usize = 10_000;

impl Picture {
    /// Customers by identifier, protocol number or name; `after` is where the last page ended.
    ///
    /// # Errors
    /// [`EngineError`] when the store fails.
    pub fn search(
        self: &Arc<Self>,
        text: &str,
        first: usize,
        after: Option<SubjectId>,
    ) -> Result<SearchPage, EngineError> {
        let mut page = SearchPage::default();
        if after.is_none() {
            self.find_exactly(text.trim(), first, &mut page)?;
        }
        self.find_names(text, first, after, &mut page)?;
        Ok(page)
    }

    fn find_exactly(self: &Arc<Self>, text: &str, first: usize, page: &mut SearchPage) -> Result<(), EngineError> {
        for by in readings(text) {
            // What cannot be read as this kind of identifier is not one: no error in a search.
            match self.customer(&by, None) {
                Ok(Some(customer)) => page.add(customer),
                Ok(None) | Err(EngineError::Invalid(_) | EngineError::Placeholder(_)) => {}
                Err(cause) => return Err(cause),
            }
        }
        if text.len() >= 3 {
            for subject in strands_of_protocol_prefix(&self.reader, text, first)? {
                if let Some(customer) = Customer::of(self.clone(), subject, None)? {
                    page.add(customer);
                }
            }
        }
        Ok(())
    }

    fn find_names(
        self: &Arc<Self>,
        text: &str,
        first: usize,
        after: Option<SubjectId>,
        page: &mut SearchPage,
    ) -> Result<(), EngineError> {
        let words = folded_words(text);
        let Some(search) = NameSearch::new(&self.reader, &self.shared.blind_key, &words) else { return Ok(()) };
        let mut last = after;
        for (looked_at, subject) in search.strands(after)?.enumerate() {
            let subject = subject?;
            if page.customers.len() >= first || looked_at >= MOST_CANDIDATES {
                page.next = last;
                return Ok(());
            }
            last = Some(subject);
            let Some(customer) = Customer::of(self.clone(), subject, None)? else { continue };
            let first_of_them = customer.first_strand_that(|strand| search.fits(strand))? == Some(subject);
            if first_of_them && names_begin(&customer.display_name()?.unwrap_or_default(), &words) {
                page.add(customer);
            }
        }
        Ok(())
    }
}

impl SearchPage {
    fn add(&mut self, customer: Customer) {
        if !self.customers.iter().any(|known| known.id() == customer.id()) {
            self.customers.push(customer);
        }
    }
}

/// What a text may be meant as, exactly.
fn readings(text: &str) -> Vec<Lookup> {
    let identifier = |kind: &str, value: &str| Lookup::Identifier { kind: kind.to_owned(), value: value.to_owned() };
    let mut readings = vec![Lookup::Protocol(text.to_owned())];
    if let Some((kind, value)) = text.split_once(':') {
        readings.push(identifier(kind, value));
    }
    if text.contains('@') {
        readings.push(identifier("email", text));
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let numeric = text.chars().all(|c| c.is_ascii_digit() || " +-().,/".contains(c));
    if numeric && (8..=15).contains(&digits) {
        readings.extend(["phone", "whatsapp", "cpf", "cnpj"].map(|kind| identifier(kind, text)));
    }
    if !text.contains(char::is_whitespace) {
        readings.extend(["crm", "account"].map(|kind| identifier(kind, text)));
    }
    readings
}

/// Whether every searched word is the beginning of a word of the name.
fn names_begin(name: &str, words: &[String]) -> bool {
    let name = folded_words(name);
    words.iter().all(|word| name.iter().any(|part| part.starts_with(word.as_str())))
}
