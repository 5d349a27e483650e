//! Documents that were read before: the same few are asked again and again, and reading one costs more than many answers.

use std::collections::VecDeque;
use std::sync::{Arc, LazyLock, OnceLock, PoisonError, RwLock};

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition};
use async_graphql::{Request, ServerError, Variables};
use quick_cache::sync::Cache;

use super::admit::{check_brackets, check_size, check_subscriptions, meant, missing_variable, operation};
use super::form::Form;
use super::shape::Shape;

/// How many documents are kept.
const MOST_KEPT: usize = 256;
/// A longer document is not kept: what is asked again and again is written by hand.
const LONGEST_KEPT: usize = 16 << 10;
/// Forms of variables that are kept of a document, the latest.
const MOST_FORMS: usize = 16;

/// A document is known by the hash of its text and of the operation that is meant.
type Key = [u8; 32];

/// A document does not depend on a store, so all of them share what was read.
static KEPT: LazyLock<Cache<Key, Arc<Prepared>>> = LazyLock::new(|| Cache::new(MOST_KEPT));

/// A document that has been read and is not too large.
#[derive(Debug)]
pub(super) struct Prepared {
    document: ExecutableDocument,
    name: Option<String>,
    /// Made when an answer has to be brought into it: only a valid document has one.
    shape: OnceLock<Option<Shape>>,
    /// With which variables it was valid: whether it is does not depend on a store either.
    valid: RwLock<VecDeque<Form>>,
}

impl Prepared {
    /// The document of a request, which is given to it.
    ///
    /// # Errors
    /// The error to answer when the document cannot be read, is too large or nested too deep, or a variable is missing.
    pub(super) fn of(request: &mut Request) -> Result<Arc<Self>, ServerError> {
        let prepared = Self::read(request)?;
        prepared.check(&request.variables)?;
        request.set_parsed_query(prepared.document.clone());
        Ok(prepared)
    }

    /// The document of a request.
    ///
    /// # Errors
    /// The error to answer when it cannot be read, is too large or nested too deep.
    pub(super) fn read(request: &mut Request) -> Result<Arc<Self>, ServerError> {
        let key = key(&request.query, request.operation_name.as_deref());
        if let Some(kept) = KEPT.get(&key) {
            return Ok(kept);
        }
        check_brackets(&request.query)?;
        let document = match request.parsed_query() {
            Ok(document) => document,
            Err(cause) => return Err(unreadable(&cause)),
        };
        check_size(document)?;
        check_subscriptions(document)?;
        let (document, name) = (document.clone(), request.operation_name.clone());
        let new = Arc::new(Self { document, name, shape: OnceLock::new(), valid: RwLock::default() });
        if request.query.len() <= LONGEST_KEPT {
            KEPT.insert(key, new.clone());
        }
        Ok(new)
    }

    /// The operations that may be meant: the one that is named, or all of them.
    pub(super) fn meant(&self) -> impl Iterator<Item = &OperationDefinition> {
        meant(&self.document, self.name.as_deref())
    }

    fn check(&self, variables: &Variables) -> Result<(), ServerError> {
        match operation(&self.document, self.name.as_deref()).and_then(|meant| missing_variable(meant, variables)) {
            Some(missing) => Err(missing),
            None => Ok(()),
        }
    }

    /// Whether it was found valid with variables of this form, and so is again.
    pub(super) fn was_valid_with(&self, form: &Form) -> bool {
        self.valid.read().unwrap_or_else(PoisonError::into_inner).contains(form)
    }

    /// Notes that it is valid with variables of this form.
    pub(super) fn is_valid_with(&self, form: Form) {
        let mut valid = self.valid.write().unwrap_or_else(PoisonError::into_inner);
        if !valid.contains(&form) {
            valid.truncate(MOST_FORMS - 1);
            valid.push_front(form);
        }
    }

    /// What the answer must look like; `None` when no operation is meant. The document must be valid.
    pub(super) fn shape(&self) -> Option<&Shape> {
        let make = || operation(&self.document, self.name.as_deref()).map(|meant| Shape::of(&self.document, meant));
        self.shape.get_or_init(make).as_ref()
    }
}

/// What is wrong with a document that cannot be read, without the document: there may be personal data in it.
fn unreadable(cause: &ServerError) -> ServerError {
    let expected = cause.message.lines().find_map(|line| line.trim_start().strip_prefix("= "));
    let at = cause.locations.first().map(|at| format!("line {}, column {}", at.line, at.column));
    let message = format!(
        "the query cannot be read at {}: {}",
        at.as_deref().unwrap_or("its end"),
        expected.unwrap_or("it is not written as GraphQL")
    );
    ServerError { message, ..cause.clone() }
}

fn key(query: &str, operation: Option<&str>) -> Key {
    let mut hasher = blake3::Hasher::new();
    // The length tells where the text ends, and one name from none.
    hasher.update(&query.len().to_le_bytes()).update(query.as_bytes());
    if let Some(name) = operation {
        hasher.update(&[1]).update(name.as_bytes());
    }
    *hasher.finalize().as_bytes()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn prepared(query: &str, name: Option<&str>, variables: serde_json::Value) -> Result<Arc<Prepared>, String> {
        let mut request = Request::new(query).variables(Variables::from_json(variables));
        if let Some(name) = name {
            request = request.operation_name(name);
        }
        Prepared::of(&mut request).map_err(|refused| refused.message)
    }

    #[test]
    fn the_same_document_is_read_once_for_each_operation_that_is_meant() {
        let query = "query A { log { head } } query B { log { events } }";
        let (first, again) = (prepared(query, Some("A"), json!({})), prepared(query, Some("A"), json!({})));
        assert!(Arc::ptr_eq(&first.clone().unwrap(), &again.unwrap()));
        let other = prepared(query, Some("B"), json!({})).unwrap();
        assert!(!Arc::ptr_eq(&first.unwrap(), &other));
        assert!(prepared(query, None, json!({})).unwrap().shape().is_none());
    }

    #[test]
    fn a_document_that_cannot_be_read_is_told_by_its_place_and_not_repeated() {
        let query = "{ customer(by: {identifier: {kind: \"cpf\", value: \"52998224725\"}) { id } }";
        let told = prepared(query, None, json!({})).unwrap_err();
        assert_eq!(told, "the query cannot be read at line 1, column 64: expected name");
        let told = prepared("{ log {", None, json!({})).unwrap_err();
        assert!(told.starts_with("the query cannot be read at line 1, column ") && told.contains("expected"), "{told}");
    }

    #[test]
    fn the_variables_of_a_document_that_was_read_before_are_checked_all_the_same() {
        let query = "query C($p: ID!) { node(id: $p) { id } }";
        assert!(prepared(query, None, json!({"p": "x"})).is_ok());
        assert_eq!(prepared(query, None, json!({})).unwrap_err(), "the variable `$p` is missing");
    }
}
