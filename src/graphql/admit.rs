//! What is refused before a request is carried out, beside what the library refuses.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, Selection, SelectionSet};
use async_graphql::{Name, Pos, Request, ServerError, Value};

use super::errors::{Code, error};

/// Selections of a document with its fragments spread out. A field that costs nothing is one too.
const MOST_SELECTIONS: u64 = 50_000;

/// The operation that a request means; `None` when it is not said which.
pub(super) fn operation<'d>(document: &'d ExecutableDocument, name: Option<&str>) -> Option<&'d OperationDefinition> {
    let mut meant = document
        .operations
        .iter()
        .filter(|(known, _)| name.is_none_or(|name| known.is_some_and(|known| known.as_str() == name)));
    meant.next().filter(|_| meant.next().is_none()).map(|(_, operation)| &operation.node)
}

/// Refuses a document that is too large once its fragments are spread out, and one whose variables are missing.
///
/// # Errors
/// The error to answer. A document that cannot be read, or names no operation, is left to the library.
pub(super) fn check(request: &mut Request) -> Result<(), ServerError> {
    let name = request.operation_name.clone();
    let variables = std::mem::take(&mut request.variables);
    let checked = request.parsed_query().map_or(Ok(()), |document| {
        let mut sizes = Sizes { document, known: HashMap::new() };
        for (_, operation) in document.operations.iter() {
            sizes.check(&operation.node.selection_set.node, operation.pos)?;
        }
        let missing = operation(document, name.as_deref()).into_iter().flat_map(|operation| {
            operation.variable_definitions.iter().filter(|variable| {
                let given = variables.get(&variable.node.name.node);
                let needed = !variable.node.var_type.node.nullable && variable.node.default_value.is_none();
                needed && given.is_none_or(|value| *value == Value::Null)
            })
        });
        missing.map(|variable| Err(missing_variable(&variable.node.name.node, variable.pos))).next().unwrap_or(Ok(()))
    });
    request.variables = variables;
    checked
}

fn missing_variable(name: &str, at: Pos) -> ServerError {
    let help = "send it in `variables`, or give it a default value in the query";
    error(Code::InvalidInput, format!("the variable `${name}` is missing"), help).into_server_error(at)
}

/// How many selections there are behind each fragment.
struct Sizes<'d> {
    document: &'d ExecutableDocument,
    /// A fragment that is being counted counts nothing inside itself: circles are refused by the library.
    known: HashMap<&'d Name, u64>,
}

impl<'d> Sizes<'d> {
    fn check(&mut self, selections: &'d SelectionSet, at: Pos) -> Result<(), ServerError> {
        if self.of(selections) <= MOST_SELECTIONS {
            return Ok(());
        }
        let message = format!("with its fragments spread out the query has more than {MOST_SELECTIONS} selections");
        Err(error(Code::TooComplex, message, "ask for less at once").into_server_error(at))
    }

    fn of(&mut self, selections: &'d SelectionSet) -> u64 {
        let each = selections.items.iter().map(|selection| match &selection.node {
            Selection::Field(field) => self.of(&field.node.selection_set.node),
            Selection::InlineFragment(inline) => self.of(&inline.node.selection_set.node),
            Selection::FragmentSpread(spread) => self.of_fragment(&spread.node.fragment_name.node),
        });
        each.fold(0, |sum, inner| sum.saturating_add(inner).saturating_add(1))
    }

    fn of_fragment(&mut self, name: &'d Name) -> u64 {
        if let Some(size) = self.known.get(name) {
            return *size;
        }
        self.known.insert(name, 0);
        let fragment = self.document.fragments.get(name);
        let size = fragment.map_or(0, |fragment| self.of(&fragment.node.selection_set.node));
        self.known.insert(name, size);
        size
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::Variables;
    use serde_json::json;

    use super::*;

    fn refused(query: &str, variables: serde_json::Value) -> Option<String> {
        let mut request = Request::new(query).variables(Variables::from_json(variables.clone()));
        let refused = check(&mut request).err().map(|refused| refused.message);
        assert_eq!(serde_json::to_value(&request.variables).unwrap(), variables, "the variables are still there");
        refused
    }

    #[test]
    fn a_variable_that_must_be_there_is_missed() {
        let missing = |name: &str| Some(format!("the variable `${name}` is missing"));
        assert_eq!(refused("query($a: Int!, $b: Int!) { log { head } }", json!({"a": 1})), missing("b"));
        assert_eq!(refused("query($a: Int!) { log { head } }", json!({"a": null})), missing("a"));
        assert_eq!(refused("query($a: Int, $b: Int! = 3) { log { head } }", json!({})), None);
    }

    #[test]
    fn fragments_that_double_one_another_are_counted_and_not_spread_out() {
        let doubling = |levels: usize| {
            let fragments = (0..levels).map(|n| format!("fragment F{n} on Query {{ ...F{0} ...F{0} }} ", n + 1));
            format!("{{ ...F0 }} {} fragment F{levels} on Query {{ __typename }}", fragments.collect::<String>())
        };
        assert_eq!(refused(&doubling(8), json!({})), None);
        assert!(refused(&doubling(500), json!({})).unwrap().contains("more than 50000 selections"));
        assert_eq!(refused("{ ...A } fragment A on Query { ...A }", json!({})), None);
    }
}
