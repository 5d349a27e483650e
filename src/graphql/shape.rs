//! What an answer must look like, by the request: its fields in the order of the request, and a field that failed as null,
//! or with it the nearest field around it that may be null (GraphQL specification, sections 6.2.2 and 6.4.4).
//!
//! The library that carries requests out gives fields in the order in which they were done, and leaves out those that failed.

use std::collections::HashMap;
use std::sync::LazyLock;

use async_graphql::indexmap::IndexMap;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{
    BaseType, ExecutableDocument, FieldDefinition, OperationDefinition, OperationType, Selection, SelectionSet, Type,
    TypeKind, TypeSystemDefinition,
};
use async_graphql::{Name, PathSegment, Value};

/// The fields of a selection by their keys, in the order of the request.
#[derive(Debug, Default)]
pub(super) struct Shape(IndexMap<Name, Part>);

#[derive(Debug)]
struct Part {
    /// `None` for what the specification itself has: `__typename`, `__schema`.
    field_type: Option<&'static Type>,
    shape: Shape,
}

/// The types of fields, by type and field.
static FIELD_TYPES: LazyLock<HashMap<(String, String), Type>> = LazyLock::new(|| {
    let definitions = parse_schema(super::sdl()).map(|document| document.definitions).unwrap_or_default();
    let mut types = HashMap::new();
    for definition in definitions {
        let TypeSystemDefinition::Type(definition) = definition else { continue };
        let name = definition.node.name.node.to_string();
        let mut add = |field: FieldDefinition| {
            types.insert((name.clone(), field.name.node.to_string()), field.ty.node);
        };
        match definition.node.kind {
            TypeKind::Object(object) => object.fields.into_iter().for_each(|field| add(field.node)),
            TypeKind::Interface(interface) => interface.fields.into_iter().for_each(|field| add(field.node)),
            TypeKind::Scalar | TypeKind::Union(_) | TypeKind::Enum(_) | TypeKind::InputObject(_) => {}
        }
    }
    types
});

impl Shape {
    /// The shape of an operation's answer. The document must be valid, and small with its fragments spread out.
    pub(super) fn of(document: &ExecutableDocument, operation: &OperationDefinition) -> Self {
        let root = match operation.ty {
            OperationType::Query => "Query",
            OperationType::Mutation => "Mutation",
            OperationType::Subscription => "Subscription",
        };
        let mut shape = Self::default();
        shape.add(&operation.selection_set.node, root, document);
        shape
    }

    fn add(&mut self, selections: &SelectionSet, parent: &str, document: &ExecutableDocument) {
        for selection in &selections.items {
            match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    let part = self.part(&field.response_key().node, parent, &field.name.node);
                    let inner = part.field_type.map_or("", named);
                    part.shape.add(&field.selection_set.node, inner, document);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                        let on = &fragment.node.type_condition.node.on.node;
                        self.add(&fragment.node.selection_set.node, on, document);
                    }
                }
                Selection::InlineFragment(inline) => {
                    let on = inline.node.type_condition.as_ref().map_or(parent, |condition| &condition.node.on.node);
                    self.add(&inline.node.selection_set.node, on, document);
                }
            }
        }
    }

    /// The part with this key: fields of the same key are one.
    fn part(&mut self, key: &Name, parent: &str, field: &str) -> &mut Part {
        self.0.entry(key.clone()).or_insert_with(|| {
            let field_type = FIELD_TYPES.get(&(parent.to_owned(), field.to_owned()));
            Part { field_type, shape: Self::default() }
        })
    }

    /// Brings the fields of a value into the order of the request.
    pub(super) fn order(&self, value: &mut Value) {
        match value {
            Value::List(items) => items.iter_mut().for_each(|item| self.order(item)),
            Value::Object(map) if !self.0.is_empty() => {
                if !map.keys().eq(self.0.keys()) {
                    map.sort_by_key(|key, _| self.0.get_index_of(key));
                }
                for (key, inner) in map {
                    if let Some(part) = self.0.get(key) {
                        part.shape.order(inner);
                    }
                }
            }
            Value::Object(_)
            | Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Boolean(_)
            | Value::Binary(_)
            | Value::Enum(_) => {}
        }
    }

    /// Puts null where fields failed, and further up where their types do not allow it.
    pub(super) fn settle<'p>(&self, data: &mut Value, failed: impl Iterator<Item = &'p [PathSegment]>) {
        failed.for_each(|path| self.place(data, path));
        self.complete(data, None);
    }

    /// Puts null at the place of a field that failed.
    fn place(&self, value: &mut Value, path: &[PathSegment]) {
        match path.split_first() {
            None => *value = Value::Null,
            Some((PathSegment::Index(index), rest)) => {
                if let Value::List(items) = value
                    && let Some(item) = items.get_mut(*index)
                {
                    self.place(item, rest);
                }
            }
            Some((PathSegment::Field(key), rest)) => {
                let Some((key, part)) = self.0.get_key_value(key.as_str()) else { return };
                // Where every field failed there is no object.
                if !matches!(value, Value::Object(_)) {
                    *value = Value::Object(IndexMap::new());
                }
                if let Value::Object(map) = value {
                    part.shape.place(map.entry(key.clone()).or_insert(Value::Null), rest);
                }
            }
        }
    }

    /// Puts null in the place of what holds a null that its type does not allow; whether the type of this one allows what
    /// it is then.
    fn complete(&self, value: &mut Value, its: Option<&Type>) -> bool {
        let whole = match value {
            Value::Object(map) => self.0.iter().fold(true, |whole, (key, part)| {
                let inner = map.get_mut(key);
                inner.is_none_or(|inner| part.shape.complete(inner, part.field_type)) && whole
            }),
            Value::List(items) => {
                let item_type = its.and_then(item);
                let mut whole = true;
                for item in items {
                    whole &= self.complete(item, item_type);
                }
                whole
            }
            Value::Null
            | Value::Number(_)
            | Value::String(_)
            | Value::Boolean(_)
            | Value::Binary(_)
            | Value::Enum(_) => true,
        };
        if !whole {
            *value = Value::Null;
        }
        *value != Value::Null || its.is_none_or(|its| its.nullable)
    }
}

