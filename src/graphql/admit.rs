//! What is refused before a request is carried out, beside what the library refuses.

use std::collections::HashMap;

use async_graphql::parser::types::{ExecutableDocument, OperationDefinition, OperationType, Selection, SelectionSet};
use async_graphql::{Name, Pos, ServerError, Value, Variables};

use super::errors::{Code, error};

/// Selections of a document with its fragments spread out. A field that costs nothing is one too.
const MOST_SELECTIONS: u64 = 50_000;

/// Brackets inside one another. The library reads a document by calling itself for each of them, without a bound of its own
/// for lists and objects: some thousands would overflow the stack and end the process.
const MOST_BRACKETS: usize = 64;

/// Refuses a text whose brackets are nested too deep for it to be read.
///
/// # Errors
/// The error to answer.
pub(super) fn check_brackets(query: &str) -> Result<(), ServerError> {
    if brackets(query.as_bytes()) <= MOST_BRACKETS {
        return Ok(());
    }
    let message = format!("the query has more than {MOST_BRACKETS} brackets inside one another");
    Err(error(Code::TooComplex, message, "ask for less at once; send long values in `variables`")
        .into_server_error(Pos::default()))
}

/// How deep brackets are nested, outside texts and comments (GraphQL specification, section 2.1).
fn brackets(mut rest: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    while let Some((byte, behind)) = rest.split_first() {
        rest = behind;
        match byte {
            b'{' | b'[' | b'(' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' | b')' => depth = depth.saturating_sub(1),
            b'#' => rest = after_any(rest, b"\n\r"),
            b'"' => {
                rest = match rest.strip_prefix(b"\"\"") {
                    Some(block) => after_block(block),
                    None => after_text(rest),
                };
            }
            _ => {}
        }
    }
    deepest
}

fn after_any<'t>(text: &'t [u8], ends: &[u8]) -> &'t [u8] {
    let end = text.iter().position(|byte| ends.contains(byte)).map_or(text.len(), |end| end + 1);
    text.get(end..).unwrap_or_default()
}

/// Behind a text that ends with its quote; one with a line's end in it is none, and no more of it is read either.
fn after_text(mut text: &[u8]) -> &[u8] {
    loop {
        let rest = after_any(text, b"\"\\\n\r");
        let ended_by = text.len().checked_sub(rest.len() + 1).and_then(|at| text.get(at));
        match ended_by {
            Some(b'\\') => text = rest.get(1..).unwrap_or_default(),
            _ => return rest,
        }
    }
}

/// Behind a text between three quotes.
fn after_block(mut text: &[u8]) -> &[u8] {
    while !text.is_empty() {
        if let Some(rest) = text.strip_prefix(b"\"\"\"") {
            return rest;
        }
        text = text.strip_prefix(b"\\\"\"\"").or_else(|| text.get(1..)).unwrap_or_default();
    }
    text
}

/// The operations that a request may mean: the one that is named, or all of them.
pub(super) fn meant<'d>(
    document: &'d ExecutableDocument,
    name: Option<&'d str>,
) -> impl Iterator<Item = &'d OperationDefinition> {
    let is_meant = move |known: Option<&str>| name.is_none_or(|name| known == Some(name));
    let operations = document.operations.iter();
    operations.filter(move |(known, _)| is_meant(known.map(|name| name.as_str()))).map(|(_, operation)| &operation.node)
}

/// The operation that a request means; `None` when it is not said which.
pub(super) fn operation<'d>(
    document: &'d ExecutableDocument,
    name: Option<&'d str>,
) -> Option<&'d OperationDefinition> {
    let mut meant = meant(document, name);
    meant.next().filter(|_| meant.next().is_none())
}

/// Refuses a document that is too large once its fragments are spread out.
///
/// # Errors
/// The error to answer.
pub(super) fn check_size(document: &ExecutableDocument) -> Result<(), ServerError> {
    let mut sizes = Sizes { document, known: HashMap::new() };
    document.operations.iter().try_for_each(|(_, each)| sizes.check(&each.node.selection_set.node, each.pos))
}

/// Refuses a subscription that does not ask for one field, at its top (GraphQL specification, section 5.2.3.1): the library would
/// mix the answers of several, and leaves out what stands in a fragment.
///
/// # Errors
/// The error to answer.
pub(super) fn check_subscriptions(document: &ExecutableDocument) -> Result<(), ServerError> {
    for (_, operation) in document.operations.iter().filter(|(_, each)| each.node.ty == OperationType::Subscription) {
        let (message, help) = match operation.node.selection_set.node.items.as_slice() {
            [only] => match &only.node {
                Selection::Field(field) if field.node.directives.is_empty() => continue,
                Selection::Field(_) => ("the field of a subscription has a directive", "send it without one"),
                Selection::InlineFragment(_) | Selection::FragmentSpread(_) => {
                    ("the field of a subscription stands in a fragment", "write it at the top; its own fields may")
                }
            },
            _ => ("a subscription asks for more than one field", "send one subscription for each of them"),
        };
        return Err(error(Code::InvalidInput, message, help).into_server_error(operation.pos));
    }
    Ok(())
}

/// The error of a variable that must be given and is not.
pub(super) fn missing_variable(operation: &OperationDefinition, variables: &Variables) -> Option<ServerError> {
    let missing = operation.variable_definitions.iter().find(|variable| {
        let needed = !variable.node.var_type.node.nullable && variable.node.default_value.is_none();
        needed && variables.get(&variable.node.name.node).is_none_or(|value| *value == Value::Null)
    })?;
    let help = "send it in `variables`, or give it a default value in the query";
    let message = format!("the variable `${}` is missing", missing.node.name.node);
    Some(error(Code::InvalidInput, message, help).into_server_error(missing.pos))
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
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    fn refused(query: &str, variables: serde_json::Value) -> Option<String> {
        let document = parse_query(query).unwrap();
        let variables = Variables::from_json(variables);
        let missing = || operation(&document, None).and_then(|meant| missing_variable(meant, &variables));
        check_size(&document).err().or_else(missing).map(|refused| refused.message)
    }

    #[test]
    fn brackets_are_counted_outside_texts_and_comments() {
        for (query, depth) in [
            ("{ log { head } }", 2),
            ("{ a(b: [[{c: 1}]]) }", 5),
            (
                r#"{ a(b: "[[[[[[", c: "\\", d: "\"[[[") # [[[[
             }"#,
                2,
            ),
            ("{ a(b: \"\"\"[[[ \" [[ \\\"\"\" [[[\"\"\") }", 2),
            ("{ a(b: \"[[\n[[[ \"\") }", 5),
            ("\"\"\"[[[[", 0),
            ("]]]{", 1),
        ] {
            assert_eq!(brackets(query.as_bytes()), depth, "{query}");
        }
        let nested = |many: usize| format!("{{ node(id: {}{}) {{ id }} }}", "[".repeat(many), "]".repeat(many));
        assert!(check_brackets(&nested(62)).is_ok());
        let refused = check_brackets(&nested(100_000)).unwrap_err();
        assert_eq!(refused.message, "the query has more than 64 brackets inside one another");
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