/// The name of a type, or of what a list holds.
fn named(its: &Type) -> &str {
    match &its.base {
        BaseType::Named(name) => name,
        BaseType::List(item) => named(item),
    }
}

/// The type of a list's items.
fn item(its: &Type) -> Option<&Type> {
    match &its.base {
        BaseType::Named(_) => None,
        BaseType::List(item) => Some(item),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    fn shape(query: &str) -> Shape {
        let document = parse_query(query).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        Shape::of(&document, &operation.node)
    }

    fn value(json: serde_json::Value) -> Value {
        Value::from_json(json).unwrap()
    }

    fn path(text: &str) -> Vec<PathSegment> {
        let segment = |part: &str| match part.parse() {
            Ok(index) => PathSegment::Index(index),
            Err(_) => PathSegment::Field(part.to_owned()),
        };
        text.split('.').map(segment).collect()
    }

    fn settled(query: &str, data: serde_json::Value, failed: &[&str]) -> serde_json::Value {
        let mut data = value(data);
        let failed: Vec<_> = failed.iter().map(|text| path(text)).collect();
        shape(query).settle(&mut data, failed.iter().map(Vec::as_slice));
        data.into_json().unwrap()
    }

    #[test]
    fn fields_stand_in_the_order_of_the_request_at_every_depth() {
        let query = "{ b: log { head events } ...F log { events } } fragment F on Query { projections { name lag } log { head } }";
        let mut data = value(json!({}));
        let Value::Object(map) = &mut data else { panic!() };
        let pairs = |pairs: &[(&str, i32)]| {
            Value::Object(pairs.iter().map(|(key, number)| (Name::new(key), (*number).into())).collect())
        };
        map.insert(Name::new("log"), pairs(&[("events", 1), ("head", 2)]));
        map.insert(Name::new("projections"), Value::List(vec![pairs(&[("lag", 3), ("name", 4)])]));
        map.insert(Name::new("b"), pairs(&[("events", 5), ("head", 6)]));
        shape(query).order(&mut data);
        let expected = r#"{"b":{"head":6,"events":5},"projections":[{"name":4,"lag":3}],"log":{"head":2,"events":1}}"#;
        assert_eq!(serde_json::to_string(&data).unwrap(), expected);
    }

    #[test]
    fn a_field_that_failed_is_null_where_it_may_be() {
        let query = "{ node(id: \"x\") { id } log { head } }";
        let log = json!({"head": "0"});
        assert_eq!(settled(query, json!({"log": log}), &["node"]), json!({"node": null, "log": log}));
        assert_eq!(settled("{ node(id: \"x\") { id } }", json!(null), &["node"]), json!({"node": null}));
    }

    #[test]
    fn a_field_that_may_not_be_null_takes_what_is_around_it_along() {
        let query = "{ customer(by: {id: \"x\"}) { id cases { id title } displayName } log { head } }";
        let log = json!({"head": "0"});
        let lost = json!({"customer": null, "log": log});
        let data = json!({"customer": {"id": "c", "displayName": "Ana"}, "log": log});
        assert_eq!(settled(query, data.clone(), &["customer.cases"]), lost);
        // Whether or not something else of it failed as well.
        assert_eq!(settled(query, data, &["customer.cases", "customer.displayName"]), lost);
        let cases = json!([{"id": "1", "title": "a"}, {"id": "2"}]);
        let data = json!({"customer": {"id": "c", "cases": cases, "displayName": "Ana"}, "log": log});
        let kept = settled(query, data.clone(), &["customer.cases.1.title"]);
        assert_eq!(kept["customer"]["cases"], json!([{"id": "1", "title": "a"}, {"id": "2", "title": null}]));
        assert_eq!(settled(query, data, &["customer.cases.1.id"]), lost);
        assert_eq!(settled("{ log { head } events { totalCount } }", json!({"log": log}), &["events"]), json!(null));
    }

    #[test]
    fn what_was_not_asked_for_is_not_missed() {
        let query = "{ log { head @skip(if: true) events } node(id: \"x\") { ... on Event { kind } id } }";
        let data = json!({"log": {"events": 1}, "node": {"id": "customer_1"}});
        assert_eq!(settled(query, data.clone(), &[]), data);
    }
}
